"""Side effects that the diagram words itself: whom to tell, which letter or report to make (FEEL over the facts)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from zuozhen.documents import RenderInput
from zuozhen.model.errors import NotFound
from zuozhen.packs.parameters import values_of
from zuozhen.services import reports
from zuozhen.services.casebook import case_facts
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.services.wording import known_to, worded
from zuozhen.store.tables import Case, Document, Job


def make_document(context: Context, job: Job) -> None:
    """Make a letter (催办函、通告、反馈函) from a print template and keep it with the case."""
    properties = job.payload["properties"]
    with context.database.read() as session:
        case = _case_of(session, job)
        if case is None:
            return
        release = context.releases.get(session, case.tenant, case.release_id)
        key, worded_title = properties.get("zz:template", ""), properties.get("zz:title", "")
        template = release.print_template(key)
        known = known_to(context, session, case, job.payload["variables"], worded_title, template)
        title = worded(context, session, release, worded_title, known)
    title = title if isinstance(title, str) and title else _drawn_name(release, job) or key
    source = document_source(release, case, key, title, known, context.clock())
    _keep(context, job, case, source, "document", key, title)


def document_source(
    release: Release, case: Case, key: str, title: str, known: Mapping[str, Any], created: datetime
) -> RenderInput:
    """Return what is to be rendered for a letter by the print template ``key``.

    Raises:
        NotFound: the release has no such template.
    """
    template = release.print_template(key)
    if template is None:
        raise NotFound(f"打印模板“{key}”不在已部署的版本中。", hint="请管理员检查流程图中的打印模板。")
    return RenderInput(
        parameters=values_of(release.pack.parameters),
        template=template,
        facts=known,
        meta={
            "pack": release.pack.name,
            "notice": release.pack.notice.number,
            **case_facts(case, release),
            "title": title,
            "form": key,
        },
        created=created,
    )


def make_report(context: Context, job: Job) -> None:
    """Make a report and keep it with the instance.

    It is of the last complete period before the instance began, or of the current one then (``zz:period``).
    """
    properties = job.payload["properties"]
    with context.database.read() as session:
        case = _case_of(session, job)
        if case is None:
            return
        release = context.releases.get(session, case.tenant, case.release_id)
        text = properties.get("zz:parameter", "")
        known = known_to(context, session, case, job.payload["variables"], text)
        parameter = worded(context, session, release, text, known)
    key = properties.get("zz:report", "")
    parameter = parameter if isinstance(parameter, str) else ""
    source = reports.report_source(
        context, release, key, case.created_at, parameter, properties.get("zz:period", "")
    )
    title = str(source.meta.get("title") or _drawn_name(release, job) or key)
    _keep(context, job, case, source, "report", key, title)


def _case_of(session: Session, job: Job) -> Case | None:
    """Return the case of a job; ``None`` when there is none, or the job was done already."""
    if session.get(Document, (job.tenant, job.id)) is not None:
        return None
    return session.get(Case, (job.tenant, job.case_id))


def _drawn_name(release: Release, job: Job) -> str:
    element = release.diagram.elements.get(job.payload.get("element", ""))
    return element.name if element is not None else ""


def _keep(
    context: Context, job: Job, case: Case, source: RenderInput, kind: str, key: str, title: str
) -> None:
    rendered = context.documents.render(source)
    digest = context.blobs.put(rendered.pdf)
    with context.database.write() as session:
        session.add(
            Document(
                tenant=case.tenant,
                id=job.id,
                case_id=case.id,
                kind=kind,
                form_key=key,
                title=title[:200],
                file_name=f"{case.number or case.business_key or case.id.hex}-{title}.pdf"[:200],
                media_type="application/pdf",
                sha256=digest,
                size=len(rendered.pdf),
                created_at=context.clock(),
                created_by=None,
                meta={"missing": list(rendered.missing), "truncated": list(rendered.truncated)},
            )
        )
