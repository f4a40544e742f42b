"""A register on paper and as a sheet of a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from zuozhen.documents import RenderInput
from zuozhen.model.clock import local_date
from zuozhen.packs import Register
from zuozhen.packs.parameters import values_of
from zuozhen.services.context import Context
from zuozhen.services.registers.views import RegisterRow, RegisterView
from zuozhen.services.spreadsheets import Sheet, typed

GENERIC: Final = "{% extends 'list.html' %}"
CHARACTERS: Final = 130
"""Width of all columns of a sheet together, in characters."""


def register_source(context: Context, view: RegisterView) -> RenderInput:
    """Return what is to be rendered to print a register (附件3): the pack's template, or a plain list."""
    pack = view.release.pack
    return RenderInput(
        parameters=values_of(view.release.pack.parameters),
        template=view.release.print_template(view.key) or GENERIC,
        form=None,
        data={
            "department": "、".join(view.departments),
            "clinic_date": view.session_label,
            "span": view.span,
            "count": len(view.lines),
            "rows": [dict(zip(view.keys, row, strict=True)) for row in view.rows],
            "cells": [list(row) for row in view.rows],
            "labels": list(view.labels),
            "widths": shares(view.register),
            "notes": list(view.notes),
        },
        meta={
            "title": view.title,
            "pack": pack.name,
            "notice": pack.notice.number,
            "issuer": pack.notice.issuer,
            "made_on": local_date(context.clock()).isoformat(),
        },
        created=context.clock(),
    )


def shares(register: Register) -> list[float]:
    """Return the width of every column in per cent of the table."""
    given = [column.width for column in register.columns if column.width]
    plain = sum(given) / len(given) if given else 1.0
    widths = [column.width or plain for column in register.columns]
    return [round(100 * width / sum(widths), 2) for width in widths]


def sheet_of(register: Register, above: tuple[str, ...], lines: Iterable[RegisterRow]) -> Sheet:
    """Return a register as a sheet; ``above`` says of which session or period it is."""
    rows = (
        [typed(value, text) for value, text in zip(line.values, line.texts, strict=True)] for line in lines
    )
    return Sheet(
        name=register.title,
        title=register.title,
        above=above,
        heading=tuple(column.label for column in register.columns),
        rows=rows,
        widths=tuple(max(6.0, share * CHARACTERS / 100) for share in shares(register)),
        below=register.notes,
    )
