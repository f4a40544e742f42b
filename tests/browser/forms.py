"""How a person fills in a form and sends it, whatever its fields look like."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pikepdf
from playwright.sync_api import Page


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer a form as a person does, whatever the fields look like; a list of tables fills in the rows of a list."""
    for key, value in answers.items():
        for position, each in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(each, Mapping):
                add_row(page, key, position)
                fill(page, {f"{key}-{position}-{name}": text for name, text in each.items()})
            else:
                answer(page, key, each)


def answer(page: Page, key: str, value: Any) -> None:
    fields = page.locator(f'form [name="{key}"]')
    kind = fields.first.evaluate("f => f.type || f.tagName.toLowerCase()")
    if kind in ("radio", "checkbox"):
        box = fields.first if value is True else page.locator(f'form [name="{key}"][value="{value}"]')
        box.check()
    elif kind == "file":
        fields.first.set_input_files(value)
    elif kind.startswith("select"):
        fields.first.select_option(str(value))
    else:
        fields.first.fill(str(value))


def add_row(page: Page, key: str, position: int) -> None:
    """Press 增加一行 of a list until it has a row at ``position``."""
    row = page.locator(f'[data-zz-list="{key}"] [data-zz-row="{position}"]')
    if row.count() == 0:
        page.locator(f'button[name="_add:{key}"]').click()
        row.wait_for()


def scan(name: str) -> dict[str, Any]:
    """Return a file to hand in with a form: one blank page, as from a scanner."""
    paper, content = pikepdf.new(), io.BytesIO()
    paper.add_blank_page()
    paper.save(content)
    return {"name": name, "mimeType": "application/pdf", "buffer": content.getvalue()}


def press(page: Page) -> None:
    """Press the main button of the page's form."""
    page.locator('main form button[type="submit"]:not([aria-hidden]):not([name])').first.click()
    page.wait_for_load_state("load")


def hand_in(page: Page, message: str) -> None:
    """Press the main button; either the message comes, or the page says at once what is wrong with the answers."""
    press(page)
    problems, done = page.locator("[data-zz-error-summary]"), page.get_by_text(message)
    problems.or_(done).first.wait_for()
    assert problems.count() == 0, problems.inner_text()


def send(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).last.click()
    page.wait_for_load_state("load")
