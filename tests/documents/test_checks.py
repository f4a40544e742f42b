"""The PDF check finds what is deliberately broken, and nothing in sound files."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from tests.documents.samples import print_source

from zuozhen.documents import Renderer, check_pdf


@pytest.fixture(scope="module")
def sound(renderer: Renderer) -> bytes:
    return renderer.pdf(print_source("register"))


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        out = io.BytesIO()
        opened.save(out, deterministic_id=True)
        return out.getvalue()


def drop(*keys: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for key in keys:
            del pdf.Root[key]

    return change


def first_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(iter(pdf.pages[0].Resources.Font.values()))


def forget_unicode(pdf: pikepdf.Pdf) -> None:
    del first_font(pdf)["/ToUnicode"]


def forget_font_file(pdf: pikepdf.Pdf) -> None:
    del first_font(pdf).DescendantFonts[0].FontDescriptor["/FontFile2"]


def wrong_part(pdf: pikepdf.Pdf) -> None:
    xmp = pdf.Root.Metadata.read_bytes().replace(b'pdfaid:part="3"', b'pdfaid:part="1"')
    pdf.Root.Metadata = pdf.make_stream(xmp, Type=Name.Metadata, Subtype=Name.XML)


def script_on_open(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def script_in_annotation(pdf: pikepdf.Pdf) -> None:
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), F=4)
    annotation.A = Dictionary(S=Name.Launch, F=String("x"))
    pdf.pages[0].Annots = pdf.make_indirect(Array([annotation]))


def loose_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["x.txt"] = pikepdf.AttachedFileSpec(pdf, b"x", filename="x.txt")
    del pdf.attachments["x.txt"].obj["/AFRelationship"]


def notdef_glyph(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    name = next(iter(page.Resources.Font.keys()))
    page.contents_add(Stream(pdf, f"BT {name} 12 Tf <0000> Tj ET".encode()))


def no_text(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = Stream(pdf, b"")


BROKEN = [
    (drop("/Metadata"), "缺少 XMP 元数据"),
    (drop("/OutputIntents"), "缺少输出意图"),
    (drop("/StructTreeRoot"), "没有结构标签"),
    (drop("/Lang"), "没有声明语言"),
    (drop("/AF"), "没有登记为关联文件"),
    (wrong_part, "元数据没有声明 PDF/A-3a"),
    (forget_unicode, "字体没有文字编码对照"),
    (forget_font_file, "字体没有嵌入"),
    (script_on_open, "打开文件时会执行动作"),
    (script_in_annotation, "会执行动作的批注"),
    (loose_attachment, "附带文件 x.txt 没有登记"),
    (notdef_glyph, "有字体中没有的字"),
    (no_text, "页面上读不出应有的文字：企业名称"),
]


def test_sound_file_passes_also_after_a_harmless_rewrite(sound: bytes):
    assert check_pdf(sound, ["企业名称"], pages=1, attachment="data.json") == ()
    assert check_pdf(changed(sound, lambda pdf: None), ["企业名称"], pages=1, attachment="data.json") == ()


@pytest.mark.parametrize(("change", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_each_damage_is_found(sound: bytes, change: Callable[[pikepdf.Pdf], None], problem: str):
    problems = check_pdf(changed(sound, change), ["企业名称"])
    assert any(problem in found for found in problems), problems


def test_wrong_page_count_missing_attachment_and_encryption_are_found(sound: bytes):
    assert "应有2页，实有1页" in check_pdf(sound, pages=2)
    assert "没有附带文件 other.json" in check_pdf(sound, attachment="other.json")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    assert any("加密" in problem for problem in check_pdf(out.getvalue()))


def test_plain_pdf_from_the_same_library_is_not_taken_for_an_archival_one(renderer: Renderer):
    from weasyprint import HTML

    problems = check_pdf(HTML(string="<p>plain</p>").write_pdf())
    assert any("XMP" in problem or "PDF/A" in problem for problem in problems)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\nnothing", b"\x00" * 4096, b"%PDF-1.7\n" + b"1 0 obj<</A 1 0 R>>" * 99]
)
def test_garbage_is_reported_not_raised(data: bytes):
    assert check_pdf(data)[0].startswith("不是可以读取的 PDF 文件")


def test_truncated_file_is_reported(sound: bytes):
    for size in (100, len(sound) // 2):
        assert check_pdf(sound[:size], ["企业名称"], pages=1, attachment="data.json") != ()
