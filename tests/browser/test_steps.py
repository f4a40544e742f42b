"""The windows and the camera of the journeys notice what people would: broken scripts, wide pages, what a code says."""

from __future__ import annotations

from base64 import b64encode

import pytest
from playwright.sync_api import Browser
from tests.browser.qr import read_qr
from tests.browser.windows import DESK, PHONE, person

from zuozhen.documents import qr_svg

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


@pytest.mark.parametrize("length", [1, 40, 120, 300])
def test_codes_are_read_as_they_were_drawn(length: int) -> None:
    text = "http://127.0.0.1:8000/link/" + "aB3-_" * length
    assert read_qr("data:image/svg+xml;base64," + b64encode(qr_svg(text)).decode()) == text
