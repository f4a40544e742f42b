"""Walks a pack's scenarios on a virtual clock: the real services, store and worker, no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from zuozhen.model.clock import LOCAL, VirtualClock, due_date
from zuozhen.model.errors import ZuozhenError
from zuozhen.services import outbox
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.context import Context
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.scenarios import Scenario, ScenarioStep
from zuozhen.services.tasks import Done, as_formdata, submit
from zuozhen.store.cases import history
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import CASE_OPEN, TOKEN_OPEN, Case, Document, Event, Job, Token

Print = Callable[[str], None]


@dataclass
class Walk:
    """The outcome of one scenario: the differences found and the elements visited."""

    scenario: Scenario
    differences: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    cases: dict[str, UUID] = field(default_factory=dict)


class Walker:
    """Plays scenarios against one installation (usually a fresh one in memory with ``clock``)."""

    def __init__(self, context: Context, clock: VirtualClock, tenant: int, say: Print) -> None:
        self._context = context
        self._clock = clock
        self._tenant = tenant
        self._say = say

    def play(self, scenario: Scenario) -> Walk:
        """Play one scenario to its end; differences are collected, not raised."""
        walk = Walk(scenario)
        self._say(f"情景：{scenario.name}")
        for number, step in enumerate(scenario.steps, start=1):
            self._pass_time(step.at)
            self._say(f"  {step.at.astimezone(LOCAL):%Y-%m-%d %H:%M}  {_headline(step)}")
            try:
                self._act(step, walk)
                outbox.drain(self._context)
            except ZuozhenError as error:
                walk.differences.append(
                    f"第 {number} 步 {_headline(step)}：{error.message}{_problems(error)}"
                )
                break
            self._compare(number, step, walk)
        self._collect(walk)
        return walk

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

    # ------------------------------------------------------------ time and acts

    def _pass_time(self, until: datetime) -> None:
        """Move the clock from one due instant to the next, letting the worker do what falls due."""
        outbox.drain(self._context)
        while True:
            due = outbox.next_due_at(self._context)
            if due is None or due > until:
                break
            self._clock.move_to(max(due, self._clock()))
            outbox.drain(self._context)
        self._clock.move_to(max(until, self._clock()))
        outbox.drain(self._context)

    def _act(self, step: ScenarioStep, walk: Walk) -> None:
        match step.kind:
            case "register":
                outcome = register(
                    self._context,
                    self._staff(frozenset()),
                    as_formdata(step.answers),
                    channel=step.channel or self._channel(),
                )
                if not isinstance(outcome, Registered):
                    raise _invalid(outcome.bound)
                walk.cases[step.case] = outcome.case_id
            case "start":
                started = start_by_hand(
                    self._context, self._staff(frozenset(), True), as_formdata(step.answers), step.process
                )
                if not isinstance(started, UUID):
                    raise _invalid(started.bound)
                walk.cases[step.case] = started
            case "task" | "act":
                token = self._token(step, walk)
                actor = self._staff(frozenset({token.grp or ENTERPRISE, token.trigger or ENTERPRISE}), True)
                done = submit(self._context, actor, token.token, as_formdata(step.answers))
                if not isinstance(done, Done):
                    raise _invalid(done.bound)

    def _staff(self, groups: frozenset[str], sees_all: bool = False) -> Actor:
        return Actor(self._tenant, "情景", groups=groups, sees_all=sees_all)

    def _channel(self) -> str:
        with self._context.database.read() as session:
            return self._context.releases.live(session, self._tenant).pack.channels[0].id

    def _token(self, step: ScenarioStep, walk: Walk) -> Token:
        case_id = self._case(step, walk)
        with self._context.database.read() as session:
            found = session.scalars(
                select(Token)
                .where(
                    Token.tenant == self._tenant,
                    Token.case_id == case_id,
                    Token.element_id == step.target,
                    Token.status == TOKEN_OPEN,
                )
                .order_by(Token.entered_at, Token.token)
            ).all()
        if len(found) < step.number:
            raise ZuozhenError(f"“{step.target}”此时没有待办。")
        return found[step.number - 1]

    def _case(self, step: ScenarioStep, walk: Walk) -> UUID:
        if step.case not in walk.cases:
            walk.cases[step.case] = self._clinic(step.case)
        return walk.cases[step.case]

    def _clinic(self, alias: str) -> UUID:
        """Return the newest open case of the process named ``alias`` (clinics start by themselves)."""
        with self._context.database.read() as session:
            process = self._context.releases.live(session, self._tenant).pack.processes.get(alias, alias)
            found = session.scalar(
                select(Case.id)
                .where(Case.tenant == self._tenant, Case.process_id == process, Case.status == CASE_OPEN)
                .order_by(Case.created_at.desc())
                .limit(1)
            )
        if found is None:
            raise ZuozhenError(f"此时没有“{alias}”。")
        return found

    # ------------------------------------------------------------ comparing

    def _compare(self, number: int, step: ScenarioStep, walk: Walk) -> None:
        if step.case not in walk.cases:
            return
        case_id = walk.cases[step.case]
        with self._context.database.read() as session:
            case = session.get(Case, (self._tenant, case_id))
            tokens = session.scalars(
                select(Token).where(
                    Token.tenant == self._tenant,
                    Token.case_id == case_id,
                    is_open("task"),
                )
            ).all()
            events = history(session, self._tenant, case_id)
            papers = set(
                session.scalars(
                    select(Document.form_key).where(
                        Document.tenant == self._tenant, Document.case_id == case_id
                    )
                )
            )
            letters = set(
                _templates(
                    session.scalars(
                        select(Job).where(
                            Job.tenant == self._tenant, Job.case_id == case_id, Job.kind == "notify"
                        )
                    ).all()
                )
            )
        if case is None:
            return
        for token in sorted(tokens, key=lambda t: t.element_id):
            due = due_date(token.due_at).isoformat() if token.due_at else "不限"
            self._say(f"      待办 {token.name}［{token.element_id}］ {token.grp} 期限 {due}")
        if case.status != CASE_OPEN:
            self._say(f"      结束 {case.outcome}［{case.end_element}］")
        expected = step.expected
        wrong = list(_differences(expected, case, tokens, events))
        wrong += [f"缺少文书 {key}" for key in expected.documents if key not in papers]
        wrong += [f"没有发出 {key}" for key in expected.notices if key not in letters]
        for text in wrong:
            self._say(f"      ✗ {text}")
        walk.differences += [f"第 {number} 步 {_headline(step)}：{text}" for text in wrong]

    def _collect(self, walk: Walk) -> None:
        with self._context.database.read() as session:
            for case_id in walk.cases.values():
                for event in history(session, self._tenant, case_id):
                    walk.visited |= {entry["element"] for entry in event.payload.get("log", ())}


def _differences(expected: Any, case: Case, tokens: Any, events: Any) -> Iterator[str]:
    opened = tuple(sorted(token.element_id for token in tokens))
    if expected.open is not None and opened != expected.open:
        yield f"应有待办 {list(expected.open)}，实有 {list(opened)}"
    for element, day in expected.due.items():
        found = {
            due_date(token.due_at).isoformat() if token.due_at else "不限"
            for token in tokens
            if token.element_id == element
        }
        if found != {day}:
            yield f"“{element}”期限应为 {day}，实为 {'、'.join(sorted(found)) or '无此待办'}"
    if expected.stage is not None and case.stage != expected.stage:
        yield f"阶段应为“{expected.stage}”，实为“{case.stage}”"
    if expected.ended is not None and case.end_element != expected.ended:
        yield f"应结束于 {expected.ended}，实为 {case.end_element or '未结束'}"
    fired = _fired(events)
    yield from (f"时限 {element} 没有触发" for element in expected.fired if element not in fired)


def _fired(events: list[Event]) -> set[str]:
    return {
        entry["element"]
        for event in events
        for entry in event.payload.get("log", ())
        if entry["kind"] == "fired"
    }


def _templates(jobs: Any) -> Iterator[str]:
    for job in jobs:
        yield str(job.payload.get("properties", {}).get("zz:template", ""))


def _headline(step: ScenarioStep) -> str:
    words = {"register": "企业挂号", "task": "办理", "act": "提出", "start": "发起", "wait": "时间经过"}
    return " ".join(part for part in (words[step.kind], step.target) if part)


def _invalid(bound: Any) -> ZuozhenError:
    text = "；".join(f"{p.label}：{p.message}" for p in bound.problems) if bound is not None else ""
    return ZuozhenError(f"表单没有通过：{text}")


def _problems(error: ZuozhenError) -> str:
    problems = getattr(error, "problems", ())
    return "（" + "；".join(f"{p.label}：{p.message}" for p in problems) + "）" if problems else ""
