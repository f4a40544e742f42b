"""The book of numbers (编号簿): every number given, by rule and prefix; a wrong one is voided, never used again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Invalid
from zuozhen.services import numberledger, starting
from zuozhen.web.identity import context, current_actor, staff_only

blueprint = Blueprint("zuozhen_numbers", __name__)
FILTERS = ("rule", "prefix", "query")


@blueprint.get("/numbers")
@staff_only
def book() -> ResponseReturnValue:
    return _page()


@blueprint.post("/numbers/<uuid:number_id>/void")
@staff_only
def void(number_id: UUID) -> ResponseReturnValue:
    try:
        numberledger.void(context(), current_actor(), number_id, request.form.get("reason", ""))
    except Invalid as error:
        return _page(number_id, error.problems[0].message if error.problems else error.message), 422
    flash("已作废；该号码不再使用，作废理由记入编号簿和办理记录。")
    asked = _asked()
    return redirect(
        url_for("zuozhen_numbers.book", rule=asked["rule"], prefix=asked["prefix"], query=asked["query"])
    )


def _page(wrong: UUID | None = None, problem: str = "") -> str:
    """Show the book; ``wrong`` is the number that was not voided, and why."""
    actor, asked = current_actor(), _asked()
    page = numberledger.ledger(context(), actor, after=request.args.get("after", ""), **asked)
    names = starting.rule_names(context(), actor.tenant)
    return render_template(
        "zuozhen/desk/numbers.html", page=page, names=names, filters=asked, wrong=wrong, problem=problem
    )


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "")[:80] for name in FILTERS}
