"""Letters as signed JSON to a web address: the way to SMS gateways and government message platforms."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from zuozhen.connectors.letter import DeliveryError, Letter, TemporaryError, UndeliverableError, one_line
from zuozhen.model.clock import Clock, system_clock

SIGNATURE_HEADER: Final = "X-Zuozhen-Signature"
"""``sha256=`` and the hexadecimal HMAC-SHA256 of the request body under the secret."""

_REFUSED_FOR_GOOD = frozenset({400, 410, 413, 422})
_MAX_ANSWER = 65_536
_HINT = "请检查短信或消息接口的地址、密钥和网络"


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would turn the POST into a GET and carry the letter to another place."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Follow nothing."""


class WebhookConnector:
    """Posts ``{recipient_name, address, channel, subject, body, idempotency_key, sent_at}``.

    The receiver must check the signature, drop a repeated ``idempotency_key`` and may refuse an old
    ``sent_at`` (ISO 8601, UTC). ``timeout`` is in seconds; ``proxies`` maps scheme to proxy address,
    and the process environment is not asked.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        timeout: float = 20,
        proxies: Mapping[str, str] | None = None,
        clock: Clock = system_clock,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
            raise ValueError(f"webhook address must be http or https: {url!r}")
        if not secret:
            raise ValueError("webhook needs a secret to sign with")
        self.url = url
        self.place = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        self.timeout = timeout
        self.clock = clock
        self._secret = secret.encode()
        self._opener: OpenerDirector = build_opener(_NoRedirect, ProxyHandler(dict(proxies or {})))

    def send(self, letter: Letter) -> str:
        """Post the letter; the receipt holds the beginning of the answer."""
        if not letter.address.strip():
            raise UndeliverableError("没有接收地址。", hint="请补充联系方式后重新发送")
        try:
            with self._opener.open(self._request(letter), timeout=self.timeout) as answer:
                words = answer.read(_MAX_ANSWER).decode("utf-8", "replace")
                return f"接口 {self.place} 已接收（{answer.status}）{one_line(words)[:200]}".rstrip()
        except HTTPError as error:
            raise self._refusal(error) from error
        except (OSError, http.client.HTTPException) as error:
            detail = one_line(str(error))[:120]
            raise TemporaryError(f"连不上接口 {self.place}：{detail}。", hint=_HINT) from error

    def _request(self, letter: Letter) -> Request:
        content = {**asdict(letter), "sent_at": self.clock().isoformat()}
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": quote(letter.idempotency_key, safe="", errors="replace"),
            SIGNATURE_HEADER: f"sha256={signature(self._secret, body)}",
        }
        # The scheme was checked above: http or https, never a file.
        return Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310

    def _refusal(self, error: HTTPError) -> DeliveryError:
        with error:
            words = error.read(_MAX_ANSWER).decode("utf-8", "replace")
        detail = f"{error.code} {one_line(words)[:120]}".rstrip()
        if error.code in _REFUSED_FOR_GOOD:
            return UndeliverableError(f"接口 {self.place} 拒收：{detail}。", hint="请核对接收号码和内容")
        return TemporaryError(f"接口 {self.place} 暂不接收：{detail}。", hint=_HINT)


def signature(secret: bytes, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 of ``body``."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
