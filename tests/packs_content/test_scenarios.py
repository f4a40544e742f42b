"""Scenarios name what is drawn, stay inside the pack and answer fields that their forms have.

That they pass and come out as written is played by ``test_stories.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from tests.packs_content.packs import SLUGS, diagram_of, pack_of

from zuozhen.engine import Diagram, load_diagram
from zuozhen.formjs import load_form
from zuozhen.packs import Pack

ACTS = ("register", "task", "act", "start")


def steps_of(slug: str) -> list[tuple[str, int, dict[str, Any]]]:
    """Return (scenario, number, step) of every step of a pack's scenarios."""
    table = tomllib.loads(pack_of(slug).files[f"processes/{slug}/scenarios.toml"].decode())
    return [
        (scenario["name"], number, step)
        for scenario in table["scenario"]
        for number, step in enumerate(scenario["step"], start=1)
    ]


def form_of(step: Mapping[str, Any], pack: Pack, diagram: Diagram) -> str:
    """Return the key of the form that a step hands in; empty for a step in which only time passes."""
    kind = next((kind for kind in ACTS if kind in step), "")
    if kind == "register":
        starts = diagram.processes[pack.processes["case"]].starts
        return next(start.form_key for start in starts if start.kind == "none")
    return diagram.elements[step[kind]].form_key if kind else ""


@pytest.mark.parametrize("slug", SLUGS)
def test_dates_never_go_back(slug: str) -> None:
    last: dict[str, datetime] = {}
    for name, number, step in steps_of(slug):
        assert step["at"] >= last.get(name, step["at"]), (name, number)
        last[name] = step["at"]


@pytest.mark.parametrize("slug", SLUGS)
def test_everything_named_is_drawn(slug: str) -> None:
    drawn, pack = load_diagram(diagram_of(slug)).elements, pack_of(slug)
    for name, number, step in steps_of(slug):
        expected = step.get("expect", {})
        named = [step[kind] for kind in ACTS[1:] if kind in step]
        named += [*expected.get("open", ()), *expected.get("due", {}), *expected.get("fired", ())]
        named += [expected["ended"]] if "ended" in expected else []
        assert [item for item in named if item not in drawn] == [], (name, number)
        assert set(expected.get("notices", ())) <= pack.message_templates.keys(), (name, number)
        assert step.get("process", "case") in pack.processes, (name, number)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_task_act_deadline_and_end_of_a_case_is_played(slug: str) -> None:
    """Not only gone through but done, or named as what fired and where it ended."""
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


@pytest.mark.parametrize("slug", SLUGS)
def test_answers_are_fields_of_their_form(slug: str) -> None:
    """A walk would not notice a misspelt field that nobody must fill in."""
    pack, diagram = pack_of(slug), load_diagram(diagram_of(slug))
    for name, number, step in steps_of(slug):
        answers = step.get("register") or step.get("answers", {})
        key = form_of(step, pack, diagram)
        fields = load_form(pack.files[pack.forms[key]], key=key, file="").fields.keys() if key else set()
        assert answers.keys() - fields == set(), (name, number)
