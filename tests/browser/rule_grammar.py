"""Random rules over the fields of a form, random forms with such rules, and what people may type into them."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from tests.formjs.builders import component, form

from zuozhen.feel.inference import infer
from zuozhen.formjs import FormDefinition
from zuozhen.formjs.typing import field_types, rule_mistakes
from zuozhen.model.errors import FeelError
from zuozhen.model.types import BOOLEAN, DATE, NUMBER, context_of

GIVEN = {"given": {"days": 3, "on": date(2026, 1, 31), "open": True}}
"""What forms know besides their own answers."""
AROUND = {"given": context_of({"days": NUMBER, "on": DATE, "open": BOOLEAN})}
OPTIONS = [{"value": value, "label": value} for value in ("1", "3", "5", "accept", "refuse")]
TYPED: dict[str, tuple[str, ...]] = {
    "textfield": (
        "",
        "甲",
        "abc",
        "5",
        " 3 ",
        "甲\u3000乙",
        "2026-01-31",
        "10:00",
        "true",
        "\U0001d538",
        "\uffee",
    ),
    "textarea": ("", "甲\n乙", "abc"),
    "number": (
        "",
        "5",
        "3",
        "3.5",
        "0.1",
        "0.2",
        "0.3",
        "-2",
        "１２",
        "1,000",
        "abc",
        " 7 ",
        "0",
        ".5",
        "5.",
    ),
    "date": ("", "2026-01-30", "2026-01-31", "2026-02-01", "2024-02-29", "1850-01-01"),
    "time": ("", "07:00", "08:00", "10:00", "23:59"),
    "datetime": ("", "2026-01-31T07:00", "2026-01-31T23:30", "2026-02-01T00:00", "2026-01-30T08:00"),
    "choice": ("", "1", "3", "5", "accept", "refuse"),
}
FIELDS = {
    "title": "textfield", "remark": "textarea", "amount": "number", "limit": "number", "code": "number",
    "day": "date", "due": "date", "begins": "time", "meeting": "datetime", "arrived": "datetime",
    "stars": "choice", "decision": "choice", "flag": "boolean", "urgent": "boolean", "kinds": "several",
    "office": "several",
}  # fmt: skip
COMPUTED = {
    "total": "=amount + limit",
    "mixed": "=if flag then amount else title",  # of no certain type: the check lets every comparison with it pass
    "later": "=if urgent then day else meeting",
    "words": '=title + "!"',
    "maybe": "=if stars = null then null else stars",
    "ratio": "=amount / limit",
    "many": "=count(kinds)",
}


class Rules:
    """A generator of FEEL texts; each method gives an expression of one type, ``depth`` bounds its size."""

    def __init__(self, chance: random.Random, row: bool = False) -> None:
        self.chance = chance
        self.texts = ["title", "remark", "stars", "decision", "words", "maybe", "mixed"]
        self.numbers = ["amount", "limit", "total", "many", "ratio", "mixed", "given.days"]
        self.days = ["day", "due", "later", "given.on"]
        self.moments = ["meeting", "arrived", "later"]
        if row:
            self.texts += ["name", "name"]
            self.numbers += ["share", "share", "i"]
            self.days += ["born", "born"]

    def one(self, *ways: Any) -> str:
        return str(self.chance.choice(ways)())

    def pick(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def number(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick(*self.numbers, "0", "3", "3.5", "0.3", "-2", "5", "12", "null")

        if not depth:
            return leaf()

        def inner() -> str:
            return self.number(depth - 1)

        return self.one(
            leaf, leaf, leaf,
            lambda: f"({inner()} {self.pick('+', '-', '*', '/')} {inner()})",
            lambda: f"count({self.several(depth - 1)})",
            lambda: f"string length({self.text(depth - 1)})",
            lambda: f"{self.pick('max', 'min', 'sum')}({inner()}, {inner()})",
            lambda: f"(if {self.truth(depth - 1)} then {inner()} else {inner()})",
            lambda: f"abs({inner()})",
            lambda: f"number({self.text(depth - 1)})",
            lambda: f"{self.day(0)}.{self.pick('year', 'month', 'day', 'weekday')}",
            lambda: f"{self.moment(0)}.{self.pick('hour', 'minute', 'day')}",
            lambda: f"sum(who[{self.truth(0)}].share)",
            lambda: f"who[{self.pick('1', '-1', '2')}].share",
        )  # fmt: skip

    def text(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick(
                *self.texts, '"甲"', '"abc"', '"5"', '"accept"', '"3"', '""', "null", '"\U0001d538"'
            )

        if not depth:
            return leaf()
        return self.one(
            leaf, leaf, leaf,
            lambda: f"({self.text(depth - 1)} + {self.text(depth - 1)})",
            lambda: f"string({self.pick('amount', 'flag', 'day', 'title', 'total')})",
            lambda: f"substring({self.text(depth - 1)}, {self.pick('1', '2', '-1')})",
            lambda: f"trim({self.text(depth - 1)})",
        )  # fmt: skip

    def day(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick(*self.days, 'date("2026-01-31")', '@"2026-02-01"', "null")

        if not depth:
            return leaf()
        return self.one(
            leaf, leaf,
            lambda: f"date({self.moment(depth - 1)})",
            lambda: f"max({self.day(depth - 1)}, {self.day(depth - 1)})",
            lambda: 'date("2026-01-31T07:00:00+08:00")',
            lambda: 'date(date and time("2026-01-31T07:00:00+08:00"))',
        )  # fmt: skip

    def moment(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick(
                *self.moments,
                'date and time("2026-01-31T07:00:00")',
                'date and time("2026-01-30T23:00:00Z")',
                "null",
            )

        return self.one(leaf, leaf, leaf, lambda: f"date and time({self.day(0)})") if depth else leaf()

    def clock(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick("begins", 'time("08:00")', 'time("10:00:00+08:00")', "null")

        return self.one(leaf, leaf, lambda: f"time({self.moment(0)})") if depth else leaf()

    def several(self, depth: int) -> str:
        def leaf() -> str:
            return self.pick("kinds", "office", '["1", "accept"]', "[]", "who.name", "[stars, decision]")

        if not depth:
            return leaf()
        return self.one(
            leaf, leaf, leaf,
            lambda: f"who[{self.truth(depth - 1)}]",
            lambda: f"kinds[item = {self.text(0)}]",
        )  # fmt: skip

    def pair(self, depth: int) -> tuple[str, str]:
        kind = self.chance.choice(
            (self.number, self.number, self.text, self.text, self.day, self.moment, self.clock)
        )
        if self.chance.random() < 0.12:  # of different kinds: the check refuses most of them
            other = self.chance.choice(
                (self.number, self.text, self.day, self.moment, self.clock, self.several)
            )
            return kind(depth), other(depth)
        return kind(depth), kind(depth)

    def compare(self, depth: int) -> str:
        left, right = self.pair(depth)
        return f"{left} {self.pick('=', '!=', '<', '<=', '>', '>=', '=', '!=')} {right}"

    def inside(self, depth: int) -> str:
        kind = self.chance.choice((self.number, self.text, self.day, self.clock, self.moment))
        value, low, high, more = (kind(depth if n == 0 else 0) for n in range(4))
        limits = self.pick("[{}..{}]", "({}..{}]", "[{}..{})", "({}..{})").format(low, high)
        return self.pick(
            f"{value} in {limits}",
            f"{value} between {low} and {high}",
            f"{value} in ({low}, {high}, {more})",
            f"{value} in [{low}, {high}]",
            f"{value} in ({limits}, {more})",
            f"{value} in (>= {low})",
            f"{value} in (< {low}, > {high})",
        )

    def truth(self, depth: int) -> str:
        simple = (
            lambda: self.compare(depth),
            lambda: self.compare(depth),
            lambda: self.inside(depth),
            lambda: self.pick(
                "flag",
                "urgent",
                "flag = true",
                "urgent = false",
                "flag != urgent",
                "flag = null",
                "given.open",
            ),
            lambda: f"{self.pick(*FIELDS)} {self.pick('=', '!=')} null",
            lambda: f"{self.pick('contains', 'starts with', 'ends with')}({self.text(0)}, {self.text(0)})",
            lambda: f"list contains({self.several(0)}, {self.text(0)})",
            lambda: f"is blank({self.text(0)})",
            lambda: f"{self.pick('all', 'any')}(flag, {self.compare(0)})",
        )
        if not depth:
            return self.one(*simple)
        return self.one(
            *simple,
            lambda: f"({self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)})",
            lambda: f"({self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)})",
            lambda: f"not({self.truth(depth - 1)})",
            lambda: f"not({self.truth(depth - 1)})",
            lambda: f"if {self.truth(depth - 1)} then {self.truth(0)} else {self.truth(0)}",
            lambda: f"{self.pick('some', 'every')} w in who satisfies {self.pick('w.name', 'w.share')} {self.pick('=', '>')} {self.pick('title', 'amount', '3')}",
            lambda: f"{self.pick('some', 'every')} k in kinds satisfies k = {self.text(0)}",
        )  # fmt: skip


def base(chance: random.Random) -> list[dict[str, Any]]:
    """Return the fields that rules read, in random order."""
    found = [_field(key, kind) for key, kind in FIELDS.items()]
    found += [component("expression", key, expression=text) for key, text in COMPUTED.items()]
    chance.shuffle(found)
    return found


def _field(key: str, kind: str) -> dict[str, Any]:
    if key == "code":
        return component("number", key, serializeToString=True)
    if kind in ("date", "time", "datetime"):
        return component("datetime", key, subtype=kind)
    if kind == "choice":
        return component("select" if key == "stars" else "radio", key, values=OPTIONS)
    if kind == "several":
        return component("checklist" if key == "kinds" else "taglist", key, values=OPTIONS)
    return component("checkbox" if kind == "boolean" else kind, key)


def people(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list with fields of its own, of which rules decide too."""
    inner = [
        component("textfield", "name"),
        component("number", "share"),
        component("datetime", "born"),
        *rules,
    ]
    return component("dynamiclist", "who", components=inner, defaultRepetitions=2)


