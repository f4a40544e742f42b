"""Previewing and migrating running cases against plain completions of a task, in one run.

Run ``python -m tests.services.bench_migration [cases]`` from the repository (default 200). A script, not a test: only
its ratios mean something. Cases stand in nine stages; beyond the first 45 they are copies of those.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.builders import ACCEPT, TENANT, Office
from tests.services.migrations import ADMIN, longer
from tests.services.stages import cases_in_stages, multiply

from zuozhen.model.migration import Order
from zuozhen.services.deployment import deploy
from zuozhen.services.migrating import run_slice
from zuozhen.services.studio import migrating
from zuozhen.store.database import count_statements

ORIGINALS = 45
COMPLETIONS = 40


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        office = Office.create(Path(folder))
        cases = multiply(office, cases_in_stages(office, ORIGINALS), wanted)
        fresh = [office.register().case_id for _ in range(COMPLETIONS)]
        deploy(office.context, longer())
        begin = time.perf_counter()
        for case_id in fresh:
            office.submit(case_id, "Task_accept", ACCEPT)
        step = (time.perf_counter() - begin) / COMPLETIONS
        begin = time.perf_counter()
        found = migrating.preview(office.context, TENANT, chosen=migrating.Chosen(cases=frozenset(cases)))
        preview = time.perf_counter() - begin
        migration_id = migrating.start(office.context, ADMIN, None, Order(), cases, "")
        begin = time.perf_counter()
        with count_statements(office.context.database) as counts:
            run_slice(office.context, TENANT, migration_id, 600)
        move = time.perf_counter() - begin
        migrating.roll_back(office.context, ADMIN, migration_id, None, "量时间")
        begin = time.perf_counter()
        run_slice(office.context, TENANT, migration_id, 600)
        back = time.perf_counter() - begin
        office.close()
    sys.stdout.write(
        f"completion of a task, mean {step * 1000:.1f} ms; {found.total} cases in {len(found.groups)} groups\n"
        f"preview   {preview:.2f} s, {preview / wanted / step:.2f} × a completion for a case\n"
        f"migration {move:.2f} s, {move / wanted / step:.2f} × a completion for a case, "
        f"{len(counts.statements) / wanted:.1f} statements\n"
        f"roll-back {back:.2f} s, {back / wanted / step:.2f} × a completion for a case\n"
    )


if __name__ == "__main__":
    main()
