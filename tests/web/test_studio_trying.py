"""The pages of runs on trial: by plain forms, without scripts, whatever is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import ACCEPT, DIAGRAM, REGISTER, SLUG, Office, edited
from tests.web.test_hostile import FINE, TEXT
from tests.web.visitors import Visitor, staff
from werkzeug.test import TestResponse

from zuozhen.services.studio import workspace
from zuozhen.services.studio.trialcache import TRIALS

BAD = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def admin(web_office: Office) -> Iterator[Visitor]:
    yield staff(web_office, "root", admin="system")
    TRIALS.close()


def begin(admin: Visitor, **answers: Any) -> str:
    """Begin a run; returns its address."""
    form = {"title": "看一看", "start": "2026-08-31T09:00", **answers}
    answer = admin.post("/studio/try/new", form)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def steps(answer: TestResponse) -> str:
    found = re.search(r'name="n" value="(\d+)"', answer.text)
    assert found is not None
    return found[1]


def go(admin: Visitor, run: str, act: str, **answers: Any) -> TestResponse:
    return admin.post(f"{run}/{act}", {"n": steps(admin.get(run)), **answers})


def register(admin: Visitor, run: str, **answers: Any) -> TestResponse:
    address = f"{run}?do=register&n={steps(admin.get(run))}"
    return admin.post(address, {"_channel": "window", **REGISTER, **answers})


def marks(answer: TestResponse) -> dict[str, Any]:
    found = re.search(r'data-zz-marks="([^"]*)"', answer.text)
    assert found is not None
    read: dict[str, Any] = json.loads(unescape(found[1]))
    return read


def spoil(office: Office, actor_name: str = "bad") -> None:
    """Break the diagram of the draft."""
    actor = office.person(actor_name, admin="system")
    files = workspace.files(office.context, office.tenant)
    content = edited(files, DIAGRAM, "workdays(2)", "workdays(2")[DIAGRAM]
    rev = workspace.rev_of(office.context, office.tenant, DIAGRAM)
    workspace.save_file(office.context, actor, DIAGRAM, content, rev=rev)


def test_a_run_from_registration_to_a_letter(admin: Visitor) -> None:
    run = begin(admin)
    shown = admin.get(run)
    assert "2026年8月31日（周一） 09:00" in shown.text and "工作日" in shown.text
    form = admin.get(f"{run}?do=register&n=0&sample=1")
    assert 'name="enterprise"' in form.text and "填入情景里的样例" in form.text
    assert register(admin, run).status_code == 302
    shown = admin.get(run)
    found = marks(shown)
    assert found["active"] == {"Task_accept": 1} and "Start_register" in found["done"]
    task = admin.get(found["places"]["Task_accept"].partition("#")[0])
    assert "分类梳理并答复是否受理" in task.text and 'name="decision"' in task.text
    assert admin.post(found["places"]["Task_accept"].partition("#")[0], ACCEPT).status_code == 302
    assert "您的诉求已受理" in admin.get(run).text
    for tab, text in (("papers", "企业“挂号”预约信息表"), ("told", "登记"), ("coming", "自动启动")):
        assert text in unescape(admin.get(f"{run}?tab={tab}").text)
    pdf = admin.get(f"{run}/papers/0")
    assert pdf.mimetype == "application/pdf" and pdf.data.startswith(b"%PDF-")
    assert admin.get(f"{run}/papers/9").status_code == 404


def test_the_clock_moves_by_buttons(admin: Visitor) -> None:
    run = begin(admin)
    register(admin, run)
    assert go(admin, run, "due").status_code == 302
    assert "2026年9月1日（周二） 00:00" in admin.get(run).text
    assert go(admin, run, "until", until="2026-09-03T08:00").status_code == 302
    shown = admin.get(run)
    assert marks(shown)["fired"] == ["Timer_accept"] and "已超期" in shown.text
    assert go(admin, run, "workday").status_code == 302
    assert "2026年9月4日（周五） 08:00" in admin.get(run).text
    refused = go(admin, run, "until", until="2026-09-01T08:00")
    assert refused.status_code == 422 and "只能向前" in refused.text
    assert go(admin, run, "back", keep="1").status_code == 302
    assert steps(admin.get(run)) == "1"


def test_a_form_with_problems_shows_what_was_typed(admin: Visitor) -> None:
    run = begin(admin)
    answer = register(admin, run, phone="12")
    assert answer.status_code == 422 and REGISTER["enterprise"] in answer.text
    assert "处需要修改" in answer.text and steps(answer) == "0"
    answer = register(admin, run, _channel="nowhere")
    assert answer.status_code == 422 and "渠道" in answer.text and REGISTER["enterprise"] in answer.text


def test_a_page_that_is_stale_does_nothing_and_shows_what_was_typed(admin: Visitor) -> None:
    run = begin(admin)
    register(admin, run)
    answer = admin.post(f"{run}?do=register&n=0", {"_channel": "window", **REGISTER})
    assert answer.status_code == 409 and "另一个页面" in answer.text and REGISTER["title"] in answer.text
    assert admin.post(f"{run}/workday", {"n": "0"}).status_code == 409
    assert steps(admin.get(run)) == "1"


def test_a_place_that_is_gone_is_told(admin: Visitor) -> None:
    run = begin(admin)
    answer = admin.get(f"{run}?do=task&case=case&on=Task_accept&number=1&n=0")
    assert answer.status_code == 200 and "此时没有“诉求办理”" in answer.text


def test_a_run_is_saved_as_a_scenario_that_holds(admin: Visitor, web_office: Office) -> None:
    run = begin(admin)
    register(admin, run)
    go(admin, run, "due")
    assert go(admin, run, "save", name="从页面保存").status_code == 302
    assert go(admin, run, "save", name="从页面保存").status_code == 422
    index = admin.get("/studio/try")
    assert "从页面保存" in index.text and "未核对" in index.text
    count, known = re.findall(r"共 (\d+) 个，已核对 (\d+) 个", index.text)[0]
    part = admin.post("/studio/try/scenarios/run", {"at": str(int(count) - 1)})
    assert f"已核对 {int(known) + 1} 个" in part.text and "全部相符" in part.text
    assert "aria-busy" not in part.text
    assert "aria-busy" in admin.post("/studio/try/scenarios/run", {"at": "0"}).text
    opened = admin.post("/studio/try/new", {"scenario": "从页面保存"})
    assert steps(admin.get(str(opened.location))) == "2"
    assert (
        admin.post("/studio/try/scenarios/rename", {"scenario": "从页面保存", "name": "改了名"}).status_code
        == 302
    )
    assert admin.post("/studio/try/scenarios/delete", {"scenario": "改了名"}).status_code == 302
    assert admin.post("/studio/try/scenarios/delete", {"scenario": "改了名"}).status_code == 404
    files = workspace.files(web_office.context, web_office.tenant)
    assert "改了名" not in files[f"processes/{SLUG}/scenarios.toml"].decode()


def test_all_scenarios_at_once_and_their_coverage(admin: Visitor) -> None:
    assert admin.post("/studio/try/scenarios/run").status_code == 302
    assert "全部相符" in admin.get("/studio/try").text
    page = admin.get("/studio/try/coverage")
    assert "100%" in page.text and "每条连线都有情景走过" in page.text
    assert marks(page)["counts"]["Task_accept"] >= 13 and marks(page)["missing"] == []


def test_a_broken_draft_says_what_to_mend(admin: Visitor, web_office: Office) -> None:
    run = begin(admin)
    register(admin, run)
    spoil(web_office)
    for address in (run, f"{run}?do=register&n=1", "/studio/try", "/studio/try/coverage"):
        page = admin.get(address)
        assert page.status_code == 200 and "处错误" in page.text and "在图上看" in page.text, address
    assert "已走的 1 步都保留着" in admin.get(run).text
    assert admin.post("/studio/try/scenarios/run", {"at": "0"}).status_code == 422


def test_a_run_is_deleted(admin: Visitor) -> None:
    run = begin(admin)
    assert "看一看" in admin.get("/studio/try").text
    assert admin.post(f"{run}/delete").status_code == 302
    assert "看一看" not in admin.get("/studio/try").text.replace("试运行已删除", "")
    assert admin.get(run).status_code == 404


def test_only_the_system_administrator_tries(web_office: Office) -> None:
    clerk = staff(web_office, "clerk", groups=("lead_office",))
    for address in ("/studio/try", "/studio/try/new", "/studio/try/coverage"):
        assert clerk.get(address).status_code == 403


ADDRESSES = (
    "/studio/try/new",
    "RUN/due",
    "RUN/until",
    "RUN/back",
    "RUN/save",
    "RUN/rename",
    "RUN/accept",
    "RUN?do=register&n=1",
    "RUN?do=task&case=case&on=Task_accept&number=1&n=1",
    "/studio/try/scenarios/run",
    "/studio/try/scenarios/rename",
)
NAMES = (
    "title",
    "start",
    "scenario",
    "until",
    "keep",
    "name",
    "at",
    "_channel",
    "enterprise",
    "decision",
    "tab",
)


@BAD
@given(st.sampled_from(ADDRESSES), st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=5))
def test_whatever_is_sent_is_answered(admin: Visitor, address: str, sent: dict[str, str]) -> None:
    run = begin(admin)
    register(admin, run)
    sent = {key: value.encode("utf-8", "replace").decode() for key, value in sent.items()}
    answer = admin.post(address.replace("RUN", run), {"n": "1", **sent})
    assert answer.status_code in FINE, answer.text
    assert admin.get(run).status_code == 200
    admin.post(f"{run}/delete")


@BAD
@given(TEXT, TEXT, TEXT, st.sampled_from(("register", "start", "task", "act", "x")))
def test_whatever_address_is_asked_for_is_answered(
    admin: Visitor, case: str, element: str, number: str, kind: str
) -> None:
    run = begin(admin)
    query = {"do": kind, "case": case, "on": element, "number": number, "n": number, "tab": element}
    query = {key: value.encode("utf-8", "replace").decode() for key, value in query.items()}
    assert admin.get(run, query_string=query).status_code in FINE
    admin.post(f"{run}/delete")
