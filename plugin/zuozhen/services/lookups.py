"""The FEEL function ``cases(…)``: other cases of the jurisdiction, as far as a procedure may look at them.

It reads through the open session of the use case, so a step sees what its own transaction sees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from zuozhen.model.errors import FeelError
from zuozhen.model.step import Functions, FunctionSource, Note
from zuozhen.services.casebook import case_facts
from zuozhen.services.concealing import concealed_answers
from zuozhen.services.context import Context
from zuozhen.services.makers import Makers, makers_of
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

MOST: Final = 2_000
"""Cases that one call may find."""

_COLUMNS: Final = {
    "session": Case.business_key,
    "status": Case.status,
    "stage": Case.stage,
    "enterprise": Case.enterprise,
    "number": Case.number,
}
_HEAD: Final = (
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


def functions_for(context: Context, session: Session, release: Release) -> FunctionSource:
    """Return the functions of a release with ``cases`` looking through ``session``."""

    def build(at: datetime, note: Note) -> Functions:
        return {**release.functions(at, note), "cases": finder(context, session, release)}

    return build


def finder(context: Context, session: Session, release: Release) -> Callable[..., list[dict[str, Any]]]:
    """Return the function ``cases``; it never leaves the jurisdiction of ``release``."""

    def cases(**named: Any) -> list[dict[str, Any]]:
        wanted = select(Case).where(Case.tenant == release.tenant)
        process = named.pop("process", "case")
        if process not in release.pack.processes:
            known = "、".join(release.pack.processes)
            raise FeelError(f"cases：没有名为 {process!r} 的流程", hint=f"process 可写：{known}")
        wanted = wanted.where(Case.process_id == release.pack.processes[process])
        for name, value in named.items():
            if name not in _COLUMNS:
                raise FeelError(f"cases：不认识的参数 {name}", hint=f"可用：process、{'、'.join(_COLUMNS)}")
            if not isinstance(value, str):
                return []  # nothing is equal to what is not known (yet)
            wanted = wanted.where(_COLUMNS[name] == value)
        found = session.scalars(
            wanted.options(defer(Case.state)).order_by(Case.created_at, Case.id).limit(MOST + 1)
        ).all()
        if len(found) > MOST:
            raise FeelError(f"cases：找到的办件超过 {MOST} 件", hint="请加上场次、状态等条件")
        return [
            _found(
                case,
                makers_of(
                    context, session, case, context.releases.get(session, case.tenant, case.release_id)
                ),
            )
            for case in found
        ]

    return cases


def _found(case: Case, makers: Makers) -> dict[str, Any]:
    facts = case_facts(case, makers.current)
    return {**concealed_answers(case, makers), **{name: facts[name] for name in _HEAD}}
