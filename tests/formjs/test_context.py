"""What a form may read besides its own fields: never taken for an answer, and known again on paper."""

from __future__ import annotations

from typing import Any

from tests.formjs.builders import component, form

from zuozhen.formjs import CONCEALED, bind, display, print_form

UNITS = [
    {"value": "fagai", "label": "发展和改革局", "office": "city"},
    {"value": "zhen", "label": "某镇政府", "office": "town"},
]
AROUND: dict[str, Any] = {"units": UNITS, "register": {"county": "town"}}
CHOICE = component("select", "unit", valuesExpression="=units[office = register.county]")


def test_choices_are_worked_out_from_the_context() -> None:
    bound = bind(form(CHOICE), context=AROUND)
    assert bound.wtform.field("unit").state.choices == (("zhen", "某镇政府"),)


def test_a_field_that_is_called_like_something_around_begins_blank() -> None:
    definition = form(component("textfield", "units"), component("textfield", "register"), CHOICE)
    bound = bind(definition, context=AROUND)
    assert bound.answers == {"units": None, "register": None, "unit": None}
    assert bound.wtform.field("unit").state.choices == ()  # the form's own fields are nearer
    assert "units" not in definition.surroundings


def test_a_default_value_reads_the_context() -> None:
    definition = form(component("textfield", "place", properties={"default": "=register.county"}))
    assert bind(definition, context=AROUND).answers == {"place": "town"}


def test_paper_and_text_know_the_label_of_a_computed_choice() -> None:
    definition = form(CHOICE)
    assert display(definition, {"unit": "zhen"}, context=AROUND) == {"unit": "某镇政府"}
    printed = print_form(definition, {"unit": "zhen"}, context=AROUND)
    assert [cell.text for row in printed.rows for cell in row] == ["标签unit", "某镇政府"]
    assert display(definition, {"unit": "zhen"}) == {"unit": "zhen"}


def test_a_mask_may_depend_on_another_form() -> None:
    definition = form(component("textfield", "recipe", properties={"mask": "=confidential = true"}))
    known = {"confidential": True}
    assert display(definition, {"recipe": "秘方"}, conceal=True, context=known) == {"recipe": CONCEALED}
    assert display(definition, {"recipe": "秘方"}, conceal=True) == {"recipe": "秘方"}


def test_the_page_tells_everything_it_reads_from_outside() -> None:
    definition = form(
        component("textfield", "place", description="{{ session.plan.place }}"),
        {"type": "text", "id": "Text_1", "text": '本期至 {{ window("挂号期").last }}，{{ today }}'},
        CHOICE,
    )
    assert definition.surroundings == {"session", "today", "units", "register", "office"}
