"""What a migration finds out about one case while it goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from zuozhen.engine.diagram import Element
from zuozhen.model.migration import DueChange, Placement, Refusal


@dataclass(slots=True)
class Report:
    """What a migration finds out about one case."""

    placements: list[Placement] = field(default_factory=list)
    dues: list[DueChange] = field(default_factory=list)
    refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def refuse(self, element: Element, code: str, message: str, hint: str) -> None:
        """Refuse the case because of a place in the old diagram; once for each place and reason."""
        refusal = Refusal(element.id, element.label, code, message, hint)
        self.refusals.setdefault((element.id, code), refusal)
