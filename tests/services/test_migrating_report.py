"""What a migration leaves behind for people: its report; and a new calendar, which moves dates without one."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import pytest
from tests.builders import ACCEPT, SLUG, TENANT, Office, pack_files
from tests.services.migrations import ADMIN, due, longer, migrate, statuses

from zuozhen.model.errors import NotFound
from zuozhen.packs import Pack
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.history import staff_lines
from zuozhen.services.migrating import preview_counting
from zuozhen.services.releases import rules_of
from zuozhen.services.studio import migrating

HOLIDAY = {
    "year": 2026,
    "source": "宣政发〔2026〕9号",
    "local": True,
    "holiday": [{"name": "节庆", "off": ["2026-09-02", "2026-09-02"]}],
}


def test_the_report_opens_in_a_spreadsheet(office: Office) -> None:
    case_id = office.register(title="=HYPERLINK(1)").case_id
    deploy(office.context, longer())
    preview = migrating.preview_csv(migrating.preview(office.context, TENANT)).decode("utf-8-sig")
    migration_id = migrate(office, note="试")
    content = migrating.report_csv(office.context, TENANT, migration_id)
    assert content.startswith(b"\xef\xbb\xbf")
    for text in (preview, content.decode("utf-8-sig")):
        rows = list(csv.DictReader(io.StringIO(text)))
        assert rows[0]["标题"] == "'=HYPERLINK(1)"
        assert (rows[0]["原期限"], rows[0]["新期限"], rows[0]["变化（天）"]) == (
            "2026-09-02",
            "2026-09-03",
            "1",
        )
    assert office.case(case_id).title == "=HYPERLINK(1)"


def test_another_jurisdiction_sees_nothing(office: Office) -> None:
    office.register()
    deploy(office.context, longer())
    migration_id = migrate(office)
    stranger = Actor(530114, "别处管理员", id=uuid4())
    with pytest.raises(NotFound):
        migrating.report(office.context, 530114, migration_id)
    with pytest.raises(NotFound):
        migrating.roll_back(office.context, stranger, migration_id, None, "不该可以")
    assert migrating.migrations(office.context, 530114) == ()


# ---------------------------------------------------------------- a new calendar


def with_holiday() -> dict[str, bytes]:
    path = f"processes/{SLUG}/calendar/2026-local.json"
    return {**pack_files(), path: json.dumps(HOLIDAY, ensure_ascii=False).encode()}


def test_a_new_calendar_moves_open_deadlines_and_no_case(any_office: Office) -> None:
    office = any_office
    waiting, assigned = office.register().case_id, office.register().case_id
    office.submit(assigned, "Task_accept", ACCEPT)
    release_id = office.case(waiting).release_id
    calendar = rules_of(Pack.from_files(with_holiday())).calendar
    dry = preview_counting(office.context, TENANT, calendar)
    [line] = [due for group in dry.groups for due in group.cases[0].outlook.changed_dues]
    assert (str(line.old), str(line.new), line.kind) == ("2026-09-02", "2026-09-03", "later")
    migration_id = deploy(office.context, with_holiday(), note="宣政发〔2026〕9号", actor=ADMIN).recount
    assert migration_id is not None
    office.drain()
    assert statuses(office, migration_id) == {"done": 2}
    assert due(office, waiting, "Task_accept") == "2026-09-03"
    assert office.case(waiting).release_id == release_id
    assert office.events(waiting)[-1].kind == "recounted"
    line_of_history = staff_lines(office.events(waiting))[-1]
    assert line_of_history.what == "按新日历重新计算期限：宣政发〔2026〕9号"
    assert office.events(assigned)[-1].kind == "completed"  # nothing to tell
    assert office.problems_of(waiting) == []
    migrating.roll_back(office.context, ADMIN, migration_id, None, "文件有误")
    office.drain()
    assert due(office, waiting, "Task_accept") == "2026-09-02"
    assert statuses(office, migration_id) == {"done": 1, "rolled_back": 1}
