"""What happened to a case after a migration: timers that fired by themselves can be taken back, people's work cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.clock import LOCAL
from zuozhen.store.tables import Case, Event


@dataclass(frozen=True, slots=True)
class Since:
    """``in_the_way`` says why a case cannot be put back (empty: it can), ``withdrawn`` what is taken back with it."""

    in_the_way: str = ""
    withdrawn: tuple[str, ...] = ()


def look_since(session: Session, case: Case, seq: int) -> Since:
    """Return what happened to a case after its event ``seq``.

    Signing for a task or handing it over is nothing. A timer is taken back unless it set off what left the case:
    a letter, a publication, a message to other cases, a number, the end with its dossier.
    """
    if case.seq == seq:
        return Since()
    rows = session.execute(
        select(Event.at, Event.kind, Event.payload)
        .where(
            Event.tenant == case.tenant,
            Event.case_id == case.id,
            Event.seq > seq,
            Event.state.is_not(None),
        )
        .order_by(Event.seq)
    )
    withdrawn: list[str] = []
    for at, kind, payload in rows:
        if kind != "fired":
            return Since(f"迁移后已继续办理（{_moment(at)}），不能回退。")
        fired = "、".join(_names(payload, "fired"))
        if done := tuple(_lasting(payload)):
            return Since(f"迁移后“{fired}”到期（{_moment(at)}），已经{'、'.join(done)}，收不回来，不能回退。")
        withdrawn.append(f"“{fired}”到期（{_moment(at)}）已收回")
    return Since(withdrawn=tuple(withdrawn))


def _lasting(payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a step did that cannot be taken back, in words."""
    for line in payload.get("log", ()):
        name = line.get("name") or line.get("element", "")
        if line["kind"] == "thrown":
            yield f"发出消息“{name}”"
        elif line["kind"] == "ended":
            yield f"结束（{name}）"
    for name in payload.get("actions", ()):
        yield f"执行“{name}”"
    for number in payload.get("numbers", ()):
        yield f"给出编号 {number['text']}"


def _names(payload: Mapping[str, Any], kind: str) -> Iterator[str]:
    for line in payload.get("log", ()):
        if line["kind"] == kind:
            yield line.get("name") or line.get("element", "")


def _moment(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
