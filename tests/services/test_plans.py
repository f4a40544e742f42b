"""The lists that staff open all day are answered from indexes, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tests.store.conftest import *  # noqa: F403 - the store's databases
from tests.store.stepmaking import NOW, TENANT
from tests.store.test_plans import PERSON, answered_by_index, full  # noqa: F401 - a fixture

from zuozhen.services import tasklist
from zuozhen.services.actors import Actor
from zuozhen.services.migrating.running import Chosen, running_cases
from zuozhen.services.visibility import visible
from zuozhen.store.database import Database
from zuozhen.store.tables import Case

CLERK = Actor(TENANT, "经办人", PERSON, frozenset({"g1"}))


def counts(session: Session) -> None:
    tasklist.task_counts(session, CLERK, NOW)


def one_case(session: Session) -> None:
    session.scalars(select(Case).where(visible(CLERK), Case.id == PERSON)).all()


def cases_to_migrate(session: Session) -> None:
    nobody = Chosen(
        cases=frozenset({PERSON})
    )  # fetching hundreds by id from a small table is a scan, rightly
    list(running_cases(session, TENANT, nobody, not_on=PERSON))


@pytest.mark.parametrize(
    ("question", "indexes"),
    [(counts, {"ix_token_inbox"}), (one_case, {"cases"}), (cases_to_migrate, {"ix_cases_open"})],
)
def test_an_index_answers(full: Database, question: object, indexes: set[str]) -> None:  # noqa: F811
    answered_by_index(full, question, indexes)  # type: ignore[arg-type]
