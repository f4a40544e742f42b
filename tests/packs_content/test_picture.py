"""The drawing can be read: complete, inside its lanes, nothing on top of anything else."""

from __future__ import annotations

from itertools import combinations

import pytest
from tests.packs_content.packs import SLUGS, diagram_of
from tests.packs_content.picture import Picture


@pytest.fixture(params=SLUGS)
def picture(request: pytest.FixtureRequest) -> Picture:
    return Picture(diagram_of(request.param))


def test_everything_is_drawn(picture: Picture) -> None:
    assert [node for node in picture.flow_nodes() if node not in picture.boxes] == []
    assert [flow for flow in picture.flows() if flow not in picture.lines] == []


def test_named_events_gateways_and_flows_have_a_placed_label(picture: Picture) -> None:
    outside = [
        *picture.flows(),
        *(n for n in picture.flow_nodes() if picture.kind(n).endswith(("Event", "Gateway"))),
    ]
    unplaced = [key for key in outside if picture.nodes[key].get("name") and key not in picture.labels]
    assert unplaced == []


def test_every_node_lies_in_its_own_lane(picture: Picture) -> None:
    """Or in the pool, where a process has no lanes."""
    lanes = picture.lane_of()
    top_level = [n for n in picture.flow_nodes() if picture.kind(picture.parent(n)) == "process"]
    divided = {picture.process_of(lane) for lane in lanes.values()}
    assert [n for n in top_level if n not in lanes and picture.parent(n) in divided] == []
    stray = [node for node, lane in lanes.items() if not picture.boxes[lane].holds(picture.boxes[node])]
    pools = {picture.nodes[pool].get("processRef"): pool for pool in picture.drawn("participant")}
    for node in top_level:
        pool = pools.get(picture.parent(node))
        if node not in lanes and (pool is None or not picture.boxes[pool].holds(picture.boxes[node])):
            stray.append(node)
    assert stray == []


def test_labels_of_nodes_stay_in_their_lane(picture: Picture) -> None:
    divided = {picture.process_of(lane) for lane in picture.drawn("lane")}
    frames = [picture.boxes[lane] for lane in picture.drawn("lane")]
    frames += [
        picture.boxes[pool]
        for pool in picture.drawn("participant")
        if picture.nodes[pool].get("processRef") not in divided
    ]
    labels = [label for key, label in picture.labels.items() if key not in picture.flows()]
    assert [label.owner for label in labels if not any(frame.holds(label) for frame in frames)] == []


def test_lanes_fill_their_pool(picture: Picture) -> None:
    for pool in picture.drawn("participant"):
        process = picture.nodes[pool].get("processRef")
        inside = [lane for lane in picture.drawn("lane") if process in picture.ancestors(lane)]
        outermost = [lane for lane in inside if not picture.ancestors(lane) & set(inside)]
        assert all(picture.boxes[pool].holds(picture.boxes[lane]) for lane in inside)
        if outermost:
            assert sum(picture.boxes[lane].height for lane in outermost) == picture.boxes[pool].height, pool


def test_no_shape_covers_another(picture: Picture) -> None:
    nodes = [key for key in picture.flow_nodes() if key in picture.boxes]
    covered = [
        (one, other)
        for one, other in combinations(nodes, 2)
        if picture.boxes[one].overlaps(picture.boxes[other]) and not picture.related(one, other)
    ]
    assert covered == []


def test_sub_processes_hold_their_inside(picture: Picture) -> None:
    for node in picture.flow_nodes():
        if picture.kind(node) == "boundaryEvent":
            continue
        for around in picture.ancestors(node) & picture.boxes.keys():
            assert picture.boxes[around].holds(picture.boxes[node]), (around, node)


def test_no_label_covers_a_label_or_a_shape(picture: Picture) -> None:
    labels = list(picture.labels.values())
    nodes = [picture.boxes[key] for key in picture.flow_nodes() if picture.kind(key) != "subProcess"]
    covered = [(one.owner, other.owner) for one, other in combinations(labels, 2) if one.overlaps(other)]
    covered += [(label.owner, node.owner) for label in labels for node in nodes if label.overlaps(node)]
    assert covered == []


def test_no_line_runs_through_a_label(picture: Picture) -> None:
    crossed = [
        (flow, label.owner)
        for flow, start, end in picture.segments()
        for label in picture.labels.values()
        if label.crossed_by(start, end)
    ]
    assert crossed == []


def test_no_line_runs_through_a_foreign_shape(picture: Picture) -> None:
    crossed = []
    for flow, start, end in picture.segments():
        ends = {picture.nodes[flow].get("sourceRef"), picture.nodes[flow].get("targetRef")}
        hosts = {picture.nodes[e].get("attachedToRef") for e in ends}
        around = set().union(*(picture.ancestors(e) for e in ends))
        for node in picture.flow_nodes():
            if node in ends | hosts | around:
                continue
            if picture.boxes[node].crossed_by(start, end):
                crossed.append((flow, node))
    assert crossed == []


def test_lines_are_upright_or_level_and_start_and_end_on_an_outline(picture: Picture) -> None:
    slanted = [flow for flow, (x1, y1), (x2, y2) in picture.segments() if x1 != x2 and y1 != y2]
    assert slanted == []
    loose = [
        flow
        for flow, points in picture.lines.items()
        if not picture.touches(points[0], picture.nodes[flow].get("sourceRef"))
        or not picture.touches(points[-1], picture.nodes[flow].get("targetRef"))
    ]
    assert loose == []


def test_boundary_events_sit_on_the_border(picture: Picture) -> None:
    for node in picture.flow_nodes():
        host = picture.nodes[node].get("attachedToRef")
        if host:
            assert picture.touches(picture.boxes[node].centre, host), node
