"""Paper: every submission of a printed form becomes a PDF/A of its own, made by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.documents import RenderInput
from zuozhen.formjs import print_form
from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.packs.parameters import values_of
from zuozhen.services.casebook import answers_of, case_facts, lists_for, pack_context
from zuozhen.services.context import Context
from zuozhen.services.facts import Needs, case_facts_of, facts_of
from zuozhen.services.makers import maker_of
from zuozhen.services.releases import Release
from zuozhen.services.submissions import submission_at
from zuozhen.store.tables import Case, Document, Job


def print_submission(context: Context, job: Job) -> None:
    """Render one submission of a form of a case and keep it as a document.

    The job names the event (``seq``): handed in again meanwhile, or undone, each submission keeps its own paper.
    """
    with context.database.read() as session:
        case = session.get(Case, (job.tenant, job.case_id))
        done = session.scalar(select(Document.id).where(Document.tenant == job.tenant, Document.id == job.id))
        if case is None or done is not None:
            return
        form_key = job.payload["form"]
        release, source = source_at(context, session, case, form_key, job.payload.get("seq"))
    rendered = context.documents.render(source)
    content = rendered.pdf
    digest = context.blobs.put(content)
    title = source.form.title if source.form else form_key
    with context.database.write() as session:
        session.add(
            Document(
                tenant=case.tenant,
                id=job.id,
                case_id=case.id,
                kind="form",
                form_key=form_key,
                title=title,
                file_name=f"{case.number or case.id.hex}-{title}.pdf",
                media_type="application/pdf",
                sha256=digest,
                size=len(content),
                created_at=context.clock(),
                created_by=None,
                meta={
                    "release": release.version,
                    "missing": list(rendered.missing),
                    "truncated": list(rendered.truncated),
                },
            )
        )


def source_at(
    context: Context, session: Session, case: Case, form_key: str, seq: int | None
) -> tuple[Release, RenderInput]:
    """Return what is to be rendered for the submission that is event ``seq``, and the release that it belongs to.

    Without ``seq`` (asked for before jobs named their event) it is the latest one of the form.
    """
    release = context.releases.get(session, case.tenant, case.release_id)
    answers, made_on = submission_at(session, case, seq) if seq is not None else (None, "")
    if answers is None:
        answers = case.data[form_key]
    release = maker_of(context, session, release, made_on)
    facts = facts_of(context, session, case, needs=Needs.by_text(release.print_template(form_key)))
    return release, submission_source(release, case, form_key, answers, context.clock(), facts)


def submission_source(
    release: Release,
    case: Case,
    form_key: str,
    answers: Mapping[str, Any],
    created: datetime,
    facts: Mapping[str, Any] | None = None,
) -> RenderInput:
    """Return what is to be rendered for one submission of a form.

    ``facts`` are those of the case (``services.facts``); without them the paper knows what the case row says.
    Of its own form it knows these answers, whatever was handed in since.
    """
    form = release.form(form_key)
    known = {**pack_context(release), **answers_of(case), form_key: dict(answers)}
    facts = facts if facts is not None else case_facts_of(case, release, local_date(created))
    printed = print_form(form, answers, lists_for(release, form, answers), context=known)
    return RenderInput(
        parameters=values_of(release.pack.parameters),
        template=release.print_template(form_key),
        form=printed,
        data=dict(answers),
        meta={**_meta(release), **case_facts(case, release)},
        facts={
            **facts,
            form_key: dict(answers),
            "text": {**facts.get("text", {}), form_key: dict(printed.text)},
        },
        created=created,
    )


def blank_source(release: Release, form_key: str, created: datetime) -> RenderInput:
    """Return the printable blank form (XW-3.2-a: paper 附件2 at every counter)."""
    printed = print_form(release.form(form_key), {}, {}, context=pack_context(release))
    return RenderInput(
        parameters=values_of(release.pack.parameters),
        template=release.print_template(form_key),
        form=printed,
        data={},
        meta=_meta(release),
        created=created,
    )


def poster_source(context: Context, release: Release, counter: str) -> RenderInput:
    """Return the QR poster of one counter (附件1); the code carries jurisdiction and counter.

    Raises:
        NotFound: no such counter in the pack.
    """
    place = next((known for known in release.pack.counters if known.id == counter), None)
    if place is None:
        raise NotFound("没有这个摆放地点。")
    url = f"{context.base_url}/p/{release.slug}/register?via={counter}"
    return RenderInput(
        parameters=values_of(release.pack.parameters),
        template=release.print_template("qr"),
        form=None,
        data={"url": url, "counter": place.name},
        meta=_meta(release),
        created=context.clock(),
    )


def _meta(release: Release) -> dict[str, Any]:
    return {"pack": release.pack.name, "notice": release.pack.notice.number, "title": release.pack.title}