def random_form(chance: random.Random, rules: int) -> FormDefinition:
    """Return a form whose every rule the check accepts."""
    plain = form(*base(chance), people([]))
    types = {**AROUND, **field_types(plain, {}, AROUND, {})}
    row = {**types, **(types["who"].item.entries or {}), "i": NUMBER} if types["who"].item else {}

    def rule(inside: bool, unary: bool) -> str:
        while True:
            text = "=" + Rules(chance, inside).truth(chance.choice((0, 1, 1, 2)))
            if inside and "who" in text:
                continue  # a row cannot depend on the whole list
            names = row if inside else types
            try:
                found = infer(text, names, {}, unary=unary)
            except FeelError:
                continue
            if not found.mistakes and found.type.kind in ("boolean", "any"):
                return text

    def target(key: str, inside: bool) -> dict[str, Any]:
        hide = {"conditional": {"hide": rule(inside, True)}} if chance.random() < 0.7 else {}
        must = (
            {"properties": {"required.if": rule(inside, False)}} if not hide or chance.random() < 0.3 else {}
        )
        return component(chance.choice(("textfield", "number")), key, **hide, **must)

    targets = [target(f"x{number}", False) for number in range(rules)]
    inner = [target(f"y{number}", True) for number in range(2)]
    # Answers of the second chain are hidden by the first: rules must read them as absent.
    chained = component("textfield", "z", conditional={"hide": f"={targets[0]['key']} != null"})
    listed = people(inner)
    definition = form(*base(chance), listed, *targets, chained)
    wrong = list(rule_mistakes(definition, field_types(definition, {}, AROUND, {}), {}, AROUND, {}))
    assert not wrong, wrong
    return definition


def random_answers(chance: random.Random, definition: FormDefinition) -> list[tuple[str, str]]:
    """Return name and text of what somebody typed: what is not listed is blank or not ticked."""
    sent: list[tuple[str, str]] = []
    blank = chance.choice((0.1, 0.4, 0.8))
    for path, field in definition.fields.items():
        outer, _, key = path.rpartition(".")
        names = [f"{outer}-{row}-{key}" for row in range(2)] if outer else [key]
        for name in names:
            if field.control in ("computed", "list") or chance.random() < blank:
                continue
            sent.extend((name, text) for text in _typed(chance, field))
    sent.extend((f"who-{row}-_row", "1") for row in range(2))
    return sent


def _typed(chance: random.Random, field: Any) -> list[str]:
    if field.control == "checks":
        return sorted(chance.sample([each["value"] for each in OPTIONS], chance.randint(0, 3)), key=_position)
    if field.control == "checkbox":
        return ["true"] if chance.random() < 0.6 else []
    kind = "choice" if field.control in ("select", "radios") else getattr(field, "subtype", field.type)
    text = chance.choice(TYPED[kind])
    return [text] if text or field.control != "radios" else []


def _position(value: str) -> int:
    return [each["value"] for each in OPTIONS].index(value)
