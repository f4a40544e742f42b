"""The instances that are sessions (坐诊场次): cases of every procedure with ``session = true``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from zuozhen.packs import Pack
from zuozhen.services.releases import Release
from zuozhen.store.base import fixed
from zuozhen.store.tables import CASE_OPEN, Case

LEFT: Final = "_left"
"""The member of ``Case.data`` that lists the keys which a session has been moved away from."""

LOOK_BACK: Final = timedelta(days=92)
"""How long a session may have been held before the day it was moved away from, to be looked at."""


def session_processes(pack: Pack) -> tuple[str, ...]:
    """Return the ids of the processes whose instances are sessions."""
    return tuple(procedure.process for procedure in pack.procedures.values() if procedure.session)


def open_sessions(session: Session, release: Release, since: str) -> Sequence[Case]:
    """Return the open sessions with a key from ``since`` (ISO date) on, by key: one statement."""
    return session.scalars(
        select(Case)
        .where(
            Case.tenant == release.tenant,
            Case.process_id.in_(session_processes(release.pack)),
            Case.status == CASE_OPEN,
            Case.business_key >= since,
            Case.business_key != "",
        )
        .options(defer(Case.state))
        .order_by(Case.business_key, Case.created_at, Case.id)
    ).all()


def called_and_dropped(session: Session, release: Release, after: str) -> tuple[set[str], set[str]]:
    """Return the keys of open sessions later than ``after`` (ISO date), and those that are held no more.

    A session that is over before its day was cancelled, one that has another key by now was moved; another open
    session with the key makes up for it. One statement.
    """
    since = (date.fromisoformat(after) - LOOK_BACK).isoformat()
    left = Case.data[LEFT].as_string()
    rows = session.execute(
        select(Case.business_key, Case.status, left).where(
            Case.tenant == release.tenant,
            Case.process_id.in_(session_processes(release.pack)),
            Case.business_key > since,
            Case.business_key != fixed(""),
        )
    ).all()
    called = {key for key, status, _ in rows if status == CASE_OPEN and key > after}
    dropped = {key for key, status, _ in rows if status != CASE_OPEN and key > after}
    for _, _, moved in rows:
        dropped |= {key for key in json.loads(moved) if key > after} if moved else set()
    return called, dropped - called


def session_answers(
    session: Session, release: Release, cases: Sequence[Case]
) -> Mapping[str, Mapping[str, Any]]:
    """Return the answers by form key of the sessions that cases belong to, by session key: one statement.

    Of several instances with one key an open one counts before one that is over, a later one before an
    earlier.
    """
    keys = {case.business_key for case in cases if case.business_key}
    processes = session_processes(release.pack)
    if not keys or not processes:
        return {}
    rows = session.execute(
        select(Case.business_key, Case.data)
        .where(
            Case.tenant == release.tenant,
            Case.process_id.in_(processes),
            Case.business_key.in_(keys),
        )
        .order_by(Case.status == CASE_OPEN, Case.created_at, Case.id)
    )
    return {key: {name: data[name] for name in data.get("_order", ())} for key, data in rows}
