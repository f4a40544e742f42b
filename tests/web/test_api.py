"""The REST interface: described as it is, with the rights of its account."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from tests.builders import ACCEPT, DIAGRAM, REGISTER, TENANT, Office, edited, pack_files
from tests.conftest import OfficeMaker
from tests.web.visitors import visitor
from werkzeug.test import TestResponse

from zuozhen.model.ids import new_id
from zuozhen.services import accounts
from zuozhen.store.tables import ApiToken


class Api:
    """One program with the token of an account."""

    def __init__(self, office: Office, username: str, **options: Any) -> None:
        self.account = office.account(username, **options)
        self.token = accounts.new_api_token(office.context, self.account, "测试")
        self._client = visitor(office).client

    def call(self, method: str, path: str, body: object = None, token: str | None = None) -> TestResponse:
        secret = self.token if token is None else token
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        options: dict[str, Any] = {"json": body} if body is not None else {}
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, buffered=True, **options)

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.call("POST", path, {} if body is None else body)


@pytest.fixture
def lead(web_office: Office) -> Api:
    return Api(web_office, "lead", groups=("lead_office",))


def test_the_description_is_valid_openapi(lead: Api) -> None:
    document = lead.call("GET", "/openapi.json", token="").get_json()
    validate(document, cls=OpenAPIV31SpecValidator)


def test_the_description_is_what_the_routes_are(web_office: Office, lead: Api) -> None:
    assert web_office.app is not None
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in web_office.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    paths = lead.get("/openapi.json").get_json()["paths"]
    described = {(path, method) for path, operations in paths.items() for method in operations}
    assert described == routes
    for path, operations in paths.items():
        for operation in operations.values():
            named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


@pytest.mark.paper
def test_a_case_from_start_to_documents(web_office: Office, lead: Api) -> None:
    started = lead.post("/cases", {"answers": dict(REGISTER), "channel": "hotline"})
    assert started.status_code == 201
    case_id, number = started.json["id"], started.json["number"]
    assert re.fullmatch(r"[2-9A-Z]{8}", started.json["query_code"])
    assert [row["id"] for row in lead.get("/cases?query=用电&status=open").json["cases"]] == [case_id]
    assert lead.get("/cases?query=没有").json["cases"] == []

    (row,) = lead.get("/tasks").json["tasks"]
    assert (row["number"], row["deadline"]["date"], row["deadline"]["state"]) == (
        number,
        "2026-09-02",
        "green",
    )
    assert row["deadline"]["explanation"]
    form = lead.get(f"/tasks/{row['token']}").json["form"]
    assert form["key"] == "accept" and "decision" in form["fields"]
    assert lead.post(f"/tasks/{row['token']}/claim").status_code == 204
    assert lead.get("/tasks?scope=mine").json["counts"]["mine"] == 1

    wrong = lead.post(
        f"/tasks/{row['token']}/complete", {"answers": {"decision": "refuse", "reply_method": "电话"}}
    )
    assert wrong.status_code == 422
    assert {"explanation", "refusal_ground"} <= {p["field"] for p in wrong.json["error"]["problems"]}
    done = lead.post(f"/tasks/{row['token']}/complete", {"answers": dict(ACCEPT)})
    assert done.status_code == 200 and done.json["ended"] is None and len(done.json["next"]) == 1
    again = lead.post(f"/tasks/{row['token']}/complete", {"answers": dict(ACCEPT)})
    assert again.status_code == 409 and "没有提交" in again.json["error"]["message"]

    view = lead.get(f"/cases/{case_id}").json
    assert view["number"] == number and view["data"]["accept"]["decision"] == "accept"
    assert [task["element"] for task in view["tasks"]] == ["Task_assign"] and view["tasks"][0]["may_complete"]
    history = lead.get(f"/cases/{case_id}/history").json["history"]
    assert [line["seq"] for line in history] == [1, 2, 3]
    assert history[-1]["hash"] == web_office.case(UUID(case_id)).head.hex()
    web_office.drain()
    (paper,) = lead.get(f"/cases/{case_id}/documents").json["documents"]
    content = lead.get(f"/cases/{case_id}/documents/{paper['id']}")
    assert content.data.startswith(b"%PDF") and len(content.data) == paper["size"]
    assert content.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.paper
def test_the_interface_gives_no_more_rights_than_the_pages(web_office: Office, lead: Api) -> None:
    registered = web_office.register()
    web_office.drain()
    paper = web_office.documents(registered.case_id)[0]
    other = Api(web_office, "other", unit="gongxin")
    for path in ("", "/history", "/documents", f"/documents/{paper.id}"):
        assert other.get(f"/cases/{registered.case_id}{path}").status_code == 404
        assert lead.get(f"/cases/{registered.case_id}{path}").status_code == 200
    assert other.get("/cases").json["cases"] == [] and other.get("/tasks?scope=all").json["tasks"] == []
    token = web_office.token(registered.case_id, "Task_accept").token
    for answer in (
        other.get(f"/tasks/{token}"),
        other.post(f"/tasks/{token}/claim"),
        other.post(f"/tasks/{token}/complete", {"answers": dict(ACCEPT)}),
    ):
        assert answer.status_code == 403
    assert web_office.open_tasks(registered.case_id) == ["Task_accept"]


def test_staff_cannot_rate_through_the_interface(web_office: Office, lead: Api) -> None:
    registered = web_office.register()
    web_office.to_rating(registered)
    token = web_office.token(registered.case_id, "Task_rate").token
    for path, body in (
        ("", None),
        ("/claim", {}),
        ("/complete", {"answers": {"service_score": "satisfied", "handling_score": "satisfied"}}),
    ):
        answer = lead.call("GET" if body is None else "POST", f"/tasks/{token}{path}", body)
        assert answer.status_code == 403
    assert not lead.get(f"/cases/{registered.case_id}").json["tasks"][0]["may_complete"]


@pytest.mark.parametrize("secret", ["", "zz_wrong", "zz_" + "x" * 5000, "\u00e9", "Bearer", " "])
def test_without_a_token_nothing_is_said(secret: str, lead: Api) -> None:
    for path in ("/cases", "/tasks", "/deployments", f"/cases/{new_id()}"):
        answer = lead.call("GET", path, token=secret)
        assert answer.status_code == 401 and "令牌" in answer.json["error"]["message"]


def test_a_token_ends_with_its_account_its_date_or_by_hand(web_office: Office, lead: Api) -> None:
    assert lead.get("/tasks").status_code == 200
    with web_office.context.database.write() as session:
        row = session.query(ApiToken).one()
        row.expires_at = web_office.clock()
    assert lead.get("/tasks").status_code == 401
    with web_office.context.database.write() as session:
        row = session.query(ApiToken).one()
        row.expires_at = None
    assert lead.get("/tasks").status_code == 200
    accounts.set_active(web_office.context, TENANT, lead.account.id, False)
    assert lead.get("/tasks").status_code == 401
    accounts.set_active(web_office.context, TENANT, lead.account.id, True)
    with web_office.context.database.write() as session:
        row = session.query(ApiToken).one()
        row.revoked_at = web_office.clock()
    assert lead.get("/tasks").status_code == 401


def test_deploying_is_for_system_administrators(web_office: Office, lead: Api) -> None:
    assert lead.post("/deployments", {"note": "x"}).status_code == 403
    admin = Api(web_office, "admin", admin="system")
    again = admin.post("/deployments", {"note": "没有变化"})
    assert (again.status_code, again.json["fresh"], again.json["version"]) == (200, False, 1)
    (row,) = admin.get("/deployments").json["deployments"]
    assert row["version"] == 1 and re.fullmatch(r"[0-9a-f]{64}", row["sha256"])


def test_a_deployment_by_program_wants_reasons_for_warnings(make_office: OfficeMaker, tmp_path: Path) -> None:
    content = tmp_path / "content"
    diagram = content / DIAGRAM
    diagram.parent.mkdir(parents=True)
    office = make_office(web=True, content=str(content))
    diagram.write_bytes(edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")[DIAGRAM])
    admin = Api(office, "admin", admin="system")
    refused = admin.post("/deployments", {"note": "x"})
    assert refused.status_code == 422
    assert {found["code"] for found in refused.json["error"]["findings"]} == {"group-unheld"}
    assert admin.post("/deployments", {"accept": ["x"]}).status_code == 422
    body = {"note": "延长", "reference": "宣办通〔2026〕3号", "accept": {"group-unheld": "下周到岗"}}
    done = admin.post("/deployments", body)
    assert (done.status_code, done.json["version"]) == (201, 2)
    row = admin.get("/deployments").json["deployments"][0]
    assert (row["reference"], row["deployed_by"], row["running"]) == ("宣办通〔2026〕3号", "测试admin", 0)
    assert {line["reason"] for line in row["accepted"]} == {"下周到岗"}


BODIES: list[bytes] = [
    b"",
    b"[]",
    b"null",
    b"{",
    b'"x"',
    b'{"answers": 5}',
    b'{"answers": null}',
    b"\xff\xfe",
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
def test_a_body_that_is_no_object_is_refused_in_json(body: bytes, web_office: Office, lead: Api) -> None:
    token = web_office.token(web_office.register().case_id, "Task_accept").token
    client = visitor(web_office).client
    for path in ("/cases", f"/tasks/{token}/complete"):
        for kind in ("application/json", "text/plain"):
            answer = client.post(
                f"/api/v1{path}",
                data=io.BytesIO(body),
                content_type=kind,
                headers={"Authorization": f"Bearer {lead.token}"},
                buffered=True,
            )
            assert answer.status_code in (400, 415, 422), (path, kind, answer.text)
            assert answer.get_json()["error"]["message"]


def test_errors_are_json_in_one_shape(lead: Api) -> None:
    for path in ("/nothing", f"/cases/{new_id()}", "/cases/5", "/tasks/zz", "/cases?after=x"):
        answer = lead.get(path)
        assert answer.status_code in (404, 422), path
        error = answer.get_json()["error"]
        assert error["status"] == answer.status_code and error["message"] and "hint" in error
