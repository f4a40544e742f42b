"""Sessions: what is committed, what is undone, who waits for whom, how instants and JSON come back."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session
from tests.store.running import in_threads
from tests.store.stepmaking import NOW, TENANT, a_case, a_task, token

from zuozhen.model.errors import Conflict
from zuozhen.store import database as database_module
from zuozhen.store.database import Database, count_statements, dialect_of
from zuozhen.store.steps import load_case
from zuozhen.store.tables import Counter, Draft


def add_counter(session: Session, name: str, value: int = 1) -> None:
    session.add(Counter(tenant=TENANT, name=name, value=value))


def counters(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Counter)) or 0


def test_a_write_is_committed_at_the_end(database: Database) -> None:
    with count_statements(database) as counts, database.write() as session:
        add_counter(session, "a")
    assert counts.commits == 1
    assert counters(database) == 1


def test_any_exception_undoes_everything(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), database.write() as session:
        add_counter(session, "a")
        session.flush()
        raise KeyboardInterrupt
    assert counters(database) == 0
    with database.write() as session:  # and the write lock is free again
        add_counter(session, "a")


def test_a_read_commits_nothing(database: Database) -> None:
    with database.read() as session:
        session.add(Counter(tenant=TENANT, name="a", value=1))
    assert counters(database) == 0


def test_a_read_sees_one_moment_even_while_others_write(database: Database) -> None:
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(Counter))

        def write(_: int) -> None:
            with database.write() as writing:
                add_counter(writing, "a")

        assert in_threads(1, write) == [None]
        assert session.scalar(select(func.count()).select_from(Counter)) == before


def test_a_read_session_of_postgresql_cannot_write(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite merely rolls back")
    with pytest.raises(DBAPIError, match="read-only"), database.read() as session:
        session.execute(text("DELETE FROM counter"))


def test_a_write_inside_a_write_is_a_mistake(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError, match="inside"), database.write():
        pass
    with database.write() as session:
        add_counter(session, "a")


def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(
            text("INSERT INTO message_taken (tenant, message_id, case_id) VALUES (1, :id, :id)"),
            {"id": "0" * 32},
        )


def test_sqlite_is_durable_and_postgresql_gives_up_waiting(database: Database) -> None:
    def setting(session: Session, name: str) -> object:
        return session.scalar(text(f"PRAGMA {name}" if database.is_sqlite else f"SHOW {name}"))

    with database.write() as session:
        if database.is_sqlite:
            names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
            assert [setting(session, name) for name in names] == ["wal", 2, 30_000, 1]
        else:
            names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")
            assert [setting(session, name) for name in names] == ["3s", "15s", "1min", "UTC"]


def test_who_cannot_have_the_case_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    case_id = a_case(database, a_task(token()))
    holds, done = threading.Event(), threading.Event()

    def work(index: int) -> None:
        if index == 0:
            with database.write() as session:
                load_case(session, TENANT, case_id)
                holds.set()
                done.wait(10)
            return
        holds.wait(10)
        try:
            with database.write() as session:
                load_case(session, TENANT, case_id)
        finally:
            done.set()

    first, second = in_threads(2, work)
    assert first is None
    assert isinstance(second, Conflict)
    assert "正在办理" in second.message


def test_another_process_that_holds_sqlite_is_a_conflict_too(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a matter of SQLite")
    other = Database(str(database.url))
    with other.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        raw = database.engine.raw_connection()
        raw.execute("PRAGMA busy_timeout=50")
        raw.close()
        with pytest.raises(Conflict), database.write() as session:
            add_counter(session, "a")
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN")
    other.close()


def test_writers_of_two_database_objects_share_the_lock_of_a_file(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False))

    def write(index: int) -> None:
        for number in range(20):
            with (database, other)[index].write() as session:
                add_counter(session, f"{index}-{number}")

    assert in_threads(2, write) == [None, None]
    assert counters(database) == 40
    other.close()


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
    ],
)
def test_instants_come_back_aware_and_utc(database: Database, instant: datetime) -> None:
    with database.write() as session:
        session.add(Draft(tenant=TENANT, id="a" * 64, form_key="register", data={}, updated_at=instant))
    with database.read() as session:
        stored = session.scalar(select(Draft.updated_at))
        assert stored == instant
        assert stored is not None
        assert stored.tzinfo is UTC
        assert session.scalar(select(func.count()).where(Draft.updated_at <= instant)) == 1
        assert session.scalar(select(func.count()).where(Draft.updated_at < instant)) == 0


def test_a_naive_datetime_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
        session.add(Draft(tenant=TENANT, id="a" * 64, form_key="register", data={}, updated_at=naive))


def test_json_comes_back_as_it_was(database: Database) -> None:
    data = {
        "标题": "关于“用电”事项",
        "n": 12,
        "part": 0.1,
        "list": [1, None, True, {"深": "层"}],
        "empty": "",
    }
    with database.write() as session:
        session.add(Draft(tenant=TENANT, id="a" * 64, form_key="register", data=data, updated_at=NOW))
    with database.read() as session:
        assert session.scalar(select(Draft.data)) == data


def test_not_a_number_is_refused(database: Database) -> None:
    with pytest.raises((StatementError, ValueError)), database.write() as session:
        session.add(Draft(tenant=TENANT, id="a" * 64, form_key="f", data={"n": float("nan")}, updated_at=NOW))


# ---------------------------------------------------------------- in memory


@pytest.fixture
def memory() -> Database:
    database = Database("sqlite://")
    database.create_all()
    return database


def test_threads_share_a_database_in_memory(memory: Database) -> None:
    def write(index: int) -> int:
        for number in range(20):
            with memory.write() as session:
                add_counter(session, f"{index}-{number}")
            with memory.read() as session:
                session.scalars(select(Counter)).all()
        return index

    assert in_threads(6, write) == list(range(6))
    assert counters(memory) == 120
    memory.close()


def test_in_memory_nobody_reads_what_is_not_committed(memory: Database) -> None:
    inside = threading.Event()
    seen: list[int] = []

    def work(index: int) -> None:
        if index == 0:
            with memory.write() as session:
                add_counter(session, "a")
                session.flush()
                inside.set()
                time.sleep(0.1)
                session.rollback()
        else:
            inside.wait(5)
            seen.append(counters(memory))

    assert in_threads(2, work) == [None, None]
    assert seen == [0]
    memory.close()


def test_in_memory_a_read_inside_a_write_is_the_same_session(memory: Database) -> None:
    with memory.write() as session:
        add_counter(session, "a")
        with memory.read() as inner:
            assert inner is session
            assert inner.scalar(select(func.count()).select_from(Counter)) == 1
    assert counters(memory) == 1
    with memory.read() as session, memory.read() as inner:
        assert inner is session
    memory.close()


def commit_mode(session: Session) -> str:
    statement = "PRAGMA synchronous" if dialect_of(session) == "sqlite" else "SHOW synchronous_commit"
    return str(session.execute(text(statement)).scalar())


def test_long_work_may_do_without_waiting_for_the_disk(database: Database) -> None:
    with database.write() as session:
        usual = commit_mode(session)
    with database.write(durable=False) as session:
        relaxed = commit_mode(session)
    with database.write() as session:
        again = commit_mode(session)
    assert (usual, relaxed, again) in {("2", "1", "2"), ("on", "off", "on")}
