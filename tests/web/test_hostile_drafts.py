"""A draft may hold anything somebody saved or imported: every page says what is wrong, never a 500."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import Office
from tests.web.test_hostile import fine, people, place, someone

from zuozhen.services.studio import workspace

__all__ = ["people", "place"]


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


POSTS_THAT_PLAY = ("/studio/try/scenarios/run", "/studio/deploy")


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
    # Playing all scenarios takes seconds: where a template is broken, some of the contents are enough.
    plays = POSTS_THAT_PLAY if path.endswith("scenarios.toml") or number % 4 == 0 else ()
    for page in PAGES[number % 2 :: 2]:  # neighbours are of one kind: between them they see every page
        if plays or page != "/studio/try/coverage":
            fine(admin.get(page.replace("{path}", path)))
    for post in (*plays, "/studio/try/new", "/studio/tables/units"):
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
