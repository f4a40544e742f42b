"""Run as a program: write one step of each given case, and be killed (-9) in the middle of it.

Arguments: database URL, then ``case:token:n`` for each step; ``n`` is the statement after which the process
dies, 0 means right after the commit. Every step runs in a child process of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any
from uuid import UUID

from sqlalchemy import event
from tests.store.stepmaking import NOW, TENANT, a_step, a_task, token

from zuozhen.store.database import Database
from zuozhen.store.jobs import NewJob
from zuozhen.store.steps import load_case, save_step


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def step_and_die(url: str, case_id: UUID, done: str, after: int) -> None:
    database = Database(url)
    seen = 0

    @event.listens_for(database.engine, "after_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        seen += not statement.startswith("BEGIN")
        if after and seen == after:
            die()

    with database.write() as session:
        found = load_case(session, TENANT, case_id)
        assert found is not None
        save_step(
            session,
            found.case,
            found.tokens,
            a_step(a_task(token()), closed={done: "completed"}, variables={"decision": "refuse"}),
            at=NOW,
            actor_id=None,
            actor_name="系统",
            kind="completed",
            payload={},
            jobs=[NewJob(case_id, "notify", token(), NOW)],
        )
    die()


def main() -> None:
    url, *steps = sys.argv[1:]
    for step in steps:
        case_id, done, after = step.split(":")
        child = os.fork()
        if child == 0:
            try:
                step_and_die(url, UUID(case_id), done, int(after))
            finally:
                os._exit(1)  # reached only if the step failed
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else "not killed", flush=True)


if __name__ == "__main__":
    main()
