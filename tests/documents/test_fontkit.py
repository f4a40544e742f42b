"""The font builder: conversion, names, substitution, doing only what is needed; on tiny fonts of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from tests.documents.samples import FONTS

from zuozhen.documents import FontSet, fontkit

GLYPHS = [".notdef", "uni7532"]
SQUARE = [(0, 0), (0, 500), (500, 500), (500, 0)]


def draw(pen: object, *, curved: bool) -> None:
    pen.moveTo(SQUARE[0])
    for point in SQUARE[1:]:
        pen.lineTo(point)
    if curved:
        pen.curveTo((400, -80), (100, -80), (0, 0))
    pen.closePath()


def make_font(path: Path, *, cff: bool) -> None:
    """Write a font with one hanzi (甲)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    builder = FontBuilder(1000, isTTF=not cff)
    builder.setupGlyphOrder(GLYPHS)
    builder.setupCharacterMap({0x7532: "uni7532"})
    glyphs = {}
    for name in GLYPHS:
        pen = T2CharStringPen(1000, None) if cff else TTGlyphPen(None)
        draw(pen, curved=cff)
        glyphs[name] = pen.getCharString() if cff else pen.glyph()
    if cff:
        builder.setupCFF(path.stem, {"FullName": path.stem}, glyphs, {})
    else:
        builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(GLYPHS, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Bold", "licenseDescription": "OFL"})
    builder.setupOS2(usWeightClass=700)
    builder.setupPost()
    builder.save(path)


@pytest.fixture
def noto(tmp_path: Path) -> Path:
    folder = tmp_path / "npm" / "node_modules"
    make_font(folder / "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf", cff=False)
    make_font(folder / "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf", cff=False)
    make_font(folder / "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf", cff=False)
    return folder


@pytest.fixture
def fandol(tmp_path: Path) -> Path:
    make_font(tmp_path / "deb" / "fonts" / "FandolFang-Regular.otf", cff=True)
    make_font(tmp_path / "deb" / "fonts" / "FandolKai-Regular.otf", cff=True)
    return tmp_path / "deb"


def run(out: Path, *sources: Path) -> int:
    arguments = [str(out), "--no-download"]
    for source in sources:
        arguments += ["--source", str(source)]
    return fontkit.main(arguments)


def test_every_role_becomes_a_truetype_font_of_its_own_name(
    tmp_path: Path, noto: Path, fandol: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    assert run(out, noto, fandol) == 0
    families = set()
    for path in out.glob("*.ttf"):
        with TTFont(path) as font:
            assert "glyf" in font and "CFF " not in font
            assert (font["OS/2"].usWeightClass, font["head"].macStyle) == (400, 0)
            assert font["glyf"]["uni7532"].numberOfContours == 1
            assert font["name"].getDebugName(13) == "OFL"
            families.add(font["name"].getBestFamilyName())
    assert families == {"ZZ BiaoSong", "ZZ FangSong", "ZZ Kai", "ZZ Hei", "ZZ Song"}
    assert "注意" not in capsys.readouterr().out
    assert FontSet([out], tmp_path / "cache").missing("甲乙") == ("乙",)


def test_curves_survive_the_conversion(tmp_path: Path, noto: Path, fandol: Path):
    run(tmp_path / "out", noto, fandol)
    with TTFont(tmp_path / "out" / "zz-fangsong.ttf") as font:
        glyph = font["glyf"]["uni7532"]
        assert -80 < glyph.yMin < -50 and (glyph.xMax, glyph.yMax) == (500, 500)


def test_without_fandol_song_stands_in_and_it_is_said(
    tmp_path: Path, noto: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path / "out", noto) == 0
    said = capsys.readouterr().out
    assert "ZZ FangSong 暂用宋体字形代替" in said and "ZZ Kai 暂用宋体字形代替" in said
    with TTFont(tmp_path / "out" / "zz-fangsong.ttf") as font:
        assert font["name"].getBestFamilyName() == "ZZ FangSong"


def test_second_run_builds_nothing_and_fandol_replaces_the_stand_in_later(
    tmp_path: Path, noto: Path, fandol: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    run(out, noto)
    capsys.readouterr()
    run(out, noto)
    assert capsys.readouterr().out.count("已是最新") == 5
    run(out, noto, fandol)
    said = capsys.readouterr().out
    assert said.count("已是最新") == 3 and "由 FandolKai-Regular.otf 制作" in said
    run(out, noto)
    assert capsys.readouterr().out.count("已是最新") == 5


def test_missing_noto_is_an_error_that_says_where_it_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path / "out", tmp_path) == 1
    assert "npm ci" in capsys.readouterr().out


def test_shipped_fonts_cover_the_common_characters(tmp_path: Path):
    gb2312 = "".join(
        bytes([high, low]).decode("gb2312", "ignore")
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
    )
    assert len(gb2312) == 6763
    assert FontSet([FONTS], tmp_path).missing(gb2312 + "喆堃翀犇骉玥昇珺〓□√“”（）①%㎡") == ()
