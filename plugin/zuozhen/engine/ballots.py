"""The words in which a diagram says how several people decide together, without the engine that counts."""

from __future__ import annotations

from typing import Final

from zuozhen.model.step import Json

OUTCOMES: Final = ("yes", "no")
"""What a vote comes out as: agreed, not agreed."""

VETO: Final = "veto"
ANY: Final = "any"
COMPLETED: Final = "completed"
APPROVED: Final = "approved"
RULES: Final = (VETO, ANY, COMPLETED, APPROVED)
"""Values of ``zz:vote``: one no decides; one yes decides; a share of all is handed in; a share of all agrees."""
BY_SHARE: Final = frozenset({COMPLETED, APPROVED})

YES_COUNT: Final = "nrOfYesInstances"
NO_COUNT: Final = "nrOfNoInstances"
DECIDED: Final = "outcomeDecided"
"""What the completion condition of a voting activity knows besides the counts of BPMN."""


def as_option(value: Json) -> str:
    """Return a vote as the text of an option: yes/no fields have ``true`` and ``false``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def options_of(text: str) -> frozenset[str]:
    """Return the options listed in ``zz:yes``."""
    return frozenset(filter(None, (each.strip() for each in text.split(","))))
