"""A register that runs on (台账): pages, paper and workbook over the cases of some days."""

from __future__ import annotations

from typing import Final

from zuozhen.model.errors import Invalid
from zuozhen.packs import Register
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.registers.paper import register_source, sheet_of
from zuozhen.services.registers.rules import may_open
from zuozhen.services.registers.views import Asked, RegisterPage, RegisterRow, RegisterView
from zuozhen.services.registers.work import period_work
from zuozhen.services.spreadsheets import workbook

PAGE: Final = 100
PAPER_ROWS: Final = 1000
"""Lines that one PDF may hold; more go into a workbook."""


def registers_for(context: Context, actor: Actor) -> tuple[Register, ...]:
    """Return the registers that the actor may open."""
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    return tuple(register for register in release.pack.registers if may_open(register, actor))


def register_page(context: Context, actor: Actor, key: str, asked: Asked) -> RegisterPage:
    """Return one page of a register by period. Raises as ``period_work``."""
    lines: list[RegisterRow] = []
    with period_work(context, actor, key, asked) as work:
        for number, entry in enumerate(work.entries(), start=1):
            if asked.after < number <= asked.after + PAGE:
                lines.append(work.line(entry, number))
    return RegisterPage(
        RegisterView(work.release, work.register, "", tuple(lines), span=work.headline),
        asked,
        work.filters,
        work.count,
        max(0, asked.after - PAGE) if asked.after else None,
        asked.after + PAGE if work.count > asked.after + PAGE else None,
        work.problems,
    )


def period_pdf(context: Context, actor: Actor, key: str, asked: Asked) -> tuple[bytes, str]:
    """Return a register by period as PDF with its file name.

    Raises:
        Invalid: there are too many lines for paper, or the days are wrong.
    """
    lines: list[RegisterRow] = []
    departments: dict[str, None] = {}
    with period_work(context, actor, key, asked) as work:
        for number, entry in enumerate(work.entries(), start=1):
            if number > PAPER_ROWS:
                raise Invalid(
                    f"本期超过 {PAPER_ROWS} 件，不宜打印。", hint="请缩短期间或增加筛选，或下载 Excel 表格。"
                )
            lines.append(work.line(entry, number))
            departments[work.department(entry)] = None
    names = tuple(name for name in departments if name)
    view = RegisterView(work.release, work.register, "", tuple(lines), names, span=work.headline)
    return context.documents.pdf(register_source(context, view)), f"{view.title}-{asked.span}.pdf"


def period_workbook(context: Context, actor: Actor, key: str, asked: Asked) -> tuple[bytes, str]:
    """Return a register by period as XLSX with its file name. Raises as ``period_work``."""
    with period_work(context, actor, key, asked) as work:
        lines = (work.line(entry, number) for number, entry in enumerate(work.entries(), start=1))
        content = workbook([sheet_of(work.register, (f"期间：{work.headline}",), lines)])
    return content, f"{work.register.title}-{asked.span}.xlsx"
