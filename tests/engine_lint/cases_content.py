"""Bad diagrams and good twins: timers, tasks, messages, data."""

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
    outputs,
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
    PLAIN,
    Case,
    acting,
    also,
    calling,
    choice,
    messaging,
    repeated,
    retiming,
    timed,
)

TIMERS = [
    Case("timer-missing", "late", timed(""), timed("workdays(10)")),
    *(
        Case("timer-value", "late", timed(bad), timed(good))
        for bad, good in (
            ("2026-13-01", "2026-12-31"),
            ("PT", "P1M"),
            ("R3/每天", "R3/PT1H"),
            ('"十天"', '"2026-12-31"'),
            ("1 + 1", "days(1 + 1)"),
            ("${null}", "${hours(2)}"),
            ('workdays("十")', "=before(workdays(10), workdays: 3)"),
            ("2026-02-30T09:00:00", "2026-02-28T09:00:00"),
        )
    ),
    Case(
        "timer-cycle",
        "late",
        timed("workdays(10)", element="timeCycle", interrupting=True),
        timed("workdays(10)", element="timeCycle"),
    ),
    *(
        Case("timer-nothing", "late", timed(bad), timed(good))
        for bad, good in (
            ("workdays(0)", "days(0)"),
            ("if 1 = 2 then workdays(1) else workdays(0)", "workdays(0, hours: 4)"),
            ("workdays(parameters.none)", "workdays(parameters.some)"),
            ("days(parameters.none, today())", 'workdays(parameters.none, due_time: "16:00")'),
            ("before(workdays(0), days: 1)", "before(workdays(3), days: 1)"),
            ("hours(0)", "minutes(1)"),
            ("PT0S", "PT1S"),
        )
    ),
    Case("recurrence-unknown", "late", timed('recurrence("集市日")'), timed('recurrence("坐诊日")')),
    Case("timer-cycle", "late", timed("R/PT1H", interrupting=True), timed("R/PT1H")),
    Case(
        "recurrence-unknown",
        "t",
        straight(user(inner=outputs(day='recurrence("集市日")'))),
        straight(user(inner=outputs(day='recurrence("坐诊日")'))),
    ),
]

NOTIFY = {"template": "receipt", "to": "enterprise"}
REPORTED = straight(service("n", "report", report="by_unit", parameter='="gongxin"'))
NOTIFIED = straight(service("n", "notify", **NOTIFY))
ENDING = 'camunda:collection="joint_units"><bpmn:completionCondition>{}</bpmn:completionCondition'
TASKS = [
    Case("clause-missing", "t", straight(user(clause="")), PLAIN),
    Case("clause-missing", "t", straight(user(clause="")), timed("workdays(1)", clause="")),
    Case(
        "clause-missing", "n", straight(service("n", "archive", clause="")), straight(service("n", "archive"))
    ),
    Case("clause-missing", "x", choice('decision = "a"', 'decision = "b"', clause=""), PLAIN),
    Case("form-missing", "t", straight(user(form="")), PLAIN),
    Case("form-unknown", "t", straight(user(form="gone")), PLAIN),
    Case("form-embedded", "t", straight(user(attrs='camunda:formKey="embedded:x.html"')), PLAIN),
    Case("form-binding", "t", PLAIN.replace(b'"deployment"', b'"latest"'), PLAIN),
    Case(
        "group-missing",
        "t",
        straight(user(group="")),
        straight(user("f"), user(group="", attrs='camunda:assignee="=reception_unit"')),
    ),
    Case("groups-several", "t", straight(user(group="window,leader")), PLAIN),
    Case("group-unknown", "t", straight(user(group="gone")), straight(user(group="enterprise"))),
    Case("group-unheld", "t", straight(user(group="archivist")), straight(user(group="leader"))),
    Case("topic-missing", "n", straight(service("n", "")), straight(service("n", "archive"))),
    Case(
        "topic-missing", "n", straight(service("n", "archive", attrs="")), straight(service("n", "archive"))
    ),
    Case("topic-unknown", "n", straight(service("n", "fax")), straight(service("n", "archive"))),
    Case(
        "template-unknown",
        "n",
        straight(service("n", "publish", template="gone")),
        straight(service("n", "publish", template="receipt")),
    ),
    Case(
        "template-unknown",
        "n",
        straight(service("n", "publish")),
        straight(service("n", "publish", template="receipt")),
    ),
    Case(
        "recipient-unknown",
        "n",
        straight(service("n", "notify", template="receipt", to="enterprise,gone")),
        straight(service("n", "notify", template="receipt", to="enterprise, window")),
    ),
    Case(
        "document-template-unknown",
        "n",
        straight(service("n", "document", template="receipt")),
        straight(service("n", "document", template="urge_letter")),
    ),
    Case("report-unknown", "n", straight(service("n", "report", report="gone")), REPORTED),
    Case("report-unknown", "n", straight(service("n", "report", report="by_unit")), REPORTED),
    Case("report-unknown", "t", straight(user(report="gone")), straight(user(report="monthly"))),
    Case(
        "report-period",
        "n",
        straight(service("n", "report", report="monthly", period="next")),
        straight(service("n", "report", report="monthly", period="current")),
    ),
    Case(
        "report-period", "t", straight(user(period="last")), straight(user(report="monthly", period="last"))
    ),
    Case("recipient-unknown", "n", straight(service("n", "notify", template="receipt", to="gone")), NOTIFIED),
    Case("recipient-unknown", "n", straight(service("n", "notify", template="receipt")), NOTIFIED),
    Case("retime-target", "move", retiming("gone"), retiming("t")),
    Case("retime-target", "move", retiming("t", armed=False), retiming("t")),
    Case("retime-until-missing", "move", retiming("t", ""), retiming("t")),
    Case("call-unknown", "call", calling("gone"), calling("q")),
    Case("call-recursive", "call", calling("p"), calling("q")),
    Case("call-recursive", "again", calling("q", back=True), calling("q"), also()),
    Case(
        "collection-missing",
        "t",
        repeated(""),
        repeated('camunda:collection="joint_units" camunda:elementVariable="unit"'),
    ),
]

