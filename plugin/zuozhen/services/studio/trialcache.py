"""A few trials and parsed drafts, kept alive between two pages: they save time and change nothing."""

from __future__ import annotations

import atexit
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Final

from zuozhen.packs.bundle import fingerprint
from zuozhen.services.context import Context
from zuozhen.services.scratch import Content, Parts, read_content
from zuozhen.services.studio.trials import StepTable, Trial

KEPT: Final = 8
IDLE_SECONDS: Final = 600.0
CONTENTS: Final = 4


class Trials:
    """Keeps a few trials and parsed drafts between two pages; safe to share between threads.

    A trial is taken out while somebody works on it, so that no two threads ever share one.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._trials: OrderedDict[str, tuple[float, Trial]] = OrderedDict()
        self._contents: OrderedDict[str, Content] = OrderedDict()

    def content(self, files: Mapping[str, bytes]) -> Content:
        """Return the checked and parsed files.

        Raises:
            ContentError: they have errors.
        """
        digest = fingerprint(files)
        with self._guard:
            known = self._contents.get(digest)
        if known is not None:
            return known
        content = read_content(files)
        with self._guard:
            self._contents[digest] = content
            while len(self._contents) > CONTENTS:
                self._contents.popitem(last=False)
        return content

    def take(
        self, context: Context, files: Mapping[str, bytes], start: datetime, steps: Sequence[StepTable]
    ) -> Trial:
        """Return a trial with ``steps`` done in it; give it back with :meth:`give_back`, or close it.

        Raises:
            ContentError: the draft has errors.
        """
        content = self.content(files)
        with self._guard:
            kept = self._trials.pop(_key(context, content, start, steps), None)
            old = self._expired()
        for trial in old:
            trial.close()
        return kept[1] if kept is not None else Trial(content, start, steps, Parts.of(context))

    def give_back(self, context: Context, trial: Trial, start: datetime, steps: Sequence[StepTable]) -> None:
        """Keep a trial in which exactly ``steps`` were done."""
        key = _key(context, trial.content, start, steps)
        with self._guard:
            old = [self._trials.pop(key, None)]
            self._trials[key] = (monotonic(), trial)
            dropped = [entry[1] for entry in old if entry is not None]
            while len(self._trials) > KEPT:
                dropped.append(self._trials.popitem(last=False)[1][1])
        for other in dropped:
            other.close()

    def close(self) -> None:
        """Close every trial that is kept."""
        with self._guard:
            kept = [trial for _since, trial in self._trials.values()]
            self._trials.clear()
        for trial in kept:
            trial.close()

    def _expired(self) -> list[Trial]:
        limit = monotonic() - IDLE_SECONDS
        old = [key for key, (since, _trial) in self._trials.items() if since < limit]
        return [self._trials.pop(key)[1] for key in old]


def _key(context: Context, content: Content, start: datetime, steps: Sequence[StepTable]) -> str:
    parts = [context.base_url, sorted(context.connectors), content.sha256, start.isoformat(), list(steps)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


TRIALS: Final = Trials()
"""The trials of this process."""
atexit.register(TRIALS.close)
