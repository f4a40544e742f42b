"""Runs on trial of the draft: kept as their steps, replayed whenever they are looked at, then continued."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import tomlkit
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import Conflict, Invalid, NotFound, TooLarge
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.scenarios import Scenario
from zuozhen.services.scenariosettings import files_for
from zuozhen.services.studio import workspace
from zuozhen.services.studio.traces import print_paper
from zuozhen.services.studio.trialcache import TRIALS
from zuozhen.services.studio.trials import StepTable, Stop, Trial, local_iso
from zuozhen.services.studio.trialviews import TrialView, look
from zuozhen.store.tables import StudioRun

MOST_RUNS: Final = 50
MOST_CHARACTERS: Final = 1_000_000
LONGEST_TITLE: Final = 80
EARLIEST: Final = datetime(2007, 1, 1, tzinfo=LOCAL)
LATEST: Final = datetime(2080, 1, 1, tzinfo=LOCAL)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one person."""

    tenant: int
    id: UUID
    title: str
    start: datetime
    steps: tuple[StepTable, ...]
    updated_at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    """What the scenario that it began with sets of parameters and reference tables."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its page shows it; ``stop`` is the step that the draft no longer takes."""

    run: Run
    view: TrialView
    differences: tuple[str, ...]
    stop: Stop | None


def own_runs(context: Context, actor: Actor) -> list[Run]:
    """Return a person's runs, the latest first."""
    with context.database.read() as session:
        rows = session.scalars(
            select(StudioRun)
            .where(StudioRun.tenant == actor.tenant, StudioRun.account_id == actor.id)
            .order_by(StudioRun.updated_at.desc(), StudioRun.id.desc())
            .limit(MOST_RUNS)
        ).all()
    return [_run(row) for row in rows]


def new_run(
    context: Context,
    actor: Actor,
    title: str,
    start: datetime,
    steps: Sequence[StepTable] = (),
    *,
    parameters: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
) -> UUID:
    """Begin a run at an instant; ``parameters`` and ``tables`` are other than in the pack.

    Raises:
        Invalid: too many runs, or an instant that no calendar reaches.
    """
    if not EARLIEST <= start <= LATEST:
        raise Invalid("开始时间超出范围。", hint="请填写 2007 年至 2079 年之间的时间。")
    now = context.clock()
    with context.database.write() as session:
        count = session.scalar(
            select(func.count())
            .select_from(StudioRun)
            .where(StudioRun.tenant == actor.tenant, StudioRun.account_id == actor.id)
        )
        if (count or 0) >= MOST_RUNS:
            raise Invalid(f"您已有 {MOST_RUNS} 次试运行。", hint="请先删除不再需要的。")
        row = StudioRun(
            tenant=actor.tenant,
            id=new_id(),
            account_id=actor.id,
            title=title.strip()[:LONGEST_TITLE] or "试运行",
            scenario=_stored(start, steps, parameters or {}, tables or {}),
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        return row.id


def read_run(context: Context, actor: Actor, run_id: UUID) -> Run:
    """Return one of a person's runs. Raises ``NotFound``."""
    with context.database.read() as session:
        return _run(_row(session, actor, run_id))


def delete_run(context: Context, actor: Actor, run_id: UUID) -> None:
    """Delete one of a person's runs."""
    with context.database.write() as session:
        row = session.get(StudioRun, (actor.tenant, run_id))
        if row is not None and row.account_id == actor.id:
            session.delete(row)


@contextmanager
def trial_of(context: Context, run: Run) -> Iterator[Trial]:
    """Give the run's trial with its steps done; it is kept afterwards unless somebody has gone on in it.

    Raises:
        ContentError: the draft has errors.
    """
    scenario = Scenario(run.title, run.start, (), run.parameters, run.tables)
    files = files_for(workspace.files(context, run.tenant), workspace.slug(context, run.tenant), scenario)
    trial = TRIALS.take(context, files, run.start, run.steps)
    done = trial.done
    try:
        yield trial
    except BaseException:
        trial.close()
        raise
    if trial.done == done:
        TRIALS.give_back(context, trial, run.start, run.steps)


def view_run(context: Context, run: Run) -> RunView:
    """Return what a run shows now."""
    with trial_of(context, run) as trial:
        return RunView(run, look(trial), tuple(trial.walk.differences), trial.stop)


def rename_run(context: Context, actor: Actor, run: Run, title: str) -> None:
    """Give a run another title."""
    with context.database.write() as session:
        _row(session, actor, run.id).title = title.strip()[:LONGEST_TITLE] or run.title


def moved_on() -> Conflict:
    """Return the error for a page that shows an older state of its run."""
    return Conflict(
        "这次试运行在另一个页面已有变化，本次没有执行。", hint="页面已显示最新的状态，请核对后再做一次。"
    )


def paper(context: Context, run: Run, index: int) -> tuple[bytes, str]:
    """Render one document that a run asked for; returns the PDF and its file name. Raises ``NotFound``."""
    with trial_of(context, run) as trial:
        return print_paper(context, trial, index)


# ---------------------------------------------------------------- parts


def keep_steps(context: Context, actor: Actor, run: Run, steps: Sequence[StepTable]) -> Run:
    """Replace the steps of a run.

    Raises:
        Conflict: the run is not as ``run`` shows it any more.
    """
    with context.database.write() as session:
        row = _row(session, actor, run.id)
        if _run(row).steps != run.steps:
            raise moved_on()
        row.scenario = _stored(run.start, steps, run.parameters, run.tables)
        row.updated_at = context.clock()
        return _run(row)


def _row(session: Session, actor: Actor, run_id: UUID) -> StudioRun:
    row = session.get(StudioRun, (actor.tenant, run_id))
    if row is None or row.account_id != actor.id:
        raise NotFound("没有这次试运行。", hint="它可能已被删除；请从试运行列表进入。")
    return row


def _run(row: StudioRun) -> Run:
    scenario: Mapping[str, Any] = row.scenario
    settings = tomllib.loads(scenario.get("settings", ""))
    return Run(
        row.tenant,
        row.id,
        row.title,
        datetime.fromisoformat(scenario["start"]).replace(tzinfo=LOCAL),
        tuple(scenario["steps"]),
        row.updated_at,
        settings.get("parameters", {}),
        settings.get("tables", {}),
    )


def _stored(
    start: datetime, steps: Sequence[StepTable], parameters: Mapping[str, Any], tables: Mapping[str, Any]
) -> dict[str, Any]:
    scenario: dict[str, Any] = {"start": local_iso(start), "steps": [dict(step) for step in steps]}
    if parameters or tables:  # as TOML, which knows dates
        scenario["settings"] = tomlkit.dumps({"parameters": dict(parameters), "tables": dict(tables)})
    if len(json.dumps(scenario, ensure_ascii=False)) > MOST_CHARACTERS:
        raise TooLarge("这次试运行填写的内容太多。", hint="请另外开始一次。")
    return scenario