MESSAGES = [
    Case(
        "message-reference",
        "act",
        acting(trigger="").replace(b'messageRef="m"', b'messageRef="gone"'),
        acting(trigger="staff"),
        also("key-missing"),
    ),
    Case("message-nameless", "out", messaging(name=""), messaging()),
    Case("key-missing", "out", messaging(key=""), messaging()),
    Case("trigger-invalid", "act", acting(trigger="boss"), acting(trigger="enterprise")),
    Case(
        "trigger-invalid",
        "w",
        straight(catch("w", timer("days(1)"), trigger="staff", clause=CLAUSE)),
        straight(catch("w", message(), trigger="staff")),
    ),
    Case(
        "actors-unknown",
        "act",
        acting(trigger="staff", by="window,gone"),
        acting(trigger="staff", by="window"),
    ),
    Case(
        "actors-unknown",
        "act",
        acting(trigger="enterprise", by="window"),
        acting(trigger="staff", by='="window"'),
    ),
    Case("delivery-invalid", "out", messaging(delivery="some"), messaging(delivery="all")),
    Case("ttl-invalid", "out", messaging(ttl="90"), messaging(ttl="P90D")),
    Case("message-uncaught", "out", messaging(caught=False), messaging()),
    Case("message-unthrown", "in", messaging(thrown=False), messaging()),
]


def carrying(payload: str) -> bytes:
    """A message whose receiver reads what it carries."""
    return document(
        '<bpmn:message id="m" name="安排" />',
        process(
            start(),
            user(inner=outputs(received_unit="reception_unit")),
            throw("out", message(), key="case_key", payload=payload),
            end(),
            path("s", "t", "out", "e"),
        ),
        process(
            start("s2"),
            catch("in", message(), key="case_key"),
            user("t2", group="=received_unit"),
            end("e2"),
            path("s2", "in", "t2", "e2"),
            id_="q",
        ),
    )


def notifying(to: str) -> bytes:
    """The form before the notice says who gets it."""
    return straight(user(), service("n", "notify", template="receipt", to=to))


