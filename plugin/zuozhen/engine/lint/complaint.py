"""What a rule yields and how it is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Flow, Node, Scope
from zuozhen.engine.lint.source import line_of
from zuozhen.model.errors import Finding, Severity


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong at a place of the drawing; ``hint`` says how to mend it."""

    at: Node | Flow | Scope | etree._Element
    message: str
    hint: str

    @property
    def element(self) -> etree._Element:
        """The XML element of the place."""
        return self.at.element if isinstance(self.at, (Node, Flow, Scope)) else self.at


Check: TypeAlias = Callable[[Drawing, LintContext], Iterator[Complaint]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with the stable code of its findings."""

    code: str
    severity: Severity
    check: Check

    def findings(self, drawing: Drawing, context: LintContext, file: str) -> Iterator[Finding]:
        """Run the check and turn its complaints into findings."""
        for complaint in self.check(drawing, context):
            element = complaint.element
            yield Finding(
                self.severity,
                self.code,
                complaint.message,
                file=file,
                element=element.get("id") or "",
                line=line_of(element),
                hint=complaint.hint,
            )
