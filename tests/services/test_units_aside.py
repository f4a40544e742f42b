"""What stands around the work of a unit that goes: old papers, corrections, migrations, sessions, pages of tables."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.builders import CLINIC, CONTACT, LOCAL, TENANT, Office, edited, pack_files
from tests.conftest import OfficeMaker
from tests.packs.test_units import MANIFEST, ROW
from tests.services.migrations import longer, migrate
from tests.services.test_quotas import PATH
from tests.services.test_session_rules import files_of
from tests.services.test_units import ONE, SPLIT, TODAY, assigned, deployed, with_life
from tests.services.townpack import FIRST

from zuozhen.model.errors import Conflict, Invalid
from zuozhen.packs import Pack
from zuozhen.services import correcting, units
from zuozhen.services.checkinghere import check_here
from zuozhen.services.correcting import Grounds
from zuozhen.services.deployment import deploy
from zuozhen.services.facts import facts_of
from zuozhen.services.history import staff_lines
from zuozhen.services.makers import maker_of
from zuozhen.services.options import coming_sessions
from zuozhen.services.prints import submission_source
from zuozhen.services.studio import tables, workspace
from zuozhen.services.studio.choices import read_choices

GROUNDS = Grounds("选错了单位", "李局长")


def test_closed_cases_keep_the_name_even_when_the_row_is_renamed_and_dropped(office: Office) -> None:
    registered = assigned(office)
    office.submit(registered.case_id, "Task_contact", CONTACT)
    admin = office.person("admin", admin="system")
    correcting.cancel(office.context, admin, registered.case_id, GROUNDS)
    deployed(office, edited(with_life(ONE), MANIFEST, 'name = "市自然资源局"', 'name = "原资源局"'))
    dropped = pack_files()[MANIFEST].decode().replace(f"[[unit]]\n{ROW}", "")
    deployed(office, {**pack_files(), MANIFEST: dropped.encode()})
    with office.context.database.read() as session:
        case = office.case(registered.case_id)
        release = office.context.releases.get(session, TENANT, case.release_id)
        facts = facts_of(office.context, session, case)
        assert facts["text"]["assign"]["reception_unit"] == "市自然资源局"
        assert {task["group_name"] for task in facts["tasks"] if task["element"] == "Task_contact"} == {
            "市自然资源局"
        }
        answers = case.data["contact"]
        made = maker_of(office.context, session, release, None)
        paper = submission_source(made, case, "contact", answers, office.clock())
    assert paper.form is not None and paper.form.text["lead_unit"] == "市自然资源局"
    lines = staff_lines(office.events(registered.case_id))
    assert not any("单位调整" in line.what for line in lines)


def test_an_undone_step_or_a_migration_brings_no_abolished_unit_back(office: Office) -> None:
    admin = office.person("admin", admin="system")
    registered = assigned(office)
    deployed(office, with_life(ONE))
    office.submit(registered.case_id, "Task_contact", {**CONTACT, "lead_unit": "guihua"})
    last = [event for event in office.events(registered.case_id) if event.kind == "completed"][-1]
    correcting.undo(office.context, admin, registered.case_id, GROUNDS, seq=last.seq)
    assert office.token(registered.case_id, "Task_contact").grp == "guihua"
    [line] = [line for line in staff_lines(office.events(registered.case_id)) if "单位调整" in line.what]
    assert any("由市自然资源局转市规划局" in detail for detail in line.details)

    both = {**longer(), MANIFEST: with_life(ONE)[MANIFEST]}
    deployed(office, both)
    migrate(office)
    assert [event.kind for event in office.events(registered.case_id)][-1] == "migrated"
    assert office.token(registered.case_id, "Task_contact").grp == "guihua"


def test_each_unit_of_a_joint_activity_is_looked_at_for_itself(office: Office) -> None:
    registered = office.register()
    office.to_session(registered)
    joint = {**CLINIC, "handling": "joint", "joint_units": ["huanbao", "zhujian"]}
    office.submit(registered.case_id, "Task_clinic", joint)
    row = 'id = "huanbao"\nname = "曲靖市生态环境局宣威分局"\n'
    life = 'until = 2026-09-20\nsuccessor = "jingkai"\n'
    deployed(office, edited(pack_files(), MANIFEST, row, row + life))
    tasks = [row for row in office.tokens(registered.case_id) if row.element_id == "Task_joint"]
    assert {task.grp for task in tasks} == {"jingkai", "zhujian"}
    assert {task.variables["unit"] for task in tasks} == {"huanbao", "zhujian"}


def test_a_case_that_somebody_holds_is_moved_by_the_next_try(office: Office) -> None:
    first, second = assigned(office), assigned(office)
    deploy(office.context, with_life(ONE), note="机构改革")
    [job] = [job for job in office.jobs("units") if job.payload["groups"]]
    assert {"ziran", "guihua"} <= set(job.payload["groups"])
    units.sweep(office.context, TENANT, job.payload["groups"])
    before = [len(office.events(one.case_id)) for one in (first, second)]
    office.drain()  # the worker comes after somebody did the same
    assert [len(office.events(one.case_id)) for one in (first, second)] == before
    assert {office.token(one.case_id, "Task_contact").grp for one in (first, second)} == {"guihua"}


def test_a_later_release_takes_the_day_back(office: Office) -> None:
    registered = assigned(office)
    later = with_life('until = 2026-09-03\nsuccessor = "guihua"')
    deployed(office, later)
    assert len(office.jobs("units")) == 1
    deployed(office, with_life(""))
    assert not [job for job in office.jobs("units") if job.done_at is None]
    office.pass_to("2026-09-04 09:00")
    assert office.token(registered.case_id, "Task_contact").grp == "ziran"


def test_what_a_pack_still_says_of_a_unit_that_is_over_is_a_warning(office: Office) -> None:
    row = 'id = "fagai"\nname = "市发展和改革委员会"\n'
    life = f'until = {TODAY}\nsuccessor = "gongxin"\n'
    found = check_here(office.context, edited(pack_files(), MANIFEST, row, row + life), TENANT)
    stale = [finding for finding in found if finding.code == "unit-over"]
    assert any("岗位" in one.message and "现在按“市工业和信息化科技局”办理" in one.message for one in stale)
    assert all(one.severity == "warning" and "gongxin" in one.hint for one in stale)


def test_days_of_a_rota_go_to_the_successor_from_the_day_on(make_office: OfficeMaker) -> None:
    manifest = files_of()[PATH].decode()
    row = 'id = "fagai"\nname = "甲县发展和改革局"\n'
    changed = manifest.replace(
        row, f'{row}until = 2026-11-20\nsuccessor = "keji"\n[[unit]]\nid = "keji"\nname = "科技局"\n', 1
    )
    content = {**files_of(), PATH: changed.encode()}
    office = make_office(files=content, start=datetime(2026, 10, 31, 9, tzinfo=LOCAL))
    with office.context.database.read() as session:
        release = office.context.releases.live(session, FIRST)
        coming = coming_sessions(office.context, session, release)
        holders = release.functions(office.clock(), lambda _note: None)["holders"]
    assert [key for key, _ in coming] == [
        "2026-11-04 fagai",
        "2026-11-18 inspector",
        "2026-11-27",
        "2026-12-02 keji",
    ]
    assert coming[-1][1].endswith("科技局")
    assert holders("轮值", date(2026, 11, 4)) == ["fagai"] and holders("轮值", date(2026, 12, 2)) == ["keji"]


def test_the_page_of_tables_gives_a_unit_its_life_and_its_split(office: Office) -> None:
    admin = office.person("admin", admin="system")

    def rev() -> int:
        return workspace.rev_of(office.context, TENANT, MANIFEST)

    row = {"id": "ziran", "name": "市自然资源局", "office": "", "from": "", "until": TODAY, "successor": ""}
    tables.save_row(office.context, admin, "units", "ziran", row, rev=rev())
    with pytest.raises(Invalid, match="没有保存"):
        tables.save_row(
            office.context, admin, "successors.ziran", "", {"id": "lincao", "when": "a = 1"}, rev=rev()
        )
    tables.save_row(office.context, admin, "successors.ziran", "", {"id": "lincao", "when": ""}, rev=rev())
    with pytest.raises(Conflict, match="由它承接"):
        tables.delete_row(office.context, admin, "units", "lincao", rev=rev())
    content = workspace.files(office.context, TENANT)
    [unit] = [unit for unit in Pack.from_files(content).units if unit.id == "ziran"]
    assert unit.until == date(2026, 8, 31) and [one.id for one in unit.successors] == ["lincao"]
    view = tables.table_view(office.context, TENANT, "units")
    [line] = [line for line in view.rows if line.name == "ziran"]
    assert line.values["until"] == TODAY and line.inner[0][1:] == ("分立", 1)
    role = tables.table_view(office.context, TENANT, "roles").table.column("unit")
    assert role is not None and "ziran" not in dict(role.choices) and "lincao" in dict(role.choices)
    offered = read_choices(content, "530381-xuanwei", date(2026, 8, 31)).units
    assert "ziran" not in {option.value for option in offered}


def test_a_split_that_ends_in_the_future_is_told_day_by_day(office: Office) -> None:
    assigned(office, matter_kind="意见建议")
    shown = units.outlook(office.context, TENANT, with_life(SPLIT))
    assert shown is not None
    told = "\n".join(units.sentences(shown))
    assert 'register.matter_kind = "意见建议" 的归“市林地局”；其余归“市规划局”' in told
    assert "市自然资源局 → 市林地局" in told
    alone = units.outlook(office.context, TENANT, with_life("until = 2026-12-01"))
    assert alone is not None and "没有承接单位" in "".join(units.sentences(alone))
    assert units.outlook(office.context, TENANT, pack_files()) is None
