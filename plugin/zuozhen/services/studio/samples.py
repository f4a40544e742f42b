"""A case as it might be, for previews: answers from the pack's own scenarios, the rest made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from zuozhen.engine import Diagram
from zuozhen.formjs import FormDefinition, bind
from zuozhen.formjs.samples import sample_answers
from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.model.ids import new_id
from zuozhen.services.context import Context
from zuozhen.services.options import Options, options_for
from zuozhen.services.releases import Release
from zuozhen.services.scenarios import Scenario, ScenarioStep, load_scenarios
from zuozhen.services.tasks import as_formdata
from zuozhen.store.tables import CASE_OPEN, Case

SAMPLE_NUMBER = 1


def sample_case(context: Context, release: Release, keys: Iterable[str]) -> Case:
    """Return a case that is stored nowhere, with sample answers to the forms ``keys``.

    A form that cannot be loaded has no answers.
    """
    data: dict[str, Any] = {"_order": []}
    for key in keys:
        try:
            data[key] = sample_of(context, release, release.form(key))
        except (ContentError, NotFound):
            continue
        data["_order"].append(key)
    return made_up(context, release, data)


def made_up(context: Context, release: Release, data: Mapping[str, Any]) -> Case:
    """Return a case with these answers by form that is stored nowhere."""
    today = local_date(context.clock())
    numbering = release.pack.numberings.get("case")
    answers = _head(release, data)
    return Case(
        tenant=release.tenant,
        id=new_id(),
        release_id=release.id,
        process_id=release.pack.processes.get("case", ""),
        number=numbering.format(today, SAMPLE_NUMBER) if numbering else "示例",
        title=str(answers.get("title") or release.pack.title),
        enterprise=str(answers.get("enterprise") or "示例企业"),
        business_key=_session(release, today),
        channel=release.pack.channels[0].id if release.pack.channels else "",
        status=CASE_OPEN,
        stage="",
        outcome=None,
        created_at=context.clock(),
        ended_at=None,
        data=dict(data),
        variables={},
    )


def sample_of(context: Context, release: Release, form: FormDefinition) -> dict[str, Any]:
    """Return sample answers to one form, as if they had been handed in: what is hidden is left out."""
    today = local_date(context.clock())
    options = sample_options(context, release, form)
    answers = {**sample_answers(form, options, today), **_told(release).get(form.key, {})}
    bound = bind(
        form,
        formdata=as_formdata({key: value for key, value in answers.items() if key in form.field_keys}),
        initial={},
        options=options,
        functions=release.functions(context.clock(), lambda _note: None),
        today=today,
    )
    files = {key: value for key, value in answers.items() if bound.answers.get(key) == [] and value}
    return {**bound.answers, **files}


def sample_options(context: Context, release: Release, form: FormDefinition) -> Options:
    """Return the choices of a form from the living installation."""
    with context.database.read() as session:
        return options_for(context, session, release, form)


def _head(release: Release, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answers that name a case: those to the form that starts one, else to any that can."""
    process = release.diagram.processes.get(release.pack.processes.get("case", ""))
    first = [start.form_key for start in process.starts] if process else []
    given = [data[key] for key in (*first, *data.get("_order", ())) if key in data]
    return next((answers for answers in given if answers.get("title") or answers.get("enterprise")), {})


def _session(release: Release, today: date) -> str:
    recurrence = release.pack.session_recurrence
    days = release.next_dates(recurrence, today, 1) if recurrence in release.rules.recurrences else []
    return days[0].isoformat() if days else today.isoformat()


def _told(release: Release) -> dict[str, Mapping[str, Any]]:
    """Return the first answers to each form among the scenarios of the pack."""
    path = f"processes/{release.slug}/scenarios.toml"
    try:
        scenarios: tuple[Scenario, ...] = load_scenarios(release.files.get(path, b""), path)
    except (AttributeError, ContentError, TypeError):  # the check tells what is wrong with the table
        return {}
    told: dict[str, Mapping[str, Any]] = {}
    for scenario in scenarios:
        for step in scenario.steps:
            key = _form_of(release.diagram, step, release.pack.processes)
            if key and isinstance(step.answers, Mapping):
                told.setdefault(key, step.answers)
    return told


def _form_of(diagram: Diagram, step: ScenarioStep, processes: Mapping[str, str]) -> str:
    if step.kind in ("register", "start"):
        process = diagram.processes.get(
            processes.get("case" if step.kind == "register" else step.process, "")
        )
        return next((start.form_key for start in process.starts if start.form_key), "") if process else ""
    element = diagram.elements.get(step.target)
    return element.form_key if element else ""
