"""What the diagram words itself: letters to several, documents and reports kept with the case."""

from __future__ import annotations

import json
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
from tests.builders import Office, edited
from tests.conftest import OfficeMaker
from tests.engine_lint.build import document, end, message, node, path, process, service, throw, user
from tests.services.severalpack import TENANT, several
from tests.services.smallpack import DIAGRAM, SLUG, begin

from zuozhen.formjs import CONCEALED
from zuozhen.services import outbox
from zuozhen.services.actors import Actor
from zuozhen.services.checking import check_files
from zuozhen.services.registration import Registered, register
from zuozhen.services.scenarios import load_scenarios
from zuozhen.services.tasks import as_formdata
from zuozhen.services.walking import Walker
from zuozhen.store.tables import Job

MESSAGE = b"{{ case.title }} to tell\n{{ data.register.secret }}|{{ register.secret }}|{{ variables.note }}|{{ link }}"
LETTER = (
    b'{% extends "page.html" %}{% block body %}<h1>{{ meta.title }}</h1>'
    b"<p>{{ d.register.enterprise }} {{ d.register.secret }} {{ d.variables.note }}</p>{% endblock %}"
)
REPORT = """
[[report]]
key = "monthly"
title = "月报"
period = "month"
figures = [{key = "all", label = "件数"}]
"""
LEAD = Actor(TENANT, "专班", groups=frozenset({"office"}), sees_all=True)


def files(to: str = '=if amount = 2 then ["gongxin", "office"] else "zhen"') -> dict[str, bytes]:
    """Return a pack that tells several, makes a letter and a report, and starts a follow-up by message."""
    case = process(
        begin("register"),
        user("working", form="step", group="office"),
        service("told", "notify", template="told", to=to),
        service("warned", "notify", template="told", to="enterprise, gongxin"),
        service("lettered", "document", template="urge", title='="催办函（" + case.number + "）"'),
        service("reported", "report", report="monthly"),
        throw("asks", message("m"), key="case_key", payload="note", clause="三（一）"),
        user("last", form="step", group="office"),
        end(),
        path("s", "working", "told", "warned", "lettered", "reported", "asks", "last", "e"),
        id_="case",
    )
    follow = process(
        node("startEvent", "fs", body=message("m"), clause="三（一）"),
        user("talk", form="step", group="gongxin"),
        end("fe"),
        path("fs", "talk", "fe"),
        id_="forum",
    )
    pack = several()
    others = [
        process(
            begin("plan", "cs"),
            user("held", form="step", group="office"),
            end("ce"),
            path("cs", "held", "ce"),
            id_="clinic",
        ),
        process(
            begin("complaint", "ps"),
            user("judging", form="step", group="judge"),
            end("pe"),
            path("ps", "judging", "pe"),
            id_="complaint",
        ),
    ]
    manifest = pack[f"processes/{SLUG}/pack.toml"].decode()
    return {
        **pack,
        f"processes/{SLUG}/pack.toml": (manifest.split("[procedure.case]")[0] + REPORT).encode(),
        DIAGRAM: document('<bpmn:message id="m" name="跟进" />', case, *others, follow),
        f"templates/message/{SLUG}/told.txt": MESSAGE,
        f"templates/print/{SLUG}/urge.html": LETTER,
    }


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=files())


def begun(office: Office, **answers: object) -> UUID:
    actor = Actor(TENANT, "企业", groups=frozenset({"enterprise"}))
    known = {"enterprise": "甲公司", "title": "用电", **answers}
    outcome = register(office.context, actor, as_formdata(known), channel="window")
    assert isinstance(outcome, Registered)
    return outcome.case_id


def test_the_pack_of_these_tests_is_free_of_findings() -> None:
    assert [str(finding) for finding in check_files(files())] == []


def test_a_letter_goes_to_each_of_several_once(office: Office) -> None:
    case_id = begun(office)
    office.submit(case_id, "working", {"note": "请尽快", "amount": 2}, by=LEAD)
    jobs = office.jobs("notify")
    office.drain()
    assert sorted(letter.recipient for letter in office.letters(case_id)) == [
        "enterprise", "gongxin", "gongxin", "office",
    ]  # fmt: skip
    for job in jobs:  # carried out again after a crash: nobody is told twice
        outbox.EFFECTS["notify"](office.context, job)
    assert len(office.letters(case_id)) == 4
    assert {letter.body.split("|")[2] for letter in office.letters(case_id)} == {"请尽快"}


