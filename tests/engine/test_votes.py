"""Several people decide together: what comes out is computed from all the votes."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.bpmn import Diagram, multi
from tests.engine.moving import move, moved, refused
from tests.engine.play import Play

from zuozhen.engine import load_diagram
from zuozhen.model.errors import EngineError
from zuozhen.model.step import EndInstance, Move

ALL = "units"
UNTIL = "outcomeDecided"
COLLECTED = '<bpmn:loopDataOutputRef>said</bpmn:loopDataOutputRef><bpmn:outputDataItem name="opinion"/>'


def rule(name: str, share: str = "", **more: str) -> dict[str, str]:
    drawn = {"zz:vote": name, "zz:outcome": "joint", "zz:ballot": "opinion", "zz:yes": "ok, fine"}
    return {**drawn, **({"zz:share": share} if share else {}), **more}


def voting(
    properties: dict[str, str], *, sequential: bool = False, until: str = "", collect: bool = False
) -> Diagram:
    """A vote, a gateway that reads what came out, and a timer that cuts the vote short to the same gateway."""
    mark = multi(ALL, "unit", sequential=sequential, until=until)
    if collect:
        mark = mark.replace("</bpmn:multi", f"{COLLECTED}</bpmn:multi")
    diagram = Diagram()
    process = diagram.process()
    process.chain(process.start(), process.user("ask", mark, props=properties))
    process.gateway("exclusive", "way", default="else")
    process.timer("boundary", "late", "days(5)", attachedToRef="ask")
    process.flow("ask", "way")
    process.flow("late", "way")
    process.flow("way", process.user("yes"), 'joint = "yes"')
    process.flow("way", process.user("no"), flow_id="else")
    process.chain("yes", process.end())
    process.flow("no", "end")
    return diagram


LOADED: dict[Any, Any] = {}


def played(
    properties: dict[str, str], votes: int, variables: dict[str, Any] | None = None, **more: Any
) -> Play:
    key = (tuple(sorted(properties.items())), tuple(sorted(more.items())))
    if key not in LOADED:
        LOADED[key] = load_diagram(voting(properties, **more).xml())
    return Play(LOADED[key], {"units": list(range(votes)), **(variables or {})})


def vote_all(play: Play, votes: list[str | None]) -> Play:
    """Give votes one after the other until the activity is over; nothing is said for ``None``."""
    for vote in votes:
        if "ask" in play.open:
            play.done("ask", **({"opinion": vote} if vote is not None else {}))
    return play


def said(play: Play) -> dict[str, str]:
    """Return what the log tells of the vote."""
    [entry] = [entry for step in play.steps for entry in step.log if entry.kind == "decided"]
    return dict(entry.properties)


def expected(name: str, votes: list[str | None], share: int) -> bool:
    """The oracle: all votes are known, ``None`` for one that is not given."""
    agreed = [vote in ("ok", "fine") for vote in votes]
    if name == "veto":
        return all(agreed)
    if name == "any":
        return any(agreed)
    if name == "completed":
        return True
    return bool(votes) and 100 * sum(agreed) >= share * len(votes)


# ---------------------------------------------------------------- the examples


@pytest.mark.parametrize("order", sorted(set(permutations(["no", "no", "ok"]))))
def test_no_no_ok_is_not_passed_in_any_order(order: tuple[str, ...]) -> None:
    play = vote_all(played(rule("approved", "50"), 3), list(order))
    assert play.open == ["no"] and play.step.variables["joint"] == "no"
    assert said(play) == {
        "yes": "1",
        "no": "2",
        "missing": "0",
        "handed_in": "3",
        "total": "3",
        "rule": "approved",
        "outcome": "no",
    }


def test_votes_are_counted_where_a_counter_would_begin_anew() -> None:
    """Ok, ok, no: two of three, by the outcome and by the collected list."""
    play = vote_all(played(rule("approved", "200 / 3"), 3, collect=True), ["ok", "ok", "no"])
    assert play.open == ["yes"]
    assert play.step.variables["said"] == ["ok", "ok", "no"]


def test_what_is_collected_counts_as_read() -> None:
    """Nobody else reads the field: a case keeps it because the activity collects it, or counts it."""
    assert {"opinion", "said"} & load_diagram(voting({}, collect=True).xml()).names == {"opinion"}
    assert "opinion" in load_diagram(voting(rule("veto")).xml()).names


# ---------------------------------------------------------------- every rule against the oracle

NAMES = st.sampled_from(["veto", "any", "completed", "approved"])
VOTES = st.lists(st.sampled_from(["ok", "fine", "no", None]), max_size=6)


@settings(max_examples=120, deadline=None)
@given(NAMES, VOTES, st.sampled_from([0, 30, 50, 67, 100]), st.booleans(), st.booleans())
def test_rules(name: str, votes: list[str | None], share: int, sequential: bool, early: bool) -> None:
    """Ended as soon as it is decided or not: the same comes out, at the first moment that allows it."""
    until = UNTIL if early else ""
    play = played(rule(name, "share"), len(votes), {"share": share}, sequential=sequential, until=until)
    vote_all(play, votes)
    assert play.open == ["yes" if expected(name, votes, share) else "no"]
    if not early or not votes:
        return
    asked = int(said(play)["handed_in"])
    if name == "completed":
        assert asked == max(1, -(-share * len(votes) // 100))
        return
    tails = [
        expected(name, [*votes[:asked], *[filler] * (len(votes) - asked)], share) for filler in ("ok", "no")
    ]
    assert tails[0] == tails[1]
    before = [
        expected(name, [*votes[: asked - 1], *[filler] * (len(votes) - asked + 1)], share)
        for filler in ("ok", "no")
    ]
    assert asked == 1 or before[0] != before[1]


@settings(max_examples=60, deadline=None)
@given(NAMES, VOTES.filter(bool), st.integers(0, 5), st.sampled_from([0, 30, 50, 100]), st.booleans())
def test_cut_short_by_a_timer(
    name: str, votes: list[str | None], given_votes: int, share: int, sequential: bool
) -> None:
    """What was not given when time was up has not agreed."""
    handed_in = votes[: min(given_votes, len(votes) - 1)]
    play = played(rule(name, str(share)), len(votes), sequential=sequential, collect=True)
    vote_all(play, handed_in)
    play.later(days=6)
    full = [*handed_in, *[None] * (len(votes) - len(handed_in))]
    wanted = (
        100 * len(handed_in) >= share * len(votes) if name == "completed" else expected(name, full, share)
    )
    assert play.open == ["yes" if wanted else "no"]
    assert play.step.variables["said"] == handed_in
    assert int(said(play)["missing"]) == full.count(None)


@pytest.mark.parametrize(
    ("name", "comes_out"), [("veto", "yes"), ("any", "no"), ("completed", "yes"), ("approved", "no")]
)
def test_nobody_asked(name: str, comes_out: str) -> None:
    assert played(rule(name, "50"), 0).open == [comes_out]


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("sequential", [False, True])
def test_an_instance_ended_by_hand_has_left_the_vote(sequential: bool) -> None:
    play = vote_all(played(rule("approved", "60"), 4, sequential=sequential), ["ok", "no"])
    play.send(EndInstance(play.task("ask").token))
    assert play.open == ["ask"]
    play.done("ask", opinion="ok")
    assert play.open == ["yes"]  # two of three
    assert said(play) | {"total": "3", "yes": "2", "missing": "0"} == said(play)


def test_leaving_may_decide() -> None:
    play = vote_all(played(rule("approved", "50"), 3, until=UNTIL), ["ok"])
    assert play.open == ["ask", "ask"]
    play.send(EndInstance(play.task("ask").token))
    assert play.open == ["yes"]


def test_moving_on_counts_what_was_given() -> None:
    play = vote_all(played(rule("any"), 3), ["ok"])
    play.send(Move(play.task("ask").token, "way"))
    assert play.open == ["yes"]


# ---------------------------------------------------------------- votes of before, yes/no fields, wrong shares


def test_an_older_answer_of_the_same_name_is_no_vote() -> None:
    play = vote_all(played(rule("any"), 2, {"opinion": "ok"}), [None, None])
    assert play.open == ["no"] and said(play)["missing"] == "2"
    assert play.step.variables["opinion"] == "ok"


def test_yes_and_no_fields_vote() -> None:
    drawn = rule("approved", "50", **{"zz:yes": "true"})
    play = played(drawn, 3)
    for vote in (True, False, True):
        play.done("ask", opinion=vote)
    assert play.open == ["yes"]


@pytest.mark.parametrize("share", [101, -1, "50", None, True])
def test_a_share_that_cannot_be_is_told_before_anybody_votes(share: Any) -> None:
    with pytest.raises(EngineError, match="应是 0 到 100 的数") as caught:
        played(rule("approved", "share"), 2, {"share": share})
    assert caught.value.element_id == "ask"


# ---------------------------------------------------------------- a new diagram


def test_a_changed_rule_counts_the_votes_given_before() -> None:
    play = vote_all(played(rule("veto"), 3), ["no", "ok"])
    move(play, voting(rule("approved", "60")))
    play.done("ask", opinion="ok")
    assert play.open == ["yes"]


def test_votes_by_another_field_are_not_mixed() -> None:
    other = voting(rule("veto", **{"zz:ballot": "verdict"}))
    for before in (rule("veto"), {}):
        play = played(before, 2)
        assert moved(play, other).refusals == ()
        vote_all(play, ["ok"])
        assert refused(moved(play, other)) == [("ask", "votes")]
