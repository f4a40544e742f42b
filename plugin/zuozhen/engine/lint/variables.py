"""The types of a diagram's variables: of what forms, outputs, messages and multi-instance activities set.

Processes that call each other share their variables. Outputs that read outputs are worked out in rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from zuozhen.engine.ballots import DECIDED, OUTCOMES
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.data import families_of
from zuozhen.engine.lint.drawing import Drawing, Node, output_parameters
from zuozhen.engine.lint.expressions import (
    collected_name,
    collection_text,
    loop_item,
    loop_names,
    loop_of,
    outcome_name,
    result_name,
)
from zuozhen.engine.lint.lastvotes import within
from zuozhen.engine.lint.messages import message_of, payload_names, received_names, throwers
from zuozhen.feel.inference import infer
from zuozhen.model.errors import FeelError
from zuozhen.model.types import ANY, BOOLEAN, NULL, NUMBER, TEXT, Type, choice, join, list_of

ROUNDS: Final = 6
"""Outputs may read outputs this deep; what is not settled then counts as unknown."""

Types: TypeAlias = Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Setting:
    """One place that sets a variable: the node, the name, and the type where it needs no working out."""

    node: Node
    name: str
    type: Type | None = None
    text: str = ""
    """The expression that gives the value."""
    item: bool = False
    """Whether the value is an item of what the expression gives."""
    sources: tuple[str, ...] = ()
    """The processes from which a message brings the value."""


class Variables:
    """The types of the variables of every process of a drawing, and where they are set."""

    def __init__(self, drawing: Drawing, context: LintContext) -> None:
        self._context = context
        self._families = families_of(drawing)
        self.settings: dict[frozenset[str], list[Setting]] = {}
        for setting in _settings(drawing, context):
            self.settings.setdefault(self._family(setting.node.scope.process.id), []).append(setting)
        self._types = self._settled()

    def of(self, process_id: str) -> Types:
        """Return the types of the variables of a process, and of what every expression may read."""
        return self._types.get(self._family(process_id), self._context.ambient)

    def _family(self, process_id: str) -> frozenset[str]:
        return frozenset(self._families.get(process_id, {process_id}))

    def _settled(self) -> dict[frozenset[str], Types]:
        # From below: what is not worked out yet counts as nothing, so that "x or else what it was" finds x.
        found: dict[frozenset[str], Types] = {
            family: {**self._context.ambient, **{setting.name: NULL for setting in listed}}
            for family, listed in self.settings.items()
        }
        for _ in range(ROUNDS):
            before, found = (
                found,
                {family: self._round(listed, found) for family, listed in self.settings.items()},
            )
            if found == before:
                return found
        return found

    def _round(self, listed: list[Setting], known: Mapping[frozenset[str], Types]) -> Types:
        types: dict[str, Type] = {**self._context.ambient, **dict.fromkeys(self._context.known_names, TEXT)}
        fixed = set(types)
        for setting in listed:
            if setting.name not in fixed:
                types[setting.name] = join(types.get(setting.name, NULL), self._given(setting, known))
        return types

    def _given(self, setting: Setting, known: Mapping[frozenset[str], Types]) -> Type:
        if setting.type is not None:
            return setting.type
        if setting.sources:
            found = NULL
            for process_id in setting.sources:
                found = join(found, known.get(self._family(process_id), {}).get(setting.name, NULL))
            return found
        around = known.get(self._family(setting.node.scope.process.id), {})
        try:
            given = infer(setting.text, around, self._context.signatures).type
        except FeelError:
            return ANY
        if not setting.item:
            return given
        return (given.item or ANY) if given.kind == "list" else NUMBER if given.kind == "number" else ANY


def _settings(drawing: Drawing, context: LintContext) -> Iterator[Setting]:
    senders: dict[str, list[Node]] = {}
    carried: dict[str, set[str]] = {}
    for node in throwers(drawing):
        message = message_of(drawing, node)
        senders.setdefault(message, []).append(node)
        carried.setdefault(message, set()).update(payload_names(node))
    for node in drawing.nodes:
        for name, kind in context.forms.get(node.camunda("formRef"), {}).items():
            yield Setting(node, name, kind)
        for name, text in output_parameters(node.element):
            yield Setting(node, name, text=text)
        item = loop_item(node)
        yield from _of_loop(node, context)
        if item:
            yield Setting(node, item, text=collection_text(node), item=True)
        for name in sorted(received_names(drawing, node, carried)):
            processes = {
                sender.scope.process.id
                for sender in senders.get(message_of(drawing, node), ())
                if name in payload_names(sender)
            }
            yield Setting(node, name, sources=tuple(sorted(processes)))


def _of_loop(node: Node, context: LintContext) -> Iterator[Setting]:
    """Give what a multi-instance activity sets besides its item, and what its form or its inside does not set."""
    fields: dict[str, Type] = {}
    for each in (node, *within(node)) if loop_of(node) is not None else ():
        fields.update(context.forms.get(each.camunda("formRef"), {}))
        fields.update((name, ANY) for name, _ in output_parameters(each.element))
    for name in loop_names(node) - {"", loop_item(node)}:
        if name == outcome_name(node):
            yield Setting(node, name, choice(OUTCOMES))
        elif name == result_name(node):
            yield Setting(node, name, list_of(fields.get(collected_name(node), ANY)))
        elif name.startswith(("loopCounter", "nrOf")) or name == DECIDED:
            yield Setting(node, name, BOOLEAN if name == DECIDED else NUMBER)
        elif name not in fields:
            yield Setting(node, name, ANY)
