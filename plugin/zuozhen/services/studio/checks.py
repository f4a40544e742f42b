"""The check of a draft: as it is saved, or with a file as somebody is just drawing it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from zuozhen.model.errors import Finding
from zuozhen.services.checking import check_files, held_groups
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace

AREAS: Final = (
    ("forms/", "form"),
    ("templates/print/", "print"),
    ("templates/message/", "message"),
    ("processes/", "table"),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found and how long it took (milliseconds of wall time)."""

    findings: tuple[Finding, ...]
    ms: float

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")


def check_draft(context: Context, tenant: int, unsaved: Mapping[str, bytes] | None = None) -> Checked:
    """Check the draft of a jurisdiction; ``unsaved`` files take the place of the saved ones."""
    began = time.perf_counter()
    files = {**workspace.files(context, tenant), **(unsaved or {})}
    with context.database.read() as session:
        held = held_groups(session, tenant)
    findings = check_files(files, held=held)
    return Checked(findings, (time.perf_counter() - began) * 1000)


def area_of(path: str) -> str:
    """Return what kind of content a file is: diagram, form, print, message, scenario, calendar or table."""
    if path.endswith(".bpmn"):
        return "diagram"
    if path.endswith("scenarios.toml"):
        return "scenario"
    if "/calendar/" in path:
        return "calendar"
    return next((area for start, area in AREAS if path.startswith(start)), "table")
