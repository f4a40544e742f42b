"""Judges an edited manifest by its own rules and saves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias

from zuozhen.model.errors import ContentError, Finding, Invalid, Problem
from zuozhen.packs.pack import manifest_findings
from zuozhen.packs.tomltables import TomlTables
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.drafts import DraftFile
from zuozhen.services.studio.tables.catalogue import RECURRENCES
from zuozhen.services.studio.tables.shapes import Table
from zuozhen.services.studio.tables.views import plain_manifest
from zuozhen.workdays import Rules, national, resolve

Edit: TypeAlias = Callable[[TomlTables], None]


def save_edit(
    context: Context, actor: Actor, file: DraftFile, table: Table, edit: Edit, *, rev: int, note: str
) -> None:
    """Edit the text, judge it by the manifest's rules, save it.

    Raises:
        Invalid: the manifest would have mistakes that it has not now. StaleDraft.
    """
    toml = TomlTables(file.content.decode())
    edit(toml)
    content = toml.text().encode()
    known = {finding.message for finding in _findings(file.content, file.path)}
    fresh = [f for f in _findings(content, file.path) if f.message not in known]
    if fresh:
        _reject(table, fresh)
    workspace.save_file(context, actor, file.path, content, rev=rev, note=note)


def _findings(content: bytes, path: str) -> list[Finding]:
    """Return what the manifest's reader and the calendar's rules find wrong."""
    findings = manifest_findings(content, path)
    manifest = plain_manifest(content)
    rows = RECURRENCES.read(manifest)
    named = {str(row.get("name", "")): row for row in rows}
    for row in rows:
        try:
            resolve(row, named)
        except ContentError as error:
            findings += error.findings
    switches = manifest.get("deadlines")
    if isinstance(switches, dict):
        wanted = {key: value for key, value in switches.items() if key != "warning_share"}
        try:
            Rules.from_tables(national(), wanted)
        except ContentError as error:
            findings += error.findings
    return findings


def _reject(table: Table, findings: list[Finding]) -> NoReturn:
    problems = []
    for finding in findings:
        column = table.column(finding.element)
        text = f"{finding.message}{f'（{finding.hint}）' if finding.hint else ''}"
        problems.append(Problem(column.key if column else "", column.label if column else table.label, text))
    raise Invalid("没有保存，请按提示改正。", problems)
