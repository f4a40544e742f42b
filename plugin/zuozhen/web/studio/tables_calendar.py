"""The working calendar: years, reading a new one, checking it against running cases, publishing it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Conflict, ContentError, Finding, Invalid, ZuozhenError
from zuozhen.services import accounts
from zuozhen.services.studio import calendars
from zuozhen.services.studio.yeargrids import year_grid
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.studio.tables import blueprint
from zuozhen.workdays import Understood, read_icalendar, read_notice

LARGEST = 1_000_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
SPARE_ROWS = 2
_DATES = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


@blueprint.get("/studio/tables/calendar")
@admin_only(accounts.ADMIN_SYSTEM)
def calendar() -> ResponseReturnValue:
    tenant = current_actor().tenant
    today = local_date(context().clock())
    year = _year(request.args.get("year", "")) or today.year
    return render_template(
        "zuozhen/studio/table_calendar.html",
        years=calendars.years(context(), tenant),
        calendar=calendars.live_calendar(context(), tenant),
        year=year,
        months=year_grid(calendars.live_calendar(context(), tenant), year),
        today=today,
    )


@blueprint.get("/studio/tables/calendar/edit")
@admin_only(accounts.ADMIN_SYSTEM)
def edit_calendar() -> ResponseReturnValue:
    """Show the form of one year, filled with what is known of it."""
    year = _year(request.args.get("year", "")) or local_date(context().clock()).year + 1
    local = request.args.get("local") == "1"
    known = calendars.own_table(context(), current_actor().tenant, year, local=local)
    table = {"year": year, "source": "", "holiday": [], **known} | ({"local": True} if local else {})
    return _edit_page(table, (), 200)


@blueprint.post("/studio/tables/calendar/edit")
@admin_only(accounts.ADMIN_SYSTEM)
def check_calendar() -> ResponseReturnValue:
    """Read what was pasted, uploaded or typed; say what it means and what it would change."""
    form = request.form
    if form.get("_act") == "read":
        understood = _understood(form)
        table = understood.table | ({"local": True} if form.get("local") == "1" else {})
        return _edit_page(table, understood.findings, 200)
    table = _typed_table(form)
    if form.get("_act") != "publish":
        return _edit_page(table, (), 200)
    try:
        published = calendars.publish(
            context(), current_actor(), table, over=_number(form.get("_over", "")), note=form.get("note", "")
        )
    except ZuozhenError as error:
        findings = list(error.findings) if isinstance(error, ContentError) else []
        findings.insert(0, Finding("error", "calendar", error.message, hint=error.hint))
        return _edit_page(table, findings, error.status)
    return _published(published)


@blueprint.get("/studio/tables/calendar/withdraw")
@admin_only(accounts.ADMIN_SYSTEM)
def propose_withdrawal() -> ResponseReturnValue:
    """Show what would change if a year's own arrangement were taken out again."""
    return _withdrawal_page(None, request.args, 200)


@blueprint.post("/studio/tables/calendar/withdraw")
@admin_only(accounts.ADMIN_SYSTEM)
def withdraw_calendar() -> ResponseReturnValue:
    """Take a year's own arrangement out again."""
    form = request.form
    note = form.get("note", "").strip()
    if not note:
        return _withdrawal_page(Invalid("请写明为什么撤下。"), form, 422)
    try:
        published = calendars.withdraw(
            context(),
            current_actor(),
            _number(form.get("year", "")),
            local=form.get("local") == "1",
            over=_number(form.get("_over", "")),
            note=note,
        )
    except Conflict as error:
        return _withdrawal_page(error, form, error.status)
    return _published(published)


def _withdrawal_page(
    problem: ZuozhenError | None, asked: Mapping[str, str], status: int
) -> ResponseReturnValue:
    year, local = _number(asked.get("year", "")), asked.get("local") == "1"
    page = render_template(
        "zuozhen/studio/table_calendar_withdraw.html",
        proposed=calendars.propose_withdrawal(context(), current_actor().tenant, year, local=local),
        year=year,
        local=local,
        note=asked.get("note", ""),
        problem=problem,
    )
    return page, status


