"""A pack is data: no code, nothing hidden, and everything it speaks of is there."""

from __future__ import annotations

import pytest
from tests.packs_content.packs import LIBRARY, ROOT, SLUGS, pack_of

from zuozhen.services.checking import check_files

ALLOWED = {".toml", ".bpmn", ".dmn", ".json", ".html", ".css", ".txt", ".md"}
FOLDERS = ("processes", "forms", "templates/print", "templates/message")


def test_there_is_a_pack() -> None:
    assert SLUGS


@pytest.mark.parametrize("folder", FOLDERS)
def test_content_folders_hold_data_only(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and ".camunda" not in path.parts]
    assert [path for path in files if path.suffix not in ALLOWED] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_content_folders_are_packs_or_common(folder: str) -> None:
    names = {path.name for path in (ROOT / folder).iterdir() if path.is_dir()}
    assert names - set(SLUGS) - {"_common", ".camunda"} == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_is_wrong_with_the_pack(slug: str) -> None:
    assert [str(finding) for finding in check_files(LIBRARY.files(slug))] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_file_is_text_with_unix_line_ends(slug: str) -> None:
    for path, content in LIBRARY.files(slug).items():
        assert b"\r" not in content, path
        assert content.decode("utf-8").endswith("\n"), path


@pytest.mark.parametrize("slug", SLUGS)
def test_the_manifest_names_the_notice_it_follows(slug: str) -> None:
    notice = pack_of(slug).notice
    assert "〔" in notice.number
    assert notice.issuer


def test_the_studio_lock_file_holds_no_download_address() -> None:
    lock = (ROOT / "plugin/studio/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
