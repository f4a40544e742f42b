"""Settings of one installation: environment variables ``ZUOZHEN_*``, read once, at the top only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SmtpSecurity = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Smtp:
    """Mail server; without one, letters are only recorded and shown on the portal."""

    host: str
    port: int
    security: SmtpSecurity
    username: str
    password: str
    sender: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may choose. ``instance`` holds database, files, fonts and the secret."""

    instance: Path
    database_url: str
    secret: str
    base_url: str
    host: str
    port: int
    content: Path | None
    packs: tuple[str, ...]
    """The packs to deploy at the first start, by name; empty for all that are there."""
    smtp: Smtp | None
    sms_url: str
    sms_secret: str
    secure_cookies: bool
    frame_ancestors: str
    proxies: int
    idle_minutes: int
    threads: int

    @property
    def fonts(self) -> Path:
        return self.instance / "fonts"


def load_settings(environ: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Read the settings; creates the instance folder and, once, its secret (mode 600)."""
    env = os.environ if environ is None else environ
    folder = instance or Path(env.get("ZUOZHEN_INSTANCE", "instance"))
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    host = env.get("ZUOZHEN_HOST", "127.0.0.1")
    port = int(env.get("ZUOZHEN_PORT", "8000"))
    content = env.get("ZUOZHEN_CONTENT", "")
    return Settings(
        instance=folder,
        database_url=env.get("ZUOZHEN_DATABASE", f"sqlite:///{folder / 'zuozhen.db'}"),
        secret=env.get("ZUOZHEN_SECRET") or _kept_secret(folder / "secret"),
        base_url=env.get("ZUOZHEN_BASE_URL", f"http://{host}:{port}").rstrip("/"),
        host=host,
        port=port,
        content=Path(content) if content else None,
        packs=tuple(env.get("ZUOZHEN_PACKS", "").replace(",", " ").split()),
        smtp=_smtp(env),
        sms_url=env.get("ZUOZHEN_SMS_URL", ""),
        sms_secret=env.get("ZUOZHEN_SMS_SECRET", ""),
        secure_cookies=env.get("ZUOZHEN_BASE_URL", "").startswith("https://"),
        frame_ancestors=env.get("ZUOZHEN_FRAME_ANCESTORS", "'self'"),
        proxies=int(env.get("ZUOZHEN_PROXIES", "0")),
        idle_minutes=int(env.get("ZUOZHEN_IDLE_MINUTES", "30")),
        threads=int(env.get("ZUOZHEN_THREADS", "8")),
    )


def _kept_secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()


def _smtp(env: Mapping[str, str]) -> Smtp | None:
    host = env.get("ZUOZHEN_SMTP_HOST", "")
    if not host:
        return None
    security = env.get("ZUOZHEN_SMTP_SECURITY", "starttls")
    if security not in ("none", "starttls", "tls"):
        raise ValueError("ZUOZHEN_SMTP_SECURITY: none, starttls or tls")
    return Smtp(
        host,
        int(env.get("ZUOZHEN_SMTP_PORT", "587")),
        security,  # type: ignore[arg-type]
        env.get("ZUOZHEN_SMTP_USERNAME", ""),
        env.get("ZUOZHEN_SMTP_PASSWORD", ""),
        env.get("ZUOZHEN_SMTP_SENDER", ""),
    )
