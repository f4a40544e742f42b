"""Moving running cases to another release, and back."""

from __future__ import annotations

from io import BytesIO
from typing import cast, get_args
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.model.migration import Order, TimerRule
from zuozhen.services import accounts
from zuozhen.services.studio import migrating
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_migrating", __name__)

MAP = "map-"
VALUE = "value-"
BLANK = "blank-"
IDS = "ids-"
LISTED = 300
"""Cases of a group that a page lists; the others go with the whole group."""

TIMER_TEXT: dict[TimerRule, str] = {
    "from_start": "从任务开始起算（默认）",
    "keep": "保留原期限",
    "now": "从迁移时起算",
}
MIGRATION_TEXT = {
    "running": "正在迁移",
    "stopped": "已停止",
    "done": "已完成",
    "rolling_back": "正在回退",
    "rolled_back": "已回退",
}


@blueprint.get("/studio/migrations")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    tenant = current_actor().tenant
    return render_template(
        "zuozhen/studio/migrations.html",
        targets=migrating.targets(context(), tenant),
        migrations=migrating.migrations(context(), tenant),
        texts=MIGRATION_TEXT,
    )


@blueprint.get("/studio/migrations/new")
@admin_only(accounts.ADMIN_SYSTEM)
def new() -> ResponseReturnValue:
    """Show what would become of the running cases; nothing is written."""
    return _preview_page(request.args, None, 200)


@blueprint.get("/studio/migrations/new.csv")
@admin_only(accounts.ADMIN_SYSTEM)
def preview_csv() -> Response:
    found = migrating.preview(context(), current_actor().tenant, _target(request.args), _order(request.args))
    return _csv(f"迁移预览-第{found.version}版.csv", migrating.preview_csv(found))


@blueprint.post("/studio/migrations")
@admin_only(accounts.ADMIN_SYSTEM)
def start() -> ResponseReturnValue:
    form = request.form
    try:
        migration_id = migrating.start(
            context(), current_actor(), _target(form), _order(form), _cases(form), form.get("note", "")
        )
    except Invalid as problem:
        return _preview_page(form, problem, problem.status)
    return redirect(url_for("zuozhen_studio_migrating.detail", migration_id=migration_id))


@blueprint.get("/studio/migrations/<uuid:migration_id>")
@admin_only(accounts.ADMIN_SYSTEM)
def detail(migration_id: UUID) -> ResponseReturnValue:
    return _report_page(migration_id, None, 200)


@blueprint.get("/studio/migrations/<uuid:migration_id>/progress")
@admin_only(accounts.ADMIN_SYSTEM)
def progress(migration_id: UUID) -> ResponseReturnValue:
    """Answer the progress bar alone; when the work is over, the page is asked to show itself anew."""
    info = migrating.progress(context(), current_actor().tenant, migration_id)
    page = render_template("zuozhen/studio/_migration_progress.html", info=info, texts=MIGRATION_TEXT)
    return Response(page, headers={} if info.at_work else {"HX-Refresh": "true"})


@blueprint.get("/studio/migrations/<uuid:migration_id>.csv")
@admin_only(accounts.ADMIN_SYSTEM)
def report_csv(migration_id: UUID) -> Response:
    content = migrating.report_csv(context(), current_actor().tenant, migration_id)
    return _csv("迁移结果.csv", content)


@blueprint.post("/studio/migrations/<uuid:migration_id>/<any(stop, resume):act>")
@admin_only(accounts.ADMIN_SYSTEM)
def steer(migration_id: UUID, act: str) -> ResponseReturnValue:
    steering = migrating.stop if act == "stop" else migrating.resume
    steering(context(), current_actor(), migration_id)
    flash("已停止；可随时继续。" if act == "stop" else "已继续。")
    return redirect(url_for("zuozhen_studio_migrating.detail", migration_id=migration_id))


@blueprint.post("/studio/migrations/<uuid:migration_id>/roll-back")
@admin_only(accounts.ADMIN_SYSTEM)
def roll_back(migration_id: UUID) -> ResponseReturnValue:
    form = request.form
    whole = form.get("whole") == "1"
    cases = None if whole else _ids(form.getlist("case"))
    try:
        if cases is not None and not cases:
            raise Invalid("没有选择要回退的办件。")
        count = migrating.roll_back(context(), current_actor(), migration_id, cases, form.get("reason", ""))
    except Invalid as problem:
        return _report_page(migration_id, problem, problem.status)
    flash(f"开始回退 {count} 件。")
    return redirect(url_for("zuozhen_studio_migrating.detail", migration_id=migration_id))


