"""How values of formulas are written in lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zuozhen.services.listing.formulas import text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (Decimal("3.50"), "3.5"),
        ("2026-09-01", "2026年9月1日"),
        (date(2026, 10, 20), "2026年10月20日"),
        ("2026-09-01T01:30:00Z", "2026年9月1日 09:30"),
        ("2026-09-01T01:30:00+00:00", "2026年9月1日 09:30"),
        ("2026-09-01T09:30", "2026年9月1日 09:30"),
        (["2026-09-01", None, "张三", ""], "2026年9月1日、张三"),
        ("2026-09", "2026-09"),
        ("2026-13-01", "2026-13-01"),
        ("2026-09-01 gongxin", "2026-09-01 gongxin"),
        ("2026-09-01T99:99", "2026-09-01T99:99"),
        ("9999-12-31T23:59Z", "9999-12-31T23:59Z"),
        ("0001-01-01T00:00+14:00", "0001-01-01T00:00+14:00"),
        ("2026-09-01\n", "2026-09-01\n"),
    ],
)
def test_texts_of_values(value: Any, text: str) -> None:
    assert text_of(value) == text
