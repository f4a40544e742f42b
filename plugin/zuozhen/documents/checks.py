"""Checks a PDF without foreign tools: the PDF/A rules that our way of writing could break, and reading back.

Not a full validator. It covers identification, output intent, tags, embedded fonts with Unicode maps, drawn
glyphs that the font lacks, active content, embedded files, and whether expected texts can be found again.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Name

FORBIDDEN_ACTIONS = frozenset(
    map(
        Name,
        ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/Rendition"),
    )
)
PRINTED_FLAG = 4
MAX_FORM_DEPTH = 5
_BFCHAR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BLANKS = re.compile("[\\s\u200b\u00ad]+")


def check_pdf(
    data: bytes,
    texts: Sequence[str] = (),
    *,
    part: str = "3",
    conformance: str = "A",
    attachment: str = "",
    pages: int | None = None,
) -> tuple[str, ...]:
    """Return what is wrong with an archival PDF, in Chinese; empty when nothing was found.

    ``texts`` must be readable from the pages, ``attachment`` is the name of a file that must be embedded,
    ``pages`` the number of pages there must be.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return tuple(dict.fromkeys(_all_problems(pdf, data, texts, part, conformance, attachment, pages)))
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        return (f"不是可以读取的 PDF 文件：{str(error)[:120]}",)


def read_text(data: bytes) -> str:
    """Return the text drawn on all pages, in drawing order, without line breaks."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return "".join(_Reader(page).read(f"第{number}页") for number, page in enumerate(pdf.pages, 1))


def _all_problems(
    pdf: pikepdf.Pdf,
    data: bytes,
    texts: Sequence[str],
    part: str,
    conformance: str,
    attachment: str,
    pages: int | None,
) -> Iterator[str]:
    yield from _file_problems(pdf, data)
    yield from _identity_problems(pdf, part, conformance)
    yield from _active_problems(pdf)
    yield from _embedded_problems(pdf, attachment)
    if pages is not None and len(pdf.pages) != pages:
        yield f"应有{pages}页，实有{len(pdf.pages)}页"
    drawn = []
    for number, page in enumerate(pdf.pages, 1):
        reader = _Reader(page)
        drawn.append(reader.read(f"第{number}页"))
        yield from reader.problems
        yield from _annotation_problems(page, number)
    yield from _lost_texts(texts, "".join(drawn))


def _file_problems(pdf: pikepdf.Pdf, data: bytes) -> Iterator[str]:
    if not data.startswith(b"%PDF-1.7"):
        yield "文件头不是 PDF 1.7"
    if pdf.is_encrypted:
        yield "文件加密，归档文件不得加密"
    if "/ID" not in pdf.trailer:
        yield "缺少文件标识（/ID）"
    if "/XFA" in pdf.Root.get("/AcroForm", {}):
        yield "含有 XFA 动态表单"


def _identity_problems(pdf: pikepdf.Pdf, part: str, conformance: str) -> Iterator[str]:
    root: Any = pdf.Root
    if "/Metadata" not in root:
        yield "缺少 XMP 元数据"
    else:
        xmp = root.Metadata.read_bytes().decode("utf-8", "replace")
        for name, wanted in (("part", part), ("conformance", conformance)):
            if not re.search(rf'pdfaid:{name}(?:="|>){re.escape(wanted)}[<"]', xmp):
                yield f"元数据没有声明 PDF/A-{part}{conformance.lower()}（{name}）"
    intents = root.get("/OutputIntents", [])
    if not any(i.get("/S") == Name("/GTS_PDFA1") and "/DestOutputProfile" in i for i in intents):
        yield "缺少输出意图（颜色特性文件）"
    if conformance == "A":
        marked = root.get("/MarkInfo", {}).get("/Marked", False)
        if not (marked and "/StructTreeRoot" in root):
            yield "没有结构标签"
        if "/Lang" not in root:
            yield "没有声明语言"


def _active_problems(pdf: pikepdf.Pdf) -> Iterator[str]:
    root: Any = pdf.Root
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") in FORBIDDEN_ACTIONS:
        yield "打开文件时会执行动作"
    if "/AA" in root:
        yield "含有自动执行的动作"
    if "/JavaScript" in root.get("/Names", {}):
        yield "含有脚本"


def _embedded_problems(pdf: pikepdf.Pdf, attachment: str) -> Iterator[str]:
    # Keyed by UF: the keys of the name tree need not be readable text.
    specifications = {str(found.obj.get("/UF", name)): found.obj for name, found in pdf.attachments.items()}
    if attachment and attachment not in specifications:
        yield f"没有附带文件 {attachment}"
    associated = {item.objgen for item in pdf.Root.get("/AF", [])}
    for name, specification in specifications.items():
        if "/AFRelationship" not in specification or specification.objgen not in associated:
            yield f"附带文件 {name} 没有登记为关联文件（/AF）"


def _annotation_problems(page: Any, number: int) -> Iterator[str]:
    for annotation in page.get("/Annots", []):
        if not int(annotation.get("/F", 0)) & PRINTED_FLAG:
            yield f"第{number}页有不会打印的批注"
        if annotation.get("/A", {}).get("/S") in FORBIDDEN_ACTIONS:
            yield f"第{number}页有会执行动作的批注"


def squash(text: str) -> str:
    """Return ``text`` without blanks and width variants, as texts are compared."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def _lost_texts(texts: Sequence[str], drawn: str) -> Iterator[str]:
    found = squash(drawn)
    for text in texts:
        if squash(text) not in found:
            shown = text if len(text) <= 30 else text[:30] + "…"
            yield f"页面上读不出应有的文字：{shown}"


