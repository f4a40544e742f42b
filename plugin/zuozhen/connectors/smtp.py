"""Letters as e-mail through an SMTP server."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal, TypeAlias

from zuozhen.connectors.letter import DeliveryError, Letter, TemporaryError, UndeliverableError, one_line
from zuozhen.model.clock import LOCAL, Clock, system_clock

Security: TypeAlias = Literal["none", "starttls", "tls"]

# 7 bit throughout: servers without 8BITMIME are still found in county networks.
_POLICY = SMTP.clone(cte_type="7bit")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*")
_CONFIGURATION_HINT = "请检查邮件服务器的地址、端口、加密方式和账号"


class SmtpConnector:
    """Opens one connection per letter; letters are few and the worker sends them one by one.

    A bad sender address, or a user name or password that is not ASCII, is a ``ValueError`` at once.
    ``timeout`` is in seconds. ``tls_context`` replaces the machine's certificate authorities, for
    servers with a certificate of the administration's own.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        security: Security = "starttls",
        username: str = "",
        password: str = "",
        timeout: float = 20,
        sender_name: str = "",
        tls_context: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        if not (username + password).isascii():
            raise ValueError("SMTP user name and password must be ASCII (smtplib sends nothing else)")
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.timeout = timeout
        try:
            self.sender = _address(sender_name, sender)
        except UndeliverableError as error:
            raise ValueError(f"bad sender address: {sender!r}") from error
        self.clock = clock
        self._tls_context = tls_context

    def send(self, letter: Letter) -> str:
        """Send the letter; the receipt names the server and the Message-ID."""
        message = self.compose(letter)
        with _failures_in_words(self.host, self.port), self._connect() as server:
            if self.security == "starttls":
                server.starttls(context=self._context())
            if self.username:
                server.login(self.username, self.password)
            server.send_message(message)
        return f"已交给邮件服务器 {self.host}:{self.port}，邮件编号 {message['Message-ID']}"

    def compose(self, letter: Letter) -> EmailMessage:
        """Return the mail. Line breaks in names and subject become spaces; a bad address is refused."""
        message = EmailMessage(policy=_POLICY)
        message["From"] = self.sender
        message["To"] = _address(letter.recipient_name, letter.address)
        message["Subject"] = one_line(letter.subject)
        message["Date"] = format_datetime(self.clock().astimezone(LOCAL))
        message["Message-ID"] = self._message_id(letter.idempotency_key)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday replies away
        message.set_content(letter.body.encode("utf-8", "replace").decode(), charset="utf-8")
        return message

    def _message_id(self, idempotency_key: str) -> str:
        digest = hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"<{digest[:40]}@{self.sender.domain}>"

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=self._context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def _context(self) -> ssl.SSLContext:
        return self._tls_context or ssl.create_default_context()


def _address(display_name: str, text: str) -> Address:
    """Return a checked address; a Chinese domain is converted, a Chinese mailbox name is refused."""
    local_part, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        at = ""
    if not at or not _LOCAL_PART.fullmatch(local_part) or not _DOMAIN.fullmatch(domain):
        raise UndeliverableError(f"邮箱地址“{one_line(text)[:80]}”不正确。", hint="请改正联系方式后重新发送")
    return Address(one_line(display_name), local_part, domain)


@contextmanager
def _failures_in_words(host: str, port: int) -> Iterator[None]:
    """Sort the failures of a conversation: what the server refuses for good, what may work later."""
    place = f"{host}:{port}"
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refusal(place, code, answer) from error
    except smtplib.SMTPAuthenticationError as error:
        raise TemporaryError(f"邮件服务器 {place} 不接受账号或密码。", hint=_CONFIGURATION_HINT) from error
    except smtplib.SMTPConnectError as error:
        raise TemporaryError(f"邮件服务器 {place} 拒绝连接。", hint=_CONFIGURATION_HINT) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(place, error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        detail = one_line(str(error))[:120]
        raise TemporaryError(f"连不上邮件服务器 {place}：{detail}。", hint=_CONFIGURATION_HINT) from error


def _refusal(place: str, code: int, answer: bytes | str) -> DeliveryError:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    detail = f"{code} {one_line(words)[:120]}"
    if 500 <= code < 600:
        return UndeliverableError(f"邮件服务器 {place} 退回：{detail}。", hint="请核对邮箱地址")
    return TemporaryError(f"邮件服务器 {place} 暂不接收：{detail}。", hint="系统会自动重试")
