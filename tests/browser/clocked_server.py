"""Start script for browser tests: the real application on a clock that reads its instant from a file.

``clock.txt`` in the instance folder holds an ISO instant; the test writes it, the server follows.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import waitress

from zuozhen.app import create_app
from zuozhen.settings import load_settings


def main() -> None:
    settings = load_settings()
    clock_file = Path(os.environ["ZUOZHEN_INSTANCE"]) / "clock.txt"

    def clock() -> datetime:
        return datetime.fromisoformat(clock_file.read_text("ascii").strip())

    app = create_app(settings, clock=clock)
    waitress.serve(app, host=settings.host, port=settings.port, threads=settings.threads, ident=None)


if __name__ == "__main__":
    main()
