"""Windows of browsers that notice what people would: errors of scripts, pages wider than a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine."""
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
"""A folder for pictures of the pages that a journey thinks worth looking at; none are taken without."""
MEASURE = """addEventListener("load", () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) console.error(`too wide: ${location.href} by ${scrollWidth - clientWidth} px`);
})"""
FAULTS = ("Content Security Policy", "too wide")

expect.set_options(timeout=PATIENCE)


@contextmanager
def person(browser: Browser, size: dict[str, int], **options: Any) -> Iterator[Page]:
    """Open a browser window of one's own.

    An error of a script or of the server, something that the content security policy forbids, or, on a phone, a page
    that scrolls sideways when it has loaded fails the test at the end.
    """
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    if size == PHONE:
        context.add_init_script(MEASURE)
    errors: list[str] = []

    def listen(line: ConsoleMessage) -> None:
        if any(fault in line.text for fault in FAULTS):
            errors.append(line.text)

    def look(response: Response) -> None:
        if response.status >= 500:
            errors.append(f"{response.status} {response.url}")

    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("response", look)
    context.on("console", listen)
    context.on("dialog", lambda dialog: dialog.accept())  # “确定提交……吗？”
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not errors, "; ".join(errors)


def no_sideways_scrolling(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def picture(page: Page, name: str) -> None:
    """Take a picture of the whole page if pictures are wanted."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
