"""The token game: against a slow one that is written without any of its short cuts, and on sub-processes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    catch,
    diagram,
    end,
    flow,
    gateway,
    message,
    path,
    start,
    sub_process,
    timer,
    user,
)
from tests.engine_lint.world import CONTEXT

from zuozhen.engine.lint import lint

KINDS = ("user", "exclusive", "parallel", "inclusive")
TERMINATE = "<bpmn:terminateEventDefinition />"
ERROR = "<bpmn:errorEventDefinition />"
PLAYED = {"deadlock", "deadlock-after-boundary", "doubled", "truncated"}


class Naive:
    """One token per flow, one flow per arc, one move at a time, on a graph of ``kinds`` and ``arcs``."""

    def __init__(self, kinds: dict[str, str], arcs: list[tuple[str, str]]) -> None:
        self.kinds = kinds
        self.arcs = arcs
        self.doubled = False
        self.stuck: set[str] = set()
        self._play()

    def _play(self) -> None:
        first = frozenset(arc for arc in self.arcs if arc[0] == "s")
        seen, queue = {first}, [first]
        while queue:
            marking = queue.pop()
            moves = list(self._moves(marking))
            if marking and not moves:
                self.stuck |= {arc[1] for arc in marking}
            for taken, put in moves:
                rest = marking - taken
                if rest & put:
                    self.doubled = True
                elif rest | put not in seen:
                    seen.add(rest | put)
                    queue.append(rest | put)

    def _moves(self, marking: frozenset[tuple[str, str]]) -> Iterator[tuple[frozenset, frozenset]]:
        for name in {arc[1] for arc in marking}:
            arrived = frozenset(arc for arc in marking if arc[1] == name)
            entering = {arc for arc in self.arcs if arc[1] == name}
            leaving = [arc for arc in self.arcs if arc[0] == name]
            kind = self.kinds[name]
            if kind == "parallel":
                if arrived == entering:
                    yield arrived, frozenset(leaving)
            elif kind == "inclusive":
                if not self._awaited(name, marking, arrived, entering):
                    every = chain.from_iterable(combinations(leaving, n + 1) for n in range(len(leaving)))
                    yield from ((arrived, frozenset(chosen)) for chosen in every)
            elif kind == "exclusive":
                yield from ((frozenset([one]), frozenset([out])) for one in arrived for out in leaving)
            else:
                yield from ((frozenset([one]), frozenset(leaving)) for one in arrived)

    def _awaited(self, name: str, marking: frozenset, arrived: frozenset, entering: set) -> bool:
        missing = entering - arrived
        return any(
            any(self._leads(arc, wanted, name) for wanted in missing)
            and not any(self._leads(arc, have, name) for have in arrived)
            for arc in marking - arrived
        )

    def _leads(self, arc: tuple[str, str], wanted: tuple[str, str], around: str) -> bool:
        seen, queue = set(), [arc]
        while queue:
            here = queue.pop()
            if here == wanted:
                return True
            if here not in seen and here[1] != around:
                seen.add(here)
                queue += [each for each in self.arcs if each[0] == here[1]]
        return False


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Small graphs, mostly forward, sometimes with a loop back to a merge."""
    count = draw(st.integers(2, 7))
    kinds = {f"n{each}": draw(st.sampled_from(KINDS)) for each in range(count)}
    names = [*kinds, "e"]
    arcs = {("s", "n0")}
    for position, name in enumerate(kinds):
        wanted = draw(st.integers(1, 1 if kinds[name] == "user" else 3))
        later = names[position + 1 :]
        arcs |= {(name, each) for each in draw(st.lists(st.sampled_from(later), min_size=1, max_size=wanted))}
        if kinds[name] == "exclusive" and position and draw(st.integers(0, 3)) == 0:
            arcs.add((name, names[draw(st.integers(0, position - 1))]))
    return {**kinds, "e": "end"}, sorted(arcs)


def drawn(kinds: dict[str, str], arcs: list[tuple[str, str]]) -> bytes:
    nodes = [
        user(name) if kind == "user" else end() if kind == "end" else gateway(kind, name)
        for name, kind in kinds.items()
    ]
    return diagram(start(), *nodes, *(flow(*arc) for arc in arcs))


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_agrees_with_the_naive_game(graph: tuple[dict[str, str], list[tuple[str, str]]]) -> None:
    naive = Naive(*graph)
    findings = lint(drawn(*graph), file="p.bpmn", context=CONTEXT)
    assert any(finding.code == "doubled" for finding in findings) == naive.doubled
    if not naive.doubled:
        assert {finding.element for finding in findings if finding.code == "deadlock"} == naive.stuck


