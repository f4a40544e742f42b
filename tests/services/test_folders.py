"""A release outside of the installation: exported to a folder or a zip, changed there, deployed again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import DIAGRAM, FONTS, SLUG, TENANT, edited, pack_files

from zuozhen.app import build_context
from zuozhen.cli import main
from zuozhen.packs import Library, bundle
from zuozhen.services import accounts
from zuozhen.services.context import Context
from zuozhen.services.studio.folders import write_pack
from zuozhen.services.studio.versions import versions
from zuozhen.settings import load_settings

SCENARIOS = f"processes/{SLUG}/scenarios.toml"
FILES = pack_files()
FILES[SCENARIOS] = b"[[scenario]]".join(FILES[SCENARIOS].split(b"[[scenario.step]]")[:2]).replace(
    b"[[scenario]]\nat", b"[[scenario.step]]\nat"
)
SCENARIO = ("--accept", "scenario=按新规定")
"""The pack with the first step of its first scenario alone: deploying runs it."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of the command line below ``tmp_path``; nothing is deployed yet."""
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / "fonts").symlink_to(FONTS)
    monkeypatch.setenv("ZUOZHEN_INSTANCE", str(folder))
    content = tmp_path / "content"
    (content / SCENARIOS).parent.mkdir(parents=True)
    (content / SCENARIOS).write_bytes(FILES[SCENARIOS])
    monkeypatch.setenv("ZUOZHEN_CONTENT", str(content))
    return tmp_path


def installed() -> Context:
    return build_context(load_settings(), in_process_pdf=True)


def test_a_pack_is_written_and_read_back(tmp_path: Path) -> None:
    other = tmp_path / "forms" / "530602-zhaoyang" / "accept.json"
    hidden = tmp_path / "processes" / SLUG / ".camunda" / "notes.json"
    gone = tmp_path / "forms" / SLUG / "gone.json"
    for file in (other, hidden, gone):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    assert write_pack(pack_files(), SLUG, tmp_path) == len(pack_files())
    assert Library(tmp_path).files(SLUG) == pack_files()
    assert other.exists() and hidden.exists() and not gone.exists()
    archive = tmp_path / "a.zip"
    write_pack(pack_files(), SLUG, archive)
    first = archive.read_bytes()
    write_pack(dict(reversed(pack_files().items())), SLUG, archive)
    assert archive.read_bytes() == first == bundle(pack_files())


def test_export_change_and_deploy_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", SLUG, str(place / "out")]) == 1
    assert "尚未部署" in capsys.readouterr().err
    assert main(["deploy", SLUG, "--note", "首次部署"]) == 0
    out = place / "out"
    assert main(["export", SLUG, str(out)]) == 0
    assert Library(out).files(SLUG) == FILES
    three = edited(FILES, DIAGRAM, "workdays(2)", "workdays(3)")
    (out / DIAGRAM).write_bytes(three[DIAGRAM])
    reference = ["--reference", "宣办通〔2026〕3号"]
    capsys.readouterr()
    assert main(["deploy", str(out), "--note", "延长", *reference]) == 1
    said = capsys.readouterr()
    assert "情景：现场解决" in said.out and "期限应为 2026-09-03，实为 2026-09-04" in said.out
    assert "--accept scenario=理由" in said.err
    assert main(["deploy", str(out), "--note", "延长", *reference, "--accept", "scenario=按新规定"]) == 0
    assert capsys.readouterr().out.endswith(f"{SLUG} 已部署第 2 版\n")
    assert main(["deploy", str(out)]) == 0
    assert "没有新建版本；现行第 2 版" in capsys.readouterr().out
    for arguments, files in (
        ([], three),
        (["--draft"], three),
        (["--release", "1"], FILES),
    ):
        assert main(["export", str(TENANT), str(place / "x.zip"), *arguments]) == 0
        assert (place / "x.zip").read_bytes() == bundle(files)
    assert main(["export", SLUG, str(place / "x.zip"), "--release", "9"]) == 1
    assert main(["export", "nowhere", str(place / "x.zip")]) == 1
    context = installed()
    newest = versions(context, TENANT)[0]
    assert (newest.note, newest.reference, newest.by) == ("延长", "宣办通〔2026〕3号", "命令行")
    context.database.close()


def test_warnings_want_a_reason_on_the_command_line_too(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", SLUG]) == 0
    three = edited(FILES, DIAGRAM, "workdays(2)", "workdays(3)")
    write_pack(three, SLUG, place / "pack.zip")
    context = installed()
    accounts.create_account(context, TENANT, "wang", "王")
    context.database.close()
    assert main(["deploy", str(place / "pack.zip")]) == 1
    said = capsys.readouterr().err
    assert "没有写明理由" in said and "--accept group-unheld=理由" in said
    assert main(["deploy", str(place / "pack.zip"), "--accept", "group-unheld=下周到岗", *SCENARIO]) == 0
    context = installed()
    accepted = versions(context, TENANT)[0].accepted
    assert {line["reason"] for line in accepted} == {"下周到岗", "按新规定"}
    context.database.close()


def test_a_place_that_cannot_be_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", SLUG]) == 0
    (place / "file").write_text("")
    assert main(["export", SLUG, str(place / "file")]) == 1
    assert "无法写入" in capsys.readouterr().err
