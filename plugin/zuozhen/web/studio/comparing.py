"""What differs between two versions: sentences, both diagrams, texts line by line."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from zuozhen.model.difference import AREA_NAMES, Change
from zuozhen.services import accounts
from zuozhen.services.studio.comparing import Difference, compare
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.sides import DRAFT, LIVE, diagram_xml, files_of, sides
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_comparing", __name__)


@blueprint.get("/studio/compare", endpoint="compare")
@admin_only(accounts.ADMIN_SYSTEM)
def show() -> ResponseReturnValue:
    """Compare ``old`` with ``new``: ``live``, ``draft`` or ``v3``; ``format=json`` for programs."""
    tenant = current_actor().tenant
    old, new = request.args.get("old") or LIVE, request.args.get("new") or DRAFT
    files = files_of(context(), tenant, old), files_of(context(), tenant, new)
    difference = compare(*files)
    if request.args.get("format") == "json":
        return jsonify(_as_json(old, new, difference))
    return render_template(
        "zuozhen/studio/compare.html",
        sides=sides(context(), tenant),
        old=old,
        new=new,
        difference=difference,
        groups=[
            (area, name, _of(difference, area)) for area, name in AREA_NAMES.items() if area != "drawing"
        ],
        moved=_of(difference, "drawing"),
        former={new_id: old_id for old_id, new_id in difference.suggested_mapping.items()},
        titles={path: title_of(path, files[path in files[1]]) for path in difference.texts},
    )


@blueprint.get("/studio/compare/diagram.bpmn")
@admin_only(accounts.ADMIN_SYSTEM)
def diagram() -> ResponseReturnValue:
    """Answer the diagram of one ``side`` as XML."""
    xml = diagram_xml(context(), current_actor().tenant, request.args.get("side") or LIVE)
    return Response(xml, mimetype="application/xml")


def _of(difference: Difference, area: str) -> list[Change]:
    return [change for change in difference.changes if change.area == area]


def _as_json(old: str, new: str, difference: Difference) -> dict[str, object]:
    return {
        "old": old,
        "new": new,
        "counts": difference.counts,
        "changes": [asdict(change) for change in difference.changes],
        "coloured_old": dict(difference.coloured_old),
        "coloured_new": dict(difference.coloured_new),
        "suggested_mapping": dict(difference.suggested_mapping),
    }
