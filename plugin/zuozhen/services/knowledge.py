"""What a case knows where a form waits: answers by form, variables, and in an instance of several only its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.engine import Diagram
from zuozhen.services.releases import Release
from zuozhen.services.submissions import submissions_of
from zuozhen.store.tables import Case, Token

COUNTER: Final = "loopCounter"
"""The variable that the engine gives every instance of a multi-instance activity, besides its item."""


@dataclass(frozen=True, slots=True)
class Known:
    """``data`` as in ``Case.data``; ``variables`` those that the diagram reads or writes (the others may be stale).

    ``written`` are names that the diagram itself sets (output parameters, items, messages that it catches):
    such a variable is no mere echo of an answer. ``others`` are answers given in other instances.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    others: Sequence[Mapping[str, Any]] = ()


def known_at(session: Session, release: Release, case: Case, token: Token | None) -> Known:
    """Return what is known at a place of a case (``None``: at none in particular).

    An instance of a multi-instance activity knows no answers of other instances; to tell whose an answer is
    costs two statements, there only.
    """
    diagram = release.diagram
    written = written_in(diagram, case.process_id)
    local = (token.variables or {}) if token is not None else {}
    if token is None or COUNTER not in local:
        return Known(case.data, _live(diagram, {**local, **(case.variables or {})}, written), written)
    foreign = _foreign_tokens(session, diagram, case, token)
    data: dict[str, Any] = {"_order": []}
    others = []
    for one in submissions_of(session, case):
        if one.token in foreign:
            others.append(one.answers)
            continue
        data["_order"] = [*(key for key in data["_order"] if key != one.form), one.form]
        data[one.form] = dict(one.answers)
    return Known(data, _live(diagram, local, written), written, others)


def _live(diagram: Diagram, variables: Mapping[str, Any], written: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if name in diagram.names or name in written}


def written_in(diagram: Diagram, process_id: str) -> frozenset[str]:
    """Return the variables that a process sets without a form."""
    own = [element for element in diagram.elements.values() if element.process_id == process_id]
    found = {name for element in own for name, _ in element.outputs} | {element.item for element in own}
    caught = {
        element.message for element in own if element.message and not element.properties.get("zz:payload")
    }
    for element in diagram.elements.values():
        if element.message in caught:
            found |= {name.strip() for name in element.properties.get("zz:payload", "").split(",")}
    return frozenset(found - {""})


def _foreign_tokens(session: Session, diagram: Diagram, case: Case, token: Token) -> frozenset[str]:
    """Return the tasks of a case that were another instance's than the one of ``token``."""
    here = _place(diagram, token.element_id, token.variables)
    rows = session.execute(
        select(Token.token, Token.element_id, Token.variables).where(
            Token.tenant == case.tenant, Token.case_id == case.id, Token.kind == "task"
        )
    )
    instances = [row for row in rows if COUNTER in (row.variables or {})]
    there = {row.token: _place(diagram, row.element_id, row.variables) for row in instances}
    return frozenset(
        known
        for known, place in there.items()
        if any(place[name] != here[name] for name in place.keys() & here.keys())
    )


def _place(diagram: Diagram, element_id: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what tells an instance from its siblings: its items, or its number where it has none."""
    items = {name: variables.get(name) for name in _items(diagram, element_id)}
    return items or {COUNTER: variables.get(COUNTER)}


def _items(diagram: Diagram, element_id: str) -> Iterator[str]:
    """Yield the item variables of an element and of the sub-processes around it, inside out."""
    element = diagram.elements.get(element_id)
    while element is not None:
        if element.item:
            yield element.item
        element = diagram.elements.get(element.scope)
