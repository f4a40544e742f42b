"""Print and message templates of the draft: list, plain text editor, preview."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import ContentError, NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import previewing, templatefiles, workspace
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.forms import file_config, unsaved
from zuozhen.web.studio.previews import findings_page, framed, pdf_response

blueprint = Blueprint("zuozhen_studio_templates", __name__)


@blueprint.get("/studio/templates")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    entries = templatefiles.template_entries(context(), current_actor().tenant)
    return render_template("zuozhen/studio/templates.html", templates=entries)


@blueprint.get("/studio/templates/<path:path>")
@admin_only(accounts.ADMIN_SYSTEM)
def edit(path: str) -> ResponseReturnValue:
    """Edit one text file of the draft: a template, or a form that the form editor cannot open."""
    actor = current_actor()
    if not path.startswith(("templates/", "forms/")):
        raise NotFound("此页只编辑模板和表单的文本。")
    file = workspace.read_file(context(), actor.tenant, path)
    kept = unsaved(file)
    entry = templatefiles.describe(context(), actor.tenant, path)
    text = file.content.decode(errors="replace")
    return render_template(
        "zuozhen/studio/template.html", entry=entry, text=text, config=file_config(file, kept), kept=kept
    )


@blueprint.get("/studio/preview/template")
@admin_only(accounts.ADMIN_SYSTEM)
def preview() -> ResponseReturnValue:
    """Answer the paper or the letter that a template makes; with ``own=1`` one's unsaved text is used."""
    actor, path = current_actor(), request.args.get("path", "")
    files = workspace.files(context(), actor.tenant)
    kept = workspace.own_autosave(context(), actor, path) if request.args.get("own") == "1" else None
    if kept is not None:
        files[path] = kept.content
    if path not in files or not path.startswith("templates/"):
        raise NotFound("草稿中没有这个模板。", hint="请从模板列表中选择。")
    try:
        made = previewing.preview_template(context(), actor.tenant, files, path)
    except ContentError as error:
        return findings_page(error)
    if isinstance(made, tuple):
        subject, body = made
        return framed(render_template("zuozhen/studio/letter_frame.html", subject=subject, body=body), 200)
    return pdf_response(made)
