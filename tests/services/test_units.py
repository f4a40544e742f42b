"""Units that go while cases run: refused while in use, or moved to their successors; old papers keep the old name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.builders import Office, edited
from tests.conftest import OfficeMaker
from tests.services.unitpack import MANIFEST, ONE, SPLIT, TENANT, TODAY, assigned, files
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import ContentError
from zuozhen.services import accounts, incidents, units
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.checking import check_files
from zuozhen.services.checkinghere import check_here
from zuozhen.services.deployment import deploy
from zuozhen.services.facts import facts_of
from zuozhen.services.studio import newcomers, organisation
from zuozhen.services.tasks import Done, TaskView, claim, open_task, save_draft

LIST = "登录名,姓名,单位,岗位\nqian,钱,规划局,\nsun,孙,资源局,\n"
ANSWERS = {"note": "已经了解", "passed_to": "guihua"}


@pytest.fixture
def town(make_office: OfficeMaker) -> Office:
    return make_office(files=files())


def deployed(office: Office, content: Mapping[str, bytes]) -> None:
    assert deploy(office.context, content, note="机构改革").fresh
    office.drain()


def again(office: Office, username: str) -> Actor:
    """Return the rights that somebody has by now."""
    account = accounts.account_named(office.context, username)
    found = accounts.account_of(office.context, account.tenant, account.id, account.epoch)
    assert found is not None
    return found[1]


def test_a_unit_in_use_is_neither_dropped_nor_abolished_without_a_successor(town: Office) -> None:
    assert deploy(town.context, files(row="")).version == 2  # nobody uses it yet
    assert deploy(town.context, files(f"until = {TODAY}")).version == 3
    assert deploy(town.context, files()).version == 4
    town.person("zhang", unit="ziran")
    registered = assigned(town)
    for content in (files(row=""), files(f"until = {TODAY}")):
        with pytest.raises(ContentError) as caught:
            deploy(town.context, content)
        [finding] = [each for each in caught.value.findings if each.severity == "error"]
        assert finding.code == "unit-in-use" and finding.file == MANIFEST and finding.element == "ziran"
        assert "1 项在办任务、1 件在办件的填报、账号测试zhang" in finding.message
        assert "successor" in finding.hint
        assert finding in check_here(town.context, content, TENANT) and finding not in check_files(content)
    assert town.token(registered.case_id, "work").grp == "ziran"


def test_what_else_names_a_unit_keeps_it(town: Office) -> None:
    registered = assigned(town, unit="lindi")
    zhang = Actor(TENANT, "张", groups=frozenset({"lindi"}))
    save_draft(
        town.context,
        zhang,
        town.token(registered.case_id, "work").token,
        MultiDict({"note": "转", "passed_to": "ziran"}),
    )
    with pytest.raises(ContentError, match="1 处错误") as caught:
        deploy(town.context, files(row=""))
    assert "还在用：1 份没交的填写" in str(caught.value.findings)
    drawn = {path: data.replace(b'"=each"', b'"ziran"') for path, data in files().items()}
    assert deploy(town.context, drawn).version == 2
    assigned(town, unit="lindi")
    with pytest.raises(ContentError, match="1 处错误") as caught:
        deploy(town.context, files(row=""))
    assert "1 件在办件所在的版本还会交给它" in str(caught.value.findings)


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_a_successor_gets_work_people_and_drafts(
    make_office: OfficeMaker, place: str, request: pytest.FixtureRequest
) -> None:
    make = make_office if place == "sqlite" else request.getfixturevalue("postgresql_office")
    office: Office = make(files=files(before=True))
    zhang = office.person("zhang", unit="ziran")
    registered = assigned(office)
    with pytest.raises(ContentError) as caught:
        deploy(office.context, files(row=""))
    assert "1 项在办任务、1 件在办件的填报、账号测试zhang" in str(caught.value.findings)
    token = office.token(registered.case_id, "work").token
    claim(office.context, zhang, token)
    save_draft(office.context, zhang, token, MultiDict({"note": "已经了解", "passed_to": "ziran"}))
    shown = units.outlook(office.context, TENANT, files(ONE))
    assert shown is not None
    [move] = shown.now
    assert (move.origin, move.target, move.draft) == ("资源局", "规划局", True)
    told = list(units.sentences(shown))
    assert any("由“规划局”承接" in line and "测试zhang" in line for line in told)
    deployed(office, files(ONE))

    row = office.token(registered.case_id, "work")
    assert (row.grp, row.assignee) == ("guihua", zhang.id)
    assert row.draft == {"note": "已经了解", "passed_to": "ziran"}
    zhang = again(office, "zhang")
    assert zhang.groups == {"guihua", "ziran"}
    [event] = [event for event in office.events(registered.case_id) if event.kind == "regrouped"]
    assert [(one["from"], one["to"], "released" in one) for one in event.payload["groups"]] == [
        ("资源局", "规划局", False)
    ]
    assert units.sweep(office.context, TENANT, []) == 0  # once is enough
    view = open_task(office.context, zhang, token)
    assert view.bound is not None and view.bound.wtform.field("passed_to").data == "guihua"

    page = case_view(office.context, Actor(TENANT, "专班", id=zhang.id, sees_all=True), registered.case_id)
    assert [task.group_name for task in page.tasks] == ["规划局"]
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, office.case(registered.case_id))
    assert facts["case"]["open_units"] == ["规划局"]  # what the column of a register shows
    assert "资源局" in {text for form in page.forms for _, text in form.fields}
    refused = office.try_submit(registered.case_id, "work", {**ANSWERS, "passed_to": "ziran"}, by=zhang)
    assert isinstance(refused, TaskView)
    assert isinstance(office.try_submit(registered.case_id, "work", ANSWERS, by=zhang), Done)
    assert office.token(registered.case_id, "again").grp == "guihua"
    page = case_view(office.context, Actor(TENANT, "专班", id=zhang.id, sees_all=True), registered.case_id)
    texts = {text for form in page.forms for _, text in form.fields}
    assert {"资源局", "规划局"} <= texts  # the release of the case does not know the latter
    assert office.case(registered.case_id).variables["unit"] == "ziran"


def test_a_split_goes_by_the_case_and_a_claim_that_does_not_fit_is_given_back(town: Office) -> None:
    zhang = town.person("zhang", unit="ziran")
    land, other = assigned(town, "land"), assigned(town)
    for registered in (land, other):
        claim(town.context, zhang, town.token(registered.case_id, "work").token)
    shown = units.outlook(town.context, TENANT, files(SPLIT))
    assert shown is not None
    told = "\n".join(units.sentences(shown))
    assert 'register.kind = "land" 的归“林地局”；其余归“规划局”' in told and "资源局 → 林地局" in told
    deployed(town, files(SPLIT))
    first, second = (town.token(one.case_id, "work") for one in (land, other))
    assert (first.grp, first.assignee) == ("lindi", None)
    assert (second.grp, second.assignee) == ("guihua", zhang.id)
    [event] = [event for event in town.events(land.case_id) if event.kind == "regrouped"]
    assert event.payload["groups"][0]["released"] == "测试zhang"
    town.submit(land.case_id, "work", ANSWERS, by=Actor(TENANT, "李", groups=frozenset({"lindi"})))
    assert town.token(land.case_id, "again").grp == "lindi"


def test_going_back_to_the_former_units_gives_the_work_back(town: Office) -> None:
    registered = assigned(town)
    deployed(town, files(ONE))
    assert town.token(registered.case_id, "work").grp == "guihua"
    shown = units.outlook(town.context, TENANT, files())
    assert shown is not None and [move.target for move in shown.now] == ["资源局"]
    assert "已经由承接单位办结的、已发出的消息、已交表单里选的单位不变" in "".join(units.sentences(shown))
    gone = edited(files(), MANIFEST, f'[[unit]]\nid = "guihua"\nname = "规划局"\nfrom = {TODAY}\n', "")
    with pytest.raises(ContentError, match="1 处错误"):
        deploy(town.context, gone)  # 规划局 has the task
    deployed(town, files())
    assert town.token(registered.case_id, "work").grp == "ziran"


def test_on_its_day_the_worker_moves_the_work_of_a_unit(town: Office) -> None:
    town.person("zhang", unit="ziran")
    registered = assigned(town)
    later = files('until = 2026-09-03\nsuccessor = "guihua"', begins="2026-09-03")
    shown = units.outlook(town.context, TENANT, later)
    assert shown is not None and not shown.now and [len(moves) for moves in shown.later.values()] == [1]
    deployed(town, later)
    assert again(town, "zhang").groups == {"ziran"}
    lines = newcomers.read_newcomers(town.context, TENANT, LIST)
    assert [one.problems for one in lines] == [
        (),
        (),
    ]  # who comes to a new unit can be entered before its day
    town.pass_to("2026-09-02 23:59")
    assert town.token(registered.case_id, "work").grp == "ziran"
    town.pass_to("2026-09-03 00:01")
    assert town.token(registered.case_id, "work").grp == "guihua"
    assert again(town, "zhang").groups == {"guihua", "ziran"}
    people = organisation.people(town.context, TENANT)
    assert [(one.unit, one.places) for one in people.people] == [("guihua", ("规划局",))]
    assert {id_ for id_, _ in people.units} == {"fagai", "guihua", "lindi"}
    lines = newcomers.read_newcomers(town.context, TENANT, LIST)
    assert [one.problems for one in lines] == [(), ("没有单位“资源局”",)]


def test_work_that_nobody_takes_over_is_an_incident(town: Office) -> None:
    registered = assigned(town)
    deployed(town, files("until = 2026-09-03"))
    town.pass_to("2026-09-03 00:01")
    assert town.token(registered.case_id, "work").grp == "ziran"
    [incident] = incidents.open_incidents(town.context, TENANT)
    assert incident.message.startswith("单位已经撤销、没有承接单位，还有在办任务：资源局 1 项")


def test_a_later_release_takes_the_day_back(town: Office) -> None:
    registered = assigned(town)
    deployed(town, files('until = 2026-09-03\nsuccessor = "guihua"'))
    assert [job.due_at for job in town.jobs("units")]
    deployed(town, files())
    assert not town.jobs("units")
    town.pass_to("2026-09-04 09:00")
    assert town.token(registered.case_id, "work").grp == "ziran"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('register.kind = "wood"', "wood"),
        ("register.title > 5", "比较"),
        ("register.title", "应得到是或否"),
        ("kind = 1", "读取“kind”"),
        ("register.kind =", "承接条件"),
    ],
)
def test_the_rule_of_a_split_is_typed(rule: str, message: str) -> None:
    life = f'until = {TODAY}\nsuccessors = [{{ id = "lindi", when = \'{rule}\' }}, {{ id = "guihua" }}]'
    [finding] = [each for each in check_files(files(life)) if each.severity == "error"]
    assert message in finding.message and finding.element == "ziran" and finding.hint
    assert check_files(files(SPLIT)) == ()
