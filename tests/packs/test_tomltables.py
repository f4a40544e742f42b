"""Editing pack.toml in place: the data changes as asked, everything else stays as written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import SLUG, pack_files

from zuozhen.model.errors import ContentError
from zuozhen.packs.tomltables import TomlTables

SOURCE = pack_files()[f"processes/{SLUG}/pack.toml"].decode()
COMMENTS = [line for line in SOURCE.splitlines() if line.startswith("#")]
TEXT = st.text(min_size=1, max_size=40).filter(lambda text: "\r" not in text)
OPS = st.lists(
    st.tuples(st.sampled_from(["insert", "change", "delete", "up"]), st.integers(0, 30), TEXT), max_size=6
)


def edit(source: str, *steps: Any) -> str:
    toml = TomlTables(source)
    for step in steps:
        step(toml)
    return toml.text()


@pytest.mark.parametrize("path", [("unit",), ("channel",), ("counter",), ("register", 0, "columns")])
@settings(deadline=None, max_examples=8)
@given(ops=OPS)
def test_any_edits_of_a_list_equal_the_edits_of_plain_data(path: Any, ops: list[Any]) -> None:
    toml, model = TomlTables(SOURCE), tomllib.loads(SOURCE)
    rows = model
    for step in path:
        rows = rows[step]
    for op, place, text in ops:
        if op == "insert":
            toml.insert_row(path, {"id": "neu", "name": text})
            rows.append({"id": "neu", "name": text})
        elif rows:
            at = place % len(rows)
            if op == "change":
                toml.change_row(path, at, {"name": text, "id": None, "key": None})
                rows[at].update(name=text)
                rows[at].pop("id", None)
                rows[at].pop("key", None)
            elif op == "delete" and len(rows) > 1:
                toml.delete_row(path, at)
                del rows[at]
            elif op == "up":
                toml.move_row(path, at, max(0, at - 1))
                rows.insert(max(0, at - 1), rows.pop(at))
    written = toml.text()
    assert tomllib.loads(written) == model
    assert [line for line in written.splitlines() if line in COMMENTS] == COMMENTS


@settings(deadline=None, max_examples=20)
@given(
    st.dictionaries(st.sampled_from(["scope", "venue", "hotline", "privacy", "objects"]), st.none() | TEXT)
)
def test_fields_take_any_text_and_can_go(values: dict[str, str | None]) -> None:
    written = edit(SOURCE, lambda toml: toml.update(("portal",), values))
    expected = tomllib.loads(SOURCE)
    for key, value in values.items():
        if value is None:
            expected["portal"].pop(key)
        else:
            expected["portal"][key] = value
    assert tomllib.loads(written) == expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("123456789"), TEXT), unique_by=lambda pair: pair[0], max_size=6))
def test_a_code_list_takes_the_given_keys_in_the_given_order(pairs: list[tuple[str, str]]) -> None:
    written = edit(SOURCE, lambda toml: toml.arrange(("codes", "refusal_ground"), pairs))
    assert list(tomllib.loads(written)["codes"]["refusal_ground"].items()) == pairs


def lines_changed(new: str) -> set[str]:
    return set(SOURCE.splitlines()) ^ set(new.splitlines())


def test_an_edit_touches_its_own_lines_only() -> None:
    written = edit(SOURCE, lambda toml: toml.change_row(("recurrence",), 0, {"day": 25, "roll": "none"}))
    assert lines_changed(written) == {"day = 20", "day = 25", 'roll = "forward"', 'roll = "none"'}
    assert edit(SOURCE) == SOURCE
    assert edit(SOURCE, lambda toml: toml.change_row(("unit",), 3, {"name": "市市场监督管理局"})) == SOURCE


def test_a_new_row_stands_before_the_heading_of_the_next_section() -> None:
    written = edit(SOURCE, lambda toml: toml.insert_row(("unit",), {"id": "xinfang", "name": "市信访局"}))
    heading = "# ---- 岗位角色 ----"
    assert written.index('"xinfang"') < written.index(heading) < written.index("[[role]]")


def test_the_last_row_of_a_list_can_go_and_the_list_can_begin_anew() -> None:
    def delete_all(toml: TomlTables) -> None:
        for _ in range(8):
            toml.delete_row(("counter",), 0)

    empty = edit(SOURCE, delete_all)
    assert "counter" not in tomllib.loads(empty)
    assert "# ---- 代码表 ----" in empty
    again = edit(empty, lambda toml: toml.insert_row(("counter",), {"id": "a", "name": "大厅"}))
    assert tomllib.loads(again)["counter"] == [{"id": "a", "name": "大厅"}]


def test_named_parts_and_new_lists_come_last_among_their_like() -> None:
    written = edit(
        SOURCE,
        lambda toml: toml.set_part(("numbering",), "clinic", {"pattern": "C{seq}", "scope": "none"}),
        lambda toml: toml.arrange(("codes", "grounds"), [("a", "甲")]),
        lambda toml: toml.delete_part(("numbering",), "case"),
        lambda toml: toml.update((), {"session_recurrence": None, "note": "x"}),
    )
    read = tomllib.loads(written)
    assert read["numbering"] == {"clinic": {"pattern": "C{seq}", "scope": "none"}}
    assert list(read["codes"]) == ["refusal_ground", "grounds"]
    assert read["note"] == "x"
    assert "session_recurrence" not in read
    assert [line for line in written.splitlines() if line in COMMENTS] == COMMENTS


def test_comments_travel_with_their_rows_and_values_keep_theirs() -> None:
    source = '[[a]]\nid = "1"  # first\n\n# about two\n[[a]]\nid = "2"\n\n# next\n[b]\nx = 1\n'
    moved = edit(source, lambda toml: toml.move_row(("a",), 1, 0))
    assert moved == '[[a]]\n# about two\nid = "2"\n\n[[a]]\nid = "1"  # first\n\n# next\n[b]\nx = 1\n'
    changed = edit(source, lambda toml: toml.change_row(("a",), 0, {"id": "9"}))
    assert 'id = "9"  # first\n' in changed


@pytest.mark.parametrize("source", ["unit = 3\n[unit", 'x = "', "unit = 3\n"])
def test_what_cannot_be_edited_is_refused_in_words(source: str) -> None:
    with pytest.raises(ContentError):
        edit(source, lambda toml: toml.insert_row(("unit",), {"id": "a"}))


def test_a_list_of_plain_values_is_no_table_and_says_so() -> None:
    with pytest.raises(ContentError) as error:
        edit('unit = ["a"]\n', lambda toml: toml.insert_row(("unit",), {"id": "b"}))
    assert "unit" in error.value.message


ON_THE_SPOT = """\
[[report]]
key = "r"
figures = [
  { key = "a", label = "甲" },  # 总数
  { key = "b", label = "乙", where = 'x = "1"' },
]
notes = ["一"]

