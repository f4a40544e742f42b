"""代班: the tasks and groups of somebody absent, for some days, written down as done in their place."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from tests.builders import ACCEPT, ASSIGN, CONTACT, MONDAY, Office

from zuozhen.model.errors import Conflict, Forbidden, Invalid
from zuozhen.services import accounts, tasklist
from zuozhen.services import tasks as work
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.studio import substitutions
from zuozhen.store.database import count_statements
from zuozhen.store.tables import Account

TODAY = MONDAY.date()


def actor_of(office: Office, account: Account) -> Actor:
    found = accounts.account_of(office.context, account.tenant, account.id, account.epoch)
    assert found is not None
    return found[1]


class Desk:
    """李四 of the unit that handles, 张三 of another one, and the office's administrator."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.admin = office.person("admin", admin="system")
        self.li = office.account("li", unit="ziran")
        self.zhang = office.account("zhang", unit="gongxin")
        self.registered = office.register()
        office.submit(self.registered.case_id, "Task_accept", ACCEPT)
        office.submit(self.registered.case_id, "Task_assign", ASSIGN)

    def stand_in(self, first: date = TODAY, last: date = date(2026, 9, 4), reason: str = "年休假") -> object:
        return substitutions.substitute(
            self.office.context, self.admin, self.li.id, self.zhang.id, first=first, last=last, reason=reason
        )

    def at(self, text: str) -> Actor:
        """Return 张三 as he is at a local time."""
        self.office.pass_to(text)
        return actor_of(self.office, self.zhang)


@pytest.fixture
def desk(any_office: Office) -> Desk:
    return Desk(any_office)


def test_a_substitute_sees_and_does_the_work_of_the_groups_and_it_is_written_down(desk: Desk) -> None:
    office, case_id = desk.office, desk.registered.case_id
    token = office.token(case_id, "Task_contact").token
    before = actor_of(office, desk.zhang)
    assert tasklist.task_page(office.context, before).rows == ()
    with pytest.raises(Forbidden):
        work.open_task(office.context, before, token)

    desk.stand_in()
    zhang = actor_of(office, desk.zhang)
    (row,) = tasklist.task_page(office.context, zhang).rows
    assert row.token == token and row.may_do
    assert case_view(office.context, zhang, case_id).tasks[0].may_do
    office.submit(case_id, "Task_contact", CONTACT, by=zhang)

    event = office.events(case_id)[-1]
    assert (event.actor_name, event.actor) == ("测试zhang（代测试li）", desk.zhang.id)
    assert event.payload["in_place_of"] == desk.li.id.hex
    assert office.problems_of(case_id) == []


def test_tasks_handed_to_the_absent_person_are_the_substitutes_too(desk: Desk) -> None:
    office, case_id = desk.office, desk.registered.case_id
    token = office.token(case_id, "Task_contact").token
    work.claim(office.context, actor_of(office, desk.li), token)
    desk.stand_in()
    zhang = actor_of(office, desk.zhang)
    assert tasklist.task_page(office.context, zhang, "mine").counts["mine"] == 1
    work.unclaim(office.context, zhang, token)
    assert office.events(case_id)[-1].actor_name == "测试zhang（代测试li）"


def test_own_work_stays_own_work(desk: Desk) -> None:
    office = desk.office
    both = office.account("both", unit="ziran")
    substitutions.substitute(
        office.context, desk.admin, desk.li.id, both.id, first=TODAY, last=TODAY, reason="会议"
    )
    actor = actor_of(office, both)
    assert actor.stands_for[0].groups == frozenset()
    office.submit(desk.registered.case_id, "Task_contact", CONTACT, by=actor)
    assert office.events(desk.registered.case_id)[-1].actor_name == "测试both"


def test_it_begins_and_ends_by_itself_on_local_days(desk: Desk) -> None:
    desk.stand_in(first=date(2026, 9, 2), last=date(2026, 9, 3))
    assert desk.at("2026-09-01 23:59").stands_for == ()
    assert "ziran" in desk.at("2026-09-02 00:00").groups
    assert "ziran" in desk.at("2026-09-03 23:59").groups
    after = desk.at("2026-09-04 00:00")
    assert after.stands_for == () and after.groups == frozenset({"gongxin"})
    (row,) = substitutions.substitutions(desk.office.context, desk.office.tenant)
    assert row.state == "over"


def test_it_can_be_ended_early(desk: Desk) -> None:
    made = desk.stand_in()
    assert actor_of(desk.office, desk.zhang).stands_for
    substitutions.end_substitution(desk.office.context, desk.admin, made)  # type: ignore[arg-type]
    assert actor_of(desk.office, desk.zhang).stands_for == ()


def test_an_administrators_rights_are_never_lent(desk: Desk) -> None:
    office = desk.office
    boss = office.account("boss", groups=("lead_office",), admin="system")
    substitutions.substitute(
        office.context, desk.admin, boss.id, desk.zhang.id, first=TODAY, last=TODAY, reason="出差"
    )
    zhang = actor_of(office, desk.zhang)
    assert zhang.admin == frozenset()
    assert zhang.sees_all and zhang.overseeing().name == "测试zhang（代测试boss）"

    pure = office.account("pure", admin="audit")
    with pytest.raises(Invalid) as error:
        substitutions.substitute(
            office.context, desk.admin, pure.id, desk.zhang.id, first=TODAY, last=TODAY, reason="出差"
        )
    assert "管理员" in error.value.problems[0].message


def test_it_does_not_reach_on_to_a_third_person(desk: Desk) -> None:
    office = desk.office
    third = office.account("third", unit="caizheng")
    desk.stand_in()
    substitutions.substitute(
        office.context, desk.admin, desk.zhang.id, third.id, first=TODAY, last=TODAY, reason="会议"
    )
    assert actor_of(office, third).groups == {"caizheng", "gongxin"}


def test_what_will_not_do_is_said_at_its_field(desk: Desk) -> None:
    for change, field in (
        ({"last": date(2026, 8, 30), "first": date(2026, 8, 29)}, "last"),
        ({"last": date(2026, 8, 30)}, "last"),
        ({"last": date(2028, 8, 30)}, "last"),
        ({"reason": "  "}, "reason"),
    ):
        with pytest.raises(Invalid) as error:
            desk.stand_in(**change)  # type: ignore[arg-type]
        assert {problem.field for problem in error.value.problems} == {field}
    for absent, stands in ((desk.li.id, desk.li.id), (uuid4(), desk.zhang.id), (desk.li.id, uuid4())):
        with pytest.raises(Invalid):
            substitutions.substitute(
                desk.office.context, desk.admin, absent, stands, first=TODAY, last=TODAY, reason="x"
            )
    desk.stand_in()
    with pytest.raises(Conflict):
        desk.stand_in(first=date(2026, 9, 4), last=date(2026, 9, 8))


def test_rights_cost_one_statement_with_and_without_somebody_absent(desk: Desk) -> None:
    office = desk.office
    for _ in range(2):
        with count_statements(office.context.database) as counts:
            actor_of(office, desk.zhang)
        assert len(counts.statements) == 1
        if not actor_of(office, desk.zhang).stands_for:
            desk.stand_in()


def test_api_tokens_carry_the_same_rights(desk: Desk) -> None:
    office = desk.office
    secret = accounts.new_api_token(office.context, desk.zhang, "x")
    desk.stand_in()
    with count_statements(office.context.database) as counts:
        found = accounts.token_account(office.context, secret)
    assert found is not None and "ziran" in found[1].groups
    assert len(counts.statements) == 1
