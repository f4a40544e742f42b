"""Several people decide together: forms, routing, history, undo and migration around the engine's counting."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, flow, gateway, path, user
from tests.services import smallpack
from tests.services.smallpack import SLUG, case_process, task

from zuozhen.model.migration import Order
from zuozhen.services import correcting
from zuozhen.services.actors import Actor
from zuozhen.services.correcting import Grounds
from zuozhen.services.deployment import deploy
from zuozhen.services.history import staff_lines
from zuozhen.services.registration import Registered
from zuozhen.services.studio import migrating

ADMIN = Actor(smallpack.TENANT, "系统管理员", id=uuid4(), sees_all=True, admin=frozenset({"system"}))
GROUNDS = Grounds("一家已撤销", "李局长")
TAG = "bpmn:multiInstanceLoopCharacteristics"
OPTIONS = [{"label": "同意", "value": "agree"}, {"label": "不同意", "value": "refuse"}]
RADIO = {"type": "radio", "id": "Field_opinion", "key": "opinion", "label": "意见", "values": OPTIONS}
BALLOT = {
    "type": "default",
    "id": "Form_ballot",
    "schemaVersion": 19,
    "components": [RADIO],
    "properties": {"title": "会签单"},
}
VOTE = {"vote": "approved", "ballot": "opinion", "yes": "agree", "share": "50", "outcome": "joint"}


def files(*, vote: bool = True, last: str = "") -> dict[str, bytes]:
    """Return a pack in which three decide, and what comes out is one of two ways; without a vote there is one way.

    ``last``: a task between them and the gateway.
    """
    collected = '<bpmn:property id="said" name="said" />' if vote else ""
    output = "<bpmn:loopDataOutputRef>said</bpmn:loopDataOutputRef>" if vote else ""
    item = '<bpmn:outputDataItem name="opinion" />' if vote else ""
    three = f"<bpmn:loopCardinality>3</bpmn:loopCardinality>{output}{item}"
    many = user(
        "ask",
        form="ballot",
        group="office",
        body=f"{collected}<{TAG}>{three}</{TAG}>",
        **(VOTE if vote else {}),
    )
    between = [task(last)] if last else []
    way = ["ask", *([last] if last else [])]
    if vote:
        nodes = [gateway("exclusive", "x", default="x_failed"), task("passed"), task("failed")]
        flows = [path("s", *way, "x"), flow("x", "passed", 'joint = "yes"'), flow("x", "failed")]
        flows += [path("passed", "e"), path("failed", "e")]
    else:
        nodes, flows = [], [path("s", *way, "e")]
    drawn = case_process(many, *between, *nodes, end(), *flows)
    return {
        **smallpack.pack(drawn),
        f"forms/{SLUG}/ballot.json": json.dumps(BALLOT, ensure_ascii=False).encode(),
    }


def opened(office: Office) -> UUID:
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    return outcome.case_id


def vote(office: Office, case_id: UUID, *opinions: str) -> None:
    for opinion in opinions:
        office.submit(case_id, "ask", {"opinion": opinion})


def told(office: Office, case_id: UUID) -> tuple[str, ...]:
    return staff_lines(office.events(case_id))[-1].details


def test_three_vote_and_the_record_tells_how(make_office: OfficeMaker) -> None:
    """Refuse, refuse, agree: not passed; the list holds what they said although nobody else reads the field."""
    office = make_office(files=files())
    case_id = opened(office)
    vote(office, case_id, "refuse", "refuse", "agree")
    assert office.open_tasks(case_id) == ["failed"]
    assert "“ask号”：同意 1，不同意 2，未办 0 → 不通过" in told(office, case_id)
    assert office.case(case_id).variables["said"] == ["refuse", "refuse", "agree"]

    correcting.undo(office.context, ADMIN, case_id, GROUNDS, seq=office.events(case_id)[-1].seq)
    vote(office, case_id, "")  # handed in without an opinion
    assert office.open_tasks(case_id) == ["failed"]
    assert "“ask号”：同意 0，不同意 2，未表态 1，未办 0 → 不通过" in told(office, case_id)

    other = opened(office)
    vote(office, other, "agree", "refuse")
    correcting.end_instance(office.context, ADMIN, other, office.token(other, "ask").token, GROUNDS)
    assert office.open_tasks(other) == ["passed"]
    assert "“ask号”：同意 1，不同意 1，未办 0 → 通过" in told(office, other)


@pytest.mark.parametrize(("answer", "goes_to"), [("yes", "passed"), ("no", "failed")])
def test_a_vote_of_an_older_version_is_asked_for(make_office: OfficeMaker, answer: str, goes_to: str) -> None:
    """Nobody counted then; the field that is only collected is no question."""
    office = make_office(files=files(vote=False, last="next"))
    case_id = opened(office)
    vote(office, case_id, "agree", "agree", "agree")
    deploy(office.context, files(last="next"))
    found = migrating.preview(office.context, smallpack.TENANT)
    assert [(one.name, one.label) for one in found.questions] == [("joint", "“ask号”的会签结果")]
    migrating.start(office.context, ADMIN, None, Order(values={"joint": answer}), "all", "")
    office.drain()
    office.submit(case_id, "next", {})
    assert office.open_tasks(case_id) == [goes_to]
