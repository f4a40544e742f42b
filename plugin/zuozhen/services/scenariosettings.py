"""Parameters and reference data that a scenario sets for itself: the pack as it would be with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.paths import manifest_path
from zuozhen.services.scenarios import Scenario
from zuozhen.services.scratch import Content, read_content


def content_for(content: Content, scenario: Scenario) -> Content:
    """Return the pack that a scenario is played on: ``content``, with what the scenario sets.

    Raises:
        ContentError: it sets what the pack has not, or values that the check refuses.
    """
    files = files_for(content.release.files, content.release.slug, scenario)
    return content if files is content.release.files else read_content(files)


def files_for(files: Mapping[str, bytes], slug: str, scenario: Scenario) -> Mapping[str, bytes]:
    """Return the files that a scenario is played on: the very same where it sets nothing.

    Raises:
        ContentError: it sets what the pack has not.
    """
    if not scenario.parameters and not scenario.tables:
        return files
    path = manifest_path(slug)
    manifest: Any = tomlkit.parse(files[path].decode())
    findings = [
        *_set_parameters(manifest.get("parameters", {}), scenario),
        *_set_tables(manifest.get("table", []), scenario),
    ]
    if findings:
        raise ContentError(findings[0].message, findings, hint=findings[0].hint)
    return {**files, path: tomlkit.dumps(manifest).encode()}


def _set_parameters(known: Any, scenario: Scenario) -> list[Finding]:
    findings = []
    for key, value in scenario.parameters.items():
        if key in known:
            known[key]["value"] = value
        else:
            findings.append(_unknown(scenario, f"参数“{key}”", list(known)))
    return findings


def _set_tables(tables: Any, scenario: Scenario) -> list[Finding]:
    known = {str(table.get("key", "")): table for table in tables}
    findings = []
    for key, rows in scenario.tables.items():
        if key in known:
            known[key]["rows"] = [dict(row) if isinstance(row, Mapping) else row for row in rows]
        else:
            findings.append(_unknown(scenario, f"资料表“{key}”", list(known)))
    return findings


def _unknown(scenario: Scenario, what: str, known: list[str]) -> Finding:
    hint = f"已有：{'、'.join(known) or '（无）'}"
    return Finding("error", "scenario-setting", f"情景“{scenario.name}”设了{what}，流程包里没有", hint=hint)
