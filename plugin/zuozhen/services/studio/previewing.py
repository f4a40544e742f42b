"""What people would see: a form of the draft as the real page, as the real paper, a letter as it would be sent.

Nothing here writes: the cases are made up, and what is typed into a preview is checked and forgotten.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.documents import Rendered, RenderFailed, RenderInput
from zuozhen.formjs import BoundForm, bind, load_form
from zuozhen.model.clock import local_date
from zuozhen.model.errors import ContentError, Finding, NotFound
from zuozhen.model.ids import new_id
from zuozhen.packs.parameters import file_written_out
from zuozhen.services.context import Context
from zuozhen.services.datatables import table_source
from zuozhen.services.effects import document_source
from zuozhen.services.facts import case_facts_of
from zuozhen.services.filling import form_context, prefilled
from zuozhen.services.knowledge import Known
from zuozhen.services.letters import render_letter
from zuozhen.services.prints import blank_source, poster_source, submission_source
from zuozhen.services.registers import register_source, view_of
from zuozhen.services.releases import Release, open_release
from zuozhen.services.reports import report_source
from zuozhen.services.studio import workspace
from zuozhen.services.studio.formfiles import form_keys, form_path
from zuozhen.services.studio.samples import made_up, sample_case, sample_of, sample_options

Filling: TypeAlias = Literal["blank", "sample"]
Files: TypeAlias = Mapping[str, bytes]


def draft_release(context: Context, tenant: int, files: Files) -> Release:
    """Return the draft as a release that is deployed nowhere.

    Where the manifest or the diagram of the draft cannot be read just now, those of the live release stand
    in: a form can be looked at all the same.
    """
    try:
        return open_release(files, release_id=new_id(), version=0)
    except ContentError:
        with context.database.read() as session:
            live = context.releases.live(session, tenant)
        return dataclasses.replace(live, files=files, papers={}, _forms={})


def preview_form(
    context: Context,
    tenant: int,
    files: Files,
    key: str,
    source: bytes | str,
    *,
    formdata: MultiDict[str, str] | None = None,
    uploads: MultiDict[str, FileStorage] | None = None,
    filling: Filling = "blank",
) -> BoundForm:
    """Return a form of the draft as people would get it, with choices from the living installation.

    ``source`` is the form as it is being edited; ``formdata`` is what somebody typed to try it, and is
    checked as in earnest. Forms that this one reads (``register.content``) have sample answers.

    Raises:
        ContentError: the form cannot be used; ``findings`` tell why.
    """
    release = draft_release(context, tenant, files)
    path = form_path(files, release.slug, key)
    text = source if isinstance(source, bytes) else source.encode(errors="replace")
    form = load_form(file_written_out(path, text, release.pack.parameters), key=key, file=path)
    earlier = sample_case(context, release, sorted(form.names & form_keys(files)))
    initial: dict[str, Any] = prefilled(form, Known(earlier.data))
    with context.database.read() as session:
        around = form_context(context, session, release, form, earlier.data, earlier)
    if filling == "sample" and formdata is None:
        initial |= sample_of(context, release, form)
    return bind(
        form,
        formdata=formdata,
        files=uploads,
        initial=initial,
        context=around,
        options=sample_options(context, release, form),
        functions=release.functions(context.clock(), lambda _note: None),
        today=local_date(context.clock()),
    )


def preview_print(
    context: Context,
    tenant: int,
    files: Files,
    key: str,
    source: bytes | str,
    *,
    answers: Mapping[str, Any] | None = None,
    filling: Filling = "sample",
) -> Rendered:
    """Return the paper of a form of the draft: with ``answers``, with sample answers, or blank.

    Raises:
        ContentError: form or print template cannot be used, or takes too long; ``findings`` tell why.
    """
    path = form_path(files, workspace.slug(context, tenant), key)
    form = load_form(source, key=key, file=path)
    encoded = source if isinstance(source, bytes) else source.encode(errors="replace")
    release = draft_release(context, tenant, {**files, path: encoded})
    if answers is None and filling == "blank":
        return _rendered(context, blank_source(release, key, context.clock()), path)
    given = answers if answers is not None else sample_of(context, release, form)
    case = made_up(context, release, {"_order": [key], key: dict(given)})
    return _rendered(context, submission_source(release, case, key, given, context.clock()), path)


def preview_template(context: Context, tenant: int, files: Files, path: str) -> Rendered | tuple[str, str]:
    """Return what a template of the draft makes: a print template its paper, a message (subject, body).

    Raises:
        ContentError: the template is broken. NotFound: nothing in the pack uses such a template.
    """
    release = draft_release(context, tenant, files)
    key = path.rpartition("/")[2].rpartition(".")[0]
    if path.startswith("templates/message/"):
        case = sample_case(context, release, sorted(form_keys(files)))
        variables = {release.pack.business_key: case.business_key}
        return render_letter(release, case, key, variables, f"{context.base_url}/p/{release.slug}/link/…")
    if key in form_keys(files):
        case = sample_case(context, release, [key])
        source = submission_source(release, case, key, case.data.get(key, {}), context.clock())
    elif register := next((known for known in release.pack.registers if known.key == key), None):
        case = sample_case(context, release, sorted(form_keys(files)))
        view = view_of(context, release, register, case.business_key or "", [(case, release)], whole=True)
        source = register_source(context, view)
    elif key == "qr" and release.pack.counters:
        source = poster_source(context, release, release.pack.counters[0].id)
    else:
        source = _named_by_the_pack(context, release, files, key)
    return _rendered(context, source, path)


def _named_by_the_pack(context: Context, release: Release, files: Files, key: str) -> RenderInput:
    """Return what a print template makes that the diagram, a report or a reference table names."""
    pack = release.pack
    drawn = (e for e in release.diagram.elements.values() if e.topic == "document")
    if letter := next((e for e in drawn if e.properties.get("zz:template") == key), None):
        case = sample_case(context, release, sorted(form_keys(files)))
        known = case_facts_of(case, release, local_date(context.clock()))
        return document_source(release, case, key, letter.name or key, known, context.clock())
    if report := next((known for known in pack.reports if known.template == key), None):
        codes = pack.codes.get(report.parameter.codes, {}) if report.parameter else {}
        return report_source(context, release, report.key, context.clock(), next(iter(codes), ""))
    if table := next((known for known in pack.tables if known.print == key), None):
        return table_source(context, release, table)
    raise NotFound(
        "没有表单、清单、报告、资料表或自动文书使用这个打印模板，无法预览。",
        hint="文件名应与表单或清单的名称相同，或在流程图、报告、资料表中选用它。",
    )


def _rendered(context: Context, source: RenderInput, path: str) -> Rendered:
    try:
        return context.documents.render(source)
    except RenderFailed as error:  # the content of the draft is to blame, not the installation
        finding = Finding("error", "print", error.message, file=path, hint=error.hint)
        raise ContentError(error.message, [finding], hint=error.hint) from error
