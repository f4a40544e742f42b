"""``/health`` for monitors: 200 when well, 503 when due work piles up; says nothing about cases."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from zuozhen.services.health import health
from zuozhen.web.identity import context

blueprint = Blueprint("zuozhen_health", __name__)


@blueprint.get("/health")
def check() -> ResponseReturnValue:
    state = health(context())
    work = [
        {"kind": kind, "overdue": waiting, "oldest_seconds": seconds, "stuck": stuck}
        for kind, waiting, seconds, stuck in state.kinds
    ]
    return jsonify({"status": "ok" if state.well else "late", "work": work}), 200 if state.well else 503
