"""A case at rest as the values that the store writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zuozhen.engine.codec import dump
from zuozhen.engine.projection import Open, case_variables
from zuozhen.model.step import LogEntry, Step


def step_of(case: Any, process_id: str, before: Iterable[str]) -> Step:
    """Return the outcome of what happened to a pruned case; ``before`` are the tokens that were open.

    Raises :class:`EngineError` if variables are not JSON.
    """
    journal = case.journal
    opened = Open(case)
    variables = case_variables(case)
    state = dump(case, process_id)
    ended = None if case.living() else journal.end
    if ended is not None:
        journal.log.append(LogEntry("ended", ended.element_id, ended.name, "", ended.properties))
    tokens = {item.token for group in (opened.tasks, opened.timers, opened.waits) for item in group}
    return Step(
        state=state,
        variables=variables,
        tasks=tuple(opened.tasks),
        timers=tuple(opened.timers),
        waits=tuple(opened.waits),
        closed={token: journal.fates.get(token, "cancelled") for token in before if token not in tokens},
        messages=tuple(journal.messages),
        actions=tuple(journal.actions),
        log=tuple(journal.log),
        ended=ended,
    )
