"""WTForms classes generated from form-js definitions.

Field data are JSON values throughout: what is read from the browser, kept in the store and handed to
FEEL is one and the same. Attributes are named ``f_<key>``, so that a key such as ``data`` or
``errors`` cannot overwrite a part of WTForms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field, FieldList, Form, FormField
from wtforms import widgets as html
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from zuozhen.formjs.cleaning import storable
from zuozhen.formjs.components.base import Answerable, Control, State
from zuozhen.formjs.components.containers import HARD_ROWS, DynamicList, NestedGroup
from zuozhen.formjs.components.scope import Scope
from zuozhen.model.step import Json

SELECTED = Markup(" selected")


class OptionsWidget:
    """Draws a field with options where a template asks for the bare WTForms field."""

    def __call__(self, field: AnswerField, **attributes: Any) -> Markup:
        """Return a select box."""
        several = {"multiple": True} if field.component.control == "checks" else {}
        named = html.html_params(id=field.id, name=field.name, **several, **attributes)
        chosen = field.data if isinstance(field.data, list) else [field.data]
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                value, SELECTED if value in chosen else "", label
            )
            for value, label in field.state.choices
        )
        return Markup("<select {}>{}</select>").format(Markup(named), options)  # noqa: S704 - escaped by WTForms


_WIDGETS: dict[Control, Any] = {
    "textarea": html.TextArea(),
    "select": OptionsWidget(),
    "radios": OptionsWidget(),
    "checks": OptionsWidget(),
    "checkbox": html.CheckboxInput(),
    "file": html.FileInput(),
}
_PLAIN_INPUT = html.TextInput()


def attribute(key: str) -> str:
    """Return the attribute under which a form class holds the field ``key``."""
    return f"f_{key}"


class AnswerForm(Form):
    """Base of all generated classes: Chinese messages, no CSRF field of its own (the page has one)."""

    class Meta:
        csrf = False
        locales = ("zh",)

    def field(self, key: str) -> Any:
        """Return the bound field of a component."""
        return self._fields[attribute(key)]


class AnswerField(Field):
    """One answer. ``shown`` is the text of its input, exactly as typed while it is invalid."""

    component: Answerable

    def __init__(self, component: Answerable, **kwargs: Any) -> None:
        self.component = component
        super().__init__(
            label=component.title, widget=_WIDGETS.get(component.control, _PLAIN_INPUT), **kwargs
        )
        self.state = State()
        self.shown = ""
        self.id = f"f-{self.name}"
        self.label.field_id = self.id

    def process_data(self, value: Json) -> None:
        """Take a stored value (or a kept draft, which may be invalid)."""
        self.data = self.component.coerce(value)
        self.shown = storable(self.component.shown(value))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; a missing input counts as empty."""
        self.shown = valuelist[0] if valuelist else ""
        self.data = None
        self.data = self.component.parse(valuelist)

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Check the answer as the present state of the form demands; every message is collected."""
        if self.state.hidden or self.state.readonly:
            self.errors = []
        elif not self.errors:
            if not self.component.blank(self.data):
                self.errors = list(self.component.check(self.data, self.state))
            elif self.state.required:
                self.errors = [self.component.missing()]
        raise StopValidation

    def restore(self) -> None:
        """Forget what was typed: the stored value stays."""
        self.process(None, self.object_data)

    def typed(self) -> Json:
        """Return what a draft keeps: the typed text, or the ticks."""
        if self.component.control in ("checks", "checkbox"):
            return self.data
        return self.shown

    def _value(self) -> str:
        return self.shown


class GroupField(FormField):  # type: ignore[type-arg]  # generic in the stubs only
    """A nested group; hidden as a whole or not."""

    def __init__(self, component: NestedGroup, form_class: type[Form], **kwargs: Any) -> None:
        self.component = component
        super().__init__(form_class, label=component.title, **kwargs)
        self.state = State()

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:  # noqa: ARG002
        """Check the fields within, unless nobody can change them."""
        return self.state.hidden or self.state.readonly or bool(self.form.validate())

    def restore(self) -> None:
        """Forget what was typed in the group."""
        self.process(None, self.object_data)

    def typed(self) -> Json:
        """Return what a draft keeps."""
        return typed(self.form)


class RowsField(FieldList):  # type: ignore[type-arg]  # generic in the stubs only
    """The rows of a dynamic list; ``messages`` are about the list, ``errors`` also about its rows."""

    def __init__(self, component: DynamicList, row_class: type[Form], **kwargs: Any) -> None:
        self.component = component
        super().__init__(FormField(row_class), label=component.title, max_entries=HARD_ROWS, **kwargs)
        self.state = State()
        self.id = f"f-{self.name}"
        self.messages: list[str] = []
        self.overflow = False

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        # The stock method takes "list_1" for row 1 of "list" and fails on digits such as "²".
        row = re.compile(re.escape(prefix) + r"-([0-9]{1,4})-")
        for name in formdata:
            if match := row.match(name):
                yield int(match[1])

    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:  # noqa: ARG002
        """Check every row that is not blank, and the number of rows."""
        self.errors = []
        self.messages = []
        if self.state.hidden or self.state.readonly:
            return True
        filled = self.filled()
        valid = [entry.form.validate() for entry in filled]
        if self.overflow:
            self.messages.append(f"“{self.component.title}”最多 {self.component.max_rows} 行，多出的没有保留")
        if self.state.required and not filled:
            self.messages.append(f"请至少填写一行“{self.component.title}”")
        self.errors = [entry.form.errors for entry in filled if entry.form.errors] + list(self.messages)
        return all(valid) and not self.messages

    def filled(self) -> list[Any]:
        """Return the rows in which anything was typed."""
        return [entry for entry in self.entries if not blank(entry.form)]

    def restore(self) -> None:
        """Forget what was typed in the list."""
        self.process(None, self.object_data)

    def typed(self) -> Json:
        """Return what a draft keeps, blank rows included."""
        return [typed(entry.form) for entry in self.entries]


def blank(form: Any) -> bool:
    """Tell whether nothing was typed into a row."""
    return all(
        field.component.control == "computed"
        or (field.component.blank(field.data) and not field.shown.strip())
        for field in form
    )


def typed(form: Any) -> dict[str, Json]:
    """Return what a draft keeps of every field that a person can type into."""
    return {
        field.component.key: field.typed()
        for field in form
        if field.component.control not in ("computed", "file")
    }


def generate_class(name: str, scope: Scope) -> type[Form]:
    """Return the WTForms class with one field for each component of the scope."""
    fields = {attribute(component.key): _unbound(component) for component in scope.fields}
    return type(f"Form_{name}", (AnswerForm,), fields)


def _unbound(component: Answerable) -> Any:
    if isinstance(component, DynamicList):
        row_class = generate_class(component.key, component.scope)
        return RowsField(component, row_class, name=component.key)
    if isinstance(component, NestedGroup):
        return GroupField(component, generate_class(component.key, component.scope), name=component.key)
    return AnswerField(component, name=component.key)
