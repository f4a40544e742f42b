"""The analysis of what is set says neither more nor less than the engine does when every way is gone."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.engine.play import Play
from tests.engine_lint.build import diagram, end, flow, gateway, path, start, sub_process, user
from tests.engine_lint.test_soundness import graphs
from tests.engine_lint.world import CONTEXT

from zuozhen.engine import load_diagram
from zuozhen.engine.lint import lint
from zuozhen.model.errors import EngineError

CHOICES = tuple(f"c{n}" for n in range(9))
KNOWN = replace(CONTEXT, known_names=CONTEXT.known_names | set(CHOICES))
TASKS = ("set", "read", "plain")
MAX_WAYS = 81

Graph = tuple[dict[str, str], list[tuple[str, str]]]


def forward(graph: Graph, roles: list[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The graph without loops, its tasks playing the given roles."""
    kinds, arcs = graph
    order = {name: position for position, name in enumerate(["s", *kinds])}
    tasks = iter(roles)
    named = {
        name: next(tasks) if kind == "user" else "exclusive" if kind == "inclusive" else kind
        for name, kind in kinds.items()
    }
    return named, [arc for arc in arcs if order[arc[0]] < order[arc[1]]]


def drawn(
    kinds: dict[str, str], arcs: list[tuple[str, str]], *, nested: bool, choices: int = len(CHOICES)
) -> bytes:
    """Gateways choose by one variable each (or by one of a few), tasks set ``note`` with a form or ask for it with their group."""
    lines, variable = [], cycle(CHOICES[:choices])
    for name, kind in kinds.items():
        out = [arc for arc in arcs if arc[0] == name]
        if kind == "end":
            continue
        if kind in TASKS:
            form = "other" if kind == "set" else "dated"
            lines.append(user(name, form=form, group="=note" if kind == "read" else "window"))
            lines += [flow(*arc) for arc in out]
        elif kind == "exclusive" and len(out) > 1:
            chosen = next(variable)
            lines.append(gateway("exclusive", name, default="_".join(out[0])))
            lines += [flow(*out[0]), *(flow(*arc, f"{chosen} = {n}") for n, arc in enumerate(out[1:], 1))]
        else:
            lines.append(gateway(kind, name))
            lines += [flow(*arc) for arc in out]
    begins = [flow(*arc) for arc in arcs if arc[0] == "s"]
    if not nested:
        return diagram(start(), *lines, *begins, user("last", form="other"), flow("e", "last"), end("z"), flow("last", "z")).replace(
            b"</bpmn:process>", user("e", form="dated").encode() + b"\n</bpmn:process>"
        )  # fmt: skip
    inner = sub_process("u", start("s"), *lines, *begins, end("e"))
    after = (user("r", group="=note"), user("last", form="other"), end("z"))
    return diagram(start("b"), inner, *after, path("b", "u", "r", "last", "z"))


def goes_wrong(xml: bytes, gates: int, widest: int) -> bool:
    """Go every way: tell whether some task is for nobody because ``note`` has no value."""
    loaded = load_diagram(xml)
    for values in product(range(widest), repeat=gates):
        play = None
        try:
            play = Play(loaded, dict(zip(CHOICES, values, strict=False)), process="p")
            while play.step.tasks and not play.step.ended:
                task = play.step.tasks[0]
                form = loaded.elements[task.element_id].form_key
                play.done(task.element_id, **({"note": "window"} if form == "other" else {}))
        except EngineError as error:
            if "办理角色" in error.message:
                return True
            raise
    return False


# Most random graphs hang or run twice somewhere: those are no question here.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(graphs(), st.lists(st.sampled_from(TASKS), min_size=8, max_size=8), st.booleans())
def test_agrees_with_every_run(graph: Graph, roles: list[str], nested: bool) -> None:
    kinds, arcs = forward(graph, roles)
    outs = [
        len([arc for arc in arcs if arc[0] == name]) for name, kind in kinds.items() if kind == "exclusive"
    ]
    choosing = [count for count in outs if count > 1]
    assume(max(choosing, default=1) ** len(choosing) <= MAX_WAYS)
    xml = drawn(kinds, arcs, nested=nested)
    findings = lint(xml, file="p.bpmn", context=KNOWN)
    broken = {each.code for each in findings if each.severity == "error"} - {"value-unset"}
    assume(not broken and "doubled" not in {each.code for each in findings})
    unset = any(each.code == "value-unset" for each in findings)
    assert unset == goes_wrong(xml, len(choosing), max(choosing, default=1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(graphs(), st.lists(st.sampled_from(TASKS), min_size=8, max_size=8), st.booleans(), st.integers(1, 2))
def test_conditions_asked_again_hide_nothing(
    graph: Graph, roles: list[str], nested: bool, choices: int
) -> None:
    """Gateways that ask the same questions leave fewer ways; of those that are left none is overlooked."""
    kinds, arcs = forward(graph, roles)
    xml = drawn(kinds, arcs, nested=nested, choices=choices)
    findings = lint(xml, file="p.bpmn", context=KNOWN)
    broken = {each.code for each in findings if each.severity == "error"} - {"value-unset"}
    assume(not broken and "doubled" not in {each.code for each in findings})
    if goes_wrong(xml, choices, 3):
        assert any(each.code == "value-unset" for each in findings)
