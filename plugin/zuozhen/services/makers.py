"""A submission belongs to the release it was made on: with its form, labels, options and template it is shown for ever.

The case's own release says what happens next; what was handed in before a migration stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.formjs import FormDefinition
from zuozhen.model.errors import NotFound
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

MADE: Final = "_made"
"""The member of ``Case.data`` that says on which release the latest answers of each form were made (id, hex)."""
RELEASE: Final = "release"
"""The member of an event's payload that says it of the answers of that event."""


@dataclass(frozen=True, slots=True)
class Makers:
    """The releases on which the latest answers of a case's forms were made; ``current`` for those nothing is known of."""

    current: Release
    known: Mapping[str, Release] = field(default_factory=dict)

    def of(self, form_key: str) -> Release:
        """Return the release that a form's latest answers belong to."""
        return self.known.get(form_key, self.current)

    def form(self, form_key: str) -> FormDefinition:
        """Return the form by which the latest answers were given.

        Raises:
            NotFound: the release has no such form.
        """
        return self.of(form_key).form(form_key)


def makers_of(context: Context, session: Session, case: Case, current: Release) -> Makers:
    """Return which release each form of a case was handed in on; releases are kept parsed, so it costs nothing as a rule."""
    made: Mapping[str, str] = case.data.get(MADE, {})
    return Makers(current, {key: maker_of(context, session, current, text) for key, text in made.items()})


def maker_of(context: Context, session: Session, current: Release, release_id: str | None) -> Release:
    """Return the release of an id (hex) that an event or a case keeps; ``current`` if it keeps none."""
    if not release_id or release_id == current.id.hex:
        return current
    try:
        return context.releases.get(session, current.tenant, UUID(release_id))
    except NotFound:  # an installation in memory holds only the release it was made for
        return current


def stamped(data: Mapping[str, Any], release_id: UUID, keys: Iterable[str]) -> dict[str, Any]:
    """Return a case's data that says of forms without a maker that they were made on this release."""
    made = data.get(MADE, {})
    missing = {key: release_id.hex for key in keys if key not in made}
    return {**data, MADE: {**missing, **made}} if missing else dict(data)
