"""What a run on trial shows: tokens, open work, letters, announcements, paper, what falls due next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.services import caseviews
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.casebook import clause_text, unit_names
from zuozhen.services.caseviews import CaseView
from zuozhen.services.deadlines import Deadline, deadline_of
from zuozhen.services.history import Line
from zuozhen.services.observing import fired
from zuozhen.services.releases import Release
from zuozhen.services.standing import PLACE_ORDER
from zuozhen.services.studio import traces
from zuozhen.services.studio.trials import Trial
from zuozhen.store.cases import history
from zuozhen.store.tables import TOKEN_OPEN, Event, Token


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that can be done now: an open task (``task``) or a possibility (``act``)."""

    kind: str
    alias: str
    element: str
    number: int
    name: str
    group: str
    group_name: str
    deadline: Deadline
    clause: str
    form_key: str


@dataclass(frozen=True, slots=True)
class TrialCase:
    """One case of the run; ``waits`` are the messages it waits for."""

    alias: str
    label: str
    process: str
    view: CaseView
    tasks: tuple[Doing, ...]
    acts: tuple[Doing, ...]
    waits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history of all cases together."""

    case: str
    line: Line


@dataclass(frozen=True, slots=True)
class Marks:
    """What the diagram shows: open places with their number, what was gone through, timers that fired.

    ``flows`` are the sequence flows taken, by the ids of their two ends.
    """

    active: Mapping[str, int]
    late: tuple[str, ...]
    done: tuple[str, ...]
    fired: tuple[str, ...]
    flows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """The virtual clock's day."""

    date: date
    workday: bool
    name: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class TrialView:
    """Everything the page of a run shows."""

    now: datetime
    day: DayFacts
    release: Release
    cases: tuple[TrialCase, ...]
    coming: tuple[traces.Coming, ...]
    letters: tuple[traces.Sent, ...]
    announcements: tuple[traces.Sent, ...]
    papers: tuple[traces.Paper, ...]
    messages: tuple[traces.Carried, ...]
    told: tuple[Told, ...]
    troubles: tuple[str, ...]
    marks: Marks


def look(trial: Trial) -> TrialView:
    """Return what a trial shows at this moment of its clock."""
    context, release = trial.scratch.context, trial.content.release
    aliases = trial.aliases()
    viewer = Actor(trial.content.tenant, "试运行", sees_all=True)
    views = {alias: caseviews.case_view(context, viewer, case_id) for alias, case_id in aliases.items()}
    labels = {view.case.id: _label(release, view) for view in views.values()}
    with context.database.read() as session:
        tokens = _tokens(session, trial)
        events = {case_id: history(session, trial.content.tenant, case_id) for case_id in labels}
        return TrialView(
            trial.now,
            _day(release, local_date(trial.now)),
            release,
            tuple(_case(trial, alias, view, labels, tokens) for alias, view in views.items()),
            traces.coming(session, trial, labels, tokens),
            traces.letters(session, release, trial, labels),
            traces.announcements(session, trial, labels),
            traces.papers(session, release, trial, labels, events),
            traces.messages(session, trial, labels),
            _told(views.values(), labels),
            traces.troubles(session, trial),
            _marks(trial, tokens, events.values()),
        )


def _day(release: Release, day: date) -> DayFacts:
    known = release.rules.calendar.day(day)
    return DayFacts(day, known.workday, known.name, known.provisional)


def _label(release: Release, view: CaseView) -> str:
    process = release.diagram.processes.get(view.case.process_id)
    return view.case.number or view.case.title or (process.name if process else view.case.process_id)


def _tokens(session: Session, trial: Trial) -> Sequence[Token]:
    return session.scalars(
        select(Token)
        .where(Token.tenant == trial.content.tenant, Token.status == TOKEN_OPEN)
        .order_by(*PLACE_ORDER)
    ).all()


# ---------------------------------------------------------------- what can be done


def _case(
    trial: Trial, alias: str, view: CaseView, labels: Mapping[UUID, str], tokens: Sequence[Token]
) -> TrialCase:
    release = trial.content.release
    own = [token for token in tokens if token.case_id == view.case.id]
    places = [_doing(trial, alias, token, own) for token in own if token.kind == "task" or token.trigger]
    process = release.diagram.processes.get(view.case.process_id)
    return TrialCase(
        alias,
        labels[view.case.id],
        process.name if process else "",
        view,
        tuple(place for place in places if place.kind == "task"),
        tuple(place for place in places if place.kind == "act"),
        tuple(token.name or token.message for token in own if token.kind == "wait" and not token.trigger),
    )


def _doing(trial: Trial, alias: str, token: Token, own: Sequence[Token]) -> Doing:
    release = trial.content.release
    same = [other for other in own if other.element_id == token.element_id and other.kind != "timer"]
    names = {**unit_names(release), ENTERPRISE: "企业", "staff": "经办人员"}
    group = token.grp or token.trigger
    return Doing(
        "task" if token.kind == "task" else "act",
        alias,
        token.element_id,
        same.index(token) + 1,
        token.name,
        group,
        names.get(group, group),
        deadline_of(
            token.entered_at,
            token.due_at,
            trial.now,
            warning_share=release.pack.deadlines.warning_share,
            rule=token.due_rule,
            why=token.due_why or (),
        ),
        clause_text(release, token.properties.get("zz:clause", "")),
        token.form_key,
    )


# ---------------------------------------------------------------- what was and what comes


def _told(views: Iterable[CaseView], labels: Mapping[UUID, str]) -> tuple[Told, ...]:
    lines = [Told(labels[view.case.id], line) for view in views for line in view.lines]
    return tuple(sorted(lines, key=lambda told: (told.line.at, told.line.seq), reverse=True))


def _marks(trial: Trial, tokens: Sequence[Token], histories: Iterable[Sequence[Event]]) -> Marks:
    standing = [t for t in tokens if t.kind == "task" or (not t.activity and not t.trigger)]
    rung: dict[str, None] = {}
    for events in histories:
        rung |= dict.fromkeys(fired(event.payload for event in events))
    waiting = {token.element_id for token in tokens}
    flows = tuple(trial.scratch.flows)
    passed = dict.fromkeys(node for flow in flows for node in flow)
    return Marks(
        dict(Counter(token.element_id for token in standing)),
        tuple({t.element_id: None for t in standing if t.due_at is not None and t.due_at <= trial.now}),
        tuple(element for element in passed if element and element not in waiting),
        tuple(rung),
        flows,
    )
