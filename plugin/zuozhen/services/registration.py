"""Starting cases: an enterprise's 挂号 by any channel, and processes started by hand or by a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.engine import Start
from zuozhen.formjs import BoundForm, FormDefinition, bind
from zuozhen.model.clock import local_date
from zuozhen.model.errors import Forbidden, Invalid, NotFound
from zuozhen.model.ids import new_id
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.options import options_for, prefilled, session_label
from zuozhen.services.releases import Release
from zuozhen.services.stepping import start_case
from zuozhen.services.uploads import read_uploads
from zuozhen.store.numbers import next_number


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
    role: str = "case",
    *,
    formdata: MultiDict[str, str] | None = None,
    files: MultiDict[str, FileStorage] | None = None,
    draft: Mapping[str, Any] | None = None,
) -> StartView:
    """Return the start form of the jurisdiction's live procedure; ``role`` is ``case`` or ``clinic``."""
    with context.database.read() as session:
        return _view(context, session, tenant, role, formdata, files, draft or {})


def register(
    context: Context,
    actor: Actor,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
    *,
    channel: str,
    counter: str = "",
) -> Registered | StartView:
    """Register an enterprise's matter (挂号); a form with problems comes back as a ``StartView``.

    ``channel`` is one of the pack's channels, ``counter`` the place of the QR poster, if any
    (source clause: XW-3.2-a…c); it is kept behind the channel, after a colon. The number is taken after all checks and in the case's transaction: a failed attempt loses none.
    """
    with context.database.write() as session:
        view = _view(context, session, actor.tenant, "case", formdata, files, {})
        release = view.release
        if channel not in {known.id for known in release.pack.channels}:
            raise Invalid("受理渠道不在清单中。", hint="请从下拉列表中选择诉求来自哪个渠道。")
        if counter in {known.id for known in release.pack.counters}:
            channel = f"{channel}:{counter}"
        bound = view.bound
        if bound is None or bound.structural or not bound.validate():
            return view
        case_id, code = new_id(), context.signer.new_code()
        labels = {key: view.form.label(key) for key in bound.uploads} if view.form is not None else {}
        kept, documents = read_uploads(context, case_id, actor, bound.uploads, labels)
        answers = {**bound.answers, **kept}
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
                "number": _number(context, session, release, "case"),
                "title": _text(answers, "title") or release.pack.title,
                "enterprise": _text(answers, "enterprise"),
                "channel": channel,
                "confidential": bool(answers.get("confidential")),
                "query_hash": context.signer.digest(code),
            },
            actor=actor,
            kind="registered",
        )
        session.add_all(documents)
        registered = Registered(case.id, case.number or "", code, case.title)
    context.wake()
    return registered


def start_by_hand(
    context: Context, actor: Actor, formdata: MultiDict[str, str], role: str = "clinic"
) -> UUID | StartView:
    """Start another process of the pack by hand (加诊, XW-3.4-d); only staff who see all cases may."""
    if not actor.sees_all:
        raise Forbidden("只有牵头单位可以发起。")
    with context.database.write() as session:
        view = _view(context, session, actor.tenant, role, formdata, None, {})
        if view.bound is not None and (view.bound.structural or not view.bound.validate()):
            return view
        answers = dict(view.bound.answers) if view.bound is not None else {}
        key = answers.get(view.release.pack.business_key, "")
        case = start_case(
            context,
            session,
            view.release,
            view.process_id,
            start_id=view.start.id,
            form_key=view.start.form_key,
            answers=answers,
            columns={"title": f"{session_label(str(key))}坐诊", "enterprise": "", "channel": ""},
            actor=actor.overseeing(),
            kind="started",
        )
        case_id = case.id
    context.wake()
    return case_id


def _view(
    context: Context,
    session: Session,
    tenant: int,
    role: str,
    formdata: MultiDict[str, str] | None,
    files: MultiDict[str, FileStorage] | None,
    draft: Mapping[str, Any],
) -> StartView:
    release = context.releases.live(session, tenant)
    process_id = release.pack.processes.get(role, "")
    if process_id not in release.diagram.processes:
        raise NotFound("该地区的流程中没有这类事项。")
    starts = [s for s in release.diagram.processes[process_id].starts if s.kind == "none"]
    if not starts:
        raise NotFound("这类事项不能手工发起。")
    start = starts[0]
    if not start.form_key:
        return StartView(release, process_id, start, None, None)
    form = release.form(start.form_key)
    functions = release.functions(context.clock(), lambda _note: None)
    bound = bind(
        form,
        formdata=formdata,
        files=files,
        initial={**prefilled(context, release, form, {}, {}), **draft},
        options=options_for(context, session, release, form),
        functions=functions,
        today=local_date(context.clock()),
    )
    return StartView(release, process_id, start, form, bound)


def _text(answers: Mapping[str, Any], key: str) -> str:
    value = answers.get(key)
    return value[:200] if isinstance(value, str) else ""


def _number(context: Context, session: Session, release: Release, name: str) -> str:
    numbering = release.pack.numberings.get(name)
    if numbering is None:
        return ""
    today = local_date(context.clock())
    sequence = next_number(session, release.tenant, numbering.scope_key(today))
    return numbering.format(today, sequence)
