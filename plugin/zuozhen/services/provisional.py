"""A case as it would be after a step: what titles and numbers look at before anything is written."""

from __future__ import annotations

from typing import Any

from zuozhen.store.tables import Case

_COLUMNS = tuple(column.key for column in Case.__table__.columns)


def as_if(case: Case, **changes: Any) -> Case:
    """Return a copy of a case with other values; it belongs to no session and is never stored."""
    values = {name: getattr(case, name) for name in _COLUMNS if name not in ("state", "head")}
    return Case(**{**values, **changes})
