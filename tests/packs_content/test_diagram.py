"""What the diagram says: every rule cites its clause, everything it names exists, the engine can run it."""

from __future__ import annotations

import re

import pytest
from tests.packs_content.packs import SLUGS, diagram_of, pack_of

from zuozhen.engine import Diagram, Element, load_diagram
from zuozhen.feel import compile_expression

CLAUSE = re.compile(r"[A-Z]{2}-[0-9]+(\.[0-9]+)?-[0-9a-z]|〔[0-9]{4}〕")
DIVIDING = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"}
ENGLISH_ID = re.compile(r"[A-Z][a-z]+(_[a-z0-9]+)*")
DEADLINE = re.compile(r"\b(workdays|days|months|hours|before)\(")


@pytest.fixture(params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def diagram(slug: str) -> Diagram:
    return load_diagram(diagram_of(slug))


def outgoing(slug: str) -> dict[str, int]:
    """Return how many ways lead out of each element."""
    counts: dict[str, int] = {}
    for source in re.findall(r'<bpmn:sequenceFlow [^>]*sourceRef="([^"]+)"', diagram_of(slug).decode()):
        counts[source] = counts.get(source, 0) + 1
    return counts


def test_every_task_choice_and_timer_cites_a_clause(slug: str, diagram: Diagram) -> None:
    ways = outgoing(slug)
    silent = [
        element.id
        for element in diagram.elements.values()
        if (
            element.kind.endswith("Task")
            or element.kind == "subProcess"
            or (element.kind in DIVIDING and ways.get(element.id, 0) > 1)
            or element.rule
        )
        and not CLAUSE.search(element.properties.get("zz:clause", ""))
    ]
    assert silent == []


def test_every_deadline_shows_its_number_in_the_picture(diagram: Diagram) -> None:
    """ALL-1: the number of days is read from the name of the timer, and it is the one that counts."""
    for element in diagram.elements.values():
        number = re.search(r"\((\d+)", element.rule) or re.search(r"workdays: (\d+)", element.rule)
        if element.kind == "boundaryEvent" and DEADLINE.search(element.rule) and number and number[1] != "0":
            assert number[1] in element.name, element.id


def test_ids_are_english_and_names_are_chinese(diagram: Diagram) -> None:
    elements = diagram.elements.values()
    assert [e.id for e in elements if not ENGLISH_ID.fullmatch(e.id)] == []
    assert [e.id for e in elements if e.name and not re.search(r"[\u4e00-\u9fff]", e.name)] == []


def test_people_and_forms_are_named_for_every_user_task(slug: str, diagram: Diagram) -> None:
    pack = pack_of(slug)
    for task in _kind(diagram, "userTask"):
        assert task.form_key in pack.forms, task.id
        if task.group.startswith("="):
            compile_expression(task.group)
        else:
            assert task.group in pack.groups, task.id


def test_acts_and_starts_name_forms_of_the_pack(slug: str, diagram: Diagram) -> None:
    forms = pack_of(slug).forms
    used = {element.form_key for element in diagram.elements.values() if element.form_key}
    assert used - forms.keys() == set()


def test_letters_have_a_template_and_a_reader(slug: str, diagram: Diagram) -> None:
    pack = pack_of(slug)
    letters = [e for e in diagram.elements.values() if e.topic in {"notify", "publish"}]
    assert letters
    for element in letters:
        assert element.properties["zz:template"] in pack.message_templates, element.id
        if element.topic == "notify":
            assert element.properties["zz:to"] in pack.groups, element.id


def test_no_message_template_is_unused(slug: str, diagram: Diagram) -> None:
    used = {e.properties.get("zz:template") for e in diagram.elements.values()}
    own = {key for key, path in pack_of(slug).message_templates.items() if f"/{slug}/" in path}
    assert own - used == set()


def test_overdue_work_is_named_for_whoever_urges(diagram: Diagram) -> None:
    """Non-interrupting deadlines lead to 督办, which must say what is overdue."""
    for element in _kind(diagram, "boundaryEvent"):
        if element.rule and not element.interrupting:
            host = diagram.elements[element.attached_to]
            assert dict(element.outputs)["overdue_of"] == f'"{host.name}"', element.id


def test_deadlines_moved_by_an_extension_exist(diagram: Diagram) -> None:
    moves = [e for e in diagram.elements.values() if e.topic == "retime"]
    timed = {e.attached_to for e in _kind(diagram, "boundaryEvent") if e.rule}
    assert [e.id for e in moves if e.properties["zz:activity"] not in timed] == []


def test_messages_thrown_are_caught_by_name_and_key(diagram: Diagram) -> None:
    named = [e for e in diagram.elements.values() if e.message and "zz:trigger" not in e.properties]
    thrown = {(e.message, e.properties["zz:key"]) for e in named if "Throw" in e.kind}
    caught = {(e.message, e.properties["zz:key"]) for e in named if "Throw" not in e.kind}
    assert thrown == caught


def _kind(diagram: Diagram, kind: str) -> list[Element]:
    return [element for element in diagram.elements.values() if element.kind == kind]
