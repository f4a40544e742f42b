"""Starting cases: an enterprise's 挂号 by any channel, and processes started by hand or by a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.engine import Start
from zuozhen.formjs import BoundForm, FormDefinition
from zuozhen.model.errors import Forbidden, Invalid, NotFound
from zuozhen.model.ids import new_id
from zuozhen.packs import Numbering
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.filling import Sent, fill_in
from zuozhen.services.releases import Release
from zuozhen.services.sessionkeys import label_of
from zuozhen.services.stepping import start_case, with_answers
from zuozhen.services.titles import plain_enterprise, plain_title
from zuozhen.services.uploads import read_uploads
from zuozhen.store.tables import Case, Document

MATTER: Final = "case"
"""The alias of the procedure in which an enterprise's matter is handled; every pack has it."""


@dataclass(frozen=True, slots=True)
class StartView:
    """The form that starts a process, ready to show or to show again."""

    release: Release
    process_id: str
    start: Start
    form: FormDefinition | None
    bound: BoundForm | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A started case; ``code`` is shown once and only its keyed hash is stored."""

    case_id: UUID
    number: str
    code: str
    title: str


def open_start(
    context: Context,
    tenant: int,
    alias: str = MATTER,
    *,
    formdata: MultiDict[str, str] | None = None,
    files: MultiDict[str, FileStorage] | None = None,
    draft: Mapping[str, Any] | None = None,
    start_id: str = "",
) -> StartView:
    """Return the start form of one of the live pack's procedures, ``start_id`` naming one of several starts."""
    with context.database.read() as session:
        return _view(context, session, tenant, alias, Sent(formdata, files), draft or {}, start_id)


def register(
    context: Context,
    actor: Actor,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
    *,
    channel: str,
    counter: str = "",
    alias: str = MATTER,
) -> Registered | StartView:
    """Register an enterprise's matter (挂号) or start another public procedure; problems come as a ``StartView``.

    ``channel`` is one of the pack's channels, ``counter`` the place of the QR poster, if any
    (source clause: XW-3.2-a…c); it is kept behind the channel, after a colon.

    Raises:
        NotFound: the pack has no such procedure, or it is not open to enterprises.
    """
    with context.database.write() as session:
        view = _view(context, session, actor.tenant, alias, Sent(formdata, files), {})
        release = view.release
        if not release.pack.procedures[alias].public:
            raise NotFound("这类事项不在网上办理。", hint="请到服务专窗咨询。")
        if channel not in {known.id for known in release.pack.channels}:
            raise Invalid("受理渠道不在清单中。", hint="请从下拉列表中选择诉求来自哪个渠道。")
        if counter in {known.id for known in release.pack.counters}:
            channel = f"{channel}:{counter}"
        bound = view.bound
        if bound is None or bound.structural or not bound.validate():
            return view
        code = context.signer.new_code()
        case = _start(
            context,
            session,
            view,
            alias,
            actor,
            kind="registered",
            columns={"channel": channel, "query_hash": context.signer.digest(code)},
            numbering=_numbering(release, alias),
        )
        registered = Registered(case.id, case.number or "", code, case.title)
    context.wake()
    return registered


def start_by_hand(
    context: Context,
    actor: Actor,
    formdata: MultiDict[str, str],
    alias: str = "clinic",
    *,
    files: MultiDict[str, FileStorage] | None = None,
    start_id: str = "",
) -> UUID | StartView:
    """Start a procedure of the pack by hand (加诊, XW-3.4-d; 座谈会, 投诉 …); problems come as a ``StartView``.

    Raises:
        Forbidden: it is for other groups (without ``open_to``: for those who see all cases).
    """
    with context.database.write() as session:
        view = _view(context, session, actor.tenant, alias, Sent(formdata, files), {}, start_id)
        procedure = view.release.pack.procedures[alias]
        if not (actor.groups & set(procedure.open_to) if procedure.open_to else actor.sees_all):
            raise Forbidden(
                "您所在的岗位不能发起这类事项。" if procedure.open_to else "只有牵头单位可以发起。",
                hint="请由可以发起的岗位办理。",
            )
        if view.bound is not None and (view.bound.structural or not view.bound.validate()):
            return view
        numbering = view.release.pack.numberings.get(alias)
        case = _start(
            context,
            session,
            view,
            alias,
            actor if procedure.open_to else actor.overseeing(),
            kind="started",
            columns={"channel": ""},
            numbering=numbering if numbering is not None and not numbering.form else None,
        )
        case_id = case.id
    context.wake()
    return case_id


def _start(
    context: Context,
    session: Session,
    view: StartView,
    alias: str,
    actor: Actor,
    *,
    kind: str,
    columns: Mapping[str, Any],
    numbering: Numbering | None,
) -> Case:
    """Start a procedure with a form that passed, keeping its files."""
    release, case_id = view.release, new_id()
    answers: dict[str, Any] = {}
    documents: list[Document] = []
    if view.bound is not None and view.form is not None:
        labels = {key: view.form.label(key) for key in view.bound.uploads}
        kept, documents = read_uploads(context, case_id, actor, view.bound.uploads, labels)
        answers = {**view.bound.answers, **kept}
    confidential = bool(answers.get("confidential"))
    asking = Case(
        data=with_answers({}, view.start.form_key, answers, release.id.hex) if answers else {},
        confidential=confidential,
    )
    case = start_case(
        context,
        session,
        release,
        view.process_id,
        start_id=view.start.id,
        form_key=view.start.form_key,
        answers=answers,
        columns={
            "id": case_id,
            "title": plain_title(release, asking) or _usual_title(release, alias, answers),
            "enterprise": plain_enterprise(release, asking),
            "confidential": confidential,
            **columns,
        },
        actor=actor,
        kind=kind,
        numbering=numbering,
    )
    session.add_all(documents)
    return case


def _usual_title(release: Release, alias: str, answers: Mapping[str, Any]) -> str:
    """Return what an instance is called for want of anything better."""
    procedure = release.pack.procedures[alias]
    key = answers.get(release.pack.business_key)
    if procedure.session and isinstance(key, str) and key:
        return f"{label_of(release, key)}{procedure.label or release.pack.words.sitting}"
    if alias == MATTER:
        return release.pack.title
    process = release.diagram.processes.get(procedure.process)
    return procedure.label or (process.name if process else alias)


def _numbering(release: Release, alias: str) -> Numbering | None:
    """Return the rule that numbers the cases of a public procedure: by its alias, else a plain sequence.

    The receipt needs a number; the matter's own rule is ``case``.
    """
    rule = release.pack.numberings.get(alias)
    if rule is not None and not rule.form:
        return rule
    return None if alias == MATTER else Numbering(alias, f"{alias.upper()}{{year}}-{{seq:04d}}")


def _view(
    context: Context,
    session: Session,
    tenant: int,
    alias: str,
    sent: Sent,
    draft: Mapping[str, Any],
    start_id: str = "",
) -> StartView:
    release = context.releases.live(session, tenant)
    process_id = release.pack.processes.get(alias, "")
    if process_id not in release.diagram.processes:
        raise NotFound("该地区的流程中没有这类事项。")
    starts = [s for s in release.diagram.processes[process_id].starts if s.kind == "none"]
    start = next((s for s in starts if s.id == start_id), starts[0] if starts else None)
    if start is None:
        raise NotFound("这类事项不能手工发起。")
    if not start.form_key:
        return StartView(release, process_id, start, None, None)
    form = release.form(start.form_key)
    bound = fill_in(context, session, release, form, sent=sent, draft=draft)
    return StartView(release, process_id, start, form, bound)
