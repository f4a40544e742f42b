"""Whatever the loader refuses, or the engine would refuse when a case gets there, the check finds before."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from tests.engine.play import Play
from tests.engine_lint.build import (
    CLAUSE,
    HEAD,
    boundary,
    catch,
    diagram,
    document,
    end,
    flow,
    gateway,
    message,
    node,
    outputs,
    path,
    process,
    service,
    start,
    straight,
    sub_process,
    throw,
    timer,
    user,
)
from tests.engine_lint.cases_content import CONTENT_CASES
from tests.engine_lint.cases_ends import ENDS_CASES, nested
from tests.engine_lint.cases_flow import FLOW_CASES, thrown
from tests.engine_lint.cases_shape import SHAPE_CASES
from tests.engine_lint.samples import PLAIN, choice, messaging, parallel, timed
from tests.engine_lint.world import CONTEXT

from zuozhen.engine import findings, load_diagram, loading, nodes, parser
from zuozhen.engine.lint import lint
from zuozhen.model.errors import ContentError, EngineError

LOOP = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="{}" />'
ERROR = "<bpmn:errorEventDefinition />"


def errors(xml: bytes) -> set[str]:
    found = lint(xml, file="p.bpmn", context=CONTEXT)
    return {finding.code for finding in found if finding.severity == "error"}


LOADER = {
    "process": document(),
    "size": diagram(start(), *(user(f"t{n}") for n in range(300)), end()),
    "unsupported": PLAIN.replace(b"userTask", b"scriptTask"),
    "id": straight(user(), user("")),
    "flow": PLAIN.replace(b'targetRef="e"', b'targetRef="nowhere"'),
    "condition": straight(user()).replace(
        b'targetRef="e"></', b'targetRef="e"><bpmn:conditionExpression>true</bpmn:conditionExpression></'
    ),
    "start": diagram(user(), end(), path("t", "e")),
    "boundary": straight(user(), boundary("late", "gone", timer("PT1H"))),
    "expression": straight(user(group="=(")),
    "message": straight(catch("in", message("gone"), key="case_key")),
    "timer": timed(""),
    "event": straight(catch("in", "")),
    "topic": straight(service("n", "")),
    "retime": straight(user(), service("n", "retime")),
    "multi-instance": straight(user(body=LOOP.format(""))),
    "vote": straight(user(), user("n", body=LOOP.format("joint_units"), vote="majority", outcome="joint")),
    "call": straight(node("callActivity", "c", attrs='calledElement="gone"')),
    "code": PLAIN.replace(b"<bpmn:process", b'<bpmn:error name="x" />\n<bpmn:process', 1),
}
"""A diagram for each kind of finding of the loader."""


@pytest.mark.parametrize("code", LOADER)
def test_what_the_loader_refuses(code: str) -> None:
    with pytest.raises(ContentError) as caught:
        load_diagram(LOADER[code])
    assert code in {finding.code for finding in caught.value.findings}
    assert errors(LOADER[code])


def test_every_kind_of_refusal_has_a_diagram() -> None:
    """The kinds are read from the loader's sources, so that a new one is not forgotten."""
    modules = (loading, parser, nodes, findings)
    text = "".join(Path(module.__file__ or "").read_text() for module in modules)
    assert set(re.findall(r'(?:problems|self)\.add(?:_at)?\(\s*"([a-z-]+)"', text)) == LOADER.keys()


def test_damaged_files_that_the_loader_refuses_are_found() -> None:
    """Lines lost, moved, doubled, ids and tags exchanged: the loader never says what the check did not."""
    random, refused = Random(3), 0
    swaps = [b'"s"', b'"t"', b'"e"', b'"x"', b'""', b'"true"', b'"false"', b"userTask", b"endEvent"]
    for case in [*SHAPE_CASES, *CONTENT_CASES, *FLOW_CASES, *ENDS_CASES]:
        lines = case.good.split(b"\n")
        for _ in range(2):
            damaged = list(lines)
            here, there = random.randrange(4, len(lines) - 1), random.randrange(4, len(lines) - 1)
            match random.randrange(4):
                case 0:
                    del damaged[here]
                case 1:
                    damaged[here], damaged[there] = damaged[there], damaged[here]
                case 2:
                    damaged.insert(here, damaged[there])
                case 3:
                    swap = random.sample(swaps, 2)
                    damaged = [line.replace(*swap) for line in damaged]
            xml = b"\n".join(damaged)
            try:
                load_diagram.__wrapped__(xml)
            except ContentError as error:
                refused += 1
                assert errors(xml), f"{case.code}: {error}"
    assert refused > 100


def gate(*conditions: str, answers: str = "") -> bytes:
    """A gateway without a default flow."""
    flows = [flow("x", f"a{n}", text) for n, text in enumerate(conditions)]
    ends = [line for n in range(len(conditions)) for line in (user(f"a{n}"), path(f"a{n}", "e"))]
    return diagram(start(), user(), gateway("exclusive", "x"), *ends, end(), path("s", "t", "x"), *flows)


