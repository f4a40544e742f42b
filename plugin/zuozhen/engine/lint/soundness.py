"""Rules found by playing: every way tokens can move is tried, up to a bound, first without and then with
interrupting boundary events. Choices are taken freely, whatever the conditions say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.drawing import Drawing, Node, Scope, quoted
from zuozhen.engine.lint.net import Move, Net, bits_of, build

MAX_MOVES = 20_000
"""Moves tried for one process in one round: counted, not timed, so that findings are the same everywhere."""


@dataclass(slots=True)
class Play:
    """What playing one process found."""

    starved: dict[Node, tuple[int, Node | None]] = field(default_factory=dict)
    """Joins that may hold a token for ever: in which marking, after which interrupting boundary event."""
    doubled: int = 0
    """Bits that could hold two tokens at once."""
    abandoned: dict[Node, int] = field(default_factory=dict)
    """End events after which only waits are left that nobody need end: in which marking."""
    truncated: bool = False


@dataclass(slots=True)
class _Graph:
    """The markings reached, each with the last event that interrupted before, and the moves between them."""

    markings: dict[int, Node | None]
    before: dict[int, list[int]] = field(default_factory=dict)
    """From which markings a marking is reached without an interrupting event."""
    surely_before: dict[int, list[int]] = field(default_factory=dict)
    """The same, without messages and acts by hand, which may never come."""
    firings: dict[Node, set[int]] = field(default_factory=dict)
    """In which markings each join can fire."""
    wipings: list[tuple[int, int]] = field(default_factory=list)
    """In which markings an end event takes away which other tokens."""
    unknown: set[int] = field(default_factory=set)
    """Markings whose future was not played to the end."""

    def note(self, marking: int, move: Move) -> None:
        """Remember what a move means for joins."""
        if move.join is not None:
            self.firings.setdefault(move.join, set()).add(marking)
        elif move.wipe and move.exception is None:
            self.wipings.append((marking, move.wipe))


@dataclass(slots=True)
class _Played:
    net: Net | None
    plain: Play
    interrupted: Play


_PLAYED: WeakKeyDictionary[Drawing, dict[Scope, _Played]] = WeakKeyDictionary()
"""The rules below look at the same play; it is forgotten with the drawing."""


def deadlock(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """A join that waits for a branch which never comes stops the case for ever."""
    for played in _played(drawing).values():
        for join, (marking, _event) in played.plain.starved.items():
            missing = _missing(played, join, marking)
            hint = "分开与汇合要用同一种网关：选一条走的用排他网关汇合"
            yield Complaint(join, f"汇合{join.title}可能永远等不齐{missing}", hint)


def deadlock_after_boundary(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An interrupting event inside a parallel branch takes away the token its join waits for."""
    for played in _played(drawing).values():
        for join, (marking, event) in played.interrupted.starved.items():
            if join not in played.plain.starved and event is not None:
                missing = _missing(played, join, marking)
                message = f"边界{event.title}发生后，汇合{join.title}可能永远等不齐{missing}"
                hint = "请把边界事件之后的路也接到这个汇合网关，或把并行部分放进子流程再画边界事件"
                yield Complaint(join, message, hint)


