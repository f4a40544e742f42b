"""Clauses of a notice: ids and ranges, citations, the table and everything wrong with it."""

from __future__ import annotations

import pytest

from zuozhen.model.errors import ContentError
from zuozhen.packs import Pack
from zuozhen.packs.clauses import MOST_ROWS, citations, expand

PATH = "processes/999999-shifan/clauses.toml"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("SF-3.3-b", "SF-3.3-b"),
        ("SF-2.2-1..3", "SF-2.2-1 SF-2.2-2 SF-2.2-3"),
        ("SF-3.5-b..d", "SF-3.5-b SF-3.5-c SF-3.5-d"),
        ("SF-13.2-a/b/c", "SF-13.2-a SF-13.2-b SF-13.2-c"),
        ("SF-25/26", "SF-25 SF-26"),
        ("SF-4.2/4.3", "SF-4.2 SF-4.3"),
        ("SF-6", "SF-6"),
        ("SF-3-x", "SF-3-x"),
        ("SF-3-5..2", ""),
        (f"SF-3-1..{MOST_ROWS + 1}", ""),
        ("SF-3-a..3", ""),
        ("3.3-b", ""),
        ("SF-", ""),
        ("三（三）", ""),
    ],
)
def test_one_id_may_stand_for_several(text: str, ids: str) -> None:
    assert expand(text) == tuple(ids.split())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("SF-3.3-b 三（三）", [(("SF-3.3-b",), "三（三）")]),
        ("SF-3.3-b、3.4-c 三", [(("SF-3.3-b", "SF-3.4-c"), "三")]),
        ("SF-3.3-b、AB-3.3-c、3.3-d 三", [(("SF-3.3-b", "AB-3.3-c", "AB-3.3-d"), "三")]),
        ("SF-1-a 一；SF-2-1..2 二", [(("SF-1-a",), "一"), (("SF-2-1", "SF-2-2"), "二")]),
        ("SF-1-a", [(("SF-1-a",), "")]),
        ("示办通〔2024〕1号 三、工作内容", [((), "示办通〔2024〕1号 三、工作内容")]),
        ("SF-1-a、其他 一", [((), "SF-1-a、其他 一")]),
        (" ； ", []),
    ],
)
def test_what_an_element_cites(text: str, parts: list[tuple[tuple[str, ...], str]]) -> None:
    assert [(cited.ids, cited.section) for cited in citations(text)] == parts


def table(*rows: str) -> bytes:
    return "\n".join(f"[[clause]]\n{row}" for row in rows).encode()


GOOD = 'id = "SF-1-a"\nsection = "一"\ntext = "牵头"\nby = ["role:leader"]'


def test_the_rows_stand_in_the_order_of_the_notice(files: dict[str, bytes]) -> None:
    second = 'id = "SF-2-1..3"\nsection = "二"\ntext = "情形"\nnot_software = "宣传"'
    first, other = Pack.from_files({**files, PATH: table(GOOD, second)}).clauses
    assert (first.id, first.section, first.text, first.by) == ("SF-1-a", "一", "牵头", ("role:leader",))
    assert (first.line, other.line) == (2, 7)
    assert other.ids == ("SF-2-1", "SF-2-2", "SF-2-3") and other.not_software == "宣传"
    assert Pack.from_files(files).clauses == ()


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        (['id = "一条"\nsection = "一"\ntext = "x"'], 2, "“一条”不合规"),
        ([GOOD, GOOD], 7, "SF-1-a 重复"),
        ([GOOD, 'id = "SF-1-a..c"\nsection = "一"\ntext = "x"'], 7, "SF-1-a 重复"),
        (['id = "SF-1-a"\nsection = "一"'], 1, "缺少 text"),
        ([f'{GOOD}\nnot_software = "x"'], 6, "只能写一个"),
        ([f"{GOOD}\nown = 1"], 6, "不认识的键 own"),
        (['id = "SF-1-a"\nsection = "一"\ntext = "x"\nby = [1]'], 5, "应为文字列表"),
    ],
)
def test_each_mistake_is_named_with_its_line(
    files: dict[str, bytes], rows: list[str], line: int, message: str
) -> None:
    with pytest.raises(ContentError) as caught:
        Pack.from_files({**files, PATH: table(*rows)})
    (finding,) = caught.value.findings
    assert (finding.file, finding.line) == (PATH, line)
    assert message in finding.message


@pytest.mark.parametrize("data", [b"[[clause]\n", b"\xff", b"clause = 3\n", b"#" * 600_000])
def test_a_table_that_cannot_be_read_is_a_finding(files: dict[str, bytes], data: bytes) -> None:
    with pytest.raises(ContentError) as caught:
        Pack.from_files({**files, PATH: data})
    assert {finding.file for finding in caught.value.findings} == {PATH}
