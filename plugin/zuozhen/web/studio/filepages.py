"""Pages about one file of the draft: what was saved when, and what to do when two have edited it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from zuozhen.model.errors import NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import workspace
from zuozhen.services.studio.filehistory import conflict_of, history_of
from zuozhen.services.studio.workspace import StaleDraft
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.downloads import file_response
from zuozhen.web.studio.workspace import LARGEST_REV, blueprint


@blueprint.get("/studio/history/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def history(path: str) -> ResponseReturnValue:
    """List the saved revisions of a file; ``rev`` shows one beside the one before it."""
    view = history_of(context(), current_actor().tenant, path, _number(request.args.get("rev", "")))
    return render_template("zuozhen/studio/history.html", view=view)


@blueprint.get("/studio/revisions/<int:rev>/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def revision(rev: int, path: str) -> Response:
    """Answer a saved revision as it is."""
    found = workspace.revision(context(), current_actor().tenant, path, min(rev, LARGEST_REV))
    if found.content is None:
        raise NotFound("这一次保存删除了文件，没有内容。")
    return file_response(path, found.content, download=request.args.get("download") == "1")


@blueprint.post("/studio/restore/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def restore(path: str) -> ResponseReturnValue:
    """Save an old revision again, over the one that the page showed as the newest."""
    actor = current_actor()
    old = workspace.revision(context(), actor.tenant, path, _number(request.form.get("rev", "")))
    newest = _number(request.form.get("newest", ""))
    note = f"恢复第 {old.rev} 次保存的内容"
    try:
        workspace.save_file(context(), actor, path, old.content, rev=newest, note=note)
    except StaleDraft as stale:
        flash(stale.message)
        return redirect(url_for("zuozhen_studio_workspace.conflict", path=path))
    flash(f"已{note}。")
    return redirect(url_for("zuozhen_studio_workspace.history", path=path))


@blueprint.route("/studio/conflict/<path:path>", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def conflict(path: str) -> ResponseReturnValue:
    """Show one's own unsaved text beside the saved one, and take one of them."""
    actor = current_actor()
    if request.method == "GET":
        return _conflict_page(path, "", 200)
    if request.form.get("keep") == "theirs":
        workspace.drop_autosave(context(), actor, path)
        flash("已采用保存的内容，您未保存的内容已放弃。")
        return redirect(url_for("zuozhen_studio_workspace.home"))
    mine = workspace.own_autosave(context(), actor, path)
    if mine is None:
        return _conflict_page(path, "", 200)
    rev = _number(request.form.get("rev", ""))
    try:
        workspace.save_file(context(), actor, path, mine.content, rev=rev, note="对照后采用自己的内容")
    except StaleDraft as stale:
        return _conflict_page(path, stale.message, stale.status)
    flash("已保存您的内容；对方的内容仍可在“修改记录”中找回。")
    return redirect(url_for("zuozhen_studio_workspace.home"))


def _conflict_page(path: str, problem: str, status: int) -> ResponseReturnValue:
    view = conflict_of(context(), current_actor(), path)
    return render_template("zuozhen/studio/conflict.html", view=view, problem=problem), status


def _number(text: str) -> int:
    """Return a revision's number; 0 for what is none."""
    return min(int(text), LARGEST_REV) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
