"""The diagram editor and its element templates."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.clock import local_date
from zuozhen.model.errors import NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import workspace
from zuozhen.services.studio.choices import Choices, read_choices
from zuozhen.services.studio.element_templates import element_templates
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_diagrams", __name__)

_ID = re.compile(r'\sid="([^"]+)"')


@blueprint.get("/studio/diagram")
@admin_only(accounts.ADMIN_SYSTEM)
def editor() -> ResponseReturnValue:
    """Show the editor; ``element`` (or the element of a ``line`` of the source) is selected at once."""
    actor = current_actor()
    path = _path()
    draft = workspace.read_file(context(), actor.tenant, path)
    autosaved = workspace.own_autosave(context(), actor, path)
    name = path.rpartition("/")[2]
    page: dict[str, Any] = {
        "path": path,
        "name": name,
        "owner": f"{actor.tenant}.{actor.id}",
        "file": url_for("zuozhen_studio_workspace.file", path=path),
        "autosave": url_for("zuozhen_studio_workspace.autosave", path=path),
        "autosaved": _waiting(autosaved),
        "check": url_for("zuozhen_studio_checking.check"),
        "templates": url_for(".templates"),
        "lists": url_for(".lists"),
        "form": url_for("zuozhen_studio_forms.edit", key="KEY"),
        "element": request.args.get("element", "")
        or _element_at(draft.content, request.args.get("line", 0, int)),
    }
    return render_template("zuozhen/studio/diagram.html", page=page, path=path, name=name, draft=draft)


@blueprint.get("/studio/element-templates.json")
@admin_only(accounts.ADMIN_SYSTEM)
def templates() -> ResponseReturnValue:
    """Send the element templates with the draft's roles and forms; also for a desktop modeler."""
    return jsonify(element_templates(_choices()))


@blueprint.get("/studio/diagram/lists.json")
@admin_only(accounts.ADMIN_SYSTEM)
def lists() -> ResponseReturnValue:
    """Send what the panel offers: roles, units, forms with their fields, messages, recurrences."""
    choices = _choices()
    return jsonify(asdict(choices) | {"chosen_units": [asdict(option) for option in choices.chosen_units]})


def _path() -> str:
    """Return the path that was asked for; without one, the diagram of the draft.

    Raises:
        NotFound: what was asked for is no diagram.
    """
    path = request.args.get("path", "") or workspace.diagram_path(context(), current_actor().tenant)
    if not path.endswith(".bpmn"):
        raise NotFound("这里只能打开流程图（.bpmn 文件）。")
    return path


def _choices() -> Choices:
    tenant = current_actor().tenant
    today = local_date(context().clock())
    return read_choices(workspace.files(context(), tenant), workspace.slug(context(), tenant), today)


def _element_at(content: bytes, line: int) -> str:
    """Return the id of the element that a line (from 1) of the source belongs to; empty if there is none."""
    for text in reversed(content.decode(errors="replace").splitlines()[: max(line, 0)]):
        if (found := _ID.search(text)) is not None:
            return found[1]
    return ""


def _waiting(autosaved: workspace.Autosave | None) -> dict[str, Any] | None:
    if autosaved is None:
        return None
    return {"at": autosaved.at.isoformat(), "rev": autosaved.base_rev}
