"""The packs of the source tree, for tests that hold for every jurisdiction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from zuozhen.model.errors import ContentError
from zuozhen.packs import Library, Pack

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Library(ROOT)
SLUGS = LIBRARY.slugs()


@cache
def pack_of(slug: str) -> Pack:
    """Return a pack, read and checked."""
    return Pack.from_files(LIBRARY.files(slug))


def diagram_of(slug: str) -> bytes:
    """Return the XML of a pack's diagram."""
    pack = pack_of(slug)
    return pack.files[pack.diagram_path]


def _readable(slug: str) -> bool:
    try:
        return bool(pack_of(slug))
    except ContentError:
        return False


READABLE = tuple(slug for slug in SLUGS if _readable(slug))
"""Packs whose files can be listed at collection; what is wrong with the others ``test_files.py`` says."""
