"""The page macro: accessible, escaped, usable without JavaScript."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from tests.formjs.builders import ROOT, XUANWEI, component, form, submit, xuanwei

from zuozhen.formjs import BoundForm, bind

HOSTILE = "\"'><script>alert(1)</script>{{ 7*7 }}</textarea>"
PAGE = (
    '{% from "zuozhen/macros/form.html" import form_errors, form_rows, form_submit %}'
    "{{ form_errors(bound) }}{{ form_rows(bound) }}{{ form_submit() }}"
)
TWO = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]


class Page(HTMLParser):
    """All tags with their attributes, and the text."""

    def __init__(self, bound: BoundForm) -> None:
        super().__init__()
        loader = PrefixLoader({"zuozhen": FileSystemLoader(ROOT / "templates" / "web")})
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self.source = environment.from_string(PAGE).render(bound=bound)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"double attribute in {tag} {attrs}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *kinds: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in kinds]

    def by_id(self, wanted: str) -> dict[str, str]:
        (found,) = [attributes for _, attributes in self.tags if attributes.get("id") == wanted]
        return found


def assert_accessible(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {attributes.get("for") for attributes in page.all("label")}
    for attributes in page.all("input", "select", "textarea"):
        if attributes.get("type") != "hidden":
            assert attributes["id"] in labelled, attributes
    for _, attributes in page.tags:
        for target in attributes.get("aria-describedby", "").split():
            assert target in ids
        assert not any(name == "style" or name.startswith("on") for name in attributes)
    assert "script" not in [tag for tag, _ in page.tags]
    for link in page.all("a"):
        if link["href"].startswith("#"):
            assert link["href"][1:] in ids, link
    fieldsets = sum(tag == "fieldset" for tag, _ in page.tags)
    assert fieldsets == sum(tag == "legend" for tag, _ in page.tags)


@pytest.mark.parametrize("key", sorted(path.stem for path in XUANWEI.glob("*.json")))
@pytest.mark.parametrize("sent", [False, True])
def test_every_form_is_accessible_empty_and_with_errors(key: str, sent: bool) -> None:
    options = {
        "units": [(str(number), f"单位{number}") for number in range(20)],
        "clinics": [("2024-12-20", "20日")],
    }
    bound = (
        submit(xuanwei(key), ("_add:attendees", "1"), options=options)
        if sent
        else bind(xuanwei(key), options=options)
    )
    if sent:
        assert not bound.validate()
    page = Page(bound)
    assert_accessible(page)
    alerts = [attributes for _, attributes in page.tags if attributes.get("role") == "alert"]
    assert len(alerts) == int(sent)
    if sent:
        assert len([link for link in page.all("a") if link["href"].startswith("#f-")]) == len(bound.problems)


def test_errors_and_hints_are_tied_to_their_field() -> None:
    definition = form(component("textfield", "x", description="说明", validate={"required": True}))
    bound = submit(definition)
    assert not bound.validate()
    page = Page(bound)
    field = page.by_id("f-x")
    assert field["aria-describedby"] == "f-x-hint f-x-error"
    assert (field["aria-invalid"], field["aria-required"]) == ("true", "true")
    assert "（必填）" in page.text
    assert "有 1 处需要修改" in page.text
    assert "required" not in field
    fresh = Page(bind(definition)).by_id("f-x")
    assert "aria-invalid" not in fresh


def everything(**more: Any) -> list[dict[str, Any]]:
    hostile = {"label": HOSTILE.replace("{{ 7*7 }}", ""), "description": HOSTILE.replace("{{ 7*7 }}", "")}
    kinds = ("textfield", "textarea", "number", "datetime", "checkbox", "filepicker")
    choosing = ("radio", "select", "checklist", "taglist")
    options = [{"value": HOSTILE, "label": HOSTILE}]
    return [
        *(component(kind, kind, **{**hostile, **more}) for kind in kinds),
        *(component(kind, kind, values=options, **{**hostile, **more}) for kind in choosing),
        component("dynamiclist", "rows", components=[component("textfield", "y", **hostile)], **hostile),
        {"type": "group", "id": "G", "components": [component("textfield", "z")], **hostile},
        {
            "type": "text",
            "id": "T",
            "text": "# <b>题</b>\n[x](javascript:alert(1)) **<i>** " + hostile["label"],
        },
        component("expression", "sum", expression="=textfield", **hostile),
        {"type": "separator", "id": "S"},
        {"type": "spacer", "id": "P"},
    ]


def test_nothing_typed_or_configured_becomes_markup() -> None:
    bound = submit(
        form(*everything()),
        *(
            (key, HOSTILE)
            for key in (
                "textfield",
                "textarea",
                "number",
                "datetime",
                "radio",
                "select",
                "checklist",
                "rows-0-y",
                "z",
            )
        ),
    )
    assert not bound.validate()
    page = Page(bound)
    assert "script" not in [tag for tag, _ in page.tags]
    assert not {"b", "i"} & {tag for tag, _ in page.tags}
    assert "<script" not in page.source
    assert "49" not in page.text
    assert not any(link["href"].startswith("javascript") for link in page.all("a"))
    assert page.by_id("f-textfield")["value"] == HOSTILE
    assert page.text.count(HOSTILE) >= 2
    assert_accessible(page)


def test_read_only_values_are_text() -> None:
    stored = {"textfield": HOSTILE, "radio": HOSTILE, "checkbox": True}
    definition = form(*everything())
    page = Page(bind(definition, initial=stored, readonly_keys=["textfield", "radio", "checkbox", "rows"]))
    names = {attributes.get("name") for attributes in page.all("input", "select", "textarea", "button")}
    assert not {"textfield", "radio", "checkbox", "_add:rows"} & names
    assert HOSTILE in page.text
    assert "<script" not in page.source


def test_typed_and_chosen_values_are_on_the_page() -> None:
    definition = form(
        component("textarea", "t"),
        component("select", "s", values=TWO),
        component("radio", "r", values=TWO),
        component("checklist", "c", values=TWO),
        component("checkbox", "k"),
        component("datetime", "d"),
    )
    page = Page(
        submit(
            definition, ("t", "\n一"), ("s", "b"), ("r", "a"), ("c", "b"), ("k", "true"), ("d", "2024-11-05")
        )
    )
    assert ">\n\n一</textarea>" in page.source
    assert [option["value"] for option in page.all("option") if "selected" in option] == ["b"]
    assert {box["name"] + box["value"] for box in page.all("input") if "checked" in box} == {
        "ra",
        "cb",
        "ktrue",
    }
    assert (page.by_id("f-d")["type"], page.by_id("f-d")["value"]) == ("date", "2024-11-05")


def test_conditions_are_marked_for_the_browser() -> None:
    page = Page(bind(xuanwei("accept")))
    marked = [attributes for attributes in page.all("div") if "data-zz-hide" in attributes]
    refused = ["compare", "!=", ["name", "decision"], ["is", "refuse"]]
    assert json.loads(marked[0]["data-zz-hide"]) == ["holds", False, [None, refused]]
    assert "data-zz-hidden" in marked[0]
    assert json.loads(marked[0]["data-zz-required-if"]) == ["compare", "=", *refused[2:]]
    assert "选择“不予受理”时填写" in page.text


def test_row_buttons_and_the_enter_key() -> None:
    page = Page(submit(xuanwei("clinic_run"), ("attendance-0-name", "张"), ("_add:attendance", "1")))
    buttons = page.all("button")
    assert "name" not in buttons[0]
    assert [button.get("name") for button in buttons[1:4]] == [
        "_remove:attendance:0",
        "_remove:attendance:1",
        "_add:attendance",
    ]
    assert buttons[1]["aria-label"] == "删除参加人员第 1 行"


def test_columns_collapse_on_phones() -> None:
    page = Page(bind(xuanwei("register")))
    classes = [
        attributes["class"] for attributes in page.all("div") if "col-md-" in attributes.get("class", "")
    ]
    assert "col-12 col-md-6" in classes
    assert all(text.startswith("col-12 ") for text in classes)
