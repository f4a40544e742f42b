"""Databases made once per test process and copied for each test: migrated, or with the built-in pack deployed.

Two thirds of what a fresh installation costs are the same tables and the same pack again. A copy is as fresh.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.postgresql import PostgresqlServer

Make = Callable[[str], None]
"""Fills the database at a URL."""


@cache
def shelf() -> Path:
    """Return a folder of this test process for what its tests share."""
    folder = Path(tempfile.mkdtemp(prefix="zuozhen-stock-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def sqlite_copy(kind: str, target: Path, make: Make) -> None:
    """Put a copy of the database ``kind`` at ``target``, unless the installation has one already."""
    original = shelf() / f"{kind}.db"
    if not original.exists():
        make(f"sqlite:///{original}")
    if not target.exists():
        shutil.copyfile(original, target)


def postgresql_copy(kind: str, server: PostgresqlServer, make: Make) -> str:
    """Return the URL of a new copy of the database ``kind``."""
    if kind not in server.stock:
        server.stock[kind] = server.new_database()
        make(server.stock[kind])
    return server.new_database(like=server.stock[kind])
