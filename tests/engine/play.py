"""Drives one case in tests: a virtual clock, a toy calendar (Monday to Friday) and short names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from zuozhen.engine import advance, load_diagram, start
from zuozhen.engine.diagram import Diagram
from zuozhen.model.clock import local_date
from zuozhen.model.step import Complete, Deliver, Environment, Retime, Step, Task, Tick, Timer, Wait

T0 = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # Monday 09:00 local


def functions(at: datetime, note: Any) -> dict[str, Any]:
    """Return date functions of a calendar without holidays that count from ``at``."""

    def days(n: Any) -> date:
        due = local_date(at) + timedelta(days=int(n))
        note({"function": "days", "n": int(n), "start": local_date(at).isoformat(), "due": due.isoformat()})
        return due

    def workdays(n: Any, start: Any = None) -> date:
        due = start or local_date(at)
        left = int(n)
        while left:
            due += timedelta(days=1)
            left -= due.weekday() < 5
        note(
            {"function": "workdays", "n": int(n), "start": local_date(at).isoformat(), "due": due.isoformat()}
        )
        return due

    def before(day: Any, workdays: Any) -> date:
        left = int(workdays)
        while left:
            day -= timedelta(days=1)
            left -= day.weekday() < 5
        return day

    def hours(n: Any) -> datetime:
        return at + timedelta(hours=int(n))

    def minutes(n: Any) -> datetime:
        return at + timedelta(minutes=int(n))

    def recurrence(_name: str) -> date:
        following = local_date(at) + timedelta(days=1)
        while following.day != 20:
            following += timedelta(days=1)
        note({"function": "recurrence", "due": following.isoformat()})
        return following

    return {
        "before": before,
        "days": days,
        "workdays": workdays,
        "hours": hours,
        "minutes": minutes,
        "recurrence": recurrence,
    }


class Play:
    """One case being played."""

    def __init__(
        self,
        diagram: Any,
        variables: dict[str, Any] | None = None,
        *,
        process: str = "case",
        start_id: str | None = None,
        now: datetime = T0,
    ) -> None:
        self.diagram: Diagram = diagram if isinstance(diagram, Diagram) else load_diagram(diagram.xml())
        self.process = process
        self.now = now
        self.steps: list[Step] = []
        self._keep(start(self.diagram, process, variables or {}, self.env, start_id))

    @property
    def env(self) -> Environment:
        return Environment(self.now, functions)

    @property
    def step(self) -> Step:
        return self.steps[-1]

    def _keep(self, step: Step) -> Step:
        self.steps.append(step)
        return step

    def send(self, event: Any) -> Step:
        return self._keep(advance(self.diagram, self.process, self.step.state, event, self.env))

    def task(self, element_id: str, number: int = 0) -> Task:
        return [task for task in self.step.tasks if task.element_id == element_id][number]

    def timer(self, element_id: str, number: int = 0) -> Timer:
        return [timer for timer in self.step.timers if timer.element_id == element_id][number]

    def wait(self, element_id: str, number: int = 0) -> Wait:
        return [wait for wait in self.step.waits if wait.element_id == element_id][number]

    def done(self, element_id: str, number: int = 0, **variables: Any) -> Step:
        return self.send(Complete(self.task(element_id, number).token, variables))

    def got(self, element_id: str, number: int = 0, **variables: Any) -> Step:
        return self.send(Deliver(self.wait(element_id, number).token, variables))

    def later(self, **more: float) -> Step:
        self.now += timedelta(**more)
        return self.send(Tick())

    def retime(self, element_id: str, due_at: datetime) -> Step:
        return self.send(Retime(self.task(element_id).token, due_at, {"text": "延期"}))

    @property
    def open(self) -> list[str]:
        return sorted(task.element_id for task in self.step.tasks)

    @property
    def armed(self) -> list[str]:
        return sorted(timer.element_id for timer in self.step.timers)

    @property
    def waiting(self) -> list[str]:
        return sorted(wait.element_id for wait in self.step.waits)

    @property
    def log(self) -> list[tuple[str, str]]:
        return [(line.kind, line.element_id) for line in self.step.log]

    @property
    def ended(self) -> str:
        return self.step.ended.element_id if self.step.ended else ""
