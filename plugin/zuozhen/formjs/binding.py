"""One filling-in of a form: what was sent, what it means, what is wrong, what to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.formjs.classes import attribute, typed
from zuozhen.formjs.components.base import Answerable, Choice, within_quotes
from zuozhen.formjs.components.containers import DynamicList, NestedGroup
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.uploads import FilePicker, describe
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.expressions import Surroundings
from zuozhen.formjs.items import Item, arrange
from zuozhen.formjs.settling import Circumstances, demand, settle
from zuozhen.formjs.sheet import Sheet, kinds
from zuozhen.formjs.submissions import Submission, read_submission
from zuozhen.formjs.surprises import Surprise, surprises
from zuozhen.model.errors import Problem
from zuozhen.model.step import Functions, Json

MAXIMUM_TOTAL = 200_000
"""Characters of all answers of one form together."""

_MOST_FILES = 60
_LONGEST_NAME = 24
"""Characters of a label that name a field at the top of the page."""


def bind(
    form: FormDefinition,
    *,
    formdata: MultiDict[str, str] | None = None,
    files: MultiDict[str, FileStorage] | None = None,
    initial: Mapping[str, Json] | None = None,
    options: Mapping[str, Sequence[Choice]] | None = None,
    functions: Functions | None = None,
    readonly_keys: Sequence[str] = (),
    today: date | None = None,
    context: Mapping[str, Any] | None = None,
) -> BoundForm:
    """Fill in a form; never raises, whatever the browser sent.

    Args:
        formdata: what was sent; ``None`` shows the form for the first time.
        files: uploads by field key.
        initial: stored answers, a kept draft, and variables that conditions may read.
        context: more that expressions may read (units, earlier forms); never taken for an answer.
        options: ``(value, label)`` pairs by ``valuesKey``.
        functions: registered FEEL functions.
        readonly_keys: fields that show their stored value and accept nothing here.
        today: the local day, for "not before today"; without it nothing is refused as past.
    """
    return BoundForm(
        form, formdata, files, initial or {}, options or {}, functions, readonly_keys, today, context or {}
    )


class BoundForm:
    """A form with answers. ``structural``: a row button was pressed, so only show the page again."""

    def __init__(
        self,
        form: FormDefinition,
        formdata: MultiDict[str, str] | None,
        files: MultiDict[str, FileStorage] | None,
        initial: Mapping[str, Json],
        options: Mapping[str, Sequence[Choice]],
        functions: Functions | None,
        readonly_keys: Sequence[str],
        today: date | None,
        context: Mapping[str, Any],
    ) -> None:
        self.definition = form
        self._known = {**context, **initial}
        self._options = options
        self._functions = functions
        around = Surroundings(self._known, functions, form.scope.temporal)
        sent = (
            None
            if formdata is None
            else read_submission(form.scope, formdata, _row_limits(form.scope, initial))
        )
        self._sent = sent
        self.structural = sent is not None and sent.structural
        self.wtform: Any = form.wtform_class(
            formdata=None if sent is None else sent.values, data=_seed(form.scope, initial, around)
        )
        self._mark_overflow(sent)
        self.uploads = self._receive(files or MultiDict(), sent is not None)
        circumstances = Circumstances(around, options, frozenset(readonly_keys), today)
        self._answers = settle(self.wtform, form.scope, circumstances)
        self._changeable = frozenset(circumstances.changeable)
        self.uploads = {key: found for key, found in self.uploads.items() if self._accepts(key)}
        demand(self.wtform, form.scope, self._around)
        self._problems: tuple[Problem, ...] | None = None
        self._disputed: frozenset[str] = frozenset()
        self.told: frozenset[str] = frozenset()
        """The inputs of which the page says that what stands in them does not count."""

    @property
    def _around(self) -> Surroundings:
        variables = {**self._known, **dict.fromkeys(self.definition.field_keys), **self._answers}
        return Surroundings(variables, self._functions, self.definition.scope.temporal)

    def _mark_overflow(self, sent: Submission | None) -> None:
        for key in sent.overflow if sent else ():
            self.wtform.field(key).overflow = True

    def _receive(self, files: MultiDict[str, FileStorage], sent: bool) -> dict[str, list[FileStorage]]:
        """Put new files beside those kept from before."""
        received = {}
        for component in self.definition.scope.fields:
            if not isinstance(component, FilePicker) or not sent:
                continue
            bound = self.wtform.field(component.key)
            found = [file for file in files.getlist(component.key)[:_MOST_FILES] if file and file.filename]
            bound.data = component.coerce(bound.object_data) + [describe(file) for file in found]
            if found:
                received[component.key] = found
        return received

    def _accepts(self, key: str) -> bool:
        state = self.wtform.field(key).state
        return not state.hidden and not state.readonly

    @property
    def answers(self) -> dict[str, Json]:
        """The typed answers by field key, JSON values: valid ones once :meth:`validate` said yes.

        A blank answer is ``None`` (lists: empty, check boxes: false); hidden fields are left out.
        """
        return self._answers

    def validate(self) -> bool:
        """Check everything; ``problems`` tells what is wrong."""
        return not self.problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with what was typed, in the order of the form."""
        if self._problems is None:
            self.wtform.validate()
            found = (*_problems(self.wtform), *self._rule_problems(), *self._size_problems())
            self._problems = (*self._surprises(), *found)
            self._disputed |= self._unseen(found)
        return self._problems

    @property
    def checked(self) -> bool:
        """Tell whether the page should show what is wrong."""
        return self._problems is not None

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Field (HTML name, may be empty) and sentence of each problem, for the top of the page."""
        return tuple((problem.field, _sentence(problem)) for problem in self.problems)

    def _surprises(self) -> list[Problem]:
        """Say which answers would be lost or taken unseen; then nothing is accepted."""
        if self._sent is None:
            return []
        found = list(surprises(self.wtform, self.definition.scope, self._sent))
        for each in found:
            each.bound.errors = [*each.bound.errors, each.message]
        self._disputed = frozenset(each.bound.name for each in found)
        self.told = self._sent.told.union(each.bound.name for each in found if each.lost)
        return [Problem(_link(each), each.title, each.message) for each in found]

    def _unseen(self, problems: Sequence[Problem]) -> frozenset[str]:
        """Return the inputs with problems that the page hid: there they could not be mended."""
        concealed = (self._sent and self._sent.concealed) or ()
        fields = tuple(problem.field for problem in problems if problem.field)
        return frozenset(
            name
            for name in concealed
            if any(name == field or name.startswith(f"{field}-") for field in fields)
        )

    def _rule_problems(self) -> list[Problem]:
        found = []
        for rule in self.definition.rules:
            if rule.rule.value(self._around) is not False:
                continue
            label = self.definition.fields[rule.field].title if rule.field else ""
            if rule.field:
                bound = self.wtform.field(rule.field)
                bound.errors = [*bound.errors, rule.message]
            found.append(Problem(rule.field, label, rule.message))
        return found

    def _size_problems(self) -> list[Problem]:
        if _size(self._answers) <= MAXIMUM_TOTAL:
            return []
        return [Problem("", "", f"填写的内容合计超过 {MAXIMUM_TOTAL} 个字，请精简，较长的材料请作为附件上传")]

    def draft(self) -> dict[str, Json]:
        """Return what was typed, valid or not, to be kept and handed back as ``initial``; no files."""
        return typed(self.wtform)

    @cached_property
    def rows(self) -> tuple[tuple[Item, ...], ...]:
        """What to draw, row by row. Ask after :meth:`validate` if problems are to be shown."""
        sheet = Sheet(self._changeable, self.definition.field_keys, self._disputed)
        return arrange(self.definition.components, self.wtform, self._around, sheet)

    @cached_property
    def kinds(self) -> str:
        """How the page reads the answers, as JSON."""
        return kinds(self.definition.scope, self.definition.field_keys, self._around)


def _link(surprise: Surprise) -> str:
    """Return the name of the input to go to; one that nothing on the page can bring up is not there."""
    state = surprise.bound.state
    return "" if state.readonly or (state.hidden and state.fixed) else surprise.bound.name


def _seed(scope: Scope, initial: Mapping[str, Json], around: Surroundings) -> dict[str, Any]:
    """Return stored values, else defaults, under the attribute names of the form class."""
    return {attribute(field.key): _seed_field(field, initial, around) for field in scope.fields}


def _seed_field(component: Answerable, initial: Mapping[str, Json], around: Surroundings) -> Any:
    stored = initial.get(component.key)
    if isinstance(component, DynamicList):
        rows = component.coerce(stored)[: component.max_rows] if component.key in initial else []
        blanks = component.first_rows if not rows else 0
        return [_seed(component.scope, row, around) for row in [*rows, *({} for _ in range(blanks))]]
    if isinstance(component, NestedGroup):
        return _seed(component.scope, component.coerce(stored), around)
    if component.key in initial:
        return stored
    return component.default_rule.value(around) if component.default_rule else component.default


def _row_limits(scope: Scope, initial: Mapping[str, Json]) -> dict[str, int]:
    limits = {}
    for field in scope.fields:
        if isinstance(field, DynamicList):
            fixed = max(field.first_rows, len(field.coerce(initial.get(field.key))))
            limits[field.key] = field.max_rows if field.changeable else min(fixed, field.max_rows)
    return limits


def _problems(form: Any) -> list[Problem]:
    found: list[Problem] = []
    for bound in form:
        component = bound.component
        if bound.state.hidden or bound.state.readonly:
            continue
        if isinstance(component, DynamicList):
            filled = bound.filled()
            for number, entry in enumerate(bound.entries, start=1):
                if entry in filled:
                    found.extend(_within(f"{component.title}第 {number} 行", entry.form))
            found.extend(Problem(bound.name, component.title, message) for message in bound.messages)
        elif isinstance(component, NestedGroup):
            found.extend(_within(component.title, bound.form))
        else:
            found.extend(Problem(bound.name, component.title, message) for message in bound.errors)
    return found


def _sentence(problem: Problem) -> str:
    """Name the field unless the message already does."""
    label = problem.label
    if not label or label in problem.message or within_quotes(label) in problem.message:
        return problem.message
    short = label if len(label) <= _LONGEST_NAME else f"{label[:_LONGEST_NAME]}…"
    return f"{short}：{problem.message}"


def _within(place: str, form: Any) -> list[Problem]:
    found = []
    for problem in _problems(form):
        named = within_quotes(problem.label) in problem.message
        label = place if named else f"{place}“{within_quotes(problem.label)}”"
        found.append(Problem(problem.field, label, problem.message))
    return found


def _size(value: Json) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(item) for item in value.values())
    if isinstance(value, list):
        return sum(_size(item) for item in value)
    return 8
