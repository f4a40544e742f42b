"""The scenarios of the packs, each played once per process: the real parts on a virtual clock, no paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import select
from tests.packs_content.packs import pack_of

from zuozhen.services.outbox import PAPER
from zuozhen.services.scenarios import Scenario, load_scenarios
from zuozhen.services.scratch import Content, Parts, Scratch, blank_database, open_scratch, read_content
from zuozhen.services.studio.coverage import Coverage, Visits, coverage, visits_of
from zuozhen.services.walking import Walker
from zuozhen.store.cases import history
from zuozhen.store.chain import verify_chain
from zuozhen.store.database import Database
from zuozhen.store.tables import Case, Job


class NoPaper:
    """Stands where the renderer stands: a walk without paper must never ask for one."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"a story without paper asked the renderer for {name}")


@dataclass(frozen=True)
class Played:
    """How a story came out: what is not as written, work that lies undone, broken histories, where it went."""

    differences: Sequence[str]
    stuck: Sequence[str]
    broken: Sequence[str]
    visits: Visits


@cache
def content_of(slug: str) -> Content:
    """Return a pack, checked and parsed."""
    return read_content(pack_of(slug).files)


@cache
def stories_of(slug: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a pack; none if it has no table of them."""
    path = f"processes/{slug}/scenarios.toml"
    return load_scenarios(pack_of(slug).files.get(path, b""), path)


@cache
def blank() -> Database:
    """Return the database that all stories are played on, one after the other."""
    return blank_database()


@cache
def played(slug: str, name: str) -> Played:
    """Play one story of a pack; the second time the result is remembered."""
    return play(content_of(slug), next(story for story in stories_of(slug) if story.name == name))


def play(content: Content, story: Scenario) -> Played:
    """Play a story on a fresh installation in memory."""
    parts: Any = Parts(NoPaper(), "http://zuozhen.example")  # type: ignore[arg-type]
    scratch = open_scratch(content, story.begin, parts, blank())
    try:
        walker = Walker(scratch.context, scratch.clock, content.tenant, lambda _line: None, paper=False)
        walk = walker.play(story)
        return Played(
            tuple(walk.differences),
            tuple(_stuck(scratch)),
            tuple(_broken(scratch)),
            visits_of(scratch.flows, walk.logs),
        )
    finally:
        scratch.close()


def coverage_of(slug: str) -> Coverage:
    """Return where all stories of a pack went together."""
    pack, content = pack_of(slug), content_of(slug)
    visited = [played(slug, story.name).visits for story in stories_of(slug)]
    return coverage(visited, content.release.diagram, pack.files[pack.diagram_path])


def _stuck(scratch: Scratch) -> Iterator[str]:
    """Yield work that failed, and work that should have been done by now (paper is left lying)."""
    with scratch.context.database.read() as session:
        jobs = session.scalars(select(Job).where(Job.done_at.is_(None))).all()
    for job in jobs:
        if job.error or (job.kind not in PAPER and job.due_at <= scratch.clock()):
            yield f"{job.kind}: {job.error or 'not done'}"


def _broken(scratch: Scratch) -> Iterator[str]:
    """Yield what is wrong with the stored histories of all cases: nothing, ever."""
    with scratch.context.database.read() as session:
        for case in session.scalars(select(Case)).all():
            events = history(session, case.tenant, case.id, states=True)
            yield from verify_chain(events, head=case.head)
            if case.rev != len(events) or [e.state for e in events if e.state is not None][-1] != case.state:
                yield f"{case.title}: revision {case.rev}, {len(events)} events, or another state than the last"
