"""Conditions, computed values, read-only fields and rules: decided again on the server."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formjs.builders import component, form, submit

from zuozhen.formjs import FormDefinition, bind


def chain() -> FormDefinition:
    """a shows b, b shows c; drawn in an order that is not the order in which they settle."""
    return form(
        component("textfield", "c", conditional={"hide": '=b != "yes"'}, validate={"required": True}),
        component("textfield", "b", conditional={"hide": '=a != "yes"'}),
        component("textfield", "a"),
    )


def test_hidden_fields_are_neither_required_nor_accepted() -> None:
    bound = submit(chain(), ("a", "no"), ("b", "yes"), ("c", "smuggled"), ("_hidden", "b c"))
    assert bound.validate()
    assert bound.answers == {"a": "no"}
    assert bound.draft() == {"a": "no", "b": "yes", "c": "smuggled"}


def test_shown_fields_are_required_and_accepted() -> None:
    bound = submit(chain(), ("a", "yes"), ("b", "yes"))
    assert [problem.field for problem in bound.problems] == ["c"]
    assert submit(chain(), ("a", "yes"), ("b", "yes"), ("c", "v")).answers == {
        "c": "v",
        "b": "yes",
        "a": "yes",
    }


def test_a_hidden_invalid_value_is_no_problem() -> None:
    definition = form(
        component("checkbox", "other"),
        component("number", "n", conditional={"hide": "=other = false"}),
    )
    hidden = submit(definition, ("n", "abc"), ("_hidden", "n"))
    assert hidden.validate()
    assert hidden.wtform.validate()
    assert not submit(definition, ("n", "abc"), ("other", "true")).validate()


@pytest.mark.parametrize("rule", ['=stars > "3"', '=not(stars > "3")', "=stars > 3", "=missing > 3"])
def test_a_rule_that_cannot_tell_neither_hides_nor_requires(rule: str) -> None:
    """A choice is a text: compared with a number nobody can tell. The answer must not be dropped."""
    definition = form(
        component("select", "stars", values=[{"value": "5", "label": "五星"}]),
        component("number", "amount", conditional={"hide": rule}),
        component("textfield", "why", properties={"required.if": rule}),
    )
    rest = [("stars", "5")] if rule == "=stars > 3" else []
    bound = submit(definition, *rest, ("amount", "7"))
    assert bound.validate()
    assert bound.answers["amount"] == 7


def test_a_group_hides_what_is_in_it() -> None:
    group = {
        "type": "group",
        "id": "G",
        "label": "组",
        "conditional": {"hide": '=a = "no"'},
        "components": [component("textfield", "b", validate={"required": True})],
    }
    definition = form(component("textfield", "a"), group)
    assert submit(definition, ("a", "no"), ("b", "x")).answers == {"a": "no"}
    assert not submit(definition, ("a", "yes")).validate()


def test_hidden_for_good_is_not_on_the_page_hidden_by_an_answer_is() -> None:
    definition = form(
        component("textfield", "a"),
        component("textfield", "b", conditional={"hide": '=a != "yes"'}),
        component("textfield", "c", conditional={"hide": '=stage != "late"'}),
    )
    names = [item.name for row in bind(definition, initial={"stage": "early"}).rows for item in row]
    assert names == ["a", "b"]
    assert [item.hidden for row in bind(definition, initial={"stage": "early"}).rows for item in row] == [
        False,
        True,
    ]
    assert len(bind(definition, initial={"stage": "late"}).rows) == 3
    assert len(bind(definition, initial={"stage": "late", "a": "no"}, readonly_keys=["a"]).rows) == 2


def test_required_by_expression() -> None:
    definition = form(
        component("textfield", "kind"),
        component("textfield", "code", properties={"required.if": '=kind != "investing"'}),
        component("textfield", "note", validate={"required": '=kind = "other"'}),
    )
    assert [p.field for p in submit(definition).problems] == ["code"]
    assert submit(definition, ("kind", "investing")).validate()
    assert [p.field for p in submit(definition, ("kind", "other"), ("code", "1")).problems] == ["note"]


def test_limits_by_expression() -> None:
    definition = form(
        component("number", "low"), component("number", "n", validate={"min": "=low", "max": "=low + 5"})
    )
    assert submit(definition, ("low", "3"), ("n", "8")).validate()
    assert "不能大于 8" in submit(definition, ("low", "3"), ("n", "9")).problems[0].message
    assert submit(definition, ("low", ""), ("n", "9")).validate()


def test_computed_values_come_from_the_server() -> None:
    definition = form(
        component("expression", "total", expression="=a + b"),
        component("number", "a"),
        component("number", "b"),
        component("textfield", "why", conditional={"hide": "=total < 10"}, validate={"required": True}),
    )
    assert submit(definition, ("a", "1"), ("b", "2"), ("total", "99")).answers == {"total": 3, "a": 1, "b": 2}
    assert [p.field for p in submit(definition, ("a", "9"), ("b", "2")).problems] == ["why"]


def test_read_only_fields_keep_their_stored_value() -> None:
    definition = form(
        component("textfield", "a", readonly=True),
        component("textfield", "b"),
        component("textfield", "c", readonly='=b = "locked"'),
    )
    stored = {"a": "old a", "b": "locked", "c": "old c"}
    sent = [("a", "x"), ("b", "x"), ("c", "x")]
    assert submit(definition, *sent, initial=stored, readonly_keys=["b"]).answers == stored
    assert submit(definition, *sent, initial=stored).answers == {"a": "old a", "b": "x", "c": "x"}
    assert submit(definition, initial={"a": None}).validate()


def test_defaults_only_where_nothing_is_stored() -> None:
    definition = form(
        component("textfield", "place", defaultValue="二楼"),
        component("textfield", "title", properties={"default": '="关于" + enterprise'}),
    )
    assert bind(definition, initial={"enterprise": "甲公司"}).answers == {
        "place": "二楼",
        "title": "关于甲公司",
    }
    assert bind(definition, initial={"place": None}).answers["place"] is None
    assert submit(definition).answers == {"place": None, "title": None}


def rules() -> FormDefinition:
    return form(
        component("textfield", "a"),
        component("textfield", "b"),
        properties={"rule.1": "=a = b", "rule.1.message": "两次填写不一致", "rule.1.field": "b"},
    )


def test_rules_across_fields() -> None:
    bound = submit(rules(), ("a", "1"), ("b", "2"))
    assert not bound.validate()
    assert bound.summary == (("b", "标签b：两次填写不一致"),)
    assert bound.rows[1][0].errors == ("两次填写不一致",)
    assert submit(rules(), ("a", "1"), ("b", "1")).validate()


def test_problems_are_the_same_when_asked_twice() -> None:
    bound = submit(rules(), ("a", "1"), ("b", "2"))
    assert not bound.validate()
    assert not bound.validate()
    assert len(bound.problems) == 1


def test_texts_with_values() -> None:
    definition = form(
        component("textfield", "name", label="企业（{{ stage }}）", description="=kind"),
        {"type": "text", "id": "T", "text": "# 标题\n共 **{{ count }}** 家"},
    )
    bound = bind(definition, initial={"stage": "坐诊", "kind": "说明", "count": 3})
    assert (bound.rows[0][0].label, bound.rows[0][0].hint) == ("企业（坐诊）", "说明")
    assert "".join(run.text for run in bound.rows[1][0].texts[1].lines[0]) == "共 3 家"


def test_a_value_in_a_text_is_never_markdown() -> None:
    definition = form({"type": "text", "id": "T", "text": "企业 {{ name }}：**{{ kind }}**"})
    bound = bind(definition, initial={"name": "[点我](https://evil.example) **x**\n# 题", "kind": "甲"})
    (block,) = bound.rows[0][0].texts
    assert [(run.text, run.strong, run.address) for run in block.lines[0]] == [
        ("企业 [点我](https://evil.example) **x**\n# 题：", False, ""),
        ("甲", True, ""),
    ]


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [1, {"a": 1}]])
def test_variables_of_any_type(odd: Any) -> None:
    bound = submit(chain(), ("a", "yes"), initial={"a": odd, "b": odd, "unknown": odd})
    bound.validate()
    assert bound.answers["a"] == "yes"


def test_masked_fields() -> None:
    definition = form(
        component("checkbox", "confidential"),
        component("textfield", "content", properties={"mask": "=confidential = true"}),
        component("textfield", "secret", properties={"mask": "true"}),
    )
    assert definition.masked({"confidential": False}) == {"secret"}
    assert definition.masked({"confidential": True}) == {"content", "secret"}
