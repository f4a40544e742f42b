"""The check while drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Invalid
from zuozhen.services import accounts
from zuozhen.services.studio.checks import area_of, check_draft
from zuozhen.web.identity import admin_only, context, current_actor
from zuozhen.web.jsonbody import json_object

blueprint = Blueprint("zuozhen_studio_checking", __name__)


@blueprint.post("/studio/check")
@admin_only(accounts.ADMIN_SYSTEM)
def check() -> ResponseReturnValue:
    """Check the draft with one file as it is being edited: JSON ``{"path", "content"}``, or ``{}`` for all."""
    asked = json_object()
    tenant = current_actor().tenant
    checked = check_draft(context(), tenant, _unsaved(asked))
    findings = [{**asdict(finding), "area": area_of(finding.file)} for finding in checked.findings]
    return jsonify(findings=findings, ms=round(checked.ms, 1))


def _unsaved(asked: Mapping[str, Any]) -> dict[str, bytes]:
    if not {"path", "content"} & asked.keys():
        return {}
    path, content = asked.get("path"), asked.get("content")
    if not isinstance(path, str) or not isinstance(content, str):
        raise Invalid("path 和 content 应是文件的路径和文字内容。")
    return {path: content.encode(errors="replace")}
