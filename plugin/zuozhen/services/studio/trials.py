"""A run on trial as it lives: a throw-away installation in which steps are replayed and then continued.

A trial is a function of the draft's files and the steps; the few that are kept alive between two pages
only save the time of the replay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, ZuozhenError
from zuozhen.services.observing import expectation
from zuozhen.services.scenarios import Scenario, ScenarioStep, read_step
from zuozhen.services.scratch import Content, Parts, Scratch, open_scratch
from zuozhen.services.walking import Walk, Walker
from zuozhen.store.tables import CASE_OPEN, Case

StepTable = Mapping[str, Any]
"""One step as JSON: like a step of ``scenarios.toml``, with ``at`` as local ISO text."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The step that the draft no longer takes; ``number`` counts from 1. The steps before it were done."""

    number: int
    message: str
    hint: str


def step_of(table: StepTable) -> ScenarioStep:
    """Read a step.

    Raises:
        ContentError: it is none.
    """
    try:
        return read_step({**table, "at": datetime.fromisoformat(table["at"])})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContentError(f"这一步的记录无法读取：{error}") from error


def table_of(step: ScenarioStep) -> dict[str, Any]:
    """Return a step of a scenario as JSON: what :func:`step_of` reads."""
    table: dict[str, Any] = {"at": local_iso(step.at)}
    if step.kind == "register":
        table |= {"channel": step.channel} if step.channel else {}
        table["register"] = step.answers
    elif step.kind != "wait":
        table |= {step.kind: step.target, "answers": step.answers}
    if step.kind == "start":
        table["process"] = step.process
    if step.case != "case":
        table["case"] = step.case
    if step.number != 1:
        table["number"] = step.number
    if step.files:
        table["files"] = step.files
    expected = {key: value for key, value in asdict(step.expected).items() if value or value == ()}
    table["expect"] = {key: value for key, value in expected.items() if value or key == "open"}
    plain: dict[str, Any] = json.loads(json.dumps(table, default=str))
    return plain


def local_iso(instant: datetime) -> str:
    """Return local ISO text to the second, as steps keep it."""
    return instant.astimezone(LOCAL).replace(tzinfo=None, microsecond=0).isoformat()


class Trial:
    """One live installation with the steps done in it. Used by one thread at a time."""

    def __init__(self, content: Content, start: datetime, steps: Sequence[StepTable], parts: Parts) -> None:
        begin = min([start, *(step_of(step).at for step in steps[:1])])
        self.scratch: Scratch = open_scratch(content, begin, parts)
        self.walk = Walk(Scenario("试运行", start, ()))
        self.walker = Walker(
            self.scratch.context, self.scratch.clock, content.tenant, lambda _line: None, paper=False
        )
        self.done = 0
        self.stop: Stop | None = None
        try:
            self.walker.settle(start)
            self._replay(steps)
        except Exception:
            self.close()
            raise

    @property
    def content(self) -> Content:
        return self.scratch.content

    @property
    def now(self) -> datetime:
        return self.scratch.clock()

    def close(self) -> None:
        self.scratch.close()

    def _replay(self, steps: Sequence[StepTable]) -> None:
        for number, table in enumerate(steps, start=1):
            step = step_of(table)
            try:
                self.walker.perform(step, self.walk)
            except ZuozhenError as error:
                self.stop = Stop(number, error.message, error.hint)
                return
            self.walker.compare(number, step, self.walk)
            self.done = number

    def perform(self, table: StepTable) -> dict[str, Any]:
        """Do one more step and return it with what came out of it as ``expect``.

        Raises:
            ZuozhenError: it cannot be done; this trial is of no use any more.
        """
        step = step_of(table)
        self.walker.perform(step, self.walk)
        if step.kind == "wait":
            step = replace(step, case=self._moved(step.case))
        found = self.walker.observe(step.case, self.walk)
        self.done += 1
        recorded = {key: value for key, value in table.items() if key != "expect"}
        if step.case != "case":
            recorded["case"] = step.case
        if found is not None:
            recorded["expect"] = expectation(self.walk.seen.get(step.case), found)
            self.walk.seen[step.case] = found
        return recorded

    def _moved(self, default: str) -> str:
        """Return the alias of a case that the time has changed: what a passing of time is about."""
        for alias, case_id in self.aliases().items():
            known = alias in self.walk.cases
            self.walk.cases.setdefault(alias, case_id)
            if self.walker.observe(alias, self.walk) != self.walk.seen.get(alias):
                return alias
            if not known:
                del self.walk.cases[alias]
        return default

    def aliases(self) -> dict[str, UUID]:
        """Return every case by the name that a step knows it by, in the order of their beginning."""
        pack = self.content.release.pack
        roles = {process: role for role, process in pack.processes.items()}
        with self.scratch.context.database.read() as session:
            cases = session.execute(
                select(Case.id, Case.process_id, Case.status)
                .where(Case.tenant == self.content.tenant)
                .order_by(Case.created_at, Case.id)
            ).all()
        named = {case_id: alias for alias, case_id in self.walk.cases.items()}
        newest = {row.process_id: row.id for row in cases if row.status == CASE_OPEN}
        count: dict[str, int] = {}
        found: dict[str, UUID] = {}
        for case_id, process, _status in cases:
            role = roles.get(process, process)
            count[role] = count.get(role, 0) + 1
            alias = named.get(case_id)
            if alias is None:
                plain = newest.get(process) == case_id and role not in self.walk.cases
                alias = role if plain else f"{role}-{count[role]}"
            found[alias] = case_id
        return found
