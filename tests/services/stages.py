"""Running cases of the built-in pack in different stages, made by the same use cases as real ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select
from tests.builders import (
    ACCEPT,
    ARRANGE,
    ASSIGN,
    CLINIC,
    CONTACT,
    HANDLE,
    NOTIFY,
    PLAN,
    RATE,
    Office,
)

from zuozhen.store.tables import Case, Event, Token

BEFORE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("Task_accept", ACCEPT),
    ("Task_assign", ASSIGN),
    ("Task_contact", CONTACT),
    ("Task_arrange", ARRANGE),
    ("Task_notify", NOTIFY),
)
JOINT = {**CLINIC, "handling": "joint", "joint_units": ["huanbao", "zhujian"]}
AFTER: tuple[tuple[tuple[str, Mapping[str, Any]], ...], ...] = (
    (("Task_clinic", CLINIC),),
    (("Task_clinic", JOINT),),
    (("Task_clinic", CLINIC), ("Task_single", HANDLE)),
    (("Task_clinic", CLINIC), ("Task_single", HANDLE), ("Task_rate", RATE)),
)
"""How far the cases of the session have come on its day: handling, handling by several units, rating, signing off."""

STAGES = len(AFTER) + len(BEFORE)


def cases_in_stages(office: Office, count: int) -> list[UUID]:
    """Make ``count`` running cases, as evenly spread over nine stages as can be; it is the session's day then."""
    held = [AFTER[number % len(AFTER)] for number in range(count * len(AFTER) // STAGES)]
    cases = [
        office.register(title=f"关于第{number + 1}号事项的情况反映").case_id for number in range(len(held))
    ]
    office.pass_to("2026-09-01 09:00")
    for case_id in cases:
        for element, answers in BEFORE:
            office.submit(case_id, element, answers)
    session = office.case_of("clinic", "open")
    assert session is not None
    office.submit(session, "Task_plan", PLAN)
    office.pass_to("2026-09-17 09:00")
    for number in range(len(held), count):
        case_id = office.register(title=f"关于第{number + 1}号事项的情况反映").case_id
        for element, answers in BEFORE[: number % len(BEFORE)]:
            office.submit(case_id, element, answers)
        cases.append(case_id)
    office.pass_to("2026-09-20 08:30")
    for case_id, steps in zip(cases, held, strict=False):
        for element, answers in steps:
            office.submit(case_id, element, answers)
    office.drain()
    return cases


def multiply(office: Office, originals: list[UUID], count: int) -> list[UUID]:
    """Copy rows until there are ``count`` cases: for measuring, the copies' hash chains are not their own."""
    wanted = count - len(originals)
    made: list[UUID] = []
    with office.context.database.write() as session:
        for number, original in zip(range(wanted), itertools.cycle(originals), strict=False):
            copy = uuid5(original, str(number))
            for table in (Case, Event, Token):
                key = Case.id if table is Case else table.case_id  # type: ignore[union-attr]
                rows = session.execute(select(table.__table__).where(key == original)).mappings().all()
                session.execute(insert(table.__table__), list(_copies(rows, copy, number)))
            made.append(copy)
    return originals + made


def _copies(rows: Any, copy: UUID, number: int) -> Iterator[dict[str, Any]]:
    for row in rows:
        values = dict(row)
        values["id" if "number" in values else "case_id"] = copy
        if "number" in values:
            values["number"] = f"C{number:06d}"
            values["query_hash"] = None
        yield values