def _preview_page(asked: MultiDict[str, str], problem: Invalid | None, status: int) -> ResponseReturnValue:
    tenant = current_actor().tenant
    found = migrating.preview(context(), tenant, _target(asked), _order(asked))
    proposed = {gone.element_id: gone.suggested for gone in found.removed if gone.suggested}
    if proposed and "timers" not in asked:  # nobody has decided yet: begin with what is likely
        found = migrating.preview(context(), tenant, _target(asked), Order(proposed))
    page = render_template(
        "zuozhen/studio/migration_new.html",
        preview=found,
        warned=migrating.warnings_brought(
            context(), tenant, found.release_id, {group.version for group in found.groups}
        ),
        wishes=_wishes(found),
        targets=migrating.targets(context(), tenant),
        timers=TIMER_TEXT,
        problem=problem,
        listed=LISTED,
        posted=request.method == "POST",
        picked=frozenset(asked.getlist("group")) | frozenset(asked.getlist("case")),
        note=asked.get("note", ""),
        due_text=migrating.DUE_TEXT,
    )
    return page, status


def _report_page(migration_id: UUID, problem: Invalid | None, status: int) -> ResponseReturnValue:
    wanted = request.values.get("status", "")[:16]
    found = migrating.report(
        context(),
        current_actor().tenant,
        migration_id,
        status=wanted,
        after=request.args.get("after", "")[:40],
    )
    page = render_template(
        "zuozhen/studio/migration.html",
        report=found,
        info=found.info,
        texts=MIGRATION_TEXT,
        statuses=migrating.STATUS_TEXT,
        timers=TIMER_TEXT,
        wanted=wanted,
        problem=problem,
        picked=frozenset(request.form.getlist("case")),
        reason=request.form.get("reason", ""),
        due_text=migrating.DUE_TEXT,
    )
    return page, status


def _wishes(found: migrating.Preview) -> dict[str, str]:
    """Return the query of an address that shows this very preview."""
    mapping = {f"{MAP}{old}": new for old, new in found.order.mapping.items()}
    values = {
        f"{BLANK if value is None else VALUE}{name}": "1" if value is None else str(value)
        for name, value in found.order.values.items()
    }
    return {"release": str(found.version), "timers": found.order.timers, **mapping, **values}


def _target(asked: MultiDict[str, str]) -> int | None:
    """Return the version that is asked for; ``None`` means the live one."""
    text = asked.get("release", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound("没有这一版流程。", hint="请从版本列表中选择。")
    return int(text)


def _order(asked: MultiDict[str, str]) -> Order:
    mapping = {
        name.removeprefix(MAP): target
        for name, target in asked.items()
        if name.startswith(MAP) and target and len(name) < 300 and len(target) < 300
    }
    timers = asked.get("timers", "")
    rule = cast(TimerRule, timers) if timers in get_args(TimerRule) else "from_start"
    return Order(mapping, rule, values=_values(asked))


def _values(asked: MultiDict[str, str]) -> dict[str, str | None]:
    """Return what somebody gives for variables that no submission tells; ``None`` where it is to stay empty."""
    given: dict[str, str | None] = {}
    for name, text in asked.items():
        if name.startswith(VALUE) and text.strip() and len(name) < 300:
            given[name.removeprefix(VALUE)] = text.strip()[:200]
    for name in asked:
        if name.startswith(BLANK) and len(name) < 300:
            given[name.removeprefix(BLANK)] = None
    return given


def _cases(form: MultiDict[str, str]) -> set[UUID]:
    """Return the cases of the groups that are ticked and the cases that are ticked one by one."""
    texts = form.getlist("case")
    for group in form.getlist("group"):
        texts += form.get(f"{IDS}{group}", "").split()
    return _ids(texts)


def _ids(texts: list[str]) -> set[UUID]:
    try:
        return {UUID(hex=text) for text in texts}
    except ValueError as error:
        raise Invalid("所选办件的编号不正确。", hint="请刷新页面后重新选择。") from error


def _csv(name: str, content: bytes) -> Response:
    return send_file(BytesIO(content), "text/csv; charset=utf-8", as_attachment=True, download_name=name)
