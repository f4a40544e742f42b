"""What people have typed and not saved yet: one text per person and path, never in anybody's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import Forbidden
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.database import dialect_of, upsert
from zuozhen.store.tables import StudioAutosave


@dataclass(frozen=True, slots=True)
class Autosave:
    """A text that its author has not saved; ``base_rev`` is the revision it started from."""

    path: str
    content: bytes
    base_rev: int
    at: datetime


def keep(context: Context, session: Session, actor: Actor, path: str, content: bytes, rev: int) -> None:
    """Write an autosave in the caller's transaction; the one before it goes.

    Raises:
        Forbidden: the actor is nobody with an account.
    """
    if actor.id is None:
        raise Forbidden("请先登录。")
    values = {
        "tenant": actor.tenant,
        "account_id": actor.id,
        "path": path,
        "content": content,
        "base_rev": rev,
        "at": context.clock(),
    }
    statement = upsert(dialect_of(session), StudioAutosave).values(**values)
    changing = {name: values[name] for name in ("content", "base_rev", "at")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["tenant", "account_id", "path"], set_=changing)
    )


def forget(session: Session, actor: Actor, path: str) -> None:
    """Delete the actor's autosave of a path, if there is one, in the caller's transaction."""
    session.execute(
        delete(StudioAutosave).where(
            StudioAutosave.tenant == actor.tenant,
            StudioAutosave.account_id == actor.id,
            StudioAutosave.path == path,
        )
    )


def drop_autosave(context: Context, actor: Actor, path: str) -> None:
    """Throw away one's own autosave of a path."""
    with context.database.write() as session:
        forget(session, actor, path)


def own_autosave(context: Context, actor: Actor, path: str) -> Autosave | None:
    """Return one's own autosave of a path."""
    if actor.id is None:
        return None
    with context.database.read() as session:
        row = session.get(StudioAutosave, (actor.tenant, actor.id, path))
        return Autosave(row.path, row.content, row.base_rev, row.at) if row is not None else None


def own_autosaves(context: Context, actor: Actor) -> tuple[Autosave, ...]:
    """Return all of one's own autosaves, the newest first."""
    query = (
        select(StudioAutosave)
        .where(StudioAutosave.tenant == actor.tenant, StudioAutosave.account_id == actor.id)
        .order_by(StudioAutosave.at.desc(), StudioAutosave.path)
    )
    with context.database.read() as session:
        return tuple(Autosave(row.path, row.content, row.base_rev, row.at) for row in session.scalars(query))
