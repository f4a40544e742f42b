"""The parser's place in the tokens: looking, taking, expecting, and the names that may have several words."""

from __future__ import annotations

import difflib

from zuozhen.feel.advice import about_token
from zuozhen.feel.limits import MAX_PARSE_DEPTH
from zuozhen.feel.tokens import Token, mistake
from zuozhen.model.errors import FeelError

_NEARLY = 0.7  # how alike a word and the keyword must be that belongs in its place
_SIGNS_IN_KEYS = frozenset("+-*/.")
_PROPERTY_WORDS = frozenset({"start included", "end included", "time offset"})


class Cursor:
    """Walks over the tokens of one expression; ``text`` is only for messages."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        self.token = tokens[0]

    # ------------------------------------------------------------ names

    def _named_ahead(self) -> bool:
        index = self.index
        while self.tokens[index].kind in ("name", "keyword"):
            index += 1
        return index > self.index and self.tokens[index].text == ":"

    def _words(self, stop: str) -> str:
        """Read the words of a parameter's name up to ``stop``, joined by single spaces."""
        words = []
        while self.token.kind in ("name", "keyword"):
            words.append(self._advance().value)
        if not words or not self._at(stop):
            raise self._mistake(f"这里应当是名字和“{stop}”")
        return " ".join(words)

    def _key(self) -> str:
        """Read a context's key: a text, or words that may hold signs such as ``+`` and ``-``."""
        if self.token.kind == "string":
            return self._advance().value
        first = self.token
        if first.kind == "name" and self.tokens[self.index + 1].text == ":":
            return self._advance().value
        while self.token.kind in ("name", "keyword", "number") or self.token.text in _SIGNS_IN_KEYS:
            last = self._advance()
        if first.kind not in ("name", "keyword") or not self._at(":"):
            raise self._mistake("这里应当是名字和“:”")
        return " ".join(self.text[first.start : last.end].split())

    def _property(self) -> str:
        if self.token.kind not in ("name", "keyword"):
            raise self._mistake("“.”后面应当是名字")
        first = self._advance()
        pair = f"{first.value} {self.token.value}"
        if pair in _PROPERTY_WORDS:
            self._advance()
            return pair
        return first.value

    def _name(self, what: str) -> Token:
        if self.token.kind != "name":
            raise self._mistake(f"这里应当是{what}")
        return self._advance()

    # ------------------------------------------------------------ tokens

    def _at(self, text: str) -> bool:
        return self.token.text == text and self.token.kind in ("operator", "keyword")

    def _take(self, text: str) -> bool:
        if self._at(text):
            self._advance()
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            misspelt = difflib.SequenceMatcher(None, self.token.text, text).ratio() > _NEARLY
            hint = f"请写 {text}" if text.isalpha() and misspelt else ""
            raise self._mistake(f"这里应当是“{text}”", hint=hint)

    def _advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def _finish(self) -> None:
        if self.token.kind != "end":
            raise self._mistake("多余的内容")

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_PARSE_DEPTH:
            raise self._mistake("括号或条件嵌套太深")

    def _mistake(self, what: str, *, hint: str = "") -> FeelError:
        return self._mistake_at(self.index, what, hint=hint)

    def _mistake_at(self, index: int, what: str, *, hint: str = "") -> FeelError:
        hint = hint or about_token(self.text, self.tokens, index)
        return mistake(self.text, self.tokens[index].start, what, hint=hint)
