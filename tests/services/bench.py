"""A whole completion (form, rights, engine, one commit) against stock SpiffWorkflow in memory, in one run.

Run ``python -m tests.services.bench`` from the repository. The first number is what a person waits for on the
server when 办结 is pressed, without HTTP: load case and open tokens, bind and check the form, step, write, commit
to disk (SQLite, synchronous=FULL). A script, not a test: only its ratios mean something.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.builders import ACCEPT, Office
from tests.engine.bench import stock_round

from zuozhen.store.database import count_statements

CASES = 40


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office.create(Path(folder))
        cases = [office.register() for _ in range(CASES)]
        tokens = [office.token(case.case_id, "Task_accept") for case in cases]
        assert len(tokens) == CASES
        ours, stock = [], []
        with count_statements(office.context.database) as counts:
            for case in cases:
                begin = time.perf_counter()
                office.submit(case.case_id, "Task_accept", ACCEPT)
                ours.append(time.perf_counter() - begin)
                stock.append(median(stock_round()))
        state = max(len(office.case(case.case_id).state) for case in cases)
        office.close()
    sys.stdout.write(
        f"whole completion through the services, median {median(ours) * 1000:.2f} ms, "
        f"best {min(ours) * 1000:.2f} ms\n"
        f"stock SpiffWorkflow in memory, best median  {min(stock) * 1000:.2f} ms\n"
        f"ratio of the bests {min(ours) / min(stock):.1f}; state {state} bytes; "
        f"{len(counts.statements) / CASES - 1:.0f} statements, {counts.commits / CASES:.0f} commit a completion\n"
    )


if __name__ == "__main__":
    main()
