"""Every route of the studio with anything in its address, query, form and body: never a 500."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.builders import PASSWORD, Office
from tests.web.test_hostile import NASTY, QUIET, TEXT, fine, people, place, someone
from tests.web.visitors import Visitor
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from zuozhen.model.ids import new_id
from zuozhen.services.studio import workspace

__all__ = ["people", "place"]

ONCE = settings(QUIET, max_examples=5, phases=(Phase.generate,))
"""An example asks every route: what it found is in the message, and making it smaller would take minutes."""
OURS = ("/studio", "/corrections", "/cases/<uuid:case_id>/correct", "/admin")
GOOD: Mapping[str, tuple[str, ...]] = {
    "_act": ("save", "delete", "up", "read", "check", "publish", "create"),
    "_row": ("ziran",),
    "act": ("move", "due", "cancel", "undo", "activate", "link", "stop", "back", "until", "accept", "save"),
    "audience": ("staff", "enterprise"),
    "case": ("case", "case-1"),
    "do": ("register", "task", "act", "start", "play"),
    "due": ("2026-12-01", "9999-12-31", "0001-01-01"),
    "element": ("Task_assign",),
    "filling": ("blank", "sample"),
    "format": ("json",),
    "key": ("register", "service_list"),
    "kind": ("monthly_day", "quota", "weekly"),
    "list": ("refusal_ground",),
    "local": ("1",),
    "name": ("units", "roles", "recurrences", "numberings", "channels", "counters", "codes", "general"),
    "new": ("draft", "live", "v1"),
    "old": ("live", "draft", "v1", "v99999999999999999999"),
    "own": ("1",),
    "path": ("processes/{slug}/pack.toml", "forms/{slug}/register.json", "templates/print/{slug}/x.html.j2"),
    "reason": ("登记时选错了单位",),
    "approver": ("李局长",),
    "release": ("1", "2", "999999999"),
    "rev": ("0", "1", "2147483647", "99999999999"),
    "seq": ("1", "9" * 5000),
    "side": ("live", "draft", "v1"),
    "start": ("2026-09-01T09:00", "0001-01-01T00:00", "9999-12-31T23:59"),
    "until": ("2026-10-01T09:00", "9999-12-31T23:59"),
    "keep": ("0", "-5", "9" * 5000),
    "timers": ("from_start", "keep", "now"),
    "work": ("2027-02-30", "2027-01-03"),
    "first": ("2027-01-01", "0001-01-01"),
    "last": ("2027-01-03", "9999-12-31"),
    "whole": ("1",),
    "year": ("2027", "2100", "2000"),
}
"""Values that lead further in than nonsense does, by name of the field or of the part of the address."""
NAMES = sorted(
    {*GOOD, "absent", "admin", "after", "at", "copy_of", "day", "download", "element", "group", "groups", "ids-x",
     "id", "index", "line", "map-Task_accept", "more", "n", "newest", "note", "number", "on", "over", "_over",
     "_rev", "q", "query", "reason-x", "reference", "sample", "scenario", "shown", "source", "status", "substitute",
     "tab", "text", "title", "token", "unit", "username"}
)  # fmt: skip


def value_of(data: st.DataObject, name: str, slug: str = "") -> str:
    good = GOOD.get(name, ())
    if good and data.draw(st.booleans(), label=f"good {name}"):
        return data.draw(st.sampled_from(good)).replace("{slug}", slug)
    return data.draw(TEXT, label=name)


def address(data: st.DataObject, rule: Rule, known: Mapping[str, Any], slug: str) -> str:
    """Return an address of the rule; ids are real ones, or of nothing."""
    text = rule.rule
    for name in sorted(rule.arguments):
        kind = next(
            part for part in text.replace("<", "\n").replace(">", "\n").split("\n") if part.endswith(name)
        )
        if kind.startswith("uuid:"):
            value = str(data.draw(st.sampled_from((known.get(name, new_id()), new_id()))))
        elif kind.startswith("int:"):
            value = data.draw(st.sampled_from(("0", "1", "2", "2147483648", "9" * 19, "9" * 40, "9" * 5000)))
        elif kind.startswith("any("):
            value = data.draw(st.sampled_from(kind[4 : kind.index(")")].replace(" ", "").split(",")))
        else:
            value = value_of(data, name, slug)
        text = text.replace(f"<{kind}>", quote(value, safe="/", errors="surrogatepass"))
    return text


def fields(data: st.DataObject, slug: str) -> list[tuple[str, str]]:
    names = data.draw(st.lists(st.sampled_from(NAMES), max_size=12))
    return [(name, value_of(data, name, slug)) for name in names]


def rules(place: Office, method: str, starts: tuple[str, ...] = OURS) -> list[Rule]:
    assert place.app is not None
    found = [
        r for r in place.app.url_map.iter_rules() if method in (r.methods or ()) and r.rule.startswith(starts)
    ]
    return sorted(found, key=lambda rule: rule.rule)


def known_ids(place: Office, admin: Visitor) -> dict[str, Any]:
    begun = admin.post("/studio/try/new", {"start": "2026-09-01T09:00", "title": "x"})
    run_id = begun.headers.get("Location", "").rpartition("/")[2]
    return {"case_id": place.case_of("case", "open") or new_id(), **({"run_id": run_id} if run_id else {})}


@pytest.fixture(scope="module")
def known(place: Office, people: dict[str, Any]) -> dict[str, Any]:
    return known_ids(place, someone(place, people, "admin"))


@ONCE
@given(data=st.data())
def test_every_page_takes_any_address_and_query(
    data: st.DataObject, place: Office, people: dict[str, Any], known: dict[str, Any]
) -> None:
    admin, slug = someone(place, people, "admin"), workspace.slug(place.context, people["admin"].tenant)
    for rule in rules(place, "GET"):
        query = "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in fields(data, slug))
        fine(admin.get(f"{address(data, rule, known, slug)}?{query}"))


@ONCE
@given(data=st.data())
def test_every_form_of_the_studio_takes_anything(
    data: st.DataObject, place: Office, people: dict[str, Any], known: dict[str, Any]
) -> None:
    admin, slug = someone(place, people, "admin"), workspace.slug(place.context, people["admin"].tenant)
    for rule in rules(place, "POST"):
        form = MultiDict((k, v.encode("utf-8", "replace").decode()) for k, v in fields(data, slug))
        query = "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in fields(data, slug))
        fine(admin.post(f"{address(data, rule, known, slug)}?{query}", form))


DEEP = '{"content": ' + "[" * 100_000
BODIES = st.one_of(
    st.sampled_from((b"", b"[]", b"null", b'"x"', b"1", b"\xff", DEEP.encode(), b'{"content": 1e999, "rev": true}')),
    st.fixed_dictionaries(
        {},
        optional={
            "path": st.one_of(st.none(), st.sampled_from(("a", *NASTY)), st.integers()),
            "content": st.one_of(st.none(), TEXT, st.integers(), st.sampled_from(("{}", "[[[", "<a>&x;</a>"))),
            "rev": st.one_of(st.integers(), st.floats(), st.none(), st.booleans(), TEXT),
            "note": st.one_of(st.integers(), TEXT),
            "variables": st.one_of(st.integers(), st.dictionaries(TEXT, TEXT), st.dictionaries(
                TEXT, st.fixed_dictionaries({"value": TEXT}, optional={"type": st.sampled_from(("Json", "String"))}))),
        },
    ).map(lambda body: json.dumps(body).encode()),
)  # fmt: skip


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@ONCE
@given(data=st.data())
def test_every_script_address_takes_any_body(
    method: str, data: st.DataObject, place: Office, people: dict[str, Any], known: dict[str, Any]
) -> None:
    admin, slug = someone(place, people, "admin"), workspace.slug(place.context, people["admin"].tenant)
    headers = {"X-CSRFToken": admin.csrf()}
    for rule in rules(place, method):
        path = address(data, rule, known, slug)
        body = data.draw(BODIES)
        fine(
            admin.client.open(
                path, method=method, data=body, headers=headers, content_type="application/json"
            )
        )


@ONCE
@given(data=st.data())
def test_the_desktop_modeler_may_send_anything(
    data: st.DataObject, place: Office, people: dict[str, Any], known: dict[str, Any]
) -> None:
    admin, slug = someone(place, people, "nobody"), workspace.slug(place.context, people["admin"].tenant)
    login = b64encode(f"admin:{PASSWORD}".encode()).decode()
    typed = data.draw(TEXT)
    strange = b64encode(typed.encode("utf-8", "surrogatepass")).decode()
    scheme = data.draw(
        st.sampled_from((f"Basic {login}", f"Basic {login}", f"Basic {strange}", "Bearer x\x00", "Basic"))
    )
    headers = {"Authorization": scheme}
    for method in ("GET", "POST"):
        for rule in rules(place, method, ("/engine-rest",)):
            path = address(data, rule, known, slug)
            if method == "GET":
                query = f"firstResult={quote(data.draw(TEXT), errors='surrogatepass')}"
                fine(admin.client.get(f"{path}?{query}", headers=headers, buffered=True))
            else:
                body = data.draw(BODIES)
                fine(admin.client.post(path, data=body, headers=headers, content_type="application/json"))
