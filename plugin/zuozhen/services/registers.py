"""Registers (清单、台账): lists over cases whose columns are FEEL in the pack; page and paper from one definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from zuozhen import feel
from zuozhen.documents import RenderInput
from zuozhen.model.errors import FeelError
from zuozhen.packs import Register
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import answers_of, case_facts, texts_of, unit_names
from zuozhen.services.caseviews import visible
from zuozhen.services.context import Context
from zuozhen.services.options import session_label
from zuozhen.services.releases import Release
from zuozhen.store.tables import Case

MAX_ROWS = 2000


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register's rows as text; ``keys`` name the columns for print templates."""

    release: Release
    key: str
    title: str
    session: str
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    departments: tuple[str, ...]


def register_view(context: Context, actor: Actor, key: str, session_key: str) -> RegisterView:
    """Return a register over the cases of one session that the actor may see, in 挂号 order (XW-3.3-g)."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        register = release.register(key)
        cases = session.scalars(
            select(Case)
            .where(
                visible(actor),
                Case.process_id == release.pack.processes[register.process],
                Case.business_key == session_key,
            )
            .order_by(Case.created_at, Case.id)
            .limit(MAX_ROWS)
        ).all()
        owned = [(case, context.releases.get(session, case.tenant, case.release_id)) for case in cases]
        return view_of(context, release, register, session_key, owned)


def view_of(
    context: Context,
    release: Release,
    register: Register,
    session_key: str,
    cases: Sequence[tuple[Case, Release]],
    *,
    whole: bool = False,
) -> RegisterView:
    """Return a register over these cases, each with the release it runs on; ``whole`` filters none out."""
    functions = release.functions(context.clock(), lambda _note: None)
    rows: list[tuple[str, ...]] = []
    departments: dict[str, None] = {}
    for case, owner in cases:
        facts: dict[str, Any] = {
            **answers_of(case),
            "case": case_facts(case, owner),
            "text": texts_of(case, owner),
            "names": dict(unit_names(owner)),
            "row": len(rows) + 1,
        }
        if not whole and not _included(register.filter, facts, functions):
            continue
        rows.append(tuple(_value(column.value, facts, functions) for column in register.columns))
        if register.department:
            departments[_value(register.department, facts, functions)] = None
    return RegisterView(
        release,
        register.key,
        register.title,
        session_key,
        tuple(column.key for column in register.columns),
        tuple(column.label for column in register.columns),
        tuple(rows),
        tuple(register.notes),
        tuple(name for name in departments if name),
    )


def _included(rule: str, facts: dict[str, Any], functions: Any) -> bool:
    """Say whether a case belongs in the register; a broken filter hides nothing (the checker reports it)."""
    if not rule:
        return True
    try:
        return feel.compile_expression(rule).evaluate(facts, functions) is not False
    except FeelError:
        return True


def _value(rule: str, facts: dict[str, Any], functions: Any) -> str:
    try:
        value = feel.to_json(feel.compile_expression(rule).evaluate(facts, functions))
    except FeelError as error:
        return f"（计算出错：{error.message}）"
    if value is None:
        return ""
    return "、".join(str(item) for item in value) if isinstance(value, list) else str(value)


def register_source(context: Context, view: RegisterView) -> RenderInput:
    """Return what is to be rendered to print a register (附件3)."""
    return RenderInput(
        template=view.release.print_template(view.key),
        form=None,
        data={
            "department": "、".join(view.departments),
            "clinic_date": session_label(view.session),
            "rows": [dict(zip(view.keys, row, strict=True)) for row in view.rows],
            "labels": list(view.labels),
            "notes": list(view.notes),
        },
        meta={"title": view.title, "pack": view.release.pack.name, "notice": view.release.pack.notice.number},
        created=context.clock(),
    )
