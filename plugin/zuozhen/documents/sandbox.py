"""Print templates run in a sandbox: plain data in, bounded HTML out, no way to Python objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import ChainableUndefined, DictLoader, Template, TemplateSyntaxError
from markupsafe import Markup

from zuozhen.documents.bounded import BROKEN, BoundedEnvironment, render_bounded
from zuozhen.documents.cleaning import without_breaks
from zuozhen.documents.fetcher import ASSETS, CODES
from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, Finding

HTML_LIMIT = 4_000_000
"""Characters of HTML that one template may produce."""

_BLANK_DATE = "　　年　　月　　日"


# ---------------------------------------------------------------- filters


def chinese_date(value: Any, blank: str = _BLANK_DATE) -> str:
    """Filter ``cndate``: an ISO date, date-time or date as 2024年11月5日 (local), no leading zeros."""
    if not value or not isinstance(value, str | date | datetime):
        return blank
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(LOCAL)
    return f"{moment.year}年{moment.month}月{moment.day}日"


def chinese_time(value: Any, blank: str = "") -> str:
    """Filter ``cntime``: a date-time as 2024年11月5日 09:30 (local); anything else as it is."""
    if not isinstance(value, str) or not value:
        return blank
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is not None:
        moment = moment.astimezone(LOCAL)
    return f"{chinese_date(moment)} {moment:%H:%M}"


def box(ticked: Any) -> Markup:
    """Filter ``box``: a square, ticked when the value is true (few fonts have ☑)."""
    return Markup('<span class="box ticked">□</span>') if ticked else Markup('<span class="box">□</span>')


def joined(value: Any) -> str:
    """Filter ``joined``: a list with the Chinese enumeration comma; a text as it is."""
    if isinstance(value, list | tuple):
        return "、".join(str(item) for item in value if item not in (None, ""))
    return "" if value is None else str(value)


def asset_address(name: Any) -> str:
    """Filter ``asset``: the address of a picture given with the document."""
    return ASSETS + quote(without_breaks(str(name)), safe="")


def code_address(text: Any) -> str:
    """Filter ``qr``: the address of a QR code that says ``text``."""
    return CODES + quote(without_breaks(str(text)), safe="")


# ---------------------------------------------------------------- environment


def package_text(folder: str, name: str) -> str:
    """Return a file shipped with this package."""
    return (resources.files("zuozhen.documents") / folder / name).read_text(encoding="utf-8")


LAYOUTS = (
    "page.html",
    "table.html",
    "list.html",
    "report.html",
    "reference.html",
    "cover.html",
    "contents.html",
)


@lru_cache(maxsize=1)
def _environment() -> BoundedEnvironment:
    loader = DictLoader({name: package_text("layout", name) for name in LAYOUTS})
    environment = BoundedEnvironment(
        loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals = {
        "range": environment.globals["range"],
        "namespace": environment.globals["namespace"],
    }
    environment.filters.update(
        cndate=chinese_date, cntime=chinese_time, box=box, joined=joined, asset=asset_address, qr=code_address
    )
    return environment


@lru_cache(maxsize=64)
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


def render_template(text: str, context: Mapping[str, Any]) -> str:
    """Return the HTML of a template; :class:`ContentError` with its line when it is broken or too greedy."""
    try:
        return render_bounded(_compiled(text), context, HTML_LIMIT)
    except TemplateSyntaxError as error:
        raise _broken(str(error.message), error.lineno) from error
    except BROKEN as error:
        raise _broken(str(error), _line_in_template(error)) from error


def _line_in_template(error: BaseException) -> int | None:
    """Return the template line at which ``error`` arose; Jinja names template code ``<template>``."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _broken(reason: str, line: int | None) -> ContentError:
    finding = Finding("error", "print-template", f"打印模板有错误：{reason}", line=line)
    place = f"第{line}行" if line else ""
    return ContentError(f"打印模板{place}有错误：{reason}", (finding,), hint="请在打印模板中改正后重试。")
