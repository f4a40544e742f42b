"""Mounts the blueprints, the templates and the rules that every page shares on a Flask app."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

from zuozhen.services.context import Context
from zuozhen.services.uploads import MAX_BYTES, MAX_FILES
from zuozhen.web import (
    api,
    corrections,
    datatables,
    desk,
    engine_rest,
    errors,
    formats,
    health,
    identity,
    notices,
    numbers,
    portal,
    procedures,
    registers,
    reports,
    security,
    sign_in,
    studio,
)
from zuozhen.web.ownership import PREFIX, is_ours

TEMPLATE_PREFIX = "zuozhen"


def configure(app: Flask, **wanted: object) -> None:
    """Set configuration values that the host app has left at Flask's defaults."""
    for key, value in wanted.items():
        if app.config.get(key) == app.default_config.get(key):
            app.config[key] = value


def _csrf(app: Flask) -> CSRFProtect:
    """Return the app's CSRF protection; one of our own leaves the host's other forms alone."""
    if "csrf" not in app.extensions:
        app.config["WTF_CSRF_CHECK_DEFAULT"] = False
        CSRFProtect(app)
    protection: CSRFProtect = app.extensions["csrf"]
    return protection


def _protect(app: Flask, csrf: CSRFProtect) -> None:
    @app.before_request
    def _check() -> None:
        if is_ours() and request.mimetype != "multipart/form-data":
            # Werkzeug reads such a body at once: only files may be as large as MAX_CONTENT_LENGTH.
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]
        tokens = (api.blueprint.name, engine_rest.blueprint.name)
        if is_ours() and request.routing_exception is None and request.blueprint not in tokens:
            csrf.protect()


def register_web(app: Flask, context: Context, *, url_prefix: str = "") -> None:
    """Add all pages of zuozhen to ``app`` below ``url_prefix``.

    Templates are looked up as ``zuozhen/<name>``: a host app restyles a page by a file
    ``templates/zuozhen/<name>`` of its own.
    """
    own = PrefixLoader(
        {
            TEMPLATE_PREFIX: ChoiceLoader(
                [FileSystemLoader(root / "templates" / "web") for root in context.content_roots]
            )
        }
    )
    app.jinja_loader = ChoiceLoader([app.jinja_loader, own]) if app.jinja_loader else own
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.add_extension("jinja2.ext.loopcontrols")
    configure(
        app,
        MAX_CONTENT_LENGTH=MAX_BYTES * MAX_FILES // 2,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # a form may be filled in over lunch
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_HEADERS_ENABLED=True,
        **{PREFIX: url_prefix},
    )
    csrf = _csrf(app)
    app.extensions["zuozhen.context"] = context
    limiter = Limiter(get_remote_address, app=app)
    for blueprint in (
        portal.blueprint,
        desk.blueprint,
        corrections.blueprint,
        notices.blueprint,
        numbers.blueprint,
        procedures.blueprint,
        registers.blueprint,
        datatables.blueprint,
        reports.blueprint,
        *studio.BLUEPRINTS,
        sign_in.blueprint,
        security.static_blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint, url_prefix=url_prefix or None)
    _protect(app, csrf)
    app.register_blueprint(api.blueprint, url_prefix=f"{url_prefix}/api/v1")
    csrf.exempt(api.blueprint)
    app.register_blueprint(engine_rest.blueprint, url_prefix=f"{url_prefix}/engine-rest")
    csrf.exempt(engine_rest.blueprint)
    limiter.limit(engine_rest.FAILED_LOGINS, deduct_when=lambda answer: answer.status_code == 401)(
        engine_rest.blueprint
    )
    for endpoint, limit in security.RATE_LIMITS.items():
        limited: Any = limiter.limit(limit, methods=["POST"], exempt_when=security.saves_draft)(
            app.view_functions[endpoint]
        )
        app.view_functions[endpoint] = limited
    for endpoint in security.PUBLIC_FORMS:
        drafts: Any = limiter.limit(security.DRAFT_LIMIT, methods=["POST"])(app.view_functions[endpoint])
        app.view_functions[endpoint] = drafts
    identity.install(app)
    errors.install(app)
    security.install(app)
