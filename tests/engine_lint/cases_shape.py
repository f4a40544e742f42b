"""Bad diagrams and good twins: ids, structure, elements, flows, gateways, events, picture, soundness."""

from __future__ import annotations

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
from tests.engine_lint.samples import (
    LANES,
    PLAIN,
    WAIT,
    Case,
    also,
    choice,
    error_end,
    event_choice,
    inside,
    interrupted_branch,
    parallel,
    pool,
    pools,
    renamed,
    timed,
)

AGAIN = 'decision = "again"'
LATE = boundary("late", "t", timer("workdays(1)"), interrupting=False, clause=CLAUSE)
FORKED = (start(), gateway("parallel", "x"), user(), user("a"), user("b"), end())
DIRECTED = (start(), user(), gateway("exclusive", "x", default="x_e"))


def forked(*more: str) -> bytes:
    """Two parallel paths: one ends, the other is what ``more`` says."""
    return diagram(*FORKED, path("s", "x", "t", "e"), path("x", "a", "b"), *more)


def looping(*inner: str) -> bytes:
    """A loop back to a merge; ``inner`` are the nodes on the way back, by id."""
    nodes = (start(), gateway("exclusive", "y", clause=""), gateway("exclusive", "x", default="x_e"), end())
    way = (flow("x", "n", AGAIN), path("n", "y"), path("s", "t", "y", "x", "e"), user())
    return diagram(*nodes, *inner, *way)


def replaced(kind: str) -> bytes:
    """The plain diagram with another kind of task."""
    return PLAIN.replace(b"userTask", kind.encode())


def with_body(body: str) -> bytes:
    return straight(user(body=body))


def looping_past_a_reminder(target: str) -> bytes:
    """A task that goes round for ever if ``target`` is itself; that its reminder ends changes nothing."""
    merge = (
        path("s", "y", "t"),
        gateway("exclusive", "y", clause=""),
        flow("t", "y" if target == "t" else target),
    )
    return diagram(
        start(), user(), LATE, *([] if target == "t" else [end()]), end("e2"), *merge, flow("late", "e2")
    )


IDS = [
    Case("id-missing", "", straight(user(), user("")), PLAIN, at="<bpmn:userTask name"),
    Case(
        "id-missing",
        "",
        straight(user(), flow("s", "t", id_="")),
        PLAIN,
        also("implicit-split", "doubled"),
        at='<bpmn:sequenceFlow sourceRef="s"',
    ),
    Case("id-missing", "", PLAIN.replace(b'process id="p"', b"process"), PLAIN, at="<bpmn:process"),
    Case(
        "id-duplicate",
        "t",
        diagram(start(), user(), user(form="other"), end(), path("s", "t", "e")),
        PLAIN,
        also("unreachable", "dead-end"),
        at="other",
    ),
    Case("id-reserved", "End", renamed("e", "End"), PLAIN),
    Case("id-reserved", "p.EndJoin", renamed("t", "p.EndJoin"), PLAIN),
    Case("id-invalid", "t 1", renamed("t", "t 1"), PLAIN),
    Case("id-invalid", "1t", renamed("t", "1t"), renamed("t", "受理")),
]

