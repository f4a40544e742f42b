"""A private PostgreSQL cluster for one test process: real server, loopback only, gone at the end.

Use it as a plugin module: ``from tests.postgresql import postgresql_server`` in a ``conftest.py``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

START_SECONDS = 30
_numbers = count(1)


@dataclass
class PostgresqlServer:
    """A running cluster; ``stock`` are URLs of databases to copy by their kind."""

    port: int
    stock: dict[str, str] = field(default_factory=dict)

    def new_database(self, *, like: str = "template1") -> str:
        """Return the URL of an empty database, or of a copy of the one at the URL ``like``."""
        name = f"test_{next(_numbers)}"
        original = like.rpartition("/")[2]
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(original))
        )
        return f"postgresql+psycopg://zuozhen@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        name = sql.Identifier(url.rpartition("/")[2])
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def run(self, statement: sql.Composable) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="zuozhen", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def find_binaries() -> Path | None:
    """Return the folder of Debian's newest server binaries, or of those on the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _server_user() -> str | None:
    """Return whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    pytest.skip("running as root and neither user postgres nor nobody exists")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a cluster in a temporary folder (one per test process) and stop it at the end."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binaries (apt install postgresql)")
    user = _server_user()
    as_user: dict[str, Any] = (
        {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    )
    folder = Path(tempfile.mkdtemp(prefix="zuozhen-pg-"))
    if user:
        shutil.chown(folder, user)
    port = _free_port()
    data = folder / "data"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "zuozhen",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run([*initdb, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",  # the tests kill clients, not the machine
        "max_connections": 60,
        "autovacuum": "off",
        "lc_messages": "C",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=folder, **as_user
        )
    try:
        _wait(server, port, folder / "log")
        yield PostgresqlServer(port)
    finally:
        server.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing here needs to be kept
        server.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_SECONDS * 20):
        if server.poll() is not None:
            break
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(
                host="127.0.0.1", port=port, user="zuozhen", dbname="postgres", connect_timeout=2
            ),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
