"""One case put back to where it was before a migration, as long as it has not moved on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.model.errors import ZuozhenError
from zuozhen.services.context import Context
from zuozhen.services.migrating.lines import Line, Work, settle
from zuozhen.services.migrating.moving import reasons_before
from zuozhen.services.migrating.since import Since, look_since
from zuozhen.services.restoring import with_reasons
from zuozhen.services.stepping import write_redrawn
from zuozhen.services.surroundings import environment
from zuozhen.store.steps import LoadedCase, load_case
from zuozhen.store.tables import ITEM_KEPT, ITEM_ROLLED_BACK, Event


def return_case(context: Context, work: Work, line: Line) -> None:
    """Put one case back and note the outcome on its line; one that has moved on is kept, with the reason.

    Raises:
        Conflict: somebody holds the case; it may be tried again. NotOurTurn: it was settled meanwhile.
    """
    with context.database.write(durable=False) as session:  # resumes by itself
        found = load_case(session, work.tenant, line.case_id)
        if found is None:
            return
        since = look_since(session, found.case, line.seq or 0)
        kept = since.in_the_way
        if not kept:
            try:
                _put_back(context, session, found, work, line.before or {}, since)
            except ZuozhenError as error:  # the engine's, before anything was written
                kept = error.message[:2000]
        settle(
            session,
            work,
            line,
            status=ITEM_KEPT if kept else ITEM_ROLLED_BACK,
            at=context.clock(),
            error=kept or None,
        )


def _put_back(
    context: Context,
    session: Session,
    found: LoadedCase,
    work: Work,
    before: Mapping[str, Any],
    since: Since,
) -> None:
    case, tokens = found
    old = context.releases.get(session, case.tenant, UUID(hex=before["release"]))
    snapshot = session.scalar(
        select(Event.state)
        .where(
            Event.tenant == case.tenant,
            Event.case_id == case.id,
            Event.seq <= before["seq"],
            Event.state.is_not(None),
        )
        .order_by(Event.seq.desc())
        .limit(1)
    )
    if snapshot is None:
        raise ZuozhenError("没有迁移前的快照，不能回退。")
    now = context.clock()
    step = engine.restore(
        old.diagram,
        case.process_id,
        snapshot,
        environment(context, session, old, now, data=case.data),
        [row.token for row in tokens],
    )
    version = context.releases.get(session, case.tenant, case.release_id).version
    write_redrawn(
        context,
        session,
        case,
        tokens,
        with_reasons(step, partial(reasons_before, before)),
        old,
        actor=work.actor,
        kind="migration_rolled_back",
        payload={
            "migration": work.id.hex,
            "from": version,
            "to": old.version,
            "reason": work.reason,
            "withdrawn": list(since.withdrawn),
        },
        stage=str(before["stage"]),
    )
