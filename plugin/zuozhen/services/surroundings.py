"""The world that an engine step of a case sees: the instant, the functions and the values of its release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from zuozhen.model.step import AMBIENT, Environment, Trace
from zuozhen.services.casebook import pack_context
from zuozhen.services.context import Context
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.services.succession import heir_for


def ambient_of(release: Release) -> dict[str, Any]:
    """Return what every expression of a diagram may read of its release."""
    known = pack_context(release)
    return {name: known[name] for name in AMBIENT}


def environment(
    context: Context,
    session: Session,
    release: Release,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    former: Release | None = None,
    trace: Trace | None = None,
) -> Environment:
    """Return the world of a step on ``release`` in a case with the answers ``data``.

    ``former`` is the release that a migrated case comes from.
    """
    return Environment(
        now,
        functions_for(context, session, release),
        trace,
        ambient_of(release),
        None if former is None else ambient_of(former),
        heir_for(release, now, data or {}),
    )
