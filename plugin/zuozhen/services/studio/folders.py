"""A pack as a folder or a zip outside of the installation, so that a release can live in git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zuozhen.model.errors import ZuozhenError
from zuozhen.packs import bundle
from zuozhen.packs.paths import FOLDERS


def write_pack(files: Mapping[str, bytes], slug: str, place: Path) -> int:
    """Write a pack to a folder, or to a zip if ``place`` is called so; returns the number of files.

    In a folder the pack's own files that it no longer has are deleted, so that version control sees it;
    common files and other packs are left alone.

    Raises:
        ZuozhenError: the place cannot be written.
    """
    try:
        if place.suffix.lower() == ".zip":
            place.write_bytes(bundle(files))
            return len(files)
        for gone in _own_files(place, slug) - {place / path for path in files}:
            gone.unlink()
        for path, content in files.items():
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise ZuozhenError(f"无法写入 {place}：{error.strerror or error}") from error
    return len(files)


def _own_files(place: Path, slug: str) -> set[Path]:
    """Return the pack's files that lie in the folder; hidden files are somebody else's."""
    found = set()
    for folder in FOLDERS:
        root = place / folder / slug
        for file in root.rglob("*"):
            hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
            if file.is_file() and not hidden:
                found.add(file)
    return found
