"""Where packs come from: the content that ships with the product, overlaid by administrators' folders."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from zuozhen.model.errors import ContentError, Finding, NotFound
from zuozhen.packs.paths import (
    COMMON,
    FOLDERS,
    LARGEST_FILE,
    is_slug,
    manifest_path,
    path_findings,
    size_findings,
)


def builtin_root() -> Path:
    """Return the folder that holds ``processes``, ``forms`` and ``templates``: wheel or source tree."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_content"
    return installed if installed.is_dir() else package.parents[1]


class Library:
    """Packs under one or more roots. A file of an earlier root wins over the same file of a later one."""

    def __init__(self, *roots: Path) -> None:
        self.roots = tuple(Path(root) for root in roots)

    def slugs(self) -> tuple[str, ...]:
        """Return the names of all packs, sorted by division code."""
        found = {
            manifest.parent.name
            for root in self.roots
            for manifest in root.glob("processes/*/pack.toml")
            if is_slug(manifest.parent.name)
        }
        return tuple(sorted(found))

    def files(self, slug: str) -> dict[str, bytes]:
        """Return a pack's own and common files by path.

        Raises ``NotFound`` for an unknown pack and ``ContentError`` for files that no pack may have.
        Hidden files and editors' backups (``name~``) are left out.
        """
        if not is_slug(slug) or slug not in self.slugs():
            raise NotFound(
                f"没有名为“{slug[:60]}”的内容包", hint=f"应有文件 {manifest_path('行政区划代码-拼音')}"
            )
        paths: dict[str, Path] = {}
        for root in reversed(self.roots):
            paths.update(_listed(root, slug))
        findings = [
            *path_findings(paths),
            *size_findings((path, _size(file)) for path, file in paths.items()),
        ]
        if findings:
            raise ContentError(f"内容包 {slug} 含有不允许的文件", findings)
        try:
            return {path: paths[path].read_bytes() for path in sorted(paths)}
        except OSError as error:
            raise ContentError(f"内容包 {slug} 的文件无法读取", [_unreadable(error)]) from error


def _listed(root: Path, slug: str) -> dict[str, Path]:
    """List the regular files of one root; links that lead out of the root are left out."""
    real_root = root.resolve()
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for part in (slug, COMMON):
            for file in (root / folder / part).rglob("*"):
                path = PurePosixPath(file.relative_to(root).as_posix())
                hidden = any(name.startswith(".") for name in path.parts) or path.name.endswith("~")
                if not hidden and file.is_file() and file.resolve().is_relative_to(real_root):
                    found[str(path)] = file
    return found


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return LARGEST_FILE + 1


def _unreadable(error: OSError) -> Finding:
    return Finding(
        "error", "pack-path", "文件无法读取", file=Path(str(error.filename)).name, hint="检查读取权限"
    )
