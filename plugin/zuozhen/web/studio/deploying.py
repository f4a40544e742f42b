"""The page that deploys the draft: check, difference, reasons, and why."""

from __future__ import annotations

from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Conflict, ContentError, Invalid, ZuozhenError
from zuozhen.services import accounts
from zuozhen.services.studio.deploying import deploy_draft, play_scenarios, proposal
from zuozhen.services.units import sentences
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.releases import blueprint

REASON: Final = "reason-"
"""Prefix of the fields that hold reasons: followed by a finding's key, or by the code of several."""


@blueprint.route("/studio/deploy", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def deploy() -> ResponseReturnValue:
    if request.method == "GET":
        return _page(None)
    form = request.form
    if form.get("do") == "play":
        return _page(_played())
    over = form.get("over", "")
    try:
        done = deploy_draft(
            context(),
            current_actor(),
            shown=form.get("shown", ""),
            over=int(over) if over.isascii() and over.isdecimal() and len(over) < 10 else -1,
            note=form.get("note", ""),
            reference=form.get("reference", ""),
            reasons={
                name.removeprefix(REASON): text for name, text in form.items() if name.startswith(REASON)
            },
        )
    except (Invalid, Conflict, ContentError) as error:
        return _page(error)
    if not done.fresh:
        flash(f"草稿与现行第 {done.version} 版相同，没有新建版本。")
    else:
        flash(f"已部署第 {done.version} 版，新登记的办件立即按新版办理。")
    return redirect(url_for("zuozhen_studio_releases.show", number=done.version))


def _played() -> ZuozhenError | None:
    """Run the scenarios before anything is decided; what was typed stays on the page."""
    try:
        play_scenarios(context(), current_actor())
    except ContentError as error:
        return error
    return None


def _page(error: ZuozhenError | None) -> ResponseReturnValue:
    """Show the draft as it is now; what was typed stands where it was typed."""
    problems = {problem.field: problem.message for problem in getattr(error, "problems", ())}
    view = proposal(context(), current_actor())
    page = render_template(
        "zuozhen/studio/deploy.html",
        view=view,
        unit_sentences=list(sentences(view.units)) if view.units is not None else [],
        error=error,
        problems=problems,
        typed=request.form,
    )
    return page, error.status if error is not None else 200