# ---------------------------------------------------------------- glyphs


@dataclass(slots=True)
class _Font:
    glyphs: int = 0
    wide: bool = True
    to_unicode: dict[int, str] = field(default_factory=dict)


class _Reader:
    """Reads the text of one page through the fonts' Unicode maps, and finds glyphs that are not there."""

    def __init__(self, page: pikepdf.Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self._fonts: dict[tuple[int, int], _Font] = {}

    def read(self, place: str) -> str:
        """Return the page's text; problems found on the way are in ``problems``."""
        return "".join(self._read(self.page, self.page.get("/Resources", {}), place, 0))

    def _read(self, stream: Any, resources: Any, place: str, depth: int) -> Iterator[str]:
        font = _Font()
        for instruction in pikepdf.parse_content_stream(stream, "Tf TJ Tj ' \" Do"):
            operator, operands = str(instruction.operator), instruction.operands
            if operator == "Tf":
                font = self._font(resources.Font[str(operands[0])], place)
            elif operator == "Do":
                inner = resources.XObject[str(operands[0])]
                if inner.get("/Subtype") == Name("/Form") and depth < MAX_FORM_DEPTH:
                    yield from self._read(inner, inner.get("/Resources", resources), place, depth + 1)
            else:
                items = operands[0] if operator == "TJ" else operands[-1:]
                for item in items:
                    if isinstance(item, pikepdf.String):
                        yield from self._characters(bytes(item), font, place)

    def _characters(self, codes: bytes, font: _Font, place: str) -> Iterator[str]:
        width = 2 if font.wide else 1
        for position in range(0, len(codes) - width + 1, width):
            code = int.from_bytes(codes[position : position + width], "big")
            character = font.to_unicode.get(code, "")
            if font.wide and (code == 0 or code >= font.glyphs):
                self.problems.append(f"{place}有字体中没有的字：{character or '（不明）'}")
            yield character

    def _font(self, font: Any, place: str) -> _Font:
        key = font.objgen
        if key not in self._fonts:
            self._fonts[key] = self._read_font(font, place)
        return self._fonts[key]

    def _read_font(self, font: Any, place: str) -> _Font:
        from fontTools.ttLib import TTFont

        wide = font.get("/Subtype") == Name("/Type0")
        descriptor = (font.DescendantFonts[0] if wide else font).get("/FontDescriptor", {})
        result = _Font(wide=wide)
        files = [descriptor[key] for key in ("/FontFile2", "/FontFile3", "/FontFile") if key in descriptor]
        name = str(font.get("/BaseFont", ""))
        if not files:
            self.problems.append(f"{place}字体没有嵌入：{name}")
        elif wide:
            result.glyphs = TTFont(io.BytesIO(files[0].read_bytes()), lazy=True)["maxp"].numGlyphs
        if "/ToUnicode" not in font:
            self.problems.append(f"{place}字体没有文字编码对照：{name}")
        else:
            table = font.ToUnicode.read_bytes().split(b"beginbfchar", 1)[-1]
            for code, text in _BFCHAR.findall(table):
                result.to_unicode[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        return result
