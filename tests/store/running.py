"""Run the same work in several threads and collect how each ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def in_threads(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Call ``work(0)`` … ``work(number - 1)`` at the same moment; return results or exceptions in order."""
    outcomes: list[Any] = [None] * number
    gate = threading.Barrier(number)

    def run(index: int) -> None:
        gate.wait()
        try:
            outcomes[index] = work(index)
        except Exception as problem:  # noqa: BLE001 - the test looks at it
            outcomes[index] = problem

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
