"""Units that go while cases run: refused while in use, or moved to their successors; old papers keep the old name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.builders import ACCEPT, ARRANGE, ASSIGN, CONTACT, TENANT, Office, pack_files
from tests.packs.test_units import MANIFEST, ROW, files
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import ContentError
from zuozhen.services import accounts, units
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.checking import check_files
from zuozhen.services.checkinghere import check_here
from zuozhen.services.deployment import Deployed, deploy
from zuozhen.services.registration import Registered
from zuozhen.services.studio import organisation
from zuozhen.services.tasks import Done, TaskView, claim, open_task, save_draft
from zuozhen.store.tables import Account

TODAY = "2026-08-31"
ONE = f'until = {TODAY}\nsuccessor = "guihua"'
SPLIT = (
    f"until = {TODAY}\n"
    'successors = [{ id = "lindi", when = \'register.matter_kind = "意见建议"\' }, { id = "guihua" }]'
)


def with_life(life: str) -> dict[str, bytes]:
    return files(life, begins=TODAY)


def assigned(office: Office, **answers: object) -> Registered:
    """Return a case that waits for 市自然资源局 to contact the enterprise."""
    registered = office.register(**answers)
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    office.submit(registered.case_id, "Task_assign", ASSIGN)
    assert office.token(registered.case_id, "Task_contact").grp == "ziran"
    return registered


def deployed(office: Office, content: Mapping[str, bytes]) -> Deployed:
    done = deploy(office.context, content, note="机构改革")
    office.drain()
    return done


def again(office: Office, username: str) -> tuple[Account, Actor]:
    account = accounts.account_named(office.context, username)
    found = accounts.account_of(office.context, account.tenant, account.id, account.epoch)
    assert found is not None
    return found


def test_a_unit_in_use_is_neither_dropped_nor_abolished_without_a_successor(office: Office) -> None:
    office.person("zhang", unit="ziran")
    assigned(office)
    manifest = pack_files()[MANIFEST].decode()
    dropped = {**pack_files(), MANIFEST: manifest.replace(f"[[unit]]\n{ROW}", "").encode()}
    for content in (dropped, with_life(f"until = {TODAY}")):
        with pytest.raises(ContentError) as caught:
            deploy(office.context, content)
        [finding] = [each for each in caught.value.findings if each.severity == "error"]
        assert finding.code == "unit-in-use" and finding.file == MANIFEST and finding.element == "ziran"
        assert "1 项在办任务" in finding.message and "1 件在办件的填报" in finding.message
        assert "账号测试zhang" in finding.message and "successor" in finding.hint
        assert finding in check_here(office.context, content, TENANT)
        assert finding not in check_files(content)
    assert office.token(office.case_of("case", "open"), "Task_contact").grp == "ziran"  # type: ignore[arg-type]


def test_a_unit_that_nobody_uses_may_go(office: Office) -> None:
    manifest = pack_files()[MANIFEST].decode()
    dropped = {**pack_files(), MANIFEST: manifest.replace(f"[[unit]]\n{ROW}", "").encode()}
    assert deploy(office.context, dropped).version == 2
    assert deploy(office.context, with_life(f"until = {TODAY}")).version == 3


def test_a_successor_gets_work_people_and_drafts_and_old_papers_keep_the_name(any_office: Office) -> None:
    office = any_office
    office.person("zhang", unit="ziran")
    registered = assigned(office)
    token = office.token(registered.case_id, "Task_contact").token
    _, zhang = again(office, "zhang")
    claim(office.context, zhang, token)
    save_draft(office.context, zhang, token, MultiDict({"situation": "已经了解", "lead_unit": "ziran"}))
    shown = units.outlook(office.context, TENANT, with_life(ONE))
    assert shown is not None
    [move] = shown.now
    assert (move.origin, move.target, move.draft) == ("市自然资源局", "市规划局", True)
    told = list(units.sentences(shown))
    assert any("由“市规划局”承接" in line and "测试zhang" in line for line in told)
    assert deployed(office, with_life(ONE)).fresh

    row = office.token(registered.case_id, "Task_contact")
    assert row.grp == "guihua" and row.assignee == zhang.id and row.draft["situation"] == "已经了解"  # type: ignore[index]
    _, zhang = again(office, "zhang")
    assert zhang.groups == {"guihua", "ziran"}
    [event] = [event for event in office.events(registered.case_id) if event.kind == "regrouped"]
    assert event.payload["groups"][0] == {
        "element": "Task_contact",
        "name": row.name,
        "token": token,
        "from": "市自然资源局",
        "to": "市规划局",
    }
    assert units.sweep(office.context, TENANT, []) == 0
    view = open_task(office.context, zhang, token)
    assert view.bound is not None
    assert view.bound.wtform.field("lead_unit").data == "guihua"

    page = case_view(office.context, Actor(TENANT, "专班", id=zhang.id, sees_all=True), registered.case_id)
    assert [task.group_name for task in page.tasks if task.element_id == "Task_contact"] == ["市规划局"]
    assert ("市自然资源局") in {text for form in page.forms for _, text in form.fields}
    refused = office.try_submit(registered.case_id, "Task_contact", CONTACT, by=zhang)
    assert isinstance(refused, TaskView)
    done = office.try_submit(registered.case_id, "Task_contact", {**CONTACT, "lead_unit": "guihua"}, by=zhang)
    assert isinstance(done, Done)
    office.submit(registered.case_id, "Task_arrange", ARRANGE)
    office.drain()
    assert office.token(registered.case_id, "Task_notify").grp == "guihua"
    assert office.case(registered.case_id).variables["reception_unit"] == "ziran"


def test_a_split_goes_by_the_case_and_a_claim_that_does_not_fit_is_given_back(office: Office) -> None:
    office.person("zhang", unit="ziran")
    land = assigned(office, matter_kind="意见建议")
    other = assigned(office)
    _, zhang = again(office, "zhang")
    for registered in (land, other):
        claim(office.context, zhang, office.token(registered.case_id, "Task_contact").token)
    deployed(office, with_life(SPLIT))
    first, second = (office.token(one.case_id, "Task_contact") for one in (land, other))
    assert (first.grp, first.assignee) == ("lindi", None)
    assert (second.grp, second.assignee) == ("guihua", zhang.id)
    [event] = [event for event in office.events(land.case_id) if event.kind == "regrouped"]
    assert event.payload["groups"][0]["released"] == "测试zhang"


def test_going_back_to_the_former_release_gives_the_work_back(office: Office) -> None:
    registered = assigned(office)
    deployed(office, with_life(ONE))
    assert office.token(registered.case_id, "Task_contact").grp == "guihua"
    shown = units.outlook(office.context, TENANT, pack_files())
    assert shown is not None and [move.target for move in shown.now] == ["市自然资源局"]
    with pytest.raises(ContentError, match="1 处错误"):
        deploy(office.context, pack_files())  # 市规划局 has the task, and its row would be gone
    deployed(office, with_life(""))
    assert office.token(registered.case_id, "Task_contact").grp == "ziran"


def test_on_its_day_the_worker_moves_the_work_of_a_unit(office: Office) -> None:
    office.person("zhang", unit="ziran")
    registered = assigned(office)
    shown = units.outlook(office.context, TENANT, files('until = 2026-09-03\nsuccessor = "guihua"'))
    assert shown is not None and not shown.now
    assert [len(moves) for moves in shown.later.values()] == [1]
    deployed(office, files('until = 2026-09-03\nsuccessor = "guihua"'))
    assert again(office, "zhang")[1].groups == {"ziran"}
    office.pass_to("2026-09-02 23:59")
    assert office.token(registered.case_id, "Task_contact").grp == "ziran"
    office.pass_to("2026-09-03 00:01")
    assert office.token(registered.case_id, "Task_contact").grp == "guihua"
    assert again(office, "zhang")[1].groups == {"guihua", "ziran"}
    [person] = organisation.people(office.context, TENANT).people
    assert person.unit == "guihua" and person.places == ("市规划局",)
    offered = {id_ for id_, _ in organisation.people(office.context, TENANT).units}
    assert "guihua" in offered and "ziran" not in offered


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('register.matter_kind = "没有这项"', "没有这项"),
        ("register.title > 5", "比较"),
        ("register.title", "应得到是或否"),
        ("matter_kind = 1", "读取“matter_kind”"),
        ("register.matter_kind =", "承接条件"),
    ],
)
def test_the_rule_of_a_split_is_typed(rule: str, message: str) -> None:
    life = f'until = {TODAY}\nsuccessors = [{{ id = "lindi", when = \'{rule}\' }}, {{ id = "guihua" }}]'
    [finding] = [each for each in check_files(with_life(life)) if each.severity == "error"]
    assert message in finding.message and finding.element == "ziran" and finding.hint
    assert check_files(with_life(SPLIT)) == ()
