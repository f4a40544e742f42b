"""Named recurrences of one pack, with the rules that a union or a rota is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from zuozhen.model.errors import ContentError, Finding
from zuozhen.workdays.recurrence import Recurrence

Table = Mapping[str, Any]


def recurrences_of(tables: Iterable[Table]) -> dict[str, Recurrence]:
    """Return all rules by name.

    Raises:
        ContentError: a rule is wrong, or names others that do not exist, have no dates, or name it in turn.
    """
    rows = {str(table.get("name", "")): table for table in tables}
    return {name: resolve(table, rows) for name, table in rows.items()}


def resolve(table: Table, others: Mapping[str, Table]) -> Recurrence:
    """Return one rule with its members, which are sought by name among ``others``.

    Raises:
        ContentError: as :func:`recurrences_of`; rules that it does not need may be wrong.
    """
    return _resolve(table, others, ())


def _resolve(table: Table, others: Mapping[str, Table], above: tuple[str, ...]) -> Recurrence:
    rule = Recurrence.from_table(table)
    if rule.kind not in ("union", "rota"):
        return rule
    inside = (*above, rule.name)
    members = []
    for name in rule.of:
        if name in inside:
            raise _wrong(rule, f"“{'”→“'.join((*inside, name))}”互相引用", "请去掉其中一处")
        if name not in others:
            known = "、".join(each for each in others if each != rule.name) or "（无）"
            raise _wrong(rule, f"没有名为“{name}”的周期规则", f"已有：{known}")
        member = _resolve(others[name], others, inside)
        if member.kind == "quota":
            raise _wrong(rule, f"“{name}”只计次数，没有日子", "请改用有日子的周期规则")
        members.append(member)
    return replace(rule, members=tuple(members))


def _wrong(rule: Recurrence, message: str, hint: str) -> ContentError:
    finding = Finding("error", "recurrence", f"周期规则“{rule.name}”：{message}", element="of", hint=hint)
    return ContentError(f"周期规则“{rule.name}”有误", [finding])