def _published(published: calendars.Published) -> ResponseReturnValue:
    if published.migration_id is None:
        flash(f"已发布为第 {published.version} 版，没有期限需要重算。")
        return redirect(url_for("zuozhen_studio_tables.calendar"))
    flash(f"已发布为第 {published.version} 版，在办期限正在后台重新计算。")
    return redirect(url_for("zuozhen_studio_migrating.detail", migration_id=published.migration_id))


def _understood(form: Mapping[str, str]) -> Understood:
    """Read pasted text or an uploaded file: JSON, iCalendar or the text of a notice."""
    year, source = _year(form.get("year", "")), form.get("source", "").strip()[:80]
    text = form.get("text", "")
    if upload := request.files.get("file"):
        text = upload.stream.read(LARGEST).decode("utf-8-sig", errors="replace") or text
    start = text.lstrip()[:20].upper()
    if start.startswith("BEGIN:VCALENDAR"):
        return read_icalendar(text, year=year or local_date(context().clock()).year + 1, source=source)
    if start.startswith("{"):
        return _from_json(text)
    return read_notice(text, year=year, source=source)


def _from_json(text: str) -> Understood:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return Understood(
            {"year": 0, "source": "", "holiday": []},
            [Finding("error", "calendar", "JSON 无法读取", hint="检查引号、括号和逗号")],
        )
    return Understood(table if isinstance(table, dict) else {"year": 0, "source": "", "holiday": []})


def _typed_table(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the table that the rows of the form say; rows without a name and days are left out."""
    columns = (form.getlist(key) for key in ("name", "first", "last", "work"))
    holidays: list[dict[str, Any]] = []
    for name, first, last, work in zip(*columns, strict=False):
        if not any(text.strip() for text in (name, first, last, work)):
            continue
        holiday: dict[str, Any] = {"name": name.strip()[:40]}
        if first.strip() or last.strip():
            holiday["off"] = [first.strip() or last.strip(), last.strip() or first.strip()]
        if work.strip():
            holiday["work"] = _DATES.findall(work) or [work.strip()[:40]]
        holidays.append(holiday)
    table: dict[str, Any] = {
        "year": _year(form.get("year", "")) or 0,
        "source": form.get("source", "").strip()[:80],
        "holiday": holidays,
    }
    return table | ({"local": True} if form.get("local") == "1" else {})


def _edit_page(table: Mapping[str, Any], findings: Any, status: int) -> ResponseReturnValue:
    tenant = current_actor().tenant
    proposed = calendars.propose(context(), tenant, table)
    year = table.get("year")
    changed = {change.date for change in proposed.changes}
    shown = isinstance(year, int) and FIRST_YEAR <= year <= LAST_YEAR
    page = render_template(
        "zuozhen/studio/table_calendar_edit.html",
        table=table,
        rows=_rows(table),
        proposed=proposed,
        findings=[*findings, *(() if not table.get("holiday") else proposed.findings)],
        months=year_grid(proposed.calendar, int(str(year)), changed) if shown else (),
        note=request.form.get("note", ""),
    )
    return page, status


def _rows(table: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the holidays of a table as rows of the form, with some blank ones."""
    rows = []
    holidays = table.get("holiday")
    for holiday in holidays if isinstance(holidays, list) else ():
        if isinstance(holiday, Mapping):
            off = holiday.get("off")
            days = [str(day) for day in off] if isinstance(off, list) else []
            work = holiday.get("work")
            rows.append(
                {
                    "name": str(holiday.get("name", "")),
                    "first": days[0] if days else "",
                    "last": days[-1] if days else "",
                    "work": "、".join(str(day) for day in work) if isinstance(work, list) else "",
                }
            )
    return rows + [{"name": "", "first": "", "last": "", "work": ""}] * SPARE_ROWS


def _year(text: str) -> int | None:
    number = _number(text)
    return number if FIRST_YEAR <= number <= LAST_YEAR else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
