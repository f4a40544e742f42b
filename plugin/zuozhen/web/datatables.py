"""Reference tables (资料表) that staff keep up to date: the rows, one form each, and what was changed when by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.services import livetables
from zuozhen.web.identity import context, current_actor, staff_only

blueprint = Blueprint("zuozhen_tables", __name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed and could not save: ``row`` is empty for a new one. ``gone`` says who was first."""

    row: str
    typed: Mapping[str, str]
    messages: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    gone: livetables.RowGone | None = None


@blueprint.get("/tables/<key>")
@staff_only
def table(key: str) -> ResponseReturnValue:
    return _page(key, None)


@blueprint.post("/tables/<key>")
@staff_only
def change(key: str) -> ResponseReturnValue:
    """Save, add or delete a row (``_act``, ``_row``), or let the rows of the release count again."""
    form, actor = request.form, current_actor()
    row, act = form.get("_row", "")[:80], form.get("_act", "")
    typed = {name: value for name, value in form.items() if not name.startswith("_") and name != "csrf_token"}
    try:
        match act:
            case "save":
                livetables.save_row(context(), actor, key, row, typed)
            case "delete":
                livetables.delete_row(context(), actor, key, row)
            case "reset":
                livetables.reset_rows(context(), actor, key)
            case _:
                raise NotFound("没有这个操作。")
    except Invalid as error:
        messages = {problem.field: problem.message for problem in reversed(error.problems)}
        return _page(key, Attempt(row, typed, messages, error.message)), 422
    except livetables.RowGone as error:
        return _page(key, Attempt(row, typed if act == "save" else {}, gone=error)), 409
    flash({"save": "已保存，即时生效。", "delete": "已删除，即时生效。"}.get(act, "已恢复为流程包中的内容。"))
    return redirect(url_for("zuozhen_tables.table", key=key))


def _page(key: str, attempt: Attempt | None) -> str:
    view = livetables.table_rows(context(), current_actor(), key)
    return render_template("zuozhen/desk/table_rows.html", view=view, table=view.table, attempt=attempt)
