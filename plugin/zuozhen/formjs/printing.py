"""A filled-in form as a bordered table, laid out by the rows of the editor and by ``print.*`` properties.

Form: ``print.attachment`` (``附件2``; such a form prints all its rows, also those not applicable),
``print.title``, ``print.landscape``, ``print.note`` and ``print.note.1`` …, ``print.label_span``.
Component: ``print.skip``, ``print.label``, ``print.label_span`` (48ths of the width), ``print.height``
(points), ``print.vertical`` (label written downwards), ``print.heading`` (``false``:
no heading over a group), ``print.blank`` (text while unanswered),
``print.boxes`` (all choices with ticks), ``print.rows`` (least rows of a list), ``print.show`` (texts).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from zuozhen.formjs.components import Answerable, Component
from zuozhen.formjs.components.base import GRID
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.showing import Text
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.display import Options, display, scope_texts
from zuozhen.formjs.expressions import Surroundings
from zuozhen.model.printing import Cell, PrintForm
from zuozhen.model.step import Json

WIDTH = 48
"""Units of the table's width (model/printing.py)."""

_LABEL_SPAN = 12
_NUMBER_SPAN = 4
_MOST_LIST_ROWS = 30

Row = tuple[Cell, ...]


def print_form(
    form: FormDefinition,
    answers: Mapping[str, Json],
    options: Options | None = None,
    *,
    context: Mapping[str, Any] | None = None,
) -> PrintForm:
    """Return the form on paper; ``answers`` may be empty (a blank form to fill in by hand)."""
    options = options or {}
    around = Surroundings(
        {**(context or {}), **dict.fromkeys(form.field_keys), **answers}, types=form.scope.temporal
    )
    table = _Table(form.properties, around, answers, options)
    notes = sorted(name for name in form.properties if re.fullmatch(r"print\.note(\.[0-9]+)?", name))
    return PrintForm(
        key=form.key,
        title=form.properties.get("print.title") or form.title,
        attachment=form.properties.get("print.attachment", ""),
        landscape=form.properties.get("print.landscape") == "true",
        rows=tuple(table.rows(form.components)),
        notes=tuple(form.properties[name] for name in notes),
        raw=dict(answers),
        text=display(form, answers, options, context=context),
    )


