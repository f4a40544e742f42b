"""How registers and reports grow: python -m tests.services.bench_reports [cases] prints times, memory and ratios.

Run by hand. A ratio of time near the ratio of cases says that the work is one pass; a ratio of memory near
one says that rows are let go. The cases are copies of some in all stages, with their tasks.
"""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from tests.builders import Office
from tests.services.histories import Blank
from tests.services.stages import cases_in_stages, multiply

from zuozhen.services import reports
from zuozhen.services.actors import Actor
from zuozhen.services.registers.period import period_workbook, register_page
from zuozhen.services.registers.views import Asked

SMALL = 1_000


def measured(act: Callable[[], object]) -> tuple[float, float]:
    """Return seconds, and the peak of memory in MiB of a second run."""
    act()  # what is compiled once
    begin = perf_counter()
    act()
    seconds = perf_counter() - begin
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return seconds, peak


def grown(count: int) -> dict[str, tuple[float, float]]:
    """Return time and memory of every act over ``count`` cases."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office.create(Path(folder), Blank())
        multiply(office, cases_in_stages(office, 18), count)
        lead = Actor(office.tenant, "专班", groups=frozenset({"lead_office"}), sees_all=True)
        context = office.context
        acts: dict[str, Callable[[], object]] = {
            "report page": lambda: reports.report_view(context, lead, "intake", "2026-09"),
            "cases behind": lambda: reports.cases_behind(
                context, lead, "intake", reports.Place("accepted"), period="2026-09"
            ),
            "register page": lambda: register_page(context, lead, "ledger", Asked()),
            "register search": lambda: register_page(context, lead, "ledger", Asked(query="第3号")),
            "register workbook": lambda: period_workbook(context, lead, "ledger", Asked()),
        }
        found = {name: measured(act) for name, act in acts.items()}
        office.close()
    return found


def main(cases: int) -> None:
    small, large = grown(SMALL), grown(cases)
    print(f"{'':20}{SMALL:>10} cases{cases:>12} cases   time ×  memory ×  (cases × {cases / SMALL:.1f})")
    for name, (seconds, peak) in large.items():
        before, held = small[name]
        print(
            f"{name:20}{before:8.2f} s {held:4.0f} M{seconds:10.2f} s {peak:4.0f} M"
            f"{seconds / before:9.1f}{peak / held:10.1f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
