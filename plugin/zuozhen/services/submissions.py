"""Every hand-in of a form of a case, read from its events: the case row itself keeps only the latest of each form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.formjs import FormDefinition
from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import NotFound
from zuozhen.services.concealing import concealed
from zuozhen.services.makers import RELEASE
from zuozhen.store.tables import Case, Event

FormOf: TypeAlias = Callable[["Submission"], FormDefinition]
BY: Final = "_by"
"""The member of a hand-in, besides its answers, that names who handed it in."""
AT: Final = "_at"
"""And when: ISO text, local, to the minute."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One hand-in: ``seq`` numbers its event in the case, ``token`` is the place (empty: the case's beginning)."""

    seq: int
    form: str
    answers: Mapping[str, Any]
    by: str
    at: datetime
    token: str
    release: str = ""
    """The release it was made on (id, hex); empty for those that do not say."""


def submissions_of(session: Session, case: Case) -> Sequence[Submission]:
    """Return what was handed in and not undone since, the earliest first: one statement."""
    return submissions_of_cases(session, [case]).get(case.id, ())


def submissions_of_cases(session: Session, cases: Sequence[Case]) -> Mapping[UUID, Sequence[Submission]]:
    """Return the hand-ins of cases of one jurisdiction by case: one statement."""
    rows = session.execute(
        select(Event.case_id, Event.seq, Event.kind, Event.at, Event.actor_name, Event.payload)
        .where(Event.tenant == cases[0].tenant, Event.case_id.in_([case.id for case in cases]))
        .order_by(Event.case_id, Event.seq)
    )
    found: dict[UUID, dict[int, Submission]] = defaultdict(dict)
    for case_id, seq, kind, at, by, payload in rows:
        if kind == "undone":
            found[case_id].pop(payload["undone"], None)
        elif payload.get("form") and payload.get("answers") is not None:
            found[case_id][seq] = Submission(
                seq,
                payload["form"],
                payload["answers"],
                by,
                at,
                payload.get("token", ""),
                payload.get(RELEASE, ""),
            )
    return {case_id: list(by_seq.values()) for case_id, by_seq in found.items()}


def latest_of(case: Case) -> Sequence[Submission]:
    """Return what the row of a case tells by itself: the latest hand-in of each form (for made-up cases)."""
    keys = case.data.get("_order", ())
    return [Submission(seq, key, case.data[key], "", case.created_at, "") for seq, key in enumerate(keys, 1)]


def submission_at(session: Session, case: Case, seq: int) -> tuple[Mapping[str, Any] | None, str]:
    """Return the answers handed in by one event of a case, undone since or not (``None`` if it has none), and the
    release they were made on (id, hex; empty if it does not say)."""
    payload = session.scalar(
        select(Event.payload).where(Event.tenant == case.tenant, Event.case_id == case.id, Event.seq == seq)
    )
    said = payload or {}
    return said.get("answers"), said.get(RELEASE, "")


def all_answers(
    submissions: Iterable[Submission], case: Case, forms: FormOf, *, conceal: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """Return the fact ``all``: by form key its hand-ins in order, each its answers with ``_by`` and ``_at``.

    ``forms`` gives the form of a hand-in. ``conceal`` replaces what outsiders must not see, and leaves out what nobody
    has the form of any more.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for one in submissions:
        answers: Mapping[str, Any] = one.answers
        if conceal:
            try:
                form = forms(one)
            except NotFound:
                continue  # nobody can say any more what was secret in a form that was dropped
            answers = concealed(form, answers, confidential=case.confidential)
        when = one.at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
        found.setdefault(one.form, []).append({**answers, BY: one.by, AT: when})
    return found
