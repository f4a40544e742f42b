"""What several people decided together: the votes of a multi-instance activity as one named value.

The activity keeps every vote in its internal data. How each counts:

- a vote whose value is one of ``yes`` agrees, any other value does not;
- an instance handed in without a vote, or not handed in when the activity ends (completion condition, boundary
  event, correction), has not agreed; it counts in the total;
- an instance that a person ended by hand has left the vote: it does not count in the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from zuozhen.engine.ballots import (
    ANY,
    COMPLETED,
    DECIDED,
    NO_COUNT,
    OUTCOMES,
    VETO,
    YES_COUNT,
    as_option,
)
from zuozhen.engine.expressions import evaluate_for
from zuozhen.feel import Expression
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Json

VOTES: Final = "votes"
LEFT: Final = "left"
"""Internal data of a running activity: the votes of finished instances in order, and how many have left the vote."""

_YES, _NO = OUTCOMES
_EXACT = Decimal("0.000000001")
"""Shares such as 200 / 3 are meant exactly: what is nearer to a whole number of votes than this is that number."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many voted how: ``total`` is all who count, ``handed_in`` those who are finished, with a vote or without."""

    total: int
    yes: int
    no: int
    handed_in: int

    @property
    def missing(self) -> int:
        """Votes that were not given."""
        return self.total - self.yes - self.no


@dataclass(frozen=True, slots=True)
class Vote:
    """The rule of one activity: ``ballot`` is the field that is the vote, ``yes`` its values that agree, ``share``
    FEEL for a percentage, ``outcome`` the variable that is set."""

    rule: str
    outcome: str
    ballot: str = ""
    yes: frozenset[str] = frozenset()
    share: Expression | None = None

    def add(self, state: dict[str, Any], instance: Any) -> None:
        """Keep the vote of a finished instance; what it only found there from before is no vote of its own."""
        own = instance.stamps.get(self.ballot, 0) > int(instance.id[16:], 16)
        state[VOTES] = [*state.get(VOTES, ()), instance.data.get(self.ballot) if own else None]

    def tally(self, state: Mapping[str, Any], total: int) -> Tally:
        """Count the votes of an activity with ``total`` instances."""
        votes = state.get(VOTES, ())
        yes = sum(as_option(vote) in self.yes for vote in votes)
        no = sum(vote is not None and as_option(vote) not in self.yes for vote in votes)
        return Tally(total - state.get(LEFT, 0), yes, no, len(votes))

    def needed(self, my_task: Any, total: int) -> int:
        """Return how many of ``total`` make the share. Raises :class:`EngineError` unless it is 0 to 100."""
        if self.share is None:
            return 0
        value = evaluate_for(my_task, self.share)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 100:
            element = my_task.task_spec.element
            raise EngineError(
                f"“{element.label}”的比例 {self.share.text} 应是 0 到 100 的数，实际得到 {value!s:.60}",
                element_id=element.id,
                hint="请在“会签”中改正比例，例如 50，或 parameters 中的一个数",
            )
        exact = (Decimal(value) * total / 100).quantize(_EXACT)
        whole = int(exact)
        return whole if exact == whole else whole + 1

    def outcome_of(self, tally: Tally, needed: int) -> bool:
        """Tell what comes out if no further vote is given. ``needed`` is of :meth:`needed`."""
        if self.rule == VETO:
            return tally.yes == tally.total
        if self.rule == ANY:
            return tally.yes > 0
        if self.rule == COMPLETED:
            return tally.handed_in >= needed
        return tally.total > 0 and tally.yes >= needed

    def is_decided(self, tally: Tally, needed: int) -> bool:
        """Tell whether what is still to come cannot change what comes out."""
        coming = tally.total - tally.handed_in
        best = Tally(tally.total, tally.yes + coming, tally.no, tally.total)
        return self.outcome_of(tally, needed) == self.outcome_of(best, needed)

    def concluded(self, my_task: Any, total: int) -> dict[str, Json]:
        """Return the outcome to be written; the log tells how many voted how."""
        tally = self.tally(my_task.internal_data, total)
        outcome = _YES if self.outcome_of(tally, self.needed(my_task, tally.total)) else _NO
        said = {"yes": tally.yes, "no": tally.no, "missing": tally.missing, "handed_in": tally.handed_in}
        words = {"rule": self.rule, "total": str(tally.total), "outcome": outcome}
        my_task.journal.tell(
            "decided",
            my_task.task_spec.element,
            my_task.id,
            {**{k: str(v) for k, v in said.items()}, **words},
        )
        return {self.outcome: outcome}

    def counts(self, my_task: Any, total: int) -> dict[str, Json]:
        """Return what the completion condition may read."""
        tally = self.tally(my_task.internal_data, total)
        decided = self.is_decided(tally, self.needed(my_task, tally.total))
        return {YES_COUNT: tally.yes, NO_COUNT: tally.no, DECIDED: decided}
