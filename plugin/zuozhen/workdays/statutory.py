"""Statutory days of a year whose arrangement is not published (全国年节及纪念日放假办法, 国务院令第795号).

Only the days the regulation itself names; which weekends are moved is known from the notice alone.
A provisional due date is therefore never later than what weekends and these days alone give.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from zuozhen.workdays.yeartable import Row

SOURCE = "《全国年节及纪念日放假办法》"


@cache
def _festivals() -> dict[str, list[list[int]]]:
    text = (files(__package__) / "data" / "festivals.toml").read_text(encoding="utf-8")
    festivals: dict[str, list[list[int]]] = tomllib.loads(text)["festivals"]
    return festivals


def statutory_rows(year: int) -> tuple[Row, ...]:
    """Return the thirteen statutory days of ``year``: 2025 rules, 除夕 and 2 May included."""
    spring, qingming, dragon_boat, mid_autumn = (
        date(year, month, day) for month, day in _festivals()[str(year)]
    )
    runs = (
        ("元旦", date(year, 1, 1), 1),
        ("春节", spring - timedelta(days=1), 4),
        ("清明节", qingming, 1),
        ("劳动节", date(year, 5, 1), 2),
        ("端午节", dragon_boat, 1),
        ("中秋节", mid_autumn, 1),
        ("国庆节", date(year, 10, 1), 3),
    )
    return tuple(
        Row(first, first + timedelta(days=length - 1), False, name, SOURCE) for name, first, length in runs
    )
