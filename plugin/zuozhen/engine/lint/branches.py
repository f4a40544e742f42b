"""Decides whether the conditions of one gateway overlap or leave gaps.

The truth of ``name = literal``, ``name in (…)`` and comparisons with number literals changes only
at the literals. So it is enough to try each literal, a value between each two numbers, and values
that occur nowhere: the answer is exact, and FEEL itself gives it. Of a choice only its options are tried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise, product
from math import prod
from typing import Any, TypeAlias

from zuozhen.feel import Expression
from zuozhen.feel.expression import unwrap
from zuozhen.model.errors import FeelError
from zuozhen.model.types import ANY, Type

MAX_TRIALS = 2500
"""Evaluations spent on one gateway; larger ones are left undecided."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"\\]*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<range>\.\.)"""
    r"""|(?P<op>!=|<=|>=|=|<|>)|(?P<bracket>[()\[\],])|(?P<word>[^\W\d]\w*))"""
)
_KEYWORDS = frozenset({"and", "or", "in", "not"})
_CONSTANTS = frozenset({"true", "false", "null"})
_ORDERING = frozenset({"<", "<=", ">", ">="})
_LITERALS = frozenset({"string", "number", "constant"})
_ELSEWHERE = "其他值"

_Token: TypeAlias = tuple[str, str]
"""Kind (string, number, constant, name, keyword, op, bracket, range) and text."""

_NOTHING: _Token = ("", "")
_TRUTHS = frozenset({("constant", "true"), ("constant", "false")})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: pairs that can both hold, values for which none holds, conditions that never hold.

    Positions count the conditions from 0; values are written as FEEL, e.g. ``decision = "accept"``. ``silent`` are,
    by name, the options that no condition mentions and for which none holds, of choices with some that are mentioned.
    """

    overlaps: tuple[tuple[int, int, str], ...]
    gap: str
    never: tuple[int, ...]
    silent: Mapping[str, frozenset[str]] = field(default_factory=dict)


def decide(conditions: Sequence[Expression], types: Mapping[str, Type] | None = None) -> Verdict | None:
    """Compare the conditions of one gateway; ``None`` if their shape or number forbids an exact answer."""
    types = types or {}
    values: dict[str, set[_Token]] = {}
    for condition in conditions:
        tokens = _tokens(condition)
        if tokens is None or not _simple(tokens):
            return None
        _collect(tokens, values)
    samples = {name: _samples(found, types.get(name, ANY)) for name, found in values.items()}
    if not samples or prod(map(len, samples.values())) * len(conditions) > MAX_TRIALS:
        return None
    return replace(_try_all(conditions, samples), silent=_silent(conditions, values, types))


def _silent(
    conditions: Sequence[Expression], literals: Mapping[str, set[_Token]], types: Mapping[str, Type]
) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, tokens in literals.items():
        options = types.get(name, ANY).values
        mentioned = {text[1:-1] for kind, text in tokens if kind == "string"}
        if options and mentioned:
            silent = (
                option
                for option in options - mentioned
                if not any(_holds(each, {name: option}) for each in conditions)
            )
            found[name] = frozenset(silent)
    return found


def _try_all(conditions: Sequence[Expression], samples: Mapping[str, list[Any]]) -> Verdict:
    overlaps: dict[tuple[int, int], str] = {}
    ever: set[int] = set()
    gap = ""
    for values in product(*samples.values()):
        variables = dict(zip(samples, values, strict=True))
        holding = [position for position, each in enumerate(conditions) if _holds(each, variables)]
        ever.update(holding)
        for pair in pairwise(holding):
            overlaps.setdefault(pair, _described(variables))
        if not holding and not gap and None not in values:
            gap = _described(variables)
    never = tuple(position for position in range(len(conditions)) if position not in ever)
    return Verdict(tuple((*pair, example) for pair, example in overlaps.items()), gap, never)


def _holds(condition: Expression, variables: Mapping[str, Any]) -> bool:
    try:
        return condition.evaluate(variables) is True
    except FeelError:
        return False


