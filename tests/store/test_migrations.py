"""The migrations make exactly the tables that the program declares."""

from __future__ import annotations

import re
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from tests.store.running import in_threads

from zuozhen.store import migrate
from zuozhen.store.database import Database
from zuozhen.store.tables import Base


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))


def written_schema(database: Database) -> list[str]:
    """The database's own words for every table and index, which tell more than Alembic compares."""
    if database.is_sqlite:
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
    else:
        query = """
            SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
            UNION ALL
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
            UNION ALL
            SELECT relname || ' ' || coalesce(array_to_string(reloptions, ','), '') FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
            UNION ALL
            SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
            """
    with database.engine.connect() as connection:
        return sorted(re.sub(r"\s+", " ", row[0]) for row in connection.execute(text(query)))


def test_models_equal_migrations(database: Database) -> None:
    assert differences(database) == []


def test_a_missing_index_would_be_noticed(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    with database.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_token_inbox"))
    assert len(differences(database)) == 1
    database.close()


def test_create_all_and_migrate_write_the_same_schema(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    migrated = written_schema(database)
    if database.is_sqlite:
        empty_url = f"sqlite:///{tmp_path / 'other.db'}"
    other = Database(empty_url)
    if not other.is_sqlite:
        with other.engine.begin() as connection:  # so that both have the table the query leaves out
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
    other.create_all()
    assert written_schema(other) == migrated
    assert len(migrated) > 30
    other.close()


def test_up_and_down_again(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    with database.engine.connect() as connection:
        assert migrate.current_revision(connection) == migrate.newest_revision()
    with database._writer.begin() as connection:
        command.downgrade(migrate.configuration(connection), "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    database.migrate()
    assert differences(database) == []
    database.close()


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    assert in_threads(4, lambda index: databases[index].migrate()) == [None] * 4
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_the_head_file_names_the_newest_revision() -> None:
    # Two branches that both add a migration then conflict in this file instead of in production.
    assert (migrate.FOLDER / ".head").read_text().strip() == migrate.newest_revision()