def played(*elements: str) -> set[tuple[str, str]]:
    findings = lint(diagram(*elements), file="p.bpmn", context=CONTEXT)
    return {(finding.code, finding.element) for finding in findings if finding.code in PLAYED}


def around(*elements: str, more: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    return played(start(), sub_process("u", *elements), end(), path("s", "u", "e"), *more)


FORK = (start("s2"), gateway("parallel", "x"), user("a"), user("b"), path("s2", "x", "a"), path("x", "b"))
JOIN = (gateway("parallel", "y", clause=""), path("a", "y"), path("b", "y"))


def test_a_stuck_join_in_a_sub_process_is_found_behind_a_boundary_event() -> None:
    choice = (
        start("s2"),
        gateway("exclusive", "x"),
        user("a"),
        user("b"),
        path("s2", "x", "a"),
        path("x", "b"),
    )
    edge = (boundary("back", "u", timer("days(1)"), clause=CLAUSE), end("e3"), flow("back", "e3"))
    assert around(*choice, *JOIN, end("e2"), path("y", "e2"), more=edge) == {("deadlock", "y")}
    assert around(*FORK, *JOIN, end("e2"), path("y", "e2"), more=edge) == set()


def test_a_sub_process_ends_when_all_its_branches_have_ended() -> None:
    assert around(*FORK, end("e2"), end("e3"), path("a", "e2"), path("b", "e3")) == set()


@pytest.mark.parametrize("body", [TERMINATE, ""])
def test_terminating_a_branch_leaves_nothing_waiting(body: str) -> None:
    """Branch ``a`` may leave before the join: a plain end starves it, a terminating one stops all."""
    leave = (gateway("exclusive", "z"), end("e3", body), path("a", "z", "y"), flow("z", "e3"))
    join = (gateway("parallel", "y", clause=""), path("b", "y"), end("e2"), path("y", "e2"))
    expected = set() if body else {("deadlock", "y")}
    assert around(*FORK, *leave, *join) == expected
    top = (start("s2"), *FORK[1:], *leave, *join)
    assert played(*top) == expected


def test_an_error_leaves_the_sub_process_by_its_boundary() -> None:
    edge = (boundary("oops", "u", ERROR), flow("oops", "v"), user("v"), end("e4"), flow("v", "e4"))
    throwing = (gateway("exclusive", "z"), end("e3", ERROR), path("a", "z", "y"), flow("z", "e3"))
    join = (gateway("parallel", "y", clause=""), path("b", "y"), end("e2"), path("y", "e2"))
    assert around(*FORK, *throwing, *join, more=edge) == set()


def test_reminders_beside_the_main_path_are_played_on_their_own() -> None:
    """Twelve side paths would give millions of markings together; apart they are a handful."""
    lines = [start(), end(), path("s", *(f"t{n}" for n in range(12)), "e")]
    for n in range(12):
        late = boundary(f"late{n}", f"t{n}", timer("days(1)"), interrupting=False, clause=CLAUSE)
        lines += [user(f"t{n}"), late, user(f"r{n}"), end(f"e{n}"), path(f"late{n}", f"r{n}", f"e{n}")]
    assert played(*lines) == set()


def test_a_side_path_that_runs_into_the_main_path_doubles_it() -> None:
    late = boundary("late", "t", timer("days(1)"), interrupting=False, clause=CLAUSE)
    found = played(start(), user(), late, user("a"), end(), path("s", "t", "a", "e"), flow("late", "a"))
    assert found == {("doubled", "e")}


def test_a_starved_join_is_found_although_somebody_could_still_withdraw() -> None:
    """Beside the main path waits an act by hand that would end the case: it must not hide the deadlock."""
    act = catch("w", message(), trigger="enterprise")
    beside = (gateway("parallel", "f"), act, end("e9", TERMINATE), path("s", "f", "w", "e9"), path("f", "x"))
    wrong = (
        start(),
        gateway("exclusive", "x"),
        user("a"),
        user("b"),
        *JOIN,
        end(),
        path("x", "a"),
        path("x", "b"),
    )
    assert played(*wrong, *beside, path("y", "e")) == {("deadlock", "y")}
    right = (start(), gateway("parallel", "x"), *wrong[2:])
    assert played(*right, *beside, path("y", "e")) == set()
