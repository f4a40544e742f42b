"""附件3 “局长坐诊接诉”服务事项清单: one row per case of a session, as page and as paper."""

from __future__ import annotations

from tests.builders import CLINIC, HANDLE, RATE, REGISTER, TO_RATING, Office
from tests.services.test_scenarios import text_of

from zuozhen.services import clinics
from zuozhen.services.registers import RegisterView, register_view

DAY = "2026-09-20"


def rows_of(view: RegisterView) -> list[dict[str, str]]:
    return [dict(zip(view.labels, row, strict=True)) for row in view.rows]


def test_the_list_of_a_session_says_who_handles_what_and_how_it_ended(any_office: Office) -> None:
    office = any_office
    rated, booked, elsewhere = (office.register(title=f"关于第{n}件事项的情况反映") for n in (1, 2, 3))
    office.pass_to("2026-09-01 09:00")
    for registered in (rated, booked):
        for element, answers in TO_RATING:
            office.submit(registered.case_id, element, answers)
    office.hold_session()
    joint = {**CLINIC, "handling": "joint", "lead_unit": "ziran", "joint_units": ["huanbao", "zhujian"]}
    office.submit(booked.case_id, "Task_clinic", joint)
    office.submit(rated.case_id, "Task_clinic", CLINIC)
    office.submit(rated.case_id, "Task_single", HANDLE)
    office.submit(rated.case_id, "Task_rate", {**RATE, "handling_score": "basic"})
    office.drain()

    lead = office.person("lead", groups=("lead_office",))
    view = register_view(office.context, lead, "service_list", DAY)
    first, second = rows_of(view)
    assert (first["序号"], second["序号"]) == ("1", "2")
    assert first["企业名称"] == REGISTER["enterprise"]
    assert first["负责人及联系电话"] == f"{REGISTER['contact']} {REGISTER['phone']}"
    assert first["企业诉求"] == "请协调解决。"
    assert (first["牵头承办单位"], first["会办单位"]) == ("市自然资源局", "")
    assert second["会办单位"] == "曲靖市生态环境局宣威分局、市住房和城乡建设局"
    assert first["诉求办理进展情况"] == HANDLE["progress"]
    assert [row["办结情况(已办结/正在推进)"] for row in (first, second)] == ["已办结", "正在推进"]
    assert first["满意度评价结果"] == "坐诊服务：满意；办理情况：基本满意"
    assert second["满意度评价结果"] == ""
    assert not [text for row in view.rows for text in row if "计算出错" in text or text == "None"]
    assert office.case(elsewhere.case_id).business_key == ""

    content, name = clinics.register_pdf(office.context, lead, "service_list", DAY)
    printed = text_of(content)
    assert name == f"{view.title}-{DAY}.pdf"
    for wanted in (
        "服务事项清单",
        "市自然资源局",
        "已办结",
        "正在推进",
        "2026年9月20日",
        *(note[:12] for note in view.notes),
    ):
        assert "".join(wanted.split()) in printed, wanted


def test_a_session_without_cases_is_an_empty_list(office: Office) -> None:
    lead = office.person("lead", groups=("lead_office",))
    assert register_view(office.context, lead, "service_list", "2030-01-01").rows == ()
    assert clinics.register_pdf(office.context, lead, "service_list", "2030-01-01")[0].startswith(b"%PDF")
