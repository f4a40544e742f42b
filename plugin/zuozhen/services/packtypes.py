"""What everything that FEEL may read of a pack and its cases is: for the check before a deployment, and at run time
for reading dates, which live as text, as the dates they are (docs/decisions/0011)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from zuozhen.engine.lint import LintContext
from zuozhen.formjs import FormDefinition
from zuozhen.formjs.typing import field_types
from zuozhen.model.step import AMBIENT
from zuozhen.model.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    LIST,
    NUMBER,
    TEXT,
    Signature,
    Type,
    choice,
    context_of,
    list_of,
)
from zuozhen.packs import DataTable, Pack
from zuozhen.workdays import SIGNATURES

Types = Mapping[str, Type]
KNOWN_NAMES: Final = frozenset({"case_key"})
"""Variables that every case has from its start."""

CASE: Final = context_of(
    {
        **dict.fromkeys(
            (
                "number",
                "title",
                "enterprise",
                "channel",
                "stage",
                "outcome",
                "session",
                "session_label",
                "end",
            ),
            TEXT,
        ),
        "status": choice(("open", "ended")),
        "registered_at": TEXT,
        "ended_at": TEXT,
        **dict.fromkeys(("session_on", "registered_on", "ended_on"), DATE),
        **dict.fromkeys(("confidential", "late"), BOOLEAN),
        "open_units": LIST,
    }
)
TASKS: Final = list_of(
    context_of(
        {
            **dict.fromkeys(("element", "name", "group", "group_name"), TEXT),
            **dict.fromkeys(("entered", "closed"), DATE_TIME),
            "due": DATE,
            **dict.fromkeys(("late", "open"), BOOLEAN),
        }
    )
)
_FOUND_CASE: Final = (
    "number",
    "title",
    "enterprise",
    "stage",
    "status",
    "outcome",
    "session",
    "registered_on",
    "ended_on",
)
_CELLS: Final = {"date": DATE, "number": NUMBER}
_CASES: Final = dict.fromkeys(("process", "session", "status", "stage", "enterprise", "number"), "string")


@dataclass(frozen=True)
class PackTypes:
    """The types of one pack: made from its manifest and its forms."""

    pack: Pack
    forms: Mapping[str, FormDefinition]

    @cached_property
    def lists(self) -> Types:
        """The values of each list that a form may name by ``valuesKey``. Session keys may be more than a date."""
        return {
            **{name: choice(labels) for name, labels in self.pack.codes.items()},
            "units": choice(unit.id for unit in self.pack.units),
            "channels": choice(channel.id for channel in self.pack.channels),
            "clinics": TEXT if self._held else DATE,
            "sessions": TEXT,
            "bookings": TEXT,
        }

    @property
    def _held(self) -> bool:
        """Whether sessions are somebody's: then a key is a date with whose it is, and no date."""
        rules = {spec.name: spec.table for spec in self.pack.recurrences}
        wanted, seen = [self.pack.session_recurrence], set[str]()
        while wanted:
            name = wanted.pop()
            rule = rules.get(name, {})
            if rule.get("holder") or rule.get("holders"):
                return True
            if name not in seen:
                seen.add(name)
                wanted += rule.get("of", ())
        return False

    @cached_property
    def of_pack(self) -> Types:
        """What expressions may read of the pack itself (``casebook.pack_context``)."""
        entry = {"value": TEXT, "label": TEXT}
        return {
            "units": list_of(context_of({**entry, "office": TEXT})),
            "roles": list_of(context_of({**entry, "unit": TEXT})),
            "codes": context_of(dict.fromkeys(self.pack.codes, CONTEXT)),
            "tables": context_of({table.key: list_of(_row_type(table)) for table in self.pack.tables}),
            "parameters": context_of({key: _type_of(one.value) for key, one in self.pack.parameters.items()}),
            "names": CONTEXT,
            "today": DATE,
            "venue": TEXT,
        }

    @property
    def ambient(self) -> Types:
        """What the expressions of the diagram may read besides the variables of the case."""
        return {name: self.of_pack[name] for name in sorted(AMBIENT)}

    @cached_property
    def signatures(self) -> Mapping[str, Signature]:
        """The registered functions."""
        entries = {name: CASE.entries[name] for name in _FOUND_CASE} if CASE.entries else {}
        forms = {key: context_of(fields) for key, fields in self._first.items()}
        found = list_of(context_of({**entries, **forms}, closed=False))
        hint = 'cases(process: "case", status: "open")'
        return {**SIGNATURES, "cases": Signature((), found, named=_CASES, hint=hint)}

    @property
    def lint_context(self) -> LintContext:
        """What the types of a diagram's variables follow from."""
        return LintContext(
            forms=self.fields, signatures=self.signatures, known_names=KNOWN_NAMES, ambient=self.ambient
        )

    @cached_property
    def _first(self) -> Mapping[str, Types]:
        """The fields of each form, as far as they say themselves what they are."""
        return {
            key: {field.key: field.feel_type(self.lists) for field in form.scope.fields}
            for key, form in self.forms.items()
        }

    @cached_property
    def fields(self) -> Mapping[str, Types]:
        """The fields of each form; a computed one is what its expression gives."""
        return {
            key: field_types(form, self.lists, self.around_forms, self.signatures)
            for key, form in self.forms.items()
        }

    @cached_property
    def around_forms(self) -> Types:
        """What the rules of a form may read besides its own fields (``filling.form_context``)."""
        session = {"value": TEXT, "label": TEXT, "on": DATE, "bookable": BOOLEAN}
        return {
            **{key: context_of(fields) for key, fields in self._first.items()},
            **self.of_pack,
            "next_session": DATE,
            "sessions": list_of(context_of(session)),
            "session": context_of(
                {key: context_of(fields) for key, fields in self._first.items()}, closed=False
            ),
        }

    @cached_property
    def facts(self) -> Types:
        """What titles, registers, reports and letters may read (``services.facts``)."""
        forms = {key: context_of(fields) for key, fields in self.fields.items()}
        handed_in = {"_by": TEXT, "_at": ANY}
        return {
            **self.of_pack,
            "case": CASE,
            "tasks": TASKS,
            "variables": CONTEXT,
            "session": context_of(forms, closed=False),
            "text": context_of(
                {key: context_of(dict.fromkeys(fields, TEXT)) for key, fields in self.fields.items()}
            ),
            "all": context_of(
                {key: list_of(context_of({**fields, **handed_in})) for key, fields in self.fields.items()}
            ),
            **forms,
        }


def _row_type(table: DataTable) -> Type:
    """Return the type of a row; a cell of a plain column may be a text or a list of texts."""
    return context_of({column.key: _CELLS.get(column.type, ANY) for column in table.columns})


def _type_of(value: str | float | bool | date) -> Type:
    """Return the type of a parameter; a text is closed to what it is."""
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return choice((value,))
    return DATE if isinstance(value, date) else NUMBER
