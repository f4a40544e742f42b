"""A submission belongs to the release it was made on: page, dossier, print and register show it so for ever."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, path, user
from tests.services import smallpack
from tests.services.smallpack import DIAGRAM, SLUG, case_process, form, task
from tests.services.test_scenarios import text_of

from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.caseviews import case_view
from zuozhen.services.deployment import deploy
from zuozhen.services.prints import print_submission
from zuozhen.services.registration import Registered
from zuozhen.services.studio import migrating
from zuozhen.store.tables import Job

ADMIN = Actor(smallpack.TENANT, "系统管理员", id=uuid4(), sees_all=True, admin=frozenset({"system"}))
STEP = f"forms/{SLUG}/step.json"
TEMPLATE = f"templates/print/{SLUG}/step.html"
STRAIGHT = case_process(task("a"), task("b"), end(), path("s", "a", "b", "e"))


def step_form(note: str, first: str, *others: tuple[str, str]) -> bytes:
    """Write the form of a step: a text labelled ``note``, a choice whose first option is called ``first``, ``others``."""
    content = json.loads(form("step", ("textfield", "note"), *others))
    content["components"][0]["label"] = note
    options = [{"label": first, "value": "good"}, {"label": "不满意", "value": "bad"}]
    choice = {"type": "radio", "id": "Field_rating", "key": "rating", "label": "评价", "values": options}
    content["components"].append(choice)
    return json.dumps(content, ensure_ascii=False).encode()


def template(title: str) -> bytes:
    return (
        f"<h1>{title}</h1><p>{{{{ t.note }}}}</p><p>{{{{ t.rating }}}}</p><p>{{{{ t.amount }}}}</p>".encode()
    )


OLD: Mapping[str, bytes] = {
    **smallpack.pack(STRAIGHT),
    STEP: step_form("办理情况", "满意", ("number", "amount")),
    TEMPLATE: template("办理单"),
}
NEW: Mapping[str, bytes] = {
    **smallpack.pack(STRAIGHT),
    STEP: step_form("处理意见", "非常满意", ("textfield", "extra")),
    TEMPLATE: template("处理单"),
}
ANSWERS = {"note": "已经协调", "amount": "12", "rating": "good"}


@pytest.fixture
def moved(make_office: OfficeMaker) -> tuple[Office, UUID]:
    """Return a case that handed in its first step by the old form and stands at the second by the new one."""
    office = make_office(files=OLD)
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    office.submit(outcome.case_id, "a", ANSWERS)
    deploy(office.context, NEW)
    migrating.start(office.context, ADMIN, None, Order(), "all", "")
    office.drain()
    assert office.events(outcome.case_id)[-1].kind == "migrated"
    return office, outcome.case_id


def test_the_case_page_shows_it_with_its_own_labels_and_options(moved: tuple[Office, UUID]) -> None:
    office, case_id = moved
    filled = {each.key: dict(each.fields) for each in case_view(office.context, ADMIN, case_id).forms}
    assert filled["step"] == {"办理情况": "已经协调", "填写amount": "12", "评价": "满意"}
    office.submit(case_id, "b", {"note": "已办结", "extra": "回访", "rating": "good"})
    filled = {each.key: dict(each.fields) for each in case_view(office.context, ADMIN, case_id).forms}
    assert filled["step"] == {"处理意见": "已办结", "填写extra": "回访", "评价": "非常满意"}


def test_its_paper_is_that_of_its_release_whenever_it_is_made(moved: tuple[Office, UUID]) -> None:
    office, case_id = moved
    handed_in = next(event for event in office.events(case_id) if event.payload.get("form") == "step")
    job = Job(
        tenant=office.tenant,
        id=uuid4(),
        case_id=case_id,
        payload={"form": "step", "seq": handed_in.seq},
    )
    print_submission(office.context, job)
    (document,) = office.documents(case_id, "form")
    text = text_of(office.context.blobs.get(document.sha256))
    assert document.meta["release"] == 1
    assert "办理单" in text and "满意" in text and "12" in text
    assert "处理单" not in text and "非常满意" not in text


def test_a_dossier_made_after_a_migration_keeps_every_form_as_it_was(moved: tuple[Office, UUID]) -> None:
    office, case_id = moved
    office.paper = True
    office.submit(case_id, "b", {"note": "已办结", "extra": "回访", "rating": "bad"})
    office.drain()
    (dossier,) = office.documents(case_id, "dossier")
    with zipfile.ZipFile(io.BytesIO(office.context.blobs.get(dossier.sha256))) as parts:
        text = "".join(text_of(parts.read(name)) for name in parts.namelist() if name.endswith(".pdf"))
    assert "办理单" in text and "处理单" in text


def test_a_form_that_is_gone_is_still_read_where_it_was_handed_in(moved: tuple[Office, UUID]) -> None:
    office, case_id = moved
    other = case_process(user("a", form="other", group="office"), task("b"), end(), path("s", "a", "b", "e"))
    files = {**smallpack.pack(other), f"forms/{SLUG}/other.json": form("other", ("textfield", "note"))}
    gone = {**files, DIAGRAM: files[DIAGRAM].replace(b'"step"', b'"other"')}
    del gone[STEP]
    deploy(office.context, gone)
    migrating.start(office.context, ADMIN, None, Order(), "all", "")
    office.drain()
    assert office.case(case_id).release_id != office.events(case_id)[0].payload.get("release")
    filled = {each.key: dict(each.fields) for each in case_view(office.context, ADMIN, case_id).forms}
    assert filled["step"] == {"办理情况": "已经协调", "填写amount": "12", "评价": "满意"}
