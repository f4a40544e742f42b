"""Tells whether an expression adds to the variable that it is written to."""

from __future__ import annotations

from zuozhen.feel import parse, read, syntax
from zuozhen.model.errors import FeelError


def accumulates(text: str, name: str) -> bool:
    """Tell whether the value of ``text`` is built on what ``name`` was before.

    A default (``if x = null then 1 else x``) is not: it depends on nothing else and leaves the value as it is.
    """
    try:
        tree = parse(text)
    except FeelError:
        return False
    names = read(tree).sure
    return name in names and (names != {name} or _built_on(tree))


def _built_on(node: syntax.Node) -> bool:
    """Tell whether an expression that reads one name only is more than the name, or a choice between it and constants."""
    match node:
        case syntax.If():
            return _built_on(node.consequence) or _built_on(node.alternative)
        case syntax.Name() | syntax.Constant():
            return False
        case _:
            return bool(read(node).sure)
