"""Rendering in processes of its own, with a wall-clock limit: one bad document never holds up the rest.

Child processes are started through the interpreter rather than ``multiprocessing``, so that the pool also
works inside daemonic workers (Celery) and never imports the caller's main module again. They get a bare
environment: no secrets of the server are in the process that lays out what strangers typed.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from zuozhen.documents.fonts import FontSet
from zuozhen.documents.source import Rendered, RenderFailed, RenderInput, RenderTimeout, VolumeInput
from zuozhen.model.errors import ContentError, Finding

START_LIMIT = 60.0
"""Seconds a fresh process may take to load fonts and libraries."""

FRAME = struct.Struct(">II")
"""Lengths of the JSON head and of the body that follow, both ways (parent to child: head is empty)."""

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONHASHSEED")


class _Child:
    """One rendering process."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.jobs = 0
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self.receive(time.monotonic() + START_LIMIT)

    def ask(self, source: RenderInput | VolumeInput, limit: float) -> tuple[dict[str, Any], bytes]:
        """Send one job and wait for its answer; :class:`RenderTimeout` or :class:`RenderFailed`."""
        self.jobs += 1
        body = pickle.dumps(source)
        assert self.process.stdin is not None  # noqa: S101 - opened as a pipe
        try:
            self.process.stdin.write(FRAME.pack(0, len(body)) + body)
            self.process.stdin.flush()
        except OSError as error:
            raise RenderFailed("文件生成进程意外退出，请重试。") from error
        return self.receive(time.monotonic() + limit)

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Read one frame before ``deadline`` (monotonic seconds)."""
        head_size, body_size = FRAME.unpack(self._read(FRAME.size, deadline))
        head = json.loads(self._read(head_size, deadline))
        return head, self._read(body_size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self.process.stdout is not None  # noqa: S101 - opened as a pipe
        descriptor = self.process.stdout.fileno()
        parts: list[bytes] = []
        while size:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([descriptor], [], [], remaining)[0]:
                raise RenderTimeout("文件生成超过时间上限，已停止。", hint="请缩短内容，或检查打印模板。")
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise RenderFailed("文件生成进程意外退出（可能内存不足），请重试。")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def end(self) -> None:
        """End the process at once and collect it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent bytes of a job whose process is gone
                    continue


class RenderPool:
    """The interface of :class:`~zuozhen.documents.render.Renderer`, carried out by ``workers`` processes.

    ``limit`` is in seconds of wall clock for one document (three times that for a volume), ``memory`` in
    MiB of address space; a process is replaced after ``max_jobs``, a time-out or a crash. Processes start
    when first needed. Thread-safe.
    """

    def __init__(
        self,
        font_dirs: Sequence[Path],
        cache_dir: Path,
        *,
        workers: int = 1,
        limit: float = 30.0,
        memory: int = 2048,
        max_jobs: int = 500,
    ) -> None:
        self._font_dirs, self._cache_dir = tuple(map(Path, font_dirs)), Path(cache_dir)
        self._limit, self._max_jobs = limit, max_jobs
        folders = [str(folder.resolve()) for folder in self._font_dirs]
        module = ["-m", "zuozhen.documents.child"]
        self._command = [sys.executable, *module, str(memory), str(self._cache_dir.resolve()), *folders]
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._closed = threading.Event()
        for _ in range(workers):
            self._slots.put(None)
        self._workers = workers

    def pdf(self, source: RenderInput) -> bytes:
        """Make one document and return the file only."""
        return self.render(source).pdf

    def render(self, source: RenderInput) -> Rendered:
        """Make one document; :class:`RenderTimeout`, :class:`RenderFailed` or :class:`ContentError`."""
        return self._work(source, self._limit)

    def volume(self, source: VolumeInput) -> Rendered:
        """Make one bound volume."""
        return self._work(source, self._limit * 3)

    def missing_glyphs(self, text: str) -> tuple[str, ...]:
        """Return the characters of ``text`` that no installed font can draw."""
        return self._font_set.missing(text)

    @cached_property
    def _font_set(self) -> FontSet:
        return FontSet(self._font_dirs, self._cache_dir)

    def close(self) -> None:
        """End all processes, waiting for running jobs; later calls fail."""
        if self._closed.is_set():
            return
        self._closed.set()
        for _ in range(self._workers):
            child = self._slots.get()
            if child is not None:
                child.end()
        for _ in range(self._workers):
            self._slots.put(None)

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self, source: RenderInput | VolumeInput, limit: float) -> Rendered:
        child = self._slots.get()
        try:
            if self._closed.is_set():
                raise RenderFailed("文件生成服务已停止。")
            if child is None or child.process.poll() is not None:
                if child is not None:
                    child.end()
                child = None
                child = _Child(self._command)
            head, body = child.ask(source, limit)
        except BaseException:
            if child is not None:
                child.end()
            child = None
            raise
        finally:
            if child is not None and child.jobs >= self._max_jobs:
                child.end()
                child = None
            self._slots.put(child)
        return _answer(head, body)


def _answer(head: dict[str, Any], body: bytes) -> Rendered:
    if "error" in head:
        if head["error"] == "ContentError":
            findings = [Finding(**finding) for finding in head["findings"]]
            raise ContentError(head["message"], findings, hint=head["hint"])
        raise RenderFailed(head["message"], hint=head.get("hint", ""))
    lists = {name: tuple(head[name]) for name in ("missing", "truncated", "refused")}
    return Rendered(body, head["pages"], continued=head["continued"], **lists)
