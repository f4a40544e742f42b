"""The page of the diagram editor and the lists it asks for."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from tests.builders import DIAGRAM, SLUG, Office, edited, pack_files
from tests.web.visitors import Visitor, staff

from zuozhen.services.studio import workspace

ADDRESSES = ("/studio/diagram", "/studio/element-templates.json", "/studio/diagram/lists.json")


@pytest.fixture
def admin(web_office: Office) -> Visitor:
    return staff(web_office, "wang", admin="system")


def config(admin: Visitor, query: str = "") -> dict[str, Any]:
    answer = admin.get(f"/studio/diagram{query}")
    assert answer.status_code == 200
    found = re.search(r'data-zz-modeler="([^"]+)"', answer.text)
    assert found is not None
    page: dict[str, Any] = json.loads(unescape(found[1]))
    return page


def test_the_page_tells_the_script_where_everything_is(admin: Visitor) -> None:
    page = config(admin, "?element=Task_accept")
    assert (page["path"], page["element"], page["autosaved"]) == (DIAGRAM, "Task_accept", None)
    for name in ("file", "templates", "lists"):
        assert admin.get(page[name]).status_code == 200, name
    assert admin.get(page["form"].replace("KEY", "accept")).status_code == 200


def test_a_line_of_the_source_leads_to_its_element(admin: Visitor) -> None:
    lines = pack_files()[DIAGRAM].decode().splitlines()
    inside = next(number for number, line in enumerate(lines, 1) if "workdays(10, clock_from)" in line)
    assert config(admin, f"?line={inside}")["element"] == "Timer_single_rule"
    assert config(admin, "?line=0")["element"] == ""
    assert config(admin, "?line=no")["element"] == ""


def test_templates_and_lists_follow_the_saved_draft(web_office: Office, admin: Visitor) -> None:
    manifest = f"processes/{SLUG}/pack.toml"
    changed = edited(pack_files(), manifest, "市政府分管领导", "市政府常务副市长")[manifest]
    workspace.save_file(web_office.context, web_office.person("li", admin="system"), manifest, changed, rev=0)
    task = admin.get("/studio/element-templates.json").get_json()[0]
    offered = {choice["value"]: choice["name"] for choice in task["properties"][0]["choices"]}
    assert offered["leader"] == "市政府常务副市长"
    lists = admin.get("/studio/diagram/lists.json").get_json()
    assert {"value": "leader", "label": "市政府常务副市长"} in lists["roles"]
    assert {"value": "=lead_unit", "label": "牵头承办单位"} in lists["chosen_units"]


@pytest.mark.parametrize(
    "path", ("processes/none.bpmn", "../x.bpmn", "%00.bpmn", f"forms/{SLUG}/accept.json", "x" * 5000)
)
def test_what_is_no_diagram_of_the_draft_is_not_found(admin: Visitor, path: str) -> None:
    assert admin.get(f"/studio/diagram?path={path}").status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_system_administrator_comes_in(web_office: Office, address: str) -> None:
    assert staff(web_office, "li", groups=("lead_office",)).get(address).status_code == 403
