"""The page 消息: what one is told as a member of a unit or role."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.services import inbox
from zuozhen.web.identity import context, current_actor, staff_only

blueprint = Blueprint("zuozhen_notices", __name__)


@blueprint.get("/notices")
@staff_only
def notices() -> ResponseReturnValue:
    query, unread = request.args.get("query", "")[:80], request.args.get("unread") == "1"
    after = request.args.get("after", "")
    page = inbox.notice_page(context(), current_actor(), query=query, unread=unread, after=after)
    return render_template("zuozhen/desk/notices.html", page=page, query=query, unread=unread)


@blueprint.get("/notices/<uuid:notice_id>")
@staff_only
def notice(notice_id: UUID) -> ResponseReturnValue:
    found = inbox.read_notice(context(), current_actor(), notice_id)
    return render_template("zuozhen/desk/notice.html", notice=found)


@blueprint.post("/notices/read")
@staff_only
def read_all() -> ResponseReturnValue:
    inbox.read_all(context(), current_actor())
    flash("全部消息已标为已读。")
    return redirect(url_for("zuozhen_notices.notices"))
