"""Moves one running case to another version of its diagram; everything is checked before anything is given."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from zuozhen.engine.activities import UserTask
from zuozhen.engine.codec import load
from zuozhen.engine.diagram import Diagram
from zuozhen.engine.journal import Journal
from zuozhen.engine.migration.reattaching import Reattaching
from zuozhen.engine.migration.redating import Redating, is_timer
from zuozhen.engine.migration.relocation import Relocation
from zuozhen.engine.migration.reporting import Report
from zuozhen.engine.outcome import step_of
from zuozhen.engine.projection import Open, open_tokens
from zuozhen.engine.prune import prune
from zuozhen.engine.reachability import Marking, marking_of, prospect, would_open
from zuozhen.engine.timers import DUE
from zuozhen.engine.workflow import READY
from zuozhen.model.errors import EngineError, ZuozhenError
from zuozhen.model.migration import Migrated, Order, Placement, Refusal
from zuozhen.model.step import Environment, Step, Variables

VERIFY_HINT = "请把此信息告诉系统管理员；办件保持原状"


def migrate(
    old: Diagram,
    new: Diagram,
    process_id: str,
    state: bytes,
    env: Environment,
    order: Order,
    fill: Variables | None = None,
) -> Migrated:
    """Return what becomes of a case when its diagram is ``new`` instead of ``old``; nothing else is done.

    Tokens keep their ids, variables and the instants they were entered; nothing fires, nothing moves on. A
    deadline whose rule is the same keeps its instant; for others see :class:`Order`. What cannot be moved
    safely is a :class:`Refusal`, never an exception. With ``old`` and ``new`` the same and
    ``order.recount`` it only counts deadlines again. ``fill`` are variables that the state does not hold yet.

    Raises :class:`EngineError` if the state is damaged or does not belong to ``old`` and ``process_id``.
    """
    if process_id not in old.processes:
        raise EngineError(f"流程图中没有流程 {process_id}", hint="请检查部署的流程图")
    journal = Journal(env, new.types)
    prefix = blake2b(state + f"migrate {new.sha256} {journal.now_micros}".encode(), digest_size=8).hexdigest()
    case = load(state, old.specs, process_id, journal, prefix)
    report = Report()
    step = None
    _fill(case, fill or {})
    try:
        if process_id not in new.processes or not case.living():
            _refuse_whole(case, old, process_id, report)
        else:
            step = _moved(case, new, process_id, env, order, report)
    except ZuozhenError as error:
        place = getattr(error, "element_id", "")
        name = new.elements[place].label if place in new.elements else ""
        _note(report, place, "expression", error.message, error.hint, name)
    except Exception as error:  # noqa: BLE001 - whatever breaks, this case stays as it is and the others go on
        _note(report, journal.element_id, "verify", f"{type(error).__name__}: {error}", VERIFY_HINT)
    refusals = tuple(report.refusals.values())
    return Migrated(
        placements=tuple(sorted(report.placements, key=lambda placement: placement.token[16:])),
        dues=() if refusals else tuple(report.dues),
        refusals=refusals,
        fires=tuple(timer.element_id for timer in step.timers if timer.due_at <= env.now) if step else (),
        notes=() if refusals else tuple(dict.fromkeys(report.notes)),
        step=None if refusals else step,
    )


def _moved(
    case: Any, new: Diagram, process_id: str, env: Environment, order: Order, report: Report
) -> Step | None:
    before = open_tokens(case)
    were = {id(workflow): (workflow.spec, marking_of(workflow)) for workflow in case.all_workflows()}
    relocation = Relocation(case, new, order.mapping, report)
    relocation.run(process_id)
    if report.refusals:
        return None
    Reattaching(relocation, Redating(order, case.journal, report), report).run(case)
    relocation.tidy()
    for workflow in case.all_workflows():
        _check_ends(workflow, *were[id(workflow)], report)
    if report.refusals:
        return None
    prune(case)
    step = step_of(case, process_id, before)
    _verify(step, new, process_id, env, report)
    return step


def _fill(case: Any, fill: Variables) -> None:
    """Write variables wherever they are not known, as if they had been there from the start."""
    for workflow in case.all_workflows():
        for token in workflow.tasks.values():
            token.data = {**fill, **token.data}


def _refuse_whole(case: Any, old: Diagram, process_id: str, report: Report) -> None:
    opened = Open(case)
    for kind, items in (("task", opened.tasks), ("wait", opened.waits), ("timer", opened.timers)):
        for item in items:
            element = old.elements[item.element_id]
            if not element.attached_to:
                name = element.label
                placement = Placement(item.token, element.id, name, kind, "refused", "", "")  # type: ignore[arg-type]
                report.placements.append(placement)
    name = old.processes[process_id].name
    if case.living():
        _note(report, process_id, "process", f"新流程图中没有流程“{name}”", "请保留该流程的编号（id）", name)
    else:
        _note(report, process_id, "ended", "办件已经结束，不需要迁移", "", name)


def _note(report: Report, element_id: str, code: str, message: str, hint: str, name: str = "") -> None:
    report.refusals.setdefault((element_id, code), Refusal(element_id, name, code, message, hint))


def _check_ends(workflow: Any, old_spec: Any, old_marking: Marking, report: Report) -> None:
    """Refuse what would wait for ever in the new diagram, unless it already does in the old."""
    held = would_open(workflow)
    if held is not None:
        report.refuse(
            held.task_spec.element,
            "join",
            f"汇合网关“{held.task_spec.element.label}”在新流程图中已经齐备，迁移不能替它向前走",
            "请等其余分支办完再迁移",
        )
        return
    marking = marking_of(workflow)
    outlook = prospect(workflow.spec, marking)
    if outlook.level == 3 or outlook.level >= prospect(old_spec, old_marking).level:
        return
    specs = workflow.spec.task_specs
    if outlook.stuck:
        join = specs[outlook.stuck].element
        missing = "、".join(f"“{specs[name].element.label}”" for name in outlook.missing)
        what = f"还要等{missing}，而办件已经走过通向那里的分支" if missing else "的同一分支将到达两次"
        report.refuse(
            join,
            "join",
            f"汇合网关“{join.label}”{what}",
            "请等该办件通过汇合网关后再迁移，或让新增分支从汇合之后开始",
        )
    else:
        place = specs[marking[0][0]].element
        report.refuse(place, "end", f"“{place.label}”在新流程图中走不到结束", "请在新流程图中补上后续连线")


def _verify(step: Step, new: Diagram, process_id: str, env: Environment, report: Report) -> None:
    """Load the new state as any later step will and let it run: nothing may move."""
    journal = Journal(env, new.types)
    case = load(step.state, new.specs, process_id, journal, "")
    before = open_tokens(case)
    shown = {item.token for group in (step.tasks, step.timers, step.waits) for item in group}
    if set(before) != shown or any(_is_wrong(token) for token in _living(case)):
        _note(report, "", "verify", "迁移后的状态没有通过检查", VERIFY_HINT)
        return
    case.run_to_rest()
    if journal.moves or open_tokens(case) != before:
        moved = new.elements.get(journal.element_id)
        what = f"“{moved.label}”" if moved is not None else "办件"
        message = f"{what}在新流程图中会立即向前走，迁移不能替它前进"
        _note(report, journal.element_id, "join", message, "请等其余分支办完再迁移", what.strip("“”"))


def _living(case: Any) -> Iterator[Any]:
    for workflow in case.all_workflows():
        yield from workflow.living()


def _is_wrong(token: Any) -> bool:
    """Tell whether a token is not one that can lie at rest: something automatic, or a timer without date."""
    if token._state == READY:
        return not isinstance(token.task_spec, UserTask)
    return is_timer(token.task_spec) and DUE not in token.internal_data
