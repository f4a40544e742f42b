"""Rules found by playing: every way tokens can move is tried, up to a bound, first without and then with
interrupting boundary events. Choices are taken freely, whatever the conditions say."""

from __future__ import annotations

from collections.abc import Iterator
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

    stuck: dict[int, Node | None] = field(default_factory=dict)
    """Markings from which nothing moves on, with the last boundary event that interrupted before."""
    doubled: int = 0
    """Bits that could hold two tokens at once."""
    truncated: bool = False


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
        for join, missing, _event in _stuck_joins(played.net, played.plain):
            yield Complaint(
                join,
                f"汇合{join.title}可能永远等不齐{missing}",
                "分开与汇合要用同一种网关：选一条走的用排他网关汇合",
            )


def deadlock_after_boundary(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """An interrupting event inside a parallel branch takes away the token its join waits for."""
    for played in _played(drawing).values():
        known = {join for join, _missing, _event in _stuck_joins(played.net, played.plain)}
        for join, missing, event in _stuck_joins(played.net, played.interrupted):
            if join not in known and event is not None:
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


def truncated(drawing: Drawing, _: LintContext) -> Iterator[Complaint]:
    """Very wide processes cannot be played to the end."""
    for process, played in _played(drawing).items():
        if played.plain.truncated or played.interrupted.truncated:
            message = f"{process.title}并行的环节太多，没有试完所有走法，不能保证不会卡住"
            yield Complaint(process, message, "请减少同时进行的分支，或把一部分放进另一个流程")


def play(net: Net, *, interruptions: bool) -> Play:
    """Try every move from every reachable marking, at most ``MAX_MOVES`` of them."""
    found = Play()
    history: dict[int, Node | None] = dict.fromkeys(net.starts)
    queue = list(history)
    budget = MAX_MOVES
    while queue:
        marking = queue.pop()
        moving = marking == 0
        for move in _possible(net, marking):
            if move.exception is not None and not interruptions:
                continue
            budget -= 1
            moving = moving or move.exception is None
            rest = marking & ~move.take & ~move.wipe
            if rest & move.put:
                found.doubled |= 0 if move.timid else rest & move.put
                continue
            following = rest | move.put
            if following not in history:
                history[following] = move.exception or history[marking]
                queue.append(following)
        if not moving:
            found.stuck[marking] = history[marking]
        if budget < 0:
            found.truncated = True
            break
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


def _stuck_joins(net: Net | None, found: Play) -> Iterator[tuple[Node, str, Node | None]]:
    """Give every join that can get stuck once, with the branches it misses and the interrupting event."""
    reported: set[Node] = set()
    for marking, event in found.stuck.items():
        for bit in bits_of(marking):
            node = net.targets.get(bit) if net else None
            if net is None or node is None or node.inner is not None or node in reported:
                continue
            reported.add(node)
            absent = [flow for flow in node.incoming if not marking & net.places[flow]]
            sources = "、".join(quoted(flow.source.label) for flow in absent if flow.source)
            yield node, f"：从{sources}来的一路到不了" if sources else "", event
