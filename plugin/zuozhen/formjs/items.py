"""What the page draws: plain items in rows, with every text already computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from zuozhen.formjs.classes import GroupField, RowsField
from zuozhen.formjs.components.base import GRID, Answerable, Choice, Component, Control
from zuozhen.formjs.components.containers import DynamicList, NestedGroup
from zuozhen.formjs.components.showing import Computed, Text
from zuozhen.formjs.expressions import Surroundings
from zuozhen.formjs.markdown import Block
from zuozhen.formjs.settling import hidden, row_answers
from zuozhen.formjs.sheet import Sheet, answer_text


@dataclass(slots=True)
class Item:
    """One thing on the page. ``id`` is the HTML id of its input, ``width`` its share of 12 columns.

    ``hidden`` items are on the page because another answer can bring them up: the page marks them and
    their condition ``hide`` for the browser (:meth:`Sheet.told`, as ``required_if``); without JavaScript they
    stay visible and ``when`` says when they apply. ``answer`` is the value as JSON where it cannot be changed;
    ``follows`` says that its texts, options or being read-only depend on answers: only the server draws it anew. ``rows`` are the contents of a group, ``entries`` those of a list's rows.
    """

    control: Control
    width: int
    id: str = ""
    name: str = ""
    label: str = ""
    hint: str = ""
    when: str = ""
    hidden: bool = False
    hide: str = ""
    answer: str = ""
    follows: bool = False
    required: bool = False
    required_if: str = ""
    readonly: bool = False
    errors: tuple[str, ...] = ()
    value: str = ""
    display: str = ""
    chosen: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    texts: tuple[Block, ...] = ()
    rows: tuple[tuple[Item, ...], ...] = ()
    entries: tuple[tuple[tuple[Item, ...], ...], ...] = ()
    changeable: bool = False
    full: bool = False

    @property
    def described_by(self) -> str:
        """The ids of hint, condition and error texts, for ``aria-describedby``."""
        parts = (("hint", self.hint), ("when", self.when), ("error", self.errors))
        return " ".join(f"{self.id}-{name}" for name, present in parts if present)


def arrange(
    components: Sequence[Component], form: Any, around: Surroundings, sheet: Sheet
) -> tuple[tuple[Item, ...], ...]:
    """Return the items of a form, group or list row, in rows as laid out in the editor."""
    rows = []
    for _, members in groupby(enumerate(components), key=lambda pair: pair[1].row or f"#{pair[0]}"):
        row = [component for _, component in members]
        widths = _widths(row)
        items = [_item(component, form, around, sheet, widths[n]) for n, component in enumerate(row)]
        visible = tuple(item for item in items if item is not None)
        if visible:
            rows.append(visible)
    return tuple(rows)


def _widths(row: Sequence[Component]) -> list[int]:
    """Return the share of 12 page columns of each component; unset ones share what is left."""
    taken = sum(component.columns or 0 for component in row)
    unset = sum(component.columns is None for component in row)
    share = max(1, (GRID - taken) // unset) if unset else 0
    return [max(1, round((component.columns or share) * 12 / GRID)) for component in row]


def _item(component: Component, form: Any, around: Surroundings, sheet: Sheet, width: int) -> Item | None:
    """Return the item of one component, ``None`` if nothing on this page can make it visible."""
    concealed = hidden(component, around) and not disputed(component, form, sheet)
    if concealed and not any(guard.names & sheet.changeable for guard in component.guards):
        return None
    item = Item(component.control, width, label=component.label.render(around), hidden=concealed)
    item.hint = component.hint.render(around)
    item.hide = sheet.told([component.hide], around)
    item.follows = not component.children and sheet.follows(component.drawn_by())
    if isinstance(component, Answerable):
        _fill(item, component, form.field(component.key), around, sheet)
    elif isinstance(component, Text):
        item.texts = component.blocks(around)
    elif component.container:
        item.rows = arrange(component.children, form, around, sheet)
    return item


def disputed(component: Component, form: Any, sheet: Sheet) -> bool:
    """Tell whether page and server disagreed about an input of a component: then it has to be seen."""
    if not sheet.disputed:
        return False
    if isinstance(component, Answerable):
        name = form.field(component.key).name
        return any(each == name or each.startswith(f"{name}-") for each in sheet.disputed)
    return any(disputed(child, form, sheet) for child in component.children)


def _fill(item: Item, component: Answerable, bound: Any, around: Surroundings, sheet: Sheet) -> None:
    state = bound.state
    item.id = f"f-{bound.name}"
    item.name = bound.name
    item.label = item.label or component.key
    item.when = component.when if component.guards else ""
    item.required = state.required and not state.readonly
    item.required_if = sheet.told([component.required, component.required_if], around)
    item.readonly = state.readonly
    if isinstance(component, NestedGroup):
        _fill_group(item, component, bound, around, sheet)
    elif isinstance(component, DynamicList):
        _fill_list(item, component, bound, around, sheet)
    else:
        _fill_input(item, component, bound)


def _fill_input(item: Item, component: Answerable, bound: Any) -> None:
    value = bound.data
    if bound.state.readonly or isinstance(component, Computed):
        item.answer = answer_text(value)
    item.errors = tuple(bound.errors)
    item.value = component.shown(value) if component.control in ("checks", "checkbox") else bound.shown
    item.choices = bound.state.choices
    item.chosen = (
        frozenset(value) if isinstance(value, list) and component.control == "checks" else frozenset()
    )
    item.display = component.display(value, item.choices)
    item.attributes = component.attributes(bound.state)
    pattern_hint = component.properties.get("pattern.hint", "")
    if pattern_hint and pattern_hint not in item.hint:
        item.hint = f"{item.hint} {pattern_hint}".strip()
    if component.control == "file":
        # The browser forgets a file selection when the page is shown again: only stored files are kept.
        item.kept = tuple(str(file["name"]) for file in component.coerce(bound.object_data))
        if bound.raw_data is not None and len(value) > len(item.kept) and not item.errors:
            item.errors = ("页面重新显示后浏览器不保留已选的文件，请重新选择",)


def _fill_group(
    item: Item, component: NestedGroup, bound: GroupField, around: Surroundings, sheet: Sheet
) -> None:
    item.rows = arrange(
        component.children,
        bound.form,
        around.within(row_answers(bound.form), component.scope.temporal),
        sheet,
    )


def _fill_list(
    item: Item, component: DynamicList, bound: RowsField, around: Surroundings, sheet: Sheet
) -> None:
    item.errors = tuple(bound.messages)
    item.changeable = component.changeable and not bound.state.readonly
    item.full = len(bound.entries) >= component.max_rows
    entries = []
    within = sheet.inside(component.scope.keys)
    for number, entry in enumerate(bound.entries, start=1):
        inner = around.within({"i": number, **row_answers(entry.form)}, component.scope.temporal)
        entries.append(arrange(component.children, entry.form, inner, within))
    item.entries = tuple(entries)
