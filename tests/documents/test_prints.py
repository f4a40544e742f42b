"""The four attachments of the notice on paper: wording, order, one page each, look."""

from __future__ import annotations

import os
from pathlib import Path

import pypdfium2
import pytest
import segno
from PIL import Image, ImageChops, ImageStat
from tests.documents.samples import CLINIC_RECORD, FILLED, FONTS, GOLDEN, REGISTER, SERVICE_LIST, print_source

from zuozhen.documents import Renderer, check_pdf
from zuozhen.documents.checks import read_text, squash

SCALE = 60 / 72
"""Page images are compared at 60 dots per inch."""

MEAN_LIMIT = 3.0
CHANGED_LIMIT = 0.012
"""Grey levels by which pages may differ on average, and the share of pixels that may differ by a third."""

REWRITE = os.environ.get("ZUOZHEN_GOLDEN") == "write"
STAND_IN = '"source": "FandolFang-Regular.otf"' not in (FONTS / "fonts.json").read_text(encoding="utf-8")
VARIANTS = [
    (key, blank) for key in ("qr", "register", "service_list", "clinic_record") for blank in (False, True)
]

WORDING = {
    "qr": [
        "附件 1",
        "宣威市“局长坐诊接诉”预约“挂号”二维码",
        "宣威市企业“挂号”预约",
        "信息表",
        "扫码登记",
        "感谢您为宣威营商环境建设工作建言献策",
    ],
    "register": [
        "附件 2",
        "企业“挂号”预约信息表",
        "企业名称",
        "统一社会信用代码",
        "企业所在地址",
        "反映诉求企业联系人（法定代表人或实际控制人或委托人）",
        "联系电话",
        "诉求标题",
        "诉求内容",
    ],
    "service_list": [
        "附件 3",
        "“局长坐诊接诉”服务事项清单",
        "“坐诊”部门：",
        "“坐诊”日期：",
        *("序号", "企业名称", "企业所在地", "负责人及联系电话", "企业诉求", "牵头承办单位", "会办单位"),
        *("诉求办理进展情况", "办结情况(已办结/正在推进)", "满意度评价结果"),
        "说明：1.“坐诊”部门根据企业诉求事项，结合各部门职能职责，确定牵头承办单位；",
        "2.“牵头承办单位”负责牵头办理企业诉求，跟进填写有关诉求事项办理落实情况并反馈市发展改革委；",
        "3.“会办单位”由“牵头承办单位”根据企业诉求进一步明确。",
    ],
    "clinic_record": [
        "附件 4",
        "“坐诊”服务工作记录表",
        *(
            "“坐诊”部门",
            "“坐诊”日期",
            "“坐诊”领导",
            "职务",
            "“挂号”企业",
            "现场是否解决(是/否)",
            "牵头承办单位",
        ),
        *(
            "会办单位",
            "企业诉求",
            "解决措施",
            "解决方式",
            "办理结果",
            "不能现场解决的原因",
            "承诺时限",
            "记录人",
        ),
    ],
}


@pytest.fixture(scope="module")
def prints(renderer: Renderer) -> dict[tuple[str, bool], bytes]:
    sources = {
        (key, blank): print_source(key, {}, {}) if blank else print_source(key) for key, blank in VARIANTS
    }
    done = {}
    for variant, source in sources.items():
        result = renderer.render(source)
        assert (result.missing, result.refused, result.truncated) == ((), (), ()), variant
        done[variant] = result.pdf
    return done


@pytest.mark.parametrize(("key", "blank"), VARIANTS)
def test_one_page_archival_and_machine_readable(prints: dict[tuple[str, bool], bytes], key: str, blank: bool):
    assert check_pdf(prints[key, blank], WORDING[key], attachment="data.json", pages=1) == ()


@pytest.mark.parametrize(("key", "blank"), VARIANTS)
def test_wording_stands_in_the_order_of_the_notice(
    prints: dict[tuple[str, bool], bytes], key: str, blank: bool
):
    text = squash(read_text(prints[key, blank]))
    position = 0
    for words in WORDING[key]:
        found = text.find(squash(words), position)
        assert found >= 0, f"{words} not after position {position} of {text}"
        position = found + len(squash(words))


@pytest.mark.parametrize(("key", "answers"), [("register", REGISTER), ("clinic_record", CLINIC_RECORD)])
def test_every_answer_of_the_paper_form_is_printed(
    prints: dict[tuple[str, bool], bytes], key: str, answers: dict[str, object]
):
    shown = (
        {**answers, "solved": "否", "clinic_date": "2024年11月20日"} if key == "clinic_record" else answers
    )
    texts = [value for value in shown.values() if isinstance(value, str)]
    assert check_pdf(prints[key, False], texts) == ()


