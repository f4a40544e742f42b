"""Diagrams and data made to break in."""

from __future__ import annotations

import random
import time
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.engine.bpmn import Diagram, multi
from tests.engine.play import Play
from tests.engine.random_diagrams import Generator, Writer

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
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
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
    with pytest.raises(ContentError, match="2 MB"):
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


MARKER = Path(gettempdir()) / "zuozhen-was-here"
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
    marks = {"collection": multi(text, "x"), "until": multi("[1, 2]", "x", until=text)}
    process.user(
        "work",
        marks.get(name, ""),
        camunda_candidateGroups=f"={text}" if name == "role" else "office",
        camunda_assignee=f"={text}" if name == "assignee" else "",
        outputs={"y": text} if name == "output" else {},
    )
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


def test_drawing_only_parts_are_ignored() -> None:
    diagram = chain(2)
    process = diagram.processes[0]
    process.parts.append(
        '<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dor" dataObjectRef="do"/>'
        '<bpmn:dataStoreReference id="dsr" dataStoreRef="ds"/><bpmn:textAnnotation id="ta"/>'
        '<bpmn:association id="as" sourceRef="t0" targetRef="ta"/><bpmn:group id="g"/>'
    )
    more = (
        '<bpmn:dataStore id="ds"/><bpmn:process isExecutable="false"/><bpmn:process isExecutable="false"/>'
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="case"/><bpmn:participant id="p2"/>'
        '<bpmn:messageFlow id="mf" sourceRef="p2" targetRef="t0"/></bpmn:collaboration></bpmn:definitions>'
    )
    assert Play(load_diagram(diagram.xml().replace(b"</bpmn:definitions>", more.encode()))).ended == "end"


BROKEN_FLOWS = [
    ("end", "work", "结束事件之后"),
    ("work", "start", "不能指向开始事件"),
    ("work", "late", "不能指向开始事件或边界事件"),
    ("race", "work", "只能接捕获事件"),
    ("work", "inside", "不存在"),
]


@pytest.mark.parametrize(("source", "target", "said"), BROKEN_FLOWS)
def test_flows_that_make_no_sense_are_refused(source: str, target: str, said: str) -> None:
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("stage")
    sub.chain(sub.start("s"), sub.user("inside"), sub.end("e"))
    process.close(sub)
    process.chain(process.start(), process.user("work"), process.end())
    process.timer("boundary", "late", "hours(1)", attachedToRef="work")
    process.flow("late", "end")
    process.gateway("eventBased", "race")
    process.flow(source, target, flow_id="broken")
    with pytest.raises(ContentError, match=said) as caught:
        load_diagram(diagram.xml())
    assert caught.value.findings[0].element == "broken"


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0, max_value=10_000_000))
def test_mutilated_diagrams_are_refused_or_run_but_never_crash(seed: int) -> None:
    chance = random.Random(seed)
    root = etree.fromstring(Writer().diagram(Generator(seed).diagram()))
    for _ in range(chance.randint(1, 4)):
        nodes = [node for node in root.iter() if node is not root]
        node = chance.choice(nodes)
        what = chance.randrange(4)
        if what == 0 and node.getparent() is not None:
            node.getparent().remove(node)
        elif what == 1 and node.attrib:
            del node.attrib[chance.choice(list(node.attrib))]
        elif what == 2 and node.attrib:
            node.set(chance.choice(list(node.attrib)), chance.choice(nodes).get("id") or "")
        else:
            node.tag = chance.choice(nodes).tag
    try:
        play = Play(load_diagram(etree.tostring(root)))
        for _ in range(8):
            if play.step.tasks:
                play.done(chance.choice(play.open))
            elif play.step.waits:
                play.got(play.step.waits[0].element_id)
            else:
                play.later(days=400)
    except ZuozhenError as error:
        assert "出错：" not in error.message, error.message
