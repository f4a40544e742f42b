"""What Camunda's desktop modeler sends, in its order and its shapes, and what it needs to hear."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from tests.builders import DIAGRAM, PASSWORD, REGISTER, SLUG, TENANT, Office, edited, pack_files
from tests.web.visitors import Visitor, visitor
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from zuozhen.services import accounts
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import camunda, workspace
from zuozhen.services.studio.versions import version, versions

XML = f"{SLUG}.bpmn"
FORM = f"forms/{SLUG}/accept.json"


class Modeler:
    """The requests of the modeler (its CamundaAPI.js): headers, multipart names, bodies."""

    def __init__(self, person: Visitor, authorization: str) -> None:
        self.client = person.client
        self.headers = {"accept": "application/json", "Origin": "file://"}
        if authorization:
            self.headers["authorization"] = authorization

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/engine-rest{path}", headers=self.headers, buffered=True)

    def deploy(
        self, content: bytes, name: str = XML, *attached: tuple[str, bytes], **fields: str
    ) -> TestResponse:
        form: MultiDict[str, Any] = MultiDict(
            {
                "deployment-name": "改为三个工作日",
                "deployment-source": "Camunda Modeler",
                "enable-duplicate-filtering": "true",
                **{key.replace("_", "-"): value for key, value in fields.items()},
            }
        )
        form.add(name, (io.BytesIO(content), name, "text/xml"))
        for other, data in attached:
            form.add(other, (io.BytesIO(data), other, "application/octet-stream"))
        path = "/engine-rest/deployment/create"
        return self.client.post(path, data=form, headers=self.headers, buffered=True)

    def start(
        self, definition: str, variables: dict[str, Any], business_key: str = "default"
    ) -> TestResponse:
        body = {
            "businessKey": business_key,
            "variables": {name: {"value": value} for name, value in variables.items()},
        }
        return self.client.post(
            f"/engine-rest/process-definition/{definition}/start",
            json=body,
            headers=self.headers,
            buffered=True,
        )


def basic(name: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def office(web_office: Office) -> Office:
    """An installation with an administrator who also sees all cases, and somebody for every role."""
    web_office.account("wang", admin="system", groups=("lead_office",), password=PASSWORD)
    with web_office.context.database.read() as session:
        pack = web_office.context.releases.live(session, TENANT).pack
    everything = tuple(known.id for known in (*pack.roles, *pack.units))
    web_office.account("allrounder", groups=everything)
    return web_office


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios are not run: the pack has many, and most of these tests are about something else."""
    monkeypatch.setattr(camunda, "TIME_FOR_SCENARIOS", 0.0)


@pytest.fixture
def modeler(office: Office) -> Modeler:
    return Modeler(visitor(office), basic("wang"))


def changed(days: int = 3) -> bytes:
    return edited(pack_files(), DIAGRAM, "workdays(2)", f"workdays({days})")[DIAGRAM]


def test_the_modelers_whole_sequence(office: Office, modeler: Modeler) -> None:
    assert (
        modeler.get("/deployment?maxResults=0").status_code,
        modeler.get("/deployment?maxResults=0").json,
    ) == (200, [])
    assert modeler.get("/version").json == {"version": "7.22.0"}
    deployed = modeler.deploy(changed())
    assert deployed.status_code == 200, deployed.text
    body = deployed.json
    assert body is not None
    assert body["name"] == "改为三个工作日" and body["source"] == "Camunda Modeler"
    assert body["deploymentTime"] == "2026-08-31T09:00:00.000+0800"
    first = next(iter(body["deployedProcessDefinitions"].values()))
    assert (first["key"], first["version"], first["deploymentId"]) == ("case", 2, body["id"])
    assert first["resource"] == DIAGRAM and first["id"] in body["deployedProcessDefinitions"]
    started = modeler.start(first["id"], dict(REGISTER))
    assert started.status_code == 200, started.text
    instance = started.json
    assert instance is not None
    assert instance["definitionId"] == first["id"] and instance["businessKey"] == "XW2026-0001"
    assert (instance["ended"], instance["suspended"]) == (False, False)
    case = office.case(office.case_of("case", "open"))  # type: ignore[arg-type]
    assert str(case.id) == instance["id"] and case.release_id == versions(office.context, TENANT)[0].id
    row = version(office.context, TENANT, 2)
    assert (row.by, row.note) == ("测试wang", "改为三个工作日")
    assert [line["reason"] for line in row.accepted] == ["由 Camunda Modeler 部署，时间不够"]
    assert "没有在时限内走完" in row.accepted[0]["message"]


