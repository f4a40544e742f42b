"""The few endpoints of Camunda 7 that its desktop modeler calls to deploy and start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from zuozhen.model.errors import ContentError, Forbidden, Invalid, ZuozhenError
from zuozhen.packs.paths import LARGEST_PACK
from zuozhen.services import accounts
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import Unexplained
from zuozhen.services.studio import camunda
from zuozhen.services.studio.camunda import Definition
from zuozhen.services.studio.importing import Upload
from zuozhen.web.camundajson import definition_json, deployment_json, error_body, parse_error, started_json
from zuozhen.web.identity import context

blueprint = Blueprint("zuozhen_engine_rest", __name__)

VERSION: Final = "7.22.0"
"""The version of Camunda whose interface this is."""
FAILED_LOGINS: Final = "60 per hour"
"""Refused requests by client address; counted per server process."""
MODELER_ORIGINS: Final = frozenset({"file://", "null"})
"""What the desktop modeler, whose pages are files, sends as its origin."""


class NotAuthenticated(ZuozhenError):
    """No account, or one whose password or token does not count."""

    status = 401


# ---------------------------------------------------------------- who asks


@blueprint.before_request
def _identify() -> ResponseReturnValue | None:
    if request.method == "OPTIONS":  # asked by a browser without any account before the request itself
        return "", 204
    origin = request.headers.get("Origin", "")
    if origin.startswith(("http://", "https://")) and urlsplit(origin).netloc != request.host:
        raise Forbidden("不接受其他网站的页面发来的请求。")
    g.engine_actor = _bearer() or _basic()
    if g.engine_actor is None:
        raise NotAuthenticated("请使用系统管理员的账号密码或接口令牌。")
    if accounts.ADMIN_SYSTEM not in g.engine_actor.admin:
        raise Forbidden("只有系统管理员可以部署。")
    return None


def _bearer() -> Actor | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = accounts.token_account(context(), secret.strip()) if scheme.lower() == "bearer" else None
    return found[1] if found is not None else None


def _basic() -> Actor | None:
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    try:
        signed_in = accounts.sign_in(context(), given.username or "", given.password or "")
    except Forbidden as error:
        raise NotAuthenticated(error.message) from error
    found = accounts.account_of(context(), signed_in.tenant, signed_in.account_id, signed_in.epoch)
    return found[1] if found is not None else None


def _actor() -> Actor:
    return cast(Actor, g.engine_actor)


@blueprint.after_request
def _headers(response: Response) -> Response:
    """Let the modeler's pages read the answer; ask for a password, but never by a browser's own dialog.

    A browser that has asked for a password once would send it with requests of strange pages, too.
    """
    if response.status_code == 401:
        navigates = request.headers.get("Sec-Fetch-Mode") == "navigate"
        response.headers["WWW-Authenticate"] = "Bearer" if navigates else 'Basic realm="zuozhen", Bearer'
    if (origin := request.headers.get("Origin", "")) in MODELER_ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "authorization, content-type, accept"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Vary"] = "Origin"
    return response


# ---------------------------------------------------------------- what the modeler asks first


@blueprint.get("/version")
def version() -> ResponseReturnValue:
    return jsonify(version=VERSION)


@blueprint.get("/engine")
def engines() -> ResponseReturnValue:
    return jsonify([{"name": "default"}])


@blueprint.get("/deployment")
def list_deployments() -> ResponseReturnValue:
    found = camunda.deployments(context(), _actor().tenant)
    first, most = _count("firstResult", 0), _count("maxResults", len(found))
    return jsonify([deployment_json(deployment, _address()) for deployment in found[first : first + most]])


@blueprint.get("/deployment/count")
def count_deployments() -> ResponseReturnValue:
    return jsonify(count=len(camunda.deployments(context(), _actor().tenant)))


@blueprint.get("/process-definition")
def list_definitions() -> ResponseReturnValue:
    return jsonify([definition_json(known) for known in camunda.definitions(context(), _actor().tenant)])


# ---------------------------------------------------------------- deploy and start


@blueprint.post("/deployment/create")
def create_deployment() -> ResponseReturnValue:
    """Deploy the uploaded diagram and forms; unchanged content answers with the deployment it has."""
    form = request.form
    tenant = form.get("tenant-id", "")
    if tenant and tenant.partition("-")[0] != str(_actor().tenant):
        raise Invalid(f"tenant-id 应为 {_actor().tenant} 或留空。")
    uploads = [
        Upload(file.filename or name, file.stream.read(LARGEST_PACK + 1))
        for name, file in request.files.items(multi=True)
    ]
    name = form.get("deployment-name", "")
    source = form.get("deployment-source", "")[:60] or "接口"
    try:
        reasons = dict(line.partition("=")[::2] for line in form.getlist("accept"))
        done = camunda.deploy_uploads(context(), _actor(), uploads, name=name, source=source, reasons=reasons)
    except (ContentError, Unexplained) as error:
        return jsonify(parse_error(error, [upload.name for upload in uploads])), 400
    body = deployment_json(done, _address())
    body["deployedProcessDefinitions"] = {known.id: definition_json(known) for known in done.definitions}
    for kind in ("Case", "Decision", "DecisionRequirements"):
        body[f"deployed{kind}Definitions"] = None
    return jsonify(body)


@blueprint.post("/process-definition/<definition_id>/start")
def start(definition_id: str) -> ResponseReturnValue:
    return _start(camunda.definition_of(context(), _actor().tenant, id=definition_id))


@blueprint.post("/process-definition/key/<key>/start")
def start_by_key(key: str) -> ResponseReturnValue:
    return _start(camunda.definition_of(context(), _actor().tenant, key=key))


def _start(definition: Definition) -> ResponseReturnValue:
    """Start a case by its start form: variables are answers, ``channel`` is how it came (the pack's channels)."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, Mapping):
        raise Invalid("请求正文应是 JSON 对象。")
    variables = body.get("variables") or {}
    if not isinstance(variables, Mapping):
        raise Invalid('variables 应是 JSON 对象，例如 {"title": {"value": "…", "type": "String"}}。')
    answers = {name: _value(name, variable) for name, variable in variables.items()}
    channel = str(answers.pop("channel", "") or "")
    return jsonify(started_json(camunda.start(context(), _actor(), definition, answers, channel), _address()))


def _value(name: str, variable: object) -> Any:
    if not isinstance(variable, Mapping):
        raise Invalid(f'变量“{name[:60]}”应写成 {{"value": …, "type": …}}。')
    value = variable.get("value")
    if str(variable.get("type", "")).lower() == "json" and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Invalid(f"变量“{name[:60]}”的值不是 JSON。") from error
    return value


def _address() -> str:
    return f"{context().base_url}/engine-rest"


def _count(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(f"{name} 应是整数。")
    return int(text)


@blueprint.errorhandler(ZuozhenError)
def _expected(error: ZuozhenError) -> ResponseReturnValue:
    return error_body(error)


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    return jsonify(
        type="RestException", message=f"HTTP {error.code} {error.name}", code=None
    ), error.code or 500
