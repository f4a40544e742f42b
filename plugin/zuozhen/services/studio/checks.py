"""The check of a draft: as it is saved, or with a file as somebody is just drawing it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from zuozhen.model.errors import Finding, Invalid, Problem, TooLarge
from zuozhen.packs.paths import COMMON, LARGEST_FILE, path_mistake
from zuozhen.services.checkinghere import check_here
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.draftpaths import folder_of

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
    """Check the draft of a jurisdiction; ``unsaved`` files take the place of the saved ones.

    Raises:
        Invalid: an unsaved file may not be in this pack. TooLarge: it is larger than a pack's file may be.
    """
    for path, content in (unsaved or {}).items():
        _require_ours(workspace.slug(context, tenant), path, content)
    began = time.perf_counter()
    files = {**workspace.files(context, tenant), **(unsaved or {})}
    findings = check_here(context, files, tenant)
    return Checked(findings, (time.perf_counter() - began) * 1000)


def _require_ours(slug: str, path: str, content: bytes) -> None:
    mistake = path_mistake(path)
    if not mistake and folder_of(path) not in (slug, COMMON):
        mistake = f"只能检查本地区（{slug}）的文件"
    if mistake:
        raise Invalid(f"{mistake}，没有检查。", (Problem("path", "文件", mistake),))
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"文件超过 {LARGEST_FILE // 1_000_000} MB，没有检查。")


def area_of(path: str) -> str:
    """Return what kind of content a file is: diagram, form, print, message, scenario, calendar or table."""
    if path.endswith(".bpmn"):
        return "diagram"
    if path.endswith("scenarios.toml"):
        return "scenario"
    if "/calendar/" in path:
        return "calendar"
    return next((area for start, area in AREAS if path.startswith(start)), "table")
