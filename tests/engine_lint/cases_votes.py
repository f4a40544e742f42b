"""Bad diagrams and good twins: several people who decide together."""

from __future__ import annotations

from html import escape

from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    diagram,
    end,
    flow,
    gateway,
    outputs,
    path,
    start,
    straight,
    sub_process,
    timer,
    user,
)
from tests.engine_lint.samples import Case, also

COLLECTED = '<bpmn:loopDataOutputRef>said</bpmn:loopDataOutputRef><bpmn:outputDataItem name="{}" />'
AGREED = 'said_all = "yes"'
NOT_REFUSED = 'opinion in ("agree", "abstain")'


DECLARED = '<bpmn:property id="said" name="said" />'


def loop(inside: str = "", *, sequential: bool = False, until: str = "") -> str:
    order = 'isSequential="true" ' if sequential else ""
    done = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{tag} {order}camunda:collection="joint_units" camunda:elementVariable="unit">{inside}{done}</{tag}>'


def voted(condition: str, *, mark: str = "", **properties: str) -> bytes:
    """A task whose answers ``joint_units`` name who is asked, the vote, and a gateway after it."""
    many = user(
        "n",
        form="ballot",
        group="window",
        body=(DECLARED if "said<" in mark else "") + (mark or loop()),
        **properties,
    )
    way = [gateway("exclusive", "x", default="x_b"), user("a"), user("b"), end()]
    flows = [
        path("s", "t", "n", "x"),
        flow("x", "a", condition),
        flow("x", "b"),
        path("a", "e"),
        path("b", "e"),
    ]
    return diagram(start(), user(), many, *way, *flows)


def vote(condition: str = AGREED, **changed: str) -> bytes:
    drawn = {"vote": "approved", "ballot": "opinion", "yes": "agree", "share": "50", "outcome": "said_all"}
    return voted(condition, **{**drawn, **changed})


def counting(text: str, *, sequential: bool = False, first: str = "") -> bytes:
    """An output of a task done by several."""
    inner = outputs(**({"n": first} if first else {}), total=text)
    begin = user(inner=outputs(total="0"))
    return straight(begin, user("k", form="ballot", body=loop(sequential=sequential), inner=inner))


def inside(*, begun: bool) -> bytes:
    """The same in a sub-process that each has for itself."""
    first = user("r", inner=outputs(total="0") if begun else "")
    sub = sub_process(
        "u",
        start("s2"),
        first,
        user("q", inner=outputs(total="total + 1")),
        end("e2"),
        path("s2", "r", "q", "e2"),
        loop(),
    )
    return diagram(start(), user(inner=outputs(total="0")), sub, end(), path("s", "t", "u", "e"))


def late(condition: str) -> bytes:
    """A vote that a timer cuts short."""
    many = user(
        "n", form="ballot", body=loop(), vote="veto", ballot="opinion", yes="agree", outcome="said_all"
    )
    edge = boundary("late", "n", timer("workdays(5)"), clause=CLAUSE)
    way = [gateway("exclusive", "x", default="x_b"), user("a"), user("b"), end()]
    flows = [path("s", "t", "n", "e"), flow("late", "x"), flow("x", "a", condition), flow("x", "b")]
    return diagram(start(), user(), many, edge, *way, *flows, path("a", "e"), path("b", "e"))


def asked_again(*, again: bool) -> bytes:
    """The field of the instances is filled in anew by one person before it is read."""
    many = user("n", form="ballot", body=loop())
    after = user("h", form="ballot" if again else "accept")
    way = [gateway("exclusive", "x", default="x_b"), user("a"), user("b"), end()]
    flows = [path("s", "t", "n", "h", "x"), flow("x", "a", NOT_REFUSED), flow("x", "b")]
    return diagram(start(), user(), many, after, *way, *flows, path("a", "e"), path("b", "e"))


GOOD = vote()
VOTE_CASES = [
    Case("vote-rule", "n", vote(vote="majority", condition="true = true"), GOOD),
    Case("vote-rule", "t", straight(user(vote="veto", outcome="all")), GOOD),
    Case("vote-rule", "n", vote(outcome="opinion", condition="grade != null"), GOOD),
    Case("vote-rule", "n", vote(outcome="", condition="grade != null"), GOOD),
    Case("vote-rule", "n", vote(outcome="unit", condition="grade != null"), GOOD),
    *(
        Case("vote-ballot", "n", vote(**bad), GOOD)
        for bad in (
            {"ballot": ""},
            {"ballot": "decision"},
            {"ballot": "remark"},
            {"yes": ""},
            {"yes": "agreed"},
            {"yes": "agree, refuse, abstain"},
            {"ballot": "fine", "yes": "agree"},
        )
    ),
    Case("vote-ballot", "n", vote(ballot="", vote="any"), vote(ballot="", vote="completed", yes="")),
    Case("vote-ballot", "n", vote(ballot="fine"), vote(ballot="fine", yes="true")),
    *(Case("vote-share", "n", vote(share=bad), vote(share="200 / 3")) for bad in ("", "101", "-1", "50 * 3")),
    # The example: no, no, ok passed.
    Case("last-vote", "x_a", voted(NOT_REFUSED), GOOD),
    Case(
        "last-vote",
        "x_a",
        voted(NOT_REFUSED, mark=loop(sequential=True)),
        voted('said[-1] = "agree"', mark=loop(COLLECTED.format("opinion"), sequential=True)),
    ),
    Case(
        "last-vote",
        "x_a",
        voted(NOT_REFUSED, mark=loop(until="nrOfCompletedInstances > 1")),
        voted(NOT_REFUSED, mark=loop(until='opinion = "refuse"')),
    ),
    Case(
        "last-vote",
        "x_a",
        vote(NOT_REFUSED),
        voted('count(said[item = "agree"]) > 1', mark=loop(COLLECTED.format("opinion"))),
    ),
    Case("last-vote", "x_a", asked_again(again=False), asked_again(again=True)),
    Case("last-vote", "x_a", late(NOT_REFUSED), late(AGREED), also("value-unset-somewhere")),
    # ok, ok, no counted to 0.
    Case(
        "parallel-counter",
        "k",
        counting('total + (if opinion = "agree" then 1 else 0)'),
        counting('total + (if opinion = "agree" then 1 else 0)', sequential=True),
    ),
    Case(
        "parallel-counter",
        "k",
        counting('if opinion = "refuse" then 1 else total'),
        counting("if total = null then 1 else total"),
    ),
    Case("parallel-counter", "q", inside(begun=False), inside(begun=True)),
    Case(
        "result-undeclared",
        "n",
        voted('said[1] = "agree"', mark=loop(COLLECTED.format("opinion"))).replace(DECLARED.encode(), b""),
        voted('said[1] = "agree"', mark=loop(COLLECTED.format("opinion"))),
    ),
    # What comes out is one of two values, and the completion condition knows whether it is decided.
    Case("option-unknown", "x_a", vote('said_all = "passed"'), GOOD, also("branch-never", "option-silent")),
    Case(
        "name-unknown",
        "n",
        voted("true = true", mark=loop(until="outcomeDecided")),
        voted(
            AGREED,
            mark=loop(until="outcomeDecided"),
            vote="veto",
            ballot="opinion",
            yes="agree",
            outcome="said_all",
        ),
    ),
]
