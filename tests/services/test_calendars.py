"""A jurisdiction's own calendar: content of the pack, the live release's for all cases, recounted in the background."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from tests.builders import SLUG, TENANT, Office, edited, pack_files
from tests.conftest import OfficeMaker

from zuozhen.model.clock import due_date
from zuozhen.model.errors import Conflict, ContentError, Invalid, NotFound
from zuozhen.packs import Pack
from zuozhen.services.actors import Actor
from zuozhen.services.checking import check_files
from zuozhen.services.deployment import deploy
from zuozhen.services.office import overview
from zuozhen.services.releases import LOOK_AGAIN, Releases, rules_of
from zuozhen.services.studio import calendars, workspace
from zuozhen.store.database import count_statements

FOLDER = f"processes/{SLUG}/calendar"
LOCAL_DAYS: Mapping[str, Any] = {
    "year": 2026,
    "source": "宣政通〔2026〕9号",
    "local": True,
    "holiday": [{"name": "本地节日", "off": ["2026-09-01", "2026-09-02"]}],
}
NEXT_YEAR: Mapping[str, Any] = {
    "year": 2027,
    "source": "国办发明电〔2026〕8号",
    "holiday": [
        {"name": "元旦", "off": ["2027-01-01", "2027-01-03"]},
        {"name": "春节", "off": ["2027-02-05", "2027-02-12"], "work": ["2027-01-31", "2027-02-14"]},
    ],
}


def with_calendar(files: Mapping[str, bytes], name: str, table: Mapping[str, Any]) -> dict[str, bytes]:
    return {**files, f"{FOLDER}/{name}.json": json.dumps(table, ensure_ascii=False).encode()}


@pytest.fixture
def admin(office: Office) -> Actor:
    return office.person("admin", admin="system")


def due_of(office: Office, case_id: Any, element: str = "Task_accept") -> date:
    due_at = office.token(case_id, element).due_at
    assert due_at is not None
    return due_date(due_at)


def test_a_pack_counts_by_its_own_files_and_names_them_in_the_version() -> None:
    files = with_calendar(with_calendar(pack_files(), "2027", NEXT_YEAR), "2026-local", LOCAL_DAYS)
    calendar = rules_of(Pack.from_files(files)).calendar
    assert calendar.is_published(2027)
    assert not calendar.is_workday(date(2026, 9, 1))
    assert calendar.is_workday(date(2027, 1, 31))
    assert calendar.version.startswith("2007-2027+1/")
    assert check_files(files) == check_files(pack_files())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("2027", b"{", "JSON"),
        ("2027", b"[]", "一组键值"),
        ("neu", b"{}", "文件名"),
        ("2027", b'{"year": 2026}', "与文件名一致"),
        ("2027", json.dumps({**NEXT_YEAR, "local": True}).encode(), "2027-local.json"),
        ("2027-local", json.dumps(NEXT_YEAR).encode(), "local = true"),
        ("2027", json.dumps({**NEXT_YEAR, "source": ""}).encode(), "缺少 source"),
        (
            "2027",
            json.dumps({**NEXT_YEAR, "holiday": [{"name": "x", "off": ["2027-02-30", 1]}]}).encode(),
            "日期",
        ),
    ],
)
def test_a_wrong_calendar_file_is_a_finding_of_the_check(name: str, content: bytes, said: str) -> None:
    findings = check_files({**pack_files(), f"{FOLDER}/{name}.json": content})
    (finding, *_) = [f for f in findings if f.severity == "error"]
    assert said in finding.message and finding.file == f"{FOLDER}/{name}.json"


def test_cases_of_older_releases_count_by_the_live_calendar(office: Office, admin: Actor) -> None:
    early = office.register()
    assert due_of(office, early.case_id) == date(2026, 9, 2)
    deploy(office.context, with_calendar(pack_files(), "2026-local", LOCAL_DAYS), actor=admin)

    from tests.builders import ACCEPT, ASSIGN

    office.submit(early.case_id, "Task_accept", ACCEPT)
    office.submit(early.case_id, "Task_assign", ASSIGN)
    with office.context.database.read() as session:
        assert office.context.releases.live(session, TENANT).version == 2
        assert (
            office.context.releases.get(session, TENANT, office.case(early.case_id).release_id).version == 1
        )
    assert due_of(office, early.case_id, "Task_contact") == date(
        2026, 9, 9
    )  # five days, two of them local rest
    assert due_of(office, office.register().case_id) == date(2026, 9, 4)


def test_another_process_hears_of_a_new_calendar_within_seconds(office: Office, admin: Actor) -> None:
    now = [0.0]
    other = Releases(lambda: now[0])
    with office.context.database.read() as session:
        first = other.live(session, TENANT)
        deploy(office.context, with_calendar(pack_files(), "2026-local", LOCAL_DAYS), actor=admin)
    with office.context.database.read() as session, count_statements(office.context.database) as counts:
        assert other.get(session, TENANT, first.id).rules.calendar.version == first.rules.calendar.version
        assert counts.statements == []
        now[0] = LOOK_AGAIN
        assert not other.get(session, TENANT, first.id).rules.calendar.is_workday(date(2026, 9, 1))
        assert len(counts.statements) == 2  # which release is live, and its files this once
        now[0] += 1
        other.get(session, TENANT, first.id)
        assert len(counts.statements) == 2


def test_a_proposal_shows_days_and_deadlines_and_writes_nothing(office: Office) -> None:
    registered = office.register()
    before = office.events(registered.case_id)
    proposed = calendars.propose(office.context, TENANT, LOCAL_DAYS)

    assert [change.date.isoformat() for change in proposed.changes] == ["2026-09-01", "2026-09-02"]
    assert proposed.dues is not None
    (due,) = [
        due
        for group in proposed.dues.groups
        for case in group.cases
        if case.id == registered.case_id
        for due in case.outlook.changed_dues
    ]
    assert (due.old, due.new) == (date(2026, 9, 2), date(2026, 9, 4))
    assert office.events(registered.case_id) == before or len(office.events(registered.case_id)) == len(
        before
    )
    assert calendars.propose(office.context, TENANT, {"year": "x"}).publishable is False


def test_publishing_deploys_only_the_calendar_and_recounts_in_the_background(
    office: Office, admin: Actor
) -> None:
    registered = office.register()
    manifest = f"processes/{SLUG}/pack.toml"
    draft = edited(pack_files(), manifest, "市水务局", "市水利局")[manifest]
    workspace.save_file(office.context, admin, manifest, draft, rev=0)

    published = calendars.publish(office.context, admin, LOCAL_DAYS, over=1, note="州庆")
    assert published.version == 2 and published.migration_id is not None
    assert due_of(office, registered.case_id) == date(2026, 9, 2)
    office.drain()
    assert due_of(office, registered.case_id) == date(2026, 9, 4)

    with office.context.database.read() as session:
        live = office.context.releases.live(session, TENANT)
    path = f"{FOLDER}/2026-local.json"
    assert {p for p in live.files if live.files[p] != pack_files().get(p)} == {path}
    kept = workspace.files(office.context, TENANT)
    assert kept[path] == live.files[path] and kept[manifest] == draft

    assert office.case(registered.case_id).release_id != live.id
    event = office.events(registered.case_id)[-1]
    assert event.kind == "recounted" and "宣政通〔2026〕9号" in event.payload["reason"]
    assert office.problems_of(registered.case_id) == []
    letters = {letter.recipient: letter.body for letter in office.letters(registered.case_id)}
    assert set(letters) >= {"lead_office"}
    assert all("由2026年9月2日调整为2026年9月4日" in body for body in letters.values())


def test_an_earlier_date_never_makes_a_task_late_without_a_word(office: Office, admin: Actor) -> None:
    calendars.publish(office.context, admin, LOCAL_DAYS, over=1, note="")
    office.drain()
    registered = office.register()
    assert due_of(office, registered.case_id) == date(2026, 9, 4)
    office.pass_to("2026-09-03 10:00")
    calendars.withdraw(office.context, admin, 2026, local=True, over=2, note="")
    office.drain()
    assert due_of(office, registered.case_id) == date(2026, 9, 3)  # 2 September by the book
    assert any("调整为2026年9月3日" in letter.body for letter in office.letters(registered.case_id))


def test_a_stale_page_or_the_same_calendar_publishes_nothing(office: Office, admin: Actor) -> None:
    calendars.publish(office.context, admin, NEXT_YEAR, over=1, note="")
    office.drain()
    with pytest.raises(Conflict):
        calendars.publish(office.context, admin, LOCAL_DAYS, over=1, note="")
    with pytest.raises(Invalid):
        calendars.publish(office.context, admin, NEXT_YEAR, over=2, note="")
    with pytest.raises(Invalid):
        calendars.publish(office.context, admin, {"year": 2027}, over=2, note="")
    with pytest.raises(NotFound):
        calendars.withdraw(office.context, admin, 2026, local=False, over=2, note="")
    assert calendars.years(office.context, TENANT)[0].origin == "own"
    assert overview(office.context, TENANT).provisional_years == ()


def test_nothing_is_deployed_while_a_migration_is_at_work(office: Office, admin: Actor) -> None:
    office.register()
    calendars.publish(office.context, admin, LOCAL_DAYS, over=1, note="")  # its recount waits for the worker
    for act in (
        lambda: calendars.publish(office.context, admin, NEXT_YEAR, over=2, note=""),
        lambda: calendars.withdraw(office.context, admin, 2026, local=True, over=2, note=""),
    ):
        with pytest.raises(Conflict, match="迁移正在进行") as refused:
            act()
        assert "停止" in refused.value.hint
    with office.context.database.read() as session:
        live = office.context.releases.live(session, TENANT)
    assert live.version == 2 and f"{FOLDER}/2027.json" not in live.files
    assert f"{FOLDER}/2027.json" not in workspace.files(office.context, TENANT)
    office.drain()
    assert calendars.publish(office.context, admin, NEXT_YEAR, over=2, note="").version == 3


def test_a_calendar_that_arrives_with_a_release_recounts_as_publishing_does(
    office: Office, admin: Actor
) -> None:
    case_id = office.register().case_id
    manifest = f"processes/{SLUG}/pack.toml"
    files = with_calendar(edited(pack_files(), manifest, "市水务局", "市水利局"), "2026-local", LOCAL_DAYS)
    dues = calendars.moved_dues(office.context, TENANT, files)
    assert dues is not None
    [moved] = dues.affected
    assert moved.id == case_id and any(
        "将告知期限调整：" in note and "企业" in note for note in moved.outlook.notes
    )
    assert calendars.moved_dues(office.context, TENANT, pack_files()) is None
    deployed = deploy(office.context, files, note="改名")
    assert deployed.recount is not None and due_of(office, case_id) == date(2026, 9, 2)
    office.drain()
    assert due_of(office, case_id) == date(2026, 9, 4)
    event = office.events(case_id)[-1]
    assert event.payload["reason"] == "2026年本地节假日（宣政通〔2026〕9号）"  # not what else was changed
    assert deploy(office.context, {**files, manifest: pack_files()[manifest]}).recount is None
    office.pass_to("2026-08-31 11:00")
    assert deploy(office.context, pack_files(), note="").recount is not None
    office.drain()
    assert due_of(office, case_id) == date(2026, 9, 2)
    assert office.events(case_id)[-1].payload["reason"].startswith("撤下2026年本地节假日")


def test_a_release_with_another_calendar_waits_for_a_migration_at_work(office: Office, admin: Actor) -> None:
    office.register()
    files = with_calendar(pack_files(), "2026-local", LOCAL_DAYS)
    assert deploy(office.context, files, actor=admin).recount is not None
    with pytest.raises(Conflict, match="没有部署"):
        deploy(office.context, pack_files(), actor=admin)
    assert calendars.moved_dues(office.context, TENANT, files) is None  # the first is live, the second is not
    with_name = edited(files, f"processes/{SLUG}/pack.toml", "市水务局", "市水利局")
    assert deploy(office.context, with_name, actor=admin).version == 3  # its calendar is the live one


def test_years_say_where_they_come_from(make_office: OfficeMaker) -> None:
    office = make_office()
    found = {year.number: year.origin for year in calendars.years(office.context, TENANT)}
    assert found == {2027: "provisional", 2026: "product", 2025: "product", 2024: "product"}
    assert overview(office.context, TENANT).provisional_years == (2027,)
    for year in range(2007, 2027):
        table = calendars.own_table(office.context, TENANT, year, local=False)
        assert calendars.propose(office.context, TENANT, table).changes == ()
    assert calendars.own_table(office.context, TENANT, 2027, local=False) == {}


def test_a_bundle_with_a_wrong_calendar_is_not_deployed(office: Office) -> None:
    with pytest.raises(ContentError):
        deploy(office.context, with_calendar(pack_files(), "2027", {"year": 2027}))
