"""Engines and transactions: one way to write and one way to read, on SQLite and on PostgreSQL.

SQLite is the embedded default: one process, WAL, every commit on disk before it returns. Writers queue at a
lock of this process (fair enough and far quicker than SQLite's own sleep-and-retry) and start with
``BEGIN IMMEDIATE``, so that no transaction reads first and fails to write later. PostgreSQL gives up
waiting for another writer after 3 s.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import StaticPool

from zuozhen.model.errors import Conflict, Invalid
from zuozhen.store.base import Base, dump_json
from zuozhen.store.locking import WRITES

BUSY_SECONDS: Final = 30
LOCK_TIMEOUT_MS: Final = 3_000
STATEMENT_TIMEOUT_MS: Final = 15_000
IDLE_TIMEOUT_MS: Final = 60_000

_LOST_RACES: Final = frozenset({"55P03", "40P01", "40001"})
"""PostgreSQL: lock not available, deadlock detected, serialization failure."""

_write_locks: dict[str, threading.RLock] = {}
_write_locks_guard = threading.Lock()


def _lock_of(place: str) -> threading.RLock:
    """Return the one write lock of a SQLite file in this process."""
    with _write_locks_guard:
        return _write_locks.setdefault(place, threading.RLock())


class Database:
    """A store at ``url`` (``sqlite:///file``, ``sqlite://`` in memory, ``postgresql+psycopg://…``)."""

    def __init__(self, url: str, *, echo: bool = False, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.in_memory = self.is_sqlite and self.url.database in (None, "", ":memory:")
        self.engine = create_engine(
            self.url, echo=echo, json_serializer=dump_json, **self._engine_options(pool_size)
        )
        self._held = threading.local()
        self._writer = self.engine
        self._reader = self.engine
        if self.is_sqlite:
            self._lock = threading.RLock() if self.in_memory else _lock_of(str(self._sqlite_file()))
            _prepare_sqlite(self.engine)
            self._writer = self.engine.execution_options(begin="IMMEDIATE")
        else:
            event.listen(self.engine, "begin", _relax_postgresql)
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def _sqlite_file(self) -> Path:
        return Path(str(self.url.database)).resolve()

    def _engine_options(self, pool_size: int) -> dict[str, Any]:
        if self.in_memory:
            return {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        if self.is_sqlite:
            return {"pool_size": pool_size, "connect_args": {"timeout": BUSY_SECONDS}}
        settings = {
            "lock_timeout": LOCK_TIMEOUT_MS,
            "statement_timeout": STATEMENT_TIMEOUT_MS,
            "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
            "timezone": "UTC",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return {"pool_size": pool_size, "pool_pre_ping": True, "connect_args": {"options": options}}

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or undone on any exception.

        Without ``durable`` the commit does not wait for the disk: after a power cut the last ones may be
        missing, as if they had never been made. For long work in many transactions that goes on by itself
        where it stopped; any later durable commit makes the earlier ones durable as well.

        Raises ``Conflict`` when somebody else holds the case, ``Invalid`` when a text cannot be stored. A ``write()`` inside a ``write()`` of the
        same thread is a mistake (``RuntimeError``): two transactions could not both hold the lock.
        """
        if getattr(self._held, "session", None) is not None:
            raise RuntimeError("write() inside write()")
        writer = self._writer if durable else self._writer.execution_options(relaxed=True)
        with self._writing(), Session(writer, expire_on_commit=False, info={WRITES: True}) as session:
            self._held.session = session
            try:
                yield session
                session.commit()
            except (DBAPIError, StaleDataError, UnicodeEncodeError) as error:
                session.rollback()
                if _lost_race(error):
                    raise _conflict() from error
                if _cannot_be_stored(error):
                    raise _strange_text() from error
                raise
            finally:
                self._held.session = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one moment and keeps nothing that is written.

        It never waits for a writer, except on the single connection of an in-memory database; there a
        ``read()`` inside a ``write()`` of the same thread is the writing session itself.
        """
        try:
            with self._reading() as session:
                yield session
        except (DBAPIError, UnicodeEncodeError) as error:
            if _cannot_be_stored(error):
                raise _strange_text() from error
            raise

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        if not self.in_memory:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
            return
        with self._lock:
            held = getattr(self._held, "session", None)
            if held is not None:
                yield held
                return
            with Session(self._reader, expire_on_commit=False) as session:
                self._held.session = session
                try:
                    yield session
                finally:
                    self._held.session = None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise _conflict()
        try:
            yield
        finally:
            self._lock.release()

    def create_all(self) -> None:
        """Make all tables at once, without migrations: for scenario walks and tests."""
        with self._writing(), self._writer.begin() as connection:
            Base.metadata.create_all(connection)

    def empty(self) -> None:
        """Delete every row. Statements stay compiled: much cheaper than another database in memory."""
        with self._writing(), self._writer.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to ``revision``; safe when several processes start at the same time."""
        from zuozhen.store.migrate import upgrade

        with self._writing(), self._writer.begin() as connection:
            upgrade(connection, revision)

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver must not open transactions by itself: it would leave SELECTs outside of them.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        wanted = "NORMAL" if connection.get_execution_options().get("relaxed") else "FULL"
        if connection.info.get("synchronous", "FULL") != wanted:  # not possible inside a transaction
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


def _relax_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("relaxed"):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def dialect_of(session: Session) -> str:
    """Return ``postgresql`` or ``sqlite``."""
    return session.get_bind().dialect.name


def upsert(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT into ``table`` that can have an ON CONFLICT clause."""
    if dialect == "postgresql":
        return postgresql.insert(table.__table__)  # type: ignore[arg-type]
    return sqlite.insert(table.__table__)  # type: ignore[arg-type]


def _lost_race(error: Exception) -> bool:
    if isinstance(error, StaleDataError):
        return True
    origin = getattr(error, "orig", None)
    return getattr(origin, "sqlstate", None) in _LOST_RACES or "database is locked" in str(origin)


def _cannot_be_stored(error: Exception) -> bool:
    """Say whether a text held what no database keeps: NUL (PostgreSQL) or half a character (any)."""
    if isinstance(error, UnicodeEncodeError):
        return True
    origin = getattr(error, "orig", None)
    return "NUL (0x00)" in str(origin) or getattr(origin, "sqlstate", None) == "22P05"


def _strange_text() -> Invalid:
    return Invalid("内容含有无法保存的字符，没有保存。", hint="请删去从别处粘贴来的特殊符号后重试。")


def _conflict() -> Conflict:
    return Conflict("有人正在办理此件，您的操作没有保存。", hint="请稍等几秒后重试；已填写的内容不会丢失。")


# ---------------------------------------------------------------- counting, for tests


@dataclass
class Counts:
    """What a piece of code sent to the database: its statements in order, and the number of commits."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def count_statements(database: Database) -> Iterator[Counts]:
    """Count statements (without BEGIN and settings) and commits of all threads while the block runs."""
    counts = Counts()

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SET LOCAL", "PRAGMA")):
            counts.statements.append(statement)

    def on_commit(_connection: Any) -> None:
        counts.commits += 1

    event.listen(database.engine, "before_cursor_execute", on_statement)
    event.listen(database.engine, "commit", on_commit)
    try:
        yield counts
    finally:
        event.remove(database.engine, "before_cursor_execute", on_statement)
        event.remove(database.engine, "commit", on_commit)
