"""What can be seen of one case on a walk, and how it compares with what a scenario expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.clock import LOCAL, due_date
from zuozhen.services.context import Context
from zuozhen.services.scenarios import Expected
from zuozhen.services.stepnames import StepNames
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import Case, Document, Event, Job, Token

UNLIMITED = "不限"
LETTERS: Final = ("notify", "publish")
ASKED_BY: Final = {"print": "", "document": "zz:template", "report": "zz:report"}
"""Kinds of work that make documents, and the property that says which (none: the form handed in)."""


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """One open task: ``due`` is the last day on time (ISO), or ``不限``."""

    element: str
    name: str
    group: str
    due: str
    due_at: str = UNLIMITED
    """The due date with its time of day, as ``2026-10-20 16:00``; a whole day ends at 24:00."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A case at one moment; ``fired``, ``documents`` and ``notices`` are all there were so far."""

    tasks: tuple[OpenPlace, ...]
    stage: str
    outcome: str
    ended: str
    fired: frozenset[str]
    documents: frozenset[str]
    notices: frozenset[str]
    data: Mapping[str, Any] = field(default_factory=dict)
    """The latest answers by form key."""

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(task.element for task in self.tasks)

    def due(self, element: str) -> frozenset[str]:
        return frozenset(task.due for task in self.tasks if task.element == element)

    def due_at(self, element: str) -> frozenset[str]:
        return frozenset(task.due_at for task in self.tasks if task.element == element)


def observe(context: Context, tenant: int, case_id: UUID) -> Observed | None:
    """Return what can be seen of a case, ``None`` if there is no such case.

    A document counts from the moment it is asked for: a walk without paper does not make it.
    """
    with context.database.read() as session:
        case = session.get(Case, (tenant, case_id))
        if case is None:
            return None
        tokens = session.execute(
            select(Token.element_id, Token.name, Token.grp, Token.due_at).where(
                Token.tenant == tenant, Token.case_id == case_id, is_open("task")
            )
        ).all()
        asked = session.execute(
            select(Job.kind, Job.payload).where(
                Job.tenant == tenant, Job.case_id == case_id, Job.kind.in_((*LETTERS, *ASKED_BY))
            )
        ).all()
        made = session.scalars(
            select(Document.form_key).where(
                Document.tenant == tenant,
                Document.case_id == case_id,
                Document.kind.in_(("form", "document", "report")),
            )
        ).all()
        happened = session.scalars(
            select(Event.payload).where(Event.tenant == tenant, Event.case_id == case_id)
        ).all()
    return Observed(
        tuple(sorted((_place(*token) for token in tokens), key=lambda place: (place.element, place.due))),
        case.stage,
        case.outcome,
        case.end_element,
        frozenset(fired(happened)),
        frozenset({*made, *(_paper(kind, payload) for kind, payload in asked if kind in ASKED_BY)}),
        frozenset(
            str(payload.get("properties", {}).get("zz:template", ""))
            for kind, payload in asked
            if kind in LETTERS
        ),
        {key: answers for key, answers in case.data.items() if not key.startswith("_")},
    )


def _paper(kind: str, payload: Mapping[str, Any]) -> str:
    """Return the key of the form, print template or report that a piece of work makes a document of."""
    name = ASKED_BY[kind]
    return str(payload.get("form", "")) if not name else str(payload.get("properties", {}).get(name, ""))


def expectation(before: Observed | None, now: Observed) -> dict[str, Any]:
    """Return what a scenario would say of this moment: its open tasks, and what is new since ``before``."""
    table: dict[str, Any] = {"open": list(now.open)}
    dues = {element: now.due(element) for element in now.open}
    due = {element: next(iter(days)) for element, days in dues.items() if len(days) == 1}
    due = {element: day for element, day in due.items() if day != UNLIMITED}
    if due:
        table["due"] = due
    if now.stage and (before is None or before.stage != now.stage):
        table["stage"] = now.stage
    if now.ended and (before is None or not before.ended):
        table["ended"] = now.ended
    for key in ("fired", "documents", "notices"):
        new = getattr(now, key) - (getattr(before, key) if before is not None else frozenset())
        if new:
            table[key] = sorted(new)
    return table


def differences(expected: Expected, found: Observed, names: StepNames) -> Iterator[str]:
    """Give, in Chinese and by name, everything that is not as expected."""
    if expected.open is not None and found.open != expected.open:
        yield f"应有待办：{names.elements(expected.open)}；实有：{names.elements(found.open)}"
    for element, day in expected.due.items():
        days = found.due_at(element) if len(day) > len("2026-10-20") else found.due(element)
        if days != {day}:
            yield f"{names.element(element)}期限应为 {day}，实为 {'、'.join(sorted(days)) or '无此待办'}"
    if expected.stage is not None and found.stage != expected.stage:
        yield f"阶段应为“{expected.stage}”，实为“{found.stage}”"
    if expected.ended is not None and found.ended != expected.ended:
        ended = names.element(found.ended) if found.ended else "未结束"
        yield f"应结束于{names.element(expected.ended)}，实为{ended}"
    yield from (
        f"时限{names.element(element)}没有触发" for element in expected.fired if element not in found.fired
    )
    yield from (f"缺少文书{names.form(key)}" for key in expected.documents if key not in found.documents)
    yield from (f"没有发出{names.letter(key)}" for key in expected.notices if key not in found.notices)
    for path, wanted in expected.data.items():
        actual = _answer(found.data, path)
        if actual != wanted and str(actual) != str(wanted):
            yield f"“{path}”应为“{wanted}”，实为“{'' if actual is None else actual}”"


def _answer(data: Mapping[str, Any], path: str) -> Any:
    """Return the answer at ``form.field``; ``None`` where there is none."""
    value: Any = data
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def fired(payloads: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give the ids of the timer events that fired, out of the payloads of a case's events."""
    for payload in payloads:
        for entry in payload.get("log", ()):
            if entry["kind"] == "fired":
                yield entry["element"]


def _place(element: str, name: str, group: str, due_at: datetime | None) -> OpenPlace:
    if due_at is None:
        return OpenPlace(element, name, group, UNLIMITED)
    day, local = due_date(due_at), due_at.astimezone(LOCAL)
    clock = f"{local:%H:%M}" if day == local.date() else "24:00"
    return OpenPlace(element, name, group, day.isoformat(), f"{day} {clock}")
