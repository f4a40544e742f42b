"""The pages of a migration: preview, choosing, progress, report, going back; for administrators only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from tests.builders import ACCEPT, DIAGRAM, SLUG, Office, edited, pack_files
from tests.services.migrations import longer, renamed
from tests.web.visitors import Visitor, staff
from werkzeug.datastructures import MultiDict

from zuozhen.services.deployment import deploy
from zuozhen.services.migrating import run_slice
from zuozhen.services.studio import migrating

HIDDEN = re.compile(r'<input type="hidden" name="((?:release|timers|map-|ids-)[^"]*)" value="([^"]*)">')
GROUP = re.compile(
    r'name="group" value="([0-9a-f]+)" data-zz-whole data-zz-size="(\d+)"( checked)?( disabled)?'
)


@pytest.fixture
def admin(web_office: Office) -> Visitor:
    return staff(web_office, "admin", admin="system")


def hidden(text: str) -> dict[str, str]:
    return dict(HIDDEN.findall(text))


def begin(admin: Visitor, text: str, chosen: Mapping[str, Any]) -> Any:
    return admin.post("/studio/migrations", MultiDict([*hidden(text).items(), *chosen.items()]))


def migration_of(answer: Any) -> UUID:
    assert answer.status_code == 302, answer.text
    return UUID(answer.location.rpartition("/")[2])


def test_there_may_be_nothing_to_migrate(web_office: Office, admin: Visitor) -> None:
    page = admin.get("/studio/migrations").text
    assert "没有在办件" in page and "还没有迁移过在办件" in page
    web_office.register()
    assert "都在现行的第 1 版上，不需要迁移" in admin.get("/studio/migrations").text
    assert "没有需要迁移的在办件" in admin.get("/studio/migrations/new").text


def test_from_the_preview_to_the_report_and_back(web_office: Office, admin: Visitor) -> None:
    first, second = web_office.register(), web_office.register()
    web_office.submit(second.case_id, "Task_accept", ACCEPT)
    deploy(web_office.context, longer())
    listed = admin.get("/studio/migrations").text
    assert "预览迁移到第 2 版" in listed
    preview = admin.get("/studio/migrations/new").text
    assert "分类梳理并答复是否受理" in preview and first.number in preview
    assert "2026年9月2日（周三）" in preview and "2026年9月3日（周四）" in preview and "推后 1 天" in preview
    groups = GROUP.findall(preview)
    assert sorted(size for _, size, _, _ in groups) == ["1", "1"]
    assert all(checked and not disabled for _, _, checked, disabled in groups)
    assert begin(admin, preview, {}).status_code == 422  # nothing ticked
    migration_id = migration_of(
        begin(admin, preview, {"case": first.case_id.hex, "note": "宣办通〔2026〕3号"})
    )
    running = admin.get(f"/studio/migrations/{migration_id}").text
    assert "正在迁移" in running and 'hx-trigger="every 1s"' in running and "0 / 1 件" in running
    assert "正在迁移" in admin.get("/studio/migrations").text
    fragment = admin.get(f"/studio/migrations/{migration_id}/progress")
    assert "HX-Refresh" not in fragment.headers and "<html" not in fragment.text
    web_office.drain()
    assert admin.get(f"/studio/migrations/{migration_id}/progress").headers["HX-Refresh"] == "true"
    report = admin.get(f"/studio/migrations/{migration_id}").text
    assert "已完成" in report and "宣办通〔2026〕3号" in report and first.number in report
    assert second.number not in report and "every 1s" not in report
    assert (
        admin.get(f"/studio/migrations/{migration_id}?status=refused").text.count("没有不能迁移的办件") == 1
    )
    table = admin.get(f"/studio/migrations/{migration_id}.csv")
    assert table.data.startswith(b"\xef\xbb\xbf") and table.mimetype == "text/csv"
    back = f"/studio/migrations/{migration_id}/roll-back"
    assert admin.post(back, {"reason": "退回"}).status_code == 422  # none ticked
    refused = admin.post(back, {"case": first.case_id.hex, "reason": ""})
    assert refused.status_code == 422 and "请写明为什么回退" in refused.text
    assert f'value="{first.case_id.hex}" id="c-{first.case_id.hex}" checked' in refused.text
    assert admin.post(back, {"case": first.case_id.hex, "reason": "文件撤回"}).status_code == 302
    web_office.drain()
    assert "已回退" in admin.get(f"/studio/migrations/{migration_id}").text
    clerk = staff(web_office, "clerk", groups=("lead_office",))
    history = clerk.get(f"/cases/{first.case_id}").text
    assert "迁移到第 2 版流程：宣办通〔2026〕3号" in history
    assert "期限由 2026-09-02 改为 2026-09-03" in history
    assert "迁移回退到第 1 版流程：文件撤回" in history


def test_whole_groups_need_no_script(web_office: Office, admin: Visitor) -> None:
    for _ in range(3):
        web_office.register()
    deploy(web_office.context, longer())
    preview = admin.get("/studio/migrations/new").text
    [(key, size, _, _)] = GROUP.findall(preview)
    migration_id = migration_of(begin(admin, preview, {"group": key}))
    assert size == "3"
    assert migrating.progress(web_office.context, web_office.tenant, migration_id).total == 3
    conflict = begin(admin, preview, {"group": key})
    assert conflict.status_code == 409 and "有一次迁移正在进行" in conflict.text
    run_slice(web_office.context, web_office.tenant, migration_id, 0)
    assert admin.post(f"/studio/migrations/{migration_id}/stop").status_code == 302
    stopped = admin.get(f"/studio/migrations/{migration_id}").text
    assert "已停止" in stopped and "继续" in stopped and "1 / 3 件" in stopped
    assert admin.post(f"/studio/migrations/{migration_id}/stop").status_code == 409
    assert admin.post(f"/studio/migrations/{migration_id}/resume").status_code == 302
    web_office.drain()
    assert "3 / 3 件" in admin.get(f"/studio/migrations/{migration_id}").text
    assert (
        admin.post(
            f"/studio/migrations/{migration_id}/roll-back", {"whole": "1", "reason": "全部退回"}
        ).status_code
        == 302
    )


def test_a_removed_task_is_mapped_on_the_page(web_office: Office, admin: Visitor) -> None:
    registered = web_office.register()
    web_office.submit(registered.case_id, "Task_accept", ACCEPT)
    gone = renamed(renamed(pack_files(), "Task_assign", "Task_hand_on"), "确定“接诊”部门", "交给接诊部门")
    deploy(web_office.context, gone)
    first = admin.get("/studio/migrations/new?timers=from_start").text
    assert (
        "新版中没有的环节" in first
        and 'name="map-Task_assign"' in first
        and "不能迁移 <strong>1</strong>" in first
    )
    [(key, _, checked, disabled)] = GROUP.findall(first)
    assert disabled and not checked
    mapped = admin.get("/studio/migrations/new?timers=keep&map-Task_assign=Task_hand_on").text
    assert hidden(mapped)["map-Task_assign"] == "Task_hand_on" and hidden(mapped)["timers"] == "keep"
    [(key, _, checked, _)] = GROUP.findall(mapped)
    assert checked
    migration_of(begin(admin, mapped, {"group": key}))
    web_office.drain()
    assert web_office.open_tasks(registered.case_id) == ["Task_hand_on"]


@pytest.mark.parametrize(
    "query",
    [
        "release=99",
        "release=-1",
        "release=二",
        "release=²",
        "release=99999999999999999999",
        "timers=never&map-=x",
        "map-%00=x&map-Task_accept=%00",
        "map-Task_accept=" + "x" * 400,
    ],
)
def test_strange_wishes_never_break_the_page(web_office: Office, admin: Visitor, query: str) -> None:
    web_office.register()
    deploy(web_office.context, longer())
    assert admin.get(f"/studio/migrations/new?{query}").status_code in (200, 404)
    assert admin.get(f"/studio/migrations/new.csv?{query}").status_code in (200, 404)


def test_strange_forms_never_break_the_page(web_office: Office, admin: Visitor) -> None:
    web_office.register()
    deploy(web_office.context, longer())
    for strange in (
        {"case": "x"},
        {"group": "x"},
        {"group": "x", "ids-x": "zz zz"},
        {"case": "0" * 32},
        {"case": "0" * 32, "note": "x" * 600},
        {"case": "0" * 32, "note": "\x00"},
    ):
        assert admin.post("/studio/migrations", strange).status_code in (302, 422)
    unknown = "/studio/migrations/01a200a3-bafc-7c77-a1ed-a8bb07694498"
    assert [admin.get(unknown + tail).status_code for tail in ("", ".csv", "/progress")] == [404] * 3
    assert [admin.post(unknown + tail).status_code for tail in ("/stop", "/resume")] == [404] * 2
    assert admin.post(f"{unknown}/roll-back", {"whole": "1", "reason": "退回"}).status_code == 404
    assert admin.get(f"{unknown}?after=x&status=x").status_code == 404


def test_only_the_system_administrator_migrates(web_office: Office) -> None:
    clerk = staff(web_office, "clerk", groups=("lead_office",))
    for path in ("/studio/migrations", "/studio/migrations/new", "/studio/migrations/new.csv"):
        assert clerk.get(path).status_code == 403
    assert clerk.post("/studio/migrations", {"group": "x"}).status_code == 403


def with_level() -> dict[str, bytes]:
    """Return the pack whose next step shows a level that the registration form asks for from now on."""
    files = pack_files()
    path = f"forms/{SLUG}/register.json"
    content = json.loads(files[path])
    options = [{"label": f"{value}类", "value": value} for value in "AB"]
    content["components"].append(
        {"type": "radio", "id": "Field_level", "key": "level", "label": "紧急程度", "values": options}
    )
    files[path] = json.dumps(content, ensure_ascii=False).encode()
    return edited(files, DIAGRAM, "workdays(2)", 'if level = "A" then workdays(1) else workdays(2)')


def test_what_the_new_version_reads_and_nobody_answered_is_asked_for(
    web_office: Office, admin: Visitor
) -> None:
    case = web_office.register()
    deploy(web_office.context, with_level())
    page = admin.get("/studio/migrations/new").text
    assert "需要补充的内容" in page and "“紧急程度”" in page and "A类" in page and "不能迁移" in page
    wrong = admin.get("/studio/migrations/new?value-level=Z").text
    assert "请从给出的选项中选择" in wrong and "不能迁移" in wrong
    blank = admin.get("/studio/migrations/new?blank-level=1").text
    assert "不能迁移" not in blank and 'id="blank-level" name="blank-level" value="1" checked' in blank
    given = admin.get("/studio/migrations/new?value-level=A").text
    assert '<option value="A" selected>' in given and 'name="value-level" value="A">' in given
    migration_of(begin(admin, given, {"value-level": "A", "case": case.case_id.hex}))
    web_office.drain()
    assert web_office.events(case.case_id)[-1].payload["filled"] == ["补入“level”（迁移时填写：A）"]
