"""Every error a person can meet, as a Chinese page (or JSON for the API) that says what to do."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from zuozhen.model.errors import Invalid, ZuozhenError
from zuozhen.web.ownership import is_ours, wants_json

logger = logging.getLogger(__name__)

HTTP_TEXT = {
    400: ("请求不完整或格式不对。", "请返回上一页刷新后重试。"),
    404: ("没有这个页面。", "请检查网址，或从首页重新进入。"),
    405: ("此网址不能这样打开。", "请从页面上的按钮操作。"),
    413: ("提交的内容太大。", "单个文件不超过 20 MB；请压缩或拆分后重新上传。"),
    429: ("操作太频繁。", "请稍候再试；如为办事窗口集中登记，请登录后登记。"),
}
SECRET = frozenset({"password", "again", "old", "code"})
"""Fields of our pages whose content is never shown again."""


def install(app: Flask) -> None:
    """Answer errors of our own pages; a host app's other pages keep their own handling."""
    app.register_error_handler(ZuozhenError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: ZuozhenError) -> ResponseReturnValue:
    return _answer(error.status, error.message, error.hint, error)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "页面已过期，本次没有提交。", "请返回上一页，刷新后重新提交；已保存的草稿不会丢失。")


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or not is_ours():
        return error
    if isinstance(error, CSRFError):
        return _csrf(error)
    message, hint = HTTP_TEXT.get(code, ("无法完成此操作。", "请稍后再试。"))
    return _answer(code, message, hint)


def _unexpected(error: Exception) -> ResponseReturnValue:
    if not is_ours():
        raise error
    logger.exception("unexpected error at %s", request.path, exc_info=error)
    return _answer(500, "系统出错，本次操作没有完成。", "错误已记录；请稍后再试，仍不行请联系管理员。")


def _answer(status: int, message: str, hint: str, error: ZuozhenError | None = None) -> ResponseReturnValue:
    if wants_json():
        body: dict[str, Any] = {"error": {"status": status, "message": message, "hint": hint}}
        if "/api/" not in request.path:  # a script of a page looks for the text only
            body |= {"message": message, "hint": hint}
        if isinstance(error, Invalid):
            body["error"]["problems"] = [
                {"field": p.field, "label": p.label, "message": p.message} for p in error.problems
            ]
        if findings := getattr(error, "findings", ()):
            body["error"]["findings"] = [asdict(finding) for finding in findings]
        return jsonify(body), status
    page = render_template("zuozhen/error.html", status=status, message=message, hint=hint, kept=_typed())
    return page, status


def _typed() -> dict[str, str]:
    """Return what was typed, to be shown again: no secrets, and nothing of a body that is too large to read."""
    if request.method != "POST":
        return {}
    try:
        typed = request.form.lists()
    except HTTPException:
        return {}
    return {
        key: "、".join(values)
        for key, values in typed
        if any(values) and key not in SECRET and not key.startswith(("csrf", "_"))
    }
