"""Scenarios of the draft: played one after the other, and how much of the diagram they go through."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError
from zuozhen.services import accounts
from zuozhen.services.studio import runs, scenariofile, trying, workspace
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.trying import blueprint


@blueprint.get("/studio/try")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    return render_template(
        "zuozhen/studio/try.html",
        runs=runs.own_runs(context(), current_actor()),
        now=context().clock().astimezone(LOCAL),
        **_scenarios(),
    )


@blueprint.post("/studio/try/scenarios/run")
@admin_only(accounts.ADMIN_SYSTEM)
def run_all() -> ResponseReturnValue:
    """Play the scenarios: all at once, or (with ``at``) one, then the page asks for the next by itself."""
    if "at" not in request.form:
        files = workspace.files(context(), current_actor().tenant)
        trying.run_scenarios(context(), files)
        return redirect(url_for(".index", _anchor="scenarios"))
    at = request.form.get("at", 0, int)
    tenant = current_actor().tenant
    trying.run_nth(context(), workspace.files(context(), tenant), at)
    shown = _scenarios()
    following = at + 1 if at + 1 < len(shown["scenarios"]) else None
    return render_template("zuozhen/studio/_try_scenarios.html", following=following, **shown)


@blueprint.post("/studio/try/scenarios/<any(rename, delete):act>")
@admin_only(accounts.ADMIN_SYSTEM)
def change_scenario(act: str) -> ResponseReturnValue:
    actor, name = current_actor(), request.form.get("scenario", "")
    if act == "rename":
        scenariofile.rename_scenario(context(), actor, name, request.form.get("name", ""))
        flash("情景已改名。")
    else:
        scenariofile.delete_scenario(context(), actor, name)
        flash(f"情景“{name}”已从草稿中删除。")
    return redirect(url_for(".index", _anchor="scenarios"))


@blueprint.get("/studio/try/coverage")
@admin_only(accounts.ADMIN_SYSTEM)
def coverage() -> ResponseReturnValue:
    """Show the draft's diagram with what its scenarios go through; those not played yet are played now."""
    actor, found, problem = current_actor(), None, None
    try:
        found = trying.coverage_of(context(), workspace.files(context(), actor.tenant))
    except ContentError as error:
        problem = error
    path = workspace.diagram_path(context(), actor.tenant)
    diagram = url_for("zuozhen_studio_workspace.file", path=path)
    return render_template("zuozhen/studio/try_coverage.html", found=found, problem=problem, diagram=diagram)


def _scenarios() -> dict[str, Any]:
    """Return what is known of the draft's scenarios, or why none can be played."""
    files = workspace.files(context(), current_actor().tenant)
    try:
        return {"scenarios": trying.known_results(files), "findings": (), "broken": None}
    except ContentError as error:
        return {"scenarios": (), "findings": error.findings, "broken": error}
