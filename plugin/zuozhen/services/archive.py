"""The dossier (案卷) of an ended case: built by the worker, downloaded and verified by people."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.documents import (
    DossierFile,
    DossierForm,
    DossierInput,
    RenderInput,
    build_dossier,
    verify_dossier,
)
from zuozhen.model.errors import NotFound
from zuozhen.model.printing import Cell, PrintForm
from zuozhen.services.actors import Actor
from zuozhen.services.casebook import answers_of, case_facts, local_text
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, facts_of
from zuozhen.services.history import staff_lines
from zuozhen.services.letters import letters_of
from zuozhen.services.makers import RELEASE, maker_of
from zuozhen.services.prints import submission_source
from zuozhen.services.releases import Release
from zuozhen.services.visibility import visible
from zuozhen.store.cases import history, mentions
from zuozhen.store.chain import content_of
from zuozhen.store.tables import CASE_ENDED, Case, Document, Event, Job

ROWS = 100
KEPT = ("attachment", "document", "report")
"""Kinds of files that go into a dossier as they are; forms are rendered anew for it."""
HISTORY_TITLE = "办理过程记录"


@dataclass(frozen=True, slots=True)
class DossierRow:
    """One archived case in the list."""

    document_id: UUID
    case_id: UUID
    number: str
    title: str
    enterprise: str
    outcome: str
    ended_at: datetime | None
    size: int
    sha256: str


def archive_case(context: Context, job: Job) -> None:
    """Build the dossier of an ended case and keep it; waits (fails and is retried) until the case has ended."""
    with context.database.read() as session:
        case = session.get(Case, (job.tenant, job.case_id))
        if case is None or case.status != CASE_ENDED or _is_kept(session, case, job):
            return  # its end was undone: the next end asks again
        release = context.releases.get(session, case.tenant, case.release_id)
        source = _source(context, session, case, release)
    content = build_dossier(context.documents, source)
    digest = context.blobs.put(content)
    with context.database.write() as session:
        session.add(
            Document(
                tenant=case.tenant,
                id=job.id,
                case_id=case.id,
                kind="dossier",
                form_key="",
                title=source.title,
                file_name=f"{source.number or case.id.hex}-案卷.zip",
                media_type="application/zip",
                sha256=digest,
                size=len(content),
                created_at=context.clock(),
                created_by=None,
                meta={"head": case.head.hex()},
            )
        )


def _is_kept(session: Session, case: Case, job: Job) -> bool:
    """Say whether there is a dossier of the job, or of the case as it is now: jobs may be carried out twice."""
    kept = session.execute(
        select(Document.id, Document.meta).where(
            Document.tenant == case.tenant, Document.case_id == case.id, Document.kind == "dossier"
        )
    )
    return any(id_ == job.id or meta["head"] == case.head.hex() for id_, meta in kept)


def _source(context: Context, session: Session, case: Case, release: Release) -> DossierInput:
    created = case.ended_at or context.clock()
    events = history(session, case.tenant, case.id, states=True)

    def maker(event: Event) -> Release:
        return maker_of(context, session, release, event.payload.get(RELEASE))

    printed = [event for event in events if event.payload.get("form")]
    needs = Needs.by_text(*(maker(event).print_template(event.payload["form"]) for event in printed))
    everything = facts_of(context, session, case, needs=needs)
    facts = everything["case"]
    uploads = session.scalars(
        select(Document)
        .where(Document.tenant == case.tenant, Document.case_id == case.id, Document.kind.in_(KEPT))
        .order_by(Document.id)
    ).all()
    letters = [
        {"at": local_text(at), "subject": subject, "body": body, "status": status}
        for at, subject, body, status in letters_of(context, case)
    ]
    record = {
        "case": facts,
        "jurisdiction": {"code": release.tenant, "name": release.pack.name, "slug": release.slug},
        "procedure": {"version": release.version, "notice": release.pack.notice.number},
        "forms": {
            key: {"answers": data, "text": everything["text"].get(key, {})}
            for key, data in answers_of(case).items()
        },
        "letters": letters,
    }
    return DossierInput(
        title=f"{case.enterprise or release.pack.title}：{case.title}",
        number=case.number or "",
        office=release.pack.name,
        created=created,
        case=record,
        events=[_exported(event) for event in events],
        head=case.head.hex(),
        forms=(*_forms(maker, case, events, everything), _history(release, case, events, created)),
        attachments=tuple(
            DossierFile(row.file_name, context.blobs.get(row.sha256), row.media_type, row.title)
            for row in uploads
        ),
        cover=(
            ("办件编号", facts["number"]),
            ("企业", facts["enterprise"]),
            ("诉求标题", facts["title"]),
            ("登记时间", facts["registered_at"]),
            ("办结时间", facts["ended_at"]),
            ("办理结果", facts["outcome"]),
            ("依据文件", release.pack.notice.number),
        ),
        meta={"case_id": str(case.id), "version": release.version, "code": release.tenant},
    )


def _forms(
    makers: Callable[[Event], Release], case: Case, events: Sequence[Event], facts: Mapping[str, Any]
) -> Iterator[DossierForm]:
    """Yield every submission of every form in the order handed in, on the paper of its day; repeated ones are numbered."""
    seen: Counter[str] = Counter()
    for event in events:
        key = event.payload.get("form")
        if not key:
            continue
        release = makers(event)
        try:
            form = release.form(key)
        except NotFound:
            continue  # handed in before events named their release, and dropped since: see events.json
        seen[key] += 1
        title = form.title if seen[key] == 1 else f"{form.title}（第{seen[key]}次）"
        source = submission_source(release, case, key, event.payload["answers"], event.at, facts)
        yield DossierForm(title, source)


def _history(release: Release, case: Case, events: Sequence[Event], created: datetime) -> DossierForm:
    """Return the history as a page that people read; ``events.json`` holds it for programs, with its chain."""
    head = tuple(Cell("label", text, span) for text, span in (("时间", 10), ("办理人", 12), ("办理情况", 26)))
    rows = [head]
    for line in staff_lines(events):
        what = "；".join((line.what, *line.details))
        cells = ((local_text(line.at), 10), (line.who, 12), (what, 26))
        rows.append(tuple(Cell("value", text, span) for text, span in cells))
    form = PrintForm("history", HISTORY_TITLE, "", False, tuple(rows))
    meta = {**case_facts(case, release), "pack": release.pack.name}
    return DossierForm(HISTORY_TITLE, RenderInput(created=created, form=form, meta=meta))


def _exported(event: Event) -> dict[str, Any]:
    """Return an event as the dossier keeps it: with these members anybody can recompute the chain."""
    state = hashlib.sha256(event.state or b"").hexdigest()
    return {**content_of(event), "state_sha256": state, "hash": event.hash.hex()}


def dossiers(context: Context, actor: Actor, query: str) -> Sequence[DossierRow]:
    """Return archived cases that the actor may see, newest first."""
    with context.database.read() as session:
        statement = (
            select(Document, Case)
            .join(Case, (Case.tenant == Document.tenant) & (Case.id == Document.case_id))
            .where(visible(actor), Document.kind == "dossier")
            .order_by(Document.id.desc())
            .limit(ROWS)
        )
        if query.strip():
            statement = statement.where(mentions(query.strip()[:80]))
        return [
            DossierRow(
                doc.id,
                case.id,
                case.number or "",
                case.title,
                case.enterprise,
                case.outcome,
                case.ended_at,
                doc.size,
                doc.sha256,
            )
            for doc, case in session.execute(statement)
        ]


def document(context: Context, actor: Actor, case_id: UUID, document_id: UUID) -> tuple[Document, bytes]:
    """Return a document of a case that the actor may see, verified against its hash.

    Raises:
        NotFound: no such document, or not for the actor.
    """
    with context.database.read() as session:
        row = session.scalar(
            select(Document)
            .join(Case, (Case.tenant == Document.tenant) & (Case.id == Document.case_id))
            .where(visible(actor), Document.id == document_id, Document.case_id == case_id)
        )
    if row is None:
        raise NotFound("没有这份文书，或不在您的查看范围内。")
    return row, context.blobs.get(row.sha256)


def verify_document(context: Context, actor: Actor, document_id: UUID) -> tuple[str, tuple[str, ...]]:
    """Verify an archived dossier against itself and against the history head kept in the store."""
    with context.database.read() as session:
        found = session.execute(
            select(Document, Case)
            .join(Case, (Case.tenant == Document.tenant) & (Case.id == Document.case_id))
            .where(visible(actor), Document.id == document_id, Document.kind == "dossier")
        ).first()
    if found is None:
        raise NotFound("没有这份案卷，或不在您的查看范围内。")
    row, _case = found
    report = verify_dossier(context.blobs.get(row.sha256), head=row.meta["head"])
    return row.title, report.problems


def verify_file(path: Path) -> tuple[str, ...]:
    """Verify a dossier file by itself; needs no installation."""
    return verify_dossier(path.read_bytes()).problems
