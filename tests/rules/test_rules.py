"""The rules of the house, held by the machine: floors, style, types, content, package, start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from tests.builders import ROOT
from tests.servers import ServerProcess

PACKAGE = ROOT / "plugin" / "zuozhen"
DATA = {".toml", ".bpmn", ".dmn", ".json", ".html", ".css", ".txt"}
MOST_LINES = 400
MOST_MEMORY = 250 * 1024 * 1024
MOST_TIMES = 3.0
"""From the start of an installed server to its first answer, as many times the loading of what it is built on."""
LOADING = (
    "import SpiffWorkflow.bpmn.workflow, alembic.command, flask_sqlalchemy, lxml.etree, waitress, wtforms"
)


def run(*command: str) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    done = subprocess.run([*command], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def kept_files() -> list[str]:
    """Return what git keeps, or is about to keep: tracked files and new ones that are not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a git clone")
    names = {name for name in listing.stdout.decode().split("\0") if name}
    return sorted(name for name in names if (ROOT / name).is_file())


def modules() -> list[Path]:
    return [path for path in (ROOT / "plugin").rglob("*.py") if "node_modules" not in path.parts]


# ---------------------------------------------------------------- code


def test_floors_import_only_what_is_below() -> None:
    run(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])")


def test_style() -> None:
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_format() -> None:
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.slow
def test_types() -> None:
    run(sys.executable, "-m", "mypy")


def test_modules_stay_small() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_no_jurisdiction_is_named_in_code() -> None:
    """A sixth jurisdiction is a folder, not a change of the program."""
    words: set[str] = set()
    for manifest in (ROOT / "processes").glob("*/pack.toml"):
        pack = tomllib.loads(manifest.read_text("utf-8"))
        code, _, pinyin = pack["slug"].partition("-")
        words |= {code, pinyin, pack["notice"]["number"], str(pack["code"])}
        words |= set(re.findall(r"\w{2,}?(?=[市县区旗州])", pack["name"]))
        words |= {unit["name"] for unit in pack["unit"]} | {role["name"] for role in pack["role"]}
    assert len(words) > 20
    found = {
        (str(path.relative_to(ROOT)), word)
        for path in modules()
        for word in words
        if word in path.read_text("utf-8")
    }
    assert found == set()


# ---------------------------------------------------------------- files


def test_packs_hold_data_only() -> None:
    roots = ("processes/", "forms/", "templates/print/", "templates/message/")
    files = [name for name in kept_files() if name.startswith(roots)]
    assert len(files) > 30
    assert [name for name in files if Path(name).suffix not in DATA] == []


HOSTS = (
    "py" + "pi.org",
    "python" + "hosted",
    "npm" + "js.org",
    "npm" + "mirror",
    "mirrors" + ".",
    "tuna" + ".tsinghua",
    "ali" + "yun",
)
PATHS = re.compile(r"(?<![\w.$}/])/(?:work|root|home|tmp|Users)/[\w.]")
STRANGE_PATHS = {"tests/documents/test_safety.py"}
"""Files whose subject is paths that must not be read."""


def test_no_machine_and_no_registry_is_named() -> None:
    found = []
    for name in kept_files():
        try:
            text = (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [(name, host) for host in HOSTS if host in text]
        if name not in STRANGE_PATHS:
            found += [(name, match[0]) for match in PATHS.finditer(text)]
    assert found == []


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for name in ("run", "test"):
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "--hash=sha256:" in lock and "://" not in re.sub(r"(?m)^\s*#.*$", "", lock)


# ---------------------------------------------------------------- package


@pytest.mark.slow
def test_the_wheel_holds_what_git_holds_and_the_built_files(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = set()
    for name in kept_files():
        top, _, rest = name.partition("/")
        if name.startswith("plugin/zuozhen/"):
            expected.add(rest)
        elif top in ("processes", "forms", "templates"):
            expected.add(f"zuozhen/_content/{name}")
    built = {
        f"zuozhen/{path.relative_to(PACKAGE)}"
        for path in (PACKAGE / "web/static/dist").rglob("*")
        if path.is_file()
    }
    assert len(built) >= 4
    assert packed == expected | built


# ---------------------------------------------------------------- start


@pytest.mark.slow
def test_an_installed_server_starts_quickly_and_stays_small(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "instance")
    server.start()  # makes the database and deploys the packs
    server.stop()
    seconds, loading = [], []
    for _ in range(3):
        before = os.times()
        run(sys.executable, "-c", LOADING)
        after = os.times()
        loading.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
        waited = server.start()
        seconds.append(min(waited, server.processor_seconds()))  # other tests may run beside this one
        with urllib.request.urlopen(server.url, timeout=10) as answer:
            assert answer.status == 200
        memory = server.memory()
        assert memory < MOST_MEMORY, f"{memory / 1e6:.0f} MB"
        server.stop()
    print(f"start {min(seconds):.2f} s, loading {min(loading):.2f} s, memory {memory / 1e6:.0f} MB")
    assert min(seconds) <= MOST_TIMES * min(loading), (seconds, loading)


def test_the_first_start_prints_a_link_and_no_password(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "instance")
    server.start()
    try:
        with urllib.request.urlopen(f"{server.url}/login", timeout=10) as answer:
            assert answer.status == 200
        log = server.log.read_text()
        assert re.search(r"/first-login/[\w-]{20,}", log)
        assert "密码" not in log
        assert "Traceback" not in log and "Warning" not in log
    finally:
        server.stop()
    assert (server.folder / "secret").stat().st_mode & 0o077 == 0
