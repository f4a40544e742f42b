"""What a rule leads to: the next dates of a recurrence, the next numbers of a numbering rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import ContentError, Invalid
from zuozhen.packs.calendars import read_calendars
from zuozhen.packs.numbering import Numbering, pattern_mistake
from zuozhen.services.studio.tables.views import Upcoming
from zuozhen.store.tables import Counter
from zuozhen.workdays import Calendar, national, national_with, parse_table, resolve

DATES: Final = 12
NUMBERS: Final = 3
WEEKDAYS: Final = "一二三四五六日"


def draft_calendar(files: Mapping[str, bytes], slug: str) -> Calendar:
    """Return the calendar of the draft; the national one while a calendar file of the draft is wrong."""
    try:
        return national_with(
            tuple(parse_table(table, file=path) for path, table in read_calendars(files, slug)[0])
        )
    except ContentError:
        return national()


def next_dates(
    row: Mapping[str, Any],
    calendar: Calendar,
    today: date,
    rows: Iterable[Mapping[str, Any]] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[Upcoming, ...]:
    """Return the next dates of a recurrence; none for a quota or a rule that is wrong.

    ``rows`` are the other rules, which this one may be made of, ``names`` what holders are called.
    """
    try:
        rule = resolve(row, {str(other.get("name", "")): other for other in rows})
        dates = rule.next_moved(today, calendar, DATES)
    except (ContentError, Invalid):
        return ()
    return tuple(
        Upcoming(
            day,
            _why(day, planned, calendar),
            not calendar.is_published(day.year),
            "、".join((names or {}).get(one, one) for one in rule.holders_on(day, calendar)),
        )
        for day, planned in dates
    )


def next_numbers(session: Session, tenant: int, row: Mapping[str, Any], today: date) -> tuple[str, ...]:
    """Return the numbers that a rule would give out next, as if today."""
    rule = Numbering(str(row.get("id", "")), str(row.get("pattern", "")), str(row.get("scope") or "year"))
    if not rule.pattern or pattern_mistake(rule.pattern, rule.scope):
        return ()
    if row.get("prefix"):
        return _by_prefix(session, tenant, rule, today)
    given = session.scalar(
        select(Counter.value).where(Counter.tenant == tenant, Counter.name == rule.scope_key(today))
    )
    return tuple(rule.format(today, (given or 0) + n) for n in range(1, NUMBERS + 1))


def _by_prefix(session: Session, tenant: int, rule: Numbering, today: date) -> tuple[str, ...]:
    """Return the next number of some prefixes that were given before; else the first one of any prefix."""
    head = f"{rule.scope_key(today)}/"
    given = session.execute(
        select(Counter.name, Counter.value)
        .where(Counter.tenant == tenant, Counter.name.startswith(head, autoescape=True))
        .order_by(Counter.name)
        .limit(NUMBERS)
    ).all()
    known = [(name.removeprefix(head), value) for name, value in given]
    return tuple(rule.format(today, value + 1, prefix) for prefix, value in known or [("〔字头〕", 0)])


def _why(day: date, planned: date, calendar: Calendar) -> str:
    """Say why a date is not the planned day."""
    if planned == day:
        return ""
    name = calendar.day(planned).name or f"星期{WEEKDAYS[planned.weekday()]}"
    return f"{planned.month}月{planned.day}日（{name}）休息，{'顺延' if day > planned else '提前'}"
