"""What a case of the linter's table is, and the diagrams that many cases share."""

from __future__ import annotations

from dataclasses import dataclass

from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    catch,
    diagram,
    document,
    end,
    flow,
    gateway,
    message,
    node,
    path,
    process,
    service,
    start,
    straight,
    sub_process,
    throw,
    timer,
    user,
)


@dataclass(frozen=True)
class Case:
    """``bad`` has a finding ``code`` at ``element``, besides it only findings of ``also``; ``good`` has none.

    ``at`` is a text on the line of the finding, where that is not the element's opening tag.
    """

    code: str
    element: str
    bad: bytes
    good: bytes
    also: frozenset[str] = frozenset()
    at: str = ""


PLAIN = straight(user())
STOP = "<bpmn:terminateEventDefinition />"
LANES = '<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="窗口">{}</bpmn:lane></bpmn:laneSet>'


def also(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def renamed(old: str, new: str) -> bytes:
    """The plain diagram with one id changed wherever it stands."""
    return PLAIN.replace(f'"{old}"'.encode(), f'"{new}"'.encode())


def choice(
    first: str,
    second: str,
    *,
    default: str = "x_e",
    kind: str = "exclusive",
    third: bool = True,
    clause: str = CLAUSE,
) -> bytes:
    """A gateway with two conditions and, unless ``third`` is off, a third (default) flow."""
    elements = [
        start(),
        user(),
        gateway(kind, "x", default=default, clause=clause),
        user("a"),
        user("b"),
        end(),
    ]
    flows = [
        flow("x", "a", first),
        flow("x", "b", second),
        path("s", "t", "x"),
        path("a", "e"),
        path("b", "e"),
    ]
    return diagram(*elements, *flows, *([flow("x", "e")] if third else []))


def messaging(
    *, key: str = "case_key", name: str = "安排", thrown: bool = True, caught: bool = True, **more: str
) -> bytes:
    """A process that sends a message and one that waits for it."""
    middle = [user(), *([throw("out", message(), key=key, **more)] if thrown else [])]
    chain = ["s", "t", *(["out"] if thrown else []), "e"]
    other = [user("t2"), *([catch("in", message(), key="case_key")] if caught else [])]
    other_chain = ["s2", "t2", *(["in"] if caught else []), "e2"]
    return document(
        f'<bpmn:message id="m" name="{name}" />',
        process(start(), *middle, end(), path(*chain)),
        process(start("s2"), *other, end("e2"), path(*other_chain), id_="q"),
    )


def acting(**properties: str) -> bytes:
    """A task with an act by hand on its edge."""
    act = boundary("act", "t", message(), interrupting=False, **properties)
    return straight(user(), act, end("e2"), flow("act", "e2"))


def timed(text: str, *, element: str = "timeDate", interrupting: bool = False, clause: str = CLAUSE) -> bytes:
    """A task with a timer on its edge."""
    late = boundary("late", "t", timer(text, element), interrupting=interrupting, clause=clause)
    return straight(user(), late, end("e2"), flow("late", "e2"))


def calling(called: str, *, back: bool = False) -> bytes:
    """A process that calls another one, which may call back."""
    inside = node("callActivity", "again", attrs='calledElement="p"') if back else user("t2")
    return document(
        process(
            start(),
            node("callActivity", "call", attrs=f'calledElement="{called}"'),
            end(),
            path("s", "call", "e"),
        ),
        process(start("s2"), inside, end("e2"), path("s2", "again" if back else "t2", "e2"), id_="q"),
    )


def retiming(activity: str, until: str = "extend_until", *, armed: bool = True) -> bytes:
    late = [
        boundary("late", "t", timer("workdays(10)"), interrupting=False, clause=CLAUSE),
        end("e2"),
        flow("late", "e2"),
    ]
    return straight(
        user(), service("move", "retime", activity=activity, until=until), *(late if armed else [])
    )


def parallel(split: str, join: str, *, default: str = "") -> bytes:
    elements = [start(), user(), gateway(split, "x", default=default), user("a"), user("b"), end()]
    more = [gateway(join, "y", clause=""), path("s", "t", "x"), path("x", "a", "y"), path("y", "e")]
    second = flow("x", "b", 'decision = "a"') if default else flow("x", "b")
    return diagram(*elements, *more, second, path("b", "y"))


def interrupted_branch(target: str) -> bytes:
    """Two parallel branches; on one of them a deadline leads to ``target``."""
    late = boundary("late", "a", timer("workdays(10)"), clause=CLAUSE)
    elements = [start(), gateway("parallel", "x"), user("a"), user("b"), gateway("parallel", "y", clause="")]
    merge = [gateway("exclusive", "z", clause=""), path("a", "z", "y")] if target == "z" else [path("a", "y")]
    ends = [end(), *([end("e2")] if target == "e2" else [])]
    flows = [path("s", "x", "a"), path("x", "b", "y", "e"), flow("late", target)]
    return diagram(*elements, late, *ends, *merge, *flows)


def inside(*elements: str, after: tuple[str, ...] = ()) -> bytes:
    """A sub-process ``u`` around some elements."""
    return straight(sub_process("u", *elements), *after)


def error_end(*, caught: bool) -> bytes:
    body = '<bpmn:errorEventDefinition errorRef="err" />'
    inner = [start("s2"), user(), end("e2", body), path("s2", "t", "e2")]
    edge = [boundary("oops", "u", body), end("e3"), flow("oops", "e3")] if caught else []
    declared = '<bpmn:error id="err" name="退回" errorCode="back" />'
    return diagram(start(), sub_process("u", *inner), end(), path("s", "u", "e"), *edge, before=declared)


def pools(*participants: str, body: bytes = PLAIN, flows: str = "") -> bytes:
    """The plain diagram with a collaboration in front."""
    rows = "\n".join(participants)
    text = f'<bpmn:collaboration id="c">\n{rows}\n{flows}\n</bpmn:collaboration>\n<bpmn:process id="p"'
    return body.replace(b'<bpmn:process id="p"', text.encode(), 1)


def pool(id_: str, process_id: str | None) -> str:
    given = f' processRef="{process_id}"' if process_id else ""
    return f'<bpmn:participant id="{id_}" name="{id_}池"{given} />'


def event_choice(*targets: str, extra: str = "") -> bytes:
    ids = [f"w{position}" for position in range(len(targets))]
    flows = [line for each in ids for line in (flow("x", each), flow(each, "e"))]
    return diagram(start(), user(), gateway("eventBased", "x"), *targets, end(), path("s", "t", "x"), *flows)


def repeated(loop: str) -> bytes:
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return straight(user("f"), user(body=f"<{tag} {loop}></{tag}>"))


WAIT = catch("w0", timer("workdays(3)"), clause=CLAUSE)
ACT = catch("w1", message(), trigger="staff")
