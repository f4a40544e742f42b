"""Runs on trial: the edited procedure on a virtual clock, on one page."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, Finding, Invalid, ZuozhenError
from zuozhen.services import accounts
from zuozhen.services.studio import continuing, places, runs, scenariofile, trying, workspace
from zuozhen.services.studio.places import PlaceView, place_of
from zuozhen.services.studio.runs import Run, RunView
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_trying", __name__)

TABS = (
    ("letters", "发出的消息"),
    ("announcements", "公告"),
    ("papers", "文书"),
    ("coming", "期限"),
    ("told", "经过"),
)


NONE: tuple[Finding, ...] = ()


@blueprint.get("/studio/try/new")
@admin_only(accounts.ADMIN_SYSTEM)
def new() -> ResponseReturnValue:
    return render_template("zuozhen/studio/try_new.html", now=context().clock().astimezone(LOCAL))


@blueprint.post("/studio/try/new")
@admin_only(accounts.ADMIN_SYSTEM)
def begin() -> ResponseReturnValue:
    """Begin a run, empty or with the steps of a scenario of the draft."""
    actor, form = current_actor(), request.form
    if scenario := form.get("scenario", ""):
        run_id = trying.run_of_scenario(context(), actor, scenario)
    else:
        run_id = runs.new_run(context(), actor, form.get("title", ""), _instant(form.get("start", "")))
    return redirect(url_for(".run", run_id=run_id))


@blueprint.route("/studio/try/<uuid:run_id>", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def run(run_id: UUID) -> ResponseReturnValue:
    """Show a run; with ``do`` also the form of one place, which is posted to the same address."""
    found = runs.read_run(context(), current_actor(), run_id)
    if not request.args.get("do"):
        return _page(found)
    try:
        return _place(found)
    except ContentError:
        return _page(found)
    except ZuozhenError as error:
        return _page(found, problem=error)


def _place(found: Run) -> ResponseReturnValue:
    asked = request.args
    place = place_of(asked["do"], asked.get("case", ""), asked.get("on", ""), asked.get("number", "1"))
    if request.method == "GET":
        view = places.open_place(context(), found, place, sample=asked.get("sample") == "1")
        return _page(found, place=view)
    channel = request.form.get("_channel", "")
    if asked.get("n") != str(len(found.steps)):
        view = places.judge(context(), found, place, request.form, request.files, channel)
        moved = runs.moved_on()
        return _page(found, place=view, problem=moved)
    try:
        outcome = places.hand_in(
            context(), current_actor(), found, place, request.form, request.files, channel
        )
    except ZuozhenError as error:
        view = places.judge(context(), found, place, request.form, request.files, channel)
        return _page(found, place=view, problem=error)
    if isinstance(outcome, PlaceView):
        structural = outcome.bound is not None and outcome.bound.structural
        return _page(found, place=outcome, status=200 if structural else 422)
    return redirect(url_for(".run", run_id=found.id))


@blueprint.post(
    "/studio/try/<uuid:run_id>/<any(due, workday, until, back, accept, save, rename, delete):act>"
)
@admin_only(accounts.ADMIN_SYSTEM)
def go(run_id: UUID, act: str) -> ResponseReturnValue:
    """Move the clock, go back some steps, keep the run as a scenario, or delete it."""
    found = runs.read_run(context(), current_actor(), run_id)
    if act == "delete":
        runs.delete_run(context(), current_actor(), run_id)
        flash("试运行已删除。")
        return redirect(url_for(".index"))
    try:
        if request.form.get("n") != str(len(found.steps)):
            raise runs.moved_on()
        _do(found, act)
    except ZuozhenError as error:
        return _page(found, problem=error)
    return redirect(url_for(".run", run_id=run_id, tab=request.form.get("tab") or None))


def _do(found: Run, act: str) -> None:
    actor, form = current_actor(), request.form
    match act:
        case "due":
            continuing.jump_to_due(context(), actor, found)
        case "workday":
            continuing.jump_workday(context(), actor, found)
        case "until":
            continuing.jump_to(context(), actor, found, _instant(form.get("until", "")))
        case "back":
            continuing.go_back(context(), actor, found, form.get("keep", len(found.steps), int))
        case "accept":
            continuing.accept_now(context(), actor, found)
            flash("已按现在的结果更新各步的预期。")
        case "rename":
            runs.rename_run(context(), actor, found, form.get("name", ""))
        case "save":
            name = form.get("name", "")
            settings = {"parameters": found.parameters, "tables": found.tables}
            scenariofile.add_scenario(context(), actor, name, found.start, found.steps, settings)
            flash(f"已保存为情景“{name.strip()}”，在草稿的 scenarios.toml 末尾；部署前会自动核对。")


@blueprint.get("/studio/try/<uuid:run_id>/papers/<int:index>")
@admin_only(accounts.ADMIN_SYSTEM)
def paper(run_id: UUID, index: int) -> ResponseReturnValue:
    """Render one document of a run now."""
    found = runs.read_run(context(), current_actor(), run_id)
    content, name = runs.paper(context(), found, index)
    return send_file(BytesIO(content), "application/pdf", download_name=name)


def _page(
    found: Run, *, place: PlaceView | None = None, problem: ZuozhenError | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    path = workspace.diagram_path(context(), actor.tenant)
    try:
        shown, findings = runs.view_run(context(), found), NONE
    except ContentError as error:
        shown, findings, problem = None, error.findings, problem or error
    asked = request.args.get("tab") or request.form.get("tab")
    page = render_template(
        "zuozhen/studio/try_run.html",
        run=found,
        shown=shown,
        findings=findings,
        place=place,
        bound=place.bound if place else None,
        problem=problem,
        startable=places.startable(shown.view.release) if shown else (),
        diagram=url_for("zuozhen_studio_workspace.file", path=path),
        marks=_marks(found, shown) if shown else {},
        tabs=TABS,
        tab=asked if asked in dict(TABS) else TABS[0][0],
    )
    return page, problem.status if problem is not None and request.method == "POST" else status


def _marks(found: Run, shown: RunView) -> dict[str, Any]:
    """Return what the picture marks; ``places`` are the addresses of the forms that can be filled in."""
    marks = shown.view.marks
    return {
        "active": marks.active,
        "late": marks.late,
        "done": marks.done,
        "fired": marks.fired,
        "flows": marks.flows,
        "places": {
            todo.element: url_for(
                ".run",
                run_id=found.id,
                do=todo.kind,
                case=todo.alias,
                on=todo.element,
                number=todo.number,
                n=len(found.steps),
                _anchor="form",
            )
            for case in shown.view.cases
            for todo in (*case.acts, *case.tasks)
            if not shown.stop
        },
    }


def _instant(text: str) -> datetime:
    """Read what a date and time field sends: local time. Raises ``Invalid``."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL)
    except ValueError as error:
        raise Invalid("日期时间的格式不对。", hint="请写成如 2026-09-01 09:30。") from error
