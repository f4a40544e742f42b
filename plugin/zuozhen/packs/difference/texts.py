"""Scenarios by name; templates line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from zuozhen.model.difference import Area, Change, ChangeKind
from zuozhen.packs.difference.words import quoted
from zuozhen.packs.reader import parse_toml

LONGEST_TEXT: Final = 5_000
"""Lines; comparing longer texts line by line takes seconds."""
AUTOJUNK: Final = 1_000
"""Lines from which frequent ones are not looked for everywhere."""


def compare_scenarios(old: bytes | None, new: bytes | None, *, file: str) -> tuple[Change, ...]:
    """Return scenarios added, removed or changed, by name. Raises nothing: a broken file is one change."""
    tables = [parse_toml(data, file) if data is not None else ({}, []) for data in (old, new)]
    if tables[0][1] or tables[1][1]:
        return (Change("changed", "scenario", "情景文件有改动（有一版不是正确的 TOML，请看原文）", file),)
    return tuple(_scenarios(tables[0][0], tables[1][0], file))


def _scenarios(old: Mapping[str, Any], new: Mapping[str, Any], file: str) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for name, scenario in after.items():
        if name not in before:
            yield Change(
                "added", "scenario", f"新增情景{quoted(name)}（{_steps(scenario)} 步）", file, name, "", name
            )
        elif scenario != before[name]:
            counts = _steps(before[name]), _steps(scenario)
            tail = f"（{counts[0]} → {counts[1]} 步）" if counts[0] != counts[1] else ""
            yield Change("changed", "scenario", f"情景{quoted(name)}有改动{tail}", file, name)
    for name in before:
        if name not in after:
            yield Change("removed", "scenario", f"删除情景{quoted(name)}", file, name, name)
    kept = [[name for name in one if name in other] for one, other in ((before, after), (after, before))]
    if kept[0] != kept[1]:
        yield Change("moved", "scenario", "情景的排列顺序有调整", file)
    rest = [{key: value for key, value in table.items() if key != "scenario"} for table in (old, new)]
    if rest[0] != rest[1]:
        yield Change("changed", "scenario", "情景文件的其他内容有改动", file)


def _by_name(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return scenarios by name; a nameless or doubled one is known by its number too."""
    found: dict[str, Any] = {}
    scenarios = table.get("scenario")
    for number, scenario in enumerate(scenarios if isinstance(scenarios, list) else [], 1):
        name = str(scenario.get("name") or "") if isinstance(scenario, dict) else ""
        found[name if name and name not in found else f"{name}（第{number}个）"] = scenario
    return found


def _steps(scenario: Any) -> int:
    steps = scenario.get("step") if isinstance(scenario, dict) else None
    return len(steps) if isinstance(steps, list) else 0


def compare_templates(
    old: bytes | None, new: bytes | None, *, file: str, name: str, area: Area = "template"
) -> tuple[Change, ...]:
    """Return one change with the number of lines that came and went; ``name`` is what people call the file."""
    if old == new:
        return ()
    if old is None or new is None:
        kind: ChangeKind = "added" if new is not None else "removed"
        return (Change(kind, area, f"{'新增' if kind == 'added' else '删除'}{name}", file),)
    come, gone = _counts(old, new)
    if not come and not gone:
        return (Change("changed", area, f"{name}有改动", file),)
    parts = [f"增加 {come} 行" if come else "", f"删去 {gone} 行" if gone else ""]
    return (Change("changed", area, f"{name}：{'，'.join(part for part in parts if part)}", file),)


def _counts(old: bytes, new: bytes) -> tuple[int, int]:
    """Return how many lines came and went; none where that cannot be told in reasonable time."""
    before, after = old.decode(errors="replace").splitlines(), new.decode(errors="replace").splitlines()
    if max(len(before), len(after)) > LONGEST_TEXT:
        return 0, 0
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > AUTOJUNK)
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return sum(code[4] - code[3] for code in codes), sum(code[2] - code[1] for code in codes)
