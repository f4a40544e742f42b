"""Diagrams and data made to break in."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.engine.bpmn import Diagram, multi
from tests.engine.play import Play

from zuozhen.engine import load_diagram
from zuozhen.engine.expressions import SCRIPT_ENGINE
from zuozhen.model.errors import ContentError, EngineError, ZuozhenError


def chain(length: int) -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    nodes = [
        process.start(),
        *(process.node("task", f"t{number}") for number in range(length)),
        process.end(),
    ]
    process.chain(*nodes)
    return diagram


DOCTYPES = [
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "<!DOCTYPE x>",
    '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_doctype_is_refused(doctype: str) -> None:
    xml = chain(1).xml().decode().replace("?>\n", f"?>\n{doctype}\n", 1)
    with pytest.raises(ContentError, match="DOCTYPE") as caught:
        load_diagram(xml.encode())
    assert caught.value.findings[0].line == 1


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not xml",
        b"<a>",
        b"\xff\xfe\x00",
        b"<a/>",
        b'<?xml version="1.0" encoding="nope"?><a/>',
        b"<a>" * 5000,
    ],
)
def test_what_is_no_diagram_is_refused(xml: bytes) -> None:
    with pytest.raises(ContentError) as caught:
        load_diagram(xml)
    assert caught.value.findings and caught.value.hint


def test_three_megabytes_are_refused_unread() -> None:
    xml = chain(1).xml() + b" " * 3_000_000
    begin = time.perf_counter()
    with pytest.raises(ContentError, match="2MB"):
        load_diagram(xml)
    assert time.perf_counter() - begin < 0.5


def test_a_chain_of_a_thousand_nodes_is_refused_with_the_line_of_the_first_too_many() -> None:
    with pytest.raises(ContentError, match="最多300个节点") as caught:
        load_diagram(chain(1000).xml())
    finding = caught.value.findings[0]
    assert finding.element == "t299" and (finding.line or 0) > 300


def test_the_longest_allowed_chain_runs() -> None:
    assert Play(chain(298)).ended == "end"


def test_stacked_gateways_cost_nothing_at_start() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.start()
    process.user("first")
    previous = "first"
    process.flow("start", "first")
    for number in range(40):
        process.gateway("parallel", f"f{number}")
        process.gateway("parallel", f"j{number}")
        process.flow(previous, f"f{number}")
        process.flow(f"f{number}", f"j{number}")
        process.flow(f"f{number}", f"j{number}")
        previous = f"j{number}"
    process.flow(previous, process.end())
    play = Play(diagram)
    assert len(play.step.state) < 200
    play.done("first")
    assert play.ended == "end"


def test_other_encodings_are_read() -> None:
    xml = chain(1).xml().decode().replace("UTF-8", "GB18030", 1)
    assert load_diagram(xml.encode("gb18030")).processes["case"].name == "流程case"


MARKER = Path("/tmp") / "zuozhen-was-here"
ATTACKS = [
    f"__import__('os').system('touch {MARKER}')",
    f"open('{MARKER}', 'w')",
    "().__class__.__base__.__subclasses__()",
    "x.__class__",
    f"eval(\"open('{MARKER}', 'w')\")",
    f'x.constructor("touch {MARKER}")',
    "(lambda: 1)()",
    "[y for y in ().__class__.__base__.__subclasses__()]",
    "{x.__init__.__globals__}",
    '"{0.__class__}".format(1)',
    "9 ** 9 ** 9 ** 9",
]


def slot(name: str, text: str) -> Diagram:
    """Return a diagram with an attack in one place where expressions are read."""
    diagram = Diagram()
    process = diagram.process()
    process.start()
    process.end()
    process.user("work", multi(text, "x") if name == "collection" else multi("[1, 2]", "x", until=text) if name == "until" else "",
                 camunda_candidateGroups=f"={text}" if name == "role" else "office",
                 camunda_assignee=f"={text}" if name == "assignee" else "",
                 outputs={"y": text} if name == "output" else {})  # fmt: skip
    process.flow("start", "work")
    if name == "timer":
        process.timer("boundary", "late", text, attachedToRef="work")
        process.flow("late", "end")
    if name == "key":
        process.message("boundary", "hear", "m", attachedToRef="work", props={"zz:key": text})
        process.flow("hear", "end")
    process.gateway("exclusive", "choice", default="other")
    process.flow("work", "choice")
    process.flow("choice", "end", text if name == "condition" else "1 = 2")
    process.flow("choice", process.end("end2"), flow_id="other")
    return diagram


@pytest.mark.parametrize(
    "where", ["condition", "timer", "role", "assignee", "output", "key", "collection", "until"]
)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_expression_reaches_python(where: str, attack: str) -> None:
    MARKER.unlink(missing_ok=True)
    begin = time.perf_counter()
    seen: list[object] = []
    try:
        play = Play(slot(where, attack), {"x": "text"})
        while play.step.tasks:
            seen += [play.step.tasks[0].assignee, play.step.tasks[0].group]
            play.done("work")
        seen.append(play.step.variables)
    except ZuozhenError:
        pass
    assert time.perf_counter() - begin < 2
    assert not MARKER.exists()
    assert "class" not in str(seen) and "function" not in str(seen) and "object at" not in str(seen)


def test_the_script_engine_runs_no_script_and_no_service() -> None:
    with pytest.raises(EngineError, match="脚本"):
        SCRIPT_ENGINE.environment.execute("x = 1", {})
    with pytest.raises(EngineError, match="服务"):
        SCRIPT_ENGINE.environment.call_service({})
    assert SCRIPT_ENGINE.environment.evaluate("x + 1", {"x": 1}) == 2


@pytest.mark.parametrize("name", ["workdays", "days", "__builtins__", "functions", "typename"])
def test_variables_named_like_functions_do_not_shadow_them(name: str) -> None:
    diagram = slot("timer", "workdays(3)")
    play = Play(diagram, {name: "evil"})
    assert play.timer("late").due_at.isoformat() == "2026-01-08T16:00:00+00:00"
    assert play.task("work").variables[name] == "evil"
