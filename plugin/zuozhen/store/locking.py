"""The lock on a case row, and how to notice that what was read beside it is out of date.

PostgreSQL takes a statement's snapshot first and the row lock later. If the case was changed in between (or
while the lock was waited for), the statement returns the case as it is *now*, but rows joined to it as they
were *before*: tokens that are closed by then, timers that have fired. Each locking statement therefore also
reads the case's ``rev`` through the snapshot; when it differs from the locked row's, the statement is run
again, under the lock it now holds.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session, aliased

from zuozhen.store.tables import Case

WRITES: Final = "writes"
"""Key of ``Session.info``: set where the session may write, so that loading a case locks it."""

_seen = aliased(Case)


def locks_rows(session: Session) -> bool:
    """Say whether ``session`` must lock the rows it is going to change (PostgreSQL, inside ``write()``)."""
    return WRITES in session.info and session.get_bind().dialect.name == "postgresql"


def seen_rev() -> ScalarSelect[int]:
    """Return the ``rev`` of the statement's ``Case`` as the snapshot sees it."""
    return select(_seen.rev).where(_seen.tenant == Case.tenant, _seen.id == Case.id).scalar_subquery()
