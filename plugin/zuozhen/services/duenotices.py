"""Telling people that a date they rely on has changed (rule D-11): the groups with the task, and the enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from zuozhen.model.clock import chinese_date, due_date
from zuozhen.model.ids import new_id
from zuozhen.model.migration import DueChange
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.letters import RECORD
from zuozhen.store.tables import Case, Notice, Token

SUBJECT = "办理期限调整"


def tell_new_dues(
    session: Session,
    case: Case,
    tokens: Sequence[Token],
    dues: Sequence[DueChange],
    reason: str,
    now: datetime,
) -> None:
    """Write a notice to everybody whose task has another date now; shown on the case and progress pages.

    ``tokens`` are the open rows of the case; the enterprise is told of the tasks that its page shows.
    """
    rows = {row.token: row for row in tokens}
    lines: dict[str, list[str]] = {}
    for due in dues:
        row = rows.get(due.token)
        if row is None or due.new is None or due.new == due.old:
            continue
        for recipient in sorted(recipients(row.grp, row.properties)):
            lines.setdefault(recipient, []).append(_line(due))
    session.add_all(
        Notice(
            tenant=case.tenant,
            id=new_id(),
            case_id=case.id,
            recipient=recipient,
            channel=RECORD,
            subject=SUBJECT,
            body="\n".join([f"{reason}，期限重新计算：", *texts]),
            status="recorded",
            at=now,
            sent_at=now,
        )
        for recipient, texts in lines.items()
    )


def recipients(group: str, properties: Mapping[str, str]) -> set[str]:
    """Return who relies on the date of a task: its group, and the enterprise where its page shows it."""
    found = {group} if group else set()
    if group == ENTERPRISE or "zz:stage" in properties:
        found.add(ENTERPRISE)
    return found


def _line(due: DueChange) -> str:
    new = _day(due.new) if due.new else ""
    old = f"由{_day(due.old)}" if due.old else ""
    return f"“{due.name}”的办理期限{old}调整为{new}。"


def _day(instant: datetime) -> str:
    return chinese_date(due_date(instant))
