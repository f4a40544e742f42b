"""Walks a pack's scenarios on a virtual clock: the real services, store and worker, no server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.model.clock import LOCAL, VirtualClock
from zuozhen.model.errors import ZuozhenError
from zuozhen.services import observing, outbox, standing
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.context import Context
from zuozhen.services.observing import Observed
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.scenarios import Expected, Scenario, ScenarioStep
from zuozhen.services.stepnames import JOBS
from zuozhen.services.tasks import Done, as_formdata, submit
from zuozhen.store.cases import history
from zuozhen.store.tables import Document, Job, Token

Print = Callable[[str], None]

MOST_INSTANTS: Final = 300
"""Due instants that one step may pass; a timer that repeats every minute would never let it arrive."""
MOST_WORK: Final = 2_000
"""Pieces of work at one instant."""

SAMPLE: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""What a walk hands in where a form takes a file."""

LogLine = Mapping[str, Any]


@dataclass
class Walk:
    """The outcome of one scenario: the differences found, the cases by alias, and what they went through.

    ``logs`` is the log of every step of every case.
    """

    scenario: Scenario
    differences: list[str] = field(default_factory=list)
    cases: dict[str, UUID] = field(default_factory=dict)
    logs: list[Sequence[LogLine]] = field(default_factory=list)
    seen: dict[str, Observed] = field(default_factory=dict)
    """What was last seen of each case, by alias."""


