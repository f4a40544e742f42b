"""How values look on pages: local dates, sizes, masked names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from zuozhen.model.clock import LOCAL, chinese_date

WEEKDAYS = "一二三四五六日"


def local_time(instant: datetime | None) -> str:
    """Return ``2026-09-21 09:30`` local time."""
    return instant.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if instant else ""


def chinese_day(day: date | None) -> str:
    """Return ``9月21日（周一）``, with the year when it is not this calendar's first guess."""
    return f"{chinese_date(day)}（周{WEEKDAYS[day.weekday()]}）" if day else ""


def written_date(text: str) -> str:
    """Return ``2024年11月5日`` for an ISO date; other text comes back unchanged."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"


def file_size(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def masked_name(name: str) -> str:
    """Return an enterprise name of which only the first and last two characters show (XW-3.1-d)."""
    return f"{name[:2]}{'＊' * max(2, min(6, len(name) - 4))}{name[-2:]}" if len(name) > 4 else "＊＊＊＊"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "local_time": local_time,
    "chinese_day": chinese_day,
    "written_date": written_date,
    "file_size": file_size,
    "masked_name": masked_name,
}
