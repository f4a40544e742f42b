"""The versions that can be compared: the live one, the draft, every release by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from zuozhen.model.errors import NotFound
from zuozhen.services.context import Context
from zuozhen.services.studio import drafts
from zuozhen.services.studio.comparing import diagram_of
from zuozhen.services.studio.versions import release_of, versions

LIVE: Final = "live"
DRAFT: Final = "draft"
_VERSION: Final = re.compile(r"v([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Side:
    """One version to choose; ``name`` is ``live``, ``draft`` or ``v3``."""

    name: str
    title: str


def sides(context: Context, tenant: int) -> tuple[Side, ...]:
    """Return what can be compared, the live version and the draft first."""
    found = versions(context, tenant)
    numbered = [Side(f"v{each.number}", _title(each.number, each.reference or each.note)) for each in found]
    live = f"现行版本（第 {found[0].number} 版）" if found else "现行版本"
    return (Side(LIVE, live), Side(DRAFT, "草稿"), *numbered)


def _title(number: int, note: str) -> str:
    short = note if len(note) <= 30 else f"{note[:30]}…"
    return f"第 {number} 版{f'：{short}' if short else ''}"


def files_of(context: Context, tenant: int, name: str) -> dict[str, bytes]:
    """Return the files of one version by name.

    Raises:
        NotFound: there is no such version, or nothing is deployed.
    """
    if name == DRAFT:
        return drafts.files(context, tenant)
    if name == LIVE:
        with context.database.read() as session:
            return dict(context.releases.live(session, tenant).files)
    match = _VERSION.fullmatch(name)
    if match is None:
        raise NotFound(f"没有版本“{name[:40]}”。", hint="可选现行版本、草稿，或某一版（例如 v3）。")
    return dict(release_of(context, tenant, int(match[1])).files)


def diagram_xml(context: Context, tenant: int, name: str) -> bytes:
    """Return the diagram of one version.

    Raises:
        NotFound: there is no such version, or it has no diagram.
    """
    files = files_of(context, tenant, name)
    path = diagram_of(files)
    if not path:
        raise NotFound("这个版本没有流程图。")
    return files[path]
