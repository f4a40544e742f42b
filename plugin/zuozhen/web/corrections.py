"""Correcting a case: with reason, approver and record."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import EngineError, Invalid, NotFound, Problem, ZuozhenError
from zuozhen.services import accounts, correcting
from zuozhen.services.correcting import Grounds
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_corrections", __name__)


@blueprint.get("/corrections")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    query = request.args.get("q", "")
    return render_template(
        "zuozhen/desk/corrections.html",
        cases=correcting.find_cases(context(), current_actor(), query),
        q=query,
    )


@blueprint.get("/cases/<uuid:case_id>/correct")
@admin_only(accounts.ADMIN_SYSTEM)
def case(case_id: UUID) -> ResponseReturnValue:
    return _page(case_id, None, "", 200)


@blueprint.post("/cases/<uuid:case_id>/correct/<act>")
@admin_only(accounts.ADMIN_SYSTEM)
def correct(case_id: UUID, act: str) -> ResponseReturnValue:
    """Carry out one correction; what was typed is shown again when it cannot be done."""
    try:
        flash(_carry_out(case_id, act))
    except NotFound:
        raise
    except (Invalid, EngineError) as error:
        return _page(case_id, error, act, error.status)
    return redirect(url_for("zuozhen_corrections.case", case_id=case_id))


def _page(case_id: UUID, error: ZuozhenError | None, act: str, status: int) -> ResponseReturnValue:
    view = correcting.correction_view(context(), current_actor(), case_id)
    problems = {problem.field: problem.message for problem in getattr(error, "problems", ())}
    page = render_template(
        "zuozhen/desk/correction.html",
        view=view,
        error=error,
        problems=problems,
        act=act,
        typed=request.form if error is not None else {},
    )
    return page, status


def _carry_out(case_id: UUID, act: str) -> str:
    """Do what was asked for and return the sentence that tells it."""
    actor, form = current_actor(), request.form
    grounds = Grounds(form.get("reason", ""), form.get("approver", ""), form.get("basis", ""))
    token = form.get("token", "")
    match act:
        case "move":
            names = correcting.move(context(), actor, case_id, token, form.get("element", ""), grounds)
            return f"已转到新的环节。现在待办：{'、'.join(names) or '无'}。"
        case "instance":
            correcting.end_instance(context(), actor, case_id, token, grounds)
            return "这一份不再办理，其他各份照常。"
        case "due":
            correcting.change_due(context(), actor, case_id, token, _day(form.get("due", "")), grounds)
            return "期限已更改。"
        case "cancel":
            correcting.cancel(context(), actor, case_id, grounds)
            return "办件已终止。"
        case "undo":
            seq = form.get("seq", "")
            number = int(seq) if seq.isdecimal() and len(seq) < 10 else 0
            correcting.undo(context(), actor, case_id, grounds, seq=number)
            return "上一步已撤销，办件回到该步之前。"
    raise NotFound("没有这种更正。")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("新期限不是日期。", (Problem("due", "新期限", "请按年-月-日填写"),)) from error
