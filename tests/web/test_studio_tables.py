"""Pages of tables, people and the calendar: for the system administrator, nothing typed is lost."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from tests.builders import SLUG, TENANT, Office
from tests.web.visitors import Visitor, staff, visitor
from tests.workdays.test_imports import NOTICE_2026
from werkzeug.datastructures import MultiDict

from zuozhen.services import accounts
from zuozhen.services.studio import workspace

PATH = f"processes/{SLUG}/pack.toml"
PAGES = (
    "/studio/tables",
    *(f"/studio/tables/{name}" for name in ("units", "roles", "recurrences", "deadlines", "numbering")),
    *(f"/studio/tables/{name}" for name in ("channels", "counters", "general", "notice", "portal", "text")),
    "/studio/tables/codes.refusal_ground",
    *(
        f"/studio/tables/{name}"
        for name in ("procedures", "processes", "quotas", "registers", "reports", "tables", "words")
    ),
    "/studio/tables/filters.service_list",
    "/studio/tables/figures.results",
    "/studio/tables/columns.service_list",
    "/studio/tables/people",
    "/studio/tables/people/import",
    "/studio/tables/substitutions",
    "/studio/tables/calendar",
    "/studio/tables/calendar?year=2100",
    "/studio/tables/calendar/edit",
    "/studio/tables/calendar/edit?year=2026",
    "/studio/tables/calendar/edit?year=2027&local=1",
)


@pytest.fixture
def admin(web_office: Office) -> Visitor:
    return staff(web_office, "admin", admin="system")


def test_pages_open_for_the_system_administrator_only(web_office: Office, admin: Visitor) -> None:
    others = [staff(web_office, name, admin=name) for name in ("security", "audit")]
    others.append(staff(web_office, "clerk", groups=("lead_office",)))
    for path in PAGES:
        page = admin.get(path)
        assert page.status_code == 200, path
        assert "<script>" not in page.text and "onclick" not in page.text
        assert [other.get(path).status_code for other in others] == [403] * 3, path
        assert visitor(web_office).get(path).status_code == 302
    assert admin.get("/studio/tables/nothing").status_code == 404
    for path in ("/studio/tables/calendar?year=abc", "/studio/tables/calendar?year=99999999"):
        assert admin.get(path).status_code == 200


def save(admin: Visitor, table: str, row: str, rev: int, **typed: str) -> tuple[int, str]:
    answer = admin.post(f"/studio/tables/{table}", {"_act": "save", "_row": row, "_rev": str(rev), **typed})
    return answer.status_code, answer.text


def test_a_row_is_added_changed_moved_and_deleted_by_plain_posts(web_office: Office, admin: Visitor) -> None:
    assert save(admin, "units", "", 0, id="xinfang", name="市信访局")[0] == 302
    page = admin.get("/studio/tables/units").text
    assert "市信访局" in page and "新增" in page and "部署</a>后生效" in page
    for act in ("up", "delete"):
        rev = workspace.read_file(web_office.context, TENANT, PATH).rev
        done = admin.post("/studio/tables/units", {"_act": act, "_row": "xinfang", "_rev": str(rev)})
        assert done.status_code == 302
    assert "市信访局" not in admin.get("/studio/tables/units").text


def test_a_mistake_stands_at_its_field_with_what_was_typed(web_office: Office, admin: Visitor) -> None:
    status, page = save(admin, "recurrences", "坐诊日", 0, name="坐诊日", kind="monthly_day", day="<77>")
    assert status == 422
    assert 'value="&lt;77&gt;"' in page and "几号：应为整数" in page
    assert workspace.read_file(web_office.context, TENANT, PATH).rev == 0


def test_the_second_of_two_is_shown_both_and_loses_nothing(web_office: Office, admin: Visitor) -> None:
    assert save(admin, "units", "", 0, id="a", name="甲局")[0] == 302
    other = staff(web_office, "kollege", admin="system")
    status, page = save(other, "units", "", 0, id="b", name="乙局")
    assert status == 409
    assert "甲局" in page and "乙局" in page and "测试admin" in page
    rev = re.search(r'name="_rev" value="([1-9][0-9]*)"', page)
    assert rev is not None
    assert save(other, "units", "", int(rev[1]), id="b", name="乙局")[0] == 302
    assert "甲局" in other.get("/studio/tables/units").text


def test_what_is_used_is_refused_with_where(admin: Visitor) -> None:
    answer = admin.post("/studio/tables/roles", {"_act": "delete", "_row": "leader", "_rev": "0"})
    assert answer.status_code == 409 and "流程图“" in answer.text


def test_dates_of_a_rule_as_typed_come_as_a_piece_of_the_page(admin: Visitor) -> None:
    typed = {"name": "x", "kind": "monthly_day", "day": "20", "roll": "forward"}
    piece = admin.post("/studio/tables/recurrences/dates", typed).text
    assert piece.count("<li>") == 12 and "顺延" in piece and "<html" not in piece
    assert (
        "填写完整后"
        in admin.post("/studio/tables/recurrences/dates", {"kind": "monthly_day", "day": "x"}).text
    )


def test_a_code_list_is_made_and_shown(admin: Visitor) -> None:
    made = admin.post("/studio/tables", {"list": "reason", "id": "1", "name": "咨询", "_rev": "0"})
    assert made.status_code == 302
    assert "咨询" in admin.get(made.headers["Location"]).text
    wrong = admin.post("/studio/tables", {"list": "Reason!", "id": "1", "name": "咨询", "_rev": "1"})
    assert wrong.status_code == 422 and "Reason!" in wrong.text
    page = admin.get("/studio/tables").text
    assert "不予受理的情形（refusal_ground）" in page and "代码表 reason" in page  # no form uses that one yet


def test_the_form_offers_the_grounds_of_the_code_table(web_office: Office, admin: Visitor) -> None:
    page = admin.get("/studio/tables/codes.refusal_ground").text
    assert "不予受理的情形" in page


# ---------------------------------------------------------------- people


def test_an_account_is_changed_at_once(web_office: Office, admin: Visitor) -> None:
    li = web_office.account("li", unit="ziran")
    form = MultiDict(
        [("name", "李四"), ("unit", "caizheng"), ("groups", "window"), ("groups", "nothing"), ("admin", "")]
    )
    assert admin.post(f"/studio/tables/people/{li.id}", form).status_code == 302
    changed = accounts.account_named(web_office.context, "li")
    assert (changed.display_name, changed.unit, changed.groups, changed.admin) == (
        "李四",
        "caizheng",
        ["window"],
        [],
    )
    wrong = admin.post(f"/studio/tables/people/{li.id}", {"name": " ", "unit": "nirgends", "admin": "king"})
    assert wrong.status_code == 422
    assert accounts.account_named(web_office.context, "li").unit == "caizheng"


def test_the_administrator_cannot_lose_its_own_role(web_office: Office, admin: Visitor) -> None:
    me = accounts.account_named(web_office.context, "admin")
    assert (
        admin.post(f"/studio/tables/people/{me.id}", {"name": "我", "unit": "", "admin": ""}).status_code
        == 409
    )
    assert admin.post(f"/studio/tables/people/{me.id}/deactivate").status_code == 409
    assert admin.get("/studio/tables/people").status_code == 200


LIST = (
    "登录名,姓名,单位,岗位\nzhao6,赵六,市财政局,“局长坐诊接诉”服务专窗\nqian7,钱七,caizheng,window、leader\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_many_accounts_at_once_with_their_links_shown_once(
    web_office: Office, admin: Visitor, encoding: str
) -> None:
    upload = {
        "file": (io.BytesIO(LIST.encode(encoding)), "list.csv"),
        "_act": "preview",
        "text": "",
        "csrf_token": admin.csrf(),
    }
    preview = admin.client.post("/studio/tables/people/import", data=upload, buffered=True)
    assert preview.status_code == 200 and "没有错误" in preview.text and "赵六" in preview.text

    made = admin.post("/studio/tables/people/import", {"text": LIST, "_act": "create"})
    links = re.findall(r"/first-login/([\w-]+)", made.text)
    assert len(links) == 2 and "data:text/csv;base64," in made.text
    qian = accounts.account_named(web_office.context, "qian7")
    assert (qian.display_name, qian.unit, qian.groups) == ("钱七", "caizheng", ["leader", "window"])
    assert {accounts.link_account(web_office.context, link).username for link in links} == {"zhao6", "qian7"}
    again = admin.post("/studio/tables/people/import", {"text": LIST, "_act": "create"})
    assert again.status_code == 422 and "/first-login/" not in again.text


def test_one_wrong_line_makes_no_account_at_all(web_office: Office, admin: Visitor) -> None:
    wrong = LIST + "zhao6,又一个,,\n,无名,没有的局,没有的岗\n"
    for act in ("preview", "create"):
        page = admin.post("/studio/tables/people/import", {"text": wrong, "_act": act})
        assert page.status_code == 422
        assert "登录名在名单中重复" in page.text and "没有单位“没有的局”" in page.text
    assert "zhao6" not in admin.get("/studio/tables/people").text
    for nonsense in ("", "姓名\n赵六", "登录名,姓名\n", 'a"b\n"'):
        assert admin.post("/studio/tables/people/import", {"text": nonsense}).status_code == 422


def test_a_substitution_is_arranged_and_ended_on_its_page(web_office: Office, admin: Visitor) -> None:
    li, zhang = web_office.account("li", unit="ziran"), web_office.account("zhang", unit="gongxin")
    form = {
        "absent": str(li.id),
        "substitute": str(zhang.id),
        "first": "2026-08-31",
        "last": "2026-09-04",
        "reason": "年休假",
    }
    assert admin.post("/studio/tables/substitutions", form).status_code == 302
    page = admin.get("/studio/tables/substitutions").text
    assert "正在代班" in page and "年休假" in page
    assert admin.post("/studio/tables/substitutions", form).status_code == 409
    wrong = admin.post("/studio/tables/substitutions", {**form, "last": "2026-08-01", "reason": "很重要"})
    assert wrong.status_code == 422 and "很重要" in wrong.text
    end = re.search(r"/studio/tables/substitutions/[0-9a-f-]+/end", page)
    assert end is not None
    assert admin.post(end[0]).status_code == 302
    assert "已结束" in admin.get("/studio/tables/substitutions").text


# ---------------------------------------------------------------- the calendar


def calendar_form(page: str) -> MultiDict[str, str]:
    """Return the fields of the second form of the page, as a browser would send them."""
    form = page[page.index("放假和上班的日子") :]
    fields = re.findall(r'name="([a-z_]+)"[^>]*? value="([^"]*)"', form)
    return MultiDict([(name, value) for name, value in fields if name not in ("csrf_token", "_act")])


def test_the_missing_year_is_shown_and_imported_from_the_notice(web_office: Office, admin: Visitor) -> None:
    assert "2027 年放假安排" in admin.get("/admin").text
    assert "2027 年放假安排尚未导入" in admin.get("/studio/tables").text
    assert "未公布，暂定" in admin.get("/studio/tables/calendar").text

    text = (
        "\n".join(line for line in NOTICE_2026.splitlines())
        .replace("2026", "2027")
        .replace("国办发明电〔2025〕7号", "国办发明电〔2026〕9号")
    )
    text = re.sub(r"（[^）]*）", "", text).replace("9月20日、10月10日上班", "10月9日上班")
    text = (
        text.replace("1月4日上班。", "")
        .replace("2月14日、2月28日上班", "2月14日上班")
        .replace("5月9日上班", "5月8日上班")
    )
    read = admin.post(
        "/studio/tables/calendar/edit", {"_act": "read", "text": text, "year": "", "source": ""}
    )
    assert read.status_code == 200
    assert (
        "与现行日历的差别" in read.text
        and "发布并重新计算期限" in read.text
        and "国办发明电〔2026〕9号" in read.text
    )

    form = calendar_form(read.text)
    form["_act"], form["note"] = "publish", "国务院通知"
    done = admin.post("/studio/tables/calendar/edit", form)
    assert done.status_code == 302 and "/studio/migrations/" in done.headers["Location"]
    page = admin.get("/studio/tables/calendar?year=2027").text
    assert "已公布（本地区导入）" in page and "国办发明电〔2026〕9号" in page
    assert "2027 年放假安排尚未" not in admin.get("/admin").text
    with web_office.context.database.read() as session:
        calendar = web_office.context.releases.live(session, TENANT).rules.calendar
    assert calendar.is_workday(date(2027, 2, 14)) and not calendar.is_workday(date(2027, 10, 6))


def test_only_an_own_year_is_withdrawn_with_a_reason_after_a_dry_run(
    web_office: Office, admin: Visitor
) -> None:
    address = "/studio/tables/calendar/withdraw"
    assert address not in admin.get("/studio/tables/calendar").text
    for query in ("?year=2026", "?year=2026&local=1", "", "?year=x"):
        assert admin.get(address + query).status_code == 404
    days = {"name": "州庆", "first": "2026-09-01", "last": "2026-09-02", "work": ""}
    form = {
        "year": "2026",
        "source": "某政通〔2026〕9号",
        "local": "1",
        "_over": "1",
        "_act": "publish",
        **days,
    }
    assert admin.post("/studio/tables/calendar/edit", form).status_code == 302
    web_office.drain()
    registered = web_office.register()
    assert f"{address}?year=2026&amp;local=1" in admin.get("/studio/tables/calendar").text

    page = admin.get(f"{address}?year=2026&local=1").text
    assert "与现行日历的差别：2 天" in page and "受影响的在办期限：1 件" in page
    asked = {"year": "2026", "local": "1", "_over": "2"}
    refused = admin.post(address, {**asked, "note": " "})
    assert refused.status_code == 422 and "请写明为什么撤下" in refused.text
    stale = admin.post(address, {**asked, "_over": "1", "note": "文件撤销"})
    assert stale.status_code == 409 and 'value="文件撤销"' in stale.text
    done = admin.post(address, {**asked, "note": "文件撤销"})
    assert done.status_code == 302 and "/studio/migrations/" in done.headers["Location"]
    web_office.drain()
    assert "文件撤销" in web_office.events(registered.case_id)[-1].payload["reason"]
    assert address not in admin.get("/studio/tables/calendar").text


def test_days_are_edited_by_hand_and_mistakes_are_named(admin: Visitor) -> None:
    form: MultiDict[str, str] = MultiDict(
        [
            ("year", "2027"),
            ("source", "某号"),
            ("name", "元旦"),
            ("first", "2027-01-01"),
            ("last", "2027-01-03"),
            ("work", "2027-01-04"),
            ("_act", "check"),
        ]
    )
    page = admin.post("/studio/tables/calendar/edit", form).text
    assert "2027-01-04 本来就是工作日" in page and "发布并重新计算期限" not in page
    assert 'value="2027-01-04"' in page
    form["_act"] = "publish"
    assert admin.post("/studio/tables/calendar/edit", form).status_code == 422
    for text in ("{", "[]", "BEGIN:VCALENDAR", "", "一、元旦：放假"):
        assert admin.post("/studio/tables/calendar/edit", {"_act": "read", "text": text}).status_code == 200
