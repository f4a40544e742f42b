"""Headers, static files and rate limits that hold for every page."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from werkzeug.wrappers import Response

from zuozhen.web.ownership import is_ours

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
REGISTER = "zuozhen_portal.register"
START = "zuozhen_portal.start"
PUBLIC_FORMS = (REGISTER, START)
RATE_LIMITS = {
    REGISTER: "20 per hour",
    START: "20 per hour",
    "zuozhen_portal.query": "30 per hour",
    "zuozhen_sign_in.login": "60 per hour",
    "zuozhen_sign_in.first_login": "30 per hour",
}
"""POST requests by endpoint and client address; counted per server process."""
DRAFT_LIMIT = "600 per hour"
"""Saved drafts of a registration: the page saves by itself, which must not use up the registrations."""

static_blueprint = Blueprint(
    "zuozhen_static", __name__, static_folder="static/dist", static_url_path="/static"
)


def saves_draft() -> bool:
    """Tell whether this request only saves the draft of a registration, or asks what its rules say."""
    only = request.form.get("_save") or request.form.get("_refresh")
    return request.endpoint in PUBLIC_FORMS and bool(only)


def install(app: Flask) -> None:
    """Send the security headers with every answer."""

    @app.after_request
    def _headers(response: Response) -> Response:
        if not is_ours():
            return response
        ancestors = app.config.get("ZUOZHEN_FRAME_ANCESTORS", "'self'")
        response.headers.setdefault("Content-Security-Policy", POLICY + ancestors)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if "text/html" in response.content_type:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
