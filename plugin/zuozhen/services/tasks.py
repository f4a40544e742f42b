"""Work on one user task: open, claim, save a draft, complete, act by hand, hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.formjs import BoundForm, FormDefinition
from zuozhen.model.errors import Conflict, EngineError, Forbidden, Invalid, NotFound
from zuozhen.model.step import Complete, Deliver
from zuozhen.services import incidents
from zuozhen.services.actlimits import require_in_time
from zuozhen.services.actors import ENTERPRISE, Actor, require_task_right
from zuozhen.services.context import Context
from zuozhen.services.filling import Sent, fill_in
from zuozhen.services.handacts import STAFF, acts_of, doer_of, may_act
from zuozhen.services.numbers import give_for_form, without_claims
from zuozhen.services.privacy import may_know
from zuozhen.services.releases import Release
from zuozhen.services.stepping import apply_event, routing, with_answers
from zuozhen.services.uploads import read_uploads
from zuozhen.store.accounts import account_by_id
from zuozhen.store.steps import append_event, load_by_token
from zuozhen.store.tables import TOKEN_OPEN, Case, Token


class TaskClosed(Conflict):
    """The task was completed or cancelled meanwhile; trying again is of no use."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task (or an act by hand) with its form, ready to show or to show again."""

    case: Case
    token: Token
    release: Release
    form: FormDefinition | None
    bound: BoundForm | None
    acts: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A task was completed; ``ended`` tells whether the case is over, ``next_names`` who is next."""

    case_id: UUID
    number: str
    name: str
    next_names: tuple[str, ...]
    ended: str


def open_task(context: Context, actor: Actor, token: str, *, within: UUID | None = None) -> TaskView:
    """Return a task with its (drafted or prefilled) form for showing; ``within`` as in :func:`submit`.

    Raises:
        NotFound, Conflict (already done), Forbidden.
    """
    with context.database.read() as session:
        case, tokens, row = _open_row(session, actor, token, within)
        release = context.releases.get(session, case.tenant, case.release_id)
        _require(context, session, actor, case, row, tokens, release)
        return _view(context, session, actor, case, tokens, row, release)


def save_draft(context: Context, actor: Actor, token: str, formdata: MultiDict[str, str]) -> None:
    """Keep what was typed so far, valid or not; files are not part of a draft."""
    with context.database.write() as session:
        case, tokens, row = _open_row(session, actor, token)
        release = context.releases.get(session, case.tenant, case.release_id)
        _require(context, session, actor, case, row, tokens, release)
        view = _view(context, session, actor, case, tokens, row, release, formdata=formdata)
        if view.bound is not None:
            row.draft = view.bound.draft()
            row.draft_by = actor.id
            row.draft_at = context.clock()


def fill(context: Context, actor: Actor, token: str, formdata: MultiDict[str, str]) -> TaskView:
    """Return a task with these answers filled in, not judged yet; nothing is changed."""
    with context.database.read() as session:
        case, tokens, row = _open_row(session, actor, token)
        release = context.releases.get(session, case.tenant, case.release_id)
        _require(context, session, actor, case, row, tokens, release)
        return _view(context, session, actor, case, tokens, row, release, formdata=formdata)


def check(
    context: Context,
    actor: Actor,
    token: str,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
) -> TaskView:
    """Return a task with what was typed, judged as :func:`submit` would; nothing is changed."""
    with context.database.read() as session:
        case, tokens, row = _open_row(session, actor, token)
        release = context.releases.get(session, case.tenant, case.release_id)
        _require(context, session, actor, case, row, tokens, release)
        return _shown_again(context, session, actor, case, tokens, row, release, formdata, files)


def submit(
    context: Context,
    actor: Actor,
    token: str,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
    *,
    within: UUID | None = None,
) -> Done | TaskView:
    """Complete a task or perform an act by hand; a form with problems comes back as a ``TaskView``.

    ``within`` is the one case that the actor may act in (an enterprise has opened exactly one).

    Raises:
        NotFound: no such task, or one of another case than ``within``.
        Conflict: somebody else was first (``TaskClosed``) or is at it; nothing was changed.
        EngineError: the procedure is stuck; an incident is recorded and what was typed is kept as a draft.
    """
    try:
        with context.database.write() as session:
            case, tokens, row = _open_row(session, actor, token, within)
            release = context.releases.get(session, case.tenant, case.release_id)
            _require(context, session, actor, case, row, tokens, release)
            view = _view(
                context,
                session,
                actor,
                case,
                tokens,
                row,
                release,
                formdata=formdata,
                files=files,
                check_only=True,
            )
            answers: dict[str, Any] = {}
            if view.bound is not None and view.form is not None:
                if view.bound.structural or not view.bound.validate():
                    return _shown_again(context, session, actor, case, tokens, row, release, formdata, files)
                answers = dict(view.bound.answers)
                labels = {key: view.form.label(key) for key in view.bound.uploads}
                kept, documents = read_uploads(context, case.id, actor, view.bound.uploads, labels)
                answers |= kept
                session.add_all(documents)
            done = _advance(context, session, actor, case, tokens, row, release, answers)
    except EngineError as error:
        incidents.record(context, actor.tenant, token, error)
        with suppress(Conflict):  # somebody is at the case: what went wrong must still be told
            save_draft(context, actor, token, formdata)
        raise
    context.wake()
    return done


def as_formdata(answers: Mapping[str, Any]) -> MultiDict[str, str]:
    """Return answers (JSON) as a browser would post them: programs and scenarios go the same way as people.

    Groups of fields are objects, lists of rows are lists of objects; deeper than that no form goes.
    """
    data: MultiDict[str, str] = MultiDict()
    for key, value in answers.items():
        if isinstance(value, Mapping):
            for inner, answer in value.items():
                _post(data, f"{key}-{inner}", answer)
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            for index, row in enumerate(value):
                data.add(f"{key}-{index}-_row", "1")
                for inner, answer in row.items():
                    _post(data, f"{key}-{index}-{inner}", answer)
        else:
            _post(data, key, value)
    return data


def _post(data: MultiDict[str, str], name: str, value: Any) -> None:
    if isinstance(value, bool):
        if value:
            data.add(name, "y")
    elif isinstance(value, list):
        for item in value:
            data.add(name, str(item))
    elif value is not None:
        data.add(name, str(value))


def claim(context: Context, actor: Actor, token: str) -> None:
    """Take a group's task: colleagues see it as taken."""
    _assign(context, actor, token, actor.id, "claimed", {"to": actor.name})


