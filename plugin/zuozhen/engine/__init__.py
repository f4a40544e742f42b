"""Executes diagrams: a pure function of (diagram, state, event, environment). Knows SpiffWorkflow."""

from zuozhen.engine.diagram import Diagram, Element, Process, Start
from zuozhen.engine.expressions import evaluate
from zuozhen.engine.loading import load_diagram
from zuozhen.engine.migration import migrate
from zuozhen.engine.places import followers, movable
from zuozhen.engine.restoring import restore
from zuozhen.engine.runtime import advance, start

__all__ = [
    "Diagram",
    "Element",
    "Process",
    "Start",
    "advance",
    "evaluate",
    "followers",
    "load_diagram",
    "migrate",
    "movable",
    "restore",
    "start",
]
