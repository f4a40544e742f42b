"""Bad diagrams and good twins: variables on their way through the diagram."""

from __future__ import annotations

from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    diagram,
    end,
    flow,
    gateway,
    path,
    start,
    straight,
    timer,
    user,
)
from tests.engine_lint.samples import Case


def dated(text: str, form: str = "dated") -> bytes:
    """A first task with a form, and a second with a deadline."""
    late = boundary("late", "t", timer(text), interrupting=False, clause=CLAUSE)
    return straight(user("f", form=form), user(), late, end("e2"), flow("late", "e2"))


def chosen(condition: str) -> bytes:
    """Only one of two ways sets ``note``; after them somebody asks for it."""
    gates = (
        gateway("exclusive", "x", default="x_y"),
        gateway("exclusive", "y", clause=""),
        gateway("exclusive", "z", default="z_e"),
    )
    nodes = (start(), user(), user("n", form="other"), user("a"), end())
    flows = (
        path("s", "t", "x", "y", "z", "e"),
        flow("x", "n", 'decision = "a"'),
        path("n", "y"),
        flow("z", "a", condition),
        path("a", "e"),
    )
    return diagram(*nodes, *gates, *flows)


FLOW_CASES = [
    Case(
        "value-unset",
        "late",
        dated("workdays(3, due_on)", "other").replace(b'"accept"', b'"dated"'),
        dated("workdays(3, due_on)"),
    ),
    Case("value-unset-somewhere", "z_a", chosen('note = "x"'), chosen('note != null and note = "x"')),
    Case("value-empty", "late", dated("workdays(3, maybe_on)"), dated("workdays(3, due_on)")),
    Case(
        "value-empty",
        "late",
        dated("maybe_on"),
        dated("if maybe_on = null then workdays(3) else workdays(3, maybe_on)"),
    ),
]
