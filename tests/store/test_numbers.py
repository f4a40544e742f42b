"""Numbers have no gaps and no doubles, whoever asks at the same moment."""

from __future__ import annotations

import pytest
from tests.store.running import in_threads

from zuozhen.store.database import Database
from zuozhen.store.numbers import next_number


def test_many_at_once_get_each_number_once(database: Database) -> None:
    def take(_: int) -> list[int]:
        numbers = []
        for _attempt in range(10):
            with database.write() as session:
                numbers.append(next_number(session, 1, "case-2026"))
        return numbers

    taken = [number for numbers in in_threads(8, take) for number in numbers]
    assert sorted(taken) == list(range(1, 81))


def test_a_failed_registration_gives_its_number_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        assert next_number(session, 1, "case-2026") == 1
        raise RuntimeError
    with database.write() as session:
        assert next_number(session, 1, "case-2026") == 1


def test_counters_do_not_touch_each_other(database: Database) -> None:
    with database.write() as session:
        assert [next_number(session, 1, "a"), next_number(session, 1, "a")] == [1, 2]
        assert next_number(session, 1, "b") == 1
        assert next_number(session, 2, "a") == 1
