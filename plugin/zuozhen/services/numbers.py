"""Numbers by the rules of the pack: given in the transaction of the form that asks for them, kept in a ledger.

A number that was given is never given again: what was wrong is voided (作废) with a reason and stays in the
ledger. A rule without ``form`` numbers cases; one with a form writes the number into an answer of that form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen import feel
from zuozhen.model.clock import local_date
from zuozhen.model.errors import EngineError, FeelError
from zuozhen.packs import Numbering
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of
from zuozhen.services.lookups import functions_for
from zuozhen.services.provisional import as_if
from zuozhen.services.releases import Release
from zuozhen.store.numbers import next_number, numbers_in_force
from zuozhen.store.tables import Case, IssuedNumber

LONGEST_PREFIX: Final = 40


@dataclass(slots=True)
class Given:
    """Numbers of one submission: ``answers`` by field, ``issued`` the new rows of the ledger.

    A case that does not exist yet has to be written before its rows.
    """

    answers: dict[str, str] = field(default_factory=dict)
    issued: list[IssuedNumber] = field(default_factory=list)

    @property
    def payload(self) -> dict[str, Any]:
        """Return what the event of the submission keeps: by this an undo finds what it has to void."""
        rows = [{"rule": row.rule, "text": row.text} for row in self.issued]
        return {"numbers": rows} if rows else {}


def rules_for(release: Release, form_key: str) -> list[Numbering]:
    """Return the rules that give a number when this form is handed in."""
    return [rule for rule in release.pack.numberings.values() if form_key and rule.form == form_key]


def give_for_form(
    context: Context,
    session: Session,
    release: Release,
    case: Case,
    form_key: str,
    data: Mapping[str, Any],
) -> Given:
    """Give the numbers that a valid submission asks for; ``data`` are the case's answers with it in.

    Handed in again, a form has the same number as before. Nothing without rules for the form costs SQL.

    Raises:
        EngineError: the rule's ``when`` or ``prefix`` cannot be worked out.
    """
    given = Given()
    rules = rules_for(release, form_key)
    if not rules:
        return given
    known = {}
    if case.seq:
        rows = numbers_in_force(session, release.tenant, case.id, [rule.name for rule in rules])
        known = {row.rule: row.text for row in rows}
    asking = as_if(case, data=dict(data))
    for rule in rules:
        if rule.name in known:
            given.answers[rule.field] = known[rule.name]
        elif _due(context, session, release, rule, asking):
            row = give(context, session, release, rule, asking, form_key=form_key)
            given.issued.append(row)
            given.answers[rule.field] = row.text
    return given


def give(
    context: Context, session: Session, release: Release, rule: Numbering, case: Case, *, form_key: str = ""
) -> IssuedNumber:
    """Take the next number of a rule for ``case``; the caller adds the row once the case is written.

    Raises:
        EngineError: the rule's prefix cannot be worked out.
    """
    now = context.clock()
    today = local_date(now)
    prefix = _prefix(context, session, release, rule, case)
    seq = next_number(session, release.tenant, rule.scope_key(today, prefix))
    scope = {"year": f"{today:%Y}", "month": f"{today:%Y-%m}"}.get(rule.scope, "")
    return IssuedNumber(
        tenant=release.tenant,
        rule=rule.name,
        scope=scope,
        prefix=prefix,
        seq=seq,
        text=rule.format(today, seq, prefix),
        case_id=case.id,
        form_key=form_key,
        field=rule.field if form_key else "",
        issued_at=now,
    )


def without_claims(release: Release, form_key: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers without what somebody typed where only a number belongs."""
    fields = {rule.field for rule in rules_for(release, form_key)}
    return {key: value for key, value in answers.items() if key not in fields} if fields else dict(answers)


def void_numbers(
    session: Session, case: Case, given: Iterable[Mapping[str, str]], *, at: Any, by: UUID | None, reason: str
) -> None:
    """Void the numbers of a submission that is taken back."""
    wanted = {(entry["rule"], entry["text"]) for entry in given}
    for row in numbers_in_force(session, case.tenant, case.id, {rule for rule, _ in wanted}):
        if (row.rule, row.text) in wanted:
            row.voided_at, row.voided_by, row.void_reason = at, by, reason[:500]


def _due(context: Context, session: Session, release: Release, rule: Numbering, case: Case) -> bool:
    if not rule.when:
        return True
    return _evaluate(context, session, release, rule, rule.when, case, "条件（when）") is True


def _prefix(context: Context, session: Session, release: Release, rule: Numbering, case: Case) -> str:
    if not rule.prefix:
        return ""
    value = _evaluate(context, session, release, rule, rule.prefix, case, "字头（prefix）")
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > LONGEST_PREFIX:
        raise _broken(rule, f"字头 {rule.prefix} 应得到不超过 {LONGEST_PREFIX} 个字的文字，得到 {value!r}")
    return value.strip()


def _evaluate(
    context: Context, session: Session, release: Release, rule: Numbering, text: str, case: Case, what: str
) -> Any:
    try:
        expression = feel.compile_expression(text)
        needs = Needs.of([expression])
        facts = facts_of(context, session, case, needs=needs, owner=release)
        functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
        return feel.to_json(expression.evaluate(facts, functions))
    except FeelError as error:
        raise _broken(rule, f"{what} {text} 算不出来：{error.message}") from error


def _broken(rule: Numbering, problem: str) -> EngineError:
    return EngineError(
        f"编号规则“{rule.name}”的{problem}",
        hint="没有给号，也没有占用号码。请管理员在“单位、日历和代码”的编号中改正。",
    )
