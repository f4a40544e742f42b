"""``textfield`` and ``textarea``: free text, e-mail addresses, telephone numbers, credit codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from zuozhen.formjs.cleaning import LINE_LIMIT, TEXT_LIMIT, clean_line, clean_text
from zuozhen.formjs.components.base import Answerable, Control, State
from zuozhen.formjs.credit_codes import credit_code_problem, normalize_credit_code
from zuozhen.formjs.patterns import MATCHED_LENGTH, UnsafePattern, compile_pattern
from zuozhen.formjs.phones import mobile_problem, normalize_phone, phone_problem
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(?:\.[^@\s.]{1,63}){1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Check:
    """A named check of the ``check`` property: normalise first, then say what is wrong."""

    normalize: Callable[[str], str]
    problem: Callable[[str], str]
    attributes: Mapping[str, str]


def _email_problem(text: str) -> str:
    if _EMAIL.fullmatch(text):
        return ""
    return "电子邮箱格式不对，应类似 name@example.com，请核对"


CHECKS: Mapping[str, Check] = {
    "credit_code": Check(
        normalize_credit_code,
        credit_code_problem,
        {"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"},
    ),
    "phone": Check(normalize_phone, phone_problem, {"type": "tel", "autocomplete": "tel"}),
    "mobile": Check(normalize_phone, mobile_problem, {"type": "tel", "autocomplete": "tel"}),
    "email": Check(clean_line, _email_problem, {"type": "email", "autocomplete": "email"}),
}


class TextField(Answerable):
    """One line of text."""

    type = "textfield"
    control: ClassVar[Control] = "input"
    usual_limit = 500
    hard_limit = LINE_LIMIT

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        validate = reader.mapping("validate")
        self.pattern = self._pattern(validate)
        self.pattern_message = validate.text("patternErrorMessage")
        self.pattern_hint = self.properties.get("pattern.hint", "")
        self.check_name = self._check_name(reader, validate.text("validationType"))

    @staticmethod
    def _pattern(validate: Reader) -> re.Pattern[str] | None:
        text = validate.text("pattern")
        if not text:
            return None
        try:
            return compile_pattern(text)
        except UnsafePattern as reason:
            validate.error("form-pattern", str(reason), "请改用较简单的格式规则，或删除该规则")
            return None

    def _check_name(self, reader: Reader, validation_type: str) -> str:
        name = self.properties.get("check", "")
        if name and name not in CHECKS:
            reader.error("form-check", f"没有名为 {name} 的校验", f"可用的校验：{'、'.join(CHECKS)}")
            return ""
        return name or {"email": "email", "phone": "phone"}.get(validation_type, "")

    @property
    def page_kind(self) -> str:
        """Return that a page cannot normalise codes, else one line."""
        return "code" if self.check_name else "line"

    def parse(self, typed: Sequence[str]) -> Json:
        """Return the cleaned (and, for codes and numbers, normalised) text."""
        text = self.clean(typed[0]) if typed else ""
        if text and self.check_name:
            text = CHECKS[self.check_name].normalize(text)
        return text or None

    def clean(self, text: str) -> str:
        """Return the text as it is kept."""
        return clean_line(text)

    def coerce(self, value: Json) -> Json:
        """Return a stored text; a number counts as its text."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return (self.clean(value) or None) if isinstance(value, str) else None

    def check(self, value: Json, state: State) -> Iterator[str]:
        """Yield what is wrong: length, pattern, then the named check."""
        length, low, high = len(value), self._low(state), self.longest(state)
        if length > high:
            yield f"最多 {high} 个字，现在是 {_counted(length, self.hard_limit)} 个字，请删减"
        elif length < low:
            yield f"至少 {low} 个字，现在是 {length} 个字，请补充"
        if self.pattern is not None and not self.pattern.search(value[:MATCHED_LENGTH]):
            yield self.pattern_message or f"格式不对，{self.pattern_hint or '请按说明填写'}"
        if self.check_name and (problem := CHECKS[self.check_name].problem(value)):
            yield problem

    def longest(self, state: State) -> int:
        """Return the number of characters allowed."""
        limit = state.limits.get("maxLength", self.usual_limit)
        return max(1, min(int(limit), self.hard_limit))

    @staticmethod
    def _low(state: State) -> int:
        return int(state.limits.get("minLength", 0))

    def attributes(self, state: State) -> Mapping[str, str]:
        """Return type, length and keyboard hints."""
        # Codes and numbers are often pasted with spaces in them: they get room beyond their length.
        room = 20 if self.check_name else 0
        kind = CHECKS[self.check_name].attributes if self.check_name else {}
        return {"type": "text", "maxlength": str(self.longest(state) + room), **kind}


class TextArea(TextField):
    """Several lines of text."""

    type = "textarea"
    control = "textarea"
    usual_limit = 5_000
    hard_limit = TEXT_LIMIT

    @property
    def page_kind(self) -> str:
        """Return that a page cannot normalise codes, else several lines."""
        return "code" if self.check_name else "lines"

    def clean(self, text: str) -> str:
        """Return the text with line feeds only."""
        return clean_text(text)

    def attributes(self, state: State) -> Mapping[str, str]:
        """Return length and height."""
        # Browsers count a line break as one character, we count the same: no room needed.
        longest = self.longest(state)
        rows = 8 if longest > 2_000 else 5 if longest > 1_000 else 3
        return {"maxlength": str(longest), "rows": str(rows)}


def _counted(length: int, limit: int) -> str:
    return f"超过 {limit}" if length > limit else str(length)
