"""REST interface, version 1: JSON, bearer token of an account, the same services and rights as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, cast, get_args
from uuid import UUID

from flask import Blueprint, g, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import Forbidden, Invalid, ZuozhenError
from zuozhen.packs import Library
from zuozhen.services import accounts, archive, caseviews, tasklist
from zuozhen.services import tasks as work
from zuozhen.services.actors import Actor
from zuozhen.services.deadlines import Deadline
from zuozhen.services.deployment import deploy as deploy_pack
from zuozhen.services.registration import Registered
from zuozhen.services.registration import register as register_case
from zuozhen.services.studio.versions import versions
from zuozhen.services.tasks import Done
from zuozhen.web.identity import context
from zuozhen.web.openapi import document as openapi_document

blueprint = Blueprint("zuozhen_api", __name__)
OPEN_ENDPOINTS = frozenset({"zuozhen_api.openapi"})


class Unauthorized(ZuozhenError):
    """No token, or one that does not count (any more)."""

    status = 401


@blueprint.before_request
def _identify() -> None:
    if request.endpoint in OPEN_ENDPOINTS:
        return
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = accounts.token_account(context(), secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorized(
            "接口令牌缺失、不正确或已失效。",
            hint="请在“我的账号”中生成令牌，放在 Authorization: Bearer 头中。",
        )
    g.account, g.actor = found


def _actor() -> Actor:
    return cast(Actor, g.actor)


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    return jsonify(
        openapi_document(request.url_root.rstrip("/") + request.path.removesuffix("/openapi.json"))
    )


@blueprint.post("/cases")
def start_case() -> ResponseReturnValue:
    body = _body()
    outcome = register_case(
        context(),
        _actor(),
        _formdata(_answers(body)),
        channel=str(body.get("channel", "")),
        counter=str(body.get("counter", "")),
    )
    if not isinstance(outcome, Registered):
        raise _invalid(outcome.bound)
    return jsonify({"id": str(outcome.case_id), "number": outcome.number, "query_code": outcome.code}), 201


@blueprint.get("/cases")
def list_cases() -> ResponseReturnValue:
    page = tasklist.case_page(
        context(),
        _actor(),
        query=request.args.get("query", ""),
        status=request.args.get("status", ""),
        stage=request.args.get("stage", ""),
        after=request.args.get("after", ""),
    )
    rows = [
        {
            "id": str(row.id),
            "number": row.number,
            "title": row.title,
            "enterprise": row.enterprise,
            "stage": row.stage,
            "status": row.status,
            "outcome": row.outcome,
            "with": row.with_whom,
            "created_at": _iso(row.created_at),
            "deadline": _deadline(row.deadline),
        }
        for row in page.rows
    ]
    return jsonify({"cases": rows, "next": page.next_key or None})


@blueprint.get("/cases/<uuid:case_id>")
def get_case(case_id: UUID) -> ResponseReturnValue:
    view = caseviews.case_view(context(), _actor(), case_id)
    return jsonify(
        {
            "id": str(case_id),
            **view.facts,
            "release": view.release.version,
            "stages": [{"name": name, "state": state} for name, state in view.stages],
            "tasks": [
                {
                    "token": task.token,
                    "element": task.element_id,
                    "name": task.name,
                    "group": task.group,
                    "assignee": task.assignee,
                    "clause": task.clause,
                    "deadline": _deadline(task.deadline),
                    "may_complete": task.may_do,
                }
                for task in view.tasks
            ],
            "acts": [{"token": act.token, "name": act.name, "form": act.form_key} for act in view.acts],
            "data": {key: view.case.data[key] for key in view.case.data.get("_order", ())},
        }
    )


@blueprint.get("/cases/<uuid:case_id>/history")
def get_history(case_id: UUID) -> ResponseReturnValue:
    view = caseviews.case_view(context(), _actor(), case_id)
    lines = [
        {
            "seq": line.seq,
            "at": _iso(line.at),
            "who": line.who,
            "what": line.what,
            "details": list(line.details),
            "hash": line.hash,
        }
        for line in view.lines
    ]
    return jsonify({"history": lines})


@blueprint.get("/cases/<uuid:case_id>/documents")
def get_documents(case_id: UUID) -> ResponseReturnValue:
    view = caseviews.case_view(context(), _actor(), case_id)
    rows = [
        {
            "id": str(row.id),
            "kind": row.kind,
            "form": row.form_key,
            "title": row.title,
            "file_name": row.file_name,
            "media_type": row.media_type,
            "size": row.size,
            "sha256": row.sha256,
            "created_at": _iso(row.created_at),
        }
        for row in view.documents
    ]
    return jsonify({"documents": rows})


@blueprint.get("/cases/<uuid:case_id>/documents/<uuid:document_id>")
def get_document(case_id: UUID, document_id: UUID) -> ResponseReturnValue:
    row, content = archive.document(context(), _actor(), case_id, document_id)
    return send_file(BytesIO(content), row.media_type, as_attachment=True, download_name=row.file_name)


@blueprint.get("/tasks")
def list_tasks() -> ResponseReturnValue:
    asked = request.args.get("scope", "group")
    scope = cast(tasklist.Scope, asked if asked in get_args(tasklist.Scope) else "group")
    page = tasklist.task_page(
        context(),
        _actor(),
        scope,
        query=request.args.get("query", ""),
        late=request.args.get("late") == "1",
        after=request.args.get("after", ""),
    )
    rows = [
        {
            "token": row.token,
            "name": row.name,
            "case": str(row.case_id),
            "number": row.number,
            "title": row.title,
            "stage": row.stage,
            "group": row.group_name,
            "assignee": row.assignee,
            "deadline": _deadline(row.deadline),
        }
        for row in page.rows
    ]
    return jsonify({"tasks": rows, "counts": page.counts, "next": page.next_key or None})


@blueprint.get("/tasks/<token>")
def get_task(token: str) -> ResponseReturnValue:
    view = work.open_task(context(), _actor(), token)
    form = None
    if view.form is not None and view.bound is not None:
        form = {
            "key": view.form.key,
            "title": view.form.title,
            "fields": sorted(view.form.field_keys),
            "values": view.bound.draft(),
        }
    return jsonify({"token": token, "name": view.token.name, "case": str(view.case.id), "form": form})


@blueprint.post("/tasks/<token>/claim")
def claim_task(token: str) -> ResponseReturnValue:
    work.claim(context(), _actor(), token)
    return "", 204


@blueprint.post("/tasks/<token>/complete")
def complete_task(token: str) -> ResponseReturnValue:
    outcome = work.submit(context(), _actor(), token, _formdata(_answers(_body())))
    if not isinstance(outcome, Done):
        raise _invalid(outcome.bound)
    return jsonify(
        {"case": str(outcome.case_id), "next": list(outcome.next_names), "ended": outcome.ended or None}
    )


@blueprint.get("/deployments")
def list_deployments() -> ResponseReturnValue:
    rows = versions(context(), _actor().tenant)
    return jsonify(
        {
            "deployments": [
                {
                    "version": row.number,
                    "deployed_at": _iso(row.at),
                    "deployed_by": row.by,
                    "note": row.note,
                    "reference": row.reference,
                    "sha256": row.sha256,
                    "running": row.running,
                    "accepted": list(row.accepted),
                }
                for row in rows
            ]
        }
    )


@blueprint.post("/deployments")
def create_deployment() -> ResponseReturnValue:
    """Deploy the pack of the account's jurisdiction from the content folders (system administrators only).

    Warnings need a reason by their code in ``accept``.
    """
    actor = _actor()
    if accounts.ADMIN_SYSTEM not in actor.admin:
        raise Forbidden("只有系统管理员可以部署。")
    library = Library(*context().content_roots)
    slug = next((known for known in library.slugs() if known.startswith(f"{actor.tenant}-")), "")
    if not slug:
        raise Invalid("内容目录中没有本地区的流程包。")
    body = _body()
    reasons = body.get("accept", {})
    if not isinstance(reasons, Mapping):
        raise Invalid("accept 应是 JSON 对象：提醒的代码到理由。")
    done = deploy_pack(
        context(),
        library.files(slug),
        note=str(body.get("note", "")),
        reference=str(body.get("reference", "")),
        actor=actor,
        reasons={str(code): str(reason) for code, reason in reasons.items()},
        strict=True,
    )
    return jsonify(
        {"slug": done.slug, "version": done.version, "fresh": done.fresh}
    ), 201 if done.fresh else 200


def _body() -> Mapping[str, Any]:
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, Mapping):
        raise Invalid("请求正文应是 JSON 对象。")
    return body


def _answers(body: Mapping[str, Any]) -> Mapping[str, Any]:
    answers = body.get("answers", {})
    if not isinstance(answers, Mapping):
        raise Invalid("answers 应是 JSON 对象：字段键到值。")
    return answers


def _formdata(answers: Mapping[str, Any]) -> MultiDict[str, str]:
    return work.as_formdata(answers)


def _invalid(bound: Any) -> Invalid:
    return Invalid("表单内容有误。", bound.problems if bound is not None else ())


def _deadline(deadline: Deadline) -> dict[str, Any] | None:
    if deadline.on is None:
        return None
    return {
        "date": deadline.on.isoformat(),
        "state": deadline.light,
        "rule": deadline.rule,
        "explanation": list(deadline.explanation),
    }


def _iso(instant: datetime) -> str:
    return instant.isoformat()
