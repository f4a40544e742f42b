"""The scenarios of a pack, played against files that are not deployed: before a deployment and on request.

What a scenario comes to depends on the files alone, so results are remembered by their content.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from zuozhen.model.errors import ContentError, NotFound, ZuozhenError
from zuozhen.packs.bundle import fingerprint
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.scenarios import Scenario, load_scenarios
from zuozhen.services.scenariosettings import content_for
from zuozhen.services.scratch import Content, Parts, blank_database, open_scratch
from zuozhen.services.studio import workspace
from zuozhen.services.studio.coverage import Coverage, Visits, coverage, visits_of
from zuozhen.services.studio.runs import new_run
from zuozhen.services.studio.scenariofile import path_of
from zuozhen.services.studio.trialcache import TRIALS
from zuozhen.services.studio.trials import table_of
from zuozhen.services.walking import Walker
from zuozhen.store.database import Database

REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How one scenario came out; ``visited`` counts the elements and flows that it went through."""

    name: str
    ok: bool
    differences: tuple[str, ...]
    visited: Visits


class _Memory:
    """Results by content; safe to share between threads (work may at worst be done twice)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._results: OrderedDict[str, ScenarioResult] = OrderedDict()

    def get(self, key: str) -> ScenarioResult | None:
        with self._guard:
            return self._results.get(key)

    def keep(self, key: str, result: ScenarioResult) -> None:
        with self._guard:
            self._results[key] = result
            while len(self._results) > REMEMBERED:
                self._results.popitem(last=False)


_MEMORY: Final = _Memory()


def scenarios_of(files: Mapping[str, bytes], slug: str) -> tuple[Scenario, ...]:
    """Return the scenarios among the files of a pack.

    Raises:
        ContentError: the table of scenarios is wrong; findings name the scenario.
    """
    path = path_of(slug)
    return load_scenarios(files.get(path, b""), path)


def run_scenarios(
    context: Context,
    files: Mapping[str, bytes],
    progress: Callable[[ScenarioResult], None] | None = None,
    *,
    within: float | None = None,
) -> tuple[ScenarioResult, ...]:
    """Play every scenario of a pack against ``files``, each in a throw-away installation without paper.

    Nothing is sent and nothing of the real database is read or written. ``progress`` hears of every result.
    After ``within`` seconds no further scenario is begun: the results are those of the first ones.

    Raises:
        ContentError: the files have errors, or their scenarios cannot be read.
    """
    content = TRIALS.content(files)
    results: list[ScenarioResult] = []
    until = None if within is None else time.monotonic() + within
    with closing(blank_database()) as database:
        for scenario in scenarios_of(files, content.release.slug):
            if until is not None and time.monotonic() >= until:
                break
            results.append(run_scenario(context, content, scenario, database))
            if progress is not None:
                progress(results[-1])
    return tuple(results)


def run_scenario(
    context: Context, content: Content, scenario: Scenario, lent: Database | None = None
) -> ScenarioResult:
    """Play one scenario, or remember how it came out on the same files."""
    key = _key(content, scenario)
    known = _MEMORY.get(key)
    if known is None:
        known = play(content, scenario, Parts.of(context), lent)
        _MEMORY.keep(key, known)
    return known


def run_of_scenario(context: Context, actor: Actor, name: str) -> UUID:
    """Begin a run that has gone through a scenario of the draft already.

    Raises:
        NotFound: there is none of this name. ContentError: the table of scenarios is wrong.
    """
    files = workspace.files(context, actor.tenant)
    found = [s for s in scenarios_of(files, workspace.slug(context, actor.tenant)) if s.name == name]
    if not found:
        raise NotFound("没有这个情景。", hint="它可能已被改名或删除；请刷新页面。")
    steps = [table_of(step) for step in found[0].steps]
    settings = {"parameters": found[0].parameters, "tables": found[0].tables}
    return new_run(context, actor, name, found[0].begin, steps, **settings)


def play(content: Content, scenario: Scenario, parts: Parts, lent: Database | None = None) -> ScenarioResult:
    """Play one scenario in a throw-away installation without paper; what goes wrong is a difference."""
    try:
        scratch = open_scratch(content_for(content, scenario), scenario.begin, parts, lent)
    except ContentError as error:
        return ScenarioResult(scenario.name, False, (error.message,), Visits({}, {}))
    try:
        walker = Walker(scratch.context, scratch.clock, content.tenant, lambda _line: None, paper=False)
        walk = walker.play(scenario)
    except ZuozhenError as error:  # e.g. too much falls due before the first step
        return ScenarioResult(scenario.name, False, (error.message,), Visits({}, {}))
    finally:
        scratch.close()
    differences = tuple(walk.differences)
    return ScenarioResult(scenario.name, not differences, differences, visits_of(scratch.flows, walk.logs))


def _key(content: Content, scenario: Scenario) -> str:
    """Return what a result depends on: all files but the table of scenarios, and the scenario itself."""
    release = content.release
    others = {path: data for path, data in release.files.items() if path != path_of(release.slug)}
    return hashlib.sha256(f"{fingerprint(others)}\n{scenario!r}".encode()).hexdigest()


# ---------------------------------------------------------------- for the pages


def run_nth(context: Context, files: Mapping[str, bytes], at: int) -> None:
    """Play the scenario at a position, counting from 0, if there is one.

    Raises:
        ContentError: the files have errors, or their scenarios cannot be read.
    """
    content = TRIALS.content(files)
    scenarios = scenarios_of(files, content.release.slug)
    if 0 <= at < len(scenarios):
        run_scenario(context, content, scenarios[at])


def known_results(files: Mapping[str, bytes]) -> tuple[tuple[Scenario, ScenarioResult | None], ...]:
    """Return every scenario with how it came out on these files, if it was played here before.

    Raises:
        ContentError: the files have errors, or their scenarios cannot be read.
    """
    content = TRIALS.content(files)
    return tuple(
        (scenario, _MEMORY.get(_key(content, scenario)))
        for scenario in scenarios_of(files, content.release.slug)
    )


def coverage_of(context: Context, files: Mapping[str, bytes]) -> Coverage:
    """Return how much of the diagram the scenarios go through; raises as :func:`run_scenarios`."""
    release = TRIALS.content(files).release
    results = run_scenarios(context, files)
    xml = release.files[release.pack.diagram_path]
    return coverage([result.visited for result in results], release.diagram, xml)