STRUCTURE = [
    Case("process-missing", "definitions", document(process()), PLAIN, at='id="definitions"'),
    Case("process-missing", "definitions", document(), PLAIN, at='id="definitions"'),
    Case("start-missing", "p", diagram(user(), end(), path("t", "e")), PLAIN),
    Case(
        "start-several",
        "s2",
        diagram(start(), start("s2"), user(), end(), path("s", "t", "e"), path("s2", "t")),
        diagram(
            start(),
            start("s2", timer("days(1)"), clause=CLAUSE),
            *(user(), end(), path("s", "t", "e"), path("s2", "t")),
        ),
    ),
    Case(
        "start-several",
        "s3",
        inside(start("s2"), start("s3"), user(), end("e2"), path("s2", "t", "e2"), path("s3", "t")),
        inside(start("s2"), user(), end("e2"), path("s2", "t", "e2")),
        also("doubled"),
    ),
    Case("end-missing", "p", diagram(start(), user(), path("s", "t")), PLAIN, also("dead-end")),
    Case("unreachable", "a", straight(user(), "", user("a").replace("<", " <", 1), path("a", "e")), PLAIN),
    Case("unreachable", "a", straight(user(), " " + user("a"), " " + user("b"), path("a", "b", "a")), PLAIN),
    Case("dead-end", "b", forked(), forked(end("e2"), path("b", "e2"))),
    Case("dead-end", "late", straight(user(), LATE), straight(user(), LATE, end("e2"), flow("late", "e2"))),
    Case("cannot-end", "a", forked(path("b", "a")), forked(end("e2"), path("b", "e2"))),
    Case("cannot-end", "s", looping_past_a_reminder("t"), looping_past_a_reminder("e")),
    Case("spinning", "y", looping(service("n", "archive")), looping(user("n"))),
]

ELEMENTS = [
    *(
        Case("unsupported", "t", replaced(kind), PLAIN, also("ignored-extension"))
        for kind in ("scriptTask", "businessRuleTask")
    ),
    Case(
        "unsupported", "x", choice(AGAIN, 'decision = "b"', kind="complex"), PLAIN, also("condition-ignored")
    ),
    *(
        Case(
            "unsupported",
            "u",
            inside(start("s2"), user(), end("e2"), path("s2", "t", "e2")).replace(b"subProcess", tag),
            PLAIN,
        )
        for tag in (b"transaction", b"adHocSubProcess")
    ),
    *(
        Case("unsupported", "w", straight(catch("w", f"<bpmn:{kind}EventDefinition />")), PLAIN)
        for kind in ("signal", "link", "conditional")
    ),
    *(
        Case("unsupported", "w", straight(throw("w", f"<bpmn:{kind}EventDefinition />")), PLAIN)
        for kind in ("compensate", "cancel")
    ),
    *(
        Case("unsupported", "t", with_body(f"<bpmn:{tag} />"), PLAIN)
        for tag in (
            "standardLoopCharacteristics",
            "dataInputAssociation",
            "dataOutputAssociation",
            "ioSpecification",
        )
    ),
    Case("unsupported", "t", straight(user(attrs='isForCompensation="true"')), PLAIN),
    Case(
        "event-sub-process",
        "u",
        straight(
            user("a"),
            " "
            + sub_process(
                "u", start("s2"), user(), end("e2"), path("s2", "t", "e2"), attrs='triggeredByEvent="true"'
            ),
        ),
        inside(start("s2"), user(), end("e2"), path("s2", "t", "e2")),
    ),
    Case("plain-task", "t", replaced("task"), PLAIN),
    Case("plain-task", "t", replaced("manualTask"), PLAIN),
    Case("ignored-extension", "t", straight(user(attrs='camunda:dueDate="P1D"')), PLAIN),
    Case("ignored-extension", "t", straight(user(inner='<camunda:taskListener event="create" />')), PLAIN),
]

FLOWS = [
    Case("flow-dangling", "t_z", straight(user(), flow("t", "z")), PLAIN, also("implicit-split")),
    Case("flow-dangling", "z_t", straight(user(), flow("z", "t")), PLAIN),
    Case(
        "flow-into-start", "t_s", straight(user(), flow("t", "s")), PLAIN, also("implicit-split", "doubled")
    ),
    Case("flow-from-end", "e_t", straight(user(), flow("e", "t")), PLAIN, also("cannot-end")),
    Case("implicit-split", "t", straight(user(), flow("t", "e", id_="t_e2")), PLAIN, also()),
    Case(
        "condition-ignored",
        "s_t",
        diagram(start(), user(), end(), flow("s", "t", AGAIN), flow("t", "e")),
        PLAIN,
    ),
]

