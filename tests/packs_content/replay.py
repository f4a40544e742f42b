"""An oracle for migration: the case that was moved against the same story played on the new version from its start."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.packs_content.changes import Change, Changed, changed
from tests.packs_content.mistakes import Source
from tests.packs_content.packs import LIBRARY, pack_of
from tests.packs_content.walks import NoPaper, content_of, stories_of

from zuozhen.documents import RenderInput
from zuozhen.model.clock import VirtualClock
from zuozhen.model.errors import NotFound, ZuozhenError
from zuozhen.model.ids import new_id
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.deployment import deploy
from zuozhen.services.observing import Observed
from zuozhen.services.prints import source_at, submission_source
from zuozhen.services.scenarios import Scenario, ScenarioStep
from zuozhen.services.scratch import Content, Parts, Scratch, open_scratch, read_content
from zuozhen.services.studio import migrating
from zuozhen.services.submissions import Submission, submissions_of
from zuozhen.services.walking import Walk, Walker
from zuozhen.store.database import Database
from zuozhen.store.tables import CASE_OPEN, ITEM_DONE, Case


@dataclass
class Tally:
    """What a comparison came to: ``same`` moments agreed, ``beyond`` cannot be compared (why), ``wrong`` differ."""

    same: int = 0
    ends: int = 0
    refused: int = 0
    papers: int = 0
    """Submissions from before a move that would be printed otherwise if they belonged to the new version."""
    beyond: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Lane:
    """One installation on which a story is played."""

    context: Context
    clock: VirtualClock
    tenant: int
    walk: Walk
    going: bool = True

    @property
    def walker(self) -> Walker:
        return Walker(self.context, self.clock, self.tenant, lambda _line: None, paper=False)

    def perform(self, step: ScenarioStep) -> bool:
        """Play one step; a story that cannot go on here stops for good."""
        try:
            self.walker.perform(step, self.walk)
        except ZuozhenError as error:
            self.going = False
            self.why = error.message
        return self.going

    def cases(self) -> list[Case]:
        """Return all cases of the installation."""
        with self.context.database.read() as session:
            return list(session.scalars(select(Case)).all())

    def papers(self, *, as_of_now: bool = False) -> dict[tuple[str, int], tuple[Any, ...]]:
        """Return what is printed of each submission so far, by case and event: the sheet, and everything on it.

        ``as_of_now``: as if it had been handed in on the release that its case is on now.
        """
        found = {}
        with self.context.database.read() as session:
            for alias, case_id in self.walk.cases.items():
                case = session.get(Case, (self.tenant, case_id))
                for one in submissions_of(session, case) if case is not None else ():
                    _, source = source_at(self.context, session, case, one.form, one.seq)
                    if as_of_now:
                        source = self._reprinted(session, case, one)
                    if source is None:
                        continue
                    found[alias, one.seq] = (source.template, source.form, source.data)
        return found

    def _reprinted(self, session: Session, case: Case, one: Submission) -> RenderInput | None:
        release = self.context.releases.get(session, self.tenant, case.release_id)
        try:
            return submission_source(release, case, one.form, one.answers, self.clock())
        except NotFound:
            return None

    def observe(self) -> Iterator[tuple[str, Observed]]:
        """Give what is to be seen of each case of the story."""
        for alias in self.walk.cases:
            seen = self.walker.observe(alias, self.walk)
            if seen is not None:
                yield alias, seen


def opened(content: Content, story: Scenario) -> tuple[Scratch, Lane]:
    """Return a fresh installation at the beginning of a story."""
    parts: Any = Parts(NoPaper(), "http://zuozhen.example")  # type: ignore[arg-type]
    scratch = open_scratch(content, story.begin, parts)
    return scratch, Lane(scratch.context, scratch.clock, content.tenant, Walk(story))


def forked(lane: Lane) -> Lane:
    """Return a copy of an installation that goes its own way from here."""
    database = Database("sqlite://")
    with lane.context.database.read() as session, database.read() as twin:
        source: sqlite3.Connection = session.connection().connection.driver_connection  # type: ignore[assignment]
        source.backup(twin.connection().connection.driver_connection)  # type: ignore[arg-type]
    clock = VirtualClock(lane.clock())
    context = replace(lane.context, database=database, clock=clock)
    return Lane(context, clock, lane.tenant, replace(lane.walk, cases=dict(lane.walk.cases), differences=[]))


def compare(slug: str, change: Change, number: int, tally: Tally, stages: int, *, late: bool = False) -> None:
    """Play one story on both versions and move its cases at ``stages`` moments, comparing each time.

    ``late`` moments have most forms behind them.
    """
    source = Source(slug, LIBRARY.files(slug), pack_of(slug).diagram_path)
    made = changed(source, change, number)
    if made is None:
        return
    chance = random.Random(f"{slug} {change.__name__} {number}")
    story = chance.choice(stories_of(slug))
    begun = range(len(story.steps) * 2 // 3 if late else 0, len(story.steps))
    moments = set(chance.sample(begun, min(stages, len(begun))))
    new = read_content(made.files)
    old_scratch, old = opened(content_of(slug), story)
    new_scratch, fresh = opened(new, story)
    try:
        _side_by_side(
            story,
            old,
            fresh,
            made,
            moments,
            tally,
            f"{slug} {change.__name__} {number} {made.words} “{story.name}”",
        )
    finally:
        old_scratch.close()
        new_scratch.close()


def _side_by_side(
    story: Scenario, old: Lane, fresh: Lane, made: Changed, moments: set[int], tally: Tally, name: str
) -> None:
    movers: list[tuple[int, Lane]] = []
    try:
        for position, step in enumerate(story.steps):
            there = replace(step, target=made.mapping.get(step.target, step.target))
            if old.going:
                old.perform(step)
            if fresh.going:
                fresh.perform(there)
            for begun, lane in movers:
                if lane.going and fresh.going:
                    lane.perform(there)
                    _hold(lane, fresh, made, tally, f"{name} moved after {begun + 1}, step {position + 1}")
            if position in moments and old.going:
                lane = forked(old)
                papers = lane.papers()
                refusals = _move(lane, made)
                if refusals:
                    tally.refused += 1
                    tally.beyond.append(f"{name} step {position + 1}: {refusals[0]}")
                    lane.context.database.close()
                    continue
                movers.append((position, lane))
                reprinted = {key: paper for key, paper in lane.papers().items() if key in papers}
                tally.papers += sum(
                    paper != papers[key] for key, paper in lane.papers(as_of_now=True).items()
                )
                if reprinted != papers:
                    tally.wrong.append(
                        f"{name} moved after {position + 1}: old submissions are printed otherwise"
                    )
                if fresh.going:
                    _hold(lane, fresh, made, tally, f"{name} moved after {position + 1}")
    finally:
        for _, lane in movers:
            tally.ends += lane.going and fresh.going
            lane.context.database.close()


def _move(lane: Lane, made: Changed) -> list[str]:
    """Deploy the changed pack and move every running case; return why some were refused."""
    deploy(lane.context, made.files)
    lane.walker.catch_up()
    if not any(case.status == CASE_OPEN for case in lane.cases()):
        return []
    actor = Actor(lane.tenant, "系统管理员", id=new_id(), admin=frozenset({"system"}))
    migration_id = migrating.start(lane.context, actor, None, Order(mapping=made.mapping), "all", "")
    lane.walker.catch_up()
    lines = migrating.report(lane.context, lane.tenant, migration_id).lines
    return [f"{line.status}: {line.error}" for line in lines if line.status != ITEM_DONE]


def _hold(moved: Lane, fresh: Lane, made: Changed, tally: Tally, name: str) -> None:
    theirs: Mapping[str, Observed] = dict(fresh.observe())
    for alias, ours in moved.observe():
        seen = theirs.get(alias)
        if seen is None:
            tally.wrong.append(f"{name}: no case {alias} on the new version")
        elif seen.fired != ours.fired or made.fresh & set(seen.open):
            tally.beyond.append(f"{name}: {alias} went another way before it was moved")
        elif _facts(seen) != _facts(ours):
            tally.wrong.append(f"{name}: {alias} has {_facts(ours)}, replayed {_facts(seen)}")
        else:
            tally.same += 1


def _facts(seen: Observed) -> tuple[Any, ...]:
    return seen.tasks, seen.stage, seen.ended
