"""The cookie side of drafts: a random secret in a cookie of its own, the text in the store.

The cookie lives as long as the draft (30 days), not only as long as the session.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import after_this_request, current_app, request
from werkzeug.wrappers import Response

from zuozhen.formjs import BoundForm
from zuozhen.services import drafts
from zuozhen.web.identity import context

COOKIE = "zuozhen_draft"
LONGEST = 64


def load_draft(form_key: str, tenant: int) -> dict[str, Any]:
    """Return what this browser had typed before, if anything."""
    secret = request.cookies.get(COOKIE, "")[:LONGEST]
    return drafts.load(context(), tenant, secret, form_key) if secret else {}


def store_draft(form_key: str, tenant: int, bound: BoundForm | None) -> None:
    """Keep what was typed, valid or not."""
    if bound is None:
        return
    secret = request.cookies.get(COOKIE, "")[:LONGEST] or secrets.token_urlsafe(24)
    drafts.keep(context(), tenant, secret, form_key, bound.draft())

    @after_this_request
    def _remember(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            secret,
            max_age=int(drafts.KEPT.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        )
        return response


def forget_draft(tenant: int) -> None:
    """Drop the draft of this browser: it has been handed in."""
    secret = request.cookies.get(COOKIE, "")[:LONGEST]
    if not secret:
        return
    drafts.forget(context(), tenant, secret)

    @after_this_request
    def _drop(response: Response) -> Response:
        response.delete_cookie(COOKIE)
        return response