GOOD_CHOICE = choice('decision = "a"', 'decision = "b"')
GATEWAYS = [
    Case("default-missing", "x", choice("flag", "not(flag)", default="", third=False), GOOD_CHOICE),
    Case("default-missing", "x", choice('decision = "a"', 'decision = "b"', default=""), GOOD_CHOICE),
    Case("default-missing", "x", choice("amount <= 5", "amount > 5", default="", third=False), GOOD_CHOICE),
    Case(
        "default-foreign",
        "x",
        choice('decision = "a"', 'decision = "b"', default="s_t"),
        GOOD_CHOICE,
        also("condition-missing"),
    ),
    Case(
        "default-condition",
        "x_b",
        choice('decision = "a"', 'decision = "b"', default="x_b", third=False),
        GOOD_CHOICE,
    ),
    Case("condition-missing", "x_a", choice("", 'decision = "b"'), GOOD_CHOICE),
    Case("branch-overlap", "x_b", choice('decision = "a"', 'decision in ("a", "b")'), GOOD_CHOICE),
    Case("branch-overlap", "x_b", choice("amount <= 5", "amount >= 5"), choice("amount < 5", "amount >= 5")),
    Case("branch-overlap", "x_b", choice("amount > 2", "amount < 3"), choice("amount > 2", "amount <= 2")),
    Case(
        "branch-overlap",
        "x_b",
        choice('decision = "a"', "flag"),
        choice('decision = "a" and flag', 'decision = "a" and not(flag)'),
    ),
    Case("branch-gap", "x", choice('decision = "a"', 'decision = "b"', default="", third=False), GOOD_CHOICE),
    Case("branch-gap", "x", choice("amount < 5", "amount > 5", default="", third=False), GOOD_CHOICE),
    Case("branch-never", "x_a", choice("amount > 5 and amount < 3", "amount = 4"), GOOD_CHOICE),
    Case(
        "event-gateway-targets",
        "x_w1",
        event_choice(WAIT, user("w1")),
        event_choice(WAIT, catch("w1", message(), trigger="staff")),
    ),
    Case(
        "event-gateway-timers",
        "x",
        event_choice(WAIT, catch("w1", timer("workdays(5)"), clause=CLAUSE)),
        event_choice(WAIT, catch("w1", message(), trigger="staff")),
    ),
]

ERROR = '<bpmn:errorEventDefinition errorRef="lost" />'


def error_on_task() -> bytes:
    return straight(
        user(), boundary("oops", "t", "<bpmn:errorEventDefinition />"), end("e2"), flow("oops", "e2")
    )


EVENTS = [
    Case(
        "event-definition",
        "w",
        straight(catch("w", "")),
        straight(catch("w", timer("days(1)"), clause=CLAUSE)),
    ),
    Case(
        "event-definition",
        "e",
        diagram(start(), user(), end("e", timer("days(1)"), clause=CLAUSE), path("s", "t", "e")),
        PLAIN,
    ),
    Case(
        "event-definition",
        "w",
        straight(catch("w", message() + timer("days(1)"), trigger="staff", clause=CLAUSE)),
        PLAIN,
    ),
    Case(
        "event-definition",
        "s2",
        inside(start("s2", timer("days(1)"), clause=CLAUSE), user(), end("e2"), path("s2", "t", "e2")),
        inside(start("s2"), user(), end("e2"), path("s2", "t", "e2")),
    ),
    Case(
        "event-reference",
        "e",
        diagram(start(), user(), end("e", ERROR), path("s", "t", "e")),
        PLAIN,
        also("error-uncaught"),
    ),
    Case(
        "boundary-target",
        "late",
        timed("days(1)").replace(b'attachedToRef="t"', b'attachedToRef="e"'),
        timed("days(1)"),
        also("unreachable"),
    ),
    Case(
        "boundary-useless",
        "late",
        straight(
            service("t", "archive"),
            boundary("late", "t", timer("days(1)"), clause=CLAUSE),
            end("e2"),
            flow("late", "e2"),
        ),
        timed("days(1)"),
    ),
    Case("boundary-useless", "oops", error_on_task(), error_end(caught=True)),
    Case(
        "error-uncaught",
        "e",
        diagram(start(), user(), end("e", "<bpmn:errorEventDefinition />"), path("s", "t", "e")),
        PLAIN,
    ),
    Case("error-uncaught", "e2", error_end(caught=False), error_end(caught=True)),
]

