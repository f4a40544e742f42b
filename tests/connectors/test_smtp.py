"""E-mail through a real SMTP server."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.connectors import Letter, SmtpConnector, TemporaryError, UndeliverableError

from .conftest import NOW, Mailbox, server_context

StartSmtp = Callable[..., tuple[Mailbox, int]]


def connector(port: int, **options: Any) -> SmtpConnector:
    given_options = {
        "security": "none",
        "sender": "noreply@xw.example.cn",
        "timeout": 5,
        "clock": lambda: NOW,
    }
    return SmtpConnector("127.0.0.1", port, **{**given_options, **options})


def test_a_chinese_letter_arrives_whole(smtp: StartSmtp, letter: Letter) -> None:
    mailbox, port = smtp()
    receipt = connector(port, sender_name="宣威市坐诊接诉专窗").send(letter)
    mail = mailbox.mail()
    assert mail["Subject"] == letter.subject
    assert mail["To"].addresses[0].display_name == letter.recipient_name
    assert mail["To"].addresses[0].addr_spec == letter.address
    assert mail["From"].addresses[0].display_name == "宣威市坐诊接诉专窗"
    assert mail["Date"].datetime == NOW
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == letter.body
    assert mail["Message-ID"] in receipt
    assert mail["Message-ID"].endswith("@xw.example.cn>")
    content = mailbox.envelopes[-1].content
    assert isinstance(content, bytes)
    assert content.isascii()


def test_the_message_id_follows_the_idempotency_key(letter: Letter) -> None:
    mail = connector(1)
    same = mail.compose(replace(letter, body="改过的内容"))["Message-ID"]
    assert mail.compose(letter)["Message-ID"] == same
    assert mail.compose(replace(letter, idempotency_key="other"))["Message-ID"] != same


def test_starttls_with_password(smtp: StartSmtp, certificate: Path, letter: Letter) -> None:
    mailbox, port = smtp(password=True, tls_context=server_context(certificate), require_starttls=True)
    trust = ssl.create_default_context(cafile=str(certificate))
    options = {"security": "starttls", "username": "clerk", "tls_context": trust}
    connector(port, password="secret", **options).send(letter)
    assert mailbox.encrypted == [True]
    with pytest.raises(TemporaryError, match="账号或密码"):
        connector(port, password="wrong", **options).send(letter)
    assert len(mailbox.envelopes) == 1


def test_tls_from_the_start(smtp: StartSmtp, certificate: Path, letter: Letter) -> None:
    mailbox, port = smtp(ssl_context=server_context(certificate))
    trust = ssl.create_default_context(cafile=str(certificate))
    connector(port, security="tls", tls_context=trust).send(letter)
    assert mailbox.mail()["Subject"] == letter.subject
    with pytest.raises(TemporaryError, match="连不上"):
        connector(port, security="tls").send(letter)  # the certificate is not trusted
    assert len(mailbox.envelopes) == 1


def test_an_encrypted_connection_is_never_given_up(smtp: StartSmtp, letter: Letter) -> None:
    mailbox, port = smtp()
    with pytest.raises(TemporaryError, match="连不上"):
        connector(port, security="starttls").send(letter)
    assert mailbox.envelopes == []


def test_refusals_for_good_and_for_now(smtp: StartSmtp, letter: Letter) -> None:
    _, port = smtp()
    with pytest.raises(UndeliverableError, match="550"):
        connector(port).send(replace(letter, address="nobody@example.com"))
    with pytest.raises(TemporaryError, match="452"):
        connector(port).send(replace(letter, address="full@example.com"))
    with pytest.raises(UndeliverableError, match="554"):
        connector(port).send(replace(letter, subject="spam", body="spam"))


def test_nobody_listens_or_nobody_answers(letter: Letter) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryError, match="连不上"):
            connector(closed.getsockname()[1]).send(letter)
        closed.listen()
        with pytest.raises(TemporaryError, match="连不上"):
            connector(closed.getsockname()[1], timeout=0.3).send(letter)


@pytest.mark.parametrize(
    "address",
    [
        *("", "a", "@", "a@", "@b.cn", "a b@c.cn", "a@b c", "a@b.cn,c@d.cn", "a@b.cn\r\nBcc: c@d.cn"),
        *("<a@b.cn>", "张@b.cn", "a@-b.cn", "a@b..cn", "a" * 65 + "@b.cn", 'a"@b.cn', "a@[127.0.0.1]"),
    ],
)
def test_bad_addresses_never_reach_a_server(letter: Letter, address: str) -> None:
    with pytest.raises(UndeliverableError, match="不正确"):
        connector(1).send(replace(letter, address=address))


def test_a_wrong_configuration_is_found_at_once() -> None:
    for wrong in ({"sender": "nobody"}, {"username": "管理员"}, {"password": "密码"}):
        with pytest.raises(ValueError, match=r"sender|ASCII"):
            connector(1, **wrong)


def test_a_chinese_domain_is_converted(letter: Letter) -> None:
    mail = connector(1).compose(replace(letter, address="a@例子.中国"))
    assert mail["To"].addresses[0].addr_spec == "a@xn--fsqu00a.xn--fiqs8s"


_HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"} | {
    *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
}


_ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]))
"""Lone surrogates included."""


@settings(max_examples=100, deadline=None)
@given(_ANY_TEXT, _ANY_TEXT, _ANY_TEXT, _ANY_TEXT)
def test_no_text_can_add_a_header(name: str, subject: str, body: str, key: str) -> None:
    injected = "\r\nBcc: thief@example.com\r\n\r\n"
    letter = Letter(name + injected, "a@b.cn", "email", subject + injected, body, key + injected)
    raw = connector(1).compose(letter).as_bytes()
    head = raw.split(b"\r\n\r\n", 1)[0]
    names = [
        line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))
    ]
    assert set(names) == _HEADERS
    assert len(names) == len(_HEADERS)
