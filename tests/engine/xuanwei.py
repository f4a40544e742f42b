"""Cases of a real procedure (宣威) at every stage, with the statutory calendar, for tests of migration."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tests.engine.play import Play

from zuozhen.engine import load_diagram
from zuozhen.model.clock import at_local
from zuozhen.model.step import Environment
from zuozhen.workdays import Rules, date_functions, national

FILE = Path(__file__).resolve().parents[2] / "processes/530381-xuanwei/530381-xuanwei.bpmn"
XML = FILE.read_bytes()
START = at_local(date(2026, 3, 2), time(9))
FUNCTIONS = date_functions(Rules(national()))

STAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Task_accept", {"decision": "accept"}),
    ("Task_assign", {"reception_unit": "ziran"}),
    ("Task_contact", {}),
    ("Task_arrange", {"clinic_date": "2026-03-20"}),
    ("Task_notify", {}),
    ("Catch_clinic_starts", {}),
    ("Task_clinic", {"solved": "no", "lead_unit": "ziran", "joint_units": ["gongxin", "shichang"]}),
    ("Task_single", {"completion": "done"}),
    ("Task_rate", {"service_score": "satisfied", "handling_score": "satisfied"}),
    ("Task_signoff", {"signoff": "agree"}),
)
"""Where a case stands in turn, and what is answered there."""


class Case(Play):
    """One case of the procedure; every answer comes a day after the last."""

    @property
    def env(self) -> Environment:
        return Environment(self.now, FUNCTIONS)


def edited(*changes: tuple[str, str]) -> Any:
    """Return the diagram with texts replaced; each must be there exactly once."""
    text = XML.decode()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_diagram(text.encode())


def case_at(place: str, *, handling: str = "single", now: datetime = START) -> Case:
    """Return a case that stands at a task (or at the wait for the clinic to begin)."""
    case = Case(load_diagram(XML), {"case_key": "k"}, now=now)
    for name, answers in STAGES:
        if name == place or (name == "Task_single" and handling != "single"):
            break
        case.now += timedelta(days=1)
        act = case.got if name.startswith("Catch") else case.done
        act(name, **answers, **({"handling": handling} if name == "Task_clinic" else {}))
    return case
