"""Reading form-js JSON: every mismatch becomes a finding with its place, never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from zuozhen.formjs.expressions import (
    Condition,
    Rule,
    Template,
    compile_condition,
    compile_rule,
    compile_template,
)
from zuozhen.model.errors import FeelError, Finding

Compiled = TypeVar("Compiled")

MAXIMUM_BYTES = 512 * 1024
MAXIMUM_FINDINGS = 100


class Report:
    """Collects the findings of one form file and knows its text, so that each finding gets a line."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.source = source
        self.findings: list[Finding] = []

    @property
    def broken(self) -> bool:
        """Tell whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    def error(
        self, code: str, message: str, *, element: str = "", line: int | None = None, hint: str = ""
    ) -> None:
        """Note an error; after :data:`MAXIMUM_FINDINGS` further ones are dropped."""
        self._note(Finding("error", code, message, self.file, element, line or self._line(element), hint))

    def warning(self, code: str, message: str, *, element: str = "", hint: str = "") -> None:
        """Note something that works but is probably not meant."""
        self._note(Finding("warning", code, message, self.file, element, self._line(element), hint))

    def _note(self, finding: Finding) -> None:
        if len(self.findings) < MAXIMUM_FINDINGS:
            self.findings.append(finding)

    def _line(self, element: str) -> int | None:
        """Return the line on which the element's key, path or id is written."""
        if not element or not self.source:
            return None
        quoted = json.dumps(element.rpartition(".")[2], ensure_ascii=False)
        for name in ("key", "path", "id"):
            for colon in (": ", ":"):
                position = self.source.find(f'"{name}"{colon}{quoted}')
                if position >= 0:
                    return self.source.count("\n", 0, position) + 1
        return None


class Reader:
    """Typed access to one JSON object of a form; ``element`` names it in findings."""

    def __init__(self, raw: Mapping[str, Any], element: str, report: Report) -> None:
        self.raw = raw
        self.element = element
        self.report = report

    def error(self, code: str, message: str, hint: str = "") -> None:
        """Note an error at this element."""
        self.report.error(code, message, element=self.element, hint=hint)

    def _mistyped(self, name: str, wanted: str) -> None:
        self.error("form-type", f"属性 {name} 应为{wanted}", "请在表单编辑器中重新设置该属性后保存")

    def has(self, name: str) -> bool:
        """Tell whether the property is present and not null."""
        return self.raw.get(name) is not None

    def text(self, name: str, default: str = "", *, limit: int = 2_000) -> str:
        """Return a text property of at most ``limit`` characters."""
        value = self.raw.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            self._mistyped(name, "文字")
            return default
        if len(value) > limit:
            self.error("form-limit", f"属性 {name} 最多 {limit} 个字", "请缩短文字")
            return default
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a yes/no property."""
        value = self.raw.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._mistyped(name, "是/否（true/false）")
            return default
        return value

    def whole(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number between ``low`` and ``high``, or ``None`` if absent."""
        value = self.raw.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._mistyped(name, f"{low} 至 {high} 的整数")
            return None
        return value

    def mapping(self, name: str) -> Reader:
        """Return a reader of a nested object; an absent one is empty."""
        value = self.raw.get(name)
        if value is not None and not isinstance(value, Mapping):
            self._mistyped(name, "对象")
        return Reader(value if isinstance(value, Mapping) else {}, self.element, self.report)

    def items(self, name: str) -> Sequence[Any]:
        """Return a list property; an absent one is empty."""
        value = self.raw.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._mistyped(name, "列表")
            return ()
        return value

    def rule(self, name: str) -> Rule | None:
        """Return a compiled FEEL property, or ``None`` if absent or empty."""
        return self._compiled(name, compile_rule)

    def condition(self, name: str) -> Condition | None:
        """Return a compiled unary test, or ``None`` if absent or empty."""
        return self._compiled(name, compile_condition)

    def template(self, name: str, *, limit: int = 2_000) -> Template:
        """Return a compiled label or text."""
        return self._compiled(name, compile_template, limit) or Template()

    def _compiled(
        self, name: str, compiler: Callable[[str], Compiled], limit: int = 2_000
    ) -> Compiled | None:
        text = self.text(name, limit=limit)
        if not text.strip():
            return None
        try:
            return compiler(text)
        except FeelError as reason:
            at = "" if reason.position is None else f"（第 {reason.position + 1} 个字符附近）"
            self.error(
                "form-feel",
                f"属性 {name} 中的表达式无法识别{at}：{reason.message}",
                reason.hint or "请检查表达式的写法",
            )
            return None

    def flag_or_rule(self, name: str) -> bool | Rule:
        """Return a property that is a yes/no or a FEEL text."""
        if isinstance(self.raw.get(name), str):
            return self.rule(name) or False
        return self.flag(name)

    def number_or_rule(self, name: str) -> int | float | Rule | None:
        """Return a property that is a number, a number as text, or a FEEL text."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self.rule(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e15:
            self._mistyped(name, "数字")
            return None
        return value

    def properties(self) -> Mapping[str, str]:
        """Return the ``properties`` map; form-js keeps texts in it, numbers and yes/no are made texts."""
        result: dict[str, str] = {}
        for name, value in self.mapping("properties").raw.items():
            if isinstance(value, bool):
                result[name] = "true" if value else "false"
            elif isinstance(value, (str, int, float)) and len(str(value)) <= 4_000:
                result[name] = str(value)
            else:
                self._mistyped(f"properties.{name}", "文字")
        return result

    def hint(self, properties: Mapping[str, str]) -> Reader:
        """Return a reader of the ``properties`` map, for those that hold FEEL or numbers."""
        return Reader(properties, self.element, self.report)


def read_json(source: bytes | str | Mapping[str, Any], report: Report) -> Mapping[str, Any] | None:
    """Parse a form file; ``None`` (with a finding) if it is no JSON object that can be used."""
    if isinstance(source, Mapping):
        return source
    if len(source) > MAXIMUM_BYTES:
        report.error("form-size", f"表单文件超过 {MAXIMUM_BYTES // 1024} KB", hint="请拆成几个表单")
        return None
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        report.source = text
        raw = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        json.dumps(raw, ensure_ascii=False).encode()
    except json.JSONDecodeError as reason:
        report.error(
            "form-json",
            "表单文件不是正确的 JSON",
            line=reason.lineno,
            hint=f"请检查第 {reason.colno} 列附近的标点和引号",
        )
        return None
    except RecursionError:
        report.error("form-json", "表单嵌套层数过多", hint="请减少分组的层数")
        return None
    except (UnicodeError, ValueError):
        report.error("form-json", "表单文件含有无法识别的字符或数字", hint="请用 UTF-8 编码保存")
        return None
    if not isinstance(raw, dict):
        report.error("form-json", "表单文件的最外层应为一个对象", hint="请上传表单编辑器导出的文件")
        return None
    return raw


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise ValueError(text)
    return value
