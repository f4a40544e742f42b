"""What FEEL and templates of a pack may read of a case: one mapping for titles, numbers, registers, reports, letters.

Many cases cost at most one statement for their tasks, one for their sessions and, only where ``all`` is read,
one for their hand-ins; what no expression reads is not put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.feel import Expression, Prepared
from zuozhen.formjs import FormDefinition
from zuozhen.model.clock import local_date
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import answers_of, case_facts, pack_context, texts_of
from zuozhen.services.concealing import concealed_answers, concealed_variables, outsiders, revealed
from zuozhen.services.context import Context
from zuozhen.services.makers import Makers, maker_of, makers_of
from zuozhen.services.releases import Release
from zuozhen.services.sessioncases import session_answers
from zuozhen.services.submissions import FormOf, Submission, all_answers, latest_of, submissions_of_cases
from zuozhen.services.taskfacts import task_facts, task_rows
from zuozhen.store.tables import Case

FACT_NAMES: Final = frozenset(
    {
        "all",
        "case",
        "text",
        "names",
        "codes",
        "tables",
        "parameters",
        "variables",
        "session",
        "tasks",
        "today",
        "units",
        "roles",
    }
)
"""What can be read besides the forms of the case by their keys."""

_FROM_TASKS: Final = frozenset({"case.late", "case.open_units"})
_OF_PACK: Final = ("names", "codes", "tables", "parameters", "units", "roles")
_ALL: Final = re.compile(r"\ball\b")


@dataclass(frozen=True, slots=True)
class Needs:
    """What some expressions read: ``names`` (``None``: everything), ``texts`` the forms whose texts are read.

    ``every`` says that ``all`` is read, the hand-ins of each form: they cost a look at the whole history.
    """

    names: frozenset[str] | None = None
    texts: frozenset[str] | None = None
    tasks: bool = True
    every: bool = False

    @classmethod
    def of(cls, expressions: Iterable[Expression]) -> Needs:
        """Return what these expressions need of the cases that they are evaluated for."""
        known = tuple(expressions)
        names = frozenset[str]().union(*(one.names for one in known))
        paths = frozenset[str]().union(*(one.paths for one in known))
        texts: frozenset[str] | None = frozenset(
            path.split(".")[1] for path in paths if path.startswith("text.")
        )
        if "text" in names and any("text" in one.names and not _dotted(one, "text") for one in known):
            texts = None
        bare_case = any("case" in one.names and not _dotted(one, "case") for one in known)
        tasks = "tasks" in names or bare_case or bool(paths & _FROM_TASKS)
        return cls(names, texts, tasks, "all" in names)

    @classmethod
    def by_text(cls, *texts: str | None) -> Needs:
        """Return what templates and texts with FEEL may read: everything, ``all`` if one of them says so."""
        return cls(every=any(_ALL.search(text) for text in texts if text))

    def read(self, name: str) -> bool:
        """Say whether anything reads this name."""
        return self.names is None or name in self.names


EVERYTHING: Final = Needs()


def facts_of_cases(
    context: Context,
    session: Session,
    cases: Sequence[Case],
    *,
    needs: Needs = EVERYTHING,
    reader: Actor | None = None,
    owners: Sequence[Release] = (),
) -> list[Prepared]:
    """Return the facts of each case, in their order; for FEEL, dates in them are dates.

    ``reader`` sees masked answers of a confidential case only if it works on that case; ``None`` stands for
    the case's own paper and sees everything. ``owners`` are the releases to go by, those that the cases run
    on unless given.
    """
    if not cases:
        return []
    today = local_date(context.clock())
    guarded = reader is not None and any(case.confidential for case in cases)
    rows = task_rows(session, cases) if needs.tasks or guarded else {}
    hidden = frozenset[UUID]()
    if reader is not None and guarded:
        hidden = outsiders(session, cases, rows, reader)
    releases = owners or [context.releases.get(session, case.tenant, case.release_id) for case in cases]
    sessions: Mapping[str, Mapping[str, Any]] = {}
    if needs.read("session"):
        sessions = session_answers(session, releases[0], cases)
    handed_in: Mapping[UUID, Sequence[Submission]] = {}
    if needs.every:
        handed_in = submissions_of_cases(session, cases)
    return [
        case_facts_of(
            case,
            release,
            today,
            tasks=task_facts(rows.get(case.id, ()), release, today) if needs.tasks else (),
            session=sessions.get(case.business_key, {}),
            needs=needs,
            conceal=case.id in hidden,
            handed_in=handed_in.get(case.id, ()),
            makers=makers_of(context, session, case, release),
            form_of=partial(_form_of, context, session, release),
        )
        for case, release in zip(cases, releases, strict=True)
    ]


def _form_of(context: Context, session: Session, current: Release, one: Submission) -> FormDefinition:
    return maker_of(context, session, current, one.release).form(one.form)


def facts_of(
    context: Context,
    session: Session,
    case: Case,
    *,
    needs: Needs = EVERYTHING,
    reader: Actor | None = None,
    owner: Release | None = None,
) -> Prepared:
    """Return the facts of one case, as :func:`facts_of_cases` does."""
    owners = (owner,) if owner is not None else ()
    return facts_of_cases(context, session, [case], needs=needs, reader=reader, owners=owners)[0]


def case_facts_of(
    case: Case,
    release: Release,
    today: date,
    *,
    tasks: Sequence[Mapping[str, Any]] = (),
    session: Mapping[str, Any] | None = None,
    needs: Needs = EVERYTHING,
    conceal: bool = False,
    handed_in: Sequence[Submission] | None = None,
    makers: Makers | None = None,
    form_of: FormOf | None = None,
) -> Prepared:
    """Return the facts of a case from what has been loaded of it; asks the database nothing.

    ``handed_in`` is what ``all`` tells; without it, that each form was handed in once. ``makers`` and ``form_of`` are
    the releases and forms that the answers were given by (without them: those of ``release``).
    """
    makers = makers or Makers(release)
    facts: dict[str, Any] = concealed_answers(case, makers) if conceal else answers_of(case)
    facts["today"] = today
    facts["tasks"] = list(tasks)
    if needs.read("all"):
        known = handed_in if handed_in is not None else latest_of(case)
        facts["all"] = all_answers(
            known, case, form_of or (lambda one: release.form(one.form)), conceal=conceal
        )
    if needs.read("case"):
        facts["case"] = {**case_facts(case, release), **_from_tasks(tasks)}
        if not conceal:
            facts["case"] |= revealed(case)
    if needs.read("text"):
        facts["text"] = texts_of(case, makers, conceal=conceal, only=needs.texts)
    if needs.read("variables"):
        facts["variables"] = concealed_variables(case, makers) if conceal else dict(case.variables or {})
    if needs.read("session"):
        facts["session"] = dict(session or {})
    if any(needs.read(name) for name in _OF_PACK):
        pack = pack_context(release)
        facts |= {name: pack[name] for name in _OF_PACK}
    return Prepared(facts, types=release.fact_types)


def _from_tasks(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "late": any(task["late"] for task in tasks),
        "open_units": list(dict.fromkeys(task["group_name"] for task in tasks if task["open"])),
    }


def _dotted(expression: Expression, name: str) -> bool:
    return any(path.startswith(f"{name}.") for path in expression.paths)