def doubled(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Branches that run side by side and meet without a join make the rest run twice."""
    for played in _played(drawing).values():
        reported: set[Node] = set()
        for bit in bits_of(played.plain.doubled | played.interrupted.doubled):
            node = played.net.targets.get(bit) if played.net else None
            if node is not None and node not in reported:
                reported.add(node)
                yield Complaint(node, f"{node.title}可能被执行两次", "并行的几路请先用并行（或包容）网关汇合")


def abandoned(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """When all else has ended, a branch that only waits to stop everything would keep the case open for ever."""
    for played in _played(drawing).values():
        for end, marking in {**played.interrupted.abandoned, **played.plain.abandoned}.items():
            waits = (
                [played.net.targets[bit] for bit in bits_of(marking & played.net.waits)] if played.net else []
            )
            names = "、".join(quoted(node.label) for node in waits)
            message = f"{end.title}之后只剩下{names}在等待，没有人必须去办，办件永远不会结束"
            hint = f"请把{end.title}改为“终止”结束事件；若必须等{names}，请把它后面的终止结束改为普通结束"
            yield Complaint(end, message, hint)


def truncated(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Very wide processes cannot be played to the end."""
    for process, played in _played(drawing).items():
        if played.plain.truncated or played.interrupted.truncated:
            message = f"{process.title}并行的环节太多，没有试完所有走法，不能保证不会卡住"
            yield Complaint(process, message, "请减少同时进行的分支，或把一部分放进另一个流程")


def play(net: Net, *, interruptions: bool) -> Play:
    """Try every move from every reachable marking, at most ``MAX_MOVES`` of them."""
    found = Play()
    graph = _Graph(dict.fromkeys(net.starts))
    queue = list(graph.markings)
    budget = MAX_MOVES
    while queue and budget > 0:
        marking = queue.pop()
        for move in _possible(net, marking):
            if move.exception is not None and not interruptions:
                continue
            budget -= 1
            graph.note(marking, move)
            rest = marking & ~move.take & ~move.wipe
            if rest & move.put:
                if not move.timid:
                    found.doubled |= rest & move.put
                    graph.unknown.add(marking)
                continue
            following = rest | move.put
            if move.end is not None and following & net.waits and _abandoned(net, following):
                found.abandoned.setdefault(move.end, following)
            if following not in graph.markings:
                graph.markings[following] = move.exception or graph.markings[marking]
                queue.append(following)
            if move.exception is None:
                graph.before.setdefault(following, []).append(marking)
                if move.sure:
                    graph.surely_before.setdefault(following, []).append(marking)
    found.truncated = bool(queue)
    graph.unknown.update(queue)
    for join, mask in net.joins.items():
        starved = _starved(graph, join, mask)
        if starved is not None:
            found.starved[join] = (starved, graph.markings[starved])
    return found


def _abandoned(net: Net, marking: int) -> bool:
    """Tell whether nothing can happen any more but that somebody stops everything by hand."""
    return all(move.take & net.waits or move.timid for move in _possible(net, marking))


def _starved(graph: _Graph, join: Node, mask: int) -> int | None:
    """Return the fullest marking in which a join holds a token that stays there, if there is one.

    A token leaves when the join fires, in whatever way that comes about, or when an end event is sure
    to take it away. That somebody could still withdraw the case is no excuse for a join.
    """
    waiting = [marking for marking in graph.markings if marking & mask]
    if not waiting:
        return None
    wiped = {marking for marking, wipe in graph.wipings if not marking & mask & ~wipe}
    hopeful = _leading_to(graph.firings.get(join, set()) | graph.unknown, graph.before)
    hopeful |= _leading_to(wiped, graph.surely_before)
    hopeless = [marking for marking in waiting if marking not in hopeful]
    return max(hopeless, key=lambda marking: (marking & mask).bit_count(), default=None)


def _leading_to(goals: set[int], before: Mapping[int, list[int]]) -> set[int]:
    """Return every marking from which one of ``goals`` can be reached, themselves included."""
    found = set(goals)
    stack = list(goals)
    while stack:
        for earlier in before.get(stack.pop(), ()):
            if earlier not in found:
                found.add(earlier)
                stack.append(earlier)
    return found


def _possible(net: Net, marking: int) -> Iterator[Move]:
    for bit in bits_of(marking):
        for move in net.moves.get(bit, ()):
            if marking & move.take == move.take and not marking & move.quiet:
                yield move


def _played(drawing: Drawing) -> dict[Scope, _Played]:
    played = _PLAYED.get(drawing)
    if played is None:
        played = _PLAYED[drawing] = {process: _play_process(process) for process in drawing.processes}
    return played


def _play_process(process: Scope) -> _Played:
    net = build(process)
    if net is None:
        return _Played(None, Play(truncated=True), Play())
    return _Played(net, play(net, interruptions=False), play(net, interruptions=True))


def _missing(played: _Played, join: Node, marking: int) -> str:
    """Say which branches of a join have not arrived."""
    absent = [flow for flow in join.incoming if played.net and not marking & played.net.places[flow]]
    sources = "、".join(quoted(flow.source.label) for flow in absent if flow.source)
    return f"：从{sources}来的一路到不了" if sources else ""
