"""The four attachments of one notice on paper: what is filled in, long lists, the printed code.

How every paper of every pack reads and looks is compared by ``tests/packs_content/test_prints.py``.
"""

from __future__ import annotations

import pypdfium2
import pytest
import segno
from PIL import ImageChops
from tests.documents.looks import assert_same_look, page_image
from tests.documents.samples import CLINIC_RECORD, FILLED, REGISTER, SERVICE_LIST, print_source
from tests.packs_content.papers import GOLDEN

from zuozhen.documents import Renderer, check_pdf
from zuozhen.documents.checks import read_text, squash

VARIANTS = [(key, blank) for key in FILLED for blank in (False, True)]
APPROVED = GOLDEN / "530381-xuanwei"


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


def test_the_comparison_notices_another_layout(prints: dict[tuple[str, bool], bytes]):
    moved = ImageChops.offset(page_image(prints["register", False]), 0, 3)
    with pytest.raises(AssertionError):
        assert_same_look(moved, APPROVED / "register-filled.png")


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
