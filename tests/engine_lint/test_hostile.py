"""Nothing that people upload makes the linter raise, hang or read other files."""

from __future__ import annotations

import time
from random import Random

import pytest
from tests.engine_lint.build import (
    HEAD,
    diagram,
    document,
    end,
    flow,
    gateway,
    node,
    path,
    process,
    start,
    straight,
    sub_process,
    timer,
    user,
)
from tests.engine_lint.cases_content import CONTENT_CASES
from tests.engine_lint.cases_shape import SHAPE_CASES
from tests.engine_lint.samples import PLAIN, parallel, timed
from tests.engine_lint.world import CONTEXT

from zuozhen.engine.lint import LintContext, lint

ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def codes(xml: bytes) -> set[str]:
    return {finding.code for finding in lint(xml, file="p.bpmn", context=CONTEXT)}


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "xml-broken"),
        (b"\x00\xff\xfe", "xml-broken"),
        (b"not xml", "xml-broken"),
        (PLAIN[:-20], "xml-broken"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml-broken"),
        (PLAIN + b" " * (2 * 1024 * 1024), "xml-too-large"),
        (PLAIN.replace(b"?>", b"?>" + ENTITIES.encode(), 1), "xml-doctype"),
        (
            PLAIN.decode().replace("UTF-8", "UTF-16").replace("?>", "?><!DOCTYPE d>", 1).encode("utf-16"),
            "xml-doctype",
        ),
        (b"<html/>", "xml-not-bpmn"),
        (PLAIN.replace(b"20100524/MODEL", b"20100524/OTHER"), "xml-not-bpmn"),
        (b"<a>" * 300 + b"</a>" * 300, "xml-broken"),
    ],
)
def test_unreadable_files_give_one_finding(xml: bytes, code: str) -> None:
    findings = lint(xml, file="p.bpmn", context=CONTEXT)
    assert [finding.code for finding in findings] == [code]
    assert findings[0].severity == "error" and findings[0].file == "p.bpmn" and findings[0].hint


def test_broken_xml_says_the_line() -> None:
    (finding,) = lint(PLAIN.replace(b"</bpmn:process>", b""), file="p.bpmn", context=CONTEXT)
    assert finding.line == PLAIN.count(b"\n") + 1


def test_caps_on_nodes_and_flows() -> None:
    tasks = [user(f"t{number}") for number in range(299)]
    assert codes(diagram(*tasks)) != {"too-many-nodes"}
    assert codes(diagram(start(), *tasks, end())) == {"too-many-nodes"}
    assert codes(diagram(start(), end(), *(flow("s", "e", id_=f"f{n}") for n in range(601)))) == {
        "too-many-nodes"
    }
    many = [process(*(user(f"t{p}_{number}") for number in range(280)), id_=f"p{p}") for p in range(6)]
    assert codes(document(*many)) == {"too-many-nodes"}


def test_the_list_of_findings_is_bounded() -> None:
    twice = ['<bpmn:message id="m" name="x" />'] * 3000
    findings = lint(
        diagram(start(), user(), end(), path("s", "t", "e"), before="\n".join(twice)),
        file="p.bpmn",
        context=CONTEXT,
    )
    assert len(findings) == 501
    assert findings[-1].code == "too-many-findings"


def test_deeply_nested_sub_processes() -> None:
    text = user()
    for level in range(240):
        text = sub_process(f"u{level}", text)
    assert codes(diagram(text)) >= {"start-missing"}


def test_cut_and_shuffled_files_never_raise() -> None:
    """Every table case, damaged in thousands of ways, still gives findings and nothing else."""
    random = Random(7)
    for case in [*SHAPE_CASES, *CONTENT_CASES]:
        lines = case.bad.split(b"\n")
        for _ in range(4):
            damaged = list(lines)
            here, there = random.randrange(4, len(lines) - 1), random.randrange(4, len(lines) - 1)
            match random.randrange(3):
                case 0:
                    del damaged[here]
                case 1:
                    damaged[here], damaged[there] = damaged[there], damaged[here]
                case 2:
                    ids = random.sample([b'"s"', b'"t"', b'"e"', b'"x"', b'""', b'"m"', b'"p"'], 2)
                    damaged = [line.replace(*ids) for line in damaged]
            for finding in lint(b"\n".join(damaged), file="p.bpmn", context=CONTEXT):
                assert finding.message and finding.code


@pytest.mark.parametrize(
    "text",
    ["=" * 1000, "(" * 5000, "[" * 900, '"', "P" * 9999, "R/R/R", "9" * 9000, "-", "${", "workdays(10**9)",
     "for x in 1..100000000 return x", "workdays(-99999999)", "hours(1e400)", 'recurrence("")', "P999999999Y",
     "days(99999999999999999999)", "R99999999999999999999/P1D", "R/", "2026-02-29"],
)  # fmt: skip
def test_hostile_expressions(text: str) -> None:
    assert codes(timed(text))


def test_an_empty_context_knows_nothing() -> None:
    found = {finding.code for finding in lint(PLAIN, file="p.bpmn", context=LintContext())}
    assert found == {"form-unknown", "group-unknown"}


def test_long_names_are_shortened_in_messages() -> None:
    xml = straight(node("userTask", "t", attrs=f'name="{"长" * 5000}"'))
    assert all(len(finding.message) < 200 for finding in lint(xml, file="p.bpmn", context=CONTEXT))


def test_inclusive_gateways_with_many_branches_are_reported_as_not_verified() -> None:
    branches = [line for n in range(20) for line in (user(f"t{n}"), path("x", f"t{n}", "y"))]
    gates = (gateway("inclusive", "x"), gateway("inclusive", "y"))
    found = codes(diagram(start(), *gates, *branches, end(), path("s", "x"), path("y", "e")))
    assert "truncated" in found and "deadlock" not in found


def test_a_realistic_diagram_is_fast() -> None:
    """Sixty tasks with deadlines, choices and loops: the budget is 150 ms, measured in processor time."""
    lines = [start(), end()]
    chain = ["s"]
    for n in range(20):
        lines += [user(f"t{n}"), user(f"a{n}"), user(f"r{n}"), end(f"z{n}")]
        lines += [gateway("exclusive", f"x{n}", default=f"x{n}_{'e' if n == 19 else f't{n + 1}'}")]
        late = f'<bpmn:boundaryEvent id="l{n}" name="l" attachedToRef="t{n}" cancelActivity="false">'
        lines += [f"{late}{timer('workdays(10)')}</bpmn:boundaryEvent>", path(f"l{n}", f"r{n}", f"z{n}")]
        lines += [flow(f"x{n}", f"a{n}", f'decision = "a{n}"'), flow(f"a{n}", f"t{n}")]
        chain += [f"t{n}", f"x{n}"]
    xml = diagram(*lines, path(*chain, "e"))
    assert codes(xml) == set()
    best = min(_seconds(xml) for _ in range(3))
    assert best < 0.15, f"{best * 1000:.0f} ms"


def _seconds(xml: bytes) -> float:
    begin = time.process_time()
    lint(xml, file="p.bpmn", context=CONTEXT)
    return time.process_time() - begin


def test_the_same_file_gets_the_same_findings() -> None:
    xml = parallel("exclusive", "parallel", default="x_a")
    assert lint(xml, file="p.bpmn", context=CONTEXT) == lint(xml, file="p.bpmn", context=CONTEXT)


def test_comments_and_processing_instructions_are_passed_over() -> None:
    xml = PLAIN.replace(b"<bpmn:process", b"<!-- a --><?b c?><bpmn:process", 1)
    assert xml.startswith(HEAD[:20].encode()) and codes(xml) == set()