def test_service_list_prints_every_row_with_chinese_states(prints: dict[tuple[str, bool], bytes]):
    rows = SERVICE_LIST["rows"]
    texts = [row[name] for row in rows for name in ("enterprise", "appeal", "progress", "contact_phone")]
    texts += ["市工业和信息化科技局、供电局", "正在推进", "已办结", "满意", "2024年11月20日"]
    assert check_pdf(prints["service_list", False], texts) == ()


def test_number_time_and_channel_stand_outside_the_grid_only_when_known(
    prints: dict[tuple[str, bool], bytes],
):
    outside = ["挂号编号：XW2024-0001", "挂号时间：2024年11月12日 09:05", "渠道：服务专窗"]
    assert check_pdf(prints["register", False], outside) == ()
    blank = squash(read_text(prints["register", True]))
    assert "挂号编号" not in blank
    assert squash("关于 XXX 事项的情况反映") in blank


def test_fifty_cases_make_a_list_with_repeated_header(renderer: Renderer):
    rows = [{**SERVICE_LIST["rows"][0], "enterprise": f"示例企业{n}号"} for n in range(1, 51)]
    done = renderer.render(print_source("service_list", {**SERVICE_LIST, "rows": rows}))
    assert done.pages > 3
    assert check_pdf(done.pdf, [f"示例企业{n}号" for n in range(1, 51)]) == ()
    assert read_text(done.pdf).count("满意度评价结果") == done.pages


@pytest.mark.parametrize(("key", "blank"), VARIANTS)
def test_page_reads_and_looks_as_approved(prints: dict[tuple[str, bool], bytes], key: str, blank: bool):
    name = f"{key}-{'blank' if blank else 'filled'}"
    text, image = pdfium_text(prints[key, blank]), page_image(prints[key, blank])
    text_path, image_path = GOLDEN / f"{name}.txt", GOLDEN / f"{name}.png"
    if REWRITE:
        text_path.write_text(text, encoding="utf-8")
        image.quantize(16).save(image_path, optimize=True)
    assert text == text_path.read_text(encoding="utf-8")
    if STAND_IN:
        pytest.skip("仿宋、楷体由宋体代替，字形与存样不同")
    assert_same_look(image, image_path)


def test_the_comparison_notices_another_layout(prints: dict[tuple[str, bool], bytes]):
    moved = ImageChops.offset(page_image(prints["register", False]), 0, 3)
    with pytest.raises(AssertionError):
        assert_same_look(moved, GOLDEN / "register-filled.png")


def pdfium_text(pdf: bytes) -> str:
    """Return the text of all pages as a reader program sees it, without blanks at line ends."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    document.close()
    return "\n".join(line.rstrip() for line in "\n".join(pages).splitlines()) + "\n"


def page_image(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=SCALE).to_pil().convert("L")
    document.close()
    return image


def assert_same_look(image: Image.Image, path: Path) -> None:
    approved = Image.open(path).convert("L")
    assert image.size == approved.size
    difference = ImageChops.difference(image, approved)
    changed = sum(difference.histogram()[85:]) / (image.width * image.height)
    mean = ImageStat.Stat(difference).mean[0]
    assert mean <= MEAN_LIMIT and changed <= CHANGED_LIMIT, f"mean {mean:.2f}, changed {changed:.4f}"


def test_printed_code_holds_the_address(prints: dict[tuple[str, bool], bytes]):
    """Every module of the code on paper is dark where the QR code of the address is dark."""
    matrix = segno.make(FILLED["qr"]["url"], error="m", micro=False, boost_error=False).matrix
    document = pypdfium2.PdfDocument(prints["qr", False])
    image = document[0].render(scale=150 / 72).to_pil().convert("L")
    document.close()
    width, height = image.size
    band = image.crop((0, int(height * 0.35), width, int(height * 0.68)))
    left, top, right, bottom = ImageChops.invert(band).point(lambda grey: 255 * (grey > 128)).getbbox()
    module = (right - left) / len(matrix)
    assert 30 < (right - left) / 150 * 25.4 < 92 and abs((right - left) - (bottom - top)) <= 2
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            spot = (left + int((column + 0.5) * module), top + int((row + 0.5) * module))
            assert (band.getpixel(spot) < 128) == bool(dark), (row, column)
