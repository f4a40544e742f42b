"""Regular expressions that cannot blow up: all possible matches advance together (Pike's machine).

The work is at most pattern size times text length, and every step of it is charged to the meter, so a
hostile pattern costs its budget and no more. Python's ``re`` backtracks and can take for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from zuozhen.feel.limits import Meter
from zuozhen.feel.regex_syntax import (
    Assertion,
    Character,
    CharacterTest,
    Choice,
    Group,
    RegexNode,
    RegexParser,
    Repeat,
    Sequence,
    is_word,
)
from zuozhen.model.errors import FeelError

_MAX_PROGRAM = 4000
_GROUP_REFERENCE = re.compile(r"\$(\$|[0-9]{1,2})")

Spans = tuple[int, ...]
"""Start and end of the whole match and of each group; -1 where a group took no part."""


class _Split:
    """Two ways to go on, the preferred one first."""

    __slots__ = ("first", "second")

    def __init__(self, first: int, second: int) -> None:
        self.first = first
        self.second = second


class _Save:
    """Remember the position as the start or end of a group."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot


class _Matched:
    """The end of the program."""

    __slots__ = ()


Instruction = CharacterTest | _Split | _Save | Assertion | _Matched


class Pattern:
    """A compiled pattern; use :func:`compile_pattern`."""

    def __init__(self, pattern: str, flags: str) -> None:
        parser = RegexParser(pattern, flags)
        node = parser.parse()
        self.pattern = pattern
        self.multiline = "m" in flags
        self.slots = 2 + 2 * parser.groups
        self.program: list[Instruction] = [_Save(0)]
        self._emit(node)
        self.program += [_Save(1), _Matched()]

    # ------------------------------------------------------------ compiling

    def _emit(self, node: RegexNode) -> None:
        if len(self.program) > _MAX_PROGRAM:
            raise FeelError(f"正则表达式“{self.pattern}”的重复次数太多", hint="请减小 {n,m} 中的数字")
        if isinstance(node, Character):
            self.program.append(node.test)
        elif isinstance(node, Assertion):
            self.program.append(node)
        elif isinstance(node, Sequence):
            for part in node.parts:
                self._emit(part)
        elif isinstance(node, Group):
            self._emit_group(node)
        elif isinstance(node, Choice):
            self._emit_choice(node)
        else:
            self._emit_repeat(node)

    def _emit_group(self, node: Group) -> None:
        if node.number is not None:
            self.program.append(_Save(2 * node.number))
        self._emit(node.body)
        if node.number is not None:
            self.program.append(_Save(2 * node.number + 1))

    def _emit_choice(self, node: Choice) -> None:
        exits: list[_Split] = []
        for alternative in node.alternatives[:-1]:
            fork = self._fork()
            self._emit(alternative)
            exits.append(self._fork())
            fork.second = len(self.program)
        self._emit(node.alternatives[-1])
        for leave in exits:
            leave.first = leave.second = len(self.program)

    def _emit_repeat(self, node: Repeat) -> None:
        for _ in range(node.low):
            self._emit(node.body)
        if node.high is None:
            start = len(self.program)
            fork = self._fork()
            self._emit(node.body)
            self.program.append(_Split(start, start))
            self._leave(fork, node)
            return
        forks = []
        for _ in range(node.high - node.low):
            forks.append(self._fork())
            self._emit(node.body)
        for fork in forks:
            self._leave(fork, node)

    def _fork(self) -> _Split:
        fork = _Split(len(self.program) + 1, len(self.program) + 1)
        self.program.append(fork)
        return fork

    def _leave(self, fork: _Split, node: Repeat) -> None:
        fork.second = len(self.program)
        if not node.greedy:
            fork.first, fork.second = fork.second, fork.first

    # ------------------------------------------------------------ matching

    def search(self, text: str, start: int = 0, meter: Meter | None = None) -> Spans | None:
        """Return the leftmost match at or after ``start``; the first alternative wins, as in Perl."""
        meter = meter or Meter()
        found: Spans | None = None
        threads: list[tuple[int, Spans]] = []
        for position in range(start, len(text) + 1):
            seen: set[int] = set()
            current: list[tuple[int, Spans]] = []
            for place, spans in threads:
                self._follow(current, seen, place, text, position, spans)
            if found is None:
                self._follow(current, seen, 0, text, position, (-1,) * self.slots)
            meter.charge(1 + len(seen))
            threads = []
            for place, spans in current:
                instruction = self.program[place]
                if isinstance(instruction, _Matched):
                    found = spans
                    break
                if position < len(text) and instruction(text[position]):  # type: ignore[operator]
                    threads.append((place + 1, spans))
            if found is not None and not threads:
                break
        return found

    def _follow(
        self,
        current: list[tuple[int, Spans]],
        seen: set[int],
        place: int,
        text: str,
        position: int,
        spans: Spans,
    ) -> None:
        """Add to ``current`` every instruction that takes a character and is reachable from ``place``."""
        pending = [(place, spans)]
        while pending:
            place, spans = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            instruction = self.program[place]
            if isinstance(instruction, _Split):
                pending.append((instruction.second, spans))
                pending.append((instruction.first, spans))
            elif isinstance(instruction, _Save):
                slot = instruction.slot
                pending.append((place + 1, (*spans[:slot], position, *spans[slot + 1 :])))
            elif isinstance(instruction, Assertion):
                if self._holds(instruction.kind, text, position):
                    pending.append((place + 1, spans))
            else:
                current.append((place, spans))

    def _holds(self, kind: str, text: str, position: int) -> bool:
        if kind == "^":
            return position == 0 or (self.multiline and text[position - 1] == "\n")
        if kind == "$":
            return position == len(text) or (self.multiline and text[position] == "\n")
        before = position > 0 and is_word(text[position - 1])
        after = position < len(text) and is_word(text[position])
        return (before != after) is (kind == "b")

    # ------------------------------------------------------------ uses

    def matches(self, text: str, meter: Meter) -> Iterator[Spans]:
        """Yield the matches from left to right; an empty match moves on by one character."""
        position = 0
        while position <= len(text):
            spans = self.search(text, position, meter)
            if spans is None:
                return
            yield spans
            position = spans[1] if spans[1] > spans[0] else spans[1] + 1

    def replace(self, text: str, replacement: str, meter: Meter) -> str:
        """Replace every match; ``$1`` is a group, ``$0`` the match, ``$$`` a dollar sign."""
        parts: list[str] = []
        position = length = 0
        for spans in self.matches(text, meter):
            parts += (text[position : spans[0]], self._fill(replacement, text, spans))
            position = spans[1]
            length += len(parts[-1])
            meter.charge_text(length)
        return "".join([*parts, text[position:]])

    def split(self, text: str, meter: Meter) -> list[str]:
        """Return the pieces between the matches; an empty match splits between two characters."""
        pieces: list[str] = []
        position = 0
        for spans in self.matches(text, meter):
            if spans[0] == spans[1] and spans[0] in (0, len(text)):
                continue
            pieces.append(text[position : spans[0]])
            position = spans[1]
        return [*pieces, text[position:]]

    def _fill(self, replacement: str, text: str, spans: Spans) -> str:
        def group(match: re.Match[str]) -> str:
            if match[1] == "$":
                return "$"
            slot = 2 * int(match[1])
            return match[0] if slot >= self.slots else text[max(spans[slot], 0) : max(spans[slot + 1], 0)]

        return _GROUP_REFERENCE.sub(group, replacement)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str = "") -> Pattern:
    """Compile a pattern (cached); what is not understood is a :class:`FeelError`."""
    return Pattern(pattern, flags)
