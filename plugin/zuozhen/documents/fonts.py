"""A private fontconfig: only our role fonts and what administrators add, never a system font.

So a document looks the same on every machine. Fonts that an office has a licence for (方正小标宋, 仿宋_GB2312
…) take the place of ours as soon as their files lie in one of the font folders.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

from zuozhen.model.errors import ZuozhenError

ROLES: dict[str, tuple[str, ...]] = {
    "ZZ BiaoSong": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋_GBK", "方正小标宋简体"),
    "ZZ FangSong": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋"),
    "ZZ Kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体"),
    "ZZ Hei": ("SimHei", "黑体"),
    "ZZ Song": ("SimSun", "宋体"),
}
"""Role family → licensed families that are preferred where present."""

LAST_RESORT = ("ZZ Song", "BabelStone Han", "HanaMinA", "HanaMinB")
"""Families asked for a character that the role's own font lacks, in this order."""

INVISIBLE = frozenset(
    (*range(0x21), 0x7F, 0x85, 0xA0, 0xAD, *range(0x200B, 0x2010), 0x2028, 0x2029, 0x2060, 0xFEFF)
) | frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
SUFFIXES = frozenset((".ttf", ".otf", ".ttc"))
_environment_lock = threading.Lock()


class FontsMissing(ZuozhenError):
    """The folders hold no role fonts, so nothing can be printed."""

    status = 500


class FontSet:
    """The fonts in ``folders`` and the configuration that makes them, and only them, visible."""

    def __init__(self, folders: Sequence[Path], cache_dir: Path) -> None:
        self.folders = tuple(Path(folder).resolve() for folder in folders)
        self.cache_dir = Path(cache_dir).resolve()
        self.files = tuple(
            path
            for folder in self.folders
            if folder.is_dir()
            for path in sorted(folder.rglob("*"))
            if path.suffix.lower() in SUFFIXES
        )
        if not self.files:
            places = "、".join(map(str, self.folders)) or "（未设置）"
            raise FontsMissing(
                f"字体目录 {places} 里没有字体，无法生成文件。",
                hint="请运行 python -m zuozhen.documents.fontkit 字体目录，制作公文字体。",
            )

    def activate(self) -> None:
        """Point fontconfig here; every font map made afterwards in this process sees these fonts only."""
        with _environment_lock:
            self.cache_dir.mkdir(parents=True, exist_ok=True)
            path = self.cache_dir / "fonts.conf"
            text = self._configuration()
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                temporary = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
                temporary.write_text(text, encoding="utf-8")
                temporary.replace(path)
            os.environ["FONTCONFIG_FILE"] = str(path)

    def _configuration(self) -> str:
        lines = [
            '<?xml version="1.0"?>',
            '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
            "<fontconfig>",
        ]
        lines += [f"<dir>{escape(str(folder))}</dir>" for folder in self.folders]
        lines.append(f"<cachedir>{escape(str(self.cache_dir / 'fontconfig'))}</cachedir>")
        for role, preferred in ROLES.items():
            better = "".join(f"<family>{name}</family>" for name in preferred)
            worse = "".join(f"<family>{name}</family>" for name in LAST_RESORT if name != role)
            lines.append(
                f'<alias binding="same"><family>{role}</family>'
                f"<prefer>{better}</prefer><accept>{worse}</accept></alias>"
            )
        lines.append("</fontconfig>\n")
        return "\n".join(lines)

    @cached_property
    def coverage(self) -> frozenset[int]:
        """Every code point that at least one font can draw (read once, about a third of a second)."""
        from fontTools.ttLib import TTCollection, TTFont

        points: set[int] = set()
        for path in self.files:
            fonts = (
                TTCollection(path, lazy=True).fonts
                if path.suffix.lower() == ".ttc"
                else [TTFont(path, lazy=True)]
            )
            for font in fonts:
                points.update(font.getBestCmap() or ())
                font.close()
        return frozenset(points)

    def missing(self, text: str) -> tuple[str, ...]:
        """Return the characters of ``text`` that no font can draw, each once, by code point."""
        points = {ord(character) for character in text} - INVISIBLE
        return tuple(chr(point) for point in sorted(points - self.coverage))
