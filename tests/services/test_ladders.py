"""A ladder of timers on one task: what people see is the limit, and an extension can be asked for until a drawn moment."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import CLAUSE, boundary, end, flow, message, path, service, timer
from tests.services import smallpack

from zuozhen.model.clock import due_date
from zuozhen.model.errors import Conflict
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.checking import check_files
from zuozhen.services.tasklist import task_page


def laddered() -> dict[str, bytes]:
    """Remind one working day before, limit, report five after; an extension may be asked for until one working day before."""
    rules = {"remind": "workdays(4)", "limit": "workdays(5)", "report": "workdays(10)"}
    timers = [
        boundary(
            name,
            "work",
            timer(rule),
            interrupting=False,
            clause=CLAUSE,
            **({"deadline": "true"} if name == "limit" else {}),
        )
        for name, rule in rules.items()
    ]
    ask = boundary(
        "ask",
        "work",
        message(""),
        interrupting=False,
        trigger="staff",
        before="before(deadline, workdays: 1)",
        clause=CLAUSE,
    )
    move = service("move", "retime", activity="work", until="workdays(20)")
    ends = [end(f"{name}_e") for name in (*rules, "ask")]
    flows = [*(flow(name, f"{name}_e") for name in rules), path("ask", "move", "ask_e")]
    return smallpack.pack(
        smallpack.case_process(
            smallpack.task("work"), *timers, ask, move, *ends, end(), path("s", "work", "e"), *flows
        )
    )


STAFF = Actor(smallpack.TENANT, "专班", groups=frozenset({"office"}), sees_all=True)


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=laddered())


def registered(office: Office) -> Any:
    return office.try_register({"title": "诉求", "enterprise": "甲公司", "session": "甲场"}).case_id  # type: ignore[union-attr]


def due(office: Office, case_id: Any, element: str = "work") -> str:
    due_at = office.token(case_id, element).due_at
    return "" if due_at is None else due_date(due_at).isoformat()


def test_the_natural_drawing_of_a_ladder_is_in_order() -> None:
    assert [str(finding) for finding in check_files(laddered()) if finding.severity == "error"] == []


def test_the_limit_shows_before_between_and_after_every_step(office: Office) -> None:
    case_id = registered(office)  # on Monday 31 August 2026
    for day, light in (
        ("2026-09-01", "green"),
        ("2026-09-07", "amber"),
        ("2026-09-08", "red"),
        ("2026-09-20", "red"),
    ):
        office.pass_to(f"{day} 10:00")
        assert due(office, case_id) == "2026-09-07"
        line = task_page(office.context, STAFF).rows[0]
        assert (line.deadline.on.isoformat(), line.deadline.light) == ("2026-09-07", light)  # type: ignore[union-attr]


def test_an_extension_moves_limit_reminder_and_report_together(office: Office) -> None:
    case_id = registered(office)
    office.submit(case_id, "ask", by=STAFF)
    assert [due(office, case_id, name) for name in ("work",)] == ["2026-09-28"]
    timers = {
        row.element_id: due_date(row.due_at).isoformat()
        for row in office.tokens(case_id, "timer")
        if row.due_at
    }
    assert timers == {"remind": "2026-09-24", "limit": "2026-09-28", "report": "2026-10-10"}


def test_an_extension_can_be_asked_for_until_the_drawn_moment(office: Office) -> None:
    case_id = registered(office)
    office.pass_to("2026-09-04 17:00")  # the working day before the limit
    assert [act.element_id for act in case_view(office.context, STAFF, case_id).acts] == ["ask"]
    office.pass_to("2026-09-05 00:01")
    assert case_view(office.context, STAFF, case_id).acts == ()
    with pytest.raises(Conflict, match=r"应在2026年9月4日结束前提出"):
        office.submit(case_id, "ask", by=STAFF)
    assert due(office, case_id) == "2026-09-07"
