"""Builds the role fonts from freely licensed sources: ``python -m zuozhen.documents.fontkit OUT_DIR``.

Official documents name typefaces by role (小标宋, 仿宋, 楷体, 黑体, 宋体). Each role becomes one small
TrueType file with a family name of its own, so that no system font can take its place. TrueType, because
WeasyPrint keeps glyph numbers and OpenType/CFF pays for every glyph of the font in every PDF.
Licences: docs/fonts.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RECIPE = "1"
"""Part of every stamp: raise it when the way of building changes, and all fonts are built anew."""

STAMP = "fonts.json"
DEFAULT_SOURCE = Path("plugin/studio/node_modules")
FANDOL_PACKAGE = "texlive-lang-chinese"
DROPPED_TABLES = (
    "BASE",
    "DSIG",
    "GDEF",
    "GPOS",
    "GSUB",
    "STAT",
    "VORG",
    "cvt ",
    "fpgm",
    "gasp",
    "prep",
    "vhea",
    "vmtx",
)
"""Layout features, hinting and vertical metrics: never used on our pages, and they slow shaping down."""

HINTING_LIMITS = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
    *("maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"),
    *("maxCompositePoints", "maxCompositeContours"),
)
"""Fields of the TrueType ``maxp`` table that are nought for outlines without hints and components."""


@dataclass(frozen=True, slots=True)
class Role:
    """One typeface role: the file it becomes and the source files that may make it, best first."""

    family: str
    target: str
    sources: tuple[str, ...]


SERIF, SERIF_BOLD, SANS = "NotoSerifSC_400Regular.ttf", "NotoSerifSC_700Bold.ttf", "NotoSansSC_400Regular.ttf"
FANG, KAI = "FandolFang-Regular.otf", "FandolKai-Regular.otf"
ROLES = (
    Role("ZZ FangSong", "zz-fangsong.ttf", (FANG, SERIF)),
    Role("ZZ Kai", "zz-kai.ttf", (KAI, SERIF)),
    Role("ZZ BiaoSong", "zz-biaosong.ttf", (SERIF_BOLD,)),
    Role("ZZ Song", "zz-song.ttf", (SERIF,)),
    Role("ZZ Hei", "zz-hei.ttf", (SANS,)),
)
NOTO_FOLDERS = ("@expo-google-fonts/noto-serif-sc", "@expo-google-fonts/noto-sans-sc")


class FontSourceMissing(Exception):
    """A font that cannot be replaced was not found; the message says in Chinese where it comes from."""


def say(text: str) -> None:
    """Write one line of progress at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# ---------------------------------------------------------------- sources


