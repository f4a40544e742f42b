"""What stands around the work of a unit that goes: old papers, corrections, migrations, sessions, pages of tables."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.builders import LOCAL, Office, edited
from tests.conftest import OfficeMaker
from tests.services.test_quotas import PATH
from tests.services.test_session_rules import files_of
from tests.services.test_units import ANSWERS, deployed
from tests.services.townpack import FIRST
from tests.services.unitpack import MANIFEST, ONE, ROW, SLUG, SPLIT, TENANT, TODAY, assigned, files

from zuozhen.model.errors import Conflict, Invalid
from zuozhen.model.migration import Order
from zuozhen.packs import Pack
from zuozhen.services import accounts, correcting, incidents, migrating, units
from zuozhen.services.actors import Actor
from zuozhen.services.archive import _source
from zuozhen.services.caseviews import case_view
from zuozhen.services.checkinghere import check_here
from zuozhen.services.correcting import Grounds
from zuozhen.services.deployment import deploy
from zuozhen.services.facts import facts_of
from zuozhen.services.handacts import groups_of
from zuozhen.services.history import staff_lines
from zuozhen.services.options import coming_sessions
from zuozhen.services.prints import submission_source
from zuozhen.services.recipients import recipients_of
from zuozhen.services.studio import tables, workspace
from zuozhen.services.studio.choices import read_choices
from zuozhen.store.tables import Case, Token

GROUNDS = Grounds("选错了单位", "李局长")


@pytest.fixture
def town(make_office: OfficeMaker) -> Office:
    return make_office(files=files())


@pytest.fixture
def admin(town: Office) -> Actor:
    return town.person("admin", admin="system")


def test_closed_cases_keep_the_name_whatever_becomes_of_the_row(town: Office, admin: Actor) -> None:
    registered = assigned(town)
    town.submit(registered.case_id, "work", {**ANSWERS, "passed_to": "ziran"})
    correcting.cancel(town.context, admin, registered.case_id, GROUNDS)
    open_ = assigned(town)
    deployed(town, files(ONE, row=ROW.replace("资源局", "原资源局")))
    correcting.cancel(town.context, admin, open_.case_id, GROUNDS)
    deployed(town, files(row=""))
    with town.context.database.read() as session:
        case = town.case(registered.case_id)
        release = town.context.releases.get(session, TENANT, case.release_id)
        facts = facts_of(town.context, session, case)
        dossier = _source(town.context, session, case, release)
    assert {"资源局"} == {
        form.source.form.text[key]
        for form in dossier.forms
        if form.source.form is not None
        for key in ("unit", "passed_to")
        if key in form.source.form.text
    }
    page = case_view(town.context, Actor(TENANT, "专班", id=admin.id, sees_all=True), registered.case_id)
    assert [text for form in page.forms for name, text in form.fields if name == "填写passed_to"] == [
        "资源局"
    ]
    assert facts["text"]["reply"]["passed_to"] == "资源局"
    assert {task["group_name"] for task in facts["tasks"] if task["element"] == "work"} == {"资源局"}
    paper = submission_source(release, case, "reply", case.data["reply"], town.clock())
    assert paper.form is not None and paper.form.text["passed_to"] == "资源局"
    assert not any("单位调整" in line.what for line in staff_lines(town.events(registered.case_id)))
    [line] = [line for line in staff_lines(town.events(open_.case_id)) if "单位调整" in line.what]
    assert any("由资源局转规划局" in detail for detail in line.details)
    assert town.problems_of(open_.case_id) == []


def test_an_undone_step_or_a_migration_brings_no_abolished_unit_back(town: Office, admin: Actor) -> None:
    registered = assigned(town)
    deployed(town, files(ONE))
    town.submit(registered.case_id, "work", ANSWERS)
    last = [event for event in town.events(registered.case_id) if event.kind == "completed"][-1]
    correcting.undo(town.context, admin, registered.case_id, GROUNDS, seq=last.seq)
    assert town.token(registered.case_id, "work").grp == "guihua"
    town.submit(registered.case_id, "work", ANSWERS)
    deployed(town, files(ONE, name="再办"))
    migration = migrating.start(town.context, admin, None, Order(), "all", "")
    town.drain()
    row = town.token(registered.case_id, "again")
    assert (row.grp, row.name) == ("guihua", "再办")
    migrating.roll_back(town.context, admin, migration, None, "试试")
    town.drain()
    row = town.token(registered.case_id, "again")
    assert (row.grp, row.name) == ("guihua", "接着办")


def test_each_unit_of_a_joint_activity_is_looked_at_for_itself(town: Office) -> None:
    registered = assigned(town)
    town.submit(registered.case_id, "work", {**ANSWERS, "passed_to": "ziran"})
    town.submit(registered.case_id, "again", {})
    assert {row.grp for row in town.tokens(registered.case_id)} == {"ziran", "fagai"}
    deployed(town, files(ONE))
    tasks = town.tokens(registered.case_id)
    assert {(row.grp, row.variables["each"]) for row in tasks} == {("guihua", "ziran"), ("fagai", "fagai")}
    [event] = [event for event in town.events(registered.case_id) if event.kind == "regrouped"]
    assert len(event.payload["groups"]) == 1


def test_letters_and_acts_by_hand_go_to_the_successor_of_the_case(town: Office) -> None:
    land, other = assigned(town, "land"), assigned(town)
    deployed(town, files(SPLIT))
    act = Token(properties={"zz:by": "ziran, office"})
    for registered, taker in ((land, "lindi"), (other, "guihua")):
        with town.context.database.read() as session:
            case = session.get(Case, (TENANT, registered.case_id))
            assert case is not None
            release = town.context.releases.get(session, TENANT, case.release_id)
            for to, whom in (("=unit", [taker]), ("ziran,office", [taker, "office"])):
                found = recipients_of(town.context, session, release, case, to, case.variables)
                assert found == whom
            groups = groups_of(town.context, session, release, case, act)
            assert groups == {"ziran", "office", taker}


def test_a_job_that_comes_late_or_twice_changes_nothing(town: Office) -> None:
    first, second = assigned(town), assigned(town)
    deploy(town.context, files(ONE), note="机构改革")
    [job] = town.jobs("units")
    assert set(job.payload["groups"]) == {"ziran", "guihua"}
    assert units.sweep(town.context, TENANT, job.payload["groups"]) == 2
    before = [len(town.events(one.case_id)) for one in (first, second)]
    town.drain()
    units.carry(town.context, job)
    assert [len(town.events(one.case_id)) for one in (first, second)] == before


def test_a_damaged_case_keeps_nobody_elses_work(town: Office) -> None:
    first, second = assigned(town), assigned(town)
    with town.context.database.write() as session:
        case = session.get(Case, (TENANT, first.case_id))
        assert case is not None
        case.state = b"broken"
    shown = units.outlook(town.context, TENANT, files(ONE))
    assert shown is not None and [move.case_id for move in shown.now] == [second.case_id]
    deployed(town, files(ONE))
    assert town.token(second.case_id, "work").grp == "guihua"
    [incident] = incidents.open_incidents(town.context, TENANT)
    assert incident.case_id == first.case_id


def test_a_deployment_that_follows_at_once_forgets_nothing(town: Office) -> None:
    registered = assigned(town)
    deploy(town.context, files(ONE))
    deployed(town, files(ONE, name="再办"))
    assert town.token(registered.case_id, "work").grp == "guihua"


def test_what_a_pack_still_says_of_a_unit_that_is_over_is_a_warning(town: Office) -> None:
    row = 'id = "fagai"\nname = "发展和改革局"\n'
    content = edited(files(), MANIFEST, row, f'{row}until = {TODAY}\nsuccessor = "lindi"\n')
    found = [one for one in check_here(town.context, content, TENANT) if one.code == "unit-over"]
    assert [(one.severity, one.element) for one in found] == [("warning", "office")]
    assert "岗位“专班”" in found[0].message and "现在按“林地局”办理" in found[0].message
    assert "lindi" in found[0].hint
    drawn = {path: data.replace(b'"=each"', b'"fagai"') for path, data in content.items()}
    found = [one for one in check_here(town.context, drawn, TENANT) if one.code == "unit-over"]
    assert {one.element for one in found} == {"office", "joint"}


def test_days_of_a_rota_go_to_the_successor_from_the_day_on(make_office: OfficeMaker) -> None:
    row = 'id = "fagai"\nname = "甲县发展和改革局"\n'
    more = '[[unit]]\nid = "keji"\nname = "科技局"\n'
    content = edited(files_of(), PATH, row, f'{row}until = 2026-11-20\nsuccessor = "keji"\n{more}')
    office = make_office(files=content, start=datetime(2026, 10, 31, 9, tzinfo=LOCAL))
    with office.context.database.read() as session:
        release = office.context.releases.live(session, FIRST)
        coming = coming_sessions(office.context, session, release)
    assert [key for key, _ in coming] == [
        "2026-11-04 fagai",
        "2026-11-18 inspector",
        "2026-11-27",
        "2026-12-02 keji",
    ]
    assert coming[-1][1].endswith("科技局")
    holders = release.functions(office.clock(), lambda _note: None)["holders"]
    assert holders("轮值", date(2026, 11, 4)) == ["fagai"] and holders("轮值", date(2026, 12, 2)) == ["keji"]


def test_the_page_of_tables_gives_a_unit_its_life_and_its_split(town: Office, admin: Actor) -> None:
    def save(table: str, row: str, **typed: str) -> None:
        rev = workspace.rev_of(town.context, TENANT, MANIFEST)
        tables.save_row(town.context, admin, table, row, typed, rev=rev)

    save("units", "ziran", id="ziran", name="资源局", until=TODAY)
    with pytest.raises(Invalid, match="没有保存"):
        save("successors.ziran", "", id="lindi", when="a = 1")
    save("successors.ziran", "", id="lindi")
    with pytest.raises(Conflict, match="由它承接"):
        tables.delete_row(
            town.context, admin, "units", "lindi", rev=workspace.rev_of(town.context, TENANT, MANIFEST)
        )
    content = workspace.files(town.context, TENANT)
    [unit] = [unit for unit in Pack.from_files(content).units if unit.id == "ziran"]
    assert unit.until == date(2026, 8, 31) and [one.id for one in unit.successors] == ["lindi"]
    [line] = [line for line in tables.table_view(town.context, TENANT, "units").rows if line.name == "ziran"]
    assert line.values["until"] == TODAY and line.inner[0][1:] == ("分立", 1)
    role = tables.table_view(town.context, TENANT, "roles").table.column("unit")
    assert role is not None and "ziran" not in dict(role.choices) and "lindi" in dict(role.choices)
    offered = read_choices(content, SLUG, date(2026, 8, 31)).units
    assert {option.value for option in offered} == {"fagai", "guihua", "lindi"}


def test_the_row_of_a_unit_that_is_over_may_go_when_only_people_were_entered_in_it(town: Office) -> None:
    town.person("zhang", unit="ziran", groups=("ziran", "office"))
    deployed(town, files(ONE))
    shown = units.outlook(town.context, TENANT, files(row=""))
    assert shown is not None
    assert list(units.sentences(shown)) == [
        "已撤销的单位“资源局”的行删去：测试zhang改登记到“规划局”，以后恢复这个单位时不会自动转回。"
    ]
    deployed(town, files(row=""))
    account = accounts.account_named(town.context, "zhang")
    assert (account.unit, account.groups) == ("guihua", ["guihua", "office"])


def test_an_end_without_successor_is_told_and_no_change_says_nothing(town: Office) -> None:
    alone = units.outlook(town.context, TENANT, files("until = 2026-12-01"))
    assert alone is not None and "没有承接单位" in "".join(units.sentences(alone))
    assert units.outlook(town.context, TENANT, files()) is None
    deployed(town, files(ONE))
    assert units.outlook(town.context, TENANT, edited(files(ONE), MANIFEST, "林地局", "林草局")) is None
