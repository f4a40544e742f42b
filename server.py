"""Run zuozhen from a clone: ``python server.py [--demo]``; ``server:create_app()`` for WSGI servers."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

gc.disable()  # nothing that is loaded here is garbage: looking for it takes a sixth of the start
sys.path.insert(0, str(Path(__file__).resolve().parent / "plugin"))

from zuozhen.app import create_app  # noqa: E402
from zuozhen.cli import main  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["create_app"]

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