class _Table:
    """Lays out one level of a form: the form itself, or the inside of a nested group."""

    def __init__(
        self,
        properties: Mapping[str, str],
        around: Surroundings,
        answers: Mapping[str, Json],
        options: Options,
    ) -> None:
        self.properties = properties
        self.around = around
        self.answers = answers
        self.options = options

    def rows(self, components: Sequence[Component]) -> Iterator[Row]:
        """Yield the printed rows of components in the order of the form."""
        numbered = [pair for pair in enumerate(components) if self._printed(pair[1])]
        for _, members in groupby(numbered, key=lambda pair: pair[1].row or f"#{pair[0]}"):
            row = [component for _, component in members]
            special = [
                part for part in row if not isinstance(part, Answerable) or isinstance(part, Composite)
            ]
            plain = [part for part in row if isinstance(part, Answerable) and part not in special]
            if plain:
                yield self._cells(plain)
            for component in special:
                yield from self._special(component)

    def _printed(self, component: Component) -> bool:
        if component.properties.get("print.skip") == "true":
            return False
        if isinstance(component, Text):
            return component.properties.get("print.show") == "true"
        if not component.container and not isinstance(component, Answerable):
            return False
        # What did not apply is left out, except from attachments: their form is prescribed.
        applies = not component.guards or (
            isinstance(component, Answerable) and component.key in self.answers
        )
        return applies or component.container or "print.attachment" in self.properties

    def _cells(self, row: Sequence[Answerable]) -> Row:
        cells: list[Cell] = []
        for component, width in zip(row, _shares(row), strict=True):
            asked = component.properties.get("print.label_span") or self.properties.get(
                "print.label_span", ""
            )
            wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else _LABEL_SPAN
            label_span = max(1, min(wanted, width // 2 if len(row) > 1 else width - 1))
            height = _points(component.properties.get("print.height", ""))
            cells.append(self._label(component, label_span, height))
            cells.append(self._value(component, width - label_span, height))
        return tuple(cells)

    def _label(self, component: Component, span: int, height: float) -> Cell:
        text = component.properties.get("print.label") or component.label.render(self.around)
        vertical = component.properties.get("print.vertical") == "true"
        return Cell("label", text, span, height, vertical=vertical)

    def _value(self, component: Answerable, span: int, height: float) -> Cell:
        value = self.answers.get(component.key)
        options = component.choices(self.around, self.options)
        text = component.display(value, options) or component.properties.get("print.blank", "")
        ticks: tuple[tuple[str, bool], ...] = ()
        if component.properties.get("print.boxes") == "true":
            chosen = value if isinstance(value, list) else [value]
            ticks = tuple((label, known in chosen) for known, label in options)
        return Cell("value", text, span, height, choices=ticks)

    def _special(self, component: Component) -> Iterator[Row]:
        if isinstance(component, DynamicList):
            yield from self._list(component)
        elif isinstance(component, Composite):
            answers = component.coerce(self.answers.get(component.key))
            inner = _Table(
                self.properties, self.around.within(answers, component.scope.temporal), answers, self.options
            )
            yield from self._headed(component, inner.rows(component.children))
        elif isinstance(component, Text):
            for block in component.blocks(self.around):
                lines = ("".join(run.text for run in line) for line in block.lines)
                yield (Cell("heading" if block.kind == "heading" else "note", "\n".join(lines), WIDTH),)
        else:
            yield from self._headed(component, self.rows(component.children))

    def _headed(self, component: Component, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield a heading over rows; nothing at all over no rows."""
        label = component.label.render(self.around)
        shown = bool(label) and component.properties.get("print.heading") != "false"
        for number, row in enumerate(rows):
            if number == 0 and shown:
                yield (Cell("heading", label, WIDTH),)
            yield row

    def _list(self, component: DynamicList) -> Iterator[Row]:
        fields = [field for field in component.scope.fields if self._printed(field) or field.guards]
        share, rest = divmod(WIDTH - _NUMBER_SPAN, len(fields))
        spans = [share + (1 if place < rest else 0) for place in range(len(fields))]
        yield (Cell("heading", component.label.render(self.around), WIDTH),)
        heads = [
            Cell("label", field.label.render(self.around), span)
            for field, span in zip(fields, spans, strict=True)
        ]
        yield (Cell("label", "序号", _NUMBER_SPAN), *heads)
        rows = component.coerce(self.answers.get(component.key))
        least = component.properties.get("print.rows", "1")
        blanks = min(int(least), _MOST_LIST_ROWS) if least.isascii() and least.isdigit() else 1
        rows += [{}] * max(0, blanks - len(rows))
        for number, row in enumerate(rows, start=1):
            texts = scope_texts(component.scope, row, self.options, self.around.variables)
            values = [
                Cell("value", texts[field.key], span) for field, span in zip(fields, spans, strict=True)
            ]
            yield (Cell("value", str(number) if row else "", _NUMBER_SPAN), *values)


def _shares(row: Sequence[Component]) -> list[int]:
    """Return the width of each component in 48ths; together they always fill the table."""
    taken = sum(component.columns or 0 for component in row)
    unset = sum(component.columns is None for component in row)
    share = max(1, (GRID - taken) // unset) if unset else 0
    weights = [component.columns or share for component in row]
    edges = [round(WIDTH * sum(weights[:place]) / sum(weights)) for place in range(len(row) + 1)]
    return [right - left for left, right in pairwise(edges)]


def _points(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9])?", text):
        return float(text)
    return 0