def unclaim(context: Context, actor: Actor, token: str) -> None:
    """Give a claimed task back to its group."""
    _assign(context, actor, token, None, "unclaimed", {})


def hand_over(context: Context, actor: Actor, token: str, to_account: UUID, reason: str) -> None:
    """Hand a task to a named colleague, with a reason that stays in the history.

    Raises:
        Invalid: no reason, or the colleague is not an active account of this jurisdiction.
    """
    if not reason.strip():
        raise Invalid("转交任务需要填写理由。")
    with context.database.read() as session:
        account = account_by_id(session, actor.tenant, to_account)
        if account is None or not account.active:
            raise Invalid("转交对象不存在或已停用。", hint="请从列表中选择在岗人员。")
        name = account.display_name
    _assign(context, actor, token, to_account, "handed_over", {"to": name, "reason": reason.strip()[:500]})


def _assign(
    context: Context, actor: Actor, token: str, assignee: UUID | None, kind: str, payload: dict[str, Any]
) -> None:
    with context.database.write() as session:
        case, _tokens, row = _open_row(session, actor, token)
        if row.grp == ENTERPRISE:
            raise Forbidden("企业办理的事项不能签收或转交。")
        moves_anybodys = kind == "handed_over" and actor.sees_all and may_know(session, actor, case)
        if not moves_anybodys:  # as the lead office may
            require_task_right(actor, row)
            doer = actor.doing(row)
        else:
            doer = actor.overseeing()
        row.assignee = assignee
        append_event(
            session,
            case,
            at=context.clock(),
            actor_id=doer.id,
            actor_name=doer.name,
            kind=kind,
            payload={"element": row.element_id, "name": row.name, "token": token, **payload, **_place(doer)},
        )


