"""Identifiers: UUIDv7, so that rows written together lie together."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    high = (milliseconds << 16) | (7 << 12) | (random_bits >> 62)
    low = (2 << 62) | (random_bits & ((1 << 62) - 1))
    return UUID(int=(high << 64) | low)
