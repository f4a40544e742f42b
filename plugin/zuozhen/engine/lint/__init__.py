"""Checks a BPMN diagram before it is deployed. Reads the XML itself; runs nothing of the engine."""

from __future__ import annotations

from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing
from zuozhen.engine.lint.rules import RULES
from zuozhen.engine.lint.source import read_source
from zuozhen.model.errors import ContentError, Finding

__all__ = ["RULES", "LintContext", "lint", "read_source"]


def lint(xml: bytes, *, file: str, context: LintContext) -> tuple[Finding, ...]:
    """Return everything wrong with a diagram, in the order of its lines; never raises.

    ``file`` is the path put into the findings. A file that cannot be read gives the reason as its
    only finding. The same bytes and context always give the same findings.
    """
    try:
        root = read_source(xml, file=file)
    except ContentError as error:
        return error.findings
    drawing = Drawing(root)
    findings = {finding: None for rule in RULES for finding in rule.findings(drawing, context, file)}
    return tuple(sorted(findings, key=lambda finding: finding.line or 0))
