"""Which requests are ours: in a host app, only those below our prefix."""

from __future__ import annotations

from flask import current_app, request

PREFIX = "ZUOZHEN_URL_PREFIX"


def is_ours() -> bool:
    """Say whether this request goes to a page of zuozhen (or to an unknown address below its prefix)."""
    if request.blueprint:
        return request.blueprint.startswith("zuozhen_")
    if request.endpoint:
        return False  # an endpoint of the host itself
    prefix = str(current_app.config.get(PREFIX, ""))
    return request.path.startswith(f"{prefix}/")


def wants_json() -> bool:
    """Say whether the asker is a program or a script of a page, to be answered in JSON."""
    return (
        "/api/" in request.path or "/engine-rest/" in request.path or request.mimetype == "application/json"
    )
