"""Corrections of WeasyPrint, applied once per process and only to the version they were written for."""

from __future__ import annotations

import logging
import threading
from typing import Any

from zuozhen.documents import justify, lazy_fonts

PATCHED_MAJOR = "70"
_lock = threading.Lock()
_done: list[bool] = []


def install() -> bool:
    """Apply all patches; return whether this WeasyPrint is the version they fit."""
    import weasyprint

    with _lock:
        if not _done:
            fits = weasyprint.__version__.split(".")[0] == PATCHED_MAJOR
            if fits:
                justify.install()
                lazy_fonts.install()
                _close_profile_file()
            else:
                logging.getLogger(__name__).warning(
                    "WeasyPrint %s is not %s: Chinese lines end ragged", weasyprint.__version__, PATCHED_MAJOR
                )
            _done.append(fits)
    return _done[0]


def _close_profile_file() -> None:
    """Close the colour profile after reading; the library leaves the file open for every document."""
    from weasyprint import pdf

    stock = pdf.ColorProfile

    def read_and_close(file_object: Any, *arguments: Any) -> Any:
        with file_object:
            return stock(file_object, *arguments)

    pdf.ColorProfile = read_and_close
