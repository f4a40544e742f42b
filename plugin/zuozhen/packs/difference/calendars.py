"""Calendar years of a pack: which days are worked or free now and were not before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from zuozhen.model.difference import Change, ChangeKind
from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.difference.words import quoted

_LONGEST: Final = 366
_Meaning: TypeAlias = tuple[str, str]
"""``off`` or ``work``, and the holiday's name."""
_WORDS: Final[Mapping[str, str]] = {"off": "放假", "work": "上班"}


def compare_calendars(old: bytes | None, new: bytes | None, *, file: str) -> tuple[Change, ...]:
    """Return one change for each run of days whose meaning differs; ``None`` is a year that is not there.

    Raises:
        ContentError: one of the texts is no JSON object.
    """
    return tuple(_compare(_days(old, file), _days(new, file), old, new, file))


def _compare(
    before: Mapping[date, _Meaning],
    after: Mapping[date, _Meaning],
    old: bytes | None,
    new: bytes | None,
    file: str,
) -> Iterator[Change]:
    year = file.rpartition("/")[2].removesuffix(".json")
    if old is None or new is None:
        kind: ChangeKind = "added" if new is not None else "removed"
        days = after if new is not None else before
        free, worked = (sum(meaning[0] == what for meaning in days.values()) for what in ("off", "work"))
        sentence = (
            f"{'新增' if kind == 'added' else '删除'}{year}年节假日安排：放假 {free} 天，调休上班 {worked} 天"
        )
        yield Change(kind, "table", sentence, file, year)
        return
    changed = False
    for first, last, was, now in _runs(before, after):
        changed = True
        yield Change(
            "changed",
            "table",
            _sentence(first, last, was, now),
            file,
            first.isoformat(),
            _said(was),
            _said(now),
        )
    texts = [
        {key: value for key, value in _table(data, file).items() if key != "holiday"} for data in (old, new)
    ]
    for key in dict.fromkeys([*texts[0], *texts[1]]):
        values = [str(text.get(key, "")) for text in texts]
        if values[0] != values[1]:
            changed = True
            label = {"source": "依据", "title": "标题", "year": "年份"}.get(key, key)
            sentence = f"{year}年节假日安排的{label}：{values[0] or '（无）'} → {values[1] or '（无）'}"
            yield Change("changed", "table", sentence, file, key, values[0], values[1])
    if not changed and _table(old, file) != _table(new, file):
        yield Change("changed", "table", f"{year}年节假日安排的写法有改动，各天不变", file, year)


def _sentence(first: date, last: date, was: _Meaning | None, now: _Meaning | None) -> str:
    span = _day(first) if first == last else f"{_day(first)}至{_day(last)}"
    if was is not None and now is not None and was[0] == now[0]:
        return f"{span}的节日名称：{was[1]} → {now[1]}"
    if now is None:
        return f"{span}不再另行安排（原为{_said(was)}）"
    return f"{span}改为{_said(now)}" + (f"（原为{_said(was)}）" if was is not None else "")


def _said(meaning: _Meaning | None) -> str:
    if meaning is None:
        return ""
    return _WORDS[meaning[0]] + (f"{quoted(meaning[1])}" if meaning[1] else "")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _runs(
    before: Mapping[date, _Meaning], after: Mapping[date, _Meaning]
) -> Iterator[tuple[date, date, _Meaning | None, _Meaning | None]]:
    """Yield runs of days (first, last) with the same difference."""
    run: tuple[date, date, _Meaning | None, _Meaning | None] | None = None
    for day in sorted(before.keys() | after.keys()):
        was, now = before.get(day), after.get(day)
        if was == now:
            continue
        if run is not None and run[1] + timedelta(days=1) == day and run[2:] == (was, now):
            run = (run[0], day, was, now)
            continue
        if run is not None:
            yield run
        run = (day, day, was, now)
    if run is not None:
        yield run


def _table(data: bytes, file: str) -> dict[str, Any]:
    try:
        table = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        finding = Finding("error", "calendar", "不是正确的 JSON", file=file, hint="请重新导入该年度的安排")
        raise ContentError(f"{file} 无法读取", [finding]) from error
    return table if isinstance(table, dict) else {}


def _days(data: bytes | None, file: str) -> dict[date, _Meaning]:
    """Return what a year says of each day; what is no date is left out, checks say so elsewhere."""
    found: dict[date, _Meaning] = {}
    holidays = _table(data, file).get("holiday") if data is not None else None
    for holiday in holidays if isinstance(holidays, list) else []:
        if not isinstance(holiday, Mapping):
            continue
        name = str(holiday.get("name") or "")
        off = _dates(holiday.get("off"))
        if len(off) == 2 and timedelta(0) <= off[1] - off[0] <= timedelta(days=_LONGEST):
            for offset in range((off[1] - off[0]).days + 1):
                found[off[0] + timedelta(days=offset)] = ("off", name)
        for day in _dates(holiday.get("work")):
            found[day] = ("work", name)
    return found


def _dates(value: Any) -> list[date]:
    days = []
    for text in value if isinstance(value, list) else []:
        try:
            days.append(date.fromisoformat(str(text)))
        except ValueError:
            continue
    return days
