"""The hash chain over the events of one case: who changes, drops or inserts a line is found out.

The rule, so that others can verify an exported history without this program:

    hash = SHA-256( previous hash | SHA-256(state or nothing) | UTF-8 of the canonical JSON object )

where the object has the members actor, actor_name, at, case_id, kind, payload, rev, seq and tenant, its
keys are sorted by code point at every level, there are no blanks and no escapes that JSON does not demand;
``at`` is ISO 8601 in UTC with six decimals and ``+00:00``, ids are dashed lower-case hex, a missing actor is
``null``. The first event is chained to 32 zero bytes; the case row keeps the last hash (``head``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from zuozhen.store.base import dump_json
from zuozhen.store.tables import NO_HEAD, Event


def plain(value: Any) -> Any:
    """Return ``value`` as it will be read back from JSON text (tuples as lists, keys as text)."""
    return json.loads(dump_json(value))


def canonical(value: Any) -> bytes:
    """Return the one spelling of a JSON value that is hashed."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def content_of(event: Event) -> dict[str, Any]:
    """Return the members of an event that are hashed, in their exported form."""
    return {
        "actor": str(event.actor) if event.actor else None,
        "actor_name": event.actor_name,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "case_id": str(event.case_id),
        "kind": event.kind,
        "payload": event.payload,
        "rev": event.rev,
        "seq": event.seq,
        "tenant": event.tenant,
    }


def event_hash(previous: bytes, event: Event) -> bytes:
    """Return the 32-byte hash of ``event`` after an event with the hash ``previous``."""
    state = hashlib.sha256(event.state or b"").digest()
    return hashlib.sha256(previous + state + canonical(content_of(event))).digest()


def verify_chain(events: Iterable[Event], *, head: bytes | None = None) -> list[str]:
    """Return what is wrong with the complete history of one case, in order; empty when it is sound.

    ``events`` come in order of ``seq`` with their ``state`` loaded (``queries.history(..., states=True)``).
    ``head`` is the hash kept on the case row; without it, lines missing at the end go unnoticed.
    """
    problems = []
    previous, expected = NO_HEAD, 1
    for event in events:
        if event.seq != expected:
            problems.append(f"办理记录第 {expected} 条起缺失，下一条是第 {event.seq} 条。")
        if event_hash(previous, event) != event.hash:
            problems.append(f"办理记录第 {event.seq} 条与校验值不符：此条或其前一条被改动过。")
        previous, expected = event.hash, event.seq + 1
    if head is not None and head != previous:
        problems.append(
            f"办理记录到第 {expected - 1} 条为止，与办件上保存的末条校验值不符：末尾有记录缺失或被改动。"
        )
    return problems
