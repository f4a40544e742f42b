"""Hours that run only while the office is open: on working days, between its hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from zuozhen.model.clock import LOCAL, at_local
from zuozhen.workdays.calendar import Calendar


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When an office is open on a working day: (from, until) in order, not overlapping."""

    spans: tuple[tuple[time, time], ...]

    @classmethod
    def read(cls, text: str) -> OfficeHours | None:
        """Read ``09:00-12:00 13:30-17:30``; ``None`` if it is not that, goes back or overlaps."""
        spans: list[tuple[time, time]] = []
        for part in text.split():
            opens, _, closes = part.partition("-")
            if len(opens) != len("09:00") or len(closes) != len("09:00"):
                return None
            try:
                span = time.fromisoformat(opens), time.fromisoformat(closes)
            except ValueError:
                return None
            if span[0] >= span[1] or (spans and span[0] < spans[-1][1]):
                return None
            spans.append(span)
        return cls(tuple(spans)) if spans else None

    def add(self, calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
        """Return when the office has been open for ``amount`` after ``start`` (aware UTC).

        The end of a span counts as reached: an hour that is up at closing time is due then, not next morning.
        Raises ``Invalid`` past the calendar's years.
        """
        left = amount
        for opens, closes in self._from(calendar, start.astimezone(LOCAL).date()):
            begin = max(opens, start)
            if begin >= closes:
                continue
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise AssertionError("the calendar ends with an error")  # pragma: no cover

    def _from(self, calendar: Calendar, day: date) -> Iterator[tuple[datetime, datetime]]:
        while True:
            day = calendar.add_workdays(day, 0)
            yield from self._on(day, self.spans)
            day += timedelta(days=1)

    @staticmethod
    def _on(day: date, spans: Sequence[tuple[time, time]]) -> Iterator[tuple[datetime, datetime]]:
        return ((at_local(day, opens), at_local(day, closes)) for opens, closes in spans)