def test_an_unknown_recipient_is_an_error_and_not_a_lost_letter(make_office: OfficeMaker) -> None:
    office = make_office(files=files("=register.title"))
    case_id = begun(office, title="没有的单位")
    office.submit(case_id, "working", {"note": "请尽快", "amount": 1}, by=LEAD)
    office.drain()
    told = next(job for job in office.jobs("notify"))
    assert told.error is not None
    assert "没有的单位" in told.error


def test_a_secret_is_told_to_those_only_who_work_on_the_case(office: Office) -> None:
    case_id = begun(office, secret="配方", confidential=True)
    office.submit(case_id, "working", {"note": "请尽快", "amount": 2}, by=LEAD)
    office.drain()
    told = {
        (letter.recipient, letter.body.split("|")[0], letter.body.split("|")[1])
        for letter in office.letters(case_id)
    }
    assert told == {
        ("enterprise", "配方", "配方"),
        ("office", "配方", "配方"),
        ("gongxin", CONCEALED, CONCEALED),
    }


@pytest.mark.paper
def test_letters_and_reports_are_kept_with_the_case(office: Office) -> None:
    case_id = begun(office, secret="配方", confidential=True)
    office.submit(case_id, "working", {"note": "请尽快", "amount": 2}, by=LEAD)
    office.drain()
    kept = {document.kind: document for document in office.documents(case_id)}
    assert kept["document"].title == "催办函（SF2026-0001）"
    assert kept["document"].form_key == "urge"
    assert kept["report"].title.startswith("月报")
    pdf = office.context.blobs.get(kept["document"].sha256)
    with pikepdf.open(__import__("io").BytesIO(pdf)) as read:
        attached = json.loads(read.attachments["data.json"].get_file().read_bytes())
    assert attached["data"] == {}
    assert "配方" not in json.dumps(attached, ensure_ascii=False)


@pytest.mark.paper
@pytest.mark.parametrize(("period", "label"), [("last", "2026年7月"), ("current", "2026年8月")])
def test_a_report_is_of_the_period_that_the_diagram_asks_for(
    make_office: OfficeMaker, period: str, label: str
) -> None:
    changed = edited(
        files(),
        DIAGRAM,
        '<camunda:property name="zz:report" value="monthly" />',
        f'<camunda:property name="zz:report" value="monthly" /><camunda:property name="zz:period" value="{period}" />',
    )
    office = make_office(files=changed)
    case_id = begun(office)
    office.pass_to("2026-10-05 09:00")  # the beginning of the case counts, not the day of making
    office.submit(case_id, "working", {"note": "请尽快", "amount": 2}, by=LEAD)
    office.drain()
    made = next(document for document in office.documents(case_id, "report"))
    text = pypdfium2.PdfDocument(office.context.blobs.get(made.sha256))[0].get_textpage().get_text_range()
    assert label in "".join(text.split())


def test_a_message_starts_the_procedure_that_waits_for_it_at_its_start(office: Office) -> None:
    case_id = begun(office)
    office.submit(case_id, "working", {"note": "请尽快", "amount": 1}, by=LEAD)
    office.drain()
    started = office.case_of("forum", "open")
    assert started is not None
    assert office.case(started).variables["note"] == "请尽快"
    for job in office.jobs_done("send"):
        outbox.EFFECTS["send"](office.context, job)
    office.drain()
    with office.context.database.read() as session:
        from sqlalchemy import func, select

        from zuozhen.store.tables import Case

        assert session.scalar(select(func.count()).where(Case.process_id == "forum")) == 1


STORY = """
[[scenario]]
name = "发函"
start = 2026-08-31T09:00:00
[[scenario.step]]
at = 2026-08-31T09:00:00
register = {enterprise = "甲公司", title = "用电"}
[[scenario.step]]
at = 2026-08-31T10:00:00
task = "working"
answers = {note = "请尽快", amount = 2}
expect = {open = ["last"], documents = ["urge", "monthly"], notices = ["told"], data = {"step.note" = "请尽快", "register.title" = "用水"}}
[[scenario.step]]
at = 2026-08-31T11:00:00
start = "ps"
process = "complaint"
case = "complaint"
answers = {about = "态度"}
expect = {open = ["judging"]}
"""


def test_a_story_checks_answers_documents_and_any_procedure(office: Office) -> None:
    (story,) = load_scenarios(STORY.encode(), "scenarios.toml")
    walker = Walker(office.context, office.clock, TENANT, lambda _line: None, paper=False)
    assert walker.play(story).differences == [
        "第 2 步 办理“working号”：“register.title”应为“用水”，实为“用电”"
    ]
    assert {job.kind for job in office.jobs() if isinstance(job, Job)} == {"document", "report"}
