"""A unit that goes, on the page of deployment, in the import, on the command line and through ``/engine-rest``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.builders import ACCEPT, ASSIGN, PASSWORD, TENANT, Office, pack_files
from tests.packs.test_units import MANIFEST, ROW, files
from tests.services.unitpack import ONE, TODAY
from tests.web.test_engine_rest import Modeler, basic
from tests.web.test_studio_releases import SCENARIOS, draft, hidden, upload
from tests.web.visitors import Visitor, staff, visitor

from zuozhen.cli import cli
from zuozhen.packs import bundle
from zuozhen.services import accounts
from zuozhen.services.actors import Actor
from zuozhen.services.studio.versions import versions

DROPPED = {**pack_files(), MANIFEST: pack_files()[MANIFEST].decode().replace(f"[[unit]]\n{ROW}", "").encode()}
MAPPED = files(ONE, begins=TODAY)
REASON = re.compile(r'name="(reason-[^"]+)"')
REFUSAL = "它还在用：1 项在办任务、1 件在办件的填报"


@pytest.fixture
def wang(web_office: Office) -> Visitor:
    web_office.account("zhang", unit="ziran")
    registered = web_office.register()
    web_office.submit(registered.case_id, "Task_accept", ACCEPT)
    web_office.submit(registered.case_id, "Task_assign", ASSIGN)
    return staff(web_office, "wang", admin="system")


@pytest.fixture
def actor(web_office: Office, wang: Visitor) -> Actor:
    account = accounts.account_named(web_office.context, "wang")
    found = accounts.account_of(web_office.context, TENANT, account.id, account.epoch)
    assert found is not None
    return found[1]


def packed(files: dict[str, bytes]) -> bytes:
    return bundle({path: content for path, content in files.items() if path != SCENARIOS})


def grp(office: Office) -> str:
    case_id = office.case_of("case", "open")
    assert case_id is not None
    return office.token(case_id, "Task_contact").grp


def test_the_page_refuses_and_maps(web_office: Office, wang: Visitor, actor: Actor) -> None:
    draft(web_office, actor, DROPPED)
    page = wang.get("/studio/deploy").text
    assert REFUSAL in page and "successor = &#34;承接单位的 id&#34;" in page and "disabled>部署为" in page
    refused = wang.post("/studio/deploy", {**hidden(wang), "note": "机构改革"})
    assert REFUSAL in refused.text and len(versions(web_office.context, TENANT)) == 1

    draft(web_office, actor, MAPPED)
    page = wang.get("/studio/deploy").text
    assert "1 项在办任务转由承接单位办理" in page and "市自然资源局 → 市规划局" in page
    assert "测试zhang转入“市规划局”" in page
    reasons = dict.fromkeys(REASON.findall(page), "人员随后到位")
    done = wang.post("/studio/deploy", {**hidden(wang), "note": "机构改革", **reasons})
    assert done.status_code == 302, done.text
    web_office.drain()
    assert grp(web_office) == "guihua"


def test_the_command_line_and_the_interface_refuse_and_map(
    web_office: Office, wang: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zuozhen.cli.build_context", lambda *_args, **_options: web_office.context)
    archive = tmp_path / "pack.zip"
    archive.write_bytes(packed(DROPPED))
    told = CliRunner().invoke(cli, ["deploy", str(archive), "--preview"])
    assert told.exit_code == 1 and REFUSAL in told.output
    refused = CliRunner().invoke(cli, ["deploy", str(archive), "--note", "机构改革"])
    assert refused.exit_code != 0 and "1 处错误" in str(refused.exception)

    web_office.account("deng", admin="system", password=PASSWORD)
    modeler = Modeler(visitor(web_office), basic("deng"))
    answer = modeler.deploy(packed(DROPPED), "pack.zip")
    assert answer.status_code == 400 and REFUSAL in str(answer.get_json())
    assert upload(wang, ("pack.zip", packed(DROPPED))).status_code == 302
    assert REFUSAL in wang.get("/studio/import").text

    archive.write_bytes(packed(MAPPED))
    told = CliRunner().invoke(cli, ["deploy", str(archive), "--preview"])
    assert told.exit_code == 0, told.output
    assert "由“市规划局”承接" in told.output and "市自然资源局 → 市规划局" in told.output
    assert grp(web_office) == "ziran" and len(versions(web_office.context, TENANT)) == 1
