"""Packs on disk: overlay by root, common files, and what is left out or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zuozhen.model.errors import ContentError, NotFound
from zuozhen.packs import Library, Pack, builtin_root

SLUG = "999999-shifan"
Write = Callable[[Path, dict[str, bytes]], Path]


def test_reads_own_and_common_files(tmp_path: Path, write: Write, files: dict[str, bytes]) -> None:
    root = write(
        tmp_path, files | {"forms/888888-other/x.json": b"", "processes/888888-other/pack.toml": b""}
    )
    library = Library(root)
    assert library.slugs() == ("888888-other", SLUG)
    assert library.files(SLUG) == files
    assert Pack.from_files(library.files(SLUG)).slug == SLUG


def test_an_administrators_folder_wins_file_by_file(
    tmp_path: Path, write: Write, files: dict[str, bytes]
) -> None:
    """As with ZUOZHEN_CONTENT: the first root overlays the content that ships with the product."""
    builtin = write(tmp_path / "builtin", files)
    own = {"forms/_common/rate.json": b'{"own": true}', f"forms/{SLUG}/extra.json": b"{}"}
    content = write(tmp_path / "content", own | {"processes/777777-new/pack.toml": b""})
    library = Library(content, builtin)
    assert library.slugs() == ("777777-new", SLUG)
    assert library.files(SLUG) == files | own
    assert Library(builtin, content).files(SLUG)["forms/_common/rate.json"] == b'{"common": true}'


def test_hidden_files_backups_and_escaping_links_are_left_out(
    tmp_path: Path, write: Write, files: dict[str, bytes]
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(b"secret")
    extra = {f"forms/{SLUG}/.DS_Store": b"", f"forms/{SLUG}/a.json~": b"", f"forms/{SLUG}/.git/a.json": b""}
    root = write(tmp_path / "root", files | extra)
    (root / f"forms/{SLUG}/link.json").symlink_to(secret)
    (root / f"forms/{SLUG}/linked").symlink_to(tmp_path)
    assert Library(root).files(SLUG) == files


def test_programs_and_giants_are_refused(tmp_path: Path, write: Write, files: dict[str, bytes]) -> None:
    root = write(tmp_path, files | {f"forms/{SLUG}/run.py": b"", f"forms/{SLUG}/big.json": bytes(5_000_001)})
    with pytest.raises(ContentError) as error:
        Library(root).files(SLUG)
    assert {finding.file.rpartition("/")[2] for finding in error.value.findings} == {"run.py", "big.json"}


@pytest.mark.parametrize("slug", ["", "..", "../999999-shifan", "888888-none", "/etc", "x" * 500])
def test_unknown_packs(tmp_path: Path, write: Write, files: dict[str, bytes], slug: str) -> None:
    with pytest.raises(NotFound):
        Library(write(tmp_path, files)).files(slug)
    assert Library(tmp_path / "nowhere").slugs() == ()
    assert Library().slugs() == ()


def test_the_content_that_ships_is_where_it_says() -> None:
    assert (builtin_root() / "processes").is_dir()
    assert all(slug[:6].isdigit() for slug in Library(builtin_root()).slugs())
