"""The real program as a process of its own on a free loopback port."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.builders import FONTS, ROOT, SLUG

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hear_ctrl_c() -> None:
    """A job in the background is started deaf to Ctrl+C, and so would be the programs that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class ServerProcess:
    """``python server.py`` (or another start script) in an instance folder; ``environ`` are ``ZUOZHEN_*`` settings."""

    def __init__(self, folder: Path, *, script: Path = ROOT / "server.py", **environ: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "fonts").exists():
            (folder / "fonts").symlink_to(FONTS)
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "ZUOZHEN_INSTANCE": str(folder),
            "ZUOZHEN_PORT": str(self.port),
            "ZUOZHEN_PACKS": SLUG,
            **{f"ZUOZHEN_{name.upper()}": value for name, value in environ.items()},
        }
        self._script = script
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start the program and wait until it answers; returns the seconds that took."""
        begin = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(self._script)],
                env={**os.environ, **self.environ, "PYTHONPATH": f"{ROOT / 'plugin'}:{ROOT}"},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_hear_ctrl_c,
            )
        while time.monotonic() < begin + START_SECONDS:
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return time.monotonic() - begin
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """End the program without any warning (kill -9)."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End the program as Ctrl+C does."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()

    def memory(self) -> int:
        """Return the resident memory of the process in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def processor_seconds(self) -> float:
        """Return the processor time that the process has used: what it costs, whatever else the machine does."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def children(self) -> list[int]:
        """Return the ids of the processes that the program has started."""
        task = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for thread in task.iterdir() for pid in (thread / "children").read_text().split()]


class ApiClient:
    """Calls the REST interface with a token; raises ``OSError`` when nobody answers."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v1"
        self._token = token

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            self._url + path,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content = error.code, error.read()
        return status, json.loads(content) if content else None
