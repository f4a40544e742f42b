"""Importing a pack, a diagram or forms into the draft: uploaded, looked at, taken over."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import ContentError, Invalid, NotFound
from zuozhen.packs.paths import LARGEST_PACK
from zuozhen.services import accounts
from zuozhen.services.studio import importing, workspace
from zuozhen.services.studio.importing import Upload
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.releases import blueprint


@blueprint.route("/studio/import", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def import_files() -> ResponseReturnValue:
    """Show what waits to be taken over; POST takes files and shows what they would change."""
    if request.method == "GET":
        return _page(None)
    uploads = [
        Upload(file.filename or "", file.stream.read(LARGEST_PACK + 1))
        for file in request.files.getlist("files")
        if file.filename
    ]
    try:
        if not uploads:
            raise Invalid("请选择要导入的文件。")
        importing.receive(context(), current_actor(), uploads)
    except (Invalid, ContentError) as error:
        return _page(error)
    return redirect(url_for("zuozhen_studio_releases.import_files"))


@blueprint.post("/studio/import/take")
@admin_only(accounts.ADMIN_SYSTEM)
def take_import() -> ResponseReturnValue:
    changed = importing.take_over(
        context(), current_actor(), shown=request.form.get("shown", ""), note=request.form.get("note", "")
    )
    flash(f"已导入草稿，改动 {len(changed)} 个文件。")
    return redirect(url_for("zuozhen_studio_workspace.home"))


@blueprint.post("/studio/import/drop")
@admin_only(accounts.ADMIN_SYSTEM)
def drop_import() -> ResponseReturnValue:
    workspace.drop_autosave(context(), current_actor(), workspace.IMPORT)
    flash("已取消导入，草稿没有改动。")
    return redirect(url_for("zuozhen_studio_releases.import_files"))


def _page(error: Invalid | ContentError | None) -> ResponseReturnValue:
    try:
        view = importing.import_view(context(), current_actor())
    except NotFound:
        view = None
    page = render_template("zuozhen/studio/import.html", view=view, error=error)
    return page, error.status if error is not None else 200
