"""What a browser sent, made safe for WTForms: known names only, rows numbered without gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from zuozhen.formjs.cleaning import storable
from zuozhen.formjs.components.containers import HARD_ROWS, Composite, DynamicList
from zuozhen.formjs.components.scope import Scope

REFRESH = "_refresh"
"""A submit button of this name only shows the page again, with conditions applied."""

CONCEALED = "_hidden"
"""The field in which a page with scripts names, divided by spaces, the inputs that it hides."""

TOLD = "_told"
"""The field in which a page names the inputs of which it has said that what stands in them will not be kept."""

_ROW = re.compile(r"([^-]+)-([0-9]{1,4})-([^-]+)")
_ADD = re.compile(r"_add:([^:]+)")
_REMOVE = re.compile(r"_remove:([^:]+):([0-9]{1,4})")
_MOST_VALUES = 1_001


@dataclass(frozen=True, slots=True)
class Submission:
    """``values`` for WTForms; ``structural``: a row button was pressed; ``overflow``: lists cut short.

    ``concealed`` are the inputs that the page hid, ``None`` where it had no scripts and hid none; ``told`` those
    of which the person knows already that they do not count.
    """

    values: MultiDict[str, str]
    structural: bool
    overflow: frozenset[str]
    concealed: frozenset[str] | None
    told: frozenset[str]


def read_submission(scope: Scope, formdata: MultiDict[str, str], row_limits: Mapping[str, int]) -> Submission:
    """Return what counts of ``formdata``; ``row_limits`` is the most rows each list may have."""
    lists = {field.key: field for field in scope.fields if isinstance(field, DynamicList)}
    names = _plain_names(scope)
    values: MultiDict[str, str] = MultiDict()
    rows: dict[str, dict[int, dict[str, list[str]]]] = {key: {} for key in lists}
    added: list[str] = []
    removed: set[tuple[str, int]] = set()
    structural = False
    marks: dict[str, frozenset[str]] = {}
    for name, sent in formdata.lists():
        texts = [storable(text) for text in sent[:_MOST_VALUES] if isinstance(text, str)]
        if name in names:
            values.setlist(name, texts)
        elif (row := _ROW.fullmatch(name)) and row[1] in lists:
            rows[row[1]].setdefault(int(row[2]), {})[row[3]] = texts
        elif (add := _ADD.fullmatch(name)) and add[1] in lists:
            structural = True
            added.append(add[1])
        elif (remove := _REMOVE.fullmatch(name)) and remove[1] in lists:
            structural = True
            removed.add((remove[1], int(remove[2])))
        elif name == REFRESH:
            structural = True
        elif name in (CONCEALED, TOLD):
            marks[name] = frozenset(" ".join(texts).split())
    overflow = set()
    for key, component in lists.items():
        changeable = component.changeable
        kept = [
            row for index, row in sorted(rows[key].items()) if not changeable or (key, index) not in removed
        ]
        if changeable and key in added:
            kept.append({})
        most = row_limits.get(key, HARD_ROWS)
        if len(kept) > most:
            overflow.add(key)
        _write_rows(values, component, kept[:most])
    return Submission(
        values, structural, frozenset(overflow), marks.get(CONCEALED), marks.get(TOLD, frozenset())
    )


def _plain_names(scope: Scope) -> frozenset[str]:
    names: set[str] = set()
    for field in scope.fields:
        if isinstance(field, DynamicList):
            continue
        if isinstance(field, Composite):
            names.update(f"{field.key}-{inner.key}" for inner in field.scope.fields)
        else:
            names.add(field.key)
    return frozenset(names)


def _write_rows(
    values: MultiDict[str, str], component: DynamicList, rows: list[dict[str, list[str]]]
) -> None:
    known = component.scope.keys
    for index, row in enumerate(rows):
        # The mark keeps a row alive that has only unticked boxes, or nothing at all yet.
        values.setlist(f"{component.key}-{index}-_row", ["1"])
        for key in known & row.keys():
            values.setlist(f"{component.key}-{index}-{key}", row[key])
