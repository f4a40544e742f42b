"""People: accounts with unit, roles and administrator's role; many at once; who stands in for whom."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Conflict, Invalid, NotFound, Problem
from zuozhen.services import accounts, office
from zuozhen.services.studio import newcomers, organisation, substitutions
from zuozhen.services.studio.newcomers import Newcomer, Welcomed
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.tables import blueprint


@blueprint.get("/studio/tables/people")
@admin_only(accounts.ADMIN_SYSTEM)
def people() -> ResponseReturnValue:
    return _people_page(200)


@blueprint.post("/studio/tables/people")
@admin_only(accounts.ADMIN_SYSTEM)
def new_person() -> ResponseReturnValue:
    actor, form = current_actor(), request.form
    username = form.get("username", "").strip()
    try:
        account_id = accounts.create_account(
            context(),
            actor.tenant,
            username,
            form.get("name", "").strip()[:40] or username,
            unit=_known_unit(form.get("unit", "")),
            groups=office.known_groups(context(), actor.tenant, form.getlist("groups")),
            admin=[role for role in form.getlist("admin") if role in accounts.ADMIN_ROLES],
        )
    except Invalid as error:
        return _people_page(422, new=form.to_dict(), chosen=form.getlist("groups"), error=error)
    return _link_page(account_id, username)


@blueprint.post("/studio/tables/people/<uuid:account_id>")
@admin_only(accounts.ADMIN_SYSTEM)
def change_person(account_id: UUID) -> ResponseReturnValue:
    form = request.form
    try:
        organisation.change_person(
            context(),
            current_actor(),
            account_id,
            name=form.get("name", ""),
            unit=form.get("unit", ""),
            groups=form.getlist("groups"),
            admin=form.get("admin", ""),
        )
    except Invalid as error:
        typed = {**form.to_dict(), "id": str(account_id)}
        return _people_page(422, changed=typed, chosen=form.getlist("groups"), error=error)
    flash("账号已修改，立即生效。")
    return redirect(url_for("zuozhen_studio_tables.people"))


@blueprint.post("/studio/tables/people/<uuid:account_id>/<act>")
@admin_only(accounts.ADMIN_SYSTEM)
def steer_person(account_id: UUID, act: str) -> ResponseReturnValue:
    """Make a first-login link, or (de)activate an account."""
    actor = current_actor()
    if act == "link":
        return _link_page(account_id, "")
    if act not in ("activate", "deactivate"):
        raise NotFound("没有这个操作。")
    if account_id == actor.id:
        raise Conflict("不能停用自己的账号。")
    accounts.set_active(context(), actor.tenant, account_id, act == "activate")
    flash("账号已启用。" if act == "activate" else "账号已停用，其登录已失效。")
    return redirect(url_for("zuozhen_studio_tables.people"))


# ---------------------------------------------------------------- many at once


@blueprint.route("/studio/tables/people/import", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def import_people() -> ResponseReturnValue:
    """Preview a CSV list line by line, then create its accounts; the links are shown this once."""
    if request.method == "GET":
        return _import_page("", (), None, 200)
    text = request.form.get("text", "")
    try:
        if upload := request.files.get("file"):
            text = newcomers.decoded(upload.stream.read(newcomers.LARGEST + 1)) or text
        if request.form.get("_act") == "create":
            return _welcome_page(newcomers.welcome(context(), current_actor(), text))
        lines = newcomers.read_newcomers(context(), current_actor().tenant, text)
    except Invalid as error:
        return _import_page(text, _readable(text) if error.problems else (), error, 422)
    return _import_page(text, lines, None, 422 if any(line.problems for line in lines) else 200)


def _readable(text: str) -> Sequence[Newcomer]:
    return newcomers.read_newcomers(context(), current_actor().tenant, text)


def _import_page(
    text: str, lines: Sequence[Newcomer], error: Invalid | None, status: int
) -> ResponseReturnValue:
    page = render_template(
        "zuozhen/studio/table_people_import.html",
        text=text,
        lines=lines,
        error=error,
        headings=newcomers.HEADINGS,
        organisation=organisation.people(context(), current_actor().tenant),
    )
    return page, status


def _welcome_page(welcomed: Sequence[Welcomed]) -> ResponseReturnValue:
    links = [(one.username, one.name, f"{context().base_url}/first-login/{one.secret}") for one in welcomed]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("登录名", "姓名", "首次登录链接"))
    writer.writerows(((username, _plain(name), link) for username, name, link in links))
    content = base64.b64encode(sheet.getvalue().encode("utf-8-sig")).decode()
    return render_template("zuozhen/studio/table_people_links.html", links=links, sheet=content)


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" else text


# ---------------------------------------------------------------- standing in


@blueprint.get("/studio/tables/substitutions")
@admin_only(accounts.ADMIN_SYSTEM)
def stand_ins() -> ResponseReturnValue:
    return _stand_ins_page(200)


@blueprint.post("/studio/tables/substitutions")
@admin_only(accounts.ADMIN_SYSTEM)
def new_stand_in() -> ResponseReturnValue:
    form = request.form
    try:
        problems: list[Problem] = []
        absent = _account_id(form, "absent", "谁不在岗", problems)
        stands = _account_id(form, "substitute", "由谁代班", problems)
        first = _day(form, "first", "从哪天", problems)
        last = _day(form, "last", "到哪天", problems)
        if absent is None or stands is None or first is None or last is None:
            raise Invalid("没有保存，请按提示改正。", problems)
        substitutions.substitute(
            context(), current_actor(), absent, stands, first=first, last=last, reason=form.get("reason", "")
        )
    except (Invalid, Conflict) as error:
        return _stand_ins_page(error.status, form.to_dict(), error)
    flash("代班已安排，到期自动结束。")
    return redirect(url_for("zuozhen_studio_tables.stand_ins"))


@blueprint.post("/studio/tables/substitutions/<uuid:substitution_id>/end")
@admin_only(accounts.ADMIN_SYSTEM)
def end_stand_in(substitution_id: UUID) -> ResponseReturnValue:
    substitutions.end_substitution(context(), current_actor(), substitution_id)
    flash("代班已结束。")
    return redirect(url_for("zuozhen_studio_tables.stand_ins"))


def _stand_ins_page(
    status: int, typed: Mapping[str, str] | None = None, error: Invalid | Conflict | None = None
) -> ResponseReturnValue:
    tenant = current_actor().tenant
    page = render_template(
        "zuozhen/studio/table_stand_ins.html",
        rows=substitutions.substitutions(context(), tenant),
        people=[one for one in organisation.people(context(), tenant).people if one.active],
        typed=typed or {},
        error=error,
        messages=_messages(error),
    )
    return page, status


def _account_id(form: Mapping[str, str], key: str, label: str, problems: list[Problem]) -> UUID | None:
    try:
        return UUID(form.get(key, ""))
    except ValueError:
        problems.append(Problem(key, label, f"请选择{label}"))
        return None


def _day(form: Mapping[str, str], key: str, label: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(form.get(key, ""))
    except ValueError:
        problems.append(Problem(key, label, f"请填写{label}"))
        return None


# ---------------------------------------------------------------- parts


def _people_page(
    status: int,
    *,
    new: Mapping[str, str] | None = None,
    changed: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    error: Invalid | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "zuozhen/studio/table_people.html",
        view=organisation.people(context(), current_actor().tenant),
        new=new,
        changed=changed or {},
        chosen=chosen,
        error=error,
        messages=_messages(error),
    )
    return page, status


def _messages(error: Invalid | Conflict | None) -> dict[str, str]:
    problems = error.problems if isinstance(error, Invalid) else ()
    return {problem.field: problem.message for problem in problems}


def _link_page(account_id: UUID, username: str) -> ResponseReturnValue:
    secret = accounts.new_login_link(context(), current_actor().tenant, account_id)
    return render_template(
        "zuozhen/desk/account_link.html", link=f"{context().base_url}/first-login/{secret}", username=username
    )


def _known_unit(unit: str) -> str:
    return next(iter(office.known_groups(context(), current_actor().tenant, [unit])), "")
