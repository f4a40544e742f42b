"""Static types of FEEL: what an expression will give, as far as its text and the types of its names tell.

``ANY`` means that nothing is known and nothing is said about it. A text may carry the closed set of the texts it
can be (the options of a choice, a literal); a context the types of its entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A type. ``kind`` is the FEEL name of it, or ``any``.

    ``item`` is the type of what is in a list or range, ``values`` all texts that a text can be (``None``: any),
    ``entries`` those of a context (``None``: unknown), ``closed`` says that the context has no others.
    """

    kind: str
    item: Type | None = None
    values: frozenset[str] | None = None
    entries: Mapping[str, Type] | None = None
    closed: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known of it; null, which everything may be, counts as unknown."""
        return self.kind not in ("any", "null")

    @property
    def words(self) -> str:
        """What people call it."""
        return _WORDS.get(self.kind, self.kind)

    def entry(self, name: str) -> Type | None:
        """Return the type of a context's entry; ``None`` if it certainly has none of this name."""
        if self.entries is None or (name not in self.entries and not self.closed):
            return ANY
        return self.entries.get(name)


ANY: Final = Type("any")
NULL: Final = Type("null")
TEXT: Final = Type("string")
NUMBER: Final = Type("number")
BOOLEAN: Final = Type("boolean")
DATE: Final = Type("date")
TIME: Final = Type("time")
DATE_TIME: Final = Type("date and time")
DAYS: Final = Type("days and time duration")
MONTHS: Final = Type("years and months duration")
CONTEXT: Final = Type("context")
FUNCTION: Final = Type("function")
LIST: Final = Type("list", ANY)

TEMPORAL: Final = frozenset({"date", "time", "date and time"})
"""Kinds that live as ISO text in JSON and are read as what they are by FEEL."""
MOMENTS: Final = frozenset({"date", "date and time"})
SPANS: Final = frozenset({"days and time duration", "years and months duration"})

_WORDS: Final = {
    "string": "文字",
    "number": "数字",
    "boolean": "是或否",
    "date": "日期",
    "time": "时间",
    "date and time": "日期和时间",
    "days and time duration": "时长",
    "years and months duration": "年月时长",
    "list": "列表",
    "range": "区间",
    "context": "一组值",
    "function": "函数",
    "null": "空",
    "any": "未知",
}


def choice(values: Iterable[str]) -> Type:
    """Return the type of a text that is one of ``values``."""
    return Type("string", values=frozenset(values))


def list_of(item: Type) -> Type:
    """Return the type of a list of such items."""
    return Type("list", item)


def context_of(entries: Mapping[str, Type], *, closed: bool = True) -> Type:
    """Return the type of a context with these entries, and no others if ``closed``."""
    return Type("context", entries=dict(entries), closed=closed)


def join(left: Type, right: Type) -> Type:
    """Return the type of a value that is of one type or the other; ``ANY`` where they have nothing in common."""
    if left == right or right.kind == "null":
        return left
    if left.kind == "null":
        return right
    if left.kind != right.kind:
        return DATE_TIME if {left.kind, right.kind} == MOMENTS else ANY
    if left.kind == "string":
        if left.values is None or right.values is None:
            return TEXT
        return choice(left.values | right.values)
    if left.kind in ("list", "range"):
        return Type(left.kind, join(left.item or ANY, right.item or ANY))
    return _joined_contexts(left, right) if left.kind == "context" else left


def _joined_contexts(left: Type, right: Type) -> Type:
    if left.entries is None or right.entries is None:
        return CONTEXT
    names = left.entries.keys() | right.entries.keys()
    entries = {name: join(left.entries.get(name, NULL), right.entries.get(name, NULL)) for name in names}
    return context_of(entries, closed=left.closed and right.closed)


def join_all(types: Iterable[Type]) -> Type:
    """Return the join of several types; ``NULL`` of none."""
    found = NULL
    for each in types:
        found = join(found, each)
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """How a registered function is called. ``parameters`` are (name, kind) in order, those beyond ``required`` may be
    left out; ``named`` may only be given by name. A kind is the name of a type, ``moment`` (a date, or date and
    time), ``span`` (either duration) or ``any``. Whoever adds a function declares this beside it.
    """

    parameters: tuple[tuple[str, str], ...]
    result: Type = ANY
    required: int = 0
    named: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    """How a call looks, for messages."""
    judges: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """By named argument: says of a text what is wrong with it as its value, empty if nothing."""
