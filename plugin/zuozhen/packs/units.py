"""The life of units (单位): read from the manifest, and who is there, and in whose place, on a day.

A unit lives from the day ``begins`` until the day before ``until``. Where a question is asked without a case (whose
account is this, whose day is it) a unit that was split is succeeded by the one that takes all other cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from zuozhen.packs.reader import TableReader
from zuozhen.packs.rows import read_id, unique
from zuozhen.packs.values import Successor, Unit

# ---------------------------------------------------------------- reading


def read_units(reader: TableReader) -> tuple[Unit, ...]:
    """Read ``[[unit]]``; a life that cannot be is a finding."""
    rows = [(item, _unit(item)) for item in unique(reader.sections("unit"), "id")]
    units = {unit.id: unit for _, unit in rows}
    for item, unit in rows:
        _check_life(item, unit)
        _check_successors(item, unit, units)
        item.close()
    return tuple(unit for _, unit in rows)


def _unit(reader: TableReader) -> Unit:
    return Unit(
        read_id(reader),
        reader.text("name"),
        reader.text("office", ""),
        _day(reader, "from"),
        _day(reader, "until"),
        tuple(_successors(reader)),
    )


def _day(reader: TableReader, key: str) -> date | None:
    if reader.table.get(key, "") == "":
        reader.text(key, "")  # asked for, not there
        return None
    text = reader.date(key)
    return date.fromisoformat(text) if text else None


def _successors(reader: TableReader) -> Iterator[Successor]:
    one = reader.text("successor", "")
    several = [
        (item, Successor(item.text("id"), item.text("when", ""))) for item in reader.sections("successors")
    ]
    if one and several:
        reader.report("successors", "successor 和 successors 只能写一个", hint="分立的只写 successors")
    for item, _ in several:
        item.close()
    yield from [Successor(one)] if one else (successor for _, successor in several)


def _check_life(reader: TableReader, unit: Unit) -> None:
    if unit.begins and unit.until and unit.until <= unit.begins:
        reader.report(
            "until",
            f"撤销日期 {unit.until} 不晚于设立日期 {unit.begins}",
            hint="until 是撤销之日，从这一天起不再有这个单位，应晚于 from",
        )
    if unit.successors and unit.until is None:
        reader.report("successor", "写了承接单位，但没有写撤销日期", hint='加上 until = "2027-01-01" 的样子')


def _check_successors(reader: TableReader, unit: Unit, units: Mapping[str, Unit]) -> None:
    key = "successors" if "successors" in reader.table else "successor"
    for successor in unit.successors:
        known = units.get(successor.id)
        if known is None:
            reader.report(key, f"承接单位“{successor.id[:40]}”不存在", hint="先在 [[unit]] 中列出，或改正 id")
        elif unit.id == successor.id or unit.id in _line(successor.id, units):
            reader.report(key, f"“{successor.id}”的承接单位又回到“{unit.id}”", hint="承接关系不能成圈")
        elif unit.until:
            _check_time(reader, key, unit.until, known)
    _check_split(reader, key, unit.successors)


def _check_time(reader: TableReader, key: str, day: date, successor: Unit) -> None:
    if successor.until and successor.until <= day:
        reader.report(
            key,
            f"承接单位“{successor.id}”在 {successor.until} 已经撤销",
            hint="请写它的承接单位，或改正日期",
        )
    if successor.begins and successor.begins > day:
        reader.report(
            key,
            f"承接单位“{successor.id}”到 {successor.begins} 才设立，{day} 起的工作无人承接",
            hint="承接单位的 from 不能晚于本单位的 until",
        )


def _check_split(reader: TableReader, key: str, successors: Sequence[Successor]) -> None:
    if successors and successors[-1].when.strip():
        reader.report(
            key,
            "最后一个承接单位写了条件，都不成立的办件就无人承接",
            hint="最后一个不写 when，承接其余的办件",
        )
    for successor in successors[:-1]:
        if not successor.when.strip():
            reader.report(
                key,
                f"“{successor.id}”没有写 when，它后面的承接单位不会得到任何办件",
                hint="除最后一个外，每个承接单位写明 when（FEEL 条件）",
            )


def _line(start: str, units: Mapping[str, Unit]) -> frozenset[str]:
    """Return every unit that comes after a unit, however far."""
    found: set[str] = set()
    wanted = [start]
    while wanted:
        unit = units.get(wanted.pop())
        fresh = {successor.id for successor in unit.successors} - found if unit else set()
        found |= fresh
        wanted += fresh
    return frozenset(found)


# ---------------------------------------------------------------- on a day


def is_over(unit: Unit, day: date) -> bool:
    """Say whether a unit was abolished by then."""
    return unit.until is not None and unit.until <= day


def living(units: Iterable[Unit], day: date) -> tuple[Unit, ...]:
    """Return the units that there are on a day: those that forms and pages offer."""
    return tuple(
        unit for unit in units if not is_over(unit, day) and (unit.begins is None or unit.begins <= day)
    )


def lasting(units: Iterable[Unit], day: date) -> tuple[Unit, ...]:
    """Return the units that people may be entered in on a day: also those that are still to come."""
    return tuple(unit for unit in units if not is_over(unit, day))


def heir(units: Iterable[Unit], group: str, day: date) -> str:
    """Return who stands in the place of a group on a day where no case is asked about: mostly itself."""
    known = {unit.id: unit for unit in units if unit.successors}
    while (unit := known.get(group)) is not None and is_over(unit, day):
        group = unit.successors[-1].id
        known.pop(unit.id)
    return group


def with_heirs(units: Sequence[Unit], groups: Iterable[str], day: date) -> frozenset[str]:
    """Return the groups that somebody of these groups acts for: their heirs, and those whose heirs they are.

    Who takes over an abolished unit sees its old cases.
    """
    gone = [unit for unit in units if is_over(unit, day) and unit.successors]
    own = frozenset(groups)
    if not gone:
        return own
    own = frozenset(heir(gone, group, day) for group in own)
    return own.union(unit.id for unit in gone if heir(gone, unit.id, day) in own)
