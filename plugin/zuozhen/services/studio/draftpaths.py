"""What an administrator may write where: the own pack's files only, data only, of bearable size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from zuozhen.model.errors import Invalid, Problem
from zuozhen.packs.paths import COMMON, FOLDERS, LARGEST_FILE, path_findings, path_mistake, size_findings

BINARY: Final = frozenset({".png"})
"""Files that are not text; every other one must be UTF-8."""


def is_text(path: str) -> bool:
    """Say whether a file can be edited and compared as text."""
    return PurePosixPath(path).suffix.lower() not in BINARY


def folder_of(path: str) -> str:
    """Return whose file it is: a pack's slug, ``_common``, or nothing for a path outside of the folders."""
    for folder in FOLDERS:
        if path.startswith(f"{folder}/"):
            return path.removeprefix(f"{folder}/").partition("/")[0]
    return ""


def check_content(slug: str, path: str, content: bytes | None, others: Iterable[str]) -> None:
    """Raise ``Invalid`` unless an administrator of ``slug`` may write this to this path.

    ``others`` are the paths of the draft: none may differ from ``path`` in capitals only.
    """
    mistake = path_mistake(path)
    if not mistake and folder_of(path) == COMMON:
        mistake = "公共文件不能在此修改；在本地区文件夹中放一个同名文件即可代替它"
    elif not mistake and folder_of(path) != slug:
        mistake = f"只能修改本地区（{slug}）的文件"
    if not mistake and content is not None:
        mistake = _content_mistake(path, content)
        twin = next((other for other in others if other != path and other.lower() == path.lower()), "")
        if twin and not mistake:
            mistake = f"已有仅大小写不同的文件 {twin}，请另起名称"
    if mistake:
        raise Invalid(f"{mistake}，没有保存。", (Problem("path", "文件", mistake),))


def check_pack(slug: str, files: Mapping[str, bytes]) -> None:
    """Raise ``Invalid`` unless these files can be the whole draft of ``slug``."""
    problems = [
        Problem("path", finding.file, finding.message)
        for finding in (
            *path_findings(files),
            *size_findings((path, len(content)) for path, content in files.items()),
        )
    ]
    for path, content in files.items():
        if folder_of(path) not in (slug, COMMON):
            problems.append(Problem("path", path, f"只能修改本地区（{slug}）的文件"))
        elif mistake := _content_mistake(path, content):
            problems.append(Problem("path", path, mistake))
    if problems:
        first = f"{problems[0].label} {problems[0].message}".strip()
        raise Invalid(f"内容不可接受，没有保存：{first}。", problems)


def _content_mistake(path: str, content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        return f"文件超过 {LARGEST_FILE // 1_000_000} MB"
    if is_text(path):
        try:
            content.decode()
        except UnicodeDecodeError:
            return "文件不是 UTF-8 文本"
        if b"\0" in content:
            return "文件含有空字符，不是文本"
    return ""
