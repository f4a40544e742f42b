"""The desk's pages around the procedures of the pack: starting one by hand, codes on the spot, announcements."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Gone
from zuozhen.services import announcements, onsite, starting
from zuozhen.services.registration import open_start, start_by_hand
from zuozhen.web.identity import context, current_actor, staff_only

blueprint = Blueprint("zuozhen_procedures", __name__)


@blueprint.route("/start/<alias>", methods=["GET", "POST"])
@staff_only
def start(alias: str) -> ResponseReturnValue:
    """Start a procedure by hand; its form begins with the values of the address."""
    actor = current_actor()
    procedure = starting.procedure_for(context(), actor, alias)
    status = 200
    if request.method == "POST":
        outcome = start_by_hand(context(), actor, request.form, alias, files=request.files)
        if isinstance(outcome, UUID):
            flash("已发起。")
            return redirect(url_for("zuozhen_desk.case", case_id=outcome))
        view = outcome
        status = 200 if view.bound is not None and view.bound.structural else 422
    else:
        view = open_start(context(), actor.tenant, alias, draft=request.args.to_dict())
    title = starting.name_of(view.release, procedure)
    page = render_template(
        "zuozhen/desk/start.html", view=view, bound=view.bound, procedure=procedure, title=title
    )
    return page, status


@blueprint.route("/tasks/<token>/onsite", methods=["GET", "POST"])
@staff_only
def code(token: str) -> ResponseReturnValue:
    """The enterprise's form as a QR code: a POST is written down in the case, then the code is shown."""
    if request.method == "POST":
        onsite.announce(context(), current_actor(), token)
        session["onsite"] = token
        return redirect(url_for("zuozhen_procedures.code", token=token))
    if session.get("onsite") != token:
        raise Gone("请在办件页面点“现场评价二维码”打开此页。", hint="每次出示都会记入办理记录。")
    shown = onsite.code(context(), current_actor(), token)
    return render_template("zuozhen/desk/onsite.html", shown=shown)


@blueprint.get("/announcements")
@staff_only
def published() -> ResponseReturnValue:
    rows = announcements.published(context(), current_actor())
    return render_template("zuozhen/desk/announcements.html", rows=rows)


@blueprint.get("/announcements/<uuid:announcement_id>")
@staff_only
def announcement(announcement_id: UUID) -> ResponseReturnValue:
    """The text of an announcement, ready to be copied to other channels (公众号、微博)."""
    view = announcements.announcement_view(context(), current_actor(), announcement_id)
    return render_template("zuozhen/desk/announcement.html", view=view)
