"""Where things are drawn. Moving them changes nothing that runs, so it is told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zuozhen.packs.safexml import XmlElement

BPMNDI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
_DI: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
_MEANINGLESS: Final = frozenset({"id", "bpmnElement", "isMarkerVisible", "isHorizontal"})


@dataclass(frozen=True, slots=True)
class Shape:
    """``place`` is (x, y), ``size`` (width, height) or empty for lines, ``route`` the points of a line,
    ``label`` the bounds of the name, ``look`` colours and whether a sub-process is unfolded."""

    place: tuple[float, ...] = ()
    size: tuple[float, ...] = ()
    route: tuple[tuple[float, ...], ...] = ()
    label: tuple[float, ...] = ()
    look: tuple[tuple[str, str], ...] = ()


def read_shapes(root: XmlElement) -> dict[str, Shape]:
    """Return what is drawn, by the id of the BPMN element."""
    return {
        element.get("bpmnElement"): _shape(element)
        for element in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")
        if element.get("bpmnElement")
    }


def movement(old: Shape | None, new: Shape | None) -> str:
    """Say how the drawing of one thing differs: ``移动了位置`` …; empty if it does not."""
    if old == new:
        return ""
    if old is None or new is None:
        return "补画了图形" if old is None else "图形被删去（流程不变）"
    if old.route != new.route:
        return "重新走线"
    if old.size != new.size:
        return "调整了大小"
    if old.place != new.place:
        return "移动了位置"
    return "的名称移动了位置" if old.label != new.label else "换了显示样式"


def _shape(element: XmlElement) -> Shape:
    bounds = _bounds(element)
    label = element.find(f"{BPMNDI}BPMNLabel")
    route = tuple(_numbers(point, "x", "y") for point in element.iterfind(f"{_DI}waypoint"))
    look = sorted(
        (name.rpartition("}")[2], value)
        for name, value in element.attrib.items()
        if name not in _MEANINGLESS and (name, value) != ("isExpanded", "true")
    )
    return Shape(bounds[:2], bounds[2:], route, _bounds(label) if label is not None else (), tuple(look))


def _bounds(element: XmlElement) -> tuple[float, ...]:
    found = element.find(f"{_DC}Bounds")
    return () if found is None else _numbers(found, "x", "y", "width", "height")


def _numbers(element: XmlElement, *names: str) -> tuple[float, ...]:
    return tuple(_number(element.get(name)) for name in names)


def _number(text: str | None) -> float:
    """Drawn positions are compared to a tenth of a pixel: modelers round differently."""
    try:
        value = round(float(text or 0), 1)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e12 else 0.0  # neither nan nor infinity
