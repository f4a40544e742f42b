"""Where a token may be moved to: for pages that offer to skip, repeat or move."""

from __future__ import annotations

from collections import deque

from zuozhen.engine.diagram import Diagram, Element
from zuozhen.engine.events import BoundarySplit
from zuozhen.engine.loops import MultiInstance
from zuozhen.model.errors import NotFound

WAITING_KINDS = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "subProcess", "callActivity"})
"""Where a case may stand: gateways, automatic tasks and throwing events are run through."""
NOT_ENTERED = frozenset({"startEvent", "boundaryEvent"})


def followers(diagram: Diagram, element_id: str) -> tuple[Element, ...]:
    """Return where the case may stand next after an element, nearest first, in the order of the flows.

    Whatever conditions say; within the element's process or sub-process only, sub-processes as a whole.
    Raises :class:`NotFound` for an unknown element.
    """
    specs = diagram.specs[_known(diagram, element_id).scope].task_specs
    found: dict[str, Element] = {}
    seen = {element_id}
    pending = deque(specs[element_id].targets)
    while pending:
        spec = pending.popleft()
        if isinstance(spec, BoundarySplit):
            spec = spec.targets[0]
        element = spec.element
        if element.kind in WAITING_KINDS:
            found.setdefault(element.id, element)
        elif element.id not in seen:
            seen.add(element.id)
            pending.extend(spec.targets)
    return tuple(found.values())


def movable(diagram: Diagram, element_id: str) -> tuple[Element, ...]:
    """Return every element of the same process or sub-process that a token at ``element_id`` may enter.

    In document order, the element itself included (to repeat it). Raises :class:`NotFound`.
    """
    scope = _known(diagram, element_id).scope
    return tuple(
        element
        for element in diagram.elements.values()
        if element.scope == scope and element.kind not in NOT_ENTERED
    )


def is_joint(diagram: Diagram, element_id: str) -> bool:
    """Tell whether an element is done by several, each an instance of its own. Raises :class:`NotFound`."""
    return isinstance(
        diagram.specs[_known(diagram, element_id).scope].task_specs.get(element_id), MultiInstance
    )


def _known(diagram: Diagram, element_id: str) -> Element:
    element = diagram.elements.get(element_id)
    if element is None:
        raise NotFound(f"流程图中没有环节 {element_id}。")
    return element
