"""Demonstration data and the first way in, for every jurisdiction of an installation."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select
from tests.builders import SLUG, TENANT, Office
from tests.conftest import OfficeMaker
from tests.services.townpack import FIRST, SECOND, town

from zuozhen.model.errors import ContentError, Invalid
from zuozhen.packs import Library
from zuozhen.services import accounts, demo
from zuozhen.services.deployment import deploy, deploy_missing
from zuozhen.store.tables import Account, Document

DEMO = """\
units = ["fagai"]
[[case]]
process = "clinic"
answers = {session = "{session}", note = "{day_3} {ago_2}"}
[[case]]
days_ago = 3
channel = "online"
[case.register]
enterprise = "甲一公司"
title = "关于用电的情况反映"
[[case.task]]
element = "dispatch"
answers = {note = "请办理"}
"""


def town_with(text: str) -> dict[str, bytes]:
    return {**town(FIRST, "甲县"), f"processes/{FIRST}-jia/demo.toml": text.encode()}


@pytest.fixture
def two(make_office: OfficeMaker) -> Office:
    office = make_office()
    deploy(office.context, town_with(DEMO))
    return office


def test_every_jurisdiction_gets_accounts_and_samples(two: Office) -> None:
    lines = list(demo.ensure_demo(two.context))
    text = "\n".join(lines)
    for word in (
        f"/login?at={SLUG}",
        f"/login?at={FIRST}-jia",
        "样例事项 月度坐诊",
        "关于用电的情况反映",
        "XW2026-0001",
    ):
        assert word in text, word
    assert accounts.staffed(two.context) == {TENANT, FIRST}
    found = re.search(r"甲县局长坐诊接诉 演示账号，密码都是 (\S+) ", text)
    assert found is not None
    entered = accounts.sign_in(two.context, "admin", found[1], tenant=FIRST)
    assert entered.tenant == FIRST
    planned = next(case for case in [two.case_of("clinic", "open")] if case)
    with two.context.database.read() as session:
        from zuozhen.store.tables import Case

        case = session.get(Case, (FIRST, planned))
    assert case is not None and case.business_key == "2026-09-20"
    assert case.data["plan"]["note"] == "2026-09-03 2026-08-29"
    assert "已有账号" in "".join(demo.ensure_demo(two.context))


def test_a_pack_may_limit_the_accounts_and_hand_in_sample_files(make_office: OfficeMaker) -> None:
    text = DEMO.replace('units = ["fagai"]', 'units = []\nroles = ["office"]')
    files = town_with(text.replace('element = "dispatch"', 'element = "dispatch"\nfiles = ["proof"]'))
    path = next(path for path in files if path.startswith("forms/") and path.endswith("/dispatch.json"))
    form = json.loads(files[path])
    form["components"].append({"type": "filepicker", "id": "Field_proof", "key": "proof", "label": "凭证"})
    office = make_office(files={**files, path: json.dumps(form).encode()})
    said = "\n".join(demo.ensure_demo(office.context))
    with office.context.database.read() as session:
        names = set(session.scalars(select(Account.username).where(Account.tenant == FIRST)))
        kept = session.scalars(select(Document.form_key).where(Document.kind == "attachment")).all()
    assert names == {"office", "admin"}, said
    assert len(kept) == 1


def test_a_jurisdiction_that_comes_later_gets_its_own(two: Office) -> None:
    list(demo.ensure_demo(two.context))
    deploy(two.context, town(SECOND, "乙市"))
    text = "".join(demo.ensure_demo(two.context))
    assert "乙市" in text and "甲县" not in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{ago_2}", "{nothing}", "不认识的 {nothing}"),
        ('element = "dispatch"', 'element = "rate"', "没有待办“rate”"),
        ('units = ["fagai"]', 'roles = ["boss"]', "没有岗位“boss”"),
    ],
)
def test_a_mistake_in_the_samples_is_named(make_office: OfficeMaker, old: str, new: str, words: str) -> None:
    office = make_office(files=town_with(DEMO.replace(old, new)))
    with pytest.raises(Exception, match=re.escape(words)):
        list(demo.ensure_demo(office.context))


def test_names_are_unique_within_a_jurisdiction_only(two: Office) -> None:
    accounts.create_account(two.context, FIRST, "wang", "王")
    accounts.create_account(two.context, TENANT, "wang", "王")
    with pytest.raises(Invalid, match="已被使用"):
        accounts.create_account(two.context, FIRST, "wang", "另一人")
    with pytest.raises(Invalid, match="几个地区都有"):
        accounts.account_named(two.context, "wang")
    assert accounts.account_named(two.context, f"wang@{FIRST}").tenant == FIRST


def test_one_broken_pack_does_not_stop_the_others(
    make_office: OfficeMaker, caplog: pytest.LogCaptureFixture
) -> None:
    office = make_office()
    good, broken = town(FIRST, "甲县"), town(SECOND, "乙市")
    root = office.settings.instance / "content"
    broken[f"processes/{SECOND}-yi/{SECOND}-yi.bpmn"] = b"<no diagram>"
    for path, content in {**good, **broken}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    done = deploy_missing(office.context, Library(root))
    assert [one.slug for one in done] == [f"{FIRST}-jia"]
    assert f"流程包 {SECOND}-yi 没有部署" in caplog.text
    with pytest.raises(ContentError):
        deploy_missing(office.context, Library(root), [f"{SECOND}-yi"])
