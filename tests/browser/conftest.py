"""A real Chromium and a real server whose clock the test holds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser import serve
from tests.builders import LOCAL, MONDAY, PASSWORD, SLUG, make_settings
from tests.servers import ServerProcess

from zuozhen.app import build_context
from zuozhen.services import accounts
from zuozhen.services.context import Context

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECRET = "a-secret-of-a-test-that-is-long-enough"


class Town:
    """A running server with the staff of one jurisdiction, and the clock on its wall.

    ``beside`` names packs of other jurisdictions on the same server: with one at least, people have to choose.
    """

    def __init__(
        self, folder: Path, start: datetime = MONDAY, *, slug: str = SLUG, beside: tuple[str, ...] = ()
    ) -> None:
        self.slug = slug
        self.tenant = int(slug.partition("-")[0])
        self._clock = folder / "now"
        self.set_clock(start)
        self.server = ServerProcess(
            folder,
            script=Path(serve.__file__),
            secret=SECRET,
            test_clock=str(self._clock),
            threads="8",
            packs=" ".join((slug, *beside)),
        )
        self.server.environ["ZUOZHEN_BASE_URL"] = self.server.url
        self.server.start()
        self.context: Context = build_context(make_settings(folder, secret=SECRET), in_process_pdf=True)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def portal(self) -> str:
        """Return the address of the jurisdiction's portal, without a slash at its end."""
        return f"{self.url}/p/{self.slug}"

    def set_clock(self, instant: datetime) -> None:
        new = self._clock.with_suffix(".new")
        new.write_text(instant.astimezone(UTC).isoformat())
        new.rename(self._clock)  # at once: the server may be reading

    def set_time(self, text: str) -> None:
        """Move to a local time such as ``2026-09-20 08:30``."""
        self.set_clock(datetime.fromisoformat(text).replace(tzinfo=LOCAL))

    def hire(self, username: str, *, unit: str = "", groups: tuple[str, ...] = ()) -> None:
        accounts.create_account(
            self.context,
            self.tenant,
            username,
            f"测试{username}",
            unit=unit,
            groups=groups,
            password=PASSWORD,
        )

    def close(self) -> None:
        self.context.database.close()
        self.server.stop()


@contextmanager
def town_of(folder: Path, slug: str, start: str) -> Iterator[Town]:
    """Run a server of a jurisdiction, beside that of the other tests, from a local time such as ``2026-09-01 09:00``."""
    place = Town(folder, datetime.fromisoformat(start).replace(tzinfo=LOCAL), slug=slug, beside=(SLUG,))
    try:
        yield place
    finally:
        place.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    place = Town(tmp_path_factory.mktemp("town"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium (apt install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()
