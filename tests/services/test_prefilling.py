"""What a form begins with when the case has been here before: repeated replies, instances, variables written since."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, flow, gateway, outputs, path, start, sub_process, user
from tests.services.smallpack import SLUG, case_process, form, pack

from zuozhen import feel
from zuozhen.services.actors import Actor
from zuozhen.services.correcting.grounds import Grounds
from zuozhen.services.correcting.undoing import undo
from zuozhen.services.facts import Needs, facts_of
from zuozhen.services.registration import Registered, register
from zuozhen.services.tasks import Done, as_formdata, open_task, submit
from zuozhen.store.database import count_statements

pytestmark = pytest.mark.paper

LISTED = (
    '<bpmn:multiInstanceLoopCharacteristics camunda:collection="=units" camunda:elementVariable="unit" />'
)
REPLY = form("reply", ("textfield", "unit"), ("textfield", "joint_reply"), ("textfield", "choice"))
ASK = form("ask", ("textfield", "question"), ("textfield", "joint_reply"))
DECIDE = form("decide", ("textfield", "again"), ("textfield", "note"))


def kept(source: bytes) -> bytes:
    """Return a form that keeps its own answers."""
    table = json.loads(source)
    table["properties"]["prefill"] = "keep"
    return json.dumps(table).encode()


def looping(reply: bytes = REPLY, decide_outputs: str = "") -> dict[str, bytes]:
    """A reply, then a decision that may lead back to it; ``choice`` is read by the diagram."""
    case = case_process(
        user("reply", form="reply", group="office"),
        user("decide", form="decide", group="office", inner=decide_outputs),
        gateway("exclusive", "which", default="which_e"),
        end(),
        path("s", "reply", "decide", "which"),
        flow("which", "reply", 'again = "yes" or choice = "never"'),
        flow("which", "e"),
    )
    files = pack(case)
    return {**files, f"forms/{SLUG}/reply.json": reply, f"forms/{SLUG}/decide.json": DECIDE}


def started(office: Office) -> UUID:
    lead = office.member("office")
    outcome = register(office.context, lead, as_formdata({"enterprise": "甲"}), channel="window")
    assert isinstance(outcome, Registered)
    return outcome.case_id


def begins_with(office: Office, token: str, group: str = "office") -> dict[str, Any]:
    view = open_task(office.context, office.member(group), token)
    assert view.bound is not None
    return {key: value for key, value in view.bound.answers.items() if value is not None}


def again(office: Office) -> dict[str, Any]:
    """Reply, decide that it has to be done again, and tell what the second reply begins with."""
    case_id = started(office)
    office.submit(case_id, "reply", {"joint_reply": "办好了", "choice": "done"})
    office.submit(case_id, "decide", {"again": "yes"})
    return begins_with(office, office.token(case_id, "reply").token)


def test_a_repeated_reply_is_a_new_one(make_office: OfficeMaker) -> None:
    assert again(make_office(files=looping())) == {}


def test_a_form_that_keeps_begins_with_what_was_handed_in(make_office: OfficeMaker) -> None:
    office = make_office(files=looping(kept(REPLY)))
    assert again(office) == {"joint_reply": "办好了", "choice": "done"}


def test_what_the_diagram_wrote_since_is_newer_than_any_answer(make_office: OfficeMaker) -> None:
    for source in (REPLY, kept(REPLY)):
        office = make_office(files=looping(source, outputs(choice='"redo"')))
        assert again(office)["choice"] == "redo"
        office = make_office(files=looping(source, outputs(choice='"done"')))
        assert again(office)["choice"] == "done"  # the same value, but written by the diagram
    office = make_office(files=looping(kept(REPLY), outputs(choice="null")))
    assert again(office) == {"joint_reply": "办好了"}


def instances(sequential: bool) -> dict[str, bytes]:
    """Each unit is asked and then answers, in a sub-process of its own; the diagram reads ``choice``."""
    listed = LISTED.replace(" camunda", f' isSequential="{str(sequential).lower()}" camunda', 1)
    sub = sub_process(
        "each",
        start("s1"),
        user("ask", form="ask", group="office"),
        user("answer", form="reply", group="office", inner=outputs(seen="choice")),
        end("e1"),
        path("s1", "ask", "answer", "e1"),
        listed,
    )
    case = case_process(
        user("first", form="step", group="office", inner=outputs(units='["a", "b"]')),
        sub,
        gateway("exclusive", "which", default="which_e"),
        end(),
        path("s", "first", "each", "which"),
        flow("which", "first", "count(units) = 0"),
        flow("which", "e"),
    )
    return {**pack(case), f"forms/{SLUG}/reply.json": REPLY, f"forms/{SLUG}/ask.json": ASK}


def test_an_instance_knows_its_own_answers_and_no_others(make_office: OfficeMaker) -> None:
    office = make_office(files=instances(sequential=False))
    case_id = started(office)
    office.submit(case_id, "first", {})
    tokens = {t.variables["unit"]: t.token for t in office.tokens(case_id)}
    _hand_in(office, tokens["a"], {"question": "多少？", "joint_reply": "甲的问题"})
    _hand_in(office, tokens["b"], {"question": "何时？", "joint_reply": "乙的问题"})
    tokens = {t.variables["unit"]: t.token for t in office.tokens(case_id)}
    assert begins_with(office, tokens["a"]) == {"unit": "a", "joint_reply": "甲的问题"}
    assert begins_with(office, tokens["b"]) == {"unit": "b", "joint_reply": "乙的问题"}


def test_the_next_of_several_in_turn_begins_blank(make_office: OfficeMaker) -> None:
    office = make_office(files=instances(sequential=True))
    case_id = started(office)
    office.submit(case_id, "first", {})
    office.submit(case_id, "ask", {"joint_reply": "甲的问题"})
    office.submit(case_id, "answer", {"unit": "a", "joint_reply": "甲的答复", "choice": "done"})
    assert begins_with(office, office.token(case_id, "ask").token) == {}
    office.submit(case_id, "ask", {"question": "何时？"})
    assert begins_with(office, office.token(case_id, "answer").token) == {"unit": "b"}


def _hand_in(office: Office, token: str, answers: dict[str, Any]) -> None:
    assert isinstance(submit(office.context, office.member("office"), token, as_formdata(answers)), Done)


# ---------------------------------------------------------------- all hand-ins


def test_every_hand_in_of_a_form_can_be_read_and_costs_only_who_reads_it(make_office: OfficeMaker) -> None:
    office = make_office(files=looping())
    case_id = started(office)
    for reply, more in (("一", "yes"), ("二", "no")):
        office.submit(case_id, "reply", {"joint_reply": reply})
        office.submit(case_id, "decide", {"again": more})
    case = office.case(case_id)
    wanted = feel.compile_expression('string join(all.reply.joint_reply, "；")')
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, case, needs=Needs.of([wanted]))
        assert wanted.evaluate(facts, None) == "一；二"
        assert facts["all"]["reply"][1]["_by"] == "office人员"
        assert facts["all"]["reply"][0]["_at"] == "2026-08-31T09:00"
    costs = []
    for needs in (Needs.of([feel.compile_expression("reply.joint_reply")]), Needs.of([wanted])):
        with count_statements(office.context.database) as counts, office.context.database.read() as session:
            facts_of(office.context, session, case, needs=needs)
        costs.append(len(counts.statements))
    assert costs[1] == costs[0] + 1


def test_what_was_undone_was_never_handed_in(make_office: OfficeMaker) -> None:
    office = make_office(files=looping())
    case_id = started(office)
    office.submit(case_id, "reply", {"joint_reply": "错"})
    manager = Actor(office.tenant, "管", admin=frozenset({"system"}))
    undo(office.context, manager, case_id, Grounds("填错", "李主任"), seq=office.case(case_id).seq)
    office.submit(case_id, "reply", {"joint_reply": "对"})
    with office.context.database.read() as session:
        facts = facts_of(office.context, session, office.case(case_id), needs=Needs(every=True))
    assert [one["joint_reply"] for one in facts["all"]["reply"]] == ["对"]


# ---------------------------------------------------------------- paper

PAPER = (
    b'{% extends "page.html" %}{% block body %}<p>{{ d.joint_reply }}|{{ meta.facts.reply.joint_reply }}|'
    b"{{ meta.facts.text.reply.joint_reply }}|{% for one in meta.facts.all.reply %}{{ one.joint_reply }}"
    b"{{ one._by|length }}{% endfor %}</p>{% endblock %}"
)


def papers(office: Office, case_id: UUID) -> list[str]:
    """Return the text of each paper of the case, in the order of printing."""
    texts = []
    for row in office.documents(case_id, "form"):
        pdf = pypdfium2.PdfDocument(io.BytesIO(office.context.blobs.get(row.sha256)))
        texts.append(pdf[0].get_textpage().get_text_bounded().strip())
    return texts


def test_each_paper_prints_its_own_hand_in(make_office: OfficeMaker) -> None:
    office = make_office(files={**looping(), f"templates/print/{SLUG}/reply.html": PAPER})
    case_id = started(office)
    office.submit(case_id, "reply", {"joint_reply": "A"})
    office.submit(case_id, "decide", {"again": "yes"})
    office.submit(case_id, "reply", {"joint_reply": "B"})
    office.drain()
    assert sorted(papers(office, case_id)) == ["A|A|A|A8B8", "B|B|B|A8B8"]


def test_a_hand_in_that_was_undone_before_it_was_printed_has_its_own_paper(make_office: OfficeMaker) -> None:
    office = make_office(files={**looping(), f"templates/print/{SLUG}/reply.html": PAPER})
    case_id = started(office)
    office.submit(case_id, "reply", {"joint_reply": "A"})
    manager = Actor(office.tenant, "管", admin=frozenset({"system"}))
    undo(office.context, manager, case_id, Grounds("填错", "李主任"), seq=office.case(case_id).seq)
    office.drain()
    assert papers(office, case_id) == ["A|A|A|"]