class Walker:
    """Plays scenarios against one installation (usually a fresh one in memory with ``clock``).

    Without ``paper`` nothing is rendered: work that makes files is left lying, and a document counts as
    made when it was asked for.
    """

    def __init__(
        self, context: Context, clock: VirtualClock, tenant: int, say: Print, *, paper: bool = True
    ) -> None:
        self._context = context
        self._clock = clock
        self._tenant = tenant
        self._say = say
        self._kinds: Collection[str] = () if paper else outbox.EFFECTS.keys() - outbox.PAPER
        self._names = standing.names_of(context, tenant)

    def play(self, scenario: Scenario) -> Walk:
        """Play one scenario to its end; differences are collected, not raised."""
        walk = Walk(scenario)
        self._say(f"情景：{scenario.name}")
        for number, step in enumerate(scenario.steps, start=1):
            if not self.take(number, step, walk):
                break
        self.finish(walk)
        return walk

    def take(self, number: int, step: ScenarioStep, walk: Walk) -> bool:
        """Play one step and compare; ``False`` when it could not be done: the walk ends there."""
        target = f"［{step.target}］" if step.target else ""
        self._say(f"  {step.at.astimezone(LOCAL):%Y-%m-%d %H:%M}  {self.headline(step)}{target}")
        try:
            self.perform(step, walk)
        except ZuozhenError as error:
            text = f"{error.message.rstrip('。')}{_problems(error)}"
            self._say(f"      ✗ 这一步没有办成：{text}")
            if error.hint:
                self._say(f"        {error.hint}")
            walk.differences.append(f"第 {number} 步 {self.headline(step)}：{text}")
            return False
        self.compare(number, step, walk)
        return True

    def catch_up(self) -> None:
        """Let the worker do all that is due at this instant.

        Raises:
            ZuozhenError: one piece of work makes the next for ever.
        """
        self._work()

    def settle(self, until: datetime) -> None:
        """Let the time until the beginning pass.

        Raises:
            ZuozhenError: too much falls due on the way.
        """
        self._pass_time(until)

    def perform(self, step: ScenarioStep, walk: Walk) -> None:
        """Let the time until a step pass, do its act and all the work that follows at once.

        Raises:
            ZuozhenError: the step cannot be done; the time may have passed all the same.
        """
        self._pass_time(step.at)
        self._act(step, walk)
        self._work()
        if step.kind == "wait" and step.case not in walk.cases:
            self._bind(step.case, walk)

    def finish(self, walk: Walk) -> None:
        """Gather what the cases of a walk went through, and the work that failed on the way."""
        with self._context.database.read() as session:
            for case_id in walk.cases.values():
                walk.logs += [
                    event.payload.get("log", ()) for event in history(session, self._tenant, case_id)
                ]
            jobs = session.scalars(select(Job).where(Job.tenant == self._tenant)).all()
        for job in jobs:
            if job.error and job.done_at is None:
                text = f"自动操作“{JOBS.get(job.kind, job.kind)}”失败：{job.error}"
                self._say(f"      ✗ {text}")
                walk.differences.append(text)

    def observe(self, alias: str, walk: Walk) -> Observed | None:
        """Return what can be seen of a case of the walk; ``None`` if there is none of this alias (yet)."""
        case_id = walk.cases.get(alias)
        return observing.observe(self._context, self._tenant, case_id) if case_id is not None else None

    def write_documents(self, walk: Walk, folder: Path) -> int:
        """Write every document of the walk's cases below ``folder``; returns how many."""
        folder.mkdir(parents=True, exist_ok=True)
        count = 0
        with self._context.database.read() as session:
            rows = session.scalars(
                select(Document).where(
                    Document.tenant == self._tenant, Document.case_id.in_(walk.cases.values())
                )
            ).all()
        for row in rows:
            count += 1
            name = f"{walk.scenario.name}-{count:02d}-{row.file_name}".replace("/", "_")
            (folder / name).write_bytes(self._context.blobs.get(row.sha256))
        return count

    def next_due(self) -> datetime | None:
        """Return when the next timer or piece of work falls due."""
        return outbox.next_due_at(self._context, self._kinds)

    # ------------------------------------------------------------ time and acts

    def _work(self) -> None:
        for _ in range(MOST_WORK):
            if not outbox.run_once(self._context, kinds=self._kinds):
                return
        raise ZuozhenError(
            f"到 {self._clock().astimezone(LOCAL):%Y-%m-%d %H:%M} 时，自动操作和到期时限接连不断，没有尽头。",
            hint="请检查流程图中相互触发的消息和立即到期的定时事件。",
        )

    def _pass_time(self, until: datetime) -> None:
        """Move the clock from one due instant to the next, letting the worker do what falls due."""
        for _ in range(MOST_INSTANTS):
            due = self.next_due()
            if due is None or due > until:
                break
            self._clock.move_to(max(due, self._clock()))
            self._work()
        else:
            raise ZuozhenError(
                f"到 {until.astimezone(LOCAL):%Y-%m-%d %H:%M} 之前有 {MOST_INSTANTS} 多个到期时点，没有走到。",
                hint="请检查循环定时是否过密，或改为分几次前进。",
            )
        self._clock.move_to(max(until, self._clock()))

    def _act(self, step: ScenarioStep, walk: Walk) -> None:
        match step.kind:
            case "register":
                outcome = register(
                    self._context,
                    self._staff(frozenset()),
                    as_formdata(step.answers),
                    samples(step.files),
                    channel=step.channel or standing.first_channel(self._context, self._tenant),
                    alias=step.process,
                )
                if not isinstance(outcome, Registered):
                    raise _invalid(outcome.bound)
                walk.cases[step.case] = outcome.case_id
            case "start":
                started = start_by_hand(
                    self._context,
                    self._starter(step.process),
                    as_formdata(step.answers),
                    step.process,
                    files=samples(step.files),
                    start_id=step.target,
                )
                if not isinstance(started, UUID):
                    raise _invalid(started.bound)
                walk.cases[step.case] = started
            case "task" | "act":
                token = self.token(step.case, step.target, step.number, walk)
                actor = self.doer(token)
                done = submit(
                    self._context, actor, token.token, as_formdata(step.answers), samples(step.files)
                )
                if not isinstance(done, Done):
                    raise _invalid(done.bound)

    def doer(self, token: Token) -> Actor:
        """Return somebody who may do what waits at ``token``."""
        groups = frozenset({token.grp or ENTERPRISE, token.trigger or ENTERPRISE})
        return self._staff(groups | standing.acting_groups(self._context, token), True)

    def _starter(self, alias: str) -> Actor:
        """Return somebody who may start a procedure by hand."""
        with self._context.database.read() as session:
            procedures = self._context.releases.live(session, self._tenant).pack.procedures
        groups = procedures[alias].open_to if alias in procedures else ()
        return self._staff(frozenset(groups), True)

    def _staff(self, groups: frozenset[str], sees_all: bool = False) -> Actor:
        return Actor(self._tenant, "情景", groups=groups, sees_all=sees_all)

    def token(self, alias: str, element: str, number: int, walk: Walk) -> Token:
        """Return the ``number``-th open place at an element of a case.

        Raises:
            ZuozhenError: there are fewer, or no such case.
        """
        if alias not in walk.cases and not self._bind(alias, walk):
            raise ZuozhenError(f"此时没有{self._names.case(alias)}。")
        return standing.open_place(self._context, self._tenant, walk.cases[alias], element, number)

    def _bind(self, alias: str, walk: Walk) -> bool:
        """Give the alias to the case that began by itself and is meant by it, if there is one."""
        found = standing.started_case(self._context, self._tenant, alias)
        if found is not None:
            walk.cases[alias] = found
        return found is not None

    # ------------------------------------------------------------ comparing

    def compare(self, number: int, step: ScenarioStep, walk: Walk) -> None:
        """Add to the walk's differences what is not as the step expects."""
        found = self.observe(step.case, walk)
        if found is None:
            if step.expected != Expected():
                text = f"此时没有{self._names.case(step.case)}，无从核对"
                self._say(f"      ✗ {text}")
                walk.differences.append(f"第 {number} 步 {self.headline(step)}：{text}")
            return
        walk.seen[step.case] = found
        for place in found.tasks:
            self._say(f"      待办 {place.name}［{place.element}］ {place.group} 期限 {place.due}")
        if found.ended:
            self._say(f"      结束 {found.outcome}［{found.ended}］")
        for text in observing.differences(step.expected, found, self._names):
            self._say(f"      ✗ {text}")
            walk.differences.append(f"第 {number} 步 {self.headline(step)}：{text}")

    def headline(self, step: ScenarioStep) -> str:
        """Return what a step does, in a few words and with the name of its element or process."""
        match step.kind:
            case "task" | "act":
                return f"{'办理' if step.kind == 'task' else '提出'}{self._names.element(step.target)}"
            case "start":
                return f"发起{self._names.case(step.process)}"
            case _:
                return {"register": "企业挂号", "wait": "时间经过"}[step.kind]


def samples(fields: Sequence[str]) -> MultiDict[str, FileStorage]:
    """Return one sample file for each of these upload fields."""
    return MultiDict(
        (key, FileStorage(BytesIO(SAMPLE), filename="样张.pdf", content_type="application/pdf"))
        for key in fields
    )


def _invalid(bound: Any) -> ZuozhenError:
    text = "；".join(_sentences(bound.problems)) if bound is not None else ""
    return ZuozhenError(f"表单没有通过：{text}")


def _problems(error: ZuozhenError) -> str:
    problems = getattr(error, "problems", ())
    return "（" + "；".join(_sentences(problems)) + "）" if problems else ""


def _sentences(problems: Sequence[Any]) -> Iterator[str]:
    return (f"{p.label}：{p.message}" for p in problems)
