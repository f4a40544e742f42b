"""Composition root: the only place that chooses parts. ``create_app()`` or ``Zuozhen(app)`` in a host app."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

from zuozhen.connectors import Connector, RecordOnlyConnector, SmtpConnector, WebhookConnector
from zuozhen.documents import Renderer, RendererLike, RenderPool
from zuozhen.model.clock import Clock, system_clock
from zuozhen.packs import Library, builtin_root
from zuozhen.services.context import Context
from zuozhen.services.deployment import deploy_missing
from zuozhen.services.outbox import next_due_at, run_once
from zuozhen.services.releases import Releases
from zuozhen.services.signing import Signer
from zuozhen.settings import Settings, load_settings
from zuozhen.store.blobs import BlobStore
from zuozhen.store.database import Database
from zuozhen.store.tables import Base
from zuozhen.web import configure, register_web
from zuozhen.worker import Worker


def build_context(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    in_process_pdf: bool = False,
    wake: Callable[[], None] | None = None,
) -> Context:
    """Return the parts of an installation, with its database migrated to the newest schema."""
    database = Database(settings.database_url, pool_size=settings.threads + 2)
    database.migrate()
    roots = content_roots(settings.content)
    cache = settings.instance / "cache"
    documents: RendererLike = (
        Renderer([settings.fonts], cache) if in_process_pdf else RenderPool([settings.fonts], cache)
    )
    context = Context(
        database=database,
        blobs=BlobStore(settings.instance / "files"),
        clock=clock,
        releases=Releases(),
        documents=documents,
        signer=Signer(settings.secret),
        connectors=_connectors(settings),
        base_url=settings.base_url,
        content_roots=roots,
    )
    return dataclasses.replace(context, wake=wake) if wake else context


def content_roots(site: Path | None) -> tuple[Path, ...]:
    """Return the content folders, the administrators' first."""
    return (site, builtin_root()) if site else (builtin_root(),)


def _connectors(settings: Settings) -> dict[str, Connector]:
    connectors: dict[str, Connector] = {"record": RecordOnlyConnector()}
    if settings.smtp is not None:
        smtp = settings.smtp
        connectors["email"] = SmtpConnector(
            smtp.host,
            smtp.port,
            sender=smtp.sender,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password,
        )
    if settings.sms_url:
        connectors["sms"] = WebhookConnector(settings.sms_url, settings.sms_secret)
    return connectors


class Zuozhen:
    """Flask extension: mounts the platform inside any host app and runs its worker.

    ``worker=False`` leaves timers and the outbox to ``zuozhen worker`` processes.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        settings: Settings | None = None,
        url_prefix: str = "",
        clock: Clock = system_clock,
        worker: bool = True,
        in_process_pdf: bool = False,
    ) -> None:
        self._clock = clock
        self._embedded = worker
        self._in_process_pdf = in_process_pdf
        self.url_prefix = url_prefix
        self.settings = settings or load_settings()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Wire everything to ``app``; deploys the built-in packs into an empty installation."""
        self.worker: Worker | None = None
        self.context = build_context(
            dataclasses.replace(self.settings, base_url=self.settings.base_url + self.url_prefix),
            clock=self._clock,
            in_process_pdf=self._in_process_pdf,
            wake=self._wake,
        )
        self.library = Library(*self.context.content_roots)
        deploy_missing(self.context, self.library, self.settings.packs)
        app.extensions["zuozhen"] = self
        if "sqlalchemy" not in app.extensions:
            app.config.setdefault("SQLALCHEMY_DATABASE_URI", self.settings.database_url)
            self.db = SQLAlchemy(app, model_class=Base)
        configure(
            app,
            SECRET_KEY=self.settings.secret,
            SESSION_COOKIE_SECURE=self.settings.secure_cookies,
            SESSION_COOKIE_SAMESITE="Lax",
            PERMANENT_SESSION_LIFETIME=timedelta(minutes=self.settings.idle_minutes),
            ZUOZHEN_FRAME_ANCESTORS=self.settings.frame_ancestors,
        )
        register_web(app, self.context, url_prefix=self.url_prefix)
        if self._embedded:
            self.start_worker()

    def start_worker(self) -> None:
        """Run timers and the outbox in a thread of this process."""
        self.worker = build_worker(self.context)
        self.worker.start()

    def _wake(self) -> None:
        if self.worker is not None:
            self.worker.wake()

    def close(self) -> None:
        """Stop the worker, the PDF processes and the database connections."""
        if self.worker is not None:
            self.worker.stop()
        closing = getattr(self.context.documents, "close", None)
        if closing is not None:
            closing()
        self.context.database.close()


def build_worker(context: Context) -> Worker:
    """Return a worker over the parts of an installation."""
    return Worker(lambda owner: run_once(context, owner), lambda: next_due_at(context), context.clock)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    worker: bool = True,
    in_process_pdf: bool = False,
) -> Flask:
    """Return the stand-alone application."""
    settings = settings or load_settings()
    app = Flask("zuozhen", static_folder=None, template_folder=None)
    Zuozhen(app, settings=settings, clock=clock, worker=worker, in_process_pdf=in_process_pdf)
    if settings.proxies:  # addresses and scheme as told by that many reverse proxies in front
        counts = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), settings.proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, **counts)  # type: ignore[method-assign]
    return app