def test_scenarios_are_run_before_a_deployment(
    office: Office, modeler: Modeler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends differently refuses the deployment, unless it is rewritten along with the diagram or accepted."""
    monkeypatch.setattr(camunda, "TIME_FOR_SCENARIOS", 60.0)
    steps = pack_files()[f"processes/{SLUG}/scenarios.toml"].split(b"[[scenario.step]]")
    told = b"[[scenario.step]]".join(steps[:2])
    refused = modeler.deploy(changed(), XML, ("scenarios.toml", told))
    assert refused.status_code == 400 and refused.json is not None
    assert "期限应为 2026-09-03，实为 2026-09-04" in refused.json["message"]
    assert len(versions(office.context, TENANT)) == 1
    accepted = modeler.deploy(changed(), XML, ("scenarios.toml", told), accept="scenario=按新规定")
    assert accepted.status_code == 200, accepted.text
    assert [line["reason"] for line in version(office.context, TENANT, 2).accepted] == ["按新规定"]
    told = told.replace(b'"2026-09-03"', b'"2026-09-07"')
    again = modeler.deploy(changed(4), XML, ("scenarios.toml", told))
    assert again.status_code == 200, again.text
    assert version(office.context, TENANT, 3).accepted == ()


def test_unchanged_content_is_the_deployment_it_was(office: Office, modeler: Modeler) -> None:
    first, second = modeler.deploy(changed()).json, modeler.deploy(changed()).json
    assert first is not None and second is not None
    assert first["id"] == second["id"]
    assert first["deployedProcessDefinitions"] == second["deployedProcessDefinitions"] != {}
    assert len(versions(office.context, TENANT)) == 2


def test_forms_come_along_by_id_or_by_name(office: Office, modeler: Modeler) -> None:
    form = json.loads(pack_files()[FORM])
    form["properties"]["title"] = "受理表"
    extra = {**form, "id": "Form_extra"}
    done = modeler.deploy(
        changed(),
        "随便什么名字.bpmn",
        ("我的表单.form", json.dumps(form, ensure_ascii=False).encode()),
        ("legal_review.form", json.dumps(extra).encode()),
    )
    assert done.status_code == 200, done.text
    with office.context.database.read() as session:
        files = office.context.releases.live(session, TENANT).files
    assert json.loads(files[FORM])["properties"]["title"] == "受理表"
    assert f"forms/{SLUG}/legal_review.json" in files and files[DIAGRAM] == changed()
    assert len(files) == len(pack_files()) + 1


@pytest.mark.parametrize(
    ("content", "words", "place"),
    [
        (b"<bpmn:definitions", "XML", "line 1"),
        (b"\xff\xfe\x00", "XML", "line"),
        (b"<a/>", "BPMN", "line"),
        (b"", "XML", "line"),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>", "DOCTYPE", "line 1"),
        (pack_files()[DIAGRAM].replace(b'id="case"', b'id="other"'), "流程", "resource"),
        (changed().replace(b"workdays(3)", b"workdays(three)"), "three", f"resource {XML}, line"),
        (
            changed().replace(b'camunda:formRef="accept"', b'camunda:formRef="nothing"'),
            "nothing",
            "Task_accept",
        ),
    ],
    ids=["cut", "bytes", "xml", "empty", "doctype", "process", "timer", "form"],
)
def test_what_cannot_be_deployed_is_told_in_the_modelers_shape(
    office: Office, modeler: Modeler, content: bytes, words: str, place: str
) -> None:
    answer = modeler.deploy(content)
    assert answer.status_code == 400
    body = answer.json
    assert body is not None and body["type"] == "ParseException"
    assert body["message"].startswith("ENGINE-09005 Could not parse BPMN process. Errors: \n* ")
    assert words in body["message"] and place in body["message"], body["message"]
    problem = next(error for found in body["details"].values() for error in found["errors"])
    assert problem.keys() >= {"message", "line", "column", "mainElementId", "elementIds"}
    assert len(versions(office.context, TENANT)) == 1
    assert workspace.changes(office.context, TENANT) == ()


def test_the_element_of_a_mistake_is_named(modeler: Modeler) -> None:
    answer = modeler.deploy(changed().replace(b'camunda:formRef="accept"', b'camunda:formRef="nothing"'))
    assert answer.json is not None
    (problem,) = answer.json["details"][XML]["errors"]
    assert problem["mainElementId"] == problem["mainBpmnElementId"] == "Task_accept"
    assert problem["elementIds"] == ["Task_accept"] and problem["line"] > 1
    assert set(answer.json["details"]) == {XML} and "情景" not in answer.json["message"]


def test_warnings_want_a_reason_and_reasons_given_once_count(office: Office, modeler: Modeler) -> None:
    context = office.context
    allrounder = accounts.account_named(context, "allrounder")
    accounts.set_active(context, TENANT, allrounder.id, False)
    answer = modeler.deploy(changed())
    body = answer.json
    assert answer.status_code == 400 and body is not None and body["type"] == "ParseException"
    assert "没有人在这个岗位" in body["message"] and "写明理由" in body["message"]
    assert body["details"][XML]["errors"] == [] and body["details"][XML]["warnings"]
    assert len(versions(context, TENANT)) == 1
    # accepted with reasons once (on the page), the very same warnings do not stand in the way again
    actor = office.person("li", admin="system")
    files = {**pack_files(), DIAGRAM: changed(4)}
    deploy(context, files, actor=actor, reasons={"group-unheld": "人员下周到岗"}, strict=True)
    again = modeler.deploy(changed())
    assert again.status_code == 200, again.text
    reasons = {line["reason"] for line in version(context, TENANT, 3).accepted}
    assert reasons == {"人员下周到岗", "由 Camunda Modeler 部署，时间不够"}


def test_the_draft_follows_what_was_deployed(office: Office, modeler: Modeler) -> None:
    context = office.context
    actor = office.person("li", admin="system")
    letter = f"templates/message/{SLUG}/accepted.txt"
    workspace.save_file(context, actor, DIAGRAM, changed(9), rev=0)
    workspace.save_file(context, actor, letter, "草稿\n正文".encode(), rev=0)
    assert modeler.deploy(changed()).status_code == 200
    files = workspace.files(context, TENANT)
    assert files[DIAGRAM] == changed() and files[letter] == "草稿\n正文".encode()
    assert [change.path for change in workspace.changes(context, TENANT)] == [letter]
    newest, first = workspace.revisions(context, TENANT, DIAGRAM)
    assert newest.note == "与 Camunda Modeler 部署的第 2 版一致"
    assert workspace.revision(context, TENANT, DIAGRAM, first.rev).content == changed(9)


def test_starting_is_the_start_form(office: Office, modeler: Modeler) -> None:
    missing = modeler.start("key/case", {"enterprise": "甲公司"})
    assert missing.status_code == 400 and missing.json is not None
    assert missing.json["type"] == "InvalidRequestException" and "诉求标题" in missing.json["message"]
    assert office.case_of("case", "open") is None
    right = modeler.start("key/case", {**REGISTER, "channel": "visit"})
    assert right.status_code == 200, right.text
    wrong = modeler.start("key/case", {**REGISTER, "channel": "nowhere"})
    assert wrong.status_code == 400
    session = modeler.start("key/clinic", {})
    assert session.status_code == 400 and session.json is not None
    assert modeler.start("key/nothing", {}).status_code == 404
    assert modeler.start("case:9:nothing", {}).status_code == 404
    old = next(
        known["id"] for known in modeler.get("/process-definition").json or [] if known["key"] == "case"
    )
    modeler.deploy(changed())
    refused = modeler.start(old, dict(REGISTER))
    assert refused.status_code == 400 and refused.json and "第 2 版" in refused.json["message"]


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", '{"variables": 5}', '{"variables": {"title": 5}}', "{" * 9000,
     '{"variables": {"title": {"value": "{", "type": "Json"}}}',
     '{"variables": {"title": {"value": {"a": {"b": [1, {"c": "\\ud800"}]}}}}}'],
)  # fmt: skip
def test_a_start_that_makes_no_sense(modeler: Modeler, body: str) -> None:
    answer = modeler.client.post(
        "/engine-rest/process-definition/key/case/start",
        data=body,
        content_type="application/json",
        headers=modeler.headers,
    )
    assert answer.status_code == 400 and answer.json and answer.json["message"]


def test_uploads_that_make_no_sense(office: Office, modeler: Modeler) -> None:
    for name in ("x.exe", "", "a/../../b.form", "\0.form", f"{'长' * 300}.form"):
        answer = modeler.deploy(b"{}", name or "x")
        assert answer.status_code == 400, (name, answer.text)
    assert modeler.deploy(changed(), tenant_id="530602").status_code == 400
    empty = modeler.client.post("/engine-rest/deployment/create", data={}, headers=modeler.headers)
    assert empty.status_code == 400 and empty.json and empty.json["type"] == "InvalidRequestException"
    assert len(versions(office.context, TENANT)) == 1


def test_lists(office: Office, modeler: Modeler) -> None:
    assert modeler.get("/engine").json == [{"name": "default"}]
    modeler.deploy(changed(), tenant_id=SLUG)
    assert modeler.get("/deployment/count").json == {"count": 2}
    assert [d["name"] for d in modeler.get("/deployment").json or []] == ["改为三个工作日", "首次部署"]
    assert [d["name"] for d in modeler.get("/deployment?firstResult=1&maxResults=5").json or []] == [
        "首次部署"
    ]
    assert modeler.get("/deployment?maxResults=x").status_code == 400
    keys = [(known["key"], known["version"]) for known in modeler.get("/process-definition").json or []]
    assert keys == [("case", 2), ("clinic", 2)]
    assert modeler.get("/nothing").status_code == 404
    assert modeler.client.put("/engine-rest/version", headers=modeler.headers).status_code == 405


def test_who_may(office: Office) -> None:
    account = accounts.account_named(office.context, "wang")
    token = accounts.new_api_token(office.context, account, "modeler")
    office.account("clerk", groups=("lead_office",), password=PASSWORD)
    person = visitor(office)
    for authorization, status in (
        (f"Bearer {token}", 200),
        (basic("wang"), 200),
        (basic("clerk"), 403),
        ("", 401),
        ("Bearer nothing", 401),
        ("Basic %%%", 401),
        (basic("nobody"), 401),
    ):
        answer = Modeler(person, authorization).get("/version")
        assert answer.status_code == status, authorization
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
        assert status == 200 or (answer.json and answer.json["message"])
    signed_in = visitor(office).sign_in(account)
    assert signed_in.get("/engine-rest/version").status_code == 401  # a cookie is no password


def test_wrong_passwords_lock_the_account_as_at_the_login(office: Office) -> None:
    person = visitor(office)
    for _ in range(accounts.MAX_FAILED):
        assert Modeler(person, basic("wang", "wrong")).get("/version").status_code == 401
    locked = Modeler(person, basic("wang")).get("/version")
    assert locked.status_code == 401 and locked.json and "锁定" in locked.json["message"]


def test_refused_requests_are_counted_by_address(office: Office) -> None:
    person = visitor(office)
    right = Modeler(person, basic("wang"))
    for _ in range(70):
        assert right.get("/version").status_code == 200
    for _ in range(60):
        assert Modeler(person, "Bearer nothing").get("/version").status_code == 401
    assert Modeler(person, "Bearer nothing").get("/version").status_code == 429


def test_pages_of_other_sites_are_refused_the_modelers_own_is_told_it_may_read(office: Office) -> None:
    modeler = Modeler(visitor(office), basic("wang"))
    assert modeler.get("/version").headers["Access-Control-Allow-Origin"] == "file://"
    asked = modeler.client.options("/engine-rest/deployment/create", headers={"Origin": "file://"})
    assert asked.status_code == 204 and "authorization" in asked.headers["Access-Control-Allow-Headers"]
    modeler.headers["Origin"] = "https://evil.example"
    answer = modeler.get("/version")
    assert answer.status_code == 403 and "Access-Control-Allow-Origin" not in answer.headers
    modeler.headers["Origin"] = "http://localhost"
    assert modeler.get("/version").status_code == 200
    dialog = visitor(office).client.get("/engine-rest/version", headers={"Sec-Fetch-Mode": "navigate"})
    assert dialog.headers["WWW-Authenticate"] == "Bearer"