DATA = [
    Case(
        "expression-broken",
        "x_a",
        choice('decision = = "a"', 'decision = "b"'),
        choice('decision = "a"', 'decision = "b"'),
    ),
    Case("expression-broken", "late", timed("workdays("), timed("workdays(1)")),
    Case(
        "expression-broken",
        "t",
        straight(user(inner=outputs(day="1 +"))),
        straight(user(inner=outputs(day="1 + 1"))),
    ),
    Case("function-unknown", "late", timed("holidays(3)"), timed("workdays(3)")),
    Case(
        "timer-value",
        "late",
        timed('workdays(3, count_from: "tomorrow")'),
        timed('workdays(3, count_from: "day_after_next")'),
    ),
    Case(
        "timer-value", "late", timed('workdays(0, due_time: "4pm")'), timed('workdays(0, due_time: "16:00")')
    ),
    Case(
        "function-unknown",
        "x_a",
        choice('upper(decision) = "A"', 'decision = "b"'),
        choice('upper case(decision) = "A"', 'decision = "b"'),
    ),
    Case(
        "name-unknown",
        "x_a",
        choice('decison = "a"', 'decision = "b"'),
        choice('decision = "a"', 'decision = "b"'),
        also("branch-overlap"),
    ),
    Case("name-unknown", "n", notifying("=lead_unit"), notifying("=reception_unit")),
    Case(
        "name-unknown",
        "t",
        straight(user(group="=lead_unit")),
        straight(user("f"), user(group="=reception_unit")),
    ),
    Case(
        "name-unknown",
        "t",
        repeated('camunda:collection="units"'),
        repeated('camunda:collection="joint_units"'),
    ),
    Case("payload-unknown", "out", messaging(payload="decision, gone"), messaging(payload="decision")),
    Case("name-unknown", "t2", carrying(""), carrying("received_unit")),
    Case(
        "output-name",
        "t",
        straight(user(inner=outputs(workdays="1"))),
        straight(user(inner=outputs(count_of="1"))),
    ),
    Case(
        "property-unknown",
        "n",
        straight(service("n", "archive", claus="x")),
        straight(service("n", "archive")),
    ),
]


def twice(form: str) -> bytes:
    """Two forms with a field of the same name, which a condition reads."""
    return diagram(
        start(),
        user(form="other"),
        user("t2", form=form),
        gateway("exclusive", "x", default="x_e"),
        end(),
        flow("x", "t", "note != null"),
        flow("x", "e", id_="x_e"),
        path("s", "t", "t2", "x"),
    )


def lone(condition: str, **properties: str) -> bytes:
    """A gateway with one condition and the default flow."""
    return diagram(
        start(),
        user(),
        gateway("exclusive", "x", default="x_e").replace(
            "<camunda:properties>", f"<camunda:properties>{more(properties)}"
        ),
        user("a"),
        end(),
        flow("x", "a", condition),
        flow("x", "e"),
        path("s", "t", "x"),
        path("a", "e"),
    )


def more(properties: dict[str, str]) -> str:
    return "".join(
        f'<camunda:property name="zz:{name}" value="{value}" />' for name, value in properties.items()
    )


def later(text: str) -> bytes:
    """A second task with a timer on its edge."""
    late = boundary("late", "t", timer(text), interrupting=False, clause=CLAUSE)
    return straight(user("f"), user(), late, end("e2"), flow("late", "e2"))


def mistyped(bad: str, good: str) -> Case:
    return Case("type-mismatch", "x_a", lone(bad), lone(good), also("branch-never"))


