"""The forms of 530381-xuanwei: the agreed keys, the notice's words, and their rules at work."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from tests.formjs.builders import XUANWEI, submit, xuanwei

from zuozhen.formjs import BoundForm, bind

FIELDS = {
    "register": "enterprise enterprise_kind credit_code address contact contact_role phone email life_stage "
    "matter_kind title content attachments confidential consent",
    "accept": "decision refusal_ground explanation category reply_method collected_on",
    "pass_up": "target reason passed_on",
    "assign": "reception_unit note",
    "contact": "contacted_on contact_method situation appeal lead_unit joint_units",
    "arrange": "clinic_date clinic_time clinic_place sequence",
    "notify_enterprise": "notified_on notify_method notify_result",
    "clinic_record": "reception_unit_name clinic_date leader leader_post enterprise solved lead_unit "
    "joint_units appeal measure method result unsolved_reason handling promise attendees recorder",
    "extend": "extend_reason extend_until",
    "extend_review": "extend_decision extend_until review_note",
    "leader_decision": "handling decision lead_unit joint_units",
    "joint_reply": "reply",
    "handle": "progress completion reply",
    "explain": "explanation assistance",
    "rate": "service_score handling_score dissatisfied_reason advice",
    "callback": "callback_on callback_method findings redo redo_date redo_handling",
    "signoff": "signoff summary typical_case",
    "urge": "urged_on urge_method urge_result",
    "clinic_plan": "clinic_date clinic_place sessions units announcement",
    "clinic_move": "change_decision change_reason",
    "clinic_run": "attendance summary",
    "withdraw": "withdraw_reason",
}
OPTIONS = {
    "units": [("ziran", "市自然资源局"), ("gongxin", "市工业和信息化科技局")],
    "clinics": [("2024-12-20", "2024年12月20日")],
}


def filled(key: str, base: dict[str, str], **changes: str | list[str]) -> BoundForm:
    pairs: list[tuple[str, Any]] = []
    for name, value in {**base, **changes}.items():
        pairs.extend((name, item) for item in (value if isinstance(value, list) else [value]))
    bound = submit(xuanwei(key), *pairs, options=OPTIONS)
    bound.validate()
    return bound


def wrong(bound: BoundForm) -> list[str]:
    return [problem.field for problem in bound.problems]


def test_the_forms_are_exactly_those_agreed() -> None:
    assert {path.stem for path in XUANWEI.glob("*.json")} == set(FIELDS)
    for key, names in FIELDS.items():
        assert xuanwei(key).field_keys == set(names.split()), key
        assert xuanwei(key).findings == ()
        assert "三（" in xuanwei(key).properties["clause"] or "四（" in xuanwei(key).properties["clause"]
    assert {path for path in xuanwei("clinic_record").fields if "." in path} == {
        "attendees.name",
        "attendees.post",
    }
    assert len(xuanwei("clinic_run").fields["attendance"].scope.fields) == 4


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_files_are_as_the_form_editor_writes_them(key: str) -> None:
    raw = json.loads((XUANWEI / f"{key}.json").read_text(encoding="utf-8"))
    assert (raw["type"], raw["schemaVersion"], raw["id"]) == ("default", 19, f"Form_{key}")
    for part in every(raw["components"]):
        assert part["id"]
        assert part["layout"]["row"]


def every(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for component in components for part in (component, *every(component.get("components", [])))]


def test_refusal_grounds_are_the_words_of_the_notice() -> None:
    assert (
        xuanwei("accept").fields["refusal_ground"].values_key == "refusal_ground"
    )  # the table is the source
    manifest = XUANWEI.parents[1] / "processes" / XUANWEI.name / "pack.toml"
    codes = tomllib.loads(manifest.read_text(encoding="utf-8"))["codes"]
    assert list(codes["refusal_ground"].values()) == [
        "企业诉求不符合国家法律法规及相关政策规定的",
        "属于经营主体之间的民事纠纷问题的",
        (
            "已进入监察机关、司法机关、公安机关、行政复议机关、仲裁机构等单位办理程序的投诉举报事项，"
            "包括已立案、尚未结案或已作出处理决定的"
        ),
        "企业已向政府其他平台反映诉求且已受理的",
        "其他不属于政务服务职责范围的问题",
    ]


REGISTRATION = {
    "enterprise_kind": "operating",
    "enterprise": "宣威市某某食品有限公司",
    "credit_code": "91440300708461136t",
    "address": "宣威市经开区",
    "contact": "张三",
    "contact_role": "法定代表人",
    "phone": "138 0013 8000",
    "email": "",
    "life_stage": "生产经营",
    "matter_kind": "困难问题",
    "title": "关于道路通行事项的情况反映",
    "content": "厂区门口道路未硬化，雨天货车无法通行。",
    "consent": "true",
}


def test_registration() -> None:
    bound = filled("register", REGISTRATION)
    assert wrong(bound) == []
    assert bound.answers["credit_code"] == "91440300708461136T"
    assert bound.answers["phone"] == "13800138000"
    assert bound.answers["email"] is None
    assert bound.answers["confidential"] is False
    assert wrong(filled("register", REGISTRATION, consent="")) == ["consent"]
    assert wrong(filled("register", REGISTRATION, credit_code="")) == ["credit_code"]
    assert wrong(filled("register", REGISTRATION, credit_code="", enterprise_kind="investing")) == []
    assert wrong(filled("register", REGISTRATION, credit_code="123", enterprise_kind="investing")) == [
        "credit_code"
    ]
    assert len(wrong(submit(xuanwei("register")))) == 12


def test_confidential_registrations_are_masked() -> None:
    form = xuanwei("register")
    assert form.masked({"confidential": True}) == {"title", "content", "attachments"}
    assert form.masked({"confidential": False}) == frozenset()


def test_acceptance() -> None:
    base = {"decision": "accept", "reply_method": "电话"}
    assert wrong(filled("accept", base)) == []
    assert "refusal_ground" not in filled("accept", base, refusal_ground="1").answers
    assert wrong(filled("accept", base, decision="refuse")) == ["refusal_ground", "explanation"]
    assert wrong(filled("accept", base, decision="pass_up")) == ["explanation"]
    assert wrong(filled("accept", base, decision="refuse", refusal_ground="6", explanation="x")) == [
        "refusal_ground"
    ]


RECORD = {
    "reception_unit_name": "市自然资源局",
    "clinic_date": "2024-12-20",
    "leader": "李四",
    "leader_post": "局长",
    "enterprise": "某某公司",
    "solved": "no",
    "handling": "single",
    "lead_unit": "ziran",
    "appeal": "用地",
    "unsolved_reason": "需研究",
    "promise": "10个工作日",
    "recorder": "赵六",
}


def test_clinic_record() -> None:
    assert wrong(filled("clinic_record", RECORD)) == []
    assert wrong(filled("clinic_record", RECORD, handling="onsite")) == ["handling"]
    assert wrong(filled("clinic_record", RECORD, solved="yes")) == [
        "unsolved_reason",  # these two were filled in, and would be lost
        "promise",
        "measure",
        "result",
        "handling",
    ]
    assert (
        wrong(
            filled(
                "clinic_record",
                {**RECORD, "unsolved_reason": "", "lead_unit": "", "promise": ""},
                solved="yes",
                handling="onsite",
                measure="m",
                result="r",
            )
        )
        == []
    )
    assert wrong(filled("clinic_record", RECORD, handling="joint")) == ["joint_units"]
    assert wrong(filled("clinic_record", RECORD, handling="joint", joint_units=["ziran"])) == ["joint_units"]
    assert wrong(filled("clinic_record", RECORD, handling="joint", joint_units=["gongxin"])) == []
    assert wrong(filled("clinic_record", RECORD, lead_unit="")) == ["lead_unit"]
    assert wrong(filled("clinic_record", RECORD, handling="explain", lead_unit="", promise="")) == []
    on_site = filled("clinic_record", RECORD, solved="yes", handling="onsite", measure="m", result="r")
    assert not {"unsolved_reason", "promise", "joint_units"} & set(on_site.answers)


@pytest.mark.parametrize(
    ("key", "base", "required"),
    [
        ("extend_review", {"extend_decision": "approve"}, ["extend_until"]),
        ("extend_review", {"extend_decision": "reject"}, ["review_note"]),
        ("leader_decision", {"handling": "joint", "decision": "x"}, ["lead_unit", "joint_units"]),
        ("leader_decision", {"handling": "explain", "decision": "x"}, []),
        ("rate", {"service_score": "basic", "handling_score": "satisfied"}, []),
        ("rate", {"service_score": "dissatisfied", "handling_score": "satisfied"}, ["dissatisfied_reason"]),
        ("rate", {"service_score": "basic", "handling_score": "dissatisfied"}, ["dissatisfied_reason"]),
        (
            "callback",
            {"callback_on": "2024-12-20", "callback_method": "电话", "findings": "x", "redo": "close"},
            [],
        ),
        (
            "callback",
            {"callback_on": "2024-12-20", "callback_method": "电话", "findings": "x", "redo": "redo"},
            ["redo_date", "redo_handling"],
        ),
        (
            "arrange",
            {"clinic_date": "2024-12-20", "clinic_time": "9:00", "sequence": "0", "clinic_place": "x"},
            ["sequence"],
        ),
        (
            "arrange",
            {"clinic_date": "2024-12-21", "clinic_time": "9:00", "sequence": "1", "clinic_place": "x"},
            ["clinic_date"],
        ),
    ],
)
def test_conditional_requirements(key: str, base: dict[str, str], required: list[str]) -> None:
    assert wrong(filled(key, base)) == required


def test_contact_refuses_the_lead_unit_among_the_joint_units() -> None:
    base = {
        "contacted_on": "2024-12-02",
        "contact_method": "电话",
        "situation": "x",
        "appeal": "y",
        "lead_unit": "ziran",
    }
    assert wrong(filled("contact", base)) == []
    assert wrong(filled("contact", base, joint_units=["gongxin"])) == []
    assert wrong(filled("contact", base, joint_units=["gongxin", "ziran"])) == ["joint_units"]


def test_what_earlier_forms_know_is_filled_in() -> None:
    known = {
        "register": {"content": "用地", "enterprise": "某某公司"},
        "contact": {"appeal": "归纳"},
        "venue": "二楼",
    }
    assert bind(xuanwei("contact"), initial=known).answers["appeal"] == "用地"
    record = bind(xuanwei("clinic_record"), initial=known).answers
    assert (record["appeal"], record["enterprise"]) == ("归纳", "某某公司")
    assert bind(xuanwei("arrange"), initial=known).answers["clinic_place"] == "二楼"
    plan = bind(xuanwei("clinic_plan"), initial={**known, "next_session": "2024-12-20"}).answers
    assert (plan["clinic_date"], plan["clinic_place"]) == ("2024-12-20", "二楼")


def test_attendance_rows() -> None:
    pairs = [
        ("attendance-0-unit", "ziran"),
        ("attendance-0-name", "张"),
        ("attendance-0-kind", "主要负责人"),
        ("summary", "x"),
    ]
    bound = submit(xuanwei("clinic_run"), *pairs, options=OPTIONS)
    assert bound.validate()
    assert bound.answers["attendance"] == [
        {"unit": "ziran", "name": "张", "post": None, "kind": "主要负责人"}
    ]
    assert not submit(xuanwei("clinic_run"), *pairs[1:], options=OPTIONS).validate()
