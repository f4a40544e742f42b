"""``datetime``: a date, a time of day, or both, local to the administration (Asia/Shanghai)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time

from zuozhen.formjs.cleaning import narrow
from zuozhen.formjs.components.base import Answerable, Choice, State
from zuozhen.formjs.schema import Reader
from zuozhen.model.clock import LOCAL
from zuozhen.model.step import Json
from zuozhen.model.types import DATE, DATE_TIME, TIME, Type

_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"([0-9]{1,2})(?::|时|点)([0-9]{2})(?:分|:[0-9]{2}(?:\.[0-9]+)?)?(?:\+08:00)?")
_YEARS = range(1900, 2200)
_TYPES = {"date": DATE, "time": TIME, "datetime": DATE_TIME}


class Moment(Answerable):
    """A date (``2024-11-05``), a time (``09:00``) or a date with time (``2024-11-05T09:00:00+08:00``)."""

    type = "datetime"
    control = "input"
    verb = "选择"
    limit_types = (str,)

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.subtype = reader.text("subtype", "date")
        if self.subtype not in ("date", "time", "datetime"):
            reader.error("form-type", "属性 subtype 应为 date、time 或 datetime", "请重新选择日期类型")
            self.subtype = "date"
        own = "timeLabel" if self.subtype == "time" else "dateLabel"
        if reader.has(own):
            self.label = reader.template(own)
        self.not_before_today = reader.flag("disallowPassedDates")
        hints = reader.hint(self.properties)
        for name in ("min", "max"):
            if (rule := hints.rule(f"date.{name}")) is not None:
                self.limits[name] = rule

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return date, time or date and time: for FEEL the answer is that, not its text."""
        return _TYPES[self.subtype]

    @property
    def page_kind(self) -> str:
        """Return the type of the answer."""
        return _TYPES[self.subtype].kind

    def parse(self, typed: Sequence[str]) -> Json:
        """Return ISO text; raises ``ValueError`` if it is no date or time."""
        text = narrow(typed[0]) if typed else ""
        return self._iso(text) if text else None

    def _iso(self, text: str) -> str:
        if self.subtype == "date":
            return _date(text).isoformat()
        if self.subtype == "time":
            return _time(text).isoformat("minutes")
        day, _, clock = text.replace("T", " ").partition(" ")
        if not clock.strip():
            raise ValueError("请同时填写日期和时间，如 2024-11-05 09:00")
        return datetime.combine(_date(day), _time(clock.strip()), LOCAL).isoformat()

    def coerce(self, value: Json) -> Json:
        """Return a stored ISO text of the right kind."""
        if not isinstance(value, str):
            return None
        # A full instant may prefill a date field: only its day counts.
        text = value[:10] if self.subtype == "date" and value[10:11] == "T" else value
        try:
            return self.parse([text])
        except ValueError:
            return None

    def shown(self, value: Json) -> str:
        """Return the text that a date or time input takes; anything else unchanged."""
        valid = self.coerce(value)
        if valid is None:
            return super().shown(value)
        return str(valid)[:16] if self.subtype == "datetime" else str(valid)

    def check(self, value: Json, state: State) -> Iterator[str]:
        """Yield what is wrong: before today, outside the range."""
        today = state.today if self.not_before_today and self.subtype != "time" else None
        if today is not None and str(value)[:10] < today.isoformat():
            yield f"不能早于今天（{_chinese_date(today)}）"
        # ISO texts of one kind compare like the moments they name.
        low, high = state.limits.get("min"), state.limits.get("max")
        if isinstance(low, str) and value < low[: len(value)]:
            yield f"不能早于{self.display(low[: len(value)], ())}"
        if isinstance(high, str) and value > high[: len(value)]:
            yield f"不能晚于{self.display(high[: len(value)], ())}"

    def attributes(self, state: State) -> Mapping[str, str]:
        """Return the native input type with its range."""
        kind = "datetime-local" if self.subtype == "datetime" else self.subtype
        attributes = {"type": kind}
        if self.not_before_today and self.subtype == "date" and state.today is not None:
            attributes["min"] = state.today.isoformat()
        return attributes

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return ``2024年11月5日``, ``9:00`` or both."""
        valid = self.coerce(value)
        if valid is None:
            return self.shown(value)
        if self.subtype == "time":
            return _chinese_time(time.fromisoformat(valid))
        day = _chinese_date(date.fromisoformat(valid[:10]))
        return day if self.subtype == "date" else day + _chinese_time(time.fromisoformat(valid[11:16]))


def _date(text: str) -> date:
    match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError("日期格式不对，应类似 2024-11-05，请重新选择")
    year, month, day = (int(part) for part in match.groups())
    if year not in _YEARS:
        raise ValueError(f"年份应在 {_YEARS[0]} 至 {_YEARS[-1]} 之间，请核对")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"没有 {year} 年 {month} 月 {day} 日这一天，请核对") from None


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError("时间格式不对，应类似 09:00，请核对")
    return time(int(match[1]), int(match[2]))


def _chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _chinese_time(clock: time) -> str:
    return f"{clock.hour}:{clock.minute:02d}"
