"""A process that is killed in the middle of a step leaves either the whole step or nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select
from tests.store import dying
from tests.store.stepmaking import TENANT, a_case, a_task, token

from zuozhen.store.cases import history
from zuozhen.store.chain import verify_chain
from zuozhen.store.database import Database
from zuozhen.store.steps import load_case
from zuozhen.store.tables import Job

STATEMENTS = 5  # load, case, event, tokens, jobs
ROOT = Path(dying.__file__).parents[2]


def test_kill_after_each_statement_and_after_the_commit(database: Database) -> None:
    tasks = [token() for _ in range(STATEMENTS + 1)]
    case_ids = [a_case(database, a_task(task)) for task in tasks]
    steps = [f"{case_id}:{task}:{n}" for n, (case_id, task) in enumerate(zip(case_ids, tasks, strict=True))]
    url = database.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.store.dying", url, *steps],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'plugin'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert killed.stdout.split() == ["9"] * len(steps), killed.stderr

    for after, (case_id, task) in enumerate(zip(case_ids, tasks, strict=True)):
        survived = after == 0
        with database.write() as session:  # takes the lock: nothing of the dead process holds it
            found = load_case(session, TENANT, case_id)
            assert found is not None
            case, tokens = found
            assert (case.rev, case.seq) == ((2, 2) if survived else (1, 1))
            assert case.variables == {"decision": "refuse" if survived else "accept"}
            assert len(tokens) == 1
            assert (tokens[0].token == task) is not survived
            jobs = session.scalar(select(func.count()).select_from(Job).where(Job.case_id == case_id))
            assert jobs == (1 if survived else 0)
            assert verify_chain(history(session, TENANT, case_id, states=True), head=case.head) == []
