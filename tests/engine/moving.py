"""Small procedures and the moving of their cases from one version to the next, for tests of migration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgpack
import zstandard
from tests.engine.bpmn import Diagram, Scope
from tests.engine.play import Play

from zuozhen.engine import load_diagram, loading, migrate
from zuozhen.engine.diagram import Diagram as Loaded
from zuozhen.model.clock import due_date
from zuozhen.model.migration import DueChange, Migrated, Order


def drawing() -> tuple[Diagram, Scope]:
    """Return an empty diagram and its process."""
    diagram = Diagram()
    return diagram, diagram.process()


def loaded(diagram: Diagram | Loaded) -> Loaded:
    """Return the diagram ready to run."""
    return load_diagram(diagram.xml()) if isinstance(diagram, Diagram) else diagram


def line(*tasks: str, **limits: str) -> Diagram:
    """Draw tasks in a row; ``limits`` gives some of them a reminding deadline ``<task>_late``."""
    diagram, process = drawing()
    process.chain(process.start(), *(process.user(task) for task in tasks), process.end())
    for task, rule in limits.items():
        deadline(process, task, rule)
    return diagram


def deadline(
    process: Scope, task: str, rule: str, name: str = "", *, cancel: bool = False, **more: str
) -> None:
    """Draw a timer on a task that leads to an urging task (if it cancels: to the end)."""
    name = name or f"{task}_late"
    cancels = "true" if cancel else "false"
    process.timer(
        "boundary", name, rule, attachedToRef=task, cancelActivity=cancels, name=f"时限{name}", **more
    )
    process.chain(name, process.user(f"{name}_urge"), process.end(f"{name}_end"))


def moved(
    play: Play, diagram: Diagram | Loaded, *, mapping: dict[str, str] | None = None, **order: Any
) -> Migrated:
    """Return the preview of moving the case to a diagram."""
    return migrate(
        play.diagram, loaded(diagram), play.process, play.step.state, play.env, Order(mapping or {}, **order)
    )


def move(
    play: Play, diagram: Diagram | Loaded, *, mapping: dict[str, str] | None = None, **order: Any
) -> Migrated:
    """Move the case to a diagram and go on playing there."""
    new = loaded(diagram)
    result = moved(play, new, mapping=mapping, **order)
    assert result.refusals == () and result.step is not None
    play.diagram = new
    play.steps.append(result.step)
    return result


def refused(result: Migrated) -> list[tuple[str, str]]:
    """Return (element, code) of every refusal; a refused case has no step, no dates and hints."""
    assert result.step is None and result.dues == () and result.fires == ()
    assert all(refusal.message for refusal in result.refusals)
    return [(refusal.element_id, refusal.code) for refusal in result.refusals]


def due(instant: datetime | None) -> str:
    """Return the last day of a deadline, empty for none."""
    return "" if instant is None else due_date(instant).isoformat()


def dates(result: Migrated) -> dict[str, tuple[str, str]]:
    """Return the old and new last day by timer."""
    return {change.timer_id: (due(change.old), due(change.new)) for change in result.dues}


def change(result: Migrated, timer_id: str) -> DueChange:
    """Return what happened to one deadline."""
    (found,) = [change for change in result.dues if change.timer_id == timer_id]
    return found


def tokens(play: Play) -> set[str]:
    """Return the ids of everything open."""
    return {item.token for group in (play.step.tasks, play.step.timers, play.step.waits) for item in group}


def content(state: bytes) -> Any:
    """Return a state as plain values in which the order of variables does not count."""
    process_id, counter, prefixes, rows, inner = msgpack.unpackb(
        zstandard.ZstdDecompressor().decompress(state[1:])
    )

    def plain(stored: Any) -> Any:
        ended, rows = stored
        return ended, [plain_row(*row) for row in rows]

    def plain_row(*row: Any) -> Any:
        values, stamps, unknown, *more = [*row[6:], *[{}, [], []][len(row[6:]) :]]
        return row[:6], values, dict(zip(values, stamps, strict=True)), sorted(unknown), more

    return process_id, counter, prefixes, plain(rows), [(*sub[:2], plain(sub[2])) for sub in inner]


def again(diagram: Diagram) -> Any:
    """Parse a diagram another time, so that nothing is shared."""
    return loading.load_diagram.__wrapped__(diagram.xml())


def race(*events: str) -> Diagram:
    """An event gateway (none for a single event) before events: ``answer`` is a message, others timers."""
    diagram, process = drawing()
    before = process.start()
    if len(events) > 1:
        process.chain(before, process.gateway("eventBased", "race"))
        before = "race"
    for event in events:
        if event == "answer":
            process.message("catch", event, "答复")
        else:
            process.timer("catch", event, f"hours({event[1:]})")
        process.chain(before, event, process.end(f"after_{event}"))
    return diagram
