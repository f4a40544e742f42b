"""Schema migrations without a configuration file: the scripts lie beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

FOLDER: Final = Path(__file__).with_name("migrations")

_LOCK: Final = 0x7A7A6D69
"""PostgreSQL advisory lock: one process migrates, the others wait and then find nothing to do."""


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, to run on ``connection`` inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to ``revision`` in the transaction of ``connection``: all of it or nothing."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    command.upgrade(configuration(connection), revision)


def newest_revision() -> str:
    """Return the revision this program was written for."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def current_revision(connection: Connection) -> str:
    """Return the revision of the database, empty before the first migration."""
    return MigrationContext.configure(connection).get_current_revision() or ""
