"""Registers (台账): the list of them, one by period with filters, as page, PDF and workbook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Invalid
from zuozhen.services import clinics, livetables
from zuozhen.services.registers import register_workbook
from zuozhen.services.registers.period import period_pdf, period_workbook, register_page, registers_for
from zuozhen.services.registers.presets import presets, usual
from zuozhen.services.registers.views import Asked
from zuozhen.web.identity import context, current_actor, staff_only

blueprint = Blueprint("zuozhen_registers", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESERVED = frozenset({"from", "to", "q", "after"})
FURTHEST = 1_000_000
LATEST_SESSIONS = 4


@blueprint.app_template_test("zz_one_piece")
def one_piece(text: str) -> bool:
    """Say whether a text of a list is not to be broken: numbers, dates, very short words."""
    return len(text) <= 4 or (len(text) <= 20 and text.isascii())


@blueprint.get("/registers")
@staff_only
def registers() -> ResponseReturnValue:
    found = registers_for(context(), current_actor())
    by_session = [register for register in found if register.by == "session"]
    held = clinics.sessions(context(), current_actor()) if by_session else []
    return render_template(
        "zuozhen/desk/registers.html",
        by_period=[register for register in found if register.by == "period"],
        by_session=by_session,
        tables=livetables.tables_for(context(), current_actor()),
        sessions=[session for session in held if session.booked][:LATEST_SESSIONS],
    )


@blueprint.get("/registers/<key>")
@staff_only
def period_register(key: str) -> ResponseReturnValue:
    asked = _asked()
    page = register_page(context(), current_actor(), key, asked)
    return render_template(
        "zuozhen/desk/register_period.html",
        page=page,
        view=page.view,
        presets=presets(_today()),
        address=_address(asked),
    )


@blueprint.get("/registers/<key>.pdf")
@staff_only
def period_register_pdf(key: str) -> ResponseReturnValue:
    return _file(period_pdf, "application/pdf", key)


@blueprint.get("/registers/<key>.xlsx")
@staff_only
def period_register_workbook(key: str) -> ResponseReturnValue:
    return _file(period_workbook, XLSX, key)


@blueprint.get("/sessions/<key>/<register_key>.xlsx")
@staff_only
def session_register_workbook(key: str, register_key: str) -> ResponseReturnValue:
    content, name = register_workbook(context(), current_actor(), register_key, key[:60])
    return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)


def _file(make: Callable[..., tuple[bytes, str]], media_type: str, key: str) -> ResponseReturnValue:
    content, name = make(context(), current_actor(), key, _asked())
    return send_file(BytesIO(content), media_type, as_attachment=media_type == XLSX, download_name=name)


def _asked() -> Asked:
    """Return what the address asks for; without days it is this year."""
    given = request.args
    if "from" in given or "to" in given:
        first, last = _day(given.get("from", "")), _day(given.get("to", ""))
    else:
        first, last = usual(_today()).first, usual(_today()).last
    after = given.get("after", "0")
    return Asked(
        first,
        last,
        given.get("q", "")[:80],
        {key: value[:200] for key, value in given.items() if key not in RESERVED and value},
        min(int(after), FURTHEST) if after.isascii() and after.isdigit() and len(after) < 9 else 0,
    )


def _address(asked: Asked) -> dict[str, Any]:
    """Return the parts of the address that keep what is asked for, the page left out."""
    return {
        "from": asked.first.isoformat() if asked.first else "",
        "to": asked.last.isoformat() if asked.last else "",
        **({"q": asked.query} if asked.query else {}),
        **asked.chosen,
    }


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:20])
    except ValueError as error:
        raise Invalid("日期的写法不正确。", hint="请写成 2026-09-01 的样子，或从日历中选择。") from error


def _today() -> date:
    return local_date(context().clock())
