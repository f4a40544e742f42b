"""Gateways, roles, outputs, starts and the ways a case can get stuck."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.engine.bpmn import Diagram
from tests.engine.play import T0, Play

from zuozhen.engine import load_diagram
from zuozhen.model.errors import ContentError, EngineError
from zuozhen.model.step import Environment


def simple(**more: str) -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work", **more), process.end())
    return diagram


def test_a_task_opens_with_everything_the_tasklist_needs() -> None:
    diagram = Diagram()
    process = diagram.process()
    task = process.user(
        "work",
        name="核实情况",
        camunda_formRef="contact",
        camunda_assignee="zhang",
        props={"zz:stage": "对接"},
    )
    process.chain(process.start(), task, process.end())
    play = Play(diagram, {"a": 1})
    opened = play.task("work")
    assert (opened.name, opened.form_key, opened.group, opened.assignee) == (
        "核实情况",
        "contact",
        "office",
        "zhang",
    )
    assert (opened.entered_at, opened.due_at, opened.variables) == (T0, None, {"a": 1})
    assert opened.properties == {"zz:stage": "对接"}
    assert len(opened.token) == 32 and int(opened.token, 16)
    assert play.log == [("started", "start"), ("entered", "work")]
    play.done("work", b=2)
    assert play.ended == "end"
    assert play.step.variables == {"a": 1, "b": 2}
    assert play.log == [("completed", "work"), ("ended", "end")]
    assert play.step.closed == {opened.token: "completed"}


@pytest.mark.parametrize("written", ["=unit", "${unit}", "#{unit}"])
def test_role_is_evaluated_once_on_entry(written: str) -> None:
    play = Play(simple(camunda_candidateGroups=written), {"unit": "gongxin"})
    assert play.task("work").group == "gongxin"
    play.later(hours=1)
    assert play.task("work").group == "gongxin"


@pytest.mark.parametrize("unit", [None, "", ["a", "b"], {"a": 1}])
def test_role_that_is_not_one_text_is_an_incident_at_the_task(unit: object) -> None:
    with pytest.raises(EngineError, match="办理角色") as caught:
        Play(simple(camunda_candidateGroups="=unit"), {"unit": unit})
    assert caught.value.element_id == "work"


def test_several_literal_roles_are_refused() -> None:
    with pytest.raises(EngineError, match="只有一个"):
        Play(simple(camunda_candidateGroups="a,b"))


def choice(kind: str) -> Diagram:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway(kind, "choice", default="other"))
    for name, condition in (("one", "n > 1"), ("two", "n > 2"), ("three", "")):
        process.user(name)
        process.flow("choice", name, condition, "" if condition else "other")
        process.flow(name, process.end(f"end_{name}"))
    return diagram


@pytest.mark.parametrize(("n", "opened"), [(3, ["one"]), (2, ["one"]), (1, ["three"]), (None, ["three"])])
def test_exclusive_gateway_takes_the_first_flow_in_order(n: object, opened: list[str]) -> None:
    assert Play(choice("exclusive"), {"n": n}).open == opened


@pytest.mark.parametrize(("n", "opened"), [(3, ["one", "two"]), (2, ["one"]), (1, ["three"])])
def test_inclusive_gateway_takes_every_flow_that_holds(n: object, opened: list[str]) -> None:
    assert Play(choice("inclusive"), {"n": n}).open == opened


def test_condition_that_is_no_truth_value_is_an_incident() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "choice", default="other"))
    process.flow("choice", process.end("a"), "decision")
    process.flow("choice", process.end("b"), "", "other")
    with pytest.raises(EngineError, match="“是”或“否”") as caught:
        Play(diagram, {"decision": "accept"})
    assert caught.value.element_id == "choice"


def test_nothing_holds_and_no_default_is_an_incident() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "choice"))
    process.flow("choice", process.end("a"), "n = 1")
    process.flow("choice", process.end("b"), "n = 2")
    with pytest.raises(EngineError, match="都不成立") as caught:
        Play(diagram, {"n": 3})
    assert caught.value.element_id == "choice"


def joined_loop(kind: str) -> Diagram:
    """The joint handling that is done again until the enterprise is satisfied."""
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "again"), process.gateway(kind, "fork"))
    for name in ("a", "b", "c"):
        process.user(name)
        process.flow("fork", name, "true" if kind == "inclusive" else "")
    process.gateway(kind, "join")
    for name in ("a", "b", "c"):
        process.flow(name, "join")
    process.user("rate")
    process.gateway("exclusive", "satisfied", default="yes")
    process.chain("join", "rate", "satisfied")
    process.flow("satisfied", "again", "redo = true")
    process.flow("satisfied", process.end(), flow_id="yes")
    return diagram


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_join_in_a_loop_waits_for_all_branches_in_every_round(kind: str) -> None:
    play = Play(joined_loop(kind))
    for number in range(4):
        for name in ("b", "a", "c"):
            assert "rate" not in play.open
            play.done(name, **{name: number})
        assert play.open == ["rate"]
        assert {name: play.task("rate").variables[name] for name in "abc"} == dict.fromkeys("abc", number)
        play.done("rate", redo=number < 3)
    assert play.ended == "end"


def test_a_join_keeps_the_newest_write_not_the_last_branch() -> None:
    play = Play(joined_loop("parallel"), {"unit": "old", "list": [1]})
    play.done("a", unit="new", list=[1, 2])
    play.done("b", other=1)
    play.done("c")
    assert play.task("rate").variables["unit"] == "new"
    assert play.task("rate").variables["list"] == [1, 2]
    assert play.step.variables["other"] == 1


def test_parallel_branches_do_not_see_each_other_before_the_join() -> None:
    play = Play(joined_loop("parallel"))
    play.done("a", x=1)
    assert "x" not in play.task("b").variables
    assert play.step.variables["x"] == 1


def test_output_parameters_run_in_order_after_completion() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(
        process.start(),
        process.user("work", outputs={"total": "a + b", "double": "=total * 2", "day": 'date("2026-01-02")'}),
        process.user("next"),
        process.end(),
    )
    play = Play(diagram)
    play.done("work", a=1, b=2.5)
    assert play.task("next").variables == {"a": 1, "b": 2.5, "total": 3.5, "double": 7, "day": "2026-01-02"}


def test_plain_and_manual_tasks_are_passed_through() -> None:
    diagram = Diagram()
    process = diagram.process()
    nodes = [
        process.node("task", "drawn"),
        process.node("manualTask", "by_hand", props={"zz:public": "请等候"}),
    ]
    process.chain(process.start(), *nodes, process.end())
    play = Play(diagram)
    assert play.ended == "end"
    assert play.log == [("started", "start"), ("entered", "by_hand"), ("ended", "end")]


def several_starts() -> Diagram:
    diagram = Diagram()
    process = diagram.process("clinic")
    process.start("by_hand", camunda_formRef="plan")
    cycle = '<bpmn:timeCycle>recurrence("坐诊日")</bpmn:timeCycle>'
    process.start("monthly", f"<bpmn:timerEventDefinition>{cycle}</bpmn:timerEventDefinition>")
    process.message("startEvent", "called", "坐诊通知", props={"zz:key": "clinic_key"})
    process.user("plan")
    for begin in ("by_hand", "monthly", "called"):
        process.flow(begin, "plan")
    process.flow("plan", process.end())
    return diagram


def test_starts_are_described_for_the_worker() -> None:
    starts = load_diagram(several_starts().xml()).processes["clinic"].starts
    assert [
        (start.id, start.kind, start.rule, start.message, start.key, start.form_key) for start in starts
    ] == [
        ("by_hand", "none", "", "", "", "plan"),
        ("monthly", "timer", 'recurrence("坐诊日")', "", "", ""),
        ("called", "message", "", "坐诊通知", "clinic_key", ""),
    ]


@pytest.mark.parametrize("start_id", [None, "by_hand", "monthly", "called"])
def test_a_case_starts_at_one_start_event_only(start_id: str | None) -> None:
    play = Play(several_starts(), process="clinic", start_id=start_id)
    assert play.open == ["plan"]
    assert play.log[0] == ("started", start_id or "by_hand")


def test_unknown_start_or_process_is_refused() -> None:
    with pytest.raises(EngineError, match="没有开始事件"):
        Play(several_starts(), process="clinic", start_id="plan")
    with pytest.raises(EngineError, match="没有流程"):
        Play(several_starts(), process="case")


def test_loop_without_a_place_to_wait_is_stopped() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "round"), process.node("task", "a"), "round")
    with pytest.raises(EngineError, match="不停循环") as caught:
        Play(diagram)
    assert caught.value.element_id in ("round", "a")


def test_spinning_sub_process_is_stopped() -> None:
    diagram = Diagram()
    process = diagram.process()
    sub = process.sub("inner")
    sub.chain(sub.start("s"), sub.end("e"))
    process.chain(process.start(), process.gateway("exclusive", "round"), process.close(sub), "round")
    with pytest.raises(EngineError, match="不停循环"):
        Play(diagram)


def test_dead_end_is_an_incident_at_the_node() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"))
    play = Play(diagram)
    with pytest.raises(EngineError, match="无路可走") as caught:
        play.done("work")
    assert caught.value.element_id == "work"


def test_join_that_can_never_fire_is_an_incident_at_the_gateway() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "choice", default="left"))
    process.flow("choice", process.user("a"), flow_id="left")
    process.flow("choice", process.user("b"), "n = 1")
    process.chain("a", process.gateway("parallel", "join"), process.end())
    process.flow("b", "join")
    play = Play(diagram)
    with pytest.raises(EngineError, match="等不到其他分支") as caught:
        play.done("a")
    assert caught.value.element_id == "join"


def test_two_flows_from_a_task_are_parallel() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("work"), process.user("a"), process.end())
    process.chain("work", process.user("b"), "end")
    play = Play(diagram)
    play.done("work")
    assert play.open == ["a", "b"]


def test_elements_and_names_describe_the_drawing() -> None:
    diagram = Diagram()
    process = diagram.process()
    lane = '<bpmn:lane id="l1" name="承办单位"><bpmn:flowNodeRef>work</bpmn:flowNodeRef></bpmn:lane>'
    process.parts.append(f'<bpmn:laneSet id="l">{lane}</bpmn:laneSet>')
    process.chain(process.start(), process.user("work", camunda_candidateGroups="=lead_unit"), process.end())
    process.timer("boundary", "late", "workdays(limit)", attachedToRef="work", props={"zz:clause": "第三条"})
    process.flow("late", "end")
    loaded = load_diagram(diagram.xml())
    late, work = loaded.elements["late"], loaded.elements["work"]
    assert (late.kind, late.rule, late.attached_to, late.properties) == (
        "boundaryEvent", "workdays(limit)", "work", {"zz:clause": "第三条"},
    )  # fmt: skip
    assert (work.lane, work.group, work.process_id, work.scope) == ("承办单位", "=lead_unit", "case", "case")
    assert late.line > work.line > 1
    assert loaded.names == {"lead_unit", "limit"}
    assert len(loaded.sha256) == 64


@pytest.mark.parametrize(
    ("tag", "body", "said"),
    [
        ("scriptTask", "<bpmn:script>1</bpmn:script>", "脚本任务"),
        ("businessRuleTask", "", "业务规则任务"),
        ("transaction", "", "事务子流程"),
        ("adHocSubProcess", "", "即席子流程"),
        ("complexGateway", "", "复杂网关"),
        ("serviceTask", "", "没有主题"),
        ("intermediateCatchEvent", "", "等待什么"),
        ("intermediateCatchEvent", "<bpmn:signalEventDefinition/>", "signal"),
        ("intermediateThrowEvent", "<bpmn:linkEventDefinition/>", "link"),
        ("intermediateCatchEvent", "<bpmn:timerEventDefinition/>", "没有填写时间"),
        ("userTask", "<bpmn:standardLoopCharacteristics/>", "标准循环"),
        ("userTask", "<bpmn:multiInstanceLoopCharacteristics/>", "没有集合"),
        ("callActivity", "", "不在本文件中"),
    ],
)
def test_what_cannot_run_is_refused_with_element_and_line(tag: str, body: str, said: str) -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.node(tag, "bad", body), process.end())
    with pytest.raises(ContentError) as caught:
        load_diagram(diagram.xml())
    finding = caught.value.findings[0]
    assert said in finding.message and finding.element == "bad" and (finding.line or 0) > 3


def test_all_findings_come_at_once() -> None:
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.gateway("exclusive", "choice"), process.end("a"))
    process.flow("choice", process.end("b"), "n = = 2", "wrong")
    process.flow("choice", "nowhere", "true", "dangling")
    process.timer("boundary", "late", "1 +", attachedToRef="missing")
    with pytest.raises(ContentError) as caught:
        load_diagram(diagram.xml())
    assert {finding.element for finding in caught.value.findings} >= {"wrong", "dangling", "late"}
    assert all(finding.line for finding in caught.value.findings)


@pytest.mark.parametrize("change", [('id="case_f1" ', ""), ('id="work"', 'id="start"'), ('id="work"', "")])
def test_missing_and_double_ids_are_refused(change: tuple[str, str]) -> None:
    with pytest.raises(ContentError, match="编号"):
        load_diagram(simple().xml().decode().replace(*change).encode())


def test_environment_error_becomes_an_incident_with_the_element() -> None:
    diagram = simple()
    diagram.processes[0].timer("boundary", "late", "workdays(2)", attachedToRef="work")
    diagram.processes[0].flow("late", "end")

    class Broken(Play):
        @property
        def env(self) -> Environment:
            def fail(_at: object, _note: object) -> dict[str, object]:
                raise ZeroDivisionError("calendar")

            return Environment(self.now, fail)

    with pytest.raises(EngineError, match="ZeroDivisionError"):
        Broken(diagram)


def test_a_start_event_sets_variables_before_anything_else_happens() -> None:
    """A window is worked out as the case begins; a timer in the flow then waits for the variable."""
    diagram = Diagram()
    process = diagram.process()
    begin = process.start(outputs={"opened": "days(3)", "closes": 'string(opened) + "T17:00:00+08:00"'})
    until = process.timer("catch", "until", "=closes")
    process.chain(begin, until, process.user("work"), process.end())

    play = Play(diagram)
    assert play.step.variables["opened"] == "2026-01-08"
    assert [(t.element_id, t.due_at) for t in play.step.timers] == [
        ("until", datetime(2026, 1, 8, 9, tzinfo=UTC))
    ]