[text]
x = "1"
"""


@given(OPS)
@settings(max_examples=30, deadline=None)
def test_rows_written_on_the_spot_are_edited_as_rows(ops: list[tuple[str, int, str]]) -> None:
    rows = tomllib.loads(ON_THE_SPOT)["report"][0]["figures"]
    toml, path = TomlTables(ON_THE_SPOT), ("report", 0, "figures")
    for op, number, text in ops:
        at = number % len(rows) if rows else 0
        if op == "insert":
            rows.insert(at, {"key": text, "label": text})
            toml.insert_row(path, {"key": text, "label": text}, at)
        elif rows and op == "change":
            rows[at]["label"] = text
            toml.change_row(path, at, {"label": text})
        elif rows and op == "delete":
            del rows[at]
            toml.delete_row(path, at)
        elif rows:
            to = max(at - 1, 0)
            rows.insert(to, rows.pop(at))
            toml.move_row(path, at, to)
    data = tomllib.loads(toml.text())
    assert data["report"] == [{"key": "r", "figures": rows, "notes": ["一"]}]
    assert data["text"] == {"x": "1"}


def test_the_first_named_part_makes_its_section() -> None:
    text = edit("a = 1\n", lambda toml: toml.set_part(("procedure",), "case", {"label": "我要挂号"}))
    assert tomllib.loads(text) == {"a": 1, "procedure": {"case": {"label": "我要挂号"}}}
