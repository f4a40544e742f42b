"""The few endpoints of Camunda 7 that its desktop modeler calls to deploy and start."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("zuozhen_engine_rest", __name__)
