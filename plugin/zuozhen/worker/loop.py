"""One worker: do due work, then sleep until the next is due or somebody wakes it."""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable
from datetime import datetime

from zuozhen.model.clock import Clock

logger = logging.getLogger(__name__)

IDLE_SECONDS = 2.0
"""Longest sleep: another process may have written work of which nobody here was told."""
ERROR_SECONDS = 5.0


class Worker:
    """Runs ``run_once`` until stopped. ``next_due`` tells when to look again at the latest."""

    def __init__(
        self,
        run_once: Callable[[str], bool],
        next_due: Callable[[], datetime | None],
        clock: Clock,
        *,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._run_once = run_once
        self._next_due = next_due
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.name = f"worker-{secrets.token_hex(4)}"

    def wake(self) -> None:
        """Look for work now instead of at the end of the sleep."""
        self._wake.set()

    def start(self) -> None:
        """Run in a daemon thread of this process (embedded installation)."""
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the piece in hand and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """Work until :meth:`stop`; an error of the store is logged and tried again, never the end."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if self._run_once(self.name):
                    continue
                pause = self._pause()
            except Exception:
                logger.exception("worker: the store did not answer")
                pause = ERROR_SECONDS
            self._wake.wait(pause * random.uniform(0.9, 1.1))  # noqa: S311 - spreads pollers, no secret

    def _pause(self) -> float:
        due = self._next_due()
        if due is None:
            return self._idle_seconds
        return min(self._idle_seconds, max(0.01, (due - self._clock()).total_seconds()))
