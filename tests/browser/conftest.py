"""Debian's Chromium, driven by Playwright, against the real server on a clock of our own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.builders import ROOT
from tests.servers import ServerProcess

from zuozhen.model.clock import LOCAL

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


class ClockedServer:
    """The server and the hand on its clock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._clock = folder / "clock.txt"
        self.set_time("2026-08-31 16:00")
        self.process = ServerProcess(folder, script=ROOT / "tests" / "browser" / "clocked_server.py")
        self.url = self.process.url
        self.folder = folder

    def set_time(self, local: str) -> None:
        """Set the clock to a local time such as ``2026-09-20 08:30`` (replaced whole, never half-written)."""
        instant = datetime.fromisoformat(local).replace(tzinfo=LOCAL)
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(instant.isoformat(), "ascii")
        fresh.replace(self._clock)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockedServer]:
    running = ClockedServer(tmp_path_factory.mktemp("server"))
    running.process.start()
    yield running
    running.process.stop()


ContextMaker = Callable[..., BrowserContext]


@pytest.fixture
def open_context(browser: Browser, server: ClockedServer) -> Iterator[ContextMaker]:
    """Return a maker of separate people: each has cookies of its own; page errors fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def make(viewport: dict[str, int], *, javascript: bool = True) -> BrowserContext:
        context = browser.new_context(
            viewport=viewport, base_url=server.url, java_script_enabled=javascript, locale="zh-CN"
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert errors == []
