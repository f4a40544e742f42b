"""Previews: a form of the draft as the real page and the real paper; nothing typed here is kept."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from zuozhen.documents import Rendered
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import formfiles, previewing, workspace
from zuozhen.services.studio.formfiles import Audience
from zuozhen.services.studio.previewing import Filling
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.security import POLICY

blueprint = Blueprint("zuozhen_studio_previews", __name__)

PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""A browser draws a PDF with a page of its own, which needs its styles."""


@blueprint.get("/studio/forms/<key>/preview")
@admin_only(accounts.ADMIN_SYSTEM)
def both(key: str) -> ResponseReturnValue:
    """Show page and paper side by side, without the editor."""
    entry = formfiles.form_entry(context(), current_actor().tenant, key)
    return render_template("zuozhen/studio/form_preview.html", form=entry, audience=_audience(entry.audience))


@blueprint.route("/studio/preview/form", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def form() -> ResponseReturnValue:
    """Answer the page of one form, to be shown in a frame; a POST checks what was typed and keeps nothing."""
    tenant, key = current_actor().tenant, request.args.get("key", "")
    files, path = _edited(key)
    posted = request.method == "POST"
    try:
        bound = previewing.preview_form(
            context(),
            tenant,
            files,
            key,
            files[path],
            formdata=request.form if posted else None,
            uploads=request.files if posted else None,
            filling=_filling("blank"),
        )
    except ContentError as error:
        return findings_page(error)
    passed = posted and not bound.structural and bound.validate()
    uses = formfiles.form_uses(files, workspace.diagram_path(context(), tenant)).get(key, [])
    page = render_template(
        "zuozhen/studio/form_frame.html",
        bound=bound,
        passed=passed,
        audience=_audience(uses[0].audience if uses else "staff"),
        heading=uses[0].name if uses else "",
        pack=previewing.draft_release(context(), tenant, files).pack,
    )
    return framed(page, 200)


@blueprint.route("/studio/preview/print", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def paper() -> ResponseReturnValue:
    """Answer the PDF of one form: of what was typed into its page (POST), with sample answers, or blank."""
    tenant, key = current_actor().tenant, request.args.get("key", "")
    files, path = _edited(key)
    try:
        answers = None
        if request.method == "POST":
            typed = previewing.preview_form(context(), tenant, files, key, files[path], formdata=request.form)
            answers = typed.answers
        filling = _filling("sample")
        rendered = previewing.preview_print(
            context(), tenant, files, key, files[path], answers=answers, filling=filling
        )
    except ContentError as error:
        return findings_page(error)
    return pdf_response(rendered)


def pdf_response(rendered: Rendered) -> Response:
    """Return a PDF to look at; headers tell its pages and the characters that no font can draw."""
    answer = Response(rendered.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = "inline; filename=preview.pdf"
    answer.headers["Content-Security-Policy"] = PDF_POLICY
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Pages"] = str(rendered.pages)
    return answer


def framed(page: str, status: int) -> Response:
    answer = Response(page, status=status, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = POLICY + "'self'"
    return answer


def findings_page(error: ContentError) -> Response:
    """Return why there is no preview, in the place of the preview."""
    page = render_template("zuozhen/studio/findings_frame.html", error=error)
    return framed(page, error.status)


def _edited(key: str) -> tuple[dict[str, bytes], str]:
    """Return the files of the draft and the path of a form; with ``own=1`` one's unsaved text is among them."""
    actor = current_actor()
    files = workspace.files(context(), actor.tenant)
    path = formfiles.form_path(files, workspace.slug(context(), actor.tenant), key)
    if request.args.get("own") == "1":
        kept = workspace.own_autosave(context(), actor, path)
        if kept is not None:
            files[path] = kept.content
    if path not in files:
        raise NotFound("草稿中没有这张表单。", hint="请从表单列表中选择。")
    return files, path


def _audience(default: Audience) -> Audience:
    asked = request.args.get("audience", "")
    return cast(Audience, asked) if asked in ("staff", "enterprise") else default


def _filling(default: Filling) -> Filling:
    asked = request.args.get("filling", "")
    return cast(Filling, asked) if asked in ("blank", "sample") else default
