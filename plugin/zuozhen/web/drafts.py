"""The cookie side of drafts: a random secret in the session, the text in the store."""

from __future__ import annotations

import secrets
from typing import Any

from flask import session

from zuozhen.formjs import BoundForm
from zuozhen.services import drafts
from zuozhen.web.identity import context


def load_draft(form_key: str, tenant: int) -> dict[str, Any]:
    """Return what this browser had typed before, if anything."""
    secret = session.get("draft")
    return drafts.load(context(), tenant, secret, form_key) if secret else {}


def store_draft(form_key: str, tenant: int, bound: BoundForm | None) -> None:
    """Keep what was typed, valid or not."""
    if bound is None:
        return
    session.permanent = True
    secret = session.setdefault("draft", secrets.token_urlsafe(24))
    drafts.keep(context(), tenant, secret, form_key, bound.draft())


def forget_draft(tenant: int) -> None:
    secret = session.pop("draft", None)
    if secret:
        drafts.forget(context(), tenant, secret)
