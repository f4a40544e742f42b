"""The OpenAPI 3.1 description of the REST interface; a test holds it against the routes."""

from __future__ import annotations

from typing import Any

_OBJECT: dict[str, Any] = {"type": "object"}


def document(server: str) -> dict[str, Any]:
    """Return the description for a server whose interface begins at ``server``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "坐诊接诉接口",
            "version": "1",
            "description": "错误统一为 {error: {status, message, hint, problems}}。",
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Answers": {"type": "object", "description": "表单字段键到值", "additionalProperties": True},
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {
                            "type": "object",
                            "required": ["status", "message", "hint"],
                            "properties": {
                                "status": {"type": "integer"},
                                "message": {"type": "string"},
                                "hint": {"type": "string"},
                                "problems": {"type": "array", "items": _OBJECT},
                            },
                        }
                    },
                },
            },
        },
        "paths": {
            "/openapi.json": {"get": _operation("本说明", secured=False)},
            "/cases": {
                "get": _operation(
                    "列出办件（可按 query、status、stage 筛选，after 翻页）",
                    query=("query", "status", "stage", "after"),
                ),
                "post": _operation(
                    "登记诉求，启动办件",
                    body={
                        "answers": _ref("Answers"),
                        "channel": {"type": "string"},
                        "counter": {"type": "string"},
                    },
                    created=True,
                ),
            },
            "/cases/{case_id}": {"get": _operation("办件状态、待办、期限和数据", path=("case_id",))},
            "/cases/{case_id}/history": {"get": _operation("办理记录", path=("case_id",))},
            "/cases/{case_id}/documents": {"get": _operation("文书与附件清单", path=("case_id",))},
            "/cases/{case_id}/documents/{document_id}": {
                "get": _operation(
                    "下载文书", path=("case_id", "document_id"), media="application/octet-stream"
                )
            },
            "/tasks": {"get": _operation("列出待办任务", query=("scope", "query", "late", "after"))},
            "/tasks/{token}": {"get": _operation("任务与表单", path=("token",))},
            "/tasks/{token}/claim": {"post": _operation("签收任务", path=("token",), empty=True)},
            "/tasks/{token}/complete": {
                "post": _operation("办结任务", path=("token",), body={"answers": _ref("Answers")})
            },
            "/deployments": {
                "get": _operation("列出已部署的版本"),
                "post": _operation(
                    "从内容目录部署本地区流程包为新版本；每类提醒要在 accept 中写明理由",
                    body={
                        "note": {"type": "string"},
                        "reference": {"type": "string", "description": "文号"},
                        "accept": {
                            "type": "object",
                            "description": "提醒的代码到理由",
                            "additionalProperties": {"type": "string"},
                        },
                    },
                    created=True,
                ),
            },
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(
    summary: str,
    *,
    path: tuple[str, ...] = (),
    query: tuple[str, ...] = (),
    body: dict[str, Any] | None = None,
    created: bool = False,
    empty: bool = False,
    secured: bool = True,
    media: str = "application/json",
) -> dict[str, Any]:
    done = (
        {"description": "成功"} if empty else {"description": "成功", "content": {media: {"schema": _OBJECT}}}
    )
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "204" if empty else "201" if created else "200": done,
            "default": {"description": "出错", "content": {"application/json": {"schema": _ref("Error")}}},
        },
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in query]
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object", "properties": body}}},
        }
    if not secured:
        operation["security"] = []
    return operation
