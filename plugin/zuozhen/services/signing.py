"""Secrets shown to people: query codes and one-time links. Only keyed hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from zuozhen.model.errors import Gone, NotFound

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: people read codes aloud on the phone."""
CODE_LENGTH = 8
LINK_SECONDS = 60 * 24 * 3600


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The one open token of one case that a link opens."""

    tenant: int
    case_id: UUID
    token: str


class Signer:
    """Makes and checks codes and links with the installation's secret."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise ValueError("the installation secret needs at least 32 characters")
        self._key = secret.encode()
        self._links = URLSafeTimedSerializer(secret, salt="zuozhen.link")

    def new_code(self) -> str:
        """Return a fresh query code (about 39 bits; look-ups are rate limited)."""
        return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))

    def digest(self, code: str) -> str:
        """Return the keyed hash under which a code or token is stored; typing is forgiven (case, spaces)."""
        normal = code.strip().upper().replace(" ", "").replace("-", "")
        return hmac.new(self._key, normal.encode(), hashlib.sha256).hexdigest()

    def digest_exact(self, secret: str) -> str:
        """Return the keyed hash of a machine-made secret (login link, API token): every character counts."""
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()

    def same(self, code: str, digest: str) -> bool:
        return hmac.compare_digest(self.digest(code), digest)

    def link(self, target: LinkTarget) -> str:
        """Return the URL-safe text of a link to one task; it ends when the task is done."""
        return self._links.dumps([target.tenant, target.case_id.hex, target.token])

    def open_link(self, text: str, max_age: int = LINK_SECONDS) -> LinkTarget:
        """Read a link.

        Raises:
            Gone: the link is too old.
            NotFound: it was not made here or was changed on the way.
        """
        try:
            tenant, case_hex, token = self._links.loads(text, max_age=max_age)
            return LinkTarget(int(tenant), UUID(hex=case_hex), str(token))
        except SignatureExpired as error:
            raise Gone("这个链接已过有效期。", hint="请用回执编号和查询码在首页查询后办理。") from error
        except (BadSignature, ValueError, TypeError) as error:
            raise NotFound(
                "链接不完整或已被改动，无法打开。",
                hint="请从短信或邮件中完整复制链接，或用回执编号和查询码查询。",
            ) from error
