"""Working on one task: claiming, handing over, drafts, completing, being too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import ACCEPT, REGISTER, TENANT, Office
from tests.store.running import in_threads

from zuozhen.model.errors import Conflict, Forbidden, Invalid, NotFound
from zuozhen.model.ids import new_id
from zuozhen.services import accounts, tasks
from zuozhen.services.actors import enterprise
from zuozhen.services.registration import StartView
from zuozhen.services.tasks import Done, TaskClosed, TaskView, as_formdata

REFUSE = {
    "decision": "refuse",
    "refusal_ground": "2",
    "explanation": "属于民事纠纷，请依法起诉。",
    "reply_method": "电话",
}


def test_registration_gives_a_number_a_code_and_the_first_task(any_office: Office) -> None:
    office = any_office
    first, second = office.register(), office.register(title="关于用地事项的情况反映")
    assert [first.number, second.number] == ["XW2026-0001", "XW2026-0002"]
    case = office.case(second.case_id)
    assert (case.title, case.enterprise, case.channel) == (
        "关于用地事项的情况反映",
        REGISTER["enterprise"],
        "window",
    )
    assert case.query_hash and second.code not in case.query_hash
    assert office.open_tasks(second.case_id) == ["Task_accept"]
    assert office.token(second.case_id, "Task_accept").due_at is not None
    assert [event.kind for event in office.events(second.case_id)] == ["registered"]
    assert office.problems_of(second.case_id) == []


def test_a_registration_with_mistakes_comes_back_and_takes_no_number(office: Office) -> None:
    view = office.try_register({**REGISTER, "phone": "12345", "consent": False})
    assert isinstance(view, StartView) and view.bound is not None
    assert {problem.field for problem in view.bound.problems} == {"phone", "consent"}
    assert view.bound.draft()["phone"] == "12345"
    assert office.register().number == "XW2026-0001"


def test_an_unknown_channel_is_refused(office: Office) -> None:
    with pytest.raises(Invalid, match="受理渠道"):
        office.try_register(REGISTER, channel="telepathy")


def test_completing_writes_answers_history_and_the_next_task(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    person = office.person("zhang", groups=("lead_office",))
    done = office.submit(case_id, "Task_accept", ACCEPT, by=person)
    assert (done.name, done.next_names, done.ended) == (
        "分类梳理并答复是否受理",
        ("分派接诊部门",),
        "",
    ) or done.next_names
    case, events = office.case(case_id), office.events(case_id)
    assert case.data["accept"]["decision"] == "accept"
    assert (events[-1].kind, events[-1].actor, events[-1].actor_name) == ("completed", person.id, "测试zhang")
    assert events[-1].payload["answers"]["decision"] == "accept"
    assert office.open_tasks(case_id) == ["Task_assign"]
    assert office.problems_of(case_id) == []


def test_answers_with_mistakes_change_nothing(office: Office) -> None:
    case_id = office.register().case_id
    view = office.try_submit(case_id, "Task_accept", {"decision": "refuse", "reply_method": "电话"})
    assert isinstance(view, TaskView) and view.bound is not None
    assert {problem.field for problem in view.bound.problems} >= {"refusal_ground", "explanation"}
    assert office.open_tasks(case_id) == ["Task_accept"]
    assert len(office.events(case_id)) == 1


def test_hidden_answers_are_not_kept(office: Office) -> None:
    case_id = office.register().case_id
    seen = {**ACCEPT, "refusal_ground": "3"}  # as if it had been seen: said once, not dropped in silence
    outcome = office.try_submit(case_id, "Task_accept", seen)
    assert isinstance(outcome, TaskView) and outcome.bound is not None
    assert [problem.field for problem in outcome.bound.problems] == ["refusal_ground"]
    office.submit(case_id, "Task_accept", {**seen, "_hidden": "refusal_ground"})
    assert "refusal_ground" not in office.case(case_id).data["accept"]


def test_a_choice_that_the_list_does_not_have_is_refused_with_all_choices_shown(office: Office) -> None:
    registered = office.register()
    office.pass_to("2026-09-01 09:00")
    for element, answers in (("Task_accept", ACCEPT), ("Task_assign", {"reception_unit": "nobody"})):
        outcome = office.try_submit(registered.case_id, element, answers)
    assert isinstance(outcome, TaskView) and outcome.bound is not None
    assert [problem.field for problem in outcome.bound.problems] == ["reception_unit"]


# ---------------------------------------------------------------- claiming and handing over


def test_claim_unclaim_and_hand_over_are_in_the_history(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    zhang, li = (office.person(name, groups=("lead_office",)) for name in ("zhang", "li"))
    outsider = office.person("wang", unit="gongxin")
    assert zhang.id and outsider.id

    tasks.claim(office.context, zhang, token)
    with pytest.raises(Conflict, match="已由其他同事签收"):
        tasks.claim(office.context, li, token)
    with pytest.raises(Conflict, match="已由其他同事签收"):
        office.submit(case_id, "Task_accept", ACCEPT, by=li)
    tasks.unclaim(office.context, zhang, token)
    tasks.claim(office.context, li, token)
    with pytest.raises(Invalid, match="理由"):
        tasks.hand_over(office.context, li, token, outsider.id, "  ")
    tasks.hand_over(office.context, li, token, outsider.id, "外出培训")
    office.submit(case_id, "Task_accept", ACCEPT, by=outsider)

    kinds = [event.kind for event in office.events(case_id)]
    assert kinds == ["registered", "claimed", "unclaimed", "claimed", "handed_over", "completed"]
    assert office.events(case_id)[4].payload["reason"] == "外出培训"
    assert office.problems_of(case_id) == []


def test_who_may_not_hand_over_and_to_whom(office: Office) -> None:
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    lead = office.person("zhang", groups=("lead_office",))
    stranger, gone = office.person("wang", unit="gongxin"), office.person("zhao", unit="gongxin")
    assert gone.id and lead.id
    accounts.set_active(office.context, TENANT, gone.id, False)
    with pytest.raises(Forbidden):
        tasks.hand_over(office.context, stranger, token, lead.id, "试试")
    for nobody in (gone.id, new_id()):
        with pytest.raises(Invalid, match="不存在或已停用"):
            tasks.hand_over(office.context, lead, token, nobody, "休假")
    with pytest.raises(NotFound):
        tasks.claim(office.context, lead, "0" * 32)


def test_a_claimed_task_keeps_its_holder_when_the_case_moves(office: Office) -> None:
    case_id = office.register().case_id
    zhang = office.person("zhang", groups=("lead_office",))
    tasks.claim(office.context, zhang, office.token(case_id, "Task_accept").token)
    office.pass_to("2026-09-05 09:00")
    assert office.open_tasks(case_id) == ["Task_accept", "Task_urge"]
    assert office.token(case_id, "Task_accept").assignee == zhang.id


# ---------------------------------------------------------------- the enterprise's own tasks


def test_the_rating_is_never_given_by_staff(office: Office) -> None:
    registered = office.register()
    office.to_rating(registered)
    token = office.token(registered.case_id, "Task_rate").token
    chief = office.person("chief", unit="ziran", groups=("lead_office", "leader", "supervision", "window"))
    assert chief.id
    for act in (
        lambda: tasks.open_task(office.context, chief, token),
        lambda: tasks.claim(office.context, chief, token),
        lambda: tasks.hand_over(office.context, chief, token, chief.id, "代填"),
        lambda: tasks.save_draft(office.context, chief, token, as_formdata({"advice": "很好"})),
        lambda: office.submit(registered.case_id, "Task_rate", {"service_score": "satisfied"}, by=chief),
    ):
        with pytest.raises(Forbidden, match="企业"):
            act()
    assert office.open_tasks(registered.case_id) == ["Task_rate"]


def test_the_enterprise_does_only_its_own_tasks_of_its_own_case(office: Office) -> None:
    own, other = office.register(), office.register()
    company = enterprise(TENANT, "企业")
    accept = office.token(own.case_id, "Task_accept").token
    with pytest.raises(Forbidden):
        tasks.submit(office.context, company, accept, as_formdata(ACCEPT))
    foreign = office.token(other.case_id, "Catch_withdraw").token
    reason = as_formdata({"withdraw_reason": "不再需要"})
    with pytest.raises(NotFound):
        tasks.submit(office.context, company, foreign, reason, within=own.case_id)
    with pytest.raises(NotFound):
        tasks.open_task(office.context, company, foreign, within=own.case_id)
    assert office.case(other.case_id).status == "open"
    assert isinstance(tasks.submit(office.context, company, foreign, reason, within=other.case_id), Done)
    assert office.case(other.case_id).end_element == "End_withdrawn"


# ---------------------------------------------------------------- drafts


def test_a_draft_is_kept_valid_or_not_until_the_task_is_done(any_office: Office) -> None:
    office = any_office
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    person = office.person("zhang", groups=("lead_office",))
    tasks.save_draft(
        office.context, person, token, as_formdata({"decision": "refuse", "explanation": "还没写完"})
    )
    office.pass_to("2026-09-05 09:00")  # the deadline passes: a step of the case does not touch the draft
    row = office.token(case_id, "Task_accept")
    assert (row.draft_by, (row.draft or {})["explanation"]) == (person.id, "还没写完")
    view = tasks.open_task(office.context, person, token)
    assert view.bound is not None and view.bound.draft()["explanation"] == "还没写完"
    assert len(office.events(case_id)) == 2  # registered, fired: a draft is no event
    office.submit(case_id, "Task_accept", ACCEPT, by=person)
    closed = office.tokens(case_id, status=2)
    assert [(t.element_id, t.draft) for t in closed] == [("Task_accept", None)]


# ---------------------------------------------------------------- two people, one task


def test_of_two_people_with_the_same_task_exactly_one_wins(any_office: Office) -> None:
    office = any_office
    for _ in range(5):
        case_id = office.register().case_id
        token = office.token(case_id, "Task_accept").token
        answers = (ACCEPT, REFUSE)

        def work(index: int, token: str = token, answers: tuple[object, ...] = answers) -> object:
            member = office.member("lead_office")
            return tasks.submit(office.context, member, token, as_formdata(answers[index]))  # type: ignore[arg-type]

        outcomes = in_threads(2, work)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Done", "TaskClosed"], outcomes
        winner = next(index for index, outcome in enumerate(outcomes) if isinstance(outcome, Done))
        loser = outcomes[1 - winner]
        assert isinstance(loser, TaskClosed) and loser.status == 409
        assert "没有提交" in loser.message and loser.hint
        assert office.case(case_id).data["accept"]["decision"] == answers[winner]["decision"]
        assert [event.kind for event in office.events(case_id)] == ["registered", "completed"]
        assert office.problems_of(case_id) == []


def test_many_people_and_the_clock_on_one_case(any_office: Office) -> None:
    """Claims, drafts, a completion and the timer at the same moment: one order, nothing lost, nothing double."""
    office = any_office
    case_id = office.register().case_id
    token = office.token(case_id, "Task_accept").token
    people = [office.person(f"person{n}", groups=("lead_office",)) for n in range(3)]
    office.clock.move_to(office.clock() + timedelta(days=7))

    def work(index: int) -> object:
        if index < 3:
            return tasks.claim(office.context, people[index], token)
        if index == 3:
            return tasks.save_draft(office.context, office.member("lead_office"), token, as_formdata(ACCEPT))
        return office.drain()

    outcomes = in_threads(5, work)
    assert [type(o).__name__ for o in outcomes[:3]].count("NoneType") == 1, outcomes
    assert outcomes[4] is None, outcomes
    office.drain()
    assert office.open_tasks(case_id) == ["Task_accept", "Task_urge"]
    assert sorted(event.kind for event in office.events(case_id)) == ["claimed", "fired", "registered"]
    assert office.problems_of(case_id) == []


def test_an_unknown_token_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        tasks.submit(office.context, office.member("lead_office"), "f" * 32, as_formdata({}))
