"""What becomes of text before anybody looks at it: no control characters, nothing a database refuses."""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT = 2_000
"""Characters of one line of text that are ever kept, whatever the form says."""

TEXT_LIMIT = 20_000
"""Characters of one long text that are ever kept, whatever the form says."""

# C0/C1 controls without tab and line feed, surrogates, bidirectional overrides and the byte order mark.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def storable(text: str) -> str:
    """Return ``text`` as typed, without what no database holds; cut at :data:`TEXT_LIMIT` + 1."""
    return _UNSTORABLE.sub("", text[: TEXT_LIMIT + 1])


def clean_text(text: str) -> str:
    """Return many lines of text: line feeds only, no control characters, no blanks around it."""
    unified = text[: TEXT_LIMIT + 1].replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", unified).strip()


def clean_line(text: str) -> str:
    """Return one line of text: every run of blanks (also the ideographic one) is one space."""
    spaced = _BLANKS.sub(" ", text[: LINE_LIMIT + 1])
    return _UNSAFE.sub("", spaced).strip()


def narrow(text: str) -> str:
    """Return codes and numbers in half width (``９１５３`` → ``9153``, ``－`` → ``-``), no blanks around."""
    return unicodedata.normalize("NFKC", clean_line(text)).strip()
