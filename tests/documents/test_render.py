"""How documents come out: fitting, continuation pages, glyphs, generic tables, metadata, sameness."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
from tests.documents.samples import CREATED, FONTS, META, REGISTER, ROOT, body, print_source

from zuozhen.documents import Asset, FontsMissing, Renderer, RenderInput, check_pdf
from zuozhen.documents.checks import read_text, squash
from zuozhen.model.errors import ContentError
from zuozhen.model.printing import Cell, PrintForm

SENTENCE = "我公司拟在轻工业园区扩建冷库，恳请协调有关部门明确时限。"


def embedded(pdf: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = {str(item.obj.UF): item for item in opened.attachments.values()}
        return bytes(found[name].get_file().read_bytes())


# ---------------------------------------------------------------- fitting


def test_longer_text_shrinks_the_form_to_its_page(renderer: Renderer):
    content = SENTENCE * 14
    done = renderer.render(print_source("register", {**REGISTER, "content": content}))
    assert (done.pages, done.continued) == (1, False)
    assert check_pdf(done.pdf, [content]) == ()


def test_text_beyond_the_page_goes_to_a_labelled_continuation_page(renderer: Renderer):
    content = SENTENCE * 60
    form = PrintForm(
        "x",
        "测试表",
        "",
        False,
        ((Cell("label", "诉求内容", 10), Cell("value", content, 38)),),
        text={"content": content},
    )
    done = renderer.render(RenderInput(created=CREATED, form=form))
    assert done.continued and done.pages > 1
    text = squash(read_text(done.pdf))
    assert "续见附页" in text
    assert squash(content) in text.partition("附页诉求内容")[2]


def test_generic_table_keeps_rows_spans_choices_and_notes(renderer: Renderer):
    rows = (
        (
            Cell("label", "基本情况", 5, rowspan=2, vertical=True),
            Cell("label", "名称", 10),
            Cell("value", "甲公司", 33),
        ),
        (Cell("label", "类型", 10), Cell("value", "", 33, choices=(("在营", True), ("拟投资", False)))),
        (Cell("heading", "意见", 48),),
        (Cell("label", "一", 16), Cell("label", "二", 16), Cell("label", "三", 16)),
        (Cell("note", "备注<b>甲</b>", 48),),
    )
    form = PrintForm(
        "f", "通用表", "附件 9", False, rows, notes=("第一条。",), raw={"a": 1}, text={"a": "一"}
    )
    done = renderer.render(RenderInput(created=CREATED, form=form, meta=META))
    words = ["附件9", "通用表", "基本情况", "名称", "甲公司", "意见", "备注<b>甲</b>", "说明：第一条。"]
    assert check_pdf(done.pdf, words, pages=1, attachment="data.json") == ()
    drawn = squash(read_text(done.pdf))
    assert drawn.count("□") == 2 and drawn.count("√") == 1
    record = json.loads(embedded(done.pdf, "data.json"))
    assert (record["form"], record["data"], record["text"]) == ("f", {"a": 1}, {"a": "一"})


def test_landscape_form_lies_on_its_side(renderer: Renderer):
    form = PrintForm("f", "横表", "", True, ((Cell("label", "甲", 24), Cell("value", "乙", 24)),))
    with pikepdf.open(io.BytesIO(renderer.pdf(RenderInput(created=CREATED, form=form)))) as pdf:
        left, bottom, right, top = map(float, pdf.pages[0].MediaBox)
    assert (round(right - left), round(top - bottom)) == (842, 595)


def test_chinese_lines_end_flush(renderer: Renderer):
    """Every full line of justified Chinese ends at the same place (GB/T 9704: 28 characters)."""
    text = ("企业反映2024年冷库扩建用地审批与用电保障问题，请有关部门会商后书面答复。" * 12)[:400]
    document = pypdfium2.PdfDocument(renderer.pdf(body("<p>{{ d.x }}</p>", x=text)))
    page = document[0].get_textpage()
    ends: dict[float, float] = {}
    for index in range(page.count_chars()):
        if page.get_text_range(index, 1).strip():
            _, bottom, right, _ = page.get_charbox(index, loose=True)
            line = round(bottom / 28.95)
            ends[line] = max(ends.get(line, 0), right)
    document.close()
    full = [ends[line] for line in sorted(ends, reverse=True)[:-1]]
    assert len(full) > 10
    assert max(full) - min(full) < 1.0


# ---------------------------------------------------------------- glyphs


def test_rare_name_characters_are_drawn(renderer: Renderer):
    done = renderer.render(print_source("register", {**REGISTER, "contact": "喆堃翀犇骉玥昇珺"}))
    assert done.missing == ()
    assert check_pdf(done.pdf, ["喆堃翀犇骉玥昇珺"]) == ()


def test_undrawable_character_is_replaced_and_reported_but_kept_in_the_data(renderer: Renderer):
    name = "张\U0002ceb1"
    assert renderer.missing_glyphs(name) == ("\U0002ceb1",)
    done = renderer.render(print_source("register", {**REGISTER, "contact": name}))
    assert done.missing == ("\U0002ceb1",)
    assert check_pdf(done.pdf, ["张〓", "U+2CEB1"], pages=1) == ()
    assert json.loads(embedded(done.pdf, "data.json"))["data"]["contact"] == name


def test_without_fonts_nothing_is_printed_and_the_message_says_how_to_get_them(tmp_path: Any):
    with pytest.raises(FontsMissing) as caught:
        Renderer([tmp_path / "none"], tmp_path)
    assert "fontkit" in caught.value.hint


# ---------------------------------------------------------------- archive


def test_metadata_attachments_and_date_are_in_the_file(renderer: Renderer):
    source = RenderInput(
        created=CREATED,
        template=print_source("register").template,
        data=REGISTER,
        meta={**META, "retention": "永久", "case_id": "c<&>"},
        attachments={"附表.csv": b"a,b"},
    )
    pdf = renderer.pdf(source)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        xmp = opened.Root.Metadata.read_bytes().decode()
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20241120013000")
        assert len(opened.Root.AF) == 2
        assert opened.attachments["data.json"].obj.AFRelationship == "/Source"
    assert "<zz:caseNumber>XW2024-0001</zz:caseNumber>" in xmp
    assert "<zz:retention>永久</zz:retention>" in xmp
    assert "<zz:caseId>c&lt;&amp;&gt;</zz:caseId>" in xmp
    assert embedded(pdf, "附表.csv") == b"a,b"


def test_picture_given_with_the_document_is_shown(renderer: Renderer):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    page = body("<img src=\"{{ 'seal'|asset }}\" alt=印 style='width:40mm;height:40mm'>")
    with_asset = RenderInput(
        created=CREATED, template=page.template, assets={"seal": Asset(svg, "image/svg+xml")}
    )
    assert renderer.render(with_asset).refused == ()
    assert renderer.render(page).refused == ("zz:/assets/seal",)


def test_same_input_gives_same_bytes_in_another_process_and_thread(renderer: Renderer):
    source = print_source("register")
    first = renderer.pdf(source)
    assert renderer.pdf(source) == first
    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(renderer.pdf, [source, source])) == {first}
    program = (
        "import sys, hashlib, pathlib, tempfile\n"
        "from tests.documents.samples import FONTS, print_source\n"
        "from zuozhen.documents import Renderer\n"
        "pdf = Renderer([FONTS], pathlib.Path(tempfile.mkdtemp())).pdf(print_source('register'))\n"
        "sys.stdout.write(hashlib.sha256(pdf).hexdigest())\n"
    )
    environment = {"PYTHONPATH": f"{ROOT / 'plugin'}:{ROOT}", "PYTHONHASHSEED": "7", "TZ": "America/New_York"}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert ran.stdout == hashlib.sha256(first).hexdigest()


def test_other_data_date_or_attachment_gives_another_identifier(renderer: Renderer):
    def identifier(source: RenderInput) -> bytes:
        with pikepdf.open(io.BytesIO(renderer.pdf(source))) as pdf:
            return bytes(pdf.trailer.ID[0])

    base = print_source("clinic_record")
    variants = [
        base,
        print_source("clinic_record", {}),
        RenderInput(
            created=CREATED + timedelta(days=1), template=base.template, data=base.data, meta=base.meta
        ),
        RenderInput(
            created=CREATED, template=base.template, data=base.data, meta=base.meta, attachments={"x": b"1"}
        ),
    ]
    assert len({identifier(source) for source in variants}) == len(variants)


# ---------------------------------------------------------------- templates


@pytest.mark.parametrize(
    ("template", "line"),
    [("甲\n{% if %}", 2), ("甲\n\n{{ d.x + 1 }}", 3), ("{{ 1/0 }}", 1), ("{% include 'nothing' %}", 1)],
)
def test_broken_template_is_reported_with_its_line(renderer: Renderer, template: str, line: int):
    with pytest.raises(ContentError) as caught:
        renderer.render(RenderInput(created=CREATED, template=template, data={"x": "a"}))
    assert caught.value.findings[0].line == line
    assert caught.value.message.startswith(f"打印模板第{line}行有错误")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2024-11-05", "2024年11月5日"),
        ("2024-11-04T16:30:00+00:00", "2024年11月5日"),
        (datetime(2024, 11, 4, 16, 30, tzinfo=UTC), "2024年11月5日"),
        ("随时", "随时"),
    ],
)
def test_dates_are_printed_local_and_without_leading_zeros(renderer: Renderer, value: object, shown: str):
    assert check_pdf(renderer.pdf(body("<p>{{ d.x|cndate }}。</p>", x=value)), [f"{shown}。"]) == ()


def test_blank_date_leaves_room_for_writing(renderer: Renderer):
    assert "年月日" in squash(read_text(renderer.pdf(body("<p>{{ d.x|cndate }}</p>"))))


def test_fonts_come_from_the_given_folder_only(renderer: Renderer):
    with pikepdf.open(io.BytesIO(renderer.pdf(print_source("service_list")))) as pdf:
        names = {str(font.BaseFont).partition("+")[2] for font in pdf.pages[0].Resources.Font.values()}
    assert names == {"ZZ-Hei", "ZZ-BiaoSong", "ZZ-FangSong", "ZZ-Song"}
    assert FONTS.is_dir()
