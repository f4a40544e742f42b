"""Bad diagrams and good twins: what is executed, how often, for how long, and whether it ever ends."""

from __future__ import annotations

from tests.engine_lint.build import (
    CLAUSE,
    MESSAGE,
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
    timer,
    user,
)
from tests.engine_lint.samples import PLAIN, Case, also, calling, pool, pools, timed

STOP = "<bpmn:terminateEventDefinition />"
LOOP = "bpmn:multiInstanceLoopCharacteristics"


def beside(*, main: str = STOP, act: str = STOP, form: str = "", trigger: str = "enterprise") -> bytes:
    """A procedure, and a withdrawal that waits beside it."""
    attrs = f'camunda:formRef="{form}"' if form else ""
    wait = node("intermediateCatchEvent", "w", attrs=attrs, body=message(), trigger=trigger)
    nodes = (start(), gateway("parallel", "f"), wait, service("n", "archive"), end("gone", act))
    rest = (user("t"), end("done", main))
    return diagram(*nodes, *rest, path("s", "f", "w", "n", "gone"), path("f", "t", "done"))


def within(*, main: str = STOP) -> bytes:
    """The same inside a sub-process, which would never be left."""
    wait = catch("w", message(), trigger="staff")
    inner = (start("s2"), gateway("parallel", "f"), wait, user("a"), end("gone", STOP), end("done", main))
    ways = (path("s2", "f", "w", "gone"), path("f", "a", "done"))
    return diagram(start(), sub_process("u", *inner, *ways), end(), path("s", "u", "e"))


def repeats(text: str, element: str = "timeCycle") -> bytes:
    return timed(text, element=element)


def one_by_one(*, sequential: bool) -> bytes:
    """A list that is worked through, with a deadline on its edge."""
    loop = f'<{LOOP} isSequential="{str(sequential).lower()}" camunda:collection="joint_units" />'
    late = boundary("late", "t", timer("workdays(3)"), interrupting=False, clause=CLAUSE)
    return straight(user("f"), user(body=loop), late, end("e2"), flow("late", "e2"))


def counted(collection: str) -> bytes:
    return straight(user("f"), user(body=f'<{LOOP} camunda:collection="{collection}" />'))


def nested(levels: int) -> bytes:
    """Sub-processes inside each other."""
    inner = user()
    name = "t"
    for level in range(levels):
        ways = path(f"s{level}", name, f"e{level}")
        name = f"u{level}"
        inner = sub_process(name, start(f"s{level}"), inner, end(f"e{level}"), ways)
    return diagram(start(), inner, end(), path("s", name, "e"))


def named(*, executable: bool, body: str = "") -> bytes:
    """Beside a process that runs, one that the pack names."""
    mark = "true" if executable else "false"
    inside = body or "\n".join((start("s2"), user("t2"), end("e2"), path("s2", "t2", "e2")))
    other = f'<bpmn:process id="named" name="场次" isExecutable="{mark}">\n{inside}\n</bpmn:process>'
    return document(MESSAGE, process(start(), user(), end(), path("s", "t", "e")), other)


def sketched(attribute: str) -> bytes:
    """The enterprise's own steps, drawn but not executed."""
    task = f'<bpmn:userTask id="t2" name="填表" {attribute}/>'
    return named(executable=False, body=task).replace(b'id="named"', b'id="sketch"')


STARTS = (
    ("days(0)", "days(1)"),
    ("hours(0)", "2026-12-01T09:00:00+08:00"),
    ("R/明天", "R5/2026-01-01T00:00:00Z/P1W"),
    ("workdays(1, due_on)", 'recurrence("坐诊日")'),
    ("P10X", "P10D"),
)


def started(text: str) -> bytes:
    """A process that starts by itself."""
    return diagram(start("s", timer(text), clause=CLAUSE), user(form="dated"), end(), path("s", "t", "e"))


