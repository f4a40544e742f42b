"""How a PDF reads and looks, compared with what was approved: text of all pages, pictures in grey."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageStat
from tests.documents.samples import FONTS

from zuozhen.documents.checks import read_text, squash

SCALE = 60 / 72
"""Page images are compared at 60 dots per inch."""

MEAN_LIMIT = 3.0
CHANGED_LIMIT = 0.012
"""Grey levels by which pages may differ on average, and the share of pixels that may differ by a third."""

REWRITE = os.environ.get("ZUOZHEN_GOLDEN") == "write"
"""``ZUOZHEN_GOLDEN=write pytest …`` approves what is made now: look at the pictures afterwards."""

STAND_IN = '"source": "FandolFang-Regular.otf"' not in (FONTS / "fonts.json").read_text(encoding="utf-8")
"""Whether 仿宋 and 楷体 are stood in for here, so that pictures cannot be compared."""


def pdfium_text(pdf: bytes) -> str:
    """Return the text of all pages as a reader program sees it, without blanks at line ends."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    document.close()
    return "\n".join(line.rstrip() for line in "\n".join(pages).splitlines()) + "\n"


def page_image(pdf: bytes) -> Image.Image:
    """Return a picture of the first page."""
    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=SCALE).to_pil().convert("L")
    document.close()
    return image


def assert_same_look(image: Image.Image, path: Path) -> None:
    """Compare a picture with the approved one at ``path``."""
    approved = Image.open(path).convert("L")
    assert image.size == approved.size
    difference = ImageChops.difference(image, approved)
    changed = sum(difference.histogram()[85:]) / (image.width * image.height)
    mean = ImageStat.Stat(difference).mean[0]
    assert mean <= MEAN_LIMIT and changed <= CHANGED_LIMIT, f"mean {mean:.2f}, changed {changed:.4f}"


def assert_as_approved(pdf: bytes, place: Path) -> bool:
    """Compare text and look with the two files ``place`` + ``.txt`` and ``.png``.

    Returns whether the look could be compared; with the rewrite switch both files are written first.
    """
    text, image = pdfium_text(pdf), page_image(pdf)
    text_path, image_path = (place.with_name(f"{place.name}.{ending}") for ending in ("txt", "png"))
    if REWRITE:
        place.parent.mkdir(parents=True, exist_ok=True)
        text_path.write_text(text, encoding="utf-8")
        image.quantize(16).save(image_path, optimize=True)
    assert text_path.exists(), f"{text_path.name} is missing: run with ZUOZHEN_GOLDEN=write, then look at it"
    assert text == text_path.read_text(encoding="utf-8")
    if not STAND_IN:
        assert_same_look(image, image_path)
    return not STAND_IN


def assert_in_order(pdf: bytes, wording: Iterable[str]) -> str:
    """Assert that the texts stand in the file one after the other (blanks and line breaks do not count).

    Returns all the text there is, without blanks.
    """
    text = squash(read_text(pdf))
    position = 0
    for words in wording:
        found = text.find(squash(words), position)
        assert found >= 0, f"“{words}” is not after position {position} of {text}"
        position = found + len(squash(words))
    return text
