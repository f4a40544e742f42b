"""Checks a BPMN diagram before it is deployed. Reads the XML itself; runs nothing of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing
from zuozhen.engine.lint.rules import RULES
from zuozhen.engine.lint.source import read_source
from zuozhen.engine.lint.variables import Variables
from zuozhen.feel.lifting import temporal_parts
from zuozhen.model.errors import ContentError, Finding
from zuozhen.model.types import Type

MAX_FINDINGS = 500
"""Findings of one file that are listed."""

__all__ = ["RULES", "LintContext", "lint", "read_source", "temporal_variables", "variable_types"]


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
    found = {finding: None for rule in RULES for finding in rule.findings(drawing, context, file)}
    findings = sorted(found, key=lambda finding: finding.line or 0)
    if len(findings) > MAX_FINDINGS:
        message = f"问题共有 {len(findings)} 处，只列出前 {MAX_FINDINGS} 处"
        last = Finding("error", "too-many-findings", message, file=file, hint="请先改正已列出的，再检查一次")
        findings = [*findings[:MAX_FINDINGS], last]
    return tuple(findings)


def temporal_variables(xml: bytes, context: LintContext) -> Mapping[str, Mapping[str, Type]]:
    """Return, by process, the variables of a diagram that hold dates or times.

    Raises:
        ContentError: the file cannot be read.
    """
    drawing = Drawing(read_source(xml, file=""))
    variables = Variables(drawing, context)
    return {process.id: temporal_parts(variables.of(process.id)) for process in drawing.processes}


def variable_types(xml: bytes, context: LintContext) -> Mapping[str, Type]:
    """Return what the variables of a diagram are, whatever process of it they belong to.

    One that is not the same everywhere is left out. Raises as :func:`temporal_variables`.
    """
    drawing = Drawing(read_source(xml, file=""))
    variables = Variables(drawing, context)
    found: dict[str, Type | None] = {}
    for process in drawing.processes:
        for name, kind in variables.of(process.id).items():
            found[name] = kind if found.get(name, kind) == kind else None
    return {name: kind for name, kind in found.items() if kind is not None}
