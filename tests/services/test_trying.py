"""Runs on trial: the draft on a virtual clock, replayed from its steps, apart from everything real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.builders import (
    ACCEPT,
    ASSIGN,
    DIAGRAM,
    LOCAL,
    MONDAY,
    REGISTER,
    SLUG,
    Office,
    edited,
    pack_files,
)
from tests.conftest import OfficeMaker
from tests.engine_lint.build import CLAUSE, boundary, end, path, process, timer
from tests.services import smallpack
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.documents import Renderer
from zuozhen.model.errors import Conflict, ContentError, Invalid, NotFound, ZuozhenError
from zuozhen.services.actors import Actor
from zuozhen.services.studio import continuing, places, runs, scenariofile, trying, workspace
from zuozhen.services.studio.coverage import coverage
from zuozhen.services.studio.places import Place, PlaceView
from zuozhen.services.studio.runs import Run, RunView
from zuozhen.services.studio.trialcache import TRIALS
from zuozhen.services.studio.trials import step_of, table_of
from zuozhen.services.tasks import as_formdata
from zuozhen.store.tables import Account, Case, Event, Job, Notice, StudioRun

SCENARIOS = f"processes/{SLUG}/scenarios.toml"
NO_FILES: MultiDict[str, FileStorage] = MultiDict()
QUIET = settings(
    max_examples=3,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Desk:
    """One administrator with a run."""

    def __init__(self, office: Office, start: datetime = MONDAY) -> None:
        self.office = office
        self.context = office.context
        self.me = office.person(f"root{id(self) % 10_000}", admin="system")
        self.run_id = runs.new_run(self.context, self.me, "一次", start)

    @property
    def run(self) -> Run:
        return runs.read_run(self.context, self.me, self.run_id)

    def look(self, *, fresh: bool = False) -> RunView:
        if fresh:
            TRIALS.close()
        return runs.view_run(self.context, self.run)

    def fill(self, place: Place, answers: Any, channel: str = "window") -> Run:
        outcome = places.hand_in(
            self.context, self.me, self.run, place, as_formdata(answers), NO_FILES, channel
        )
        assert isinstance(outcome, Run), outcome.bound and outcome.bound.problems
        return outcome

    def register(self, **answers: Any) -> Run:
        return self.fill(Place("register"), {**REGISTER, **answers})

    def task(self, element: str, answers: Any, case: str = "case") -> Run:
        return self.fill(Place("task", case, element), answers)

    def save(self, path: str, content: bytes | None) -> None:
        rev = workspace.rev_of(self.context, self.me.tenant, path)
        workspace.save_file(self.context, self.me, path, content, rev=rev)

    def edit(self, path: str, old: str, new: str) -> None:
        """Change one place of the draft."""
        files = workspace.files(self.context, self.me.tenant)
        self.save(path, edited(files, path, old, new)[path])


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    TRIALS.close()


def open_tasks(shown: RunView) -> dict[str, list[str]]:
    return {case.alias: [task.element for task in case.tasks] for case in shown.view.cases}


def essence(shown: RunView) -> dict[str, Any]:
    """Return everything a page shows but random ids: links are signed anew in every installation."""
    view = shown.view
    return {
        "now": view.now,
        "tasks": [
            (t.kind, t.alias, t.element, t.number, t.group, t.deadline)
            for case in view.cases
            for t in (*case.tasks, *case.acts)
        ],
        "cases": [(case.alias, case.label, case.view.case.outcome, case.waits) for case in view.cases],
        "letters": [(s.at, s.to, s.subject, re.sub(r"/link/\S+", "", s.body)) for s in view.letters],
        "announcements": [(s.at, s.subject, s.body) for s in view.announcements],
        "papers": [(p.at, p.title, p.case) for p in view.papers],
        "coming": view.coming,
        "messages": [(m.at, m.name, m.key, m.state) for m in view.messages],
        "told": [(told.case, told.line.at, told.line.what, told.line.details) for told in view.told],
        "marks": (
            dict(view.marks.active),
            set(view.marks.done),
            set(view.marks.fired),
            set(view.marks.flows),
        ),
        "troubles": view.troubles,
    }


# ---------------------------------------------------------------- what a run shows


def test_a_run_shows_what_is_open_due_sent_and_printed(desk: Desk) -> None:
    desk.register()
    shown = desk.look()
    (case,) = shown.view.cases
    (accept,) = case.tasks
    assert (accept.element, accept.deadline.on, accept.clause != "") == (
        "Task_accept",
        datetime(2026, 9, 2).date(),  # noqa: DTZ001 - a calendar day
        True,
    )
    assert accept.deadline.explanation
    assert [paper.form_key for paper in shown.view.papers] == ["register"]
    assert shown.view.marks.active == {"Task_accept": 1}
    assert "Start_register" in shown.view.marks.done
    desk.task("Task_accept", ACCEPT)
    (letter,) = desk.look().view.letters
    assert letter.to == REGISTER["enterprise"] and case.label in letter.subject
    assert REGISTER["title"] in letter.body


def test_the_clock_goes_from_one_due_instant_to_the_next(desk: Desk) -> None:
    desk.register()
    continuing.jump_to_due(desk.context, desk.me, desk.run)  # the monthly session begins to be planned
    assert open_tasks(desk.look()) == {"case": ["Task_accept"], "clinic": ["Task_plan"]}
    continuing.jump_to_due(desk.context, desk.me, desk.run)
    shown = desk.look()
    assert shown.view.now.astimezone(LOCAL).isoformat() == "2026-09-03T00:00:00+08:00"
    assert sorted(open_tasks(shown)["case"]) == ["Task_accept", "Task_urge"]
    assert "Timer_accept" in shown.view.marks.fired and shown.view.marks.late == ("Task_accept",)
    assert [step.get("case") for step in desk.run.steps] == [None, "clinic", None]
    assert desk.run.steps[-1]["expect"]["fired"] == ["Timer_accept"]


def test_a_working_day_later_is_a_working_day(desk: Desk) -> None:
    continuing.jump_to(desk.context, desk.me, desk.run, datetime(2026, 9, 30, 15, tzinfo=LOCAL))
    continuing.jump_workday(desk.context, desk.me, desk.run)
    view = desk.look().view
    assert (view.now.astimezone(LOCAL).isoformat(), view.day.workday) == ("2026-10-08T15:00:00+08:00", True)


def test_the_enterprise_acts_and_a_session_is_called_by_hand(desk: Desk) -> None:
    desk.register()
    desk.fill(Place("act", "case", "Catch_withdraw"), {"withdraw_reason": "已自行解决。"})
    shown = desk.look()
    assert shown.view.cases[0].view.case.outcome and not shown.view.cases[0].tasks
    assert places.startable(shown.view.release) == (("clinic", "坐诊场次"),)


def test_a_document_is_rendered_when_it_is_looked_at(desk: Desk) -> None:
    desk.register(title="关于第一件事项的情况反映")
    desk.register(title="关于第二件事项的情况反映")
    assert [paper.case for paper in desk.look().view.papers] == ["XW2026-0001", "XW2026-0002"]
    content, name = runs.paper(desk.context, desk.run, 1)
    assert content.startswith(b"%PDF-") and name.endswith(".pdf")
    with pytest.raises(NotFound):
        runs.paper(desk.context, desk.run, 2)


def test_nothing_of_a_run_reaches_the_real_installation(desk: Desk) -> None:
    desk.office.drain()
    with desk.context.database.read() as session:
        before = [session.scalar(select(func.count()).select_from(t)) for t in (Case, Event, Job, Notice)]
    desk.register()
    desk.task("Task_accept", ACCEPT)
    desk.look(fresh=True)
    with desk.context.database.read() as session:
        after = [session.scalar(select(func.count()).select_from(t)) for t in (Case, Event, Job, Notice)]
    assert after == before


def test_a_sample_fills_a_form(desk: Desk) -> None:
    view = places.open_place(desk.context, desk.run, Place("register"), sample=True)
    assert view.bound is not None and view.sampled and not view.bound.checked
    desk.fill(Place("register"), view.bound.draft())
    view = places.open_place(desk.context, desk.run, Place("task", "case", "Task_accept"), sample=True)
    assert view.bound is not None and view.bound.draft()["decision"] == "accept"


def test_a_form_with_problems_comes_back_and_the_run_stays(desk: Desk) -> None:
    outcome = places.hand_in(
        desk.context,
        desk.me,
        desk.run,
        Place("register"),
        as_formdata({"enterprise": "甲"}),
        NO_FILES,
        "window",
    )
    assert isinstance(outcome, PlaceView) and outcome.bound is not None and outcome.bound.problems
    assert desk.run.steps == ()


def test_a_required_file_is_kept_as_a_sample(make_office: OfficeMaker) -> None:
    desk = Desk(make_office())
    form = f"forms/{SLUG}/register.json"
    draft = workspace.files(desk.context, desk.me.tenant)[form].decode()
    key = re.search(r'"key": "([^"]+)",(?:(?!"key")[^}])*"type": "filepicker"', draft) or re.search(
        r'"type": "filepicker"[^}]*?"key": "([^"]+)"', draft
    )
    assert key is not None
    files: MultiDict[str, FileStorage] = MultiDict(
        {key[1]: FileStorage(Path(__file__).open("rb"), filename="证明.pdf")}  # noqa: SIM115
    )
    with files[key[1]].stream:
        outcome = places.hand_in(
            desk.context, desk.me, desk.run, Place("register"), as_formdata(REGISTER), files, "window"
        )
    assert isinstance(outcome, Run) and outcome.steps[0]["files"] == [key[1]]
    assert key[1] not in outcome.steps[0]["register"]
    assert desk.look(fresh=True).stop is None


# ---------------------------------------------------------------- replay


def acts(desk: Desk) -> list[Place]:
    shown = desk.look()
    found = [Place("register")] + [
        Place("start", "", role) for role, _ in places.startable(shown.view.release)
    ]
    found += [
        Place(todo.kind, todo.alias, todo.element, todo.number)
        for case in shown.view.cases
        for todo in (*case.tasks, *case.acts)
    ]
    return found


def go_somewhere(desk: Desk, choice: int) -> None:
    """Do something possible; what is refused is refused in words and leaves the run as it was."""
    before = desk.run.steps
    try:
        if choice % 5 == 0:
            continuing.jump_to_due(desk.context, desk.me, desk.run)
        elif choice % 11 == 0:
            continuing.jump_workday(desk.context, desk.me, desk.run)
        elif choice % 13 == 0:
            continuing.go_back(desk.context, desk.me, desk.run, len(before) - 1)
        else:
            possible = acts(desk)
            place = possible[choice % len(possible)]
            view = places.open_place(desk.context, desk.run, place, sample=True)
            answers = as_formdata(view.bound.draft() if view.bound else {})
            channel = view.channel or "window"
            places.hand_in(desk.context, desk.me, desk.run, place, answers, NO_FILES, channel)
    except ZuozhenError as error:
        assert error.message and desk.run.steps == before


@QUIET
@given(st.lists(st.integers(0, 1_000), min_size=4, max_size=14))
def test_a_replay_shows_what_the_run_showed_and_holds_as_a_scenario(desk: Desk, choices: list[int]) -> None:
    start = MONDAY + timedelta(days=len(choices))
    desk.run_id = runs.new_run(desk.context, desk.me, "任意", start)
    for choice in (1, *choices):
        go_somewhere(desk, choice)
    live = desk.look()
    replayed = desk.look(fresh=True)
    assert essence(live) == essence(replayed)
    assert (live.differences, live.stop) == (replayed.differences, replayed.stop) == ((), None)
    if desk.run.steps:
        name = f"任意 {desk.run_id}"
        scenariofile.add_scenario(desk.context, desk.me, name, desk.run.start, desk.run.steps)
        files = workspace.files(desk.context, desk.me.tenant)
        scenario = trying.scenarios_of(files, SLUG)[-1]
        assert scenario.name == name
        result = trying.run_scenario(desk.context, TRIALS.content(files), scenario)
        assert (result.differences, result.ok) == ((), True)
        opened = runs.read_run(desk.context, desk.me, trying.run_of_scenario(desk.context, desk.me, name))
        assert [step_of(step) for step in opened.steps] == list(scenario.steps)
    runs.delete_run(desk.context, desk.me, desk.run_id)


def test_a_deadline_that_the_draft_moves_is_told(desk: Desk) -> None:
    desk.register()
    desk.edit(DIAGRAM, "workdays(2)", "workdays(4)")
    shown = desk.look()
    assert shown.differences == (
        "第 1 步 企业挂号：“分类梳理并答复是否受理”期限应为 2026-09-02，实为 2026-09-04",
    )
    continuing.accept_now(desk.context, desk.me, desk.run)
    assert desk.look().differences == ()
    assert desk.run.steps[0]["expect"]["due"] == {"Task_accept": "2026-09-04"}


def test_the_step_that_no_longer_fits_is_told_and_kept(desk: Desk) -> None:
    desk.register()
    desk.task("Task_accept", ACCEPT)
    desk.task("Task_assign", ASSIGN)
    whole = desk.run.steps
    text = workspace.files(desk.context, desk.me.tenant)[DIAGRAM].decode()
    desk.save(DIAGRAM, text.replace("Task_assign", "Task_determine").encode())
    shown = desk.look()
    assert shown.stop is not None and shown.stop.number == 3 and "Task_assign" in shown.stop.message
    assert open_tasks(shown) == {"case": ["Task_determine"]} and desk.run.steps == whole
    with pytest.raises(Conflict, match="第 3 步"):
        continuing.jump_workday(desk.context, desk.me, desk.run)
    desk.save(DIAGRAM, text.encode())
    assert desk.look().stop is None
    desk.save(DIAGRAM, text.replace("Task_assign", "Task_determine").encode())
    continuing.go_back(desk.context, desk.me, desk.run, 2)
    desk.task("Task_determine", ASSIGN)
    assert desk.look().stop is None


def test_a_draft_with_errors_says_what_to_mend(desk: Desk) -> None:
    desk.register()
    desk.edit(DIAGRAM, "workdays(2)", "workdays(2")
    with pytest.raises(ContentError) as raised:
        desk.look()
    assert raised.value.findings and raised.value.findings[0].element
    assert len(desk.run.steps) == 1


def test_going_back_drops_the_last_step(desk: Desk) -> None:
    desk.register()
    before = essence(desk.look())
    desk.task("Task_accept", ACCEPT)
    continuing.go_back(desk.context, desk.me, desk.run, 1)
    assert essence(desk.look()) == before


# ---------------------------------------------------------------- limits


def test_time_goes_forward_and_not_too_far(desk: Desk) -> None:
    for text in ("2026-08-31 09:00", "2020-01-01 00:00", "2028-01-01 00:00"):
        with pytest.raises(Invalid):
            continuing.jump_to(
                desk.context, desk.me, desk.run, datetime.fromisoformat(text).replace(tzinfo=LOCAL)
            )
    with pytest.raises(Invalid, match="范围"):
        runs.new_run(desk.context, desk.me, "", datetime(1900, 1, 1, tzinfo=LOCAL))
    assert desk.run.steps == ()


def test_a_timer_without_end_is_told(make_office: OfficeMaker) -> None:
    tick = boundary("tick", "wait", timer("R/PT1M", "timeCycle"), interrupting=False, clause=CLAUSE)
    case = smallpack.case_process(
        smallpack.task("wait"), tick, end(), end("f"), path("s", "wait", "e"), path("tick", "f")
    )
    desk = Desk(make_office(files=smallpack.pack(case)))
    desk.fill(Place("register"), {"title": "诉求"})
    with pytest.raises(ZuozhenError, match="到期时点"):
        continuing.jump_to(desk.context, desk.me, desk.run, MONDAY + timedelta(days=30))
    assert len(desk.run.steps) == 1 and desk.look().stop is None


def test_there_are_limits_to_runs_and_steps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuing, "MOST_STEPS", 1)
    monkeypatch.setattr(runs, "MOST_RUNS", 2)
    desk.register()
    with pytest.raises(Invalid, match="最多 1 步"):
        desk.register()
    runs.new_run(desk.context, desk.me, "第二次", MONDAY)
    with pytest.raises(Invalid, match="2 次试运行"):
        runs.new_run(desk.context, desk.me, "第三次", MONDAY)


def test_two_pages_of_one_run_do_not_overwrite_each_other(desk: Desk) -> None:
    old = desk.run
    desk.register()
    with pytest.raises(Conflict, match="另一个页面"):
        continuing.jump_workday(desk.context, desk.me, old)
    assert len(desk.run.steps) == 1


def test_a_run_belongs_to_one_person(desk: Desk) -> None:
    other = desk.office.person("someone", admin="system")
    with pytest.raises(NotFound):
        runs.read_run(desk.context, other, desk.run_id)
    runs.delete_run(desk.context, other, desk.run_id)
    assert desk.run.title == "一次" and runs.own_runs(desk.context, other) == []
    runs.delete_run(desk.context, desk.me, desk.run_id)
    with desk.context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StudioRun)) == 0
        assert session.scalar(select(func.count()).select_from(Account)) == 2


# ---------------------------------------------------------------- scenarios


def test_every_scenario_of_the_pack_holds_and_all_elements_are_reached(desk: Desk) -> None:
    files = workspace.files(desk.context, desk.me.tenant)
    heard: list[str] = []
    results = trying.run_scenarios(desk.context, files, lambda result: heard.append(result.name))
    assert [result.name for result in results] == heard and len(heard) >= 13
    assert [result.differences for result in results if not result.ok] == []
    found = trying.coverage_of(desk.context, files)
    assert (found.percent, found.missing, found.untaken) == (100, (), ())


def test_coverage_names_what_no_scenario_reaches(desk: Desk) -> None:
    files = workspace.files(desk.context, desk.me.tenant)
    content = TRIALS.content(files)
    refused = next(s for s in trying.scenarios_of(files, SLUG) if s.name.startswith("不予受理：第1项"))
    result = trying.run_scenario(desk.context, content, refused)
    found = coverage([result.visited], content.release.diagram, files[DIAGRAM])
    missing = {element.id for element in found.missing}
    assert {"Task_assign", "Timer_accept", "Gateway_handling"} <= missing
    assert not missing & {"Task_accept", "Gateway_decision", "End_refused", "Start_register"}
    assert found.flows["Flow_refuse"] == 1 and "Flow_accepted" in {flow.id for flow in found.untaken}
    assert 0 < found.percent < 30 and found.reached + len(missing) == found.wanted


def first_scenarios(desk: Desk, count: int) -> list[trying.ScenarioResult]:
    """Play the first scenarios of the draft."""
    files = workspace.files(desk.context, desk.me.tenant)
    content = TRIALS.content(files)
    first = trying.scenarios_of(files, SLUG)[:count]
    return [trying.run_scenario(desk.context, content, scenario) for scenario in first]


def test_a_changed_draft_fails_the_scenarios_that_say_otherwise(desk: Desk) -> None:
    desk.edit(DIAGRAM, "workdays(2)", "workdays(4)")
    bad = [result for result in first_scenarios(desk, 3) if not result.ok]
    assert bad and all(
        any("“分类梳理并答复是否受理”期限" in text for text in result.differences) for result in bad
    )
    assert "Task_" not in "".join(text for result in bad for text in result.differences)


def test_a_letter_that_cannot_be_written_fails_its_scenario(desk: Desk) -> None:
    desk.save(f"templates/message/{SLUG}/accepted.txt", "标题\n{{ 1 / 0 }}".encode())
    results = first_scenarios(desk, 3)
    assert any("自动操作“发通知”失败" in text for result in results for text in result.differences)


def test_a_scenario_is_written_like_the_others_and_leaves_them_alone(desk: Desk) -> None:
    before = pack_files()[SCENARIOS].decode()
    desk.register()
    scenariofile.add_scenario(desk.context, desk.me, " 新的 情景 ", desk.run.start, desk.run.steps)
    text = workspace.files(desk.context, desk.me.tenant)[SCENARIOS].decode()
    assert text.startswith(before.rstrip())
    added = text[len(before.rstrip()) :]
    assert added.startswith(
        '\n\n\n[[scenario]]\nname = "新的 情景"\nstart = 2026-08-31T09:00:00\n\n[[scenario.step]]\n'
    )
    assert 'due = { Task_accept = "2026-09-02" }' in added and added.endswith("\n")
    with pytest.raises(Invalid, match="已有"):
        scenariofile.add_scenario(desk.context, desk.me, "新的 情景", desk.run.start, desk.run.steps)
    scenariofile.rename_scenario(desk.context, desk.me, "新的 情景", '带"引号"的')
    scenariofile.delete_scenario(desk.context, desk.me, '带"引号"的')
    assert workspace.files(desk.context, desk.me.tenant)[SCENARIOS].decode().rstrip() == before.rstrip()
    with pytest.raises(NotFound):
        scenariofile.delete_scenario(desk.context, desk.me, "没有的")


def test_a_scenario_in_the_middle_is_deleted_alone(desk: Desk) -> None:
    names = [s.name for s in trying.scenarios_of(pack_files(), SLUG)]
    scenariofile.delete_scenario(desk.context, desk.me, names[3])
    left = trying.scenarios_of(workspace.files(desk.context, desk.me.tenant), SLUG)
    assert [s.name for s in left] == names[:3] + names[4:]


@pytest.mark.parametrize(
    "value", ["", "a\nb", '引"号', "\\", "'", "]] [[scenario]]", "# 注", "\t\x7f", "😀", "甲" * 300]
)
def test_any_answer_survives_being_written(value: str) -> None:
    import tomllib

    step = {
        "at": "2026-09-01T09:00:00",
        "register": {"文字": value, "rows": [{"a": value, "n": 3}], "yes": True},
    }
    text = scenariofile.scenario_text(value or "名", MONDAY, [step])
    read = tomllib.loads(text)["scenario"][0]
    assert read["name"] == (value or "名") and read["step"][0]["register"] == step["register"]


def test_steps_come_back_from_their_tables() -> None:
    steps = [step for s in trying.scenarios_of(pack_files(), SLUG) for step in s.steps]
    assert [step_of(table_of(step)) for step in steps] == steps


def test_a_run_made_of_a_scenario_goes_on(desk: Desk, paper: Renderer) -> None:
    assert desk.context.documents is paper
    name = trying.scenarios_of(pack_files(), SLUG)[0].name
    run = runs.read_run(desk.context, desk.me, trying.run_of_scenario(desk.context, desk.me, name))
    shown = runs.view_run(desk.context, run)
    assert shown.differences == () and shown.view.cases[0].view.case.outcome
    assert [message.state for message in shown.view.messages] == ["已有 1 件收取", "已有 1 件收取"]
    assert isinstance(desk.me, Actor)
    continuing.jump_workday(desk.context, desk.me, run)
    with pytest.raises(NotFound):
        trying.run_of_scenario(desk.context, desk.me, "没有的情景")


def test_rows_and_groups_are_posted_as_a_browser_would() -> None:
    posted = as_formdata(
        {"rows": [{"a": 1, "yes": True, "none": None}, {}], "group": {"b": "乙"}, "c": [1, 2]}
    )
    assert list(posted.items(multi=True)) == [
        ("rows-0-_row", "1"),
        ("rows-0-a", "1"),
        ("rows-0-yes", "y"),
        ("rows-1-_row", "1"),
        ("group-b", "乙"),
        ("c", "1"),
        ("c", "2"),
    ]


def test_processes_of_their_own_begin_in_a_run(make_office: OfficeMaker) -> None:
    clinic = process(
        smallpack.begin("plan", "cs"),
        smallpack.task("held"),
        end("ce"),
        path("cs", "held", "ce"),
        id_="clinic",
    )
    desk = Desk(
        make_office(files=smallpack.pack(smallpack.straight_case(smallpack.task("t"), ids=("t",)), clinic))
    )
    for number in (1, 2):
        desk.fill(Place("start", "", "clinic"), {"session": f"第{number}场"})
    assert open_tasks(desk.look(fresh=True)) == {"clinic": ["held"], "clinic-2": ["held"]}
    desk.task("held", {"note": "完"}, case="clinic-2")
    assert open_tasks(desk.look(fresh=True)) == {"clinic": ["held"], "clinic-2": []}
