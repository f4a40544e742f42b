"""All tables of the store under one name. Foreign keys never leave a ``tenant``.

Hashes are lower-case hex text, except those of the event chain, which are raw bytes.
"""

from __future__ import annotations

from zuozhen.store.base import Base
from zuozhen.store.casetables import (
    CASE_ENDED,
    CASE_OPEN,
    MAX_ATTEMPTS,
    NO_HEAD,
    TOKEN_CANCELLED,
    TOKEN_COMPLETED,
    TOKEN_FIRED,
    TOKEN_OPEN,
    Case,
    Event,
    Incident,
    Job,
    MessageRow,
    MessageTaken,
    Release,
    Token,
)
from zuozhen.store.officetables import (
    Account,
    Announcement,
    ApiToken,
    Counter,
    Document,
    Draft,
    LoginLink,
    Notice,
)

__all__ = [
    "CASE_ENDED",
    "CASE_OPEN",
    "MAX_ATTEMPTS",
    "NO_HEAD",
    "TOKEN_CANCELLED",
    "TOKEN_COMPLETED",
    "TOKEN_FIRED",
    "TOKEN_OPEN",
    "Account",
    "Announcement",
    "ApiToken",
    "Base",
    "Case",
    "Counter",
    "Document",
    "Draft",
    "Event",
    "Incident",
    "Job",
    "LoginLink",
    "MessageRow",
    "MessageTaken",
    "Notice",
    "Release",
    "Token",
]
