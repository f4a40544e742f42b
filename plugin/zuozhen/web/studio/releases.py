"""Deployed releases: list, files, export, and the way back to an old one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from zuozhen.model.errors import NotFound
from zuozhen.packs import bundle
from zuozhen.services import accounts
from zuozhen.services.studio import workspace
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.versions import release_of, version, versions
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.downloads import file_response, zip_response

blueprint = Blueprint("zuozhen_studio_releases", __name__)


@blueprint.get("/studio/releases")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    listed = versions(context(), current_actor().tenant)
    return render_template("zuozhen/studio/releases.html", versions=listed)


@blueprint.get("/studio/releases/<int:number>")
@admin_only(accounts.ADMIN_SYSTEM)
def show(number: int) -> ResponseReturnValue:
    tenant = current_actor().tenant
    found = version(context(), tenant, number)
    files = release_of(context(), tenant, number).files
    return render_template(
        "zuozhen/studio/release.html",
        version=found,
        older=[old for old in versions(context(), tenant) if old.number < number and old.running],
        files=[(path, title_of(path, files), len(content)) for path, content in sorted(files.items())],
        shown=workspace.fingerprint_of(context(), tenant),
    )


@blueprint.get("/studio/releases/<int:number>.zip")
@admin_only(accounts.ADMIN_SYSTEM)
def export_release(number: int) -> Response:
    release = release_of(context(), current_actor().tenant, number)
    return zip_response(f"{release.slug}-v{number}", bundle(release.files))


@blueprint.get("/studio/releases/<int:number>/files/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def file(number: int, path: str) -> Response:
    """Answer a file of a release as it was deployed."""
    files = release_of(context(), current_actor().tenant, number).files
    if path not in files:
        raise NotFound(f"第 {number} 版没有文件“{path[:120]}”。")
    return file_response(path, files[path], download=request.args.get("download") == "1")


@blueprint.post("/studio/releases/<int:number>/draft")
@admin_only(accounts.ADMIN_SYSTEM)
def copy_to_draft(number: int) -> ResponseReturnValue:
    """Make the draft equal to a release: deploying it is the way back to an old version."""
    actor = current_actor()
    files = release_of(context(), actor.tenant, number).files
    shown = request.form.get("shown", "")
    changed = workspace.save_all(context(), actor, files, shown=shown, note=f"以第 {number} 版为草稿")
    flash(f"草稿已与第 {number} 版相同（改动 {len(changed)} 个文件）；检查后可部署为新版本。")
    return redirect(url_for("zuozhen_studio_workspace.home"))


@blueprint.get("/studio/draft.zip")
@admin_only(accounts.ADMIN_SYSTEM)
def export_draft() -> Response:
    tenant = current_actor().tenant
    return zip_response(
        f"{workspace.slug(context(), tenant)}-draft", bundle(workspace.files(context(), tenant))
    )
