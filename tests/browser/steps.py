"""What people do on the pages, for every journey: choose a place, register, complete a task, read a PDF."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Town
from tests.browser.forms import fill, hand_in, press, send
from tests.browser.windows import DESK, PHONE, person
from tests.builders import PASSWORD
from tests.services.test_scenarios import text_of

from zuozhen.services import archive

WORKER_SECONDS = 120


class Receipt(NamedTuple):
    """What an enterprise writes down after it has registered."""

    number: str
    code: str


class People:
    """Everybody who takes part in a journey, each at a browser of one's own that stays open to the end."""

    def __init__(self, town: Town, browser: Browser, staff: Mapping[str, Mapping[str, Any]]) -> None:
        """``staff`` are login names with the unit and groups of each, see :meth:`Town.hire`."""
        self._town = town
        self._browser = browser
        self._staff = staff
        self._desks: dict[str, Page] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for name, options in self._staff.items():
            self._town.hire(name, **options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def phone(self) -> Page:
        """Return the window of a phone that has never been here before."""
        return self._open.enter_context(person(self._browser, PHONE))

    def desk(self, name: str) -> Page:
        """Return the window of one of the staff, signed in."""
        if name not in self._desks:
            page = self._open.enter_context(person(self._browser, DESK))
            sign_in(page, self._town, name)
            self._desks[name] = page
        return self._desks[name]

    def do(self, name: str, task: str, answers: Mapping[str, Any]) -> Page:
        """Let one of the staff complete a task; returns the window, which shows the case then."""
        page = self.desk(name)
        complete(page, self._town, task, answers)
        return page


def eventually(page: Page, address: str, holds: Callable[[], bool]) -> None:
    """Load a page until the worker has done its part."""
    end = time.monotonic() + WORKER_SECONDS
    while True:
        page.goto(address)
        if holds():
            return
        assert time.monotonic() < end, page.locator("body").inner_text()
        page.wait_for_timeout(200)


def shows(page: Page, address: str, *texts: str) -> None:
    """Load a page until all of ``texts`` are written on it, also in what is folded."""
    main = page.locator("main")
    eventually(page, address, lambda: all(text in (main.text_content() or "") for text in texts))


# ------------------------------------------------------------------ staff


def sign_in(page: Page, town: Town, name: str) -> None:
    page.goto(f"{town.url}/login")
    if (place := page.get_by_label("所在地区")).count():
        place.select_option(town.slug)
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    send(page, "登录")
    expect(page).to_have_url(f"{town.url}/tasks")


def open_task(page: Page, town: Town, task: str) -> Page:
    """Open a task from one's list, waiting for it if the worker brings it; returns the window."""
    link = page.get_by_role("link", name=task, exact=True)
    eventually(page, f"{town.url}/tasks", lambda: link.count() > 0)
    link.first.click()
    page.wait_for_load_state("load")
    return page


def complete(page: Page, town: Town, task: str, answers: Mapping[str, Any]) -> None:
    """Find a task in one's list, fill in its form, complete it."""
    open_task(page, town, task)
    fill(page, answers)
    hand_in(page, f"“{task}”已办结")


def start_by_hand(page: Page, town: Town, place: str, link: str, answers: Mapping[str, Any]) -> None:
    """Start a procedure from one of the pages that offer it (``sessions``, ``cases``)."""
    page.goto(f"{town.url}/{place}")
    page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state("load")
    fill(page, answers)
    hand_in(page, "已发起。")


def text_at(page: Page, link_text: str | re.Pattern[str]) -> str:
    """Return the text of the PDF behind a link of the page, without blanks."""
    address = page.locator("main").get_by_role("link", name=link_text).first.get_attribute("href")
    return text_of(fetch(page, str(address)))


def read_dossier(page: Page, town: Town, number: str, folder: Path) -> list[str]:
    """Have the dossier of an ended case checked, download it; returns the texts of its PDFs, without blanks."""
    row = page.locator("main tr", has_text=number)
    eventually(page, f"{town.url}/archive?query={number}", lambda: row.count() == 1)
    file = folder / "案卷.zip"
    file.write_bytes(fetch(page, str(row.get_by_role("link", name=re.compile("下载")).get_attribute("href"))))
    row.get_by_role("button", name="核验").click()
    expect(page.locator("main")).to_contain_text("完整")
    problems = archive.verify_file(file)
    assert problems == (), problems
    with zipfile.ZipFile(file) as parts:
        return [text_of(parts.read(name)) for name in parts.namelist() if name.endswith(".pdf")]


def fetch(page: Page, address: str) -> bytes:
    """Return what is behind an address of the same server, as the person at this window gets it."""
    address = address if address.startswith("http") else re.sub(r"(//[^/]+)/.*", r"\1", page.url) + address
    answered = page.request.get(address)
    assert answered.ok, f"{answered.status} {address}"
    return answered.body()


# ------------------------------------------------------------------ enterprises


def choose_place(page: Page, town: Town, name: str) -> None:
    """Choose the jurisdiction on a phone that comes for the first time; from then on the address leads there."""
    page.goto(f"{town.url}/")
    page.locator("main").get_by_role("link", name=re.compile(f"^{name}")).click()
    expect(page).to_have_url(f"{town.portal}/")
    page.goto(f"{town.url}/")
    expect(page).to_have_url(f"{town.portal}/")


def read_announcement(page: Page, town: Town, title: str, text: str) -> None:
    """Wait for an announcement on the portal, open it by (a part of) its title, find a text in it."""
    link = page.locator("main").get_by_role("link", name=title)
    eventually(page, f"{town.portal}/", lambda: link.count() > 0)
    link.first.click()
    expect(page.locator("main")).to_contain_text(text)


def register(page: Page, town: Town, door: str, answers: Mapping[str, Any]) -> Receipt:
    """Open one of the portal's forms by what its link says, send it in, write down number and query code."""
    page.goto(f"{town.portal}/")
    page.locator("main").get_by_role("link", name=door, exact=True).first.click()
    page.wait_for_load_state("load")
    fill(page, answers)
    press(page)
    expect(page).to_have_url(f"{town.portal}/receipt")
    shown = [page.locator(f"[data-zz-{name}]").inner_text().strip() for name in ("number", "code")]
    return Receipt(*shown)


def look_up(page: Page, town: Town, receipt: Receipt) -> str:
    """Ask for the progress with number and query code; returns the address of the page, which works from now on."""
    page.goto(f"{town.portal}/query")
    page.get_by_label("回执编号").fill(receipt.number)
    page.get_by_label("查询码").fill(receipt.code)
    press(page)
    expect(page).to_have_url(f"{town.portal}/progress")
    return page.url


def link_in(page: Page) -> str:
    """Return the personal link that a letter on the progress page gives."""
    found = re.search(r"http://[^\s<\"]+/link/[^\s<\"]+", page.content())
    assert found is not None, "no letter gives a link"
    return found[0]
