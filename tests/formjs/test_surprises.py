"""Nothing typed is lost in silence: what the page showed and the server does not take is told, and the reverse."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from tests.formjs.builders import component, form, submit
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.formjs import BoundForm, FormDefinition, bind
from zuozhen.formjs.components.base import Answerable


def asked(**more: Any) -> FormDefinition:
    return form(
        component("textfield", "a"),
        component("textfield", "why", conditional={"hide": '=a = "no"'}, **more),
    )


def messages(bound: BoundForm) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in bound.problems]


def item(bound: BoundForm, name: str) -> Any:
    (found,) = [each for row in bound.rows for each in row if each.name == name]
    return found


def test_what_was_seen_and_does_not_count_is_told_at_the_field() -> None:
    bound = submit(asked(validate={"required": True}), ("a", "no"), ("why", "因为"), ("_hidden", ""))
    assert not bound.validate()
    ((field, message),) = messages(bound)
    assert field == "why"
    assert message.startswith("“标签why”按现在的填写不需要填，所填内容不会保留")
    shown = item(bound, "why")
    assert not shown.hidden
    assert shown.errors == (message,)
    assert shown.value == "因为"
    assert shown.hide == "?", "where they disagreed the server decides from now on"


def test_what_was_not_seen_and_counts_is_told() -> None:
    bound = submit(asked(), ("a", "yes"), ("why", "旧的"), ("_hidden", "why"))
    ((field, message),) = messages(bound)
    assert (field, "没有显示出来" in message) == ("why", True)
    assert not item(bound, "why").hidden
    assert submit(asked(), ("a", "yes"), ("why", ""), ("_hidden", "why")).validate()


def test_a_required_answer_that_the_page_hid_can_be_given_then() -> None:
    bound = submit(asked(validate={"required": True}), ("a", "yes"), ("_hidden", "why"))
    assert messages(bound) == [("why", "请填写“标签why”")]
    assert item(bound, "why").hide == "?"


@pytest.mark.parametrize(
    ("sent", "hidden"),
    [([("why", "x")], "why"), ([], ""), ([("why", "  ")], ""), ([("why", "缺省")], None)],
)
def test_no_complaint_where_nothing_typed_is_lost(sent: list[tuple[str, str]], hidden: str | None) -> None:
    """It was hidden on the page, or there is nothing, or (without scripts) only what the page began with."""
    definition = asked(defaultValue="缺省")
    marks = [] if hidden is None else [("_hidden", hidden)]
    assert submit(definition, ("a", "no"), *sent, *marks).validate()


@pytest.mark.parametrize("marks", [[], [("_hidden", "")]])
def test_it_is_told_once(marks: list[tuple[str, str]]) -> None:
    """A chosen option cannot be taken back without scripts: who has been told may go on."""
    bound = submit(asked(), ("a", "no"), ("why", "x"), *marks)
    assert not bound.validate()
    assert bound.told == {"why"}
    again = submit(asked(), ("a", "no"), ("why", "x"), *marks, ("_told", "why"))
    assert again.validate()
    assert again.answers == {"a": "no"}
    assert again.told == {"why"}


def test_a_value_that_was_there_and_is_dropped_though_seen_is_told_too() -> None:
    definition = asked(defaultValue="缺省", validate={"required": True})
    assert not submit(definition, ("a", "no"), ("why", "缺省"), ("_hidden", "")).validate()
    assert not submit(definition, ("a", "yes"), ("why", "缺省"), ("_hidden", "why")).validate()


def test_rows_groups_and_files() -> None:
    hide = {"hide": '=a = "no"'}
    definition = form(
        component("textfield", "a"),
        component(
            "dynamiclist", "who", label="人员", conditional=hide, components=[component("textfield", "name")]
        ),
        {"type": "group", "path": "place", "id": "P", "conditional": hide, "components": [component("number", "n")]},
        {"type": "group", "id": "G", "conditional": hide, "components": [component("checkbox", "ok")]},
        component("filepicker", "files", conditional=hide),
    )  # fmt: skip
    files = MultiDict([("files", FileStorage(BytesIO(b"x"), filename="甲.txt"))])
    sent = [("a", "no"), ("who-0-name", "张"), ("who-1-name", "李"), ("place-n", "5"), ("ok", "true")]
    bound = submit(definition, *sent, files=files)
    assert [problem.field for problem in bound.problems] == [
        "who-0-name",
        "who-1-name",
        "place-n",
        "ok",
        "files",
    ]
    assert bound.problems[1].message.startswith("“人员第 2 行的标签name”")
    assert not any(each.hidden for row in bound.rows for each in row)
    assert bound.rows[1][0].entries[1][0][0].errors == (bound.problems[1].message,)
    told = ("_hidden", "who-0-name who-1-name place-n ok files")
    assert submit(definition, *sent, told, files=files).validate()


def test_what_a_rule_made_read_only_is_told_once() -> None:
    definition = form(
        component("textfield", "a"),
        component("textfield", "b", readonly='=a = "fixed"'),
    )
    bound = submit(definition, ("a", "fixed"), ("b", "新"), initial={"b": "旧"})
    assert "不能改" in bound.problems[0].message
    assert bound.answers["b"] == "旧"
    assert bound.problems[0].field == ""
    assert submit(definition, ("a", "fixed"), ("b", "旧"), initial={"b": "旧"}).validate()
    assert submit(definition, ("a", "fixed"), initial={"b": "旧"}).validate(), "the next page has no input"


def test_drafts_and_rows_added_are_no_submission() -> None:
    bound = submit(asked(), ("a", "no"), ("why", "x"), ("_refresh", "1"))
    assert bound.structural
    assert item(bound, "why").hidden
    assert bound.draft() == {"a": "no", "why": "x"}


def test_the_number_of_a_row_is_known_to_what_demands() -> None:
    definition = form(
        component(
            "dynamiclist",
            "who",
            components=[
                component("textfield", "name"),
                component("textfield", "post", properties={"required.if": "=i = 2"}),
            ],
        )
    )
    bound = submit(definition, ("who-0-name", "张"), ("who-1-name", "李"))
    assert [problem.field for problem in bound.problems] == ["who-1-post"]


def test_every_kind_of_answer_has_a_reader_in_the_page() -> None:
    """``page_kind`` of each component is a key of the readers in kinds.js."""
    from tests.formjs.builders import ROOT

    script = (ROOT / "plugin" / "studio" / "src" / "page" / "kinds.js").read_text()
    choosing = ("radio", "select", "checklist", "taglist")
    options = {"values": [{"value": "a", "label": "甲"}]}
    kinds = ("textfield", "textarea", "number", "datetime", "checkbox", "filepicker", *choosing)
    found = form(*(component(kind, kind, **(options if kind in choosing else {})) for kind in kinds))
    for field in found.scope.fields:
        assert isinstance(field, Answerable)
        known = field.page_kind in ("boolean", "files") or f"{field.page_kind}'" in script
        assert known or f"  {field.page_kind}:" in script or f"  {field.page_kind}," in script, (
            field.page_kind
        )
    assert bind(found).kinds.startswith('{"textfield":"line"')
