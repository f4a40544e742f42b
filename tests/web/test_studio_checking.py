"""The check while drawing: findings for any content, a refusal for what is no file of the pack, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import DIAGRAM, SLUG, Office, pack_files
from tests.web.visitors import Visitor, staff, visitor
from werkzeug.test import TestResponse

FORM = f"forms/{SLUG}/accept.json"
MANIFEST = f"processes/{SLUG}/pack.toml"
LETTER = f"templates/message/{SLUG}/accepted.txt"
SCENARIOS = f"processes/{SLUG}/scenarios.toml"
MANY = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def wang(web_office: Office) -> Visitor:
    return staff(web_office, "wang", admin="system")


def check(person: Visitor, body: Any) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return person.client.post(
        "/studio/check",
        data=data,
        content_type="application/json",
        headers={"X-CSRFToken": person.csrf()},
        buffered=True,
    )


def codes(answer: TestResponse) -> set[str]:
    assert answer.status_code == 200 and answer.json is not None
    return {finding["code"] for finding in answer.json["findings"] if finding["severity"] == "error"}


def test_the_file_as_it_is_being_edited_takes_the_place_of_the_saved_one(wang: Visitor) -> None:
    assert codes(check(wang, {})) == set()
    text = pack_files()[DIAGRAM].decode()
    assert codes(check(wang, {"path": DIAGRAM, "content": text})) == set()
    broken = check(wang, {"path": DIAGRAM, "content": text.replace('formRef="accept"', 'formRef="gone"')})
    assert codes(broken) == {"form-unknown"}
    (found,) = [f for f in (broken.json or {})["findings"] if f["code"] == "form-unknown"]
    assert (found["element"], found["area"], found["file"]) == ("Task_accept", "diagram", DIAGRAM)
    assert found["line"] > 0 and found["hint"]
    assert codes(check(wang, {})) == set()  # nothing was written


@pytest.mark.parametrize(
    "content", ["", "\0", "[" * 100_000, "{", "null", '{"components": 1}', "<a>" * 50_000, "\ud800", "{{"]
)
@pytest.mark.parametrize("path", [DIAGRAM, FORM, MANIFEST, LETTER, SCENARIOS])
def test_hostile_content_is_a_finding(wang: Visitor, path: str, content: str) -> None:
    answer = check(wang, {"path": path, "content": content})
    assert answer.status_code == 200, answer.text
    if path in (DIAGRAM, FORM):
        assert codes(answer)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "pack.toml",
        "/etc/passwd",
        "../secret.toml",
        f"processes/{SLUG}/../x.toml",
        f"processes/{SLUG}/run.py",
        f"processes/{SLUG}/a\0.toml",
        f"processes/{SLUG}/{'长' * 300}.toml",
        "processes/110000-other/pack.toml",
        "forms/110000-other/accept.json",
    ],
)
def test_a_path_outside_of_the_own_pack_is_refused(wang: Visitor, path: str) -> None:
    answer = check(wang, {"path": path, "content": "{}"})
    assert answer.status_code == 422 and answer.is_json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'"text"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        {"path": 1, "content": ""},
        {"path": FORM, "content": None},
        {"path": [FORM], "content": {}},
        {"path": FORM},
        {"content": "x"},
    ],
)
def test_a_body_that_is_no_request_is_refused(wang: Visitor, body: Any) -> None:
    answer = check(wang, body)
    assert answer.status_code == 422 and answer.is_json, answer.text


def test_of_two_members_of_one_name_the_last_counts(wang: Visitor) -> None:
    twice = b'{"path": "x", "content": 1, "path": "%b", "content": "{"}' % FORM.encode()
    assert codes(check(wang, twice))


def test_content_beyond_the_limit_is_refused(wang: Visitor) -> None:
    assert check(wang, {"path": LETTER, "content": "x" * 4_300_000}).status_code == 413
    assert check(wang, {"path": LETTER, "content": "x" * 1_000_000}).status_code == 200


def test_only_the_system_administrator_may_ask(web_office: Office) -> None:
    for person, status in (
        (staff(web_office, "li", groups=("lead_office",)), 403),
        (staff(web_office, "zhao", admin="security"), 403),
        (visitor(web_office), 401),
    ):
        answer = check(person, {})
        assert (answer.status_code, answer.is_json) == (status, True), answer.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@MANY
@given(
    body=st.fixed_dictionaries({}, optional={"path": json_values, "content": json_values}) | json_values,
)
def test_any_json_is_answered(wang: Visitor, body: Any) -> None:
    assert check(wang, body).status_code in (200, 422)


@MANY
@given(
    path=st.sampled_from([DIAGRAM, FORM, MANIFEST, LETTER, SCENARIOS]),
    at=st.integers(0, 60_000),
    gone=st.integers(0, 400),
    put=st.text(max_size=20),
)
def test_any_damage_to_a_real_file_is_answered(
    wang: Visitor, path: str, at: int, gone: int, put: str
) -> None:
    text = pack_files()[path].decode()
    at %= len(text)
    answer = check(wang, {"path": path, "content": text[:at] + put + text[at + gone :]})
    assert answer.status_code == 200 and answer.json is not None
    assert all(
        f["message"] and f["area"] and "Traceback" not in f["message"] for f in answer.json["findings"]
    )
