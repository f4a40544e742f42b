"""Run zuozhen from a clone: ``python server.py [--demo]``; ``server:create_app()`` for WSGI servers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "plugin"))

from zuozhen.app import create_app
from zuozhen.cli import main

__all__ = ["create_app"]

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
