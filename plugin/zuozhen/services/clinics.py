"""Sessions (坐诊场次): what is coming, what was held, and the register of each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from zuozhen.model.clock import local_date
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import visible
from zuozhen.services.context import Context
from zuozhen.services.options import coming_sessions, session_label
from zuozhen.services.registers import register_source, register_view
from zuozhen.store.tables import Case


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session: its date key, how many cases are booked, and its own process instance if started.

    ``key_field`` names the variable that holds the key, so that a form can begin with it.
    """

    key: str
    key_field: str
    label: str
    booked: int
    case_id: UUID | None
    status: str
    registers: tuple[tuple[str, str], ...]


def sessions(context: Context, actor: Actor) -> list[SessionRow]:
    """Return coming sessions, the next one first, then those held, the latest first."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        pack = release.pack
        booked = dict(
            session.execute(
                select(Case.business_key, func.count())
                .where(visible(actor), Case.process_id == pack.processes["case"], Case.business_key != "")
                .group_by(Case.business_key)
            ).all()
        )
        held = session.execute(
            select(Case.business_key, Case.id, Case.status).where(
                Case.tenant == actor.tenant,
                Case.process_id == pack.processes["clinic"],
                Case.business_key != "",
            )
        ).all()
        coming = [key for key, _label in coming_sessions(context, session, release)]
    own = {key: (case_id, status) for key, case_id, status in held}
    links = tuple((register.key, register.title) for register in pack.registers)
    rows = []
    today = local_date(context.clock()).isoformat()
    keys = sorted({*booked, *own, *coming})
    held_before = [key for key in reversed(keys) if key < today]
    for key in [*(key for key in keys if key >= today), *held_before]:
        case_id, status = own.get(key, (None, ""))
        rows.append(
            SessionRow(key, pack.business_key, session_label(key), booked.get(key, 0), case_id, status, links)
        )
    return rows


def register_pdf(context: Context, actor: Actor, key: str, session_key: str) -> tuple[bytes, str]:
    """Return a register of one session as PDF with its file name."""
    view = register_view(context, actor, key, session_key)
    content = context.documents.pdf(register_source(context, view))
    return content, f"{view.title}-{session_key}.pdf"
