"""Answers and errors in the shapes of Camunda 7."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from flask import jsonify
from flask.typing import ResponseReturnValue

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, Finding, Invalid, ZuozhenError
from zuozhen.services.deployment import Unexplained
from zuozhen.services.studio.camunda import Definition, Deployment, Started

PARSE_ERROR: Final = "ENGINE-09005 Could not parse BPMN process. Errors: "
"""The modeler knows parse errors by this beginning."""
TYPES: Final = {
    401: "NotAuthenticatedException",
    403: "AuthorizationException",
    404: "InvalidRequestException",
}


def deployment_json(deployment: Deployment, address: str) -> dict[str, Any]:
    """Return a deployment; ``address`` is where the interface begins."""
    return {
        "links": [_link(address, f"deployment/{deployment.id}")],
        "id": str(deployment.id),
        "name": deployment.name,
        "source": deployment.source,
        "deploymentTime": _time(deployment.at),
        "tenantId": str(deployment.tenant),
    }


def definition_json(definition: Definition) -> dict[str, Any]:
    """Return a process definition."""
    return {
        "id": definition.id,
        "key": definition.key,
        "category": None,
        "description": None,
        "name": definition.name,
        "version": definition.version,
        "resource": definition.resource,
        "deploymentId": str(definition.release_id),
        "diagram": None,
        "suspended": False,
        "tenantId": str(definition.tenant),
        "versionTag": None,
    }


def started_json(started: Started, address: str) -> dict[str, Any]:
    """Return a started process instance; its business key is the number that people call it by."""
    return {
        "links": [_link(address, f"process-instance/{started.id}")],
        "id": str(started.id),
        "definitionId": started.definition.id,
        "definitionKey": started.definition.key,
        "businessKey": started.number or None,
        "caseInstanceId": None,
        "ended": started.ended,
        "suspended": False,
        "tenantId": str(started.definition.tenant),
    }


def _link(address: str, path: str) -> dict[str, str]:
    return {"method": "GET", "href": f"{address}/{path}", "rel": "self"}


def _time(instant: datetime) -> str:
    return instant.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S.000%z")


def parse_error(error: ContentError | Unexplained, names: Sequence[str]) -> dict[str, Any]:
    """Return the body for content that was refused; ``names`` are the uploaded files."""
    details: dict[str, dict[str, list[dict[str, Any]]]] = {}
    lines = []
    refused: Sequence[Finding] = error.findings or [Finding("error", "pack", error.message, hint=error.hint)]
    for finding in refused:
        name = _resource(finding.file, names)
        lines.append(_line(finding, name))
        kind = "errors" if finding.severity == "error" else "warnings"
        details.setdefault(name, {"errors": [], "warnings": []})[kind].append(_problem(finding))
    if isinstance(error, Unexplained):
        lines.append(
            "提醒需要写明理由：请改好后再部署，或在网页“流程设计 → 部署和版本 → 导入”中上传此文件并写明理由后部署。"
        )
    message = PARSE_ERROR + "".join(f"\n* {line}" for line in lines)
    return {"type": "ParseException", "message": message, "code": None, "details": details}


def error_body(error: ZuozhenError) -> ResponseReturnValue:
    """Return the answer for any other expected error."""
    said = [error.message, error.hint]
    status = error.status
    kind = TYPES.get(status, "RestException")
    if isinstance(error, Invalid):
        said += [f"{problem.label}：{problem.message}" for problem in error.problems]
        kind, status = "InvalidRequestException", 400
    return jsonify(type=kind, message=" ".join(part for part in said if part), code=None), status


def _resource(path: str, names: Sequence[str]) -> str:
    """Return the uploaded file that a finding speaks of: by its kind, as it may be stored by another name."""
    suffix = PurePosixPath(path).suffix
    same = [name for name in names if PurePosixPath(name).stem == PurePosixPath(path).stem]
    diagrams = [name for name in names if suffix == ".bpmn" and name.lower().endswith((".bpmn", ".xml"))]
    return (same or diagrams or [path])[0]


def _line(finding: Finding, name: str) -> str:
    word = "" if finding.severity == "error" else "提醒："
    text = f"{word}{finding.message}{f'（{finding.hint}）' if finding.hint else ''}"
    place = f"resource {name}, line {finding.line or 0}, column 0"
    return f"{text} | {place}{f', element {finding.element}' if finding.element else ''}"


def _problem(finding: Finding) -> dict[str, Any]:
    """Return one finding; its element under the names that both older and newer versions use."""
    elements = [finding.element] if finding.element else []
    main = finding.element or None
    return {
        "message": f"{finding.message}{f'（{finding.hint}）' if finding.hint else ''}",
        "line": finding.line or 0,
        "column": 0,
        "mainElementId": main,
        "elementIds": elements,
        "mainBpmnElementId": main,
        "bpmnElementIds": elements,
    }
