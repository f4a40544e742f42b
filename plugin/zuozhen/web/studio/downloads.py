"""Files of a pack as answers: text is shown as text, never run."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePosixPath

from flask import Response, send_file

from zuozhen.services.studio.draftpaths import is_text


def file_response(path: str, content: bytes, *, download: bool) -> Response:
    """Return a file to look at in the browser, or to keep."""
    media_type = "text/plain; charset=utf-8" if is_text(path) else "image/png"
    name = PurePosixPath(path).name
    answer = send_file(BytesIO(content), media_type, as_attachment=download, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def zip_response(name: str, content: bytes) -> Response:
    """Return a pack as a file to keep."""
    return send_file(BytesIO(content), "application/zip", as_attachment=True, download_name=f"{name}.zip")
