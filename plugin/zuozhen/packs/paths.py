"""Which files may be part of a pack, and where: data only, by suffix, inside four folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from zuozhen.model.errors import Finding

SUFFIXES: Final = frozenset({".toml", ".bpmn", ".dmn", ".json", ".html", ".css", ".txt", ".svg", ".png"})
FOLDERS: Final = ("processes", "forms", "templates/print", "templates/message")
COMMON: Final = "_common"
MOST_FILES: Final = 500
LARGEST_FILE: Final = 5_000_000
LARGEST_PACK: Final = 50_000_000
LONGEST_PATH: Final = 200
_SLUG = re.compile(r"[0-9]{6}-[a-z][a-z0-9-]{0,40}")


def is_slug(text: str) -> bool:
    """Say whether ``text`` is a pack's name: division code and pinyin."""
    return _SLUG.fullmatch(text) is not None


def manifest_path(slug: str) -> str:
    """Return where a pack's manifest lies."""
    return f"processes/{slug}/pack.toml"


def path_mistake(path: str) -> str:
    """Return why a path may not be in a pack, in Chinese, or nothing."""
    parts = path.split("/")
    if len(path) > LONGEST_PATH or not path.isprintable():
        return "路径过长或含有控制字符"
    if "\\" in path or ":" in path or any(part in ("", ".", "..") for part in parts):
        return "路径必须是包内的相对路径"
    if not any(path.startswith(f"{folder}/") for folder in FOLDERS):
        return f"只能放在 {'、'.join(FOLDERS)} 之下"
    if PurePosixPath(path).suffix.lower() not in SUFFIXES:
        return f"不允许的文件类型，只可用 {' '.join(sorted(SUFFIXES))}"
    return ""


def path_findings(paths: Iterable[str]) -> list[Finding]:
    """Return a finding for every path that may not be in a pack."""
    return [
        Finding("error", "pack-path", mistake, file=_shown(path), hint="删除或改名后重新打包")
        for path in paths
        if (mistake := path_mistake(path))
    ]


def size_findings(sizes: Iterable[tuple[str, int]]) -> list[Finding]:
    """Return findings where files are too many or too large; sizes in bytes."""
    listed = list(sizes)
    findings = [
        Finding("error", "pack-size", f"文件超过 {LARGEST_FILE // 1_000_000} MB", file=path)
        for path, size in listed
        if size > LARGEST_FILE
    ]
    if len(listed) > MOST_FILES:
        findings.append(Finding("error", "pack-size", f"文件数 {len(listed)} 超过上限 {MOST_FILES}"))
    if sum(size for _, size in listed) > LARGEST_PACK:
        findings.append(Finding("error", "pack-size", f"总大小超过 {LARGEST_PACK // 1_000_000} MB"))
    return findings


def _shown(path: str) -> str:
    """Return a path that is safe to show and to log."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in path[:LONGEST_PATH]
    )