LANE_OF_T = PLAIN.replace(
    b'<bpmn:startEvent id="s"',
    (LANES.format("<bpmn:flowNodeRef>t</bpmn:flowNodeRef>") + '\n<bpmn:startEvent id="s"').encode(),
    1,
)
POOLED = pools(pool("pool", "p"))
PICTURE = [
    Case(
        "shape-missing",
        "t",
        document(process(start(), user(), end(), path("s", "t", "e")), hidden=["t"]),
        PLAIN,
    ),
    Case(
        "shape-missing",
        "s_t",
        document(process(start(), user(), end(), path("s", "t", "e")), hidden=["s_t"]),
        PLAIN,
    ),
    Case(
        "shape-missing",
        "definitions",
        document(process(start(), user(), end(), path("s", "t", "e")), drawn=False),
        PLAIN,
        at='id="definitions"',
    ),
    Case("lane-missing", "t", LANE_OF_T.replace(b"<bpmn:flowNodeRef>t</bpmn:flowNodeRef>", b""), LANE_OF_T),
    Case(
        "lane-dangling",
        "lane",
        LANE_OF_T.replace(
            b"<bpmn:flowNodeRef>", b"<bpmn:flowNodeRef>gone</bpmn:flowNodeRef><bpmn:flowNodeRef>"
        ),
        LANE_OF_T,
    ),
    Case("pool-process", "pool", pools(pool("pool", "gone")), POOLED, also("pool-missing")),
    Case("pool-process", "pool2", pools(pool("pool", "p"), pool("pool2", "p")), POOLED),
    Case(
        "pool-missing",
        "p",
        pools(pool("pool", None), pool("pool2", "gone")),
        pools(pool("pool", "p"), pool("pool2", None)),
        also("pool-process"),
    ),
    Case(
        "message-flow-dangling",
        "mf",
        pools(pool("pool", "p"), flows='<bpmn:messageFlow id="mf" sourceRef="t" targetRef="gone" />'),
        pools(
            pool("pool", "p"),
            pool("box", None),
            flows='<bpmn:messageFlow id="mf" sourceRef="t" targetRef="box" />',
        ),
    ),
]


def wide(branches: int) -> bytes:
    """Many parallel branches, each with a loop of its own: too many markings to try them all."""
    lines: list[str] = []
    for n in range(branches):
        lines += [gateway("exclusive", f"y{n}", clause=""), gateway("exclusive", f"x{n}", default=f"x{n}_j")]
        lines += [
            user(f"t{n}"),
            path("f", f"y{n}", f"x{n}", "j"),
            flow(f"x{n}", f"t{n}", AGAIN),
            flow(f"t{n}", f"y{n}"),
        ]
    fork = (
        start(),
        user("u"),
        gateway("parallel", "f"),
        gateway("parallel", "j", clause=""),
        end(),
        path("s", "u", "f"),
        path("j", "e"),
    )
    return diagram(*fork, *lines)


SOUNDNESS = [
    Case("deadlock", "y", parallel("exclusive", "parallel", default="x_a"), parallel("parallel", "parallel")),
    Case(
        "deadlock",
        "y",
        parallel("inclusive", "parallel", default="x_a"),
        parallel("inclusive", "inclusive", default="x_a"),
    ),
    Case("deadlock-after-boundary", "y", interrupted_branch("e2"), interrupted_branch("z")),
    Case("doubled", "e", parallel("parallel", "exclusive"), parallel("parallel", "inclusive")),
    Case(
        "doubled",
        "e",
        parallel("inclusive", "exclusive", default="x_a"),
        parallel("exclusive", "exclusive", default="x_a"),
    ),
    Case("truncated", "p", wide(9), wide(3)),
]

SHAPE_CASES = [*IDS, *STRUCTURE, *ELEMENTS, *FLOWS, *GATEWAYS, *EVENTS, *PICTURE, *SOUNDNESS]
