"""Letters: a subject, a body, no holes; they render whether little or much is known."""

from __future__ import annotations

import json
import re

import pytest
from jinja2 import ChainableUndefined
from jinja2.sandbox import SandboxedEnvironment
from tests.packs_content.packs import SLUGS, pack_of

ENVIRONMENT = SandboxedEnvironment(autoescape=False, undefined=ChainableUndefined)
LETTERS = [(slug, key) for slug in SLUGS for key in sorted(pack_of(slug).message_templates)]
CASE = {
    "number": "XW2026-0001",
    "title": "关于用电增容事项的情况反映",
    "enterprise": "宣威市荣昌食品有限公司",
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
    pack = pack_of(slug)
    source = pack.files[pack.message_templates[key]].decode()
    facts = {
        "case": CASE,
        "data": {},
        "text": {},
        "clinic": "",
        "link": "",
        "pack": {"name": pack.name, "hotline": "12345"},
    }
    subject, _, body = ENVIRONMENT.from_string(source).render({**facts, **known}).strip().partition("\n")
    return subject, body


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
    for form, field in re.findall(r"\b(?:text|data)\.(\w+)\.(\w+)", source):
        assert form in pack.forms, form
        assert field in _keys(json.loads(pack.files[pack.forms[form]])["components"]), (form, field)


@pytest.mark.parametrize(("slug", "key"), LETTERS)
def test_a_full_letter_has_no_empty_lines(slug: str, key: str) -> None:
    _, body = render(
        slug, key, text=AnyForm(), data=AnyForm(), clinic="2026年3月20日（星期五）", link="https://a/b"
    )
    assert [line for line in body.splitlines() if not line.strip()] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_refusal_cites_the_ground(slug: str) -> None:
    for code, ground in pack_of(slug).codes["refusal_ground"].items():
        known = {"data": {"accept": {"refusal_ground": code}}, "text": {"accept": {"refusal_ground": ground}}}
        assert ground in render(slug, "refused", **known)[1]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_result_carries_the_link_to_rate(slug: str) -> None:
    assert "https://a/b" in render(slug, "result", link="https://a/b")[1]


def _keys(components: list[dict[str, object]]) -> set[str]:
    found = {str(c["key"]) for c in components if "key" in c}
    return found.union(*(_keys(c["components"]) for c in components if "components" in c))  # type: ignore[arg-type]