TYPES = [
    mistyped('extend_until > "2026-01-01"', 'extend_until > date("2026-01-01")'),
    mistyped('amount > "5"', "amount > 5"),
    mistyped("decision > 3", "number(decision) > 3"),
    mistyped('flag = "true"', "flag = true"),
    mistyped("workdays(10) > 5", "workdays(10) > extend_until"),
    mistyped("contains(decision, 5)", 'contains(decision, "5")'),
    mistyped('workdays(3, decision) > date("2026-01-01")', 'workdays(3, extend_until) > date("2026-01-01")'),
    mistyped('joint_units = "window"', 'list contains(joint_units, "window")'),
    mistyped("amount + decision > 5", "amount + number(decision) > 5"),
    mistyped('(if decision then "a" else "b") = "a"', '(if decision = "x" then "a" else "b") = "a"'),
    mistyped("some u in decision satisfies u = null", "some u in joint_units satisfies u = null"),
    mistyped("workdays(amount, amount) > extend_until", "workdays(amount, extend_until) > extend_until"),
    Case("type-unusable", "x_a", lone("string length(decision)"), lone("flag")),
    Case("type-unusable", "late", later("decision"), later("extend_until")),
    Case(
        "type-unusable",
        "t",
        straight(user("f"), user(group="=flag")),
        straight(user("f"), user(group="=reception_unit")),
    ),
    Case(
        "type-unusable",
        "t",
        repeated('camunda:collection="decision"'),
        repeated('camunda:collection="amount"'),
    ),
    Case("type-unusable", "n", notifying("=flag"), notifying("=joint_units")),
    Case(
        "option-unknown",
        "x_a",
        lone('grade = "aa"'),
        lone('grade in ("a", "b")'),
        also("branch-never", "option-silent"),
    ),
    Case(
        "option-unknown",
        "x_a",
        lone('grade in ("a", "d")'),
        lone('grade in ("a", "c")'),
        also("option-silent"),
    ),
    Case("option-silent", "x", lone('grade = "a"'), lone('grade = "a"', otherwise="b, c")),
    Case("option-silent", "x", lone('grade = "a"', otherwise="b"), lone('grade = "a" or grade = "b"')),
    Case(
        "group-never",
        "t",
        straight(user("f"), user(group="=place")),
        straight(user("f"), user(group="=office")),
    ),
    Case("type-conflict", "t2", twice("note_dated"), twice("other")),
]


def ladder(*marks: str, interrupting: bool = False) -> bytes:
    """A task with a reminder and a limit, some of them marked."""
    events = [
        boundary(
            name,
            "t",
            timer(rule),
            interrupting=interrupting and name == "limit",
            clause=CLAUSE,
            **mark(name in marks),
        )
        for name, rule in (("remind", "workdays(9)"), ("limit", "workdays(10)"))
    ]
    return straight(user(), *events, end("e2"), end("e3"), flow("remind", "e2"), flow("limit", "e3"))


def mark(marked: bool) -> dict[str, str]:
    return {"deadline": "true"} if marked else {}


def each(*, inside: bool, **scope: str) -> bytes:
    """Several handlers with a limit each; an extension drawn inside or outside of what each of them does."""
    move = service("move", "retime", activity="work", until="extend_until", **scope)
    ask = boundary("ask", "work" if inside else "sub", message(), interrupting=False, trigger="staff")
    sub = sub_process(
        "sub",
        start("s1"),
        user("work"),
        boundary("late", "work", timer("workdays(3)"), interrupting=False, clause=CLAUSE),
        *((ask, move, end("e3"), path("ask", "move", "e3")) if inside else ()),
        end("e1"),
        end("e4"),
        path("s1", "work", "e1"),
        flow("late", "e4"),
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="joint_units" camunda:elementVariable="unit" />',
    )
    outside = () if inside else (ask, move, end("e3"), path("ask", "move", "e3"))
    return diagram(start(), user(), sub, end(), path("s", "t", "sub", "e"), *outside)


LIMITS = [
    Case("deadline-unmarked", "t", ladder(), ladder("limit")),
    Case("deadline-unmarked", "t", ladder(), ladder(interrupting=True)),
    Case("deadline-mark", "limit", ladder("remind", "limit"), ladder("limit")),
    Case("deadline-mark", "t", straight(user(deadline="true")), straight(user())),
    Case("retime-scope", "move", each(inside=False), each(inside=True)),
    Case("retime-scope", "move", each(inside=False), each(inside=False, scope="all")),
    Case("act-limit-useless", "n", straight(user(), service("n", "archive", before="workdays(1)")), PLAIN),
    Case(
        "type-unusable",
        "act",
        acting(trigger="staff", before="1"),
        acting(trigger="staff", before="before(deadline, workdays: 1)"),
    ),
]

CONTENT_CASES = [*TIMERS, *TASKS, *MESSAGES, *DATA, *TYPES, *LIMITS]
