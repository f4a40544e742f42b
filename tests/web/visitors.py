"""People at a browser without pictures: a cookie jar, the CSRF token of the last page, forms as typed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Flask
from tests.builders import SLUG, TENANT, Office
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from zuozhen.services.tasks import as_formdata
from zuozhen.store.tables import Account

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_addresses = itertools.count(1)


class Visitor:
    """One browser at an address of its own (rate limits count by address)."""

    def __init__(self, app: Flask) -> None:
        number = next(_addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address
        self._csrf = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, buffered=True, **options)
        if answer.mimetype == "text/html" and (found := CSRF.search(answer.text)):
            self._csrf = found[1]
        return answer

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post answers as a browser would, with a valid CSRF token."""
        form: MultiDict[str, Any] = data if isinstance(data, MultiDict) else as_formdata(data or {})
        form = form.copy()
        form["csrf_token"] = self.csrf()
        answer = self.client.post(path, data=form, buffered=True, **options)
        # The client spools a large body to a file and forgets to close it.
        answer.request.environ["wsgi.input"].close()
        if answer.status_code == 302:
            self._csrf = ""  # signing in begins a new session
        return answer

    def csrf(self) -> str:
        if not self._csrf:
            self.get("/login")
        return self._csrf

    def sign_in(self, account: Account) -> Visitor:
        """Become ``account`` without the password page (which has tests of its own)."""
        with self.client.session_transaction() as session:
            session["account"] = [account.tenant, account.id.hex, account.epoch]
        return self


def open_case(visitor: Visitor, case_id: UUID) -> Visitor:
    """Let a visitor of the portal hold a case, as after entering number and code."""
    with visitor.client.session_transaction() as session:
        session["case"] = [TENANT, case_id.hex]
    return visitor


def portal(path: str) -> str:
    return f"/p/{SLUG}/{path}"


def visitor(office: Office) -> Visitor:
    assert office.app is not None
    return Visitor(office.app)


def staff(office: Office, username: str, **options: Any) -> Visitor:
    """Return a signed-in visitor with a new account (``unit``, ``groups``, ``admin``)."""
    return visitor(office).sign_in(office.account(username, **options))
