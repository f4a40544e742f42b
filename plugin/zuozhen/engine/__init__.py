"""Executes diagrams: a pure function of (diagram, state, event, environment). Knows SpiffWorkflow."""

from zuozhen.engine.diagram import Diagram, Element, Process, Start
from zuozhen.engine.expressions import evaluate
from zuozhen.engine.loading import load_diagram
from zuozhen.engine.runtime import advance, start

__all__ = ["Diagram", "Element", "Process", "Start", "advance", "evaluate", "load_diagram", "start"]
