"""Numbers by form: one for each case and rule, without gaps or doubles, void but never used again."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.services.severalpack import TENANT, several

from zuozhen.model.errors import Conflict, EngineError, Forbidden, Invalid
from zuozhen.services import numberledger
from zuozhen.services.actors import Actor
from zuozhen.services.correcting.grounds import Grounds
from zuozhen.services.correcting.undoing import undo
from zuozhen.services.registration import Registered, register
from zuozhen.services.tasks import TaskView, as_formdata, open_task
from zuozhen.store.tables import IssuedNumber

FORMAL = {"kind": "formal", "office": "city"}
OFFICE = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
ADMIN = Actor(TENANT, "管理员", groups=frozenset({"office"}), sees_all=True, admin=frozenset({"system"}))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def office(request: pytest.FixtureRequest) -> Office:
    maker: OfficeMaker = request.getfixturevalue(
        "make_office" if request.param == "sqlite" else "postgresql_office"
    )
    return maker(files=several())


def case_of(office: Office, **answers: Any) -> UUID:
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    known = {"enterprise": "甲公司", "title": "用电", **answers}
    outcome = register(office.context, actor, as_formdata(known), channel="window")
    assert isinstance(outcome, Registered)
    return outcome.case_id


def ledger(office: Office) -> list[tuple[str, str, bool]]:
    with office.context.database.read() as session:
        rows = session.scalars(select(IssuedNumber).order_by(IssuedNumber.id))
        return [(row.rule, row.text, row.voided_at is not None) for row in rows]


def test_a_form_gets_its_number_as_it_is_handed_in(office: Office) -> None:
    case_id = case_of(office)
    office.submit(case_id, "dispatching", FORMAL, by=OFFICE)

    assert office.case(case_id).data["dispatch"]["dispatch_number"] == "市级服企办交（2026）第01号"
    last = office.events(case_id)[-1].payload
    assert last["answers"]["dispatch_number"] == "市级服企办交（2026）第01号"
    assert last["numbers"] == [{"rule": "dispatch", "text": "市级服企办交（2026）第01号"}]
    assert ledger(office) == [
        ("case", "SF2026-0001", False),
        ("dispatch", "市级服企办交（2026）第01号", False),
    ]
    assert office.problems_of(case_id) == []


def test_each_prefix_counts_by_itself_and_some_forms_get_none(office: Office) -> None:
    written = []
    for answers in (FORMAL, {**FORMAL, "office": "town"}, {"kind": "oral", "office": "city"}, FORMAL):
        case_id = case_of(office)
        office.submit(case_id, "dispatching", answers, by=OFFICE)
        written.append(office.case(case_id).data["dispatch"].get("dispatch_number"))
    assert written == [
        "市级服企办交（2026）第01号",
        "镇级服企办交（2026）第01号",
        None,
        "市级服企办交（2026）第02号",
    ]


def test_nobody_types_a_number(office: Office) -> None:
    case_id = case_of(office)
    office.submit(case_id, "dispatching", {"kind": "oral", "dispatch_number": "市级第99号"}, by=OFFICE)
    assert office.case(case_id).data["dispatch"].get("dispatch_number") is None


def test_a_form_with_problems_takes_no_number(office: Office) -> None:
    case_id = case_of(office)
    shown = office.try_submit(case_id, "dispatching", {**FORMAL, "unit": "没有的单位"}, by=OFFICE)
    assert isinstance(shown, TaskView)
    office.submit(case_id, "dispatching", FORMAL, by=OFFICE)
    assert ledger(office)[-1] == ("dispatch", "市级服企办交（2026）第01号", False)


def test_a_prefix_that_cannot_be_told_stops_the_step_and_takes_no_number(office: Office) -> None:
    case_id = case_of(office)
    with pytest.raises(EngineError, match="dispatch"):
        office.submit(case_id, "dispatching", {"kind": "formal", "office": "county"}, by=OFFICE)
    assert ledger(office) == [("case", "SF2026-0001", False)]
    assert open_task(office.context, OFFICE, office.token(case_id, "dispatching").token)


def test_undoing_a_step_voids_its_number_and_the_next_is_a_new_one(office: Office) -> None:
    case_id = case_of(office)
    office.submit(case_id, "dispatching", FORMAL, by=OFFICE)
    undo(office.context, ADMIN, case_id, Grounds("填错了单位", "李主任"), seq=office.case(case_id).seq)

    assert ledger(office)[-1] == ("dispatch", "市级服企办交（2026）第01号", True)
    page = numberledger.ledger(office.context, OFFICE, rule="dispatch")
    assert page.rows[0].void_reason == "撤销上一步：填错了单位"
    assert page.sequences == (("case", "", 1, 0), ("dispatch", "市级", 1, 1))

    office.submit(case_id, "dispatching", FORMAL, by=OFFICE)
    assert office.case(case_id).data["dispatch"]["dispatch_number"] == "市级服企办交（2026）第02号"


def test_a_number_is_voided_with_a_reason_by_those_who_see_all(office: Office) -> None:
    case_id = case_of(office)
    number = numberledger.ledger(office.context, OFFICE).rows[0]
    with pytest.raises(Forbidden):
        numberledger.void(
            office.context, Actor(TENANT, "局", groups=frozenset({"gongxin"})), number.id, "重复"
        )
    with pytest.raises(Invalid):
        numberledger.void(office.context, OFFICE, number.id, " ")
    numberledger.void(office.context, OFFICE, number.id, "重复登记")
    with pytest.raises(Conflict, match="已经作废"):
        numberledger.void(office.context, OFFICE, number.id, "重复登记")

    assert numberledger.ledger(office.context, OFFICE).rows[0].void_reason == "重复登记"
    assert office.events(case_id)[-1].kind == "number_voided"
    assert office.problems_of(case_id) == []
    assert office.case(case_of(office)).number == "SF2026-0002"


def test_the_ledger_is_searched_and_paged(office: Office) -> None:
    for title in ("用水", "用电", "用地"):
        case_of(office, title=title)
    context = office.context
    assert [row.text for row in numberledger.ledger(context, OFFICE, query="用电").rows] == ["SF2026-0002"]
    assert [row.text for row in numberledger.ledger(context, OFFICE, query="0003").rows] == ["SF2026-0003"]
    first = numberledger.ledger(context, OFFICE)
    rest = numberledger.ledger(context, OFFICE, after=first.rows[0].id.hex)
    assert [row.text for row in rest.rows] == ["SF2026-0002", "SF2026-0001"]
    with pytest.raises(Invalid):
        numberledger.ledger(context, OFFICE, after="x")


def test_many_forms_at_once_are_numbered_without_gaps_or_doubles(office: Office) -> None:
    cases = [case_of(office) for _ in range(12)]

    def hand_in(case_id: UUID) -> None:
        office.submit(case_id, "dispatching", FORMAL, by=OFFICE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hand_in, cases))
    numbers = sorted(text for rule, text, _ in ledger(office) if rule == "dispatch")
    assert numbers == [f"市级服企办交（2026）第{n:02d}号" for n in range(1, 13)]


def _in_a_process(folder: str, url: str, tokens: list[str]) -> None:
    """Complete tasks in a process of its own, as a second server on the same database would."""
    from tests.builders import MONDAY, make_settings

    from zuozhen.app import build_context
    from zuozhen.model.clock import VirtualClock
    from zuozhen.services.tasks import submit

    settings = make_settings(Path(folder), database=url)
    context = build_context(settings, clock=VirtualClock(MONDAY), in_process_pdf=True)
    for token in tokens:
        submit(context, OFFICE, token, as_formdata(FORMAL))
    context.database.close()


@pytest.mark.postgresql
def test_several_processes_number_without_gaps_or_doubles(
    postgresql_office: OfficeMaker, tmp_path: Path
) -> None:
    office = postgresql_office(files=several())
    tokens = [office.token(case_of(office), "dispatching").token for _ in range(12)]
    url = office.context.database.engine.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=_in_a_process, args=(str(tmp_path / str(n)), url, tokens[n::3]))
        for n in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    numbers = sorted(text for rule, text, _ in ledger(office) if rule == "dispatch")
    assert numbers == [f"市级服企办交（2026）第{n:02d}号" for n in range(1, 13)]
