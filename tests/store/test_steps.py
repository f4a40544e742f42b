"""One step of a case: what is loaded, what is written, with how many statements."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from tests.store.running import in_threads
from tests.store.stepmaking import DAY, NOW, TENANT, THE_END, a_case, a_step, a_task, a_timer, a_wait, token

from zuozhen.model.errors import Conflict
from zuozhen.model.ids import new_id
from zuozhen.model.step import Step
from zuozhen.store.database import Database, count_statements
from zuozhen.store.jobs import NewJob
from zuozhen.store.steps import LoadedCase, append_event, load_by_token, load_case, save_step
from zuozhen.store.tables import (
    TOKEN_CANCELLED,
    TOKEN_COMPLETED,
    TOKEN_FIRED,
    TOKEN_OPEN,
    Case,
    Event,
    Job,
    Token,
)

PERSON = new_id()


def save(session: Session, loaded: LoadedCase, step: Step, **more: object) -> None:
    values = {
        "at": NOW + DAY,
        "actor_id": PERSON,
        "actor_name": "张三",
        "kind": "completed",
        "payload": {},
        **more,
    }
    save_step(session, loaded.case, loaded.tokens, step, **values)  # type: ignore[arg-type]


def loaded(session: Session, case_id: UUID) -> LoadedCase:
    found = load_case(session, TENANT, case_id)
    assert found is not None
    return found


def rows_by_token(database: Database, case_id: UUID) -> dict[str, Token]:
    with database.read() as session:
        rows = session.scalars(select(Token).where(Token.tenant == TENANT, Token.case_id == case_id))
        return {row.token: row for row in rows}


def test_a_new_case_is_written_whole(database: Database) -> None:
    task, timer, wait = token(), token(), token()
    case_id = a_case(
        database, a_task(task), a_timer(timer, NOW + 10 * DAY, activity=task), a_wait(wait), title="标题"
    )
    with database.read() as session:
        case, tokens = loaded(session, case_id)
        assert (case.title, case.rev, case.seq, case.status) == ("标题", 1, 1, "open")
        assert case.variables == {"decision": "accept"}
        assert {row.token for row in tokens} == {task, timer, wait}
        event = session.scalar(select(Event))
        assert event is not None
        assert (event.rev, event.actor_name, event.state) == (1, "某企业", b"state")
        assert event.payload["form"] == "register"
        assert event.payload["log"][0] == {
            "kind": "entered",
            "element": "Activity_handle",
            "name": "办理反馈",
            "token": "t",
            "properties": {"zz:stage": "办理"},
        }
    row = rows_by_token(database, case_id)[task]
    assert (row.kind, row.status, row.grp, row.form_key) == ("task", TOKEN_OPEN, "gongxin", "handle")
    assert (row.entered_at, row.due_at) == (NOW, NOW + 10 * DAY)
    assert row.due_why == [{"function": "workdays", "n": 10}]
    assert rows_by_token(database, case_id)[wait].message == "clinic_held"
    assert rows_by_token(database, case_id)[timer].activity == task


def test_loading_takes_one_statement_and_saving_four(database: Database) -> None:
    task, timer, next_task, wait = token(), token(), token(), token()
    case_id = a_case(database, a_task(task), a_timer(timer, NOW + DAY), a_wait(wait))
    step = a_step(a_task(next_task), a_wait(wait, key="k2"), closed={task: "completed", timer: "cancelled"})
    with count_statements(database) as counts, database.write() as session:
        found = loaded(session, case_id)
        assert len(counts.statements) == 1
        jobs = [NewJob(case_id, "notify", token(), NOW, {"zz:to": "enterprise"}) for _ in range(3)]
        save(session, found, step, jobs=jobs, data={"handle": {"reply": "已办结"}}, columns={"stage": "反馈"})
    assert len(counts.statements) == 5, counts.statements
    assert counts.commits == 1
    with database.read() as session:
        assert len(session.scalars(select(Job)).all()) == 3
        case, tokens = loaded(session, case_id)
        assert (case.rev, case.seq, case.stage, case.data) == (2, 2, "反馈", {"handle": {"reply": "已办结"}})
        assert {row.token for row in tokens} == {next_task, wait}


def test_finding_a_case_by_token_takes_one_statement(database: Database) -> None:
    task, other = token(), token()
    case_id = a_case(database, a_task(task), a_task(other))
    a_case(database, a_task(token()))
    with count_statements(database) as counts, database.write() as session:
        found = load_by_token(session, TENANT, task)
    assert found is not None
    assert len(counts.statements) == 1
    assert found.case.id == case_id
    assert {row.token for row in found.tokens} == {task, other}


def test_a_closed_token_still_finds_its_case_and_an_unknown_one_finds_nothing(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with database.write() as session:
        save(session, loaded(session, case_id), a_step(closed={task: "completed"}, ended=THE_END))
    with database.read() as session:
        found = load_by_token(session, TENANT, task)
        assert found is not None
        assert found.tokens == []
        assert load_by_token(session, TENANT, token()) is None
        assert load_by_token(session, TENANT + 1, task) is None
        assert load_case(session, TENANT, new_id()) is None


def test_closed_tokens_tell_how_when_and_by_whom(database: Database) -> None:
    done, dropped, fired = token(), token(), token()
    case_id = a_case(database, a_task(done), a_task(dropped), a_timer(fired, NOW))
    with database.write() as session:
        _, tokens = loaded(session, case_id)
        for row in tokens:
            row.draft, row.draft_by, row.draft_at = {"reply": "半句"}, PERSON, NOW
    closed = {done: "completed", dropped: "cancelled", fired: "fired"}
    with database.write() as session:
        found = loaded(session, case_id)
        save(session, found, a_step(closed=closed, ended=THE_END), closed_by=PERSON)
        assert {row.status for row in found.tokens} == {2, 3, 4}  # the loaded objects show it as well
    rows = rows_by_token(database, case_id)
    assert [rows[t].status for t in (done, dropped, fired)] == [TOKEN_COMPLETED, TOKEN_CANCELLED, TOKEN_FIRED]
    assert (rows[done].draft, rows[done].draft_by, rows[done].draft_at) == (None, None, None)
    assert rows[dropped].draft == {"reply": "半句"}  # undoing opens it again
    for row in rows.values():
        assert (row.closed_at, row.closed_by) == (NOW + DAY, PERSON)
        assert row.name in ("办理反馈", "")
    with database.read() as session:
        case, _ = loaded(session, case_id)
        assert (case.status, case.end_element, case.ended_at) == ("ended", "End_closed", NOW + DAY)


def test_what_people_set_on_an_open_task_survives_a_step(database: Database) -> None:
    task, other = token(), token()
    case_id = a_case(database, a_task(task), a_task(other))
    with database.write() as session:
        found = loaded(session, case_id)
        # A colleague claims the task and saves a draft after this transaction has read it: as an
        # autosave that takes no lock on the case would.
        session.execute(
            update(Token)
            .where(Token.token == task)
            .values(assignee=PERSON, draft={"reply": "草稿"}, draft_by=PERSON, draft_at=NOW)
            .execution_options(synchronize_session=False)
        )
        renamed = a_task(task, name="办理反馈（延期）", entered_at=NOW + DAY, due_at=NOW + 20 * DAY)
        save(session, found, a_step(renamed, closed={other: "completed"}))
    row = rows_by_token(database, case_id)[task]
    assert (row.name, row.due_at) == ("办理反馈（延期）", NOW + 20 * DAY)
    assert (row.assignee, row.draft, row.entered_at) == (PERSON, {"reply": "草稿"}, NOW)


def test_a_deadline_that_is_over_stays_visible(database: Database) -> None:
    task, timer = token(), token()
    case_id = a_case(database, a_task(task), a_timer(timer, NOW + 10 * DAY))
    with database.write() as session:
        step = a_step(a_task(task, due_at=None, due_rule="", due_why=()), closed={timer: "fired"})
        save(session, loaded(session, case_id), step)
    row = rows_by_token(database, case_id)[task]
    assert (row.due_at, row.due_rule) == (NOW + 10 * DAY, "workdays(10)")
    assert row.due_why == [{"function": "workdays", "n": 10}]


@pytest.mark.parametrize(
    ("moved_to", "why", "kept"),
    [
        (NOW + 10 * DAY, (), [{"function": "workdays", "n": 10}]),  # not told again: still true
        (NOW + 15 * DAY, (), []),  # another date: the old reason would be a lie
        (NOW + 15 * DAY, ({"function": "extended"},), [{"function": "extended"}]),
    ],
)
def test_a_deadline_keeps_its_reason_as_long_as_it_stands(
    database: Database, moved_to: object, why: object, kept: object
) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with database.write() as session:
        save(
            session, loaded(session, case_id), a_step(a_task(task, due_at=moved_to, due_why=why, name="改名"))
        )
    row = rows_by_token(database, case_id)[task]
    assert (row.due_at, row.due_why, row.name) == (moved_to, kept, "改名")


def test_tokens_that_did_not_change_are_not_written(database: Database) -> None:
    task, wait = token(), token()
    case_id = a_case(database, a_task(task), a_wait(wait))
    with count_statements(database) as counts, database.write() as session:
        save(session, loaded(session, case_id), a_step(a_task(task), a_wait(wait)))
    assert len(counts.statements) == 3  # load, case, event


def test_a_step_that_does_not_fit_what_was_open_is_refused(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    for step in (a_step(a_task(task), closed={token(): "completed"}), a_step()):
        with pytest.raises(ValueError, match="token"), database.write() as session:
            save(session, loaded(session, case_id), step)
    with database.read() as session:
        case, tokens = loaded(session, case_id)
        assert (case.rev, case.seq) == (1, 1)
        assert [row.token for row in tokens] == [task]


def test_an_unknown_column_is_refused(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with pytest.raises(ValueError, match="stagee"), database.write() as session:
        save(session, loaded(session, case_id), a_step(a_task(task)), columns={"stagee": "反馈"})


def test_two_steps_in_one_transaction(database: Database) -> None:
    first, second, third = token(), token(), token()
    case_id = a_case(database, a_task(first))
    with database.write() as session:
        save(session, loaded(session, case_id), a_step(a_task(second), closed={first: "completed"}))
        save(session, loaded(session, case_id), a_step(a_task(third), closed={second: "completed"}))
    with database.read() as session:
        case, tokens = loaded(session, case_id)
        assert (case.rev, case.seq) == (3, 3)
        assert [row.token for row in tokens] == [third]


def test_the_same_job_is_put_into_the_outbox_once(database: Database) -> None:
    task, mark = token(), token()
    case_id = a_case(database, a_task(task))
    for _ in range(2):
        with database.write() as session:
            jobs = [NewJob(case_id, "notify", mark, NOW), NewJob(None, "start", mark, NOW)]
            save(session, loaded(session, case_id), a_step(a_task(task)), jobs=jobs)
    with database.read() as session:
        assert sorted(session.scalars(select(Job.kind)).all()) == ["notify", "start"]


def test_an_event_without_a_step(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with database.write() as session:
        case, tokens = loaded(session, case_id)
        tokens[0].assignee = PERSON
        append_event(
            session, case, at=NOW, actor_id=PERSON, actor_name="张三", kind="claimed", payload={"token": task}
        )
    with database.read() as session:
        case, tokens = loaded(session, case_id)
        assert (case.rev, case.seq, tokens[0].assignee) == (2, 2, PERSON)


# ---------------------------------------------------------------- several at once


def test_no_update_of_a_busy_case_is_lost(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with database.write() as session:
        loaded(session, case_id).case.variables = {"n": 0}

    def add(_: int) -> int:
        done = 0
        while done < 10:
            try:
                with database.write() as session:
                    found = loaded(session, case_id)
                    time.sleep(0.002)
                    step = a_step(a_task(task), variables={"n": found.case.variables["n"] + 1})
                    save(session, found, step)
                done += 1
            except Conflict:
                pass
        return done

    assert in_threads(6, add) == [10] * 6
    with database.read() as session:
        case, _ = loaded(session, case_id)
        assert case.variables == {"n": 60}
        assert case.seq == 61


def test_of_two_who_complete_the_same_task_exactly_one_wins(database: Database) -> None:
    for _ in range(5):
        task = token()
        case_id = a_case(database, a_task(task))

        def complete(_: int, task: str = task) -> str:
            with database.write() as session:
                found = load_by_token(session, TENANT, task)
                assert found is not None
                time.sleep(0.02)
                if task not in {row.token for row in found.tokens}:
                    raise Conflict("此任务已由他人办结。")
                follower = token()
                save(session, found, a_step(a_task(follower), closed={task: "completed"}))
                return follower

        outcomes = in_threads(4, complete)
        winners = [outcome for outcome in outcomes if isinstance(outcome, str)]
        assert len(winners) == 1, outcomes
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
        rows = rows_by_token(database, case_id)
        assert {name: row.status for name, row in rows.items()} == {
            task: TOKEN_COMPLETED,
            winners[0]: TOKEN_OPEN,
        }


def test_who_waited_for_the_lock_sees_the_tokens_of_now(database: Database) -> None:
    """PostgreSQL re-reads the locked row after a wait, but not the rows that were joined to it."""
    first, second = token(), token()
    case_id = a_case(database, a_task(first))
    holds, seen = threading.Event(), []

    def work(index: int) -> None:
        if index == 0:
            with database.write() as session:
                found = loaded(session, case_id)
                holds.set()
                time.sleep(0.3)
                save(session, found, a_step(a_task(second), closed={first: "completed"}))
        else:
            holds.wait()
            with database.write() as session:
                found = loaded(session, case_id)
                seen.append((found.case.rev, [row.token for row in found.tokens]))

    assert in_threads(2, work) == [None, None]
    assert seen == [(2, [second])]


def test_a_stale_case_is_never_written(database: Database) -> None:
    """The seat belt: even code that forgets to lock cannot overwrite somebody else's step."""
    task = token()
    case_id = a_case(database, a_task(task))
    with database.read() as session:
        stale = loaded(session, case_id)
    with database.write() as session:
        save(session, loaded(session, case_id), a_step(a_task(task)))
    with pytest.raises(Conflict), database.write() as session:
        session.add(stale.case)
        save(session, stale, a_step(a_task(task)))
    with database.read() as session:
        assert loaded(session, case_id).case.rev == 2


def test_reading_a_case_does_not_wait_for_its_writer(database: Database) -> None:
    task = token()
    case_id = a_case(database, a_task(task))
    with database.write() as session:
        save(session, loaded(session, case_id), a_step(a_task(task), variables={"decision": "refuse"}))
        before = time.monotonic()

        def look(_: int) -> object:
            with database.read() as reading:
                return loaded(reading, case_id).case.variables

        assert in_threads(1, look) == [{"decision": "accept"}]
        assert time.monotonic() - before < 1
    with database.read() as session:
        assert session.scalar(select(Case.variables)) == {"decision": "refuse"}
