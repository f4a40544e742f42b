"""What a BPMN file draws: boxes, labels and lines, with the geometry the tests ask about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
FRAMES = frozenset({"participant", "lane"})
FLOWS = frozenset({"sequenceFlow", "messageFlow"})

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; ``owner`` is the BPMN id it belongs to."""

    owner: str
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """Say whether the two share an area (touching edges do not)."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def crossed_by(self, start: Point, end: Point) -> bool:
        """Say whether an upright or level line runs through the inside."""
        (x1, x2), (y1, y2) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        return x1 < self.right and self.x < x2 + 0.001 and y1 < self.bottom and self.y < y2 + 0.001


class Picture:
    """Everything drawn, by BPMN id."""

    def __init__(self, xml: bytes) -> None:
        root = etree.fromstring(xml)
        self.nodes = {
            node.get("id"): node for node in root.iter() if node.get("id") and isinstance(node.tag, str)
        }
        self.boxes: dict[str, Box] = {}
        self.labels: dict[str, Box] = {}
        self.lines: dict[str, list[Point]] = {}
        for drawn in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge"):
            owner = drawn.get("bpmnElement")
            if (bounds := drawn.find(f"{DC}Bounds")) is not None:
                self.boxes[owner] = _box(owner, bounds)
            if (bounds := drawn.find(f"{DI}BPMNLabel/{DC}Bounds")) is not None:
                self.labels[owner] = _box(owner, bounds)
            if points := drawn.findall(WAYPOINT):
                self.lines[owner] = [(float(p.get("x")), float(p.get("y"))) for p in points]

    def kind(self, element_id: str) -> str:
        """Return the local tag of an element."""
        return str(self.nodes[element_id].tag).removeprefix(BPMN)

    def flow_nodes(self) -> list[str]:
        """Return the ids of all tasks, events, gateways and sub-processes."""
        tags = ("Task", "task", "Event", "Gateway", "subProcess", "callActivity")
        return [
            key
            for key, node in self.nodes.items()
            if str(node.tag).startswith(BPMN) and self.kind(key).endswith(tags)
        ]

    def flows(self) -> list[str]:
        return [key for key, node in self.nodes.items() if str(node.tag) in {BPMN + tag for tag in FLOWS}]

    def drawn(self, kind: str) -> list[str]:
        """Return the ids of all boxes of one kind, such as ``lane``."""
        return [key for key in self.boxes if self.kind(key) == kind]

    def parent(self, element_id: str) -> str:
        """Return the id of the process or sub-process that an element stands in."""
        return str(self.nodes[element_id].getparent().get("id"))

    def process_of(self, element_id: str) -> str:
        """Return the id of the process that a lane or node belongs to."""
        return next(key for key in self.ancestors(element_id) if self.kind(key) == "process")

    def lane_of(self) -> dict[str, str]:
        """Return the innermost lane of each node that a lane lists."""
        lanes: dict[str, str] = {}
        for lane in self.drawn("lane"):
            for ref in self.nodes[lane].iterfind("{*}flowNodeRef"):
                if ref.text not in lanes or lanes[ref.text] in self.ancestors(lane):
                    lanes[ref.text] = lane
        return lanes

    def segments(self) -> Iterator[tuple[str, Point, Point]]:
        """Yield every straight piece of every line with its flow."""
        for flow, points in self.lines.items():
            for start, end in pairwise(points):
                yield flow, start, end

    def ancestors(self, element_id: str) -> set[str]:
        """Return the ids of the sub-processes and pools around an element."""
        return {parent.get("id") for parent in self.nodes[element_id].iterancestors() if parent.get("id")}

    def related(self, one: str, other: str) -> bool:
        """Say whether two shapes may overlap: a sub-process and its inside, a task and its boundary event."""
        hosts = {self.nodes[one].get("attachedToRef"), self.nodes[other].get("attachedToRef")}
        return one in self.ancestors(other) or other in self.ancestors(one) or bool(hosts & {one, other})

    def touches(self, point: Point, element_id: str) -> bool:
        """Say whether a point lies on the visible outline of a shape (within one pixel)."""
        box = self.boxes[element_id]
        dx, dy = abs(point[0] - box.centre[0]), abs(point[1] - box.centre[1])
        kind = self.kind(element_id)
        if kind.endswith("Event"):
            return abs((dx**2 + dy**2) ** 0.5 - box.width / 2) <= 1
        if kind.endswith("Gateway"):
            return abs(dx + dy - box.width / 2) <= 1
        inside = dx <= box.width / 2 + 1 and dy <= box.height / 2 + 1
        return inside and (abs(dx - box.width / 2) <= 1 or abs(dy - box.height / 2) <= 1)


def _box(owner: str, bounds: etree._Element) -> Box:
    return Box(owner, *(float(bounds.get(key)) for key in ("x", "y", "width", "height")))
