"""Revisions of the draft's files: numbers are given once, settling a release loses nobody's save."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from tests.store.running import in_threads

from zuozhen.store.database import Database
from zuozhen.store.studiofiles import Save, Saver, digest, drafted, newest_revs, save_revision, settle

T = 1
SAVER = Saver(None, "王", datetime(2026, 1, 1, tzinfo=UTC))


def save(
    database: Database, path: str, content: bytes | None, after: int, live: bytes | None = b"live"
) -> int:
    with database.write() as session:
        return save_revision(session, T, Save(path, content, live), after=after, saver=SAVER)


def rows(database: Database) -> dict[str, tuple[bytes | None, int]]:
    with database.read() as session:
        return {row.path: (row.content, row.rev) for row in drafted(session, T)}


def revs(database: Database) -> dict[str, int]:
    with database.read() as session:
        return newest_revs(session, T)


def test_a_revision_is_written_once(database: Database) -> None:
    assert save(database, "a", b"1", 0) == 1
    with pytest.raises(IntegrityError):
        save(database, "a", b"2", 0)
    assert rows(database) == {"a": (b"1", 1)} and revs(database) == {"a": 1}


def test_of_many_writers_of_one_revision_one_wins(database: Database) -> None:
    outcomes = in_threads(8, lambda number: save(database, "a", str(number).encode(), 0))
    winners = [number for number, outcome in enumerate(outcomes) if outcome == 1]
    assert len(winners) == 1
    assert all(isinstance(o, IntegrityError) for n, o in enumerate(outcomes) if n not in winners), outcomes
    assert rows(database) == {"a": (str(winners[0]).encode(), 1)}


def test_the_live_content_is_no_row_and_the_number_stays(database: Database) -> None:
    save(database, "a", b"1", 0)
    assert save(database, "a", b"live", 1) == 2
    assert rows(database) == {} and revs(database) == {"a": 2}
    assert save(database, "a", None, 2) == 3
    assert rows(database) == {"a": (None, 3)}


def test_settling_drops_what_is_live_now_and_tells_of_what_moved(database: Database) -> None:
    save(database, "same", b"new", 0)
    save(database, "mine", b"mine", 0)
    save(database, "gone", None, 0)
    old = dict.fromkeys(("same", "mine", "gone", "other", "left"), b"live")
    new = {"same": b"new", "mine": b"theirs", "other": b"changed", "left": b"live", "added": b"x"}
    with database.write() as session:
        settle(session, T, old, new, saver=SAVER, note="部署第 2 版")
    assert rows(database) == {"mine": (b"mine", 1)}
    assert revs(database) == {"same": 1, "mine": 1, "gone": 1, "other": 1, "added": 1}
    with database.read() as session:
        (row,) = drafted(session, T)
    assert row.base == digest(b"live") != digest(new["mine"])


def test_tenants_do_not_touch_each_other(database: Database) -> None:
    save(database, "a", b"1", 0)
    with database.write() as session:
        assert save_revision(session, 2, Save("a", b"2", None), after=0, saver=SAVER) == 1
        settle(session, 2, {}, {"a": b"2"}, saver=SAVER, note="")
    assert rows(database) == {"a": (b"1", 1)}


def test_saves_and_a_deployment_at_the_same_moment_lose_nothing(database: Database) -> None:
    """Whoever comes first: what the draft holds in the end is the last save, or nothing if that is live."""
    for turn in range(10):
        path = f"f{turn}"
        save(database, path, b"shown", 0)

        def work(number: int, path: str = path) -> None:
            if number:
                save(database, path, b"later", 1)
                return
            with database.write() as session:
                settle(session, T, {path: b"live"}, {path: b"shown"}, saver=SAVER, note="")

        outcomes = in_threads(2, work)
        if outcomes[1] is None:
            assert rows(database)[path] == (b"later", 2), outcomes
        else:  # the row went while it was being saved: the writer is told and can try again
            assert path not in rows(database)
