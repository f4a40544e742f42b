"""The layout engine may ask for pictures that came with the document and for QR codes, nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from zuozhen.documents.source import Asset

BASE = "zz:/"
ASSETS = f"{BASE}assets/"
CODES = f"{BASE}qr/"
CODE_LIMIT = 500
"""Characters in one QR code: still readable by a phone from paper."""


class Refused(Exception):
    """The address is not served; the layout engine goes on without it."""


class Fetcher:
    """Serves one document. Addresses that were refused are kept in ``refused``."""

    _fail_on_errors = False  # read by the layout engine

    def __init__(self, assets: Mapping[str, Asset] | None = None) -> None:
        self._assets = assets or {}
        self.refused: list[str] = []

    def __call__(self, url: str) -> Any:
        """Return the layout engine's response object, or raise :class:`Refused`."""
        from weasyprint.urls import URLFetcherResponse

        asset = self._find(url)
        if asset is None:
            self.refused.append(url[:200])
            raise Refused(url[:200])
        return URLFetcherResponse(url, asset.content, {"Content-Type": asset.media_type})

    def _find(self, url: str) -> Asset | None:
        if url.startswith(ASSETS):
            return self._assets.get(unquote(url.removeprefix(ASSETS)))
        if url.startswith(CODES):
            text = unquote(url.removeprefix(CODES))
            return Asset(qr_svg(text), "image/svg+xml") if 0 < len(text) <= CODE_LIMIT else None
        return None


def qr_svg(text: str) -> bytes:
    """Return a QR code (error correction M, quiet zone 4 modules) as SVG without a size of its own."""
    import segno

    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False, boost_error=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, nl=False)
    return out.getvalue()