ENTERPRISE = pools(
    pool("P1", "p"),
    pool("P2", "enterprise"),
    body=PLAIN.replace(
        b"</bpmn:process>", b'</bpmn:process>\n<bpmn:process id="enterprise" name="qiye" />', 1
    ),
    flows='<bpmn:messageFlow id="mf" sourceRef="P2" targetRef="s" />',
)
"""The pool of the enterprise that everybody draws, with an empty process of its own."""

NESTED_START = start("s2", message())

EXECUTED = [
    Case("process-not-executable", "named", named(executable=False), named(executable=True)),
    Case(
        "process-not-executable",
        "named",
        named(executable=True, body="<bpmn:documentation>x</bpmn:documentation>"),
        ENTERPRISE,
    ),
    Case("process-idle", "sketch", sketched('camunda:formRef="accept"'), sketched("")),
    Case("process-missing", "definitions", PLAIN.replace(b'"true"', b'"false"'), PLAIN, also("process-idle"), at='id="definitions"'),
    Case("start-missing", "u", diagram(start(), sub_process("u"), end(), path("s", "u", "e")), PLAIN, also("end-missing")),
    Case("too-deep", "u0", nested(21), nested(20)),
    Case(
        "call-start",
        "call",
        calling("q").replace(start("s2").encode(), NESTED_START.encode()),
        calling("q"),
        also("message-unthrown", "message-reference"),
    ),
    Case("element-unknown", "t", PLAIN.replace(b"bpmn:userTask", b"bpmn:usertask"), PLAIN, also("flow-dangling", "process-missing", "unreachable", "dead-end", "cannot-end")),
    Case("element-unknown", "t", PLAIN.replace(b"bpmn:userTask", b"userTask"), PLAIN, also("flow-dangling", "unreachable", "dead-end", "cannot-end")),
    Case(
        "element-unknown",
        "t",
        straight(user(body='<camunda:properties xmlns:x="x" />')),
        straight(user(body="<bpmn:documentation>说明</bpmn:documentation>")),
    ),
    Case(
        "element-unknown",
        "late",
        timed("workdays(1)").replace(b"bpmn:timeDate", b"bpmn:timedate"),
        timed("workdays(1)"),
        also("timer-missing"),
    ),
]  # fmt: skip

TIMES = [
    Case("timer-cron", "late", repeats("0 0 9 * * ?"), repeats("R/P1D")),
    Case("timer-cron", "late", repeats("0 9 * * 1-5"), repeats('recurrence("坐诊日")')),
    Case("timer-cron", "late", repeats("@daily"), repeats("R5/2026-01-01T00:00:00Z/P1W")),
    *(
        Case("timer-repetition", "late", repeats(bad), repeats("R3/PT1H"))
        for bad in ("R3/PT1H/PT1H", "R0/PT1H", "R3/PT1H/2026-01-01T00:00:00Z")
    ),
    *(
        Case("timer-period", "late", repeats(bad), repeats("R/PT1M"))
        for bad in ("R/PT0S", "R/PT59S", "PT1S", 'duration("PT30S")', 'date("2026-06-01")', "R/2026-01-01/P0D")
    ),
    *(
        Case("timer-elapsed", "late", timed(bad), timed(good))
        for bad, good in (
            ("P10D", "workdays(10)"),
            ("P1DT2H", "hours(26)"),
            ('duration("P2D")', "PT4H"),
            ("P2W", "R/P2W"),
        )
    ),
    Case("timer-value", "late", timed("2026-01-01 09:00"), timed("2026-01-01T09:00")),
    *(Case("timer-value", "s", started(bad), started(good)) for bad, good in STARTS),
    Case("count-invalid", "t", counted("0"), counted("3")),
    *(Case("count-invalid", "t", counted(bad), counted("joint_units")) for bad in ("-1", "2.5", "1001", "[]")),
    Case("sequential-deadline", "late", one_by_one(sequential=True), one_by_one(sequential=False)),
]  # fmt: skip

ENDS = [
    Case("never-ending", "done", beside(main=""), beside()),
    Case("never-ending", "done", within(main=""), within()),
    Case("act-without-effect", "gone", beside(act=""), beside()),
]

ENDS_CASES = [*EXECUTED, *TIMES, *ENDS]
