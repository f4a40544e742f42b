"""The body of a request by a script: one JSON object, or a refusal that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from zuozhen.model.errors import Invalid


def json_object() -> Mapping[str, Any]:
    """Return the body. Raises ``Invalid`` unless it is a JSON object that is not nested beyond measure."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, Mapping):
        raise Invalid("请求正文应是 JSON 对象。")
    return body
