"""Collects what is wrong with a diagram, so that one look shows everything."""

from __future__ import annotations

from zuozhen.feel import Expression, compile_expression
from zuozhen.model.errors import ContentError, FeelError, Finding
from zuozhen.packs.safexml import XmlElement


class Collector:
    """Findings of one diagram, and all variable names its expressions read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.names: set[str] = set()
        self.collected: set[str] = set()
        """What multi-instance activities take from each instance."""

    def add(self, code: str, message: str, node: XmlElement, hint: str = "") -> None:
        """Note a problem at an XML node."""
        label = " ".join((node.get("name") or node.get("id") or "").split())
        text = f"“{label}”：{message}" if label else message
        self.add_at(code, text, node.get("id") or "", node.sourceline, hint)

    def add_at(self, code: str, message: str, element: str, line: int | None, hint: str = "") -> None:
        """Note a problem at an element id and line."""
        self.findings.append(Finding("error", code, message, element=element, line=line, hint=hint))

    def expression(self, text: str, node: XmlElement) -> Expression | None:
        """Compile FEEL text drawn at ``node``; note a problem and return None if it is wrong."""
        try:
            compiled = compile_expression(text)
        except FeelError as error:
            self.add(
                "expression", f"表达式 {text} 有误：{error.message}", node, error.hint or "请改正该表达式"
            )
            return None
        self.names |= compiled.names
        return compiled

    def raise_if_any(self) -> None:
        """Raise :class:`ContentError` with all findings, if there are any."""
        if not self.findings:
            return
        first, more = self.findings[0], len(self.findings) - 1
        tail = f"（另有{more}处问题）" if more else ""
        place = f"第{first.line}行 " if first.line else ""
        raise ContentError(f"流程图不能执行：{place}{first.message}{tail}", self.findings, hint=first.hint)
