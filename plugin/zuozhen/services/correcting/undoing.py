"""Undoing the last step of a case: its snapshot of before is put back by a step of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from zuozhen.model.errors import Conflict, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.correcting.grounds import Grounds, require
from zuozhen.services.numbers import void_numbers
from zuozhen.services.privacy import require_known
from zuozhen.services.restoring import restore_case, snapshot_of
from zuozhen.store.cases import history
from zuozhen.store.steps import load_case
from zuozhen.store.tables import Event

BEGINNINGS = frozenset({"registered", "started"})
OTHER_WAYS = {
    "fired": "上一步是时限到期，撤销后会立即再次到期。请改用“更改期限”或“转到别的环节”。",
    "migrated": "上一步是迁移到新版流程，请在“迁移”中回退。",
    "migration_rolled_back": "上一步是迁移的回退，不能撤销。",
    "recounted": "上一步是按新日历重新计算期限，请在“迁移”中回退。",
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """The step that an undo would take back; ``standing`` are the events that count before it.

    ``thrown`` names the messages it sent to other cases: they are not taken back.
    """

    event: Event
    standing: tuple[Event, ...]
    thrown: tuple[str, ...]


def effective(events: Sequence[Event]) -> list[Event]:
    """Return the events with a snapshot that still count: an undo takes away the one before it."""
    standing: list[Event] = []
    for event in events:
        if event.kind == "undone":
            standing.pop()
        elif event.state is not None:
            standing.append(event)
    return standing


def last_step(events: Sequence[Event]) -> Undoable:
    """Return what an undo would take back of a case with these events (loaded with their snapshots).

    Raises:
        Conflict: there is nothing that may be undone; the message says why.
    """
    standing = effective(events)
    last = standing[-1] if standing else None
    if last is None or last.kind in BEGINNINGS or len(standing) == 1:
        raise Conflict("登记是第一步，不能撤销。", hint="不再办理的，请用“终止办件”。")
    if last.kind in OTHER_WAYS:
        raise Conflict(OTHER_WAYS[last.kind])
    thrown = [
        line.get("name") or line["element"]
        for line in last.payload.get("log", ())
        if line["kind"] == "thrown"
    ]
    return Undoable(last, tuple(standing[:-1]), tuple(thrown))


def undo(context: Context, actor: Actor, case_id: UUID, grounds: Grounds, *, seq: int) -> None:
    """Put a case back to where it was before its last step.

    ``seq`` is the number of the step that the page showed. The answers of the step leave the case's data, its
    event stays in the history, numbers that it gave are voided; letters already sent and messages already taken are not taken back.

    Raises:
        Conflict: the case has moved on since the page was made, or nothing may be undone.
    """
    require(actor, grounds)
    with context.database.write() as session:
        found = load_case(session, actor.tenant, case_id)
        if found is None:
            raise NotFound("没有这件办件。")
        require_known(session, actor, found.case)
        undone = last_step(history(session, actor.tenant, case_id, states=True))
        if undone.event.seq != seq:
            raise Conflict("办件已有新的进展，没有撤销。", hint="请刷新页面，确认要撤销的是哪一步。")
        restore_case(
            context,
            session,
            found.case,
            found.tokens,
            context.releases.get(session, actor.tenant, found.case.release_id),
            snapshot_of(undone.standing, found.case),
            actor=actor,
            kind="undone",
            payload={
                "undone": seq,
                "what": undone.event.kind,
                "name": undone.event.payload.get("name", ""),
                **grounds.as_payload(),
            },
        )
        void_numbers(
            session,
            found.case,
            undone.event.payload.get("numbers", ()),
            at=context.clock(),
            by=actor.id,
            reason=f"撤销上一步：{grounds.reason.strip()}",
        )
    context.wake()
