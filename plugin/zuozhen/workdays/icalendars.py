"""Reads days off and worked weekends from a calendar subscription (iCalendar, RFC 5545: whole-day events)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from zuozhen.workdays.notices import Understood

_LONGEST: Final = 1_000_000
_MOST_DAYS: Final = 40
_WORK = re.compile(r"补班|上班|调班|班")
_OFF = re.compile(r"放假|假期|休假|假日|休|假")
_NOISE = re.compile(r"[(\[【（].*?[)\]】）]|第?[0-9]+天?[/／].*$|[0-9]+$|[\s:：,，·|-]+")


def read_icalendar(text: str, *, year: int, source: str) -> Understood:
    """Read the events of ``year`` whose summary says 休/假 or 班; other events are left out. Never raises."""
    understood = Understood({"year": year, "source": source.strip(), "holiday": []})
    if not source.strip():
        understood.report("没有文号", hint="日历文件不含文号，请填写通知的文号")
    off: dict[date, str] = {}
    work: dict[date, str] = {}
    for event in _events(text[:_LONGEST]):
        summary = event.get("SUMMARY", "")
        kind = work if _WORK.search(summary) else off if _OFF.search(summary) else None
        if kind is None:
            continue
        for day in _days(event):
            if date(year - 1, 12, 25) <= day <= date(year, 12, 31):
                kind[day] = _name(summary)
    understood.table["holiday"] = _holidays(off, work)
    if not off:
        understood.report(
            f"日历文件中没有 {year} 年的放假日", hint="只读取整天的、标题含“休”“假”或“班”的事件"
        )
    return understood


def _events(text: str) -> Iterator[dict[str, str]]:
    """Yield the properties of every VEVENT: name without parameters → value; folded lines are joined."""
    event: dict[str, str] | None = None
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        name, _, value = line.partition(":")
        name = name.partition(";")[0].strip().upper()
        if line.strip() == "BEGIN:VEVENT":
            event = {}
        elif line.strip() == "END:VEVENT":
            if event is not None:
                yield event
            event = None
        elif event is not None:
            event.setdefault(name, value.strip())


def _days(event: dict[str, str]) -> Iterator[date]:
    """Yield the days of an event; DTEND is the day after the last one."""
    first = _day(event.get("DTSTART", ""))
    if first is None:
        return
    end = _day(event.get("DTEND", "")) or first + timedelta(days=1)
    for offset in range(min(max((end - first).days, 1), _MOST_DAYS)):
        yield first + timedelta(days=offset)


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _name(summary: str) -> str:
    bare = _NOISE.sub("", summary)
    bare = _OFF.sub("", _WORK.sub("", bare)).strip()
    return bare or summary.strip()[:20] or "节假日"


def _holidays(off: dict[date, str], work: dict[date, str]) -> list[dict[str, Any]]:
    """Join days off that follow each other under one name; a worked weekend goes to its namesake."""
    holidays: list[dict[str, Any]] = []
    for day in sorted(off):
        last = holidays[-1] if holidays else None
        if (
            last
            and last["name"] == off[day]
            and date.fromisoformat(last["off"][1]) == day - timedelta(days=1)
        ):
            last["off"][1] = day.isoformat()
        else:
            holidays.append({"name": off[day], "off": [day.isoformat(), day.isoformat()]})
    for day in sorted(work):
        host = next((h for h in holidays if h["name"] == work[day]), None)
        if host is None:
            host = {"name": work[day]}
            holidays.append(host)
        host.setdefault("work", []).append(day.isoformat())
    return holidays
