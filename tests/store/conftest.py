"""Every store test runs on a SQLite file and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgresql import PostgresqlServer, postgresql_server  # noqa: F401 - a fixture

from zuozhen.store.database import Database
from zuozhen.store.tables import Base


@pytest.fixture(scope="session")
def migrated_url(postgresql_server: PostgresqlServer) -> str:  # noqa: F811
    """The URL of a migrated database that tests use one after the other."""
    url = postgresql_server.new_database()
    database = Database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'zuozhen.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.new_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database, empty at the beginning of each test."""
    if backend == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'zuozhen.db'}")
        database.migrate()
        yield database
        database.close()
        return
    database = Database(request.getfixturevalue("migrated_url"))
    yield database
    tables = ", ".join(Base.metadata.tables)
    with database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))
    database.close()