def _open_row(
    session: Session, actor: Actor, token: str, within: UUID | None = None
) -> tuple[Case, Sequence[Token], Token]:
    """Load and lock the case that holds an open token.

    Raises:
        NotFound: no such token in the jurisdiction (or in the case ``within``). TaskClosed: it is no longer open.
    """
    found = load_by_token(session, actor.tenant, token)
    if found is None or within not in (None, found.case.id):
        raise NotFound("没有这项任务。", hint="请回到任务列表刷新后再试。")
    case, tokens = found
    for row in tokens:
        if row.token == token and row.status == TOKEN_OPEN:
            return case, tokens, row
    raise TaskClosed(
        "这项任务已经办结或已被撤销，本次填写没有提交。",
        hint="可能有同事刚刚办理完毕；请查看办件的办理记录。",
    )


def _require(
    context: Context,
    session: Session,
    actor: Actor,
    case: Case,
    row: Token,
    tokens: Sequence[Token],
    release: Release,
) -> None:
    if row.kind == "task":
        require_task_right(actor, row)
    elif row.trigger == ENTERPRISE:
        if ENTERPRISE not in actor.groups:
            raise Forbidden("此操作只能由企业本人进行。")
    elif row.trigger == STAFF:
        if not may_act(context, session, release, actor, case, row, tokens):
            raise Forbidden("此操作由正在办理该事项或流程图指定的人员进行。")
    else:
        raise NotFound("没有这项任务。")
    if row.kind == "wait":
        require_in_time(context, session, release, case, row, tokens)


def _place(actor: Actor) -> dict[str, str]:
    """Return what an event's payload says of somebody who acts for somebody else."""
    return {"in_place_of": actor.in_place_of.hex} if actor.in_place_of else {}


def _view(
    context: Context,
    session: Session,
    actor: Actor,
    case: Case,
    tokens: Sequence[Token],
    row: Token,
    release: Release,
    *,
    formdata: MultiDict[str, str] | None = None,
    files: MultiDict[str, FileStorage] | None = None,
    check_only: bool = False,
) -> TaskView:
    acts: tuple[Token, ...] = ()
    if row.kind == "task" and not check_only:
        possible = acts_of(context, session, release, actor, case, tokens)
        acts = tuple(act for act in possible if act.activity in ("", row.token, row.activity))
    if not row.form_key:
        return TaskView(case, row, release, None, None, acts)
    form = release.form(row.form_key)
    bound = fill_in(
        context,
        session,
        release,
        form,
        sent=Sent(formdata, files),
        case=case,
        token=row,
        draft=row.draft if formdata is None else None,
    )
    return TaskView(case, row, release, form, bound, acts)


def _shown_again(
    context: Context,
    session: Session,
    actor: Actor,
    case: Case,
    tokens: Sequence[Token],
    row: Token,
    release: Release,
    formdata: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None,
) -> TaskView:
    """Return a form that did not pass, with its problems and with every choice to choose from."""
    view = _view(context, session, actor, case, tokens, row, release, formdata=formdata, files=files)
    if view.bound is not None and not view.bound.structural:
        view.bound.validate()
    return view


def _advance(
    context: Context,
    session: Session,
    actor: Actor,
    case: Case,
    tokens: Sequence[Token],
    row: Token,
    release: Release,
    answers: Mapping[str, Any],
) -> Done:
    data = with_answers(case.data, row.form_key, answers, release.id.hex)
    given = give_for_form(context, session, release, case, row.form_key, data)
    answers = {**without_claims(release, row.form_key, answers), **given.answers}
    variables = routing(release, answers)
    event = Complete(row.token, variables) if row.kind == "task" else Deliver(row.token, variables)
    doer = (
        actor.doing(row)
        if row.kind == "task"
        else doer_of(context, session, release, actor, case, row, tokens)
    )
    step = apply_event(
        context,
        session,
        case,
        tokens,
        event,
        actor=doer,
        kind="completed" if row.kind == "task" else "acted",
        payload={
            "element": row.element_id,
            "name": row.name,
            "token": row.token,
            **_place(doer),
            **given.payload,
        },
        form_key=row.form_key,
        answers=answers,
    )
    session.add_all(given.issued)
    return Done(
        case.id,
        case.number or "",
        row.name,
        tuple(dict.fromkeys(task.name for task in step.tasks)),
        step.ended.name if step.ended else "",
    )
