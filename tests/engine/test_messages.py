"""Messages between cases, acts by hand, and side effects through the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.engine.bpmn import Diagram
from tests.engine.play import T0, Play

from zuozhen.engine import load_diagram
from zuozhen.model.errors import Conflict, ContentError, EngineError
from zuozhen.model.step import Complete, Deliver

THROWN = {
    "zz:key": "clinic_key",
    "zz:payload": "clinic_date, place,missing",
    "zz:delivery": "all",
    "zz:ttl": "P7D",
}


def thrower(kind: str) -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.start()
    if kind == "send":
        process.message("throw", "unused", "坐诊通知")  # declares the message
        process.parts.clear()
        process.start()
        process.node("sendTask", "tell", messageRef=diagram.messages["坐诊通知"], props=THROWN)
    elif kind == "end":
        process.message("endEvent", "tell", "坐诊通知", props=THROWN)
    else:
        process.message("throw", "tell", "坐诊通知", props=THROWN)
    process.flow("start", "tell")
    if kind != "end":
        process.chain("tell", process.end())
    return diagram


@pytest.mark.parametrize("kind", ["throw", "end", "send"])
def test_throwing_copies_the_named_variables_into_the_outbox(kind: str) -> None:
    play = Play(
        thrower(kind), {"clinic_key": "2026-01-20", "clinic_date": "2026-01-20", "place": "三楼", "secret": 1}
    )
    (message,) = play.step.messages
    assert (message.name, message.key, message.delivery) == ("坐诊通知", "2026-01-20", "all")
    assert message.payload == {"clinic_date": "2026-01-20", "place": "三楼"}
    assert message.expires_at == T0 + timedelta(days=7)
    assert message.element_id == "tell" and len(message.token) == 32
    assert ("thrown", "tell") in play.log and play.step.ended


def test_throwing_without_key_value_is_an_incident() -> None:
    with pytest.raises(EngineError, match="关联键") as caught:
        Play(thrower("throw"))
    assert caught.value.element_id == "tell"


def test_defaults_of_a_thrown_message() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.message("throw", "tell", "到了"), process.end())
    (message,) = Play(diagram).step.messages
    assert (message.key, message.payload, message.delivery) == ("", {}, "one")
    assert message.expires_at == T0 + timedelta(days=90)


def test_bad_ttl_is_an_incident() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(
        process.start(), process.message("throw", "tell", "到了", props={"zz:ttl": "90天"}), process.end()
    )
    with pytest.raises(EngineError, match="有效期"):
        Play(diagram)


@pytest.mark.parametrize("tag", ["catch", "receiveTask"])
def test_waiting_for_a_message(tag: str) -> None:
    diagram = Diagram()
    process = diagram.process()
    process.message(
        "catch", "hear", "坐诊通知", props={"zz:key": "case_key"}, outputs={"day": "clinic_date"}, name="候诊"
    )
    if tag == "receiveTask":
        process.parts.clear()
        process.node(
            "receiveTask", "hear", messageRef=diagram.messages["坐诊通知"], props={"zz:key": "case_key"},
            outputs={"day": "clinic_date"}, name="候诊",
        )  # fmt: skip
    process.chain(process.start(), "hear", process.user("work"), process.end())
    play = Play(diagram, {"case_key": "XW-1"})
    wait = play.wait("hear")
    assert (wait.message, wait.key, wait.label, wait.trigger, wait.activity) == (
        "坐诊通知",
        "XW-1",
        "候诊",
        "",
        "",
    )
    play.got("hear", clinic_date="2026-01-20")
    assert play.task("work").variables == {
        "case_key": "XW-1",
        "clinic_date": "2026-01-20",
        "day": "2026-01-20",
    }
    assert play.log[0] == ("received", "hear") and play.step.closed == {wait.token: "fired"}


def acts() -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.end())
    process.message(
        "boundary", "extend", "", name="申请延期", camunda_formRef="extend", attachedToRef="work",
        cancelActivity="false", props={"zz:trigger": "staff"},
    )  # fmt: skip
    process.message("boundary", "withdraw", "撤回", attachedToRef="work", props={"zz:trigger": "enterprise"})
    process.chain("extend", process.user("review"), process.end("extended"))
    process.flow("withdraw", process.end("withdrawn"))
    return diagram


def test_an_act_by_hand_is_a_button_on_the_task() -> None:
    play = Play(acts())
    wait = play.wait("extend")
    assert (wait.trigger, wait.form_key, wait.label, wait.activity) == (
        "staff", "extend", "申请延期", play.task("work").token,
    )  # fmt: skip
    play.got("extend", extend_reason="材料不全")
    assert play.log[0] == ("acted", "extend") and play.open == ["review", "work"]
    assert play.task("review").variables == {"extend_reason": "材料不全"}
    assert play.task("work").variables == {}


def test_a_second_press_of_the_same_button_is_stale_but_a_new_one_works() -> None:
    play = Play(acts())
    first = play.wait("extend")
    play.got("extend")
    with pytest.raises(Conflict, match="已经办结或撤销"):
        play.send(Deliver(first.token))
    play.got("extend")
    assert play.open == ["review", "review", "work"]


def test_interrupting_act_takes_task_and_buttons_away_but_not_what_runs_besides() -> None:
    play = Play(acts())
    play.got("extend")
    task, button = play.task("work").token, play.wait("extend").token
    play.got("withdraw")
    assert play.open == ["review"] and play.waiting == []
    assert play.step.closed[task] == play.step.closed[button] == "cancelled"
    play.done("review")
    assert play.ended == "extended"


def test_completing_a_task_by_deliver_or_a_wait_by_complete_is_refused() -> None:
    play = Play(acts())
    task, wait = play.task("work").token, play.wait("extend").token
    with pytest.raises(Conflict):
        play.send(Deliver(task))
    with pytest.raises(Conflict, match="不是待办任务"):
        play.send(Complete(wait))


def test_external_tasks_become_actions_and_the_case_goes_on() -> None:
    diagram = Diagram()
    process = diagram.process()
    extra = {"camunda_type": "external", "name": "通知企业"}
    notify = process.node(
        "serviceTask",
        "n",
        props={"zz:template": "accepted", "zz:to": "enterprise"},
        camunda_topic="notify",
        **extra,
    )
    archive = process.node("sendTask", "a", camunda_topic="archive", **extra)
    process.chain(process.start(), notify, archive, process.end())
    play = Play(diagram, {"title": "关于用地"})
    first, second = play.step.actions
    assert (first.topic, first.element_id, first.name) == ("notify", "n", "通知企业")
    assert first.properties == {"zz:template": "accepted", "zz:to": "enterprise"}
    assert first.variables == {"title": "关于用地"}
    assert second.topic == "archive" and first.token != second.token
    assert play.ended == "end"


@pytest.mark.parametrize(
    "props", [{}, {"zz:activity": "work"}, {"zz:until": "day"}, {"zz:activity": "x", "zz:until": "day"}]
)
def test_incomplete_retime_task_is_refused(props: dict[str, str]) -> None:
    diagram = Diagram()
    process = diagram.process()
    move = process.node("serviceTask", "move", props=props, camunda_type="external", camunda_topic="retime")
    process.chain(process.start(), process.user("work"), move, process.end())
    with pytest.raises(ContentError, match="zz:activity"):
        load_diagram(diagram.xml())


def test_catch_without_message_is_refused() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.message("catch", "hear", ""), process.end())
    with pytest.raises(ContentError, match="没有消息"):
        load_diagram(diagram.xml())
