"""Executes diagrams: a pure function of (diagram, state, event, environment). Knows SpiffWorkflow."""

from zuozhen.engine.beginning import Occurrence, first_start, later_start
from zuozhen.engine.diagram import Diagram, Element, Process, Start
from zuozhen.engine.expressions import evaluate
from zuozhen.engine.loading import load_diagram
from zuozhen.engine.migration import migrate
from zuozhen.engine.places import followers, is_joint, movable
from zuozhen.engine.restoring import restore
from zuozhen.engine.runtime import advance, start

__all__ = [
    "Diagram",
    "Element",
    "Occurrence",
    "Process",
    "Start",
    "advance",
    "evaluate",
    "first_start",
    "followers",
    "is_joint",
    "later_start",
    "load_diagram",
    "migrate",
    "movable",
    "restore",
    "start",
]