def find_sources(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the source files found under ``folders`` by file name; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for name in (SERIF, SERIF_BOLD, SANS):
            for package in NOTO_FOLDERS:
                for path in (
                    *folder.glob(f"{package}/*/{name}"),
                    *folder.glob(f"node_modules/{package}/*/{name}"),
                ):
                    found.setdefault(name, path)
        if folder.name == "node_modules":
            continue  # tens of thousands of files, and no Fandol among them
        for path in sorted(folder.rglob("Fandol*-Regular.otf")):
            if path.name in (FANG, KAI):
                found.setdefault(path.name, path)
    return found


@contextmanager
def fandol_from_debian() -> Iterator[Path | None]:
    """Fetch and unpack the Debian package that holds Fandol; ``None`` where that cannot be done."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg")
    if apt is None or dpkg is None:
        say("　本机没有 apt-get，无法取得 Fandol 仿宋、楷体。")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="zuozhen-fonts-") as name:
        folder = Path(name)
        say(f"　正在通过 apt 取得 {FANDOL_PACKAGE}（约 49 MB，只解包，不安装）……")
        try:
            command = [apt, "-q", "-o", "APT::Sandbox::User=root", "download", FANDOL_PACKAGE]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)  # noqa: S603
            package = next(folder.glob("*.deb"))
            subprocess.run([dpkg, "-x", str(package), str(folder / "files")], check=True, capture_output=True)  # noqa: S603
        except (subprocess.SubprocessError, OSError, StopIteration) as error:
            detail = getattr(error, "stderr", b"") or b""
            last_line = detail.decode(errors="replace").strip().splitlines()[-1:]
            say(f"　取得失败：{''.join(last_line) or error}")
            yield None
            return
        yield folder / "files"


# ---------------------------------------------------------------- building one font


def build(family: str, source: Path, target: Path) -> float:
    """Write the role font ``family`` made from ``source``; return the seconds it took."""
    from fontTools.ttLib import TTFont

    began = time.perf_counter()
    font = TTFont(source, recalcTimestamp=False)
    if "CFF " in font:
        _cubic_to_quadratic(font)
    for tag in DROPPED_TABLES:
        if tag in font:
            del font[tag]
    _rename(font, family)
    temporary = target.with_suffix(".tmp")
    font.save(temporary, reorderTables=None)
    temporary.replace(target)
    return time.perf_counter() - began


def _rename(font, family: str) -> None:  # type: ignore[no-untyped-def]
    """Give the font one family name and a regular style; keep copyright and licence records."""
    names = font["name"]
    names.names = [
        record for record in names.names if record.nameID in (0, 7, 13, 14) and record.platformID == 3
    ]
    texts = {1: family, 2: "Regular", 3: f"{family};zuozhen;{RECIPE}", 4: family, 5: "Version 1.0"}
    for number, text in {**texts, 6: family.replace(" ", "")}.items():
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    font["OS/2"].fsSelection = 0x40
    font["head"].macStyle = 0
    font["head"].modified = font["head"].created
    # The hanzi page ranges decide whether fontconfig offers the font for lang="zh-CN".
    font["OS/2"].recalcUnicodeRanges(font)
    font["post"].formatType = 3.0


def _cubic_to_quadratic(font) -> None:  # type: ignore[no-untyped-def]
    """Replace CFF outlines by TrueType ones in place; half a unit of error at most."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    glyphs = font.getGlyphSet()
    outlines = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, max_err=0.5, reverse_direction=True))
        outlines[name] = pen.glyph()
    glyf = newTable("glyf")
    glyf.glyphOrder = font.getGlyphOrder()
    glyf.glyphs = outlines
    font["loca"], font["glyf"] = newTable("loca"), glyf
    metrics = font["hmtx"].metrics
    for name, outline in outlines.items():
        outline.recalcBounds(glyf)
        metrics[name] = (metrics[name][0], getattr(outline, "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in HINTING_LIMITS:
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    del font["CFF "]
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


# ---------------------------------------------------------------- all fonts


def build_all(out: Path, folders: Sequence[Path], *, allow_download: bool = True, workers: int = 2) -> bool:
    """Bring the role fonts in ``out`` up to date; return whether every role has its proper source.

    Raises :class:`FontSourceMissing` when the Noto fonts are nowhere to be found.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = find_sources(folders)
    lacking = [name for name in (SERIF, SERIF_BOLD, SANS) if name not in found]
    if lacking:
        raise FontSourceMissing(
            f"找不到字体 {'、'.join(lacking)}。请先安装 npm 软件包 {'、'.join(NOTO_FOLDERS)}"
            "（在 plugin/studio 目录执行 npm ci），或用 --source 指出它们所在的 node_modules 目录。"
        )
    stamps = _read_stamps(out)
    need_fandol = not {FANG, KAI} <= found.keys() and any(
        not _kept_from(stamps, out, role, role.sources[0]) for role in ROLES if role.sources[0] in (FANG, KAI)
    )
    if need_fandol and allow_download:
        with fandol_from_debian() as folder:
            if folder is not None:
                found = {**find_sources([folder]), **found}
            return _build_roles(out, found, stamps, workers)
    return _build_roles(out, found, stamps, workers)


def _build_roles(out: Path, found: dict[str, Path], stamps: dict[str, dict[str, str]], workers: int) -> bool:
    proper = True
    jobs: list[tuple[Role, str]] = []
    for role in ROLES:
        if role.sources[0] not in found and _kept_from(stamps, out, role, role.sources[0]):
            say(f"　{role.family}：已是最新（由 {role.sources[0]} 制作）")
            continue
        source = next(name for name in role.sources if name in found)
        if source != role.sources[0]:
            proper = False
            say(f"　注意：没有 {role.sources[0]}，{role.family} 暂用宋体字形代替，版面不变，笔画不同。")
        if stamps.get(role.target) == _stamp(found[source]) and (out / role.target).exists():
            say(f"　{role.family}：已是最新（由 {source} 制作）")
        else:
            jobs.append((role, source))
    with ProcessPoolExecutor(max_workers=max(1, min(workers, len(jobs)))) as pool:
        started = [(r, s, pool.submit(build, r.family, found[s], out / r.target)) for r, s in jobs]
        for role, source, future in started:
            seconds = future.result()
            stamps[role.target] = _stamp(found[source])
            size = (out / role.target).stat().st_size / 1e6
            say(f"　{role.family}：由 {source} 制作，{size:.1f} MB，用时 {seconds:.1f} 秒")
    text = json.dumps(stamps, ensure_ascii=False, indent=1, sort_keys=True)
    (out / STAMP).write_text(text + "\n", encoding="utf-8")
    return proper


def _stamp(source: Path) -> dict[str, str]:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return {"source": source.name, "sha256": digest, "recipe": RECIPE}


def _read_stamps(out: Path) -> dict[str, dict[str, str]]:
    try:
        stamps = json.loads((out / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def _kept_from(stamps: dict[str, dict[str, str]], out: Path, role: Role, source: str) -> bool:
    """Tell whether ``out`` already holds the role made from ``source``, which need not be fetched again."""
    stamp = stamps.get(role.target, {})
    return stamp.get("source") == source and stamp.get("recipe") == RECIPE and (out / role.target).exists()


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the fonts; exit status 0 (also when Song stands in for FangSong and Kai, which is said) or 1."""
    parser = argparse.ArgumentParser(
        prog="zuozhen.documents.fontkit", description="制作公文用字体（仿宋、楷体、小标宋、宋体、黑体）"
    )
    parser.add_argument("out", type=Path, help="字体存放目录")
    parser.add_argument("--source", type=Path, action="append", default=[], help="字体来源目录，可写多次")
    parser.add_argument("--no-download", action="store_true", help="不通过 apt 取得 Fandol 字体")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    say(f"制作公文字体 → {options.out}")
    try:
        proper = build_all(
            options.out, options.source or [DEFAULT_SOURCE], allow_download=not options.no_download
        )
    except FontSourceMissing as error:
        say(f"错误：{error}")
        return 1
    total = sum(path.stat().st_size for path in options.out.glob("zz-*.ttf")) / 1e6
    say(f"完成：{len(ROLES)} 种字体，共 {total:.1f} MB，用时 {time.perf_counter() - began:.1f} 秒")
    if not proper:
        say("　提示：取得 Fandol 字体后重新运行本命令即可换上真正的仿宋、楷体。")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
