"""What the new version reads and the state of a case does not hold: filled from what was handed in, else asked for.

The old diagram did not read it, so the answer never went into the state. Names that a later form or output will set are
nobody's concern here; what a form handed in already would have to hold, or an output passed already, is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen import engine
from zuozhen.engine.diagram import Element
from zuozhen.feel import to_json
from zuozhen.formjs.components import Answerable
from zuozhen.formjs.components.base import Choice, State
from zuozhen.formjs.components.choices import OneOption
from zuozhen.formjs.expressions import Surroundings
from zuozhen.model.errors import FeelError, NotFound
from zuozhen.model.migration import Order
from zuozhen.model.step import Environment
from zuozhen.services.casebook import lists_of
from zuozhen.services.migrating.running import Running
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case, Event

BY_HAND: Final = "迁移时填写"
_OUTCOMES: Final = (("yes", "通过"), ("no", "不通过"))
"""What a vote can have come out as (``engine.ballots``)."""
LONGEST: Final = 40
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable that could not be filled: its name, and what people call it."""

    name: str
    label: str
    field: Answerable | None = None
    """The field of the new version that would hold it, if it is a field."""
    options: tuple[Choice, ...] = ()
    """What it can be, if it is no field."""
    problem: str = ""
    """What is wrong with the value that somebody gave for it."""

    def choices(self, release: Release) -> tuple[Choice, ...]:
        """Return what can be chosen for it; nothing: it is typed."""
        if not isinstance(self.field, OneOption):
            return self.options
        return self.field.choices(Surroundings({}), lists_of(release))

    def read(self, text: Any, release: Release) -> Any:
        """Return a typed text as the answer it stands for.

        Raises:
            ValueError: the field does not take it; the message says what to write.
        """
        if isinstance(text, str) and self.options and text not in dict(self.options):
            raise ValueError(f"应是 {'、'.join(dict(self.options))} 之一")
        if self.field is None or not isinstance(text, str):
            return text
        value = self.field.parse([text])
        for problem in self.field.check(value, State(choices=self.choices(release))):
            raise ValueError(problem)
        return value

    def given(self, value: Any) -> str:
        """Return where a value comes from that was given in the migration; one of a masked field is not told."""
        return BY_HAND if self.field is not None and self.field.mask else f"{BY_HAND}：{_shown(value)}"


class Computed(NamedTuple):
    """What an output parameter comes to."""

    value: Any


@dataclass(frozen=True, slots=True)
class Carried:
    """Variables a case takes along to the new version: values, where each comes from (in words), what is missing."""

    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    answered: tuple[Missing, ...] = ()
    """What nobody could have filled, and the order gives a value for."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is filled and from where, as a person reads it.

        Without the values of forms: whoever reads previews and histories need not be allowed to see them.
        """
        return tuple(f"补入“{name}”（{self.sources[name]}）" for name in self.values)


NOTHING: Final = Carried()


def carried(
    session: Session, old: Release, new: Release, case: Running | Case, env: Environment, order: Order
) -> Carried:
    """Return what a case has to take along from ``old`` to ``new``.

    Costs a statement only where an output that was passed already sets something new.
    """
    known = case.variables or {}
    wanted = new.diagram.names - new.diagram.collected - old.diagram.names - known.keys() - {"case_key"}
    if not wanted:
        return NOTHING
    values, sources = _answered(case.data, new, wanted)
    passed = _setting(new, case.process_id, wanted - values.keys())
    missing = {one.name: one for one in _unanswered(case.data, new, wanted - values.keys())}
    for element, at in _completed(session, new.tenant, case, passed):
        for name, found in _left_behind(element, at, {**known, **values}, wanted, env):
            if isinstance(found, Missing):
                missing.setdefault(name, found)
            else:
                values[name], sources[name] = found.value, f"由“{element.label}”的输出参数算出"
                missing.pop(name, None)
    answered = []
    for name in [name for name in missing if name in order.values]:
        try:
            values[name] = missing[name].read(order.values[name], new)
            sources[name] = missing[name].given(values[name])
            answered.append(missing.pop(name))
        except ValueError as error:
            missing[name] = replace(missing[name], problem=str(error))
    return Carried(values, sources, tuple(missing.values()), tuple(answered))


def _left_behind(
    element: Element, at: datetime, known: Mapping[str, Any], wanted: Collection[str], env: Environment
) -> Iterator[tuple[str, Missing | Computed]]:
    """Yield what the new version would have had an element set when the case passed it."""
    name = _outcome(element)
    if name in wanted:  # The votes were given, but nobody counted them.
        yield name, Missing(name, f"“{element.label}”的会签结果", options=_OUTCOMES)
    set_here: dict[str, Any] = {}
    for name, text in element.outputs:
        if name not in wanted:
            continue
        try:
            value, _why = engine.evaluate(text, {**known, **set_here}, env, at)
            set_here[name] = to_json(value)
            yield name, Computed(set_here[name])
        except FeelError:
            yield name, Missing(name, f"“{element.label}”的输出参数 {name}")


def _answered(
    data: Mapping[str, Any], new: Release, wanted: Iterable[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the forms handed in say, the latest of several with the same key."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key in data.get("_order", ()):
        for name in data[key].keys() & set(wanted):
            values[name], sources[name] = data[key][name], f"取自已填的《{_title(new, key)}》"
    return values, sources


def _unanswered(data: Mapping[str, Any], new: Release, wanted: Iterable[str]) -> Iterator[Missing]:
    """Yield what a form handed in already asks for in the new version only."""
    for key in data.get("_order", ()):
        try:
            form = new.form(key)
        except NotFound:
            continue
        for name in form.field_keys & set(wanted):
            yield Missing(name, f"《{form.title}》的“{form.label(name)}”", form.fields.get(name))


def _title(new: Release, key: str) -> str:
    try:
        return new.form(key).title
    except NotFound:
        return key


def _outcome(element: Element) -> str:
    return element.properties.get("zz:outcome", "").strip() if element.properties.get("zz:vote") else ""


def _setting(new: Release, process_id: str, wanted: Iterable[str]) -> Mapping[str, Element]:
    """Return the elements of a process whose outputs, or whose votes, set one of these names."""
    names = set(wanted)
    return {
        element.id: element
        for element in new.diagram.elements.values()
        if element.process_id == process_id
        and names & {_outcome(element), *(name for name, _ in element.outputs)}
    }


def _completed(
    session: Session, tenant: int, case: Running | Case, elements: Mapping[str, Element]
) -> Sequence[tuple[Element, datetime]]:
    """Return which of these elements the case has completed, and when, the earliest first."""
    if not elements:
        return ()
    rows = session.execute(
        select(Event.at, Event.payload)
        .where(Event.tenant == tenant, Event.case_id == case.id)
        .order_by(Event.seq)
    )
    return [
        (elements[line["element"]], at)
        for at, payload in rows
        for line in payload.get("log", ())
        if line["kind"] == "completed" and line.get("element") in elements
    ]


def _shown(value: Any) -> str:
    text = "（空）" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
