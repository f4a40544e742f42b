"""The static bundle: a build replaces the old one at once, and one that fails leaves it alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.builders import ROOT

SCRIPT = """
import fs from 'node:fs';
import {{ replaceFolder }} from '{module}';
await replaceFolder(process.argv[1], async (folder) => {{
  fs.writeFileSync(`${{folder}}/new.txt`, fs.readFileSync(`${{process.argv[1]}}/old.txt`));
  if (process.argv[2] === 'fail') throw new Error('half-written source');
}});
"""


def build(folder: Path, outcome: str) -> int:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    script = SCRIPT.format(module=(ROOT / "plugin/studio/replace.mjs").as_uri())
    command = [node, "--input-type=module", "--eval", script, str(folder), outcome]
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle with what a killed build left beside it."""
    bundle = tmp_path / "dist"
    for place in (bundle, tmp_path / "dist.new", tmp_path / "dist.old"):
        place.mkdir()
        (place / "old.txt").write_text(place.name)
    return bundle


@pytest.mark.parametrize(
    ("outcome", "code", "files"),
    [("pass", 0, ["new.txt"]), ("fail", 1, ["old.txt"])],
    ids=("built", "failed"),
)
def test_the_bundle_is_whole_at_any_time(folder: Path, outcome: str, code: int, files: list[str]) -> None:
    assert build(folder, outcome) == code
    assert sorted(each.name for each in folder.iterdir()) == files
    assert (folder / files[0]).read_text() == "dist"
    assert [each.name for each in folder.parent.iterdir() if each.name.startswith("dist")] == ["dist"]
