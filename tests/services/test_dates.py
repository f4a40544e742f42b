"""A date field of a form is a date for FEEL: in conditions, timers, outputs, form rules, registers and numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import boundary, end, flow, gateway, outputs, path, timer
from tests.services import smallpack
from tests.services.smallpack import SLUG

from zuozhen.model.clock import due_date
from zuozhen.services.actors import Actor
from zuozhen.services.checking import check_files
from zuozhen.services.registers.period import register_page
from zuozhen.services.registers.views import Asked
from zuozhen.services.tasks import Done

RULE = "=day = null or register.asked = null or day >= register.asked"


def dated_pack(**changed: str) -> dict[str, bytes]:
    """A case whose first step names a day: later ones go another way, and the second step is due the day after."""
    texts = {
        "condition": 'day > date("2026-09-10")',
        "later": 'day + duration("P1D")',
        "timer": "later",
        "rule": RULE,
    } | changed
    files = smallpack.pack(
        smallpack.case_process(
            smallpack.task("first", inner=outputs(later=texts["later"])),
            gateway("exclusive", "x", default="x_soon"),
            smallpack.task("late"),
            smallpack.task("soon"),
            boundary("due", "soon", timer(texts["timer"]), interrupting=False, clause="X 一"),
            end("e2"),
            end(),
            flow("x", "late", texts["condition"]),
            flow("x", "soon", id_="x_soon"),
            path("s", "first", "x"),
            path("late", "e"),
            path("soon", "e"),
            path("due", "e2"),
        )
    )
    for key, name in (("step", "day"), ("register", "asked")):
        file = f"forms/{SLUG}/{key}.json"
        form: dict[str, Any] = json.loads(files[file])
        form["components"].append(
            {"type": "datetime", "id": f"Field_{name}", "key": name, "subtype": "date", "dateLabel": "日期"}
        )
        if key == "step":
            form["properties"] |= {"rule.1": texts["rule"], "rule.1.message": "不能早于要求的日期"}
        files[file] = json.dumps(form, ensure_ascii=False).encode()
    register = """
[[register]]
key = "ledger"
title = "台账"
by = "period"
columns = [{label = "早晚", value = 'if step.day > register.asked + duration("P7D") then "晚" else "早"'}]
[numbering.step]
pattern = "第{seq}号"
scope = "none"
form = "step"
field = "note"
when = 'step.day > date("2026-09-10")'
"""
    manifest = f"processes/{SLUG}/pack.toml"
    return {**files, manifest: files[manifest] + register.encode()}


def errors(files: dict[str, bytes]) -> set[str]:
    return {finding.code for finding in check_files(files) if finding.severity == "error"}


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=dated_pack())


def registered(office: Office) -> Any:
    return office.try_register(
        {"title": "诉求", "enterprise": "甲公司", "session": "甲场", "asked": "2026-09-05"}
    ).case_id  # type: ignore[union-attr]


def test_the_pack_is_in_order() -> None:
    assert errors(dated_pack()) == set()


def test_a_condition_compares_dates(office: Office) -> None:
    early, late = registered(office), registered(office)
    office.submit(early, "first", {"day": "2026-09-10"})
    office.submit(late, "first", {"day": "2026-09-11"})
    assert (office.open_tasks(early), office.open_tasks(late)) == (["soon"], ["late"])
    assert office.case(late).data["step"]["note"] == "第1号"
    assert "note" not in office.case(early).data["step"]


def test_a_register_compares_dates(office: Office) -> None:
    early, late = registered(office), registered(office)
    office.submit(early, "first", {"day": "2026-09-12"})
    office.submit(late, "first", {"day": "2026-09-13"})
    staff = Actor(smallpack.TENANT, "专班", groups=frozenset({"office"}), sees_all=True)
    rows = register_page(office.context, staff, "ledger", Asked()).view.lines
    assert [row.texts[0] for row in rows] == ["早", "晚"]


def test_a_timer_reads_a_date_that_an_output_worked_out(office: Office) -> None:
    case_id = registered(office)
    office.submit(case_id, "first", {"day": "2026-09-10"})
    due_at = office.token(case_id, "soon").due_at
    assert due_at is not None and due_date(due_at).isoformat() == "2026-09-11"
    assert office.case(case_id).variables["later"] == "2026-09-11"  # ISO text, as ever


def test_a_rule_of_a_form_compares_with_a_date_of_an_earlier_form(office: Office) -> None:
    case_id = registered(office)
    refused = office.try_submit(case_id, "first", {"day": "2026-09-04"})
    assert not isinstance(refused, Done)
    assert [problem.message for problem in refused.bound.problems] == ["不能早于要求的日期"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"condition": 'day > "2026-09-10"'}, "type-mismatch"),
        ({"condition": "day"}, "type-unusable"),
        ({"later": "day + 1"}, "type-mismatch"),
        ({"later": "string(day)"}, "type-unusable"),
        ({"rule": '=day >= "2026-09-05"'}, "form-type-mismatch"),
        ({"rule": "=day"}, "form-type-mismatch"),
        ({"rule": "=dya >= today"}, "form-name-unknown"),
    ],
)
def test_what_does_not_go_together_is_found_before_deployment(changed: dict[str, str], code: str) -> None:
    assert code in errors(dated_pack(**changed))
