"""The windows of the journeys notice what people would: errors of scripts, pages wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from tests.browser.windows import DESK, PHONE, person

pytestmark = pytest.mark.browser

WIDE = "data:text/html,<p style='width:900px'>wide</p>"
BROKEN = "data:text/html,<script>throw new Error('broken')</script>"
FORBIDDEN = (
    "data:text/html,<meta http-equiv='Content-Security-Policy' content='script-src none'><script>1</script>"
)


@pytest.mark.parametrize(
    ("address", "fault"), [(WIDE, "too wide"), (BROKEN, "broken"), (FORBIDDEN, "Policy")]
)
def test_a_faulty_page_fails_the_journey(browser: Browser, address: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault), person(browser, PHONE) as page:
        page.goto(address)


def test_a_desk_may_have_wide_pages(browser: Browser) -> None:
    with person(browser, DESK) as page:
        page.goto("data:text/html,<p style='width:2000px'>wide</p>")
