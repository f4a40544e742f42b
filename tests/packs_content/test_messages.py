"""Letters: a subject, a body, no holes; they render whether little or much is known."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jinja2 import ChainableUndefined
from tests.packs_content.packs import READABLE, SLUGS, diagram_of, pack_of

from zuozhen.documents import BoundedEnvironment, render_bounded
from zuozhen.engine import load_diagram

ENVIRONMENT = BoundedEnvironment(autoescape=False, undefined=ChainableUndefined)
LETTERS = [(slug, key) for slug in READABLE for key in sorted(pack_of(slug).message_templates)]
LINK = "https://a/b"
CASE = {
    "number": "XW2026-0001",
    "title": "关于用电增容事项的情况反映",
    "enterprise": "示例市荣昌食品有限公司",
    "registered_at": "2026-03-02 09:30",
    "session_label": "2026年3月20日（星期五）",
}


class Anything(dict[str, object]):
    """Answers of a form in which every field is filled in."""

    def __missing__(self, key: str) -> str:
        return f"〈{key}〉"

    def get(self, key: str, default: object = None) -> object:
        return self[key]


class AnyForm(dict[str, Anything]):
    def __missing__(self, key: str) -> Anything:
        return Anything()


def render(slug: str, key: str, **known: object) -> tuple[str, str]:
    """Return (subject, body) of a letter about a case of which only ``known`` is known."""
    pack = pack_of(slug)
    source = pack.files[pack.message_templates[key]].decode()
    facts = {
        "case": CASE,
        "data": {},
        "text": {},
        "variables": {},
        "session": {},
        "tasks": [],
        "clinic": "",
        "link": "",
        "today": "2026-03-02",
        "pack": {"name": pack.name, "title": pack.title, "hotline": "12345"},
        "names": {group.id: group.name for group in (*pack.units, *pack.roles)},
        "codes": pack.codes,
        "tables": {table.key: [dict(row) for row in table.rows] for table in pack.tables},
    }
    text = render_bounded(ENVIRONMENT.from_string(source), {**facts, **known}, 100_000)
    subject, _, body = text.strip().partition("\n")
    return subject, body


def everything(slug: str) -> dict[str, object]:
    """Return what is known when every form of a case and of its session is filled in completely."""
    forms = {key: Anything() for key in pack_of(slug).forms}
    whole: dict[str, object] = {"data": AnyForm(), "text": AnyForm(), "variables": Anything()}
    return {**forms, **whole, "session": AnyForm(), "clinic": CASE["session_label"], "link": LINK}


@pytest.mark.parametrize(("slug", "key"), LETTERS)
def test_a_letter_has_a_subject_and_a_body(slug: str, key: str) -> None:
    subject, body = render(slug, key, clinic="2026年3月20日（星期五）")
    assert 5 <= len(subject) <= 60
    assert len(body) >= 30
    assert "{" not in subject + body
    assert "None" not in subject + body


@pytest.mark.parametrize(("slug", "key"), LETTERS)
def test_every_answer_it_quotes_belongs_to_a_form_of_the_pack(slug: str, key: str) -> None:
    pack = pack_of(slug)
    source = pack.files[pack.message_templates[key]].decode()
    assert [(form, field) for form, field in quoted(slug, source) if form not in pack.forms] == []
    for form, field in quoted(slug, source):
        assert field in fields_of(slug, form), (form, field)


@pytest.mark.parametrize(("slug", "key"), LETTERS)
def test_a_full_letter_has_no_empty_lines(slug: str, key: str) -> None:
    _, body = render(slug, key, **everything(slug))
    assert [line for line in body.splitlines() if not line.strip()] == []


@pytest.mark.parametrize("slug", [slug for slug in READABLE if "refusal_ground" in pack_of(slug).codes])
def test_a_letter_cites_the_ground_of_a_refusal(slug: str) -> None:
    """In the words of the notice, whichever form asks for it and whichever letter tells it."""
    pack = pack_of(slug)
    asked = {(form, field) for form in pack.forms for field in fields_of(slug, form, "refusal_ground")}
    telling = [
        (letter, form, field)
        for letter, path in pack.message_templates.items()
        for form, field in quoted(slug, pack.files[path].decode())
        if (form, field) in asked
    ]
    assert telling
    for letter, form, field in telling:
        for code, ground in pack.codes["refusal_ground"].items():
            answers, shown = {form: {field: code}}, {form: {field: ground}}
            known = {"data": answers, "text": shown, **answers}
            assert ground in render(slug, letter, **known)[1], (letter, code)


@pytest.mark.parametrize("slug", SLUGS)
def test_who_must_do_something_on_the_portal_gets_the_link(slug: str) -> None:
    """A task of the enterprise is reached by a letter, except where it is done on the spot."""
    elements = load_diagram(diagram_of(slug)).elements.values()
    own = [e for e in elements if e.group == "enterprise" and e.properties.get("zz:onsite") != "true"]
    letters = {e.properties["zz:template"] for e in elements if e.topic == "notify"}
    linked = [key for key in letters if LINK in render(slug, key, link=LINK)[1]]
    assert linked or not own


def quoted(slug: str, source: str) -> set[tuple[str, str]]:
    """Return the (form, field) pairs that a template reads."""
    found = set(re.findall(r"(?<![\w.])(?:session\.)?(?:text|data)\.(\w+)\.(\w+)", source))
    forms = "|".join(map(re.escape, pack_of(slug).forms))
    inside = " ".join(re.findall(r"\{[{%].*?[%}]\}", source, re.DOTALL))
    return found | set(re.findall(rf"(?<![\w.])(?:session\.)?({forms})\.(\w+)", inside))


def fields_of(slug: str, form: str, options: str = "") -> set[str]:
    """Return the keys of a form; with ``options`` only of fields that offer this list of codes."""
    pack = pack_of(slug)
    return _keys(json.loads(pack.files[pack.forms[form]])["components"], options)


def _keys(components: list[dict[str, Any]], options: str) -> set[str]:
    found = {str(c["key"]) for c in components if "key" in c and options in ("", c.get("valuesKey"))}
    found |= {str(c["path"]) for c in components if c.get("path") and not options}  # lists and groups
    return found.union(*(_keys(c["components"], options) for c in components if "components" in c))
