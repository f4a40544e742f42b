"""Signed JSON to a real web server, and the connector that sends nothing."""

from __future__ import annotations

import hashlib
import hmac
import socket
from dataclasses import replace
from typing import Any

import pytest

from zuozhen.connectors import (
    SIGNATURE_HEADER,
    Letter,
    RecordOnlyConnector,
    TemporaryError,
    UndeliverableError,
    WebhookConnector,
    connector_for,
)

from .conftest import NOW, Inbox

_SECRET = "共享密钥"


def connector(url: str, **options: Any) -> WebhookConnector:
    return WebhookConnector(url, _SECRET, **{"timeout": 5, "clock": lambda: NOW, **options})


def test_the_letter_arrives_signed(inbox: Inbox, letter: Letter) -> None:
    sms = replace(letter, channel="sms", address="13800138000")
    receipt = connector(inbox.url("/sms")).send(sms)
    path, headers, body = inbox.requests[-1]
    assert path == "/sms"
    assert inbox.content() == {
        "recipient_name": sms.recipient_name,
        "address": "13800138000",
        "channel": "sms",
        "subject": sms.subject,
        "body": sms.body,
        "idempotency_key": sms.idempotency_key,
        "sent_at": "2026-03-02T01:30:00+00:00",
    }
    expected = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE_HEADER] == f"sha256={expected}"
    assert headers["Idempotency-Key"] == "case%2F0190%2Fnotice%2F1"
    assert "200" in receipt
    assert "ok" in receipt


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, UndeliverableError) for status in (400, 410, 413, 422)),
        *((status, TemporaryError) for status in (301, 302, 307, 401, 403, 404, 408, 429, 500, 502, 503)),
    ],
)
def test_refusals_for_good_and_for_now(
    inbox: Inbox, letter: Letter, status: int, error: type[Exception]
) -> None:
    inbox.answers["/sms"] = (status, "号码\n无效")
    with pytest.raises(error, match=f"{status} 号码 无效"):
        connector(inbox.url("/sms")).send(letter)
    assert [path for path, _, _ in inbox.requests] == ["/sms"], "a redirect must not be followed"


def test_slow_silent_and_absent_servers(inbox: Inbox, letter: Letter) -> None:
    with pytest.raises(TemporaryError, match="连不上"):
        connector(inbox.url("/slow"), timeout=0.3).send(letter)
    with pytest.raises(TemporaryError, match="连不上"):
        connector(inbox.url("/hang-up")).send(letter)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryError, match="连不上"):
            connector(f"http://127.0.0.1:{closed.getsockname()[1]}/").send(letter)


def test_a_strange_key_cannot_add_a_header(inbox: Inbox, letter: Letter) -> None:
    connector(inbox.url("/sms")).send(replace(letter, idempotency_key="a\r\nX-Evil: 1\ud800"))
    _, headers, _ = inbox.requests[-1]
    assert "X-Evil" not in headers


def test_the_process_environment_names_no_proxy(
    inbox: Inbox, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    connector(inbox.url("/sms")).send(letter)
    assert len(inbox.requests) == 1
    with pytest.raises(TemporaryError):
        connector(inbox.url("/sms"), proxies={"http": "http://127.0.0.1:9"}).send(letter)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "a", "http:///x", "http://宣威.cn/"])
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        connector(url)


def test_a_secret_and_an_address_are_needed(letter: Letter) -> None:
    with pytest.raises(ValueError, match="secret"):
        WebhookConnector("http://127.0.0.1/", "")
    with pytest.raises(UndeliverableError, match="没有接收地址"):
        connector("http://127.0.0.1:9/").send(replace(letter, address=" "))


def test_channels_without_a_connector_only_keep_records(letter: Letter) -> None:
    webhook = connector("http://127.0.0.1:9/")
    assert connector_for("sms", {"sms": webhook}) is webhook
    found = connector_for("email", {"sms": webhook})
    assert isinstance(found, RecordOnlyConnector)
    receipt = found.send(letter)
    assert "未发出" in receipt
    assert "email" in receipt
