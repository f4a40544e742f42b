"""The life of units in the manifest: what is read, what cannot be, and who is there on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import SLUG, edited, pack_files

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs import Pack, Successor, Unit
from zuozhen.packs.units import heir, is_over, living, with_heirs

MANIFEST = f"processes/{SLUG}/pack.toml"
ROW = 'id = "ziran"\nname = "市自然资源局"\n'
NEW = (
    '[[unit]]\nid = "guihua"\nname = "市规划局"\nfrom = {begins}\n[[unit]]\nid = "lindi"\nname = "市林地局"\n'
)


def files(life: str, *, begins: str = "2026-09-01", more: str = "") -> dict[str, bytes]:
    """Return the pack in which 市自然资源局 has this life, and two more units."""
    return edited(pack_files(), MANIFEST, ROW, f"{ROW}{life}\n{NEW.format(begins=begins)}{more}")


def found(life: str, **options: str) -> list[Finding]:
    with pytest.raises(ContentError) as caught:
        Pack.from_files(files(life, **options))
    return list(caught.value.findings)


def test_a_life_is_read_with_its_successors() -> None:
    pack = Pack.from_files(files('until = 2026-09-01\nsuccessor = "guihua"'))
    units = {unit.id: unit for unit in pack.units}
    assert units["ziran"].until == date(2026, 9, 1)
    assert units["ziran"].successors == (Successor("guihua"),)
    assert units["guihua"].begins == date(2026, 9, 1) and units["guihua"].until is None
    split = 'until = "2026-09-01"\nsuccessors = [{ id = "guihua", when = "a = 1" }, { id = "lindi" }]'
    [unit] = [unit for unit in Pack.from_files(files(split)).units if unit.id == "ziran"]
    assert unit.successors == (Successor("guihua", "a = 1"), Successor("lindi"))


@pytest.mark.parametrize(
    ("life", "message", "more"),
    [
        ('until = 2026-09-01\nsuccessor = "nobody"', "承接单位“nobody”不存在", ""),
        ('until = 2026-09-01\nsuccessor = "ziran"', "又回到“ziran”", ""),
        (
            'until = 2026-09-01\nsuccessor = "old"',
            "又回到“ziran”",
            '[[unit]]\nid = "old"\nname = "旧局"\nuntil = 2026-10-01\nsuccessor = "ziran"\n',
        ),
        ("from = 2026-09-01\nuntil = 2026-09-01", "不晚于设立日期", ""),
        ('successor = "guihua"', "没有写撤销日期", ""),
        ('until = 2026-08-01\nsuccessor = "guihua"', "才设立", ""),
        (
            'until = 2026-09-01\nsuccessor = "old"',
            "在 2026-08-01 已经撤销",
            '[[unit]]\nid = "old"\nname = "旧局"\nuntil = 2026-08-01\n',
        ),
        ('until = 2026-09-01\nsuccessors = [{ id = "guihua", when = "a = 1" }]', "无人承接", ""),
        ('until = 2026-09-01\nsuccessors = [{ id = "guihua" }, { id = "lindi" }]', "没有写 when", ""),
        ('until = 2026-09-01\nsuccessor = "lindi"\nsuccessors = [{ id = "guihua" }]', "只能写一个", ""),
        ('until = "明年"', "不是日期", ""),
        ("until = 3", "until 应为", ""),
    ],
)
def test_a_life_that_cannot_be_is_found_at_its_line(life: str, message: str, more: str) -> None:
    lines = files(life, more=more)[MANIFEST].decode().splitlines()
    at = lines.index('id = "ziran"')
    mine = [each for each in found(life, more=more) if message in each.message]
    assert mine, found(life, more=more)
    assert all(each.file == MANIFEST and each.hint for each in mine)
    assert any(at < (each.line or 0) <= at + 5 for each in mine)


def test_who_is_there_and_in_whose_place() -> None:
    units = Pack.from_files(files('until = 2026-09-01\nsuccessor = "guihua"')).units
    before, after = date(2026, 8, 31), date(2026, 9, 1)
    assert {"ziran"} <= {unit.id for unit in living(units, before)}
    assert "guihua" not in {unit.id for unit in living(units, before)}
    assert "ziran" not in {unit.id for unit in living(units, after)}
    assert heir(units, "ziran", before) == "ziran" and heir(units, "ziran", after) == "guihua"
    assert heir(units, "lead_office", after) == "lead_office"
    assert with_heirs(units, {"ziran", "window"}, before) == {"ziran", "window"}
    assert with_heirs(units, {"ziran", "window"}, after) == {"guihua", "ziran", "window"}
    assert with_heirs(units, {"guihua"}, after) == {"guihua", "ziran"}
    assert with_heirs(units, {"lindi"}, after) == {"lindi"}


def test_a_successor_that_ends_later_hands_on() -> None:
    more = '[[unit]]\nid = "third"\nname = "三局"\n[[unit]]\nid = "mid"\nname = "中局"\nuntil = 2027-01-01\nsuccessor = "third"\n'
    units = Pack.from_files(files('until = 2026-09-01\nsuccessor = "mid"', more=more)).units
    assert heir(units, "ziran", date(2026, 12, 31)) == "mid"
    assert heir(units, "ziran", date(2027, 1, 1)) == "third"
    assert with_heirs(units, {"third"}, date(2027, 1, 1)) == {"third", "mid", "ziran"}


LIVES = st.lists(
    st.tuples(st.integers(0, 400), st.lists(st.integers(0, 5), max_size=2)), min_size=6, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(lives=LIVES, on=st.integers(0, 400))
def test_work_always_ends_with_somebody_who_is_there(lives: list[tuple[int, list[int]]], on: int) -> None:
    """Whatever is written, circles too: nobody hangs, and an heir is present unless nobody takes over."""
    start = date(2026, 1, 1)
    units = tuple(
        Unit(
            f"u{number}",
            f"单位{number}",
            until=start + timedelta(days=days),
            successors=tuple(Successor(f"u{one}") for one in others),
        )
        for number, (days, others) in enumerate(lives)
    )
    known = {unit.id: unit for unit in units}
    day = start + timedelta(days=on)
    circles = set()
    for unit in units:
        taker = known[heir(units, unit.id, day)]
        if is_over(taker, day) and taker.successors:
            circles.add(unit.id)
        assert taker.id == unit.id or is_over(unit, day)
        assert unit.id in with_heirs(units, {taker.id}, day) or unit.id in circles
    forward = all(int(one.id[1:]) > number for number, unit in enumerate(units) for one in unit.successors)
    assert not (forward and circles)
