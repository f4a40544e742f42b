"""dynamiclist: rows that come and go without JavaScript."""

from __future__ import annotations

from typing import Any

from tests.formjs.builders import component, form, submit

from zuozhen.formjs import FormDefinition, bind


def people(**more: Any) -> FormDefinition:
    return form(
        component(
            "dynamiclist",
            "who",
            components=[
                component("textfield", "name", validate={"required": True}),
                component("textfield", "post", conditional={"hide": '=name = "无"'}),
                component("checkbox", "chief"),
            ],
            **more,
        ),
        component("textfield", "who_1"),
    )


TWO_ROWS = [
    ("who-0-_row", "1"),
    ("who-0-name", "张"),
    ("who-1-_row", "1"),
    ("who-1-name", "李"),
    ("who-1-post", "长"),
]


def test_rows_are_typed_answers_and_blank_rows_are_left_out() -> None:
    bound = submit(people(), *TWO_ROWS, ("who-2-_row", "1"))
    assert bound.validate()
    assert bound.answers["who"] == [
        {"name": "张", "post": None, "chief": False},
        {"name": "李", "post": "长", "chief": False},
    ]
    assert len(bound.draft()["who"]) == 3


def test_a_row_with_something_in_it_is_checked() -> None:
    bound = submit(people(), ("who-0-post", "局长"))
    assert not bound.validate()
    (problem,) = bound.problems
    assert (problem.field, problem.label) == ("who-0-name", "标签who第 1 行")
    assert bound.summary == (("who-0-name", "标签who第 1 行：请填写“标签name”"),)


def test_conditions_within_a_row() -> None:
    bound = submit(people(), ("who-0-name", "无"), ("who-0-post", "smuggled"), ("who-1-name", "李"))
    assert bound.answers["who"] == [
        {"name": "无", "chief": False},
        {"name": "李", "post": None, "chief": False},
    ]


def test_add_a_row() -> None:
    bound = submit(people(), *TWO_ROWS, ("_add:who", "1"))
    assert bound.structural
    assert [row["name"] for row in bound.draft()["who"]] == ["张", "李", ""]
    assert len(bound.rows[0][0].entries) == 3


def test_remove_a_row() -> None:
    bound = submit(people(), *TWO_ROWS, ("_remove:who:0", "1"))
    assert bound.structural
    assert [row["name"] for row in bound.draft()["who"]] == ["李"]
    assert bound.rows[0][0].entries[0][0][0].name == "who-0-name"


def test_odd_buttons_do_nothing() -> None:
    for name in (
        "_remove:who:7",
        "_remove:who:x",
        "_add:nobody",
        "_remove:nobody:0",
        "_add:",
        "_remove:who:²",
    ):
        bound = submit(people(), *TWO_ROWS, (name, "1"))
        assert [row["name"] for row in bound.draft()["who"]] == ["张", "李"], name
    assert submit(people(), ("_refresh", "1")).structural
    assert not submit(people(), *TWO_ROWS).structural


def test_a_field_named_like_a_row_is_not_a_row() -> None:
    bound = submit(people(), ("who_1", "x"), ("who-²-name", "x"), ("who-99999-name", "x"), ("who--name", "x"))
    assert bound.validate()
    assert bound.answers == {"who": [], "who_1": "x"}
    assert bound.draft()["who"] == []


def test_gaps_in_the_numbers_are_closed() -> None:
    bound = submit(people(), ("who-7-name", "七"), ("who-3-name", "三"))
    assert [row["name"] for row in bound.answers["who"]] == ["三", "七"]
    assert [entry[0][0].id for entry in bound.rows[0][0].entries] == ["f-who-0-name", "f-who-1-name"]


def test_too_many_rows_are_refused_with_a_message() -> None:
    bound = submit(people(properties={"max_rows": "2"}), *TWO_ROWS, ("who-2-name", "王"))
    assert not bound.validate()
    assert "最多 2 行" in bound.problems[0].message
    assert bound.rows[0][0].full
    thousand = submit(people(), *((f"who-{number}-name", "x") for number in range(2_000)))
    assert not thousand.validate()
    assert len(thousand.draft()["who"]) == 50


def test_a_fixed_list_cannot_grow() -> None:
    definition = people(allowAddRemove=False, defaultRepetitions=2)
    bound = submit(definition, *TWO_ROWS, ("_add:who", "1"))
    assert len(bound.draft()["who"]) == 2
    assert len(submit(definition, *TWO_ROWS, ("_remove:who:0", "1")).draft()["who"]) == 2
    assert not submit(definition, *TWO_ROWS, ("who-2-name", "王")).validate()


def test_first_rows_stored_rows_and_read_only_rows() -> None:
    assert len(bind(people()).rows[0][0].entries) == 1
    assert len(bind(people(defaultRepetitions=0)).rows[0][0].entries) == 0
    stored = {"who": [{"name": "张", "post": "长", "chief": True}, {"name": "李"}, "junk"]}
    shown = bind(people(), initial=stored)
    assert [entry[0][0].value for entry in shown.rows[0][0].entries] == ["张", "李"]
    locked = submit(people(), ("who-0-name", "x"), ("_add:who", "1"), initial=stored, readonly_keys=["who"])
    assert [row["name"] for row in locked.answers["who"]] == ["张", "李"]
    assert all(item.readonly for entry in locked.rows[0][0].entries for row in entry for item in row)
    assert not locked.rows[0][0].changeable


def test_a_hidden_list_is_dropped() -> None:
    definition = people(conditional={"hide": '=who_1 = "hide"'}, validate={"required": True})
    assert submit(definition, ("who-0-post", "x"), ("who_1", "hide"), ("_hidden", "who-0-post")).validate()
    assert "who" not in submit(definition, *TWO_ROWS, ("who_1", "hide")).answers
    assert "至少填写一行" in submit(definition).problems[0].message


def test_conditions_read_lists() -> None:
    definition = form(
        component("textfield", "why", conditional={"hide": "=count(who) < 2"}),
        component("dynamiclist", "who", components=[component("textfield", "name")]),
    )
    assert "why" not in submit(definition, ("who-0-name", "a"), ("why", "x")).answers
    assert submit(definition, ("who-0-name", "a"), ("who-1-name", "b"), ("why", "x")).answers["why"] == "x"