def _tokens(condition: Expression) -> list[_Token] | None:
    """Cut a condition into (kind, text); ``None`` if it holds anything but names, literals, comparisons."""
    if condition.functions - {"not"}:
        return None
    begin, stop = unwrap(condition.text)
    text = condition.text[begin:stop].rstrip()
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        kind, token = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "word":
            kind = "constant" if token in _CONSTANTS else "keyword" if token in _KEYWORDS else "name"
        if kind == "name" and token not in condition.names:
            return None
        tokens.append((kind, token))
        position = match.end()
    return tokens


def _simple(tokens: Sequence[_Token]) -> bool:
    """Tell whether names are compared with literals only, and by order only with numbers."""
    for position, (kind, text) in enumerate(tokens):
        if kind == "op":
            before, after = _neighbours(tokens, position)
            test_in_list = before[1] in ("(", ",")
            one_literal = (before[0] == "name" or test_in_list) and after[0] in _LITERALS
            if not one_literal and not (before[0] in _LITERALS and after[0] == "name"):
                return False
            if text in _ORDERING and "number" not in (before[0], after[0]):
                return False
        elif text == "in" and not _lists_literals(tokens[position + 1 :]):
            return False
    return True


def _lists_literals(tokens: Sequence[_Token]) -> bool:
    """Tell whether what follows ``in`` is one flat list or interval without names."""
    if not tokens or tokens[0][0] != "bracket":
        return bool(tokens) and tokens[0][0] in _LITERALS
    interval = False
    for kind, text in tokens[1:]:
        interval = interval or kind == "range"
        if kind in ("name", "keyword") or (text in ("(", "[") and not interval):
            return False
        if kind == "bracket" and text != ",":
            return True
    return False


def _neighbours(tokens: Sequence[_Token], position: int) -> tuple[_Token, _Token]:
    before = tokens[position - 1] if position else _NOTHING
    return before, tokens[position + 1] if position + 1 < len(tokens) else _NOTHING


def _collect(tokens: Sequence[_Token], values: dict[str, set[_Token]]) -> None:
    """Add every literal to the name it is compared with, and both truths to names that stand alone."""
    name = ""
    for position, token in enumerate(tokens):
        before, after = _neighbours(tokens, position)
        if token[0] == "name":
            name = token[1]
            found = values.setdefault(name, set())
            if "op" not in (before[0], after[0]) and after[1] != "in":
                found |= _TRUTHS
        elif token[0] in _LITERALS:
            owner = tokens[position + 2][1] if after[0] == "op" else name
            if owner and token[1] != "null":
                values.setdefault(owner, set()).update(_TRUTHS if token[0] == "constant" else {token})


def _samples(literals: set[_Token], kind: Type) -> list[Any]:
    """Return one value of each class that the literals can tell apart, and null."""
    if kind.values is not None:
        return [*sorted(kind.values), None]
    if kind.kind == "boolean":
        return [True, False, None]
    if not literals:
        return [_ELSEWHERE, None]
    strings = sorted(text[1:-1] for kind, text in literals if kind == "string")
    numbers = sorted({Decimal(text) for kind, text in literals if kind == "number"})
    samples: list[Any] = [*strings, _fresh(strings)] if strings else []
    if numbers:
        samples += [numbers[0] - 1, *numbers, numbers[-1] + 1]
        samples += [(low + high) / 2 for low, high in pairwise(numbers)]
    samples += [text == "true" for kind, text in sorted(literals) if kind == "constant"]
    return [*samples, None]


def _fresh(strings: Sequence[str]) -> str:
    fresh = _ELSEWHERE
    while fresh in strings:
        fresh += "…"
    return fresh


def _described(variables: Mapping[str, Any]) -> str:
    return "、".join(f"{name} = {_literal(each)}" for name, each in variables.items())


def _literal(value: Any) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if value.startswith(_ELSEWHERE) else f'"{value}"'
