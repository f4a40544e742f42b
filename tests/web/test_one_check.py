"""The check says the same wherever it is asked: command line, live check, overview, deployment by page and REST."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.builders import DIAGRAM, PASSWORD, SLUG, TENANT, Office, edited, pack_files
from tests.web.test_engine_rest import Modeler, basic
from tests.web.visitors import Visitor, visitor

from zuozhen.cli import cli
from zuozhen.model.errors import ZuozhenError
from zuozhen.packs import bundle
from zuozhen.services import accounts
from zuozhen.services.studio import camunda, workspace
from zuozhen.services.studio.checks import check_draft
from zuozhen.services.studio.folders import write_pack

REGISTER_FORM = f"forms/{SLUG}/register.json"
WANTED = {
    "group-unheld": "没有人在这个岗位",
    "field-unprinted": "“所属园区”（park）填了也印不出来",
    "form-new-unprinted": "提交后不会打印成文",
    "print-template-unused": "打印模板“registr”没有任何地方使用",
    "timer-nothing": "是0个工作日，一到这里就到期",
}
"""By code: what is said of each fault of :func:`faulty`."""


def faulty() -> dict[str, bytes]:
    """A pack with a limit of no days, a field and a form that are not printed, and a template that prints nothing."""
    files = pack_files()
    register: dict[str, Any] = json.loads(files[REGISTER_FORM])
    park = {"type": "textfield", "id": "Field_park", "key": "park", "label": "所属园区"}
    register["components"].append(park)
    files[REGISTER_FORM] = json.dumps(register, ensure_ascii=False, indent=2).encode()
    files[f"forms/{SLUG}/sifting.json"] = files[f"forms/{SLUG}/accept.json"]
    files[f"templates/print/{SLUG}/registr.html"] = b'{% extends "page.html" %}'
    files = edited(files, DIAGRAM, 'camunda:formRef="accept"', 'camunda:formRef="sifting"')
    return edited(files, DIAGRAM, "workdays(2)", "workdays(0)")


@pytest.fixture
def wang(web_office: Office) -> Visitor:
    web_office.account("wang", admin="system", groups=("lead_office",), password=PASSWORD)
    return visitor(web_office).sign_in(accounts.account_named(web_office.context, "wang"))


def said(text: str, sentences: Counter[str]) -> Counter[str]:
    """Return how often each of the sentences stands in a page or an output."""
    plain = unescape(re.sub(r"<[^>]+>", "", text))
    return Counter({sentence: plain.count(sentence) for sentence in sentences})


def test_five_places_say_the_same(
    web_office: Office, wang: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context, files = web_office.context, faulty()
    monkeypatch.setattr(camunda, "TIME_FOR_SCENARIOS", 0.0)
    account = accounts.account_named(context, "wang")
    found_account = accounts.account_of(context, TENANT, account.id, account.epoch)
    assert found_account is not None
    shown = workspace.fingerprint_of(context, TENANT)
    workspace.save_all(context, found_account[1], files, shown=shown, note="")
    # the live check is the measure of the others
    live = wang.client.post(
        "/studio/check", json={}, headers={"X-CSRFToken": wang.csrf()}, buffered=True
    ).json
    assert live is not None
    findings = live["findings"]
    sentences = Counter(finding["message"] for finding in findings)
    for code, words in WANTED.items():
        assert any(words in finding["message"] for finding in findings if finding["code"] == code), code
    assert all(finding["hint"] and finding["file"] for finding in findings)
    errors = sum(finding["severity"] == "error" for finding in findings)
    warnings = len(findings) - errors
    # overview and deployment page
    home = wang.get("/studio").text
    assert f"{errors} 处错误" in home and f"{warnings} 处提醒" in home
    assert said(home, sentences) == sentences
    deploy = wang.get("/studio/deploy").text
    assert f"{errors} 处错误" in deploy and f"{warnings} 处提醒" in deploy
    # REST
    answer = Modeler(visitor(web_office), basic("wang")).deploy(bundle(files), "pack.zip")
    assert answer.status_code == 400 and answer.json is not None
    details = answer.json["details"].values()
    told = [problem["message"] for found in details for each in found.values() for problem in each]
    assert len(told) == len(findings)
    assert said(answer.json["message"], sentences) == sentences
    # command line
    write_pack(files, SLUG, tmp_path)
    monkeypatch.setenv("ZUOZHEN_CONTENT", str(tmp_path))
    monkeypatch.setattr("zuozhen.cli.build_context", lambda *_args, **_options: context)
    output = CliRunner().invoke(cli, ["check", SLUG, "--accounts"]).output
    assert f"{SLUG}：{errors} 处错误，{warnings} 处提醒" in output
    assert said(output, sentences) == sentences and "不知道" not in output
    # without the installation it says what it could not know
    alone = CliRunner().invoke(cli, ["check", SLUG]).output
    assert "没有连同本系统核对" in alone and WANTED["group-unheld"] not in alone
    assert WANTED["field-unprinted"] in alone and WANTED["timer-nothing"] in alone
    assert len(check_draft(context, TENANT).findings) == len(findings)


def test_an_installation_without_accounts_says_that_it_could_not_know(
    web_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zuozhen.cli.build_context", lambda *_args, **_options: web_office.context)
    output = CliRunner().invoke(cli, ["check", SLUG, "--accounts"]).output
    assert "还没有这个地区的账号" in output and WANTED["group-unheld"] not in output
    unknown = CliRunner().invoke(cli, ["check", "nowhere", "--accounts"])
    assert isinstance(unknown.exception, ZuozhenError)  # said in Chinese by the program's entry
