"""Bad diagrams and good twins: variables on their way through the diagram."""

from __future__ import annotations

from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    diagram,
    document,
    end,
    flow,
    gateway,
    node,
    path,
    process,
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


def thrown(*, code: str, caught: str, calls: int = 2) -> bytes:
    """A called process that ends with an error; the first caller takes ``caught`` (``-`` takes nothing)."""
    codes = "".join(
        f'<bpmn:error id="{each}" name="{each}" errorCode="{each}" />' for each in ("back", "other")
    )
    error = '<bpmn:errorEventDefinition errorRef="{}" />'
    bad = end("bad", error.format(code))
    inner = process(start("s2"), user("t2"), bad, path("s2", "t2", "bad"), id_="q")
    lines = [start(), end(), path("s", *(f"c{n}" for n in range(calls)), "e")]
    for n in range(calls):
        lines += [node("callActivity", f"c{n}", attrs='calledElement="q"')]
        if n or caught != "-":
            body = error.format("back" if n else caught) if n or caught else "<bpmn:errorEventDefinition />"
            lines += [boundary(f"b{n}", f"c{n}", body), end(f"x{n}"), flow(f"b{n}", f"x{n}")]
    return document(codes, process(*lines), inner)


UNCAUGHT = [
    Case("error-uncaught", "bad", thrown(code="back", caught=caught), thrown(code="back", caught="back"))
    for caught in ("-", "other")
]
"""Every caller has to take the error."""

FLOW_CASES = [
    *UNCAUGHT,
    Case("error-uncaught", "bad", thrown(code="other", caught=""), thrown(code="other", caught="", calls=1)),
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
