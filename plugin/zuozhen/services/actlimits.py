"""Until when an act by hand may be done: a moment that the diagram draws, such as the day before a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from zuozhen import feel
from zuozhen.model.clock import LOCAL, chinese_date, due_date, local_date
from zuozhen.model.errors import Conflict, FeelError
from zuozhen.services.context import Context
from zuozhen.services.lookups import functions_for
from zuozhen.services.releases import Release
from zuozhen.services.wording import known_to
from zuozhen.store.tables import Case, Token

BEFORE: Final = "zz:before"
"""The property of the event: FEEL that gives the last day (or the instant) on which it may be done. ``deadline`` is
the deadline of the task that the act belongs to."""


def last_moment(
    context: Context, session: Session, release: Release, case: Case, act: Token, tokens: Sequence[Token]
) -> date | None:
    """Return the last day, or the instant, at which an act may be done; ``None``: at any time.

    So it is too where the task has no deadline, or the rule cannot be worked out for want of data.
    """
    text = act.properties.get(BEFORE, "").strip()
    if not text:
        return None
    known = known_to(context, session, case, case.variables or {}, text)
    functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
    try:
        value = feel.compile_expression(text).evaluate(
            known.extended({"deadline": _deadline(act, tokens)}), functions
        )
    except FeelError:
        return None
    return value if isinstance(value, date) else None


def is_late(moment: date | None, now: datetime) -> bool:
    """Say whether a moment lies behind; a day lasts until its end."""
    if moment is None:
        return False
    return now > moment if isinstance(moment, datetime) else local_date(now) > moment


def require_in_time(
    context: Context, session: Session, release: Release, case: Case, act: Token, tokens: Sequence[Token]
) -> None:
    """Refuse an act whose moment has passed.

    Raises:
        Conflict: says until when it was possible.
    """
    moment = last_moment(context, session, release, case, act, tokens)
    if is_late(moment, context.clock()):
        raise Conflict(
            f"“{act.name}”应在{_words(moment)}前提出，现在已经过了这个时间，不能再提出。",
            hint="本次填写没有提交。确有需要的，请向牵头单位说明情况。",
        )


def _deadline(act: Token, tokens: Sequence[Token]) -> date | None:
    hosts = [row for row in tokens if row.kind == "task" and act.activity in (row.token, row.activity)]
    dues = [due_date(row.due_at) for row in hosts if row.due_at is not None]
    return min(dues, default=None)


def _words(moment: Any) -> str:
    if isinstance(moment, datetime):
        return f"{chinese_date(local_date(moment))} {moment.astimezone(LOCAL):%H:%M}"
    return f"{chinese_date(moment)}结束"
