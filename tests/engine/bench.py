"""Ours (load, complete one user task, dump) against stock SpiffWorkflow in memory, in one run.

Run ``python -m tests.engine.bench`` from the repository. Both complete the same user task of the same
diagram: 20 user tasks in a row, every second one with a non-interrupting timer. Stock gets everything
for free that we pay for: no loading, no saving, no projection. Its timers are ISO texts, ours FEEL.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from tests.engine.bpmn import Diagram
from tests.engine.play import functions

from zuozhen.engine import advance, load_diagram, start
from zuozhen.model.step import Complete, Environment

TASKS = 20
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


def build(rule: str) -> bytes:
    """Return the diagram; ``rule`` is the text of its timers."""
    diagram = Diagram()
    process = diagram.process()
    process.start()
    previous = "start"
    for number in range(TASKS):
        task = process.user(f"task_{number}", props={"zz:stage": "办理", "zz:clause": "第三条"})
        if number % 2:
            process.timer("boundary", f"late_{number}", rule, attachedToRef=task, cancelActivity="false")
            process.chain(f"late_{number}", process.user(f"urge_{number}"), process.end(f"end_{number}"))
        if number % 5 == 4:
            process.gateway("exclusive", f"choice_{number}", default=f"on_{number}")
            process.flow(previous, f"choice_{number}")
            process.flow(f"choice_{number}", task, flow_id=f"on_{number}")
            process.flow(f"choice_{number}", "end", "1 = 2" if "workdays" in rule else "1 == 2")
        else:
            process.flow(previous, task)
        previous = task
    process.flow(previous, process.end())
    return diagram.xml()


def stock_workflow() -> BpmnWorkflow:
    """Return a fresh stock case."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(build('"2999-01-01T00:00:00+08:00"')))
    workflow = BpmnWorkflow(parser.get_spec("case"), parser.get_subprocess_specs("case"))
    workflow.do_engine_steps()
    return workflow


def stock_round() -> list[float]:
    """Return the seconds of each completion of a whole stock case."""
    workflow, seconds = stock_workflow(), []
    for number in range(TASKS - 1):
        task = next(t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual)
        data = answers(number)
        begin = time.perf_counter()
        task.data.update(data)
        task.run()
        workflow.do_engine_steps()
        seconds.append(time.perf_counter() - begin)
    return seconds


def answers(number: int) -> dict[str, Any]:
    return {"decision": "accept", f"unit_{number % 4}": f"单位{number}", "score": number}


def our_round(diagram: Any) -> tuple[list[float], int]:
    """Return the seconds of each completion of a whole case of ours and its largest state in bytes."""
    step, seconds, largest = start(diagram, "case", {}, Environment(NOW, functions)), [], 0
    for number in range(TASKS - 1):
        event, env = (
            Complete(step.tasks[0].token, answers(number)),
            Environment(NOW + timedelta(hours=number), functions),
        )
        begin = time.perf_counter()
        step = advance(diagram, "case", step.state, event, env)
        seconds.append(time.perf_counter() - begin)
        largest = max(largest, len(step.state))
    return seconds, largest


def measure(rounds: int = 25) -> tuple[float, float, int]:
    """Return (stock ms, our ms, our largest state in bytes): mean over the case of each task's minimum."""
    diagram = load_diagram(build("workdays(10)"))
    stock, ours, largest = stock_round(), our_round(diagram)[0], 0
    for _ in range(rounds):  # interleaved, so that a busy machine hits both
        stock = [min(pair) for pair in zip(stock, stock_round(), strict=True)]
        seconds, size = our_round(diagram)
        ours = [min(pair) for pair in zip(ours, seconds, strict=True)]
        largest = max(largest, size)
    count = len(stock) / 1000
    return sum(stock) / count, sum(ours) / count, largest


if __name__ == "__main__":
    stock_ms, our_ms, size = measure(40)
    print(f"stock SpiffWorkflow, in memory, complete one task   {stock_ms:.3f} ms")
    print(f"ours, load + complete + project + dump              {our_ms:.3f} ms")
    print(f"ratio {our_ms / stock_ms:.2f}   largest state {size} bytes")
