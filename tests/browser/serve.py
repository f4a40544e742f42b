"""Start script of the journey: the whole program, on a clock that the test moves by writing a file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import waitress

from zuozhen.app import create_app
from zuozhen.settings import load_settings


class FileClock:
    """Reads the present instant from a file; it never goes back."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._now = self._read()

    def __call__(self) -> datetime:
        self._now = max(self._now, self._read())
        return self._now

    def _read(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())


def main() -> None:
    settings = load_settings()
    clock = FileClock(Path(os.environ["ZUOZHEN_TEST_CLOCK"]))
    app = create_app(settings, clock=clock)
    try:
        waitress.serve(app, host=settings.host, port=settings.port, threads=settings.threads)
    finally:
        app.extensions["zuozhen"].close()


if __name__ == "__main__":
    main()
