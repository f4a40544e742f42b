"""``number``: whole and decimal numbers, typed in half or full width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from zuozhen.formjs.cleaning import narrow
from zuozhen.formjs.components.base import Answerable, State
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import NUMBER, TEXT, Type

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})")


class Number(Answerable):
    """A number; the answer is an integer or a float, or its text with ``serializeToString``."""

    type = "number"
    control = "input"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.digits = reader.whole("decimalDigits", 0, 10)
        self.as_text = reader.flag("serializeToString")
        self.increment = self._increment(reader)

    @staticmethod
    def _increment(reader: Reader) -> Decimal | None:
        value = reader.raw.get("increment")
        if value is None or value == "":
            return None
        try:
            step = Decimal(str(value))
        except InvalidOperation:
            step = Decimal(0)
        if not step.is_finite() or step <= 0:
            reader.error("form-type", "属性 increment 应为大于 0 的数字", "请在表单编辑器中重新设置步长")
            return None
        return step

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return number, or text where the answer is kept as text."""
        return TEXT if self.as_text else NUMBER

    @property
    def page_kind(self) -> str:
        """Return whether it is a number or the text of one."""
        return "number text" if self.as_text else "number"

    def parse(self, typed: Sequence[str]) -> Json:
        """Return the number; raises ``ValueError`` if it is none."""
        text = narrow(typed[0]).replace(",", "").replace(" ", "") if typed else ""
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValueError("请填写数字，如 12 或 3.5")
        return self._answer(Decimal(text))

    def _answer(self, number: Decimal) -> Json:
        if self.as_text:
            return format(number, "f")
        return int(number) if number == number.to_integral_value() else float(number)

    def coerce(self, value: Json) -> Json:
        """Return a stored number or number text."""
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return None
        try:
            return self.parse([str(value)])
        except ValueError:
            return None

    def check(self, value: Json, state: State) -> Iterator[str]:
        """Yield what is wrong: decimal places, range, step."""
        number = Decimal(str(value))
        places = -int(number.normalize().as_tuple().exponent)
        if self.digits is not None and places > self.digits:
            yield "请填写整数" if self.digits == 0 else f"小数最多 {self.digits} 位"
        low, high = state.limits.get("min"), state.limits.get("max")
        if low is not None and number < Decimal(str(low)):
            yield f"不能小于 {low}"
        if high is not None and number > Decimal(str(high)):
            yield f"不能大于 {high}"
        if self.increment is not None and number % self.increment != 0:
            yield f"应为 {self.increment} 的倍数"

    def attributes(self, state: State) -> Mapping[str, str]:  # noqa: ARG002
        """Return a text input with a number keyboard: number inputs drop what they cannot read."""
        return {
            "type": "text",
            "inputmode": "numeric" if self.digits == 0 else "decimal",
            "autocomplete": "off",
        }
