"""Tables of the manifest: one set of pages for all of them, edited row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import Invalid, NotFound, Problem
from zuozhen.services import accounts, office
from zuozhen.services.studio import calendars, organisation, substitutions, tables
from zuozhen.services.studio.workspace import StaleDraft
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_tables", __name__)
LARGEST_REV = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed and could not save: ``row`` is empty for a new one. ``stale``: somebody was first."""

    row: str
    typed: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    stale: StaleDraft | None = None
    messages: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/studio/tables")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    return _index_page(None, 200)


@blueprint.post("/studio/tables")
@admin_only(accounts.ADMIN_SYSTEM)
def add_list() -> ResponseReturnValue:
    """Add a code list with its first entry."""
    form = request.form
    try:
        name = tables.add_list(
            context(),
            current_actor(),
            form.get("list", ""),
            (form.get("id", ""), form.get("name", "")),
            rev=rev_of(form),
        )
    except Invalid as error:
        return _index_page(_attempt("", error.problems), 422)
    flash("代码表已加入草稿，部署后生效。")
    return redirect(url_for("zuozhen_studio_tables.table", name=name))


@blueprint.get("/studio/tables/<name>")
@admin_only(accounts.ADMIN_SYSTEM)
def table(name: str) -> ResponseReturnValue:
    return _table_page(name, None, 200)


@blueprint.post("/studio/tables/<name>")
@admin_only(accounts.ADMIN_SYSTEM)
def change(name: str) -> ResponseReturnValue:
    """Save, add, delete or move a row of the draft (``_act``, ``_row``, ``_rev``)."""
    form, actor = request.form, current_actor()
    row, rev, act = form.get("_row", ""), rev_of(form), form.get("_act", "")
    try:
        match act:
            case "save":
                tables.save_row(context(), actor, name, row, _typed(form), rev=rev)
            case "delete":
                tables.delete_row(context(), actor, name, row, rev=rev)
            case "up" | "down":
                tables.move_row(context(), actor, name, row, -1 if act == "up" else 1, rev=rev)
            case _:
                raise NotFound("没有这个操作。")
    except Invalid as error:
        return _table_page(name, _attempt(row, error.problems), 422)
    except StaleDraft as error:
        return _table_page(name, _attempt(row, (), error), 409)
    flash(
        {"save": "已存入草稿，部署后生效。", "delete": "已从草稿中删除，部署后生效。"}.get(
            act, "顺序已调整。"
        )
    )
    return redirect(url_for("zuozhen_studio_tables.table", name=name))


@blueprint.post("/studio/tables/recurrences/dates")
@admin_only(accounts.ADMIN_SYSTEM)
def dates() -> ResponseReturnValue:
    """Answer the dates that a recurrence would have as typed so far: a piece of the page."""
    row = tables.preview_dates(context(), current_actor().tenant, _typed(request.form))
    return render_template(
        "zuozhen/studio/_table_dates.html",
        upcoming=row.upcoming,
        quota=request.form.get("kind") == "quota",
    )


def rev_of(form: Mapping[str, str]) -> int:
    """Return the revision that a form was made from; nonsense is older than everything."""
    text = form.get("_rev", "")
    return min(int(text), LARGEST_REV) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _attempt(row: str, problems: tuple[Problem, ...], stale: StaleDraft | None = None) -> Attempt:
    messages: dict[str, str] = {}
    for problem in problems:
        messages.setdefault(problem.field, problem.message)
    return Attempt(row, _typed(request.form), problems, stale, messages)


def _typed(form: MultiDict[str, str]) -> dict[str, str]:
    """Return what was typed by field; of several ticked boxes each is a line."""
    return {name: "\n".join(form.getlist(name)) for name in form}


def _index_page(attempt: Attempt | None, status: int) -> ResponseReturnValue:
    tenant = current_actor().tenant
    page = render_template(
        "zuozhen/studio/tables.html",
        entries=tables.index_of_tables(context(), tenant),
        rev=tables.table_view(context(), tenant, "general").rev,
        attempt=attempt,
        people=len(organisation.people(context(), tenant).people),
        standing_in=sum(one.state == "now" for one in substitutions.substitutions(context(), tenant)),
        provisional=office.overview(context(), tenant).provisional_years,
        years=calendars.years(context(), tenant),
    )
    return page, status


def _table_page(name: str, attempt: Attempt | None, status: int) -> ResponseReturnValue:
    view = tables.table_view(context(), current_actor().tenant, name)
    return render_template("zuozhen/studio/table.html", view=view, table=view.table, attempt=attempt), status