def round_and_round(*middle: str) -> bytes:
    """A loop in which nothing stops."""
    names = [found for each in middle if (found := re.search(r'<bpmn:\w+ id="([^"]+)"', each))]
    way = path("y", *(found[1] for found in names), "x")
    gates = (gateway("exclusive", "y", clause=""), gateway("exclusive", "x", default="x_y"))
    return diagram(
        start(), user(), *gates, *middle, end(), path("s", "t", "y"), way, flow("x", "y"), flow("x", "e", 'decision = "stop"')
    )  # fmt: skip


INNER = sub_process("u", start("s2"), service("n", "archive"), end("e2"), path("s2", "n", "e2"))

ENGINE = [
    ("条件都不成立|各条件都不成立", gate('decision = "a"', 'decision = "b"'), {"decision": "c"}),
    ("没有被任何边界事件接住", thrown(code="back", caught="-"), {}),
    ("没有被任何边界事件接住", straight(user(), end("bad", ERROR)).replace(b'targetRef="e"', b'targetRef="bad"'), {}),
    ("嵌套超过20层", nested(21), {}),
    ("不停循环", round_and_round(service("n", "archive")), {}),
    ("不停循环", round_and_round(INNER), {}),
    ("不停循环", round_and_round(catch("w", timer("2020-01-01"), clause=CLAUSE)), {}),
    ("不停循环", round_and_round(catch("w", timer("PT0S"), clause=CLAUSE)), {}),
    ("等不到其他分支", parallel("exclusive", "parallel", default="x_a"), {}),
    ("没有连线", diagram(start(), user(), service("n", "archive"), end(), path("s", "t", "n")), {}),
    ("办理角色应只有一个", straight(user(group="window,leader")), {}),
    ("办理角色", straight(user("f", form="other"), user(group="=reception_unit")), {}),
    ("关联键", straight(throw("out", message(), key="note"), user(form="other")), {}),
    ("不是ISO时长", messaging(ttl="90"), {}),
    ("间隔是零", timed("R/PT0S", element="timeCycle"), {}),
    ("没有得到更晚的时间", timed('date("2026-06-01")', element="timeCycle"), {}),
    ("应得到日期、时间或时长", timed("1 + 1"), {}),
    ("应得到日期、时间或时长", straight(user("f", form="dated"), user(), boundary("late", "t", timer("maybe_on")), end("e2"), flow("late", "e2")), {}),
    ("应是列表或次数", straight(user(body=LOOP.format("-1"))), {}),
    ("应是列表或次数", straight(user(body=LOOP.format("1001"))), {}),
    ("新期限", straight(user(form="other"), boundary("late", "t", timer("workdays(1)"), interrupting=False, clause=CLAUSE), end("e9"), flow("late", "e9"), service("n", "retime", activity="t", until="extend_until"), user("z")), {}),
    ("没有这个函数|不认识|没有名为", straight(user(inner=outputs(day="tomorrow(1)"))), {}),
]  # fmt: skip
"""What the engine says when a case gets there, the diagram, and what is answered in every form."""


@pytest.mark.parametrize(("says", "xml", "answers"), ENGINE, ids=range(len(ENGINE)))
def test_what_the_engine_would_refuse(says: str, xml: bytes, answers: dict[str, str]) -> None:
    with pytest.raises(EngineError, match=says):
        play_through(xml, answers)
    assert errors(xml) or "value-empty" in {each.code for each in lint(xml, file="p.bpmn", context=CONTEXT)}


def play_through(xml: bytes, answers: dict[str, str]) -> None:
    """Do every task and let every timer pass, until the case has ended."""
    play = Play(load_diagram(xml), {"case_key": "k"}, process="p")
    for _ in range(12):
        if play.step.ended:
            return
        if play.step.timers:
            play.later(seconds=max(0.0, (play.step.timers[0].due_at - play.now) / timedelta(seconds=1)))
        elif play.step.tasks:
            play.done(play.step.tasks[0].element_id, **answers)
        else:
            return


def test_a_called_process_begins_at_its_plain_start() -> None:
    inner = (
        start("s3", message()),
        start("s2"),
        user("t2"),
        end("e2"),
        path("s2", "t2", "e2"),
        path("s3", "t2"),
    )
    call = node("callActivity", "c", attrs='calledElement="q"')
    xml = document(
        '<bpmn:message id="m" name="安排" />',
        process(start(), call, end(), path("s", "c", "e")),
        process(*inner, id_="q"),
    )
    play = Play(load_diagram(xml), process="p")
    assert play.open == ["t2"]
    play.done("t2")
    assert play.ended == "e"


def test_drawings_are_not_executed() -> None:
    """The enterprise's pool without nodes, and one that is only a sketch."""
    sketch = '<bpmn:process id="k" isExecutable="false"><bpmn:task id="k1" /></bpmn:process>'
    empty = '<bpmn:process id="z" name="企业" isExecutable="true" />'
    xml = PLAIN.replace(b"<bpmndi:BPMNDiagram>", f"{sketch}{empty}<bpmndi:BPMNDiagram>".encode(), 1)
    assert xml != PLAIN and HEAD
    loaded = load_diagram(xml)
    assert list(loaded.processes) == ["p"] and "k1" not in loaded.elements
    assert errors(xml) == set()
    assert errors(choice('decision = "a"', 'decision = "b"')) == set()
