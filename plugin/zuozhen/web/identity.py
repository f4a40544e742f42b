"""Who is asking: the session cookie holds an account id and its epoch, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from zuozhen.model.errors import Forbidden, ZuozhenError
from zuozhen.services import accounts, inbox
from zuozhen.services.accounts import SignedIn
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Account
from zuozhen.web.ownership import wants_json

P = ParamSpec("P")
R = TypeVar("R")


class SignedOut(ZuozhenError):
    """A script of a page asks after the login has ended."""

    status = 401


def context() -> Context:
    """Return the parts of the installation that serves this request."""
    return cast(Context, current_app.extensions["zuozhen.context"])


def remember(signed_in: SignedIn) -> None:
    """Start a fresh session for an account (nothing of an earlier session survives)."""
    session.clear()
    session.permanent = True  # ends after the idle time; every request renews it
    session["account"] = [signed_in.tenant, signed_in.account_id.hex, signed_in.epoch]


def current_account() -> Account | None:
    """Return the signed-in account of this request, or ``None``."""
    if "account" not in g:
        g.account, g.actor = _load() or (None, None)
    return cast("Account | None", g.account)


def _load() -> tuple[Account, Actor] | None:
    stored = session.get("account")
    if not isinstance(stored, list) or len(stored) != 3:
        return None
    try:
        tenant, account_hex, epoch = int(stored[0]), UUID(hex=stored[1]), int(stored[2])
    except (ValueError, TypeError):
        return None
    return accounts.account_of(context(), tenant, account_hex, epoch)


def current_actor() -> Actor:
    """Return the rights of the signed-in account.

    Raises:
        Forbidden: nobody is signed in.
    """
    if current_account() is None:
        raise Forbidden("请先登录。")
    return cast(Actor, g.actor)


def staff_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only signed-in staff reach a page; others are sent to the login page and back.

    A script of a page is told instead (401): it would take the login page for its answer.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if current_account() is None:
            if wants_json():
                raise SignedOut("登录已过期，没有保存。", hint="请在另一个窗口重新登录后再保存。")
            back = request.full_path.rstrip("?") if request.method == "GET" else ""
            return redirect(url_for("zuozhen_sign_in.login", next=back or None))
        return view(*args, **kwargs)

    return guarded


def admin_only(role: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only one kind of administrator reach a page."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if role not in current_actor().admin:
                raise Forbidden("此页面只对相应的管理员开放。")
            return view(*args, **kwargs)

        return staff_only(guarded)

    return decorate


def _unread_notices() -> str:
    """Return how many notices the signed-in person has not read, as the navigation shows it; empty for none."""
    count = inbox.unread_count(context(), current_actor()) if current_account() is not None else 0
    return "" if not count else f"{count}" if count < inbox.MOST_COUNTED else f"{inbox.MOST_COUNTED - 1}+"


def install(app: Flask) -> None:
    """Make the signed-in account known to every template."""

    @app.context_processor
    def _who() -> dict[str, Any]:
        account = current_account() if request.endpoint and "zuozhen" in request.endpoint else None
        return {
            "account": account,
            "actor": current_actor() if account else None,
            "unread_notices": _unread_notices,
        }
