"""The syntax tree. ``position`` is where a node's text starts, counted in characters from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Base of all nodes."""

    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Node):
    """A number, string, boolean, null or ``@"…"`` date."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """A variable, or ``?``, the value a unary test looks at."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    """``target.name``"""

    target: Node
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    """``target[condition]``: an index (from 1, negative from the end) or a condition on each item."""

    target: Node
    condition: Node


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """``target(arguments)``; ``named`` holds the arguments given by name."""

    target: Node
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """``if condition then consequence else alternative``"""

    condition: Node
    consequence: Node
    alternative: Node


@dataclass(frozen=True, slots=True, eq=False)
class Iterator(Node):
    """``name in domain``, inside for, some and every."""

    name: str
    domain: Node


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """``for iterators return body``"""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Quantified(Node):
    """``some|every iterators satisfies body``"""

    quantifier: str
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Function(Node):
    """``function(parameters) body``; ``kinds`` are the types written behind the parameters' names."""

    parameters: tuple[str, ...]
    kinds: tuple[TypeName | None, ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Node):
    """``a and b and …`` or ``a or b or …``"""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Node):
    """``left operator right``"""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    """``value between low and high``, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, eq=False)
class Test(Node):
    """One unary test. Without an operator the operand is a value, a list, a range or a yes/no expression."""

    operator: str | None
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class In(Node):
    """``value in test`` or ``value in (test, …)``"""

    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests(Node):
    """A whole unary expression: any of the tests holds for ``?``; no tests (``-``) always hold."""

    tests: tuple[Test, ...]
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Node):
    """``first + b - c …``: operators of one precedence, taken from the left."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Negate(Node):
    """``-operand``"""

    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class TypeName(Node):
    """A type: ``number``, ``list<number>``, ``context<a: string>``, ``function<number> -> string``.

    ``parameters`` are what stands between ``<`` and ``>``, with a context's entry names (else ``""``).
    """

    name: str
    parameters: tuple[tuple[str, TypeName], ...] = ()
    result: TypeName | None = None


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf(Node):
    """``operand instance of kind``"""

    operand: Node
    kind: TypeName

    @property
    def type_name(self) -> str:
        """The outermost type's name."""
        return self.kind.name


@dataclass(frozen=True, slots=True, eq=False)
class Interval(Node):
    """``[low..high]``, ``(low..high]`` and so on."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class Limit(Node):
    """``(< operand)``: a range with one end."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class ListLiteral(Node):
    """``[a, b, …]``"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ContextLiteral(Node):
    """``{name: value, …}``; later entries see the earlier ones."""

    entries: tuple[tuple[str, Node], ...]
