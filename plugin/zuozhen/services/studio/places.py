"""The forms of a run on trial: the real start form, the real form of a task, an act by hand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.formjs import BoundForm
from zuozhen.model.errors import ContentError, Invalid, NotFound
from zuozhen.services import tasks
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.casebook import unit_names
from zuozhen.services.context import Context
from zuozhen.services.registration import StartView, open_start
from zuozhen.services.releases import Release
from zuozhen.services.scenarios import ScenarioStep, load_scenarios
from zuozhen.services.studio.continuing import go_on
from zuozhen.services.studio.runs import Run, trial_of
from zuozhen.services.studio.trials import Trial

KINDS: Final = ("register", "start", "task", "act")
CASE_ROLE: Final = "case"


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be done: ``target`` is the role of the process to start, or the element's id."""

    kind: str
    alias: str = ""
    target: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A form of a run, ready to show or to show again; ``who`` fills it in."""

    place: Place
    title: str
    who: str
    bound: BoundForm | None
    release: Release
    channel: str
    sampled: bool
    can_sample: bool


def place_of(kind: str, alias: str, target: str, number: str) -> Place:
    """Read a place out of an address. Raises ``NotFound``."""
    if kind not in KINDS or not number.isascii() or not number.isdigit():
        raise NotFound("没有这个办理事项。")
    return Place(kind, alias[:40], target[:200], int(number[:4]))


def startable(release: Release) -> tuple[tuple[str, str], ...]:
    """Return (role, name) of the processes besides the case that can be started by hand."""
    return tuple(
        (role, release.diagram.processes[process].name or role)
        for role, process in release.pack.processes.items()
        if role != CASE_ROLE
        and process in release.diagram.processes
        and any(start.kind == "none" for start in release.diagram.processes[process].starts)
    )


def open_place(context: Context, run: Run, place: Place, *, sample: bool = False) -> PlaceView:
    """Return the form of a place; ``sample`` fills it from a scenario of the pack.

    Raises:
        ZuozhenError: there is no such place at this moment.
    """
    with trial_of(context, run) as trial:
        step = _sample(trial, place)
        answers = step.answers if sample and step is not None else {}
        if place.kind in ("register", "start"):
            view = open_start(trial.scratch.context, trial.content.tenant, _role(place), draft=answers)
            return _start_view(place, view, step, sample)
        shown = _open_task(trial, place, answers)
        return _task_view(place, shown, step, sample)


def judge(
    context: Context,
    run: Run,
    place: Place,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    channel: str = "",
) -> PlaceView:
    """Return the form with what was typed, and its problems unless a row button was pressed."""
    with trial_of(context, run) as trial:
        return _judged(trial, place, formdata, files, channel)


def hand_in(
    context: Context,
    actor: Actor,
    run: Run,
    place: Place,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    channel: str = "",
) -> Run | PlaceView:
    """Do what was filled in as the run's next step; a form with problems comes back.

    Of files only the fields are kept: a replay hands in a sample.

    Raises:
        ZuozhenError: as :func:`zuozhen.services.studio.continuing.go_on`.
    """
    with trial_of(context, run) as trial:
        view = _judged(trial, place, formdata, files, channel)
        alias = place.alias or _new_alias(trial, place)
    bound = view.bound
    if bound is not None and (bound.structural or bound.problems):
        return view
    if place.kind == "register" and channel not in {known.id for known in view.release.pack.channels}:
        raise Invalid("请选择诉求来自哪个渠道。")
    return go_on(context, actor, run, _step(place, alias, channel, bound, formdata))


def _step(
    place: Place, alias: str, channel: str, bound: BoundForm | None, formdata: MultiDict[str, str]
) -> dict[str, Any]:
    answers = _kept(bound, formdata) if bound is not None else {}
    step: dict[str, Any] = {}
    if alias != CASE_ROLE:
        step["case"] = alias
    if place.kind == "register":
        step |= {"channel": channel, "register": answers}
    elif place.kind == "start":
        step |= {"start": place.target, "process": place.target, "answers": answers}
    else:
        step |= {place.kind: place.target, "answers": answers}
        if place.number != 1:
            step["number"] = place.number
    if bound is not None and bound.uploads:
        step["files"] = sorted(bound.uploads)
    return step


def _kept(bound: BoundForm, formdata: MultiDict[str, str]) -> dict[str, Any]:
    """Return the answers that were typed, as a scenario writes them: nothing blank, nothing computed."""
    sent = set(formdata)
    return {
        key: _without_blanks(value)
        for key, value in bound.answers.items()
        if not _blank(value) and (key in sent or any(name.startswith(f"{key}-") for name in sent))
    }


def _without_blanks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: answer for key, answer in value.items() if not _blank(answer)}
    if isinstance(value, list):
        return [_without_blanks(item) for item in value]
    return value


def _blank(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


# ---------------------------------------------------------------- views


def _judged(
    trial: Trial,
    place: Place,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    channel: str,
) -> PlaceView:
    context, tenant = trial.scratch.context, trial.content.tenant
    if place.kind in ("register", "start"):
        view = open_start(context, tenant, _role(place), formdata=formdata, files=files)
        if view.bound is not None and not view.bound.structural:
            view.bound.validate()
        return _start_view(place, view, None, False, channel)
    token = trial.walker.token(place.alias, place.target, place.number, trial.walk)
    task = tasks.check(context, trial.walker.doer(token), token.token, formdata, files)
    return _task_view(place, task, None, False)


def _open_task(trial: Trial, place: Place, answers: Mapping[str, Any]) -> tasks.TaskView:
    context = trial.scratch.context
    token = trial.walker.token(place.alias, place.target, place.number, trial.walk)
    doer = trial.walker.doer(token)
    view = tasks.open_task(context, doer, token.token)
    if not answers or view.bound is None:
        return view
    filled = {**view.bound.draft(), **answers}
    return tasks.fill(context, doer, token.token, tasks.as_formdata(filled))


def _start_view(
    place: Place, view: StartView, step: ScenarioStep | None, sampled: bool, channel: str = ""
) -> PlaceView:
    register = place.kind == "register"
    process = view.release.diagram.processes[view.process_id]
    channels = view.release.pack.channels
    return PlaceView(
        place,
        "企业挂号" if register else f"发起：{process.name or view.process_id}",
        "企业" if register else "牵头单位",
        view.bound,
        view.release,
        channel or (step.channel if step is not None and sampled else "") or channels[0].id,
        sampled,
        step is not None,
    )


def _task_view(place: Place, view: tasks.TaskView, step: ScenarioStep | None, sampled: bool) -> PlaceView:
    names = {**unit_names(view.release), ENTERPRISE: "企业", "staff": "经办人员"}
    group = view.token.grp or view.token.trigger
    return PlaceView(
        place,
        view.token.name or view.token.element_id,
        names.get(group, group),
        view.bound,
        view.release,
        "",
        sampled,
        step is not None and bool(step.answers),
    )


# ---------------------------------------------------------------- parts


def _role(place: Place) -> str:
    return CASE_ROLE if place.kind == "register" else place.target


def _new_alias(trial: Trial, place: Place) -> str:
    """Return the name of the case to come: its role, or its role and number if that is taken."""
    role = _role(place)
    taken = trial.aliases()
    mine = sum(alias == role or alias.startswith(f"{role}-") for alias in taken)
    return role if not mine else f"{role}-{mine + 1}"


def _sample(trial: Trial, place: Place) -> ScenarioStep | None:
    """Return the first step of the pack's scenarios that does the same."""
    release = trial.content.release
    path = f"processes/{release.slug}/scenarios.toml"
    with suppress(ContentError):
        for scenario in load_scenarios(release.files.get(path, b""), path):
            for step in scenario.steps:
                if step.kind == place.kind and (
                    step.kind == "register" or place.target in (step.target, step.process)
                ):
                    return step
    return None
