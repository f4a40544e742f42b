"""Overview of the studio, files of the draft, history and conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import workspace
from zuozhen.services.studio.overview import overview
from zuozhen.services.studio.workspace import StaleDraft
from zuozhen.web.formats import local_time
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.jsonbody import json_object
from zuozhen.web.studio.downloads import file_response

blueprint = Blueprint("zuozhen_studio_workspace", __name__)
LARGEST_REV = 2**31 - 1


@blueprint.get("/studio")
@admin_only(accounts.ADMIN_SYSTEM)
def home() -> ResponseReturnValue:
    return render_template("zuozhen/studio/home.html", view=overview(context(), current_actor()))


@blueprint.post("/studio/discard")
@admin_only(accounts.ADMIN_SYSTEM)
def discard() -> ResponseReturnValue:
    """Take one file (``path``) or the whole draft back to the live release."""
    paths = workspace.discard(context(), current_actor(), request.form.get("path") or None)
    flash(f"已放弃 {len(paths)} 个文件的修改；每次保存的内容仍可在“修改记录”中找回。")
    return redirect(url_for("zuozhen_studio_workspace.home"))


# ---------------------------------------------------------------- for scripts


@blueprint.get("/studio/files/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def file(path: str) -> Response:
    """Answer a file of the draft as it is; ``X-Draft-Rev`` is the number that a save must name."""
    found = workspace.read_file(context(), current_actor().tenant, path)
    answer = file_response(path, found.content, download=request.args.get("download") == "1")
    answer.headers["X-Draft-Rev"] = str(found.rev)
    return answer


@blueprint.put("/studio/files/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def save_file(path: str) -> ResponseReturnValue:
    """Save ``{"content", "rev", "note"}``; 409 tells who has saved meanwhile and where both can be seen."""
    body = json_object()
    note = body.get("note")
    try:
        rev = workspace.save_file(
            context(),
            current_actor(),
            path,
            _content(body, may_be_none=True),
            rev=_rev(body),
            note=note if isinstance(note, str) else "",
        )
    except StaleDraft as stale:
        theirs = {"rev": stale.rev, "by": stale.by, "at": local_time(stale.at)}
        compare = url_for("zuozhen_studio_workspace.conflict", path=path)
        return jsonify(message=stale.message, hint=stale.hint, theirs=theirs, compare=compare), stale.status
    return jsonify(rev=rev)


@blueprint.put("/studio/autosave/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def autosave(path: str) -> ResponseReturnValue:
    """Keep ``{"content", "rev"}`` as one's own unsaved text."""
    body = json_object()
    content = cast(bytes, _content(body))
    workspace.autosave(context(), current_actor(), path, content, rev=_rev(body))
    return "", 204


@blueprint.get("/studio/autosave/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def own_autosave(path: str) -> Response:
    """Answer one's own unsaved text of a file as it is."""
    kept = workspace.own_autosave(context(), current_actor(), path)
    if kept is None:
        raise NotFound("您没有此文件的未保存内容。")
    return file_response(path, kept.content, download=request.args.get("download") == "1")


@blueprint.delete("/studio/autosave/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def drop_autosave(path: str) -> ResponseReturnValue:
    workspace.drop_autosave(context(), current_actor(), path)
    return "", 204


def _content(body: Mapping[str, Any], *, may_be_none: bool = False) -> bytes | None:
    content = body.get("content", "")
    if content is None and may_be_none:
        return None
    if "content" not in body or not isinstance(content, str):
        raise Invalid("content 应是文件的文字内容。")
    try:
        return content.encode()
    except UnicodeEncodeError as error:
        raise Invalid("内容含有无法保存的字符，没有保存。", hint="请删去特殊符号后重试。") from error


def _rev(body: Mapping[str, Any]) -> int:
    rev = body.get("rev")
    if not isinstance(rev, int) or isinstance(rev, bool) or not 0 <= rev <= LARGEST_REV:
        raise Invalid("rev 应是打开文件时的版次。", hint="请刷新页面后重试。")
    return rev
