"""Regular expressions: pattern text to a tree. The common core of XPath and JavaScript patterns.

Understood: literals, ``.``, classes with ranges, negation and subtraction (``[a-z-[aeiou]]``),
``\\d \\w \\s`` and their negations, ``\\p{L}`` (Unicode categories), ``\\p{IsBasicLatin}`` and a few more
blocks, ``\\uXXXX``, groups, ``|``, ``* + ? {n} {n,} {n,m}`` greedy and lazy,
``^ $ \\b``. Refused with a message: back references, look-around, everything else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from zuozhen.model.errors import FeelError

MAX_PATTERN = 500
_MAX_GROUPS_DEEP = 20
_MAX_REPEAT = 500

CharacterTest: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Character:
    """One character that passes ``test``."""

    test: CharacterTest


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place: ``^``, ``$``, ``b`` (word edge) or ``B``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group; ``number`` is ``None`` if it captures nothing."""

    number: int | None
    body: RegexNode


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other."""

    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first alternative that leads to a match."""

    alternatives: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``body`` at least ``low`` and at most ``high`` times (``None``: without end)."""

    body: RegexNode
    low: int
    high: int | None
    greedy: bool


RegexNode: TypeAlias = "Character | Assertion | Group | Sequence | Choice | Repeat"


def is_word(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalnum())


_SHORTHANDS: dict[str, CharacterTest] = {
    "d": lambda character: "0" <= character <= "9",
    "w": is_word,
    "s": str.isspace,
}
_BLOCKS: dict[str, tuple[str, str]] = {
    "IsBasicLatin": ("\0", "\x7f"),
    "IsLatin-1Supplement": ("\x80", "\xff"),
    "IsCJKUnifiedIdeographs": ("\u4e00", "\u9fff"),
}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_UNSUPPORTED_HINT = "可用：. [] \\d \\w \\s \\p{L} | () * + ? {n,m} ^ $"


class RegexParser:
    """Parses one pattern; ``groups`` counts its capturing groups."""

    def __init__(self, pattern: str, flags: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise FeelError(f"正则表达式超过 {MAX_PATTERN} 个字符", hint="请拆成几个条件")
        if wrong := "".join(sorted(set(flags) - set("simx"))):
            raise FeelError(f"正则表达式不支持标志“{wrong}”", hint="可用的标志：i、s、m、x")
        self.pattern = _without_blanks(pattern) if "x" in flags else pattern
        self.ignore_case = "i" in flags
        self.dot_all = "s" in flags
        self.index = 0
        self.groups = 0
        self.depth = 0

    def parse(self) -> RegexNode:
        """Return the tree of the whole pattern."""
        node = self._choice()
        if self.index < len(self.pattern):
            raise self._error("多余的 )")
        return node

    # ------------------------------------------------------------ structure

    def _choice(self) -> RegexNode:
        self.depth += 1
        if self.depth > _MAX_GROUPS_DEEP:
            raise self._error("括号嵌套太深")
        alternatives = [self._sequence()]
        while self._take("|"):
            alternatives.append(self._sequence())
        self.depth -= 1
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def _sequence(self) -> RegexNode:
        parts: list[RegexNode] = []
        while self.index < len(self.pattern) and self._peek() not in "|)":
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, atom: RegexNode) -> RegexNode:
        character = self._peek()
        if not character or character not in "*+?{":
            return atom
        if isinstance(atom, Assertion):
            raise self._error("^、$ 和 \\b 不能重复")
        self.index += 1
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(character) or self._counts()
        greedy = not self._take("?")
        if self._peek() and self._peek() in "*+?{":
            raise self._error("重复符号不能连写")
        return Repeat(atom, low, high, greedy)

    def _counts(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self.index)
        low, comma, high = self.pattern[self.index : max(end, self.index)].partition(",")
        if not _digits(low) or not (_digits(high) or not high):
            raise self._error("重复次数要写成 {n}、{n,} 或 {n,m}")
        self.index = end + 1
        least = int(low)
        most = least if not comma else int(high) if high else None
        if max(least, most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise self._error(f"重复次数要从小到大，最多 {_MAX_REPEAT}")
        return least, most

    def _atom(self) -> RegexNode:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return Character(self._class())
        if character == ".":
            return Character((lambda _any: True) if self.dot_all else (lambda found: found not in "\n\r"))
        if character in "^$":
            return Assertion(character)
        if character == "\\":
            if self._peek() and self._peek() in "bB":
                return Assertion(self._next())
            test = self._escape()
            return self._character(test) if callable(test) else self._literal(test)
        if character in "*+?{":
            raise self._error(f"“{character}”前面没有可以重复的内容")
        return self._literal(character)

    def _group(self) -> RegexNode:
        number = None
        if self._take("?"):
            if not self._take(":"):
                raise self._error("不支持前后查找和命名分组", hint=_UNSUPPORTED_HINT)
        else:
            self.groups += 1
            number = self.groups
        body = self._choice()
        if not self._take(")"):
            raise self._error("括号没有成对")
        return Group(number, body)

    # ------------------------------------------------------------ characters

    def _literal(self, wanted: str) -> Character:
        return self._character(lambda found: found == wanted)

    def _character(self, test: CharacterTest) -> Character:
        return Character(self._any_case(test))

    def _any_case(self, test: CharacterTest) -> CharacterTest:
        if not self.ignore_case:
            return test
        return lambda found: test(found) or test(found.lower()) or test(found.upper())

    def _escape(self) -> CharacterTest | str:
        """Read what follows a backslash: a test for several characters, or one character."""
        character = self._next()
        if character.lower() in _SHORTHANDS:
            test = _SHORTHANDS[character.lower()]
            return test if character.islower() else (lambda found: not test(found))
        if character in "pP":
            return self._category(negated=character == "P")
        if character == "u":
            digits = self.pattern[self.index : self.index + 4]
            if len(digits) != 4 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
                raise self._error("\\u 后面要有四位十六进制数字")
            self.index += 4
            return chr(int(digits, 16))
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isalnum():
            raise self._error(f"不支持 \\{character}", hint=_UNSUPPORTED_HINT)
        return character

    def _category(self, *, negated: bool) -> CharacterTest:
        end = self.pattern.find("}", self.index)
        name = self.pattern[self.index + 1 : max(end, self.index)]
        if block := _BLOCKS.get(name) if self._peek() == "{" else None:
            self.index = end + 1
            within = _between(*block)
            return lambda found: within(found) is not negated
        if self._peek() != "{" or not name.isalpha() or not 1 <= len(name) <= 2:
            raise self._error("\\p 后面要写 Unicode 类别，例如 \\p{L}、\\p{Nd}")
        self.index = end + 1
        return lambda found: unicodedata.category(found).startswith(name) is not negated

    def _class(self) -> CharacterTest:
        self.depth += 1
        if self.depth > _MAX_GROUPS_DEEP:
            raise self._error("括号嵌套太深")
        negated = self._take("^")
        tests: list[CharacterTest] = []
        removed: CharacterTest = _nothing
        while not self._take("]"):
            if self.pattern.startswith("-[", self.index) and tests:
                self.index += 2
                removed = self._class()
                if not self._take("]"):
                    raise self._error("-[…] 要写在字符类的最后")
                break
            start = self._class_item()
            if callable(start):
                tests.append(start)
            elif self._peek() == "-" and self.pattern[self.index + 1 : self.index + 2] not in ("]", "[", ""):
                self.index += 1
                end = self._class_item()
                if callable(end) or end < start:
                    raise self._error("字符范围要从小到大，例如 [0-9]")
                tests.append(_between(start, end))
            else:
                tests.append(_between(start, start))
        self.depth -= 1
        listed = self._any_case(lambda found: any(test(found) for test in tests))
        return lambda found: listed(found) is not negated and not removed(found)

    def _class_item(self) -> CharacterTest | str:
        if self.index >= len(self.pattern):
            raise self._error("缺少 ]")
        character = self._next()
        return self._escape() if character == "\\" else character

    # ------------------------------------------------------------ text

    def _peek(self) -> str:
        return self.pattern[self.index : self.index + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise self._error("没有写完")
        self.index += 1
        return character

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self.index += 1
        return True

    def _error(self, what: str, *, hint: str = "") -> FeelError:
        return FeelError(f"正则表达式“{self.pattern}”第 {self.index + 1} 个字符处：{what}", hint=hint)


def _nothing(_found: str) -> bool:
    return False


def _without_blanks(pattern: str) -> str:
    """Drop the blanks that flag ``x`` allows for readability; those inside ``[…]`` stay."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if character in " \t\r\n" and not depth:
            continue
        kept.append(character)
        depth += 0 if escaped else (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
    return "".join(kept)


def _between(low: str, high: str) -> CharacterTest:
    return lambda found: low <= found <= high


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
