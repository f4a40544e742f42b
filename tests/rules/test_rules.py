"""The house rules, run as tests: floors, style, types, content without code, names, hosts, the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ("processes", "forms", "templates")
DATA = {".bpmn", ".dmn", ".json", ".toml", ".html", ".xml", ".css", ".txt", ".svg", ".png", ".md"}
LONGEST_MODULE = 400
HOSTS = re.compile(
    r"python" + r"hosted\.org|registry\." + r"npmjs|deb\." + r"debian\.org|mirrors?\.[a-z]+\.(?:com|cn|org)",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm|root|tmp)/")


def tracked() -> list[str]:
    """Return the files of the repository (also new ones that git does not ignore)."""
    command = ["git", "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file())


def texts() -> list[tuple[str, str]]:
    found = []
    for name in tracked():
        try:
            found.append((name, (ROOT / name).read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_floors() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "check", "plugin", "tests", "server.py"],
        ["ruff", "format", "--check", "plugin", "tests", "server.py"],
        ["mypy"],
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_tools(tool: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_content_is_data() -> None:
    """A jurisdiction is a folder of data: nothing in it can run."""
    wrong = [name for name in tracked() if name.startswith(CONTENT) and Path(name).suffix not in DATA]
    assert wrong == []


def test_modules_stay_small() -> None:
    sizes = {
        name: len(text.splitlines())
        for name, text in texts()
        if name.startswith("plugin/") and name.endswith(".py") and "/migrations/" not in name
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_no_jurisdiction_in_code() -> None:
    """No name, unit or number of a jurisdiction in Python: read what to look for from the packs."""
    words: set[str] = set()
    for manifest in (ROOT / "processes").glob("*/pack.toml"):
        pack = tomllib.loads(manifest.read_text("utf-8"))
        words |= {pack["slug"], str(pack["code"]), pack["name"], pack["notice"]["number"]}
        words |= {unit["name"] for unit in pack["unit"]}
        words |= {re.sub(r"(市|区|县|省|州)$", "", pack["name"])}
    assert words
    found = [
        (name, word)
        for name, text in texts()
        if name.startswith("plugin/") and name.endswith(".py")
        for word in words
        if word in text
    ]
    assert found == []


def test_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    found = [
        (name, match.group())
        for name, text in texts()
        for pattern in (HOSTS, MACHINE_PATHS)
        if (match := pattern.search(text)) and name != "tests/rules/test_rules.py"
    ]
    assert found == []


def test_locks_carry_hashes_and_no_address() -> None:
    for lock in ("requirements/run.txt", "requirements/test.txt"):
        text = (ROOT / lock).read_text("utf-8")
        assert "://" not in text
        pins = re.findall(r"^[A-Za-z0-9_.-]+==\S+ \\$", text, re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
    assert '"resolved"' not in (ROOT / "plugin/studio/package-lock.json").read_text("utf-8")


def test_wheel_holds_what_the_repository_holds(tmp_path: Path) -> None:
    """The wheel = package and content of the repository + the built static bundle."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "-w", "-o", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    shipped = {name for name in names if ".dist-info/" not in name and "/static/dist/" not in name}
    wanted = {
        name.removeprefix("plugin/") if name.startswith("plugin/") else f"zuozhen/_content/{name}"
        for name in tracked()
        if name.startswith(("plugin/zuozhen/", *(f"{kind}/" for kind in CONTENT)))
    }
    assert shipped == wanted
    assert "zuozhen/web/static/dist/zuozhen.css" in names
