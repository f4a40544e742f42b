"""Scenarios name what is drawn, stay inside the pack, cover every way, and their answers pass the forms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.packs_content.packs import SLUGS, diagram_of, pack_of
from werkzeug.datastructures import MultiDict

from zuozhen.engine import Diagram, load_diagram
from zuozhen.formjs import bind, load_form
from zuozhen.packs import Pack
from zuozhen.workdays import Recurrence, Rules, date_functions, national

ACTS = ("register", "task", "act", "start")


def steps_of(slug: str) -> list[tuple[str, int, dict[str, Any]]]:
    """Return (scenario, number, step) of every step of a pack's scenarios."""
    table = tomllib.loads(pack_of(slug).files[f"processes/{slug}/scenarios.toml"].decode())
    return [
        (scenario["name"], number, step)
        for scenario in table["scenario"]
        for number, step in enumerate(scenario["step"], start=1)
    ]


STEPS = [(slug, *step) for slug in SLUGS for step in steps_of(slug)]


def form_of(step: Mapping[str, Any], pack: Pack, diagram: Diagram) -> str:
    """Return the key of the form that a step hands in; empty for a step in which only time passes."""
    kind = next((kind for kind in ACTS if kind in step), "")
    if kind == "register":
        starts = diagram.processes[pack.processes["case"]].starts
        return next(start.form_key for start in starts if start.kind == "none")
    return diagram.elements[step[kind]].form_key if kind else ""


def posted(answers: Mapping[str, Any]) -> MultiDict[str, str]:
    """Return answers as a browser posts them."""
    return MultiDict(list(_pairs(answers, "")))


def _pairs(answers: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in answers.items():
        if value is False:
            continue
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from _pairs(item, f"{prefix}{key}-{index}-")
                else:
                    yield f"{prefix}{key}", str(item)
        else:
            yield f"{prefix}{key}", "y" if value is True else str(value)


def clinic_days(pack: Pack, today: date) -> list[str]:
    """Return the days a select of clinic dates offers, extra clinics of the scenarios included."""
    table = next(spec.table for spec in pack.recurrences if spec.name == pack.session_recurrence)
    regular = Recurrence.from_table(table).next_dates(today, national(), 4)
    return [day.isoformat() for day in regular]


@pytest.mark.parametrize("slug", SLUGS)
def test_dates_never_go_back(slug: str) -> None:
    last: dict[str, datetime] = {}
    for name, number, step in steps_of(slug):
        assert step["at"] >= last.get(name, step["at"]), (name, number)
        last[name] = step["at"]


@pytest.mark.parametrize("slug", SLUGS)
def test_everything_named_is_drawn(slug: str) -> None:
    drawn = load_diagram(diagram_of(slug)).elements
    templates = pack_of(slug).message_templates
    for name, number, step in steps_of(slug):
        expected = step.get("expect", {})
        named = [step[kind] for kind in ACTS[1:] if kind in step]
        named += [*expected.get("open", ()), *expected.get("due", {}), *expected.get("fired", ())]
        named += [expected["ended"]] if "ended" in expected else []
        assert [item for item in named if item not in drawn] == [], (name, number)
        assert set(expected.get("notices", ())) <= templates.keys(), (name, number)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_task_act_deadline_and_end_of_a_case_is_played(slug: str) -> None:
    diagram, case = load_diagram(diagram_of(slug)), pack_of(slug).processes["case"]
    wanted = {
        element.id
        for element in diagram.elements.values()
        if element.process_id == case
        and (
            element.kind == "userTask"
            or (element.kind == "boundaryEvent" and element.rule)
            or "zz:trigger" in element.properties
            or (element.kind == "endEvent" and element.properties.get("zz:clause"))
        )
    }
    played: set[str] = set()
    for _name, _number, step in steps_of(slug):
        expected = step.get("expect", {})
        played |= {step[kind] for kind in ("task", "act") if kind in step}
        played |= {*expected.get("fired", ()), expected.get("ended", "")}
    assert wanted - played == set()


@pytest.mark.parametrize(("slug", "name", "number", "step"), STEPS)
def test_answers_pass_their_form(slug: str, name: str, number: int, step: dict[str, Any]) -> None:
    pack, diagram = pack_of(slug), load_diagram(diagram_of(slug))
    key = form_of(step, pack, diagram)
    if not key:
        assert "answers" not in step, f"{name} {number}: answers without a form"
        return
    answers = step.get("register") or step.get("answers", {})
    form = load_form(pack.files[pack.forms[key]], key=key, file=pack.forms[key])
    assert set(answers) <= form.fields.keys()
    rules = Rules(calendar=national(), recurrences={})
    days = {*clinic_days(pack, step["at"].date()), str(answers.get(pack.business_key, ""))}
    bound = bind(
        form,
        formdata=posted(answers),
        options={
            **{name: list(labels.items()) for name, labels in pack.codes.items()},
            "units": [(unit.id, unit.name) for unit in pack.units],
            "clinics": [(day, day) for day in sorted(days)],
        },
        functions=date_functions(rules)(datetime(2026, 1, 1, tzinfo=UTC), lambda _note: None),
    )
    assert bound.validate(), [f"{problem.label}：{problem.message}" for problem in bound.problems]


@pytest.mark.parametrize("slug", SLUGS)
def test_units_and_groups_in_answers_belong_to_the_pack(slug: str) -> None:
    units = {unit.id for unit in pack_of(slug).units}
    for name, number, step in steps_of(slug):
        answers = step.get("answers", {})
        named = [answers.get("reception_unit"), answers.get("lead_unit"), *answers.get("joint_units", ())]
        assert {unit for unit in named if unit} <= units, (name, number)
