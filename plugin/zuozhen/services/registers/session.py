"""The register of one session (附件3), in the order in which enterprises registered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zuozhen.packs import Register
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.facts import facts_of
from zuozhen.services.listing.formulas import Functions
from zuozhen.services.listing.stream import Entry, Pass
from zuozhen.services.lookups import functions_for
from zuozhen.services.registers.paper import sheet_of
from zuozhen.services.registers.rules import RegisterRules, open_register
from zuozhen.services.registers.views import RegisterRow, RegisterView
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of
from zuozhen.services.spreadsheets import workbook
from zuozhen.store.tables import Case

MAX_ROWS = 2000


def register_view(context: Context, actor: Actor, key: str, session_key: str) -> RegisterView:
    """Return a register over the cases of one session that the actor may see (XW-3.3-g).

    Raises:
        NotFound: there is no such register.
        Forbidden: it is open to other posts only.
    """
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        register = open_register(release, actor, key)
        rules = RegisterRules.of(register)
        functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
        cases = Pass(context, session, actor, release, register.process, rules.needs, functions, actor)
        entries = cases.entries(Case.business_key == session_key)
        return _view(release, register, rules, session_key, entries, functions)


def view_of(
    context: Context,
    release: Release,
    register: Register,
    session_key: str,
    cases: Sequence[tuple[Case, Release]],
    *,
    whole: bool = False,
) -> RegisterView:
    """Return a register over these cases, which need not be stored; ``whole`` filters none out."""
    rules = RegisterRules.of(register)
    with context.database.read() as session:
        functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
        entries = [
            Entry(case, facts_of(context, session, case, needs=rules.needs, owner=owner))
            for case, owner in cases
        ]
        return _view(release, register, rules, session_key, entries, functions, whole=whole)


def register_workbook(context: Context, actor: Actor, key: str, session_key: str) -> tuple[bytes, str]:
    """Return a register of one session as XLSX with its file name."""
    view = register_view(context, actor, key, session_key)
    above = (f"场次：{label_of(view.release, session_key)}", f"共 {len(view.lines)} 件")
    return workbook([sheet_of(view.register, above, view.lines)]), f"{view.title}-{session_key}.xlsx"


def _view(
    release: Release,
    register: Register,
    rules: RegisterRules,
    session_key: str,
    entries: Iterable[Entry],
    functions: Functions,
    *,
    whole: bool = False,
) -> RegisterView:
    lines: list[RegisterRow] = []
    departments: dict[str, None] = {}
    for entry in entries:
        # A broken filter hides nothing: the check of the pack reports it.
        if not whole and not rules.includes(entry.facts, functions):
            continue
        if len(lines) >= MAX_ROWS:
            break
        lines.append(rules.row(entry.case.id, entry.facts, functions, len(lines) + 1))
        departments[rules.department_of({**entry.facts, "row": len(lines)}, functions)] = None
    return RegisterView(
        release, register, session_key, tuple(lines), tuple(name for name in departments if name)
    )
