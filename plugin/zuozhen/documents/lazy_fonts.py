"""WeasyPrint 70 copies every used font file (8–15 MB each) into Python for every document.

When HarfBuzz makes the subset, which is always here, the copy is never read. ``Font.file_content`` becomes
a property that copies on first use: half the memory and a tenth of the time.
"""

from __future__ import annotations

import threading
from typing import Any


def install() -> None:
    """Replace the stock attribute; the caller has checked the version."""
    from weasyprint.pdf import fonts

    copy_blob = fonts.get_hb_object_data
    stock_init = fonts.Font.__init__
    skipped = object()

    def get_or_skip(hb_object: Any, *arguments: Any) -> Any:
        return skipped if getattr(making, "font", False) else copy_blob(hb_object, *arguments)

    making = threading.local()

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        making.font = True
        try:
            stock_init(self, *arguments, **named)
        finally:
            making.font = False

    def read(self: Any) -> Any:
        if "_file_content" not in self.__dict__:
            self.__dict__["_file_content"] = copy_blob(self.hb_face)
        return self.__dict__["_file_content"]

    def write(self: Any, content: Any) -> None:
        if content is not skipped:
            self.__dict__["_file_content"] = content

    fonts.get_hb_object_data = get_or_skip
    fonts.Font.__init__ = init
    fonts.Font.file_content = property(read, write)
