"""The check while drawing."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Invalid
from zuozhen.services import accounts
from zuozhen.services.studio.checks import area_of, check_draft
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_checking", __name__)


@blueprint.post("/studio/check")
@admin_only(accounts.ADMIN_SYSTEM)
def check() -> ResponseReturnValue:
    """Check the draft with one file as it is being edited: JSON ``{"path", "content"}``, both may be absent."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise Invalid("请求不是 JSON 对象。")
    path, content = asked.get("path"), asked.get("content")
    unsaved = (
        {path: content.encode(errors="replace")} if isinstance(path, str) and isinstance(content, str) else {}
    )
    checked = check_draft(context(), current_actor().tenant, unsaved)
    findings = [{**asdict(finding), "area": area_of(finding.file)} for finding in checked.findings]
    return jsonify(findings=findings, ms=round(checked.ms, 1))
