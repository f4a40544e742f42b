"""Patterns written by form authors, admitted only if no input can make them slow.

Python's and the browser's regular expressions backtrack: a repetition inside a repetition, or many
unlimited repetitions in a row, take time that explodes with the length of what a stranger typed.
"""

from __future__ import annotations

import re
import re._constants as tokens  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from typing import Any

_REPEATS = frozenset({tokens.MAX_REPEAT, tokens.MIN_REPEAT, tokens.POSSESSIVE_REPEAT})
_FORBIDDEN = frozenset({tokens.GROUPREF, tokens.GROUPREF_EXISTS})
_MANY = 12
"""A repetition with a larger spread (maximum - minimum) counts as unlimited."""

MATCHED_LENGTH = 500
"""Longer input never reaches a pattern."""


class UnsafePattern(ValueError):
    """The pattern cannot be read or could be slow; the message is Chinese."""


def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a form-js ``validate.pattern``; raise :class:`UnsafePattern`."""
    if len(text) > 300:
        raise UnsafePattern("格式规则过长，最多 300 个字符")
    try:
        parsed = parser.parse(text, re.ASCII)
        compiled = re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError, ValueError) as reason:
        raise UnsafePattern("格式规则不是正确的正则表达式") from reason
    if _unlimited(parsed, inside=False) > 2:
        raise UnsafePattern("格式规则中不限次数的重复（* 或 +）最多两处")
    return compiled


def _unlimited(sequence: Any, *, inside: bool) -> int:
    """Count unlimited repetitions; ``inside`` means already within one, where no choice may follow."""
    count = 0
    for token, argument in sequence:
        if token in _FORBIDDEN:
            raise UnsafePattern("格式规则不能引用前面的分组")
        if token in _REPEATS:
            low, high, body = argument
            varies = high - low > _MANY
            if inside and high != low:
                raise UnsafePattern("格式规则中重复之内不能再有重复，如 (a+)+")
            count += int(varies) + _unlimited(body, inside=inside or high - low > 1)
        elif token is tokens.BRANCH:
            if inside:
                raise UnsafePattern("格式规则中重复之内不能有“|”")
            count += sum(_unlimited(branch, inside=inside) for branch in argument[1])
        elif token in (tokens.SUBPATTERN, tokens.ASSERT, tokens.ASSERT_NOT, tokens.ATOMIC_GROUP):
            body = argument if token is tokens.ATOMIC_GROUP else argument[-1]
            count += _unlimited(body, inside=inside)
    return count
