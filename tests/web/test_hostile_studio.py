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


# ---------------------------------------------------------------- what a draft may hold


def nested(opening: str, times: int = 3000) -> str:
    return opening * times


FORM = "forms/{slug}/rate.json"
MESSAGE = "templates/message/{slug}/accepted.txt"
PAPER = "templates/print/{slug}/register.html"
SCENARIOS = "processes/{slug}/scenarios.toml"
RECURSION = "{% macro m() %}{{ m() }}{% endmacro %}主题\n{{ m() }}"
HALF = '{"type":"default","id":"Form_rate","components":[{"type":"textfield","id":"F","key":"a","label":"\\ud800"}]}'
CONTENTS = [
    (FORM, HALF),
    (FORM, nested("[")),
    (FORM, nested('{"components":[')),
    (FORM, '{"type":"default","components":[{"type":"text","text":"<script>alert(1)</script><img src=x onerror=alert(1)>"}]}'),
    (FORM, '{"components": 5, "id": [], "type": {}}'),
    (FORM, '{"type":"default","components":[{"type":"number","key":"a","defaultValue":1e999}]}'),
    (MESSAGE, RECURSION),
    (MESSAGE, "主题\n{{ 'x' * 10 ** 11 }}"),
    (MESSAGE, "主题\n{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}"),
    (MESSAGE, "主题\n{{ case.nothing.more.even }}{{ ''.__class__.__mro__ }}{{ data['x']['y'] }}{{ [][5] }}"),
    (MESSAGE, "主题\n{{ " + nested("(") + "1" + nested(")") + " }}"),
    (MESSAGE, "主题\n" + nested("{% if 1 %}") + nested("{% endif %}")),
    (PAPER, RECURSION),
    (PAPER, "{{ " + nested("(") + "1" + nested(")") + " }}"),
    (PAPER, "{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}"),
    ("processes/{slug}/pack.toml", "a = " + nested("[")),
    (SCENARIOS, "a = " + nested("[") + nested("]")),
    (SCENARIOS, '[[scenario]]\nname = "x"\nstart = 0001-01-01T00:00:00\n[[scenario.step]]\nat = 9999-12-31T23:59:59\n'),
    (SCENARIOS, "scenario = 5"),
    (SCENARIOS, "scenario = [1, {step = 5}, {step = [7]}]"),
    (SCENARIOS, '[[scenario]]\nname = "x"\nstart = 2026-09-01T09:00:00\n[[scenario.step]]\nat = 2026-09-01T09:00:00\nnumber = inf\nregister = 5\n'),
    (SCENARIOS, '[[scenario]]\nname = 5\nstart = 2026-09-01T09:00:00\n[[scenario.step]]\nat = 2026-09-01T09:00:00\nexpect = {open = 5, due = 5}\n'),
    (SCENARIOS, '[[scenario]]\nname = "x"\nstart = 2026-09-01T09:00:00\n[[scenario.step]]\nat = 2026-09-01T09:00:00\ntask = 5\nanswers = {a = {b = [1]}, c = [[2]]}\n'),
    (SCENARIOS, '[[scenario]]\nname = "x"\nstart = 2026-09-01T09:00:00\n[[scenario.step]]\nat = 2026-08-01T09:00:00\nregister = {title = 5, enterprise = [1], content = 2026-01-01}\nfiles = ["x"]\nnumber = -4\n'),
    (SCENARIOS, '[[scenario]]\nname = "x"\nstart = 2000-01-01T09:00:00\n[[scenario.step]]\nat = 2099-08-01T09:00:00\n'),
    (MESSAGE, "主题\n" + "{% for a in [1] %}" * 40 + "{% endfor %}" * 40),
    (PAPER, "{% for a in [1] %}" * 40 + "{% endfor %}" * 40),
    ("processes/{slug}/calendar/2027.json", '{"year": 2027, "source": "\\ud800", "holiday": [{"name": "\\ud800", "off": ["2027-01-01"]}]}'),
    ("processes/{slug}/calendar/2027.json", nested("[")),
    ("processes/{slug}/calendar/9999999999.json", "{}"),
    ("DIAGRAM", "<a>" * 3000),
    ("DIAGRAM", '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'),
    ("DIAGRAM", '<?xml version="1.0" encoding="utf-16"?><a/>'),
    ("DIAGRAM", ""),
]  # fmt: skip
PAGES = (
    "/studio", "/studio/forms", "/studio/forms/rate", "/studio/forms/rate/preview", "/studio/forms/new?copy_of=rate",
    "/studio/templates", "/studio/templates/{path}", "/studio/preview/form?key=rate", "/studio/preview/print?key=rate",
    "/studio/preview/print?key=register", "/studio/preview/template?path={path}", "/studio/compare", "/studio/compare?format=json", "/studio/deploy",
    "/studio/diagram", "/studio/diagram/lists.json", "/studio/element-templates.json", "/studio/tables",
    "/studio/tables/units", "/studio/tables/recurrences", "/studio/tables/calendar", "/studio/try",
    "/studio/try/coverage", "/studio/history/{path}", "/studio/conflict/{path}", "/studio/draft.zip",
    "/studio/files/{path}",
)  # fmt: skip


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", range(len(CONTENTS)))
def test_a_draft_may_hold_anything(number: int, place: Office, people: dict[str, Any]) -> None:
    admin, tenant = someone(place, people, "admin"), people["admin"].tenant
    admin.post("/studio/discard", {})
    path, content = CONTENTS[number]
    path = path.replace("{slug}", workspace.slug(place.context, tenant))
    path = workspace.diagram_path(place.context, tenant) if path == "DIAGRAM" else path
    headers = {"X-CSRFToken": admin.csrf()}
    rev = workspace.rev_of(place.context, tenant, path)
    body = {"path": path, "content": content, "rev": rev}
    for kept in (f"/studio/autosave/{path}", f"/studio/files/{path}"):
        fine(admin.client.put(kept, json=body, headers=headers))
    fine(admin.client.post("/studio/check", json=body, headers=headers))
    for page in PAGES:
        fine(admin.get(page.replace("{path}", path)))
    for post in ("/studio/try/scenarios/run", "/studio/try/new", "/studio/deploy", "/studio/tables/units"):
        form = {
            "start": "2026-09-01T09:00",
            "scenario": "x",
            "_act": "save",
            "_row": "ziran",
            "name": "x",
            "do": "play",
        }
        fine(admin.post(post, form))
    fine(admin.post("/studio/discard", {}))
