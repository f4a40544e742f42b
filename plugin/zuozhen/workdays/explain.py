"""How a due date came about: the JSON that a date function notes, and one Chinese sentence for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from zuozhen.model.clock import chinese_date
from zuozhen.model.step import Json
from zuozhen.workdays.calendar import Calendar

_COUNT_FROM = {"next_day": "次日", "same_day": "当日", "day_after_next": "第三日"}
_UNITS = {"workday": "个工作日", "day": "日", "month": "个月"}


def facts(calendar: Calendar, first: date, last: date) -> dict[str, Json]:
    """Return what the calendar says of the days from ``first`` to ``last``, both included.

    ``skipped`` are rest days by arrangement (also those on weekends), ``weekends`` the number of
    ordinary weekend days, ``worked`` the weekends worked by arrangement.
    """
    marked = calendar.marked_days(first, last)
    skipped = [day for day in marked if not day.workday]
    total = (last - first).days + 1
    rest = total - calendar.count_workdays(first, last) - calendar.is_workday(first)
    years = range(first.year, last.year + 1)
    unpublished = [year for year in years if not calendar.is_published(year)]
    return {
        "skipped": [{"date": day.date.isoformat(), "name": day.name} for day in skipped],
        "worked": [{"date": day.date.isoformat(), "name": day.name} for day in marked if day.workday],
        "weekends": rest - len(skipped),
        "calendar": calendar.version,
        "sources": list(dict.fromkeys([*map(calendar.source, years), *(day.source for day in marked)])),
        "provisional": bool(unpublished),
        "provisional_years": unpublished,
    }


def explain(why: Mapping[str, Json]) -> str:
    """Return one Chinese sentence for the JSON object a date function noted.

    An object that is not from here (another version, edited by hand) gives its own text or nothing.
    """
    writers = {
        "before": _before,
        "hours": _hours,
        "minutes": _hours,
        "workhours": _work_hours,
        "recurrence": _recurring,
        "window": _window,
    }
    writer = writers.get(str(why.get("function")), _counted)
    try:
        return writer(why)
    except (AttributeError, KeyError, TypeError, ValueError):
        return str(why.get("text", ""))


def _counted(why: Mapping[str, Any]) -> str:
    """Sentence of ``workdays``, ``days`` and ``months``."""
    start, received = why["start"], why["received"]
    parts = [f"{start}非工作时间收到，视为{received}收到"] if received != start else []
    if why["n"]:
        parts.append(f"自{received}{_COUNT_FROM[why['count_from']]}起算{why['n']}{_UNITS[why['unit']]}")
        parts += _passed(why)
    else:
        parts.append(f"限{received}当日")
    return _ending(why, [*parts, *_moved(why, "顺延至下一工作日")])


def _before(why: Mapping[str, Any]) -> str:
    text = f"{why['start']}之前{why['n']}{_UNITS[why['unit']]}"
    return _ending(why, [text, *_passed(why), *_moved(why, "提前至上一工作日")])


def _hours(why: Mapping[str, Any]) -> str:
    start, due = (str(why[key])[:16].replace("T", " ") for key in ("start", "due"))
    unit = "分钟" if why["unit"] == "minute" else "小时"
    return f"自{start}起算{why['n']}{unit}，截止{due}"


def _work_hours(why: Mapping[str, Any]) -> str:
    start, due = (str(why[key])[:16].replace("T", " ") for key in ("start", "due"))
    passed = _passed({**why, "unit": "workday"})
    text = f"自{start}起算办公时间（工作日{why['office_hours']}）内的{why['n']}小时"
    return _sourced(why, "，".join([text, *passed, f"截止{due}"]))


def _recurring(why: Mapping[str, Any]) -> str:
    moved = "顺延" if why["planned"] < why["due"] else "提前"
    text = f"“{why['name']}”在{why['start']}之后的下一次"
    return _ending(why, [text, *_moved(why, moved)], verb="定于")


def _window(why: Mapping[str, Any]) -> str:
    """Sentence of ``window``: 第一天几点到最后一天几点."""
    opens, closes = (f" {why[key]}" if why.get(key) else "" for key in ("opens_at", "closes_at"))
    which = "正在进行的一期" if why["open"] else "下一期"
    text = f"“{why['name']}”在{why['start']}{which}为{why['first']}{opens}至{why['last']}{closes}"
    days = {**why, "unit": "workday", "start": why["first"]}
    return _sourced(why, "，".join([text, *_passed(days)]))


def _ending(why: Mapping[str, Any], parts: Sequence[str], verb: str = "截止") -> str:
    clock = f" {why['due_time']}" if why.get("due_time") else ""
    own = f"（本时限：{why['said']}）" if why.get("said") else ""
    if "until" not in why:
        return _sourced(why, f"{'，'.join(parts)}{own}，{verb}{why['due']}{clock}")
    until = str(why["until"])[:16].replace("T", " ")
    return _sourced(
        why, f"{'，'.join(parts)}{own}，到{why['due']}同一时刻，再加{_length(why['more'])}，截止{until}"
    )


def _length(minutes: int) -> str:
    """Write a number of minutes as hours and minutes."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}小时" if hours else "") + (f"{rest}分钟" if rest or not hours else "")


def _sourced(why: Mapping[str, Any], text: str) -> str:
    years = "、".join(f"{year}年" for year in why["provisional_years"])
    cited = f"{text}（依据{'、'.join(why['sources'])}）"
    return f"{cited}；{years}放假安排尚未公布，此日期为暂定" if years else cited


def _moved(why: Mapping[str, Any], how: str) -> list[str]:
    """Say that the planned day was a rest day, if the date was moved."""
    planned = why["planned"]
    if planned == why["due"]:
        return []
    weekday = f"星期{'一二三四五六日'[date.fromisoformat(planned).weekday()]}"
    return [f"{planned}（{why.get('planned_name') or weekday}）休息，{how}"]


def _passed(why: Mapping[str, Any]) -> list[str]:
    """Name the holidays and weekends passed over and the weekends worked; only working days pass any."""
    if why["unit"] != "workday":
        return []
    year = int(why["start"][:4])
    over = [f"{_run(run, year)}{name}" for name, run in _runs(why["skipped"])]
    if why["weekends"]:
        over.append(f"周末{why['weekends']}天")
    worked = [_run([date.fromisoformat(item["date"])], year) for item in why["worked"]]
    parts = [f"跳过{'、'.join(over)}"] if over else []
    return parts + ([f"计入{'、'.join(worked)}（调休上班）"] if worked else [])


def _runs(items: Iterable[Mapping[str, str]]) -> list[tuple[str, list[date]]]:
    """Group days of one name that follow each other."""
    runs: list[tuple[str, list[date]]] = []
    for item in items:
        name, day = item["name"], date.fromisoformat(item["date"])
        if runs and runs[-1][0] == name and day - runs[-1][1][-1] == timedelta(days=1):
            runs[-1][1].append(day)
        else:
            runs.append((name, [day]))
    return runs


def _run(days: Sequence[date], year: int) -> str:
    """Write a run of days, with the year only where it is not the start's."""
    first, last = days[0], days[-1]
    text = _day(first, year)
    if first == last:
        return text
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{text}至{f'{last.day}日' if same_month else _day(last, first.year)}"


def _day(day: date, year: int) -> str:
    return f"{day.month}月{day.day}日" if day.year == year else chinese_date(day)
