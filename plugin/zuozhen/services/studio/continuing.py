"""Going on in a run on trial: one more step, the clock forward, some steps back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import Conflict, Invalid
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.scratch import Parts
from zuozhen.services.studio.runs import LATEST, Run, keep_steps, trial_of
from zuozhen.services.studio.trialcache import TRIALS
from zuozhen.services.studio.trials import StepTable, Trial, local_iso

MOST_STEPS: Final = 200
LONGEST_JUMP: Final = timedelta(days=366)
LONGEST_RUN: Final = timedelta(days=3660)


def go_on(context: Context, actor: Actor, run: Run, table: StepTable) -> Run:
    """Do one more step and keep it; ``table`` is a step without ``at``: it happens now.

    Raises:
        ZuozhenError: it cannot be done; the run stays as it was.
        Conflict: the run has gone on elsewhere, or the draft no longer takes one of its steps.
    """
    with trial_of(context, run) as trial:
        _require_room(run, trial)
        recorded = trial.perform({"at": local_iso(trial.now), **table})
        changed = keep_steps(context, actor, run, (*run.steps, recorded))
    TRIALS.give_back(context, trial, changed.start, changed.steps)
    return changed


def jump_to_due(context: Context, actor: Actor, run: Run) -> Run:
    """Let the time pass until the next deadline or date."""
    with trial_of(context, run) as trial:
        due = trial.walker.next_due()
        now = trial.now
    if due is None:
        raise Invalid("没有等待到期的时限或日期。", hint="请先办理，或填写要到达的时间。")
    return jump_to(context, actor, run, _whole_second(max(due, now)), now)


def jump_workday(context: Context, actor: Actor, run: Run) -> Run:
    """Let the time pass until the same time of the next working day."""
    with trial_of(context, run) as trial:
        local = trial.now.astimezone(LOCAL)
        day = trial.content.release.rules.calendar.add_workdays(local.date(), 1)
        now = trial.now
    return jump_to(context, actor, run, datetime.combine(day, local.time(), LOCAL), now)


def jump_to(context: Context, actor: Actor, run: Run, until: datetime, now: datetime | None = None) -> Run:
    """Let the time pass until an instant.

    Raises:
        Invalid: it is not in the future, or too far away.
    """
    if now is None:
        with trial_of(context, run) as trial:
            now = trial.now
    if until <= now:
        raise Invalid("时间只能向前。", hint="要回到从前，请退回到前面的步骤。")
    if until - now > LONGEST_JUMP or until - run.start > LONGEST_RUN or until > LATEST:
        raise Invalid("一次最多前进一年，一次试运行最长十年。", hint="请填写近一些的时间。")
    return go_on(context, actor, run, {"at": local_iso(until)})


def go_back(context: Context, actor: Actor, run: Run, keep: int) -> Run:
    """Drop every step after the first ``keep``: the next look replays the rest."""
    return keep_steps(context, actor, run, run.steps[: max(keep, 0)])


def accept_now(context: Context, actor: Actor, run: Run) -> Run:
    """Take what comes out of the steps now as what is expected of them."""
    with trial_of(context, run) as trial:
        _require_room(run, trial)
        content = trial.content
    fresh = Trial(content, run.start, (), Parts.of(context))
    try:
        steps = [fresh.perform(step) for step in run.steps]
    finally:
        fresh.close()
    return keep_steps(context, actor, run, steps)


def _require_room(run: Run, trial: Trial) -> None:
    if trial.stop is not None:
        raise Conflict(
            f"第 {trial.stop.number} 步在修改后的草稿中不再适用：{trial.stop.message}",
            hint="请退回到它之前再继续，或修改草稿。",
        )
    if len(run.steps) >= MOST_STEPS:
        raise Invalid(f"一次试运行最多 {MOST_STEPS} 步。", hint="请保存为情景，另外开始一次。")


def _whole_second(instant: datetime) -> datetime:
    """Return the instant or the next whole second: steps are kept to the second."""
    return instant if not instant.microsecond else instant.replace(microsecond=0) + timedelta(seconds=1)
