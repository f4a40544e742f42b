"""Texts line by line: what is shown leads from the old text to the new one, and stays bearable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.textdiff import MOST_LINES, Line, text_difference

TEXT = st.lists(st.sampled_from(["一", "二", "三", "四"]), max_size=12)


def joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(TEXT, TEXT)
def test_added_and_removed_lines_account_for_the_whole_change(old: list[str], new: list[str]) -> None:
    shown = text_difference("x.txt", joined(old), joined(new))
    assert shown is not None
    assert (shown == ()) == (old == new)
    count = {kind: [line.text for line in shown if line.kind == kind] for kind in ("added", "removed")}
    left = list(old)
    for text in count["removed"]:
        left.remove(text)
    assert sorted(left + count["added"]) == sorted(new)


def test_lines_far_from_a_change_are_left_out() -> None:
    old = [str(number) for number in range(100)]
    new = [*old[:50], "new", *old[51:]]
    shown = text_difference("x.txt", joined(old), joined(new))
    assert shown is not None
    assert [line.text for line in shown] == ["……", "47", "48", "49", "50", "new", "51", "52", "53"]
    assert shown[4:6] == (Line("removed", "50"), Line("added", "new"))


def test_a_file_that_came_or_went_is_all_new_or_all_gone() -> None:
    assert text_difference("x.txt", None, b"a\nb") == (Line("added", "a"), Line("added", "b"))
    assert text_difference("x.txt", b"a", None) == (Line("removed", "a"),)


def test_pictures_and_huge_texts_are_not_compared_long_lines_are_cut() -> None:
    assert text_difference("x.png", b"a", b"b") is None
    assert text_difference("x.txt", b"a", b"b\n" * (MOST_LINES + 1)) is None
    (removed, added) = text_difference("x.txt", b"x" * 9000, "\ufffd".encode() * 9000) or ()
    assert len(removed.text) < 500 and len(added.text) < 500


def test_names_of_files() -> None:
    form = '{"properties": {"title": "“坐诊”安排表"}}'.encode()
    files = {"forms/a/arrange.json": form, "forms/a/broken.json": b"[" * 99_999, "forms/a/odd.json": b"[]"}
    names = {
        "forms/a/arrange.json": "表单“‘坐诊’安排表”",
        "forms/a/broken.json": "表单“broken”",
        "forms/a/odd.json": "表单“odd”",
        "templates/print/a/arrange.html": "打印模板“‘坐诊’安排表”",
        "templates/message/a/hello.txt": "消息模板“hello”",
        "processes/a/a.bpmn": "流程图",
        "processes/a/pack.toml": "单位、岗位和各项设置",
        "processes/a/calendar/2027.json": "2027 年日历",
        "processes/a/other.css": "other.css",
    }
    assert {path: title_of(path, files) for path in names} == names
