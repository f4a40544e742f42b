"""Time to preview a thousand running cases of a real procedure: ``python -m tests.engine.bench_migration``."""

from __future__ import annotations

import time
from datetime import timedelta

from tests.engine.test_migration_xuanwei import LEGAL, TWELVE
from tests.engine.xuanwei import FUNCTIONS, STAGES, START, XML, case_at, edited

from zuozhen.engine import load_diagram, migrate
from zuozhen.model.migration import Order
from zuozhen.model.step import Environment

CASES = 1_000


def measure() -> dict[str, float]:
    """Return milliseconds per case for each kind of edit; every case began at another instant."""
    places = [name for name, _ in STAGES]
    states = [
        case_at(places[number % len(places)], now=START + timedelta(minutes=7 * number)).step.state
        for number in range(CASES)
    ]
    old, env = load_diagram(XML), Environment(START + timedelta(days=60), FUNCTIONS)
    edits = {
        "unchanged": (old, Order()),
        "limit and task": (edited(TWELVE, LEGAL), Order()),
        "all limits counted again": (old, Order(recount=True)),
    }
    found = {}
    for name, (new, order) in edits.items():
        begin = time.perf_counter()
        refused = sum(bool(migrate(old, new, "case", state, env, order).refusals) for state in states)
        found[name] = time.perf_counter() - begin
        assert not refused
    return found


if __name__ == "__main__":
    for what, seconds in measure().items():
        print(f"{what:28} {seconds * 1000 / CASES:.3f} ms a case, {seconds:.2f} s for {CASES}")
