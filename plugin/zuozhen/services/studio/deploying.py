"""Deploying the draft: everything a person must see before, and the deployment itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zuozhen.model.errors import ContentError, Finding, Invalid, Problem
from zuozhen.packs import Pack
from zuozhen.packs.bundle import fingerprint
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.datemoves import date_moves
from zuozhen.services.deployment import Deployed, accepted_reasons, deploy, finding_key
from zuozhen.services.livetables import what_becomes
from zuozhen.services.migrating import Preview
from zuozhen.services.studio import workspace
from zuozhen.services.studio.calendars import moved_dues
from zuozhen.services.studio.checks import Checked, check_draft
from zuozhen.services.studio.comparing import Difference, compare
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.scenariofile import path_of
from zuozhen.services.studio.trying import ScenarioResult, known_results, run_scenarios, scenarios_of
from zuozhen.services.studio.versions import Version, release_of, versions
from zuozhen.services.studio.workspace import DraftChange
from zuozhen.services.units import Outlook, outlook

SCENARIO: Final = "scenario"
"""The code of the finding that a scenario does not come out as written."""
NOT_RUN: Final = "scenario-not-run"
"""The code of the finding that scenarios were not run for want of time."""
SHOWN: Final = 3
"""Differences of a scenario that its finding tells; the page of scenarios has all."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The draft as it would be deployed over ``live``.

    ``fingerprint`` names its content; ``reasons`` are those that the live release was deployed with, by
    ``finding_key``: they count on and are shown as filled in. ``played`` are the results of the scenarios
    that were run on this content already, of ``scenarios`` in all. ``dues`` is what the calendar of the draft
    does to open deadlines, if it is another one than the live calendar.
    """

    live: Version
    fingerprint: str
    changes: tuple[DraftChange, ...]
    difference: Difference
    titles: Mapping[str, str]
    checked: Checked
    scenarios: int
    played: tuple[ScenarioResult, ...]
    failing: tuple[Finding, ...]
    reasons: Mapping[str, str]
    dues: Preview | None
    rows: tuple[str, ...] = ()
    """What becomes of the rows of reference tables that staff keep."""
    units: Outlook | None = None
    """What moves from units that go to those that take over."""
    dates: tuple[str, ...] = ()
    """Which dates that people have seen move, and what does not follow, in sentences."""

    @property
    def warnings(self) -> Mapping[str, tuple[tuple[str, Finding], ...]]:
        """What needs a reason, each with its key, by code: warnings and failing scenarios."""
        groups: dict[str, tuple[tuple[str, Finding], ...]] = {}
        for finding in (*self.checked.warnings, *self.failing):
            groups[finding.code] = (*groups.get(finding.code, ()), (finding_key(finding), finding))
        return groups


def proposal(context: Context, actor: Actor) -> Proposal:
    """Return the draft with its check, what it would change, and how its scenarios came out."""
    tenant = actor.tenant
    live = versions(context, tenant)[0]
    files = workspace.files(context, tenant)
    changes = workspace.changes(context, tenant)
    checked = check_draft(context, tenant)
    slug = workspace.slug(context, tenant)
    count, played = (0, ()) if checked.errors else _known(files)
    return Proposal(
        live=live,
        fingerprint=fingerprint(files),
        changes=changes,
        difference=compare(release_of(context, tenant, live.number).files, files),
        titles={change.path: title_of(change.path, files) for change in changes},
        checked=checked,
        scenarios=count,
        played=tuple(played),
        failing=_failing(played, slug),
        reasons=accepted_reasons(context, tenant),
        rows=() if checked.errors else _rows(context, tenant, files),
        dues=None if checked.errors else moved_dues(context, tenant, files),
        units=None if checked.errors else outlook(context, tenant, files),
        dates=() if checked.errors else date_moves(context, tenant, files),
    )


def _rows(context: Context, tenant: int, files: Mapping[str, bytes]) -> tuple[str, ...]:
    with context.database.read() as session:
        return what_becomes(session, context.releases.live(session, tenant).pack, Pack.from_files(files))


def play_scenarios(context: Context, actor: Actor) -> None:
    """Run all scenarios of the draft; the proposal has their results afterwards.

    Raises:
        ContentError: the draft has errors.
    """
    run_scenarios(context, workspace.files(context, actor.tenant))


def deploy_draft(
    context: Context,
    actor: Actor,
    *,
    shown: str,
    over: int,
    note: str,
    reference: str,
    reasons: Mapping[str, str],
) -> Deployed:
    """Deploy the draft of fingerprint ``shown`` over the live version ``over``; its scenarios are run first.

    Raises:
        Invalid: no word about why. Unexplained: warnings or failing scenarios without a reason.
        Conflict: the draft or the live version is not what was shown any more.
        ContentError: the check found errors.
    """
    files = workspace.files(context, actor.tenant)
    if fingerprint(files) != shown:
        raise workspace.draft_moved()
    if not note.strip():
        raise Invalid("请写明为什么修改。", (Problem("note", "说明", "请写明为什么修改"),))
    found = scenario_findings(context, files, workspace.slug(context, actor.tenant))
    return deploy(
        context,
        files,
        note=note,
        reference=reference,
        actor=actor,
        reasons=reasons,
        found=found,
        strict=True,
        over=over,
    )


def scenario_findings(
    context: Context,
    files: Mapping[str, bytes],
    slug: str,
    progress: Callable[[ScenarioResult], None] | None = None,
    *,
    within: float | None = None,
) -> tuple[Finding, ...]:
    """Run the scenarios of a pack before its deployment, whichever way it comes, and return what is wrong.

    Each that does not come out as written is a warning, and one says which were not run ``within`` these seconds.
    """
    try:
        results = run_scenarios(context, files, progress, within=within)
        left = [scenario.name for scenario in scenarios_of(files, slug)][len(results) :]
    except ContentError:
        return ()  # the check of the deployment tells where
    failing = _failing(results, slug)
    if not left:
        return failing
    message = f"{len(left)} 个情景没有在时限内走完：{'、'.join(left)}"
    hint = "请在“试运行”中走一遍，或用 zuozhen walk。"
    return (*failing, Finding("warning", NOT_RUN, message, file=path_of(slug), hint=hint))


def _known(files: Mapping[str, bytes]) -> tuple[int, Sequence[ScenarioResult]]:
    """Return how many scenarios there are, and the results that are known already."""
    try:
        results = known_results(files)
    except ContentError:
        return 0, ()
    return len(results), [result for _, result in results if result is not None]


def _failing(results: Iterable[ScenarioResult], slug: str) -> tuple[Finding, ...]:
    """Return a warning for every scenario that does not come out as written."""
    return tuple(
        Finding(
            "warning",
            SCENARIO,
            f"情景“{result.name}”与预期不符：{'；'.join(result.differences[:SHOWN])}",
            file=path_of(slug),
            hint="请在“试运行”中逐步查看；如流程确应如此，请改写情景。",
        )
        for result in results
        if not result.ok
    )
