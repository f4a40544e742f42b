"""Which jurisdiction a browser means: chosen on the portal or at the login, remembered in a cookie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from flask import current_app, request
from werkzeug.wrappers import Response

from zuozhen.services.jurisdictions import Jurisdiction, of_slug
from zuozhen.web.ownership import PREFIX

ResponseT = TypeVar("ResponseT", bound=Response)
COOKIE = "zuozhen_place"
YEAR = 365 * 24 * 3600


def remembered(places: Sequence[Jurisdiction]) -> Jurisdiction | None:
    """Return the jurisdiction chosen last in this browser, if it is still there; the only one needs no choice."""
    return places[0] if len(places) == 1 else of_slug(places, request.cookies.get(COOKIE, ""))


def remember_place(response: ResponseT, slug: str) -> ResponseT:
    """Let the browser keep the choice for a year."""
    if request.cookies.get(COOKIE) != slug:
        response.set_cookie(
            COOKIE,
            slug,
            max_age=YEAR,
            path=str(current_app.config.get(PREFIX, "")) or "/",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
    return response
