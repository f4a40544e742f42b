"""What the diagram says: every rule cites its clause, everything it names exists, the engine can run it."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tests.packs_content.packs import SLUGS, diagram_of, pack_of

from zuozhen.engine import Diagram, Element, load_diagram
from zuozhen.feel import compile_expression
from zuozhen.services.studio.coverage import flows_of

CLAUSE = re.compile(r"[A-Z]{2}-[0-9]+(\.[0-9]+)?-[0-9a-z]|〔[0-9]{4}〕")
DIVIDING = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"}
THROWING = {"intermediateThrowEvent", "endEvent", "sendTask"}
LETTERS = {"notify", "publish"}
ENGLISH_ID = re.compile(r"[A-Z][a-z]+(_[a-z0-9]+)*")
DEADLINE = re.compile(r"\b(workdays|days|months|hours|before)\(")


@pytest.fixture(params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def diagram(slug: str) -> Diagram:
    return load_diagram(diagram_of(slug))


def outgoing(slug: str) -> Counter[str]:
    """Return how many ways lead out of each element."""
    return Counter(flow.source for flow in flows_of(diagram_of(slug)))


def test_every_task_choice_and_timer_cites_a_clause(slug: str, diagram: Diagram) -> None:
    ways = outgoing(slug)
    silent = [
        element.id
        for element in diagram.elements.values()
        if (
            element.kind.endswith("Task")
            or element.kind == "subProcess"
            or (element.kind in DIVIDING and ways[element.id] > 1)
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
            assert number[1] in re.findall(r"[0-9]+", element.name), element.id


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


def test_letters_and_papers_have_a_template_and_a_reader(slug: str, diagram: Diagram) -> None:
    pack = pack_of(slug)
    assert [e for e in diagram.elements.values() if e.topic in LETTERS]
    for element in diagram.elements.values():
        named = element.properties.get("zz:template")
        if element.topic in LETTERS:
            assert named in pack.message_templates, element.id
        if element.topic == "document":
            assert named in pack.print_templates, element.id
        if element.topic == "notify":
            assert readers(element) - pack.groups == set(), element.id


def readers(element: Element) -> set[str]:
    """Return the groups a letter names; an expression names them when the letter is written."""
    written = element.properties["zz:to"].strip()
    if written.startswith("="):
        compile_expression(written)
        return set()
    return {group.strip() for group in written.split(",")}


def test_reports_made_or_shown_by_the_diagram_are_reports_of_the_pack(slug: str, diagram: Diagram) -> None:
    known = {report.key for report in pack_of(slug).reports}
    for element in diagram.elements.values():
        if element.topic == "report" or "zz:report" in element.properties:
            assert element.properties["zz:report"] in known, element.id
            compile_expression(element.properties.get("zz:parameter", "null"))


def test_no_message_template_is_unused(slug: str, diagram: Diagram) -> None:
    used = {e.properties.get("zz:template") for e in diagram.elements.values() if e.topic in LETTERS}
    own = {key for key, path in pack_of(slug).message_templates.items() if f"/{slug}/" in path}
    assert own - used == set()


def test_overdue_work_is_named_for_whoever_urges(slug: str, diagram: Diagram) -> None:
    """A task that several deadlines lead to (督办) must be told which of them passed."""
    first = first_works(slug, diagram)
    timers = [e for e in _kind(diagram, "boundaryEvent") if e.rule and not e.interrupting]
    led_to = Counter(work for timer in timers for work in first[timer.id])
    for timer in timers:
        outputs, host = dict(timer.outputs), diagram.elements[timer.attached_to]
        if any(led_to[work] > 1 for work in first[timer.id]) or "overdue_of" in outputs:
            assert outputs["overdue_of"] == f'"{host.name}"', timer.id


def first_works(slug: str, diagram: Diagram) -> dict[str, set[str]]:
    """Return the tasks that follow each event directly or through gateways."""
    ways: dict[str, list[str]] = {}
    for flow in flows_of(diagram_of(slug)):
        ways.setdefault(flow.source, []).append(flow.target)

    def works(start: str, seen: set[str]) -> set[str]:
        found: set[str] = set()
        for target in ways.get(start, ()):
            if diagram.elements[target].kind == "userTask":
                found.add(target)
            elif "Gateway" in diagram.elements[target].kind and target not in seen:
                found |= works(target, seen | {target})
        return found

    return {event.id: works(event.id, set()) for event in _kind(diagram, "boundaryEvent")}


def test_deadlines_moved_by_an_extension_exist(diagram: Diagram) -> None:
    moves = [e for e in diagram.elements.values() if e.topic == "retime"]
    timed = {e.attached_to for e in _kind(diagram, "boundaryEvent") if e.rule}
    assert [e.id for e in moves if e.properties["zz:activity"] not in timed] == []


def test_messages_thrown_are_caught_and_messages_awaited_are_thrown(diagram: Diagram) -> None:
    """By name; a key may be called differently on the two sides, but every side that needs one has one."""
    named = [e for e in diagram.elements.values() if e.message and "zz:trigger" not in e.properties]
    thrown = {e.message for e in named if e.kind in THROWING}
    assert thrown == {e.message for e in named if e.kind not in THROWING}
    for element in named:
        if element.kind != "startEvent":
            compile_expression(element.properties["zz:key"])


def _kind(diagram: Diagram, kind: str) -> list[Element]:
    return [element for element in diagram.elements.values() if element.kind == kind]
