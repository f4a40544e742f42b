"""How a jurisdiction counts: the switches of rules D-1 to D-6, and the counting itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, Finding
from zuozhen.workdays.calendar import Calendar
from zuozhen.workdays.combining import recurrences_of
from zuozhen.workdays.months import add_months
from zuozhen.workdays.officehours import OfficeHours
from zuozhen.workdays.recurrence import Recurrence

CHOICES: Final = {
    "count_from": ("next_day", "same_day", "day_after_next"),
    "received_after_hours": ("same_day", "next_opening"),
    "calendar_days": ("roll", "plain", "workdays"),
    "month_as": ("month", "30_days"),
    "before_rest_day": ("backward", "none"),
}
_TIMES: Final = ("closes_at", "due_time")
_HOURS: Final = "office_hours"


class Count(NamedTuple):
    """A counted deadline: ``counted_from`` is the day the event is deemed to have happened (D-2),
    ``planned`` the day before rolling off rest days, ``due`` the last day in time."""

    counted_from: date
    planned: date
    due: date


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of one jurisdiction; every default is the reading of 民法典第201至203条.

    ``count_from`` (D-1): day 1 is the day after the event, the event's day itself, or one later
    (“次日起” read strictly). ``received_after_hours`` (D-2): an event on a rest day or from
    ``closes_at`` on counts as happened then, or at the next opening. ``due_time`` (D-3): a fixed
    clock time on the due day instead of 24:00. ``calendar_days`` (D-4): N日 rolls off rest days,
    does not, or means working days. ``month_as`` (D-5). ``before_rest_day`` (D-6): the N-th
    calendar day before rolls backward off rest days, or does not. ``office_hours`` (09:00-12:00 13:30-17:30) is
    when the office is open on working days, for hours that count only then.
    """

    calendar: Calendar
    recurrences: Mapping[str, Recurrence] = field(default_factory=dict)
    count_from: str = "next_day"
    received_after_hours: str = "same_day"
    calendar_days: str = "roll"
    month_as: str = "month"
    before_rest_day: str = "backward"
    closes_at: time = time(18, 0)
    due_time: time | None = None
    office_hours: str = "09:00-12:00 13:00-18:00"

    @classmethod
    def from_tables(
        cls, calendar: Calendar, switches: Mapping[str, Any], recurrences: Iterable[Mapping[str, Any]] = ()
    ) -> Rules:
        """Make rules from plain data. Raises ``ContentError`` for an unknown switch, choice or time."""
        findings = [
            Finding("error", "deadlines", f"{key} 不能是 {value!r}", element=key, hint=_hint(key))
            for key, value in switches.items()
            if not _is_valid(key, value)
        ]
        if findings:
            raise ContentError("时限规则设置有误", findings)
        values: dict[str, Any] = {
            key: time.fromisoformat(value) if key in _TIMES and isinstance(value, str) else value
            for key, value in switches.items()
        }
        return cls(calendar, recurrences_of(recurrences), **values)

    def workdays(self, start: date | datetime, n: int) -> Count:
        """Count ``n`` working days from an event (D-1, D-2); 0 is the same day or the next working day."""
        received = self.received(start)
        if n == 0:
            return Count(received, received, self.calendar.add_workdays(received, 0))
        if self.count_from == "same_day":
            due = self.calendar.add_workdays(self.calendar.add_workdays(received, 0), n - 1)
        else:
            due = self.calendar.add_workdays(received, n + (self.count_from == "day_after_next"))
        return Count(received, due, due)

    def days(self, start: date | datetime, n: int) -> Count:
        """Count ``n`` calendar days from an event, then roll forward off rest days (D-4)."""
        if self.calendar_days == "workdays":
            return self.workdays(start, n)
        received = self.received(start)
        return self._rolled(received, received + timedelta(days=n + self._shift(n)))

    def months(self, start: date | datetime, n: int) -> Count:
        """Count ``n`` months from an event to the corresponding day (D-5), then roll as D-4."""
        received = self.received(start)
        thirty = self.month_as == "30_days"
        planned = received + timedelta(days=30 * n) if thirty else add_months(received, n)
        return self._rolled(received, planned + timedelta(days=self._shift(n)))

    def work_hours(self, start: datetime, amount: timedelta) -> datetime:
        """Return when the office has been open for ``amount`` since ``start`` (aware UTC)."""
        hours = OfficeHours.read(self.office_hours)
        if hours is None:
            raise ContentError(
                f"办公时间“{self.office_hours}”有误", (), hint="写成 09:00-12:00 13:30-17:30 的样子"
            )
        return hours.add(self.calendar, start, amount)

    def workdays_before(self, day: date, n: int) -> Count:
        """Return the ``n``-th working day before an appointed day (D-6)."""
        due = self.calendar.subtract_workdays(day, n)
        return Count(day, due, due)

    def days_before(self, day: date, n: int) -> Count:
        """Return the ``n``-th day before an appointed day, rolled backward off rest days (D-6)."""
        planned = day - timedelta(days=n)
        roll = self.before_rest_day == "backward"
        return Count(day, planned, self.calendar.subtract_workdays(planned, 0) if roll else planned)

    def received(self, start: date | datetime) -> date:
        """Return the local day on which an event counts as happened (D-2)."""
        local = start.astimezone(LOCAL) if isinstance(start, datetime) else None
        day = local.date() if local else date(start.year, start.month, start.day)
        if self.received_after_hours == "same_day":
            return day
        closed = local is not None and local.time() >= self.closes_at
        return self.calendar.add_workdays(day, 1 if closed else 0)

    def _shift(self, n: int) -> int:
        if n == 0 or self.count_from == "next_day":
            return 0
        return -1 if self.count_from == "same_day" else 1

    def _rolled(self, received: date, planned: date) -> Count:
        roll = self.calendar_days != "plain"
        return Count(received, planned, self.calendar.add_workdays(planned, 0) if roll else planned)


def _is_valid(key: str, value: object) -> bool:
    if key in CHOICES:
        return value in CHOICES[key]
    if key == _HOURS:
        return isinstance(value, str) and OfficeHours.read(value) is not None
    if key not in _TIMES:
        return False
    if isinstance(value, str):
        try:
            time.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, time)


def _hint(key: str) -> str:
    if key in CHOICES:
        return f"可选：{'、'.join(CHOICES[key])}"
    if key == _HOURS:
        return "写成 09:00-12:00 13:30-17:30 的样子"
    return "写成 17:00 的样子" if key in _TIMES else f"可用的键：{'、'.join((*CHOICES, *_TIMES, _HOURS))}"
