"""Each rule finds its mistake at the right place, says so in Chinese, and is silent on the good twin."""

from __future__ import annotations

import re

import pytest
from tests.engine_lint.cases_content import CONTENT_CASES
from tests.engine_lint.cases_ends import ENDS_CASES
from tests.engine_lint.cases_flow import FLOW_CASES
from tests.engine_lint.cases_shape import SHAPE_CASES
from tests.engine_lint.cases_votes import VOTE_CASES
from tests.engine_lint.samples import Case
from tests.engine_lint.world import CONTEXT

from zuozhen.engine.lint import RULES, lint

CASES = [*SHAPE_CASES, *CONTENT_CASES, *FLOW_CASES, *ENDS_CASES, *VOTE_CASES]
NAMES = [f"{case.code}-{position}" for position, case in enumerate(CASES)]
SEVERITIES = {rule.code: rule.severity for rule in RULES}


def line_of(case: Case) -> int:
    """Return the line on which the finding must be, counted in the text and not by the parser."""
    wanted = case.at or f' id="{case.element}"'
    lines = [number for number, text in enumerate(case.bad.decode().split("\n"), 1) if wanted in text]
    assert lines, f"no line with {wanted}"
    return lines[0]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_bad_diagram(case: Case) -> None:
    findings = lint(case.bad, file="p/p.bpmn", context=CONTEXT)
    codes = {finding.code for finding in findings}
    assert codes - case.also == {case.code}, [str(finding) for finding in findings]
    hits = [finding for finding in findings if finding.code == case.code]
    places = {(finding.element, finding.line) for finding in hits}
    assert (case.element, line_of(case)) in places
    for finding in hits:
        assert finding.file == "p/p.bpmn"
        assert finding.severity == SEVERITIES[case.code]
        assert re.search(r"[\u4e00-\u9fff]", finding.message), "the message is not Chinese"
        assert finding.hint


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_good_twin(case: Case) -> None:
    assert lint(case.good, file="p.bpmn", context=CONTEXT) == ()


def test_every_rule_has_a_bad_example() -> None:
    assert {case.code for case in CASES} == {rule.code for rule in RULES}


def test_codes_are_unique_and_kebab_case() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_findings_come_in_the_order_of_lines_and_name_elements() -> None:
    bad = next(case.bad for case in CASES if case.code == "implicit-split")
    findings = lint(bad, file="p.bpmn", context=CONTEXT)
    assert [finding.line for finding in findings] == sorted(finding.line or 0 for finding in findings)
    assert any("“t号”" in finding.message for finding in findings)
