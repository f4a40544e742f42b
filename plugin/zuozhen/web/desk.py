"""The desk of staff: tasks, cases, sessions, archive, administration."""

from __future__ import annotations

from io import BytesIO
from typing import cast, get_args
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import NotFound
from zuozhen.services import (
    accounts,
    archive,
    caseviews,
    clinics,
    drafts,
    incidents,
    office,
    public,
    quotas,
    registers,
    starting,
    tasklist,
)
from zuozhen.services import (
    tasks as work,
)
from zuozhen.services.options import present_unit_names
from zuozhen.services.registration import (
    Registered,
    StartView,
    open_start,
)
from zuozhen.services.registration import (
    register as register_case,
)
from zuozhen.services.tasklinks import report_link
from zuozhen.services.tasks import Done
from zuozhen.web.identity import admin_only, context, current_actor, staff_only

blueprint = Blueprint("zuozhen_desk", __name__)
DRAFT = "register"


@blueprint.get("/tasks")
@staff_only
def tasks() -> ResponseReturnValue:
    actor = current_actor()
    asked = request.args.get("scope", "")
    scope = cast(tasklist.Scope, asked if asked in get_args(tasklist.Scope) else "group")
    query, late = request.args.get("q", ""), request.args.get("late") == "1"
    page = tasklist.task_page(
        context(), actor, scope, query=query, late=late, after=request.args.get("after", "")
    )
    return render_template("zuozhen/desk/tasks.html", page=page, scope=scope, q=query, late=late)


@blueprint.route("/tasks/<token>", methods=["GET", "POST"])
@staff_only
def task(token: str) -> ResponseReturnValue:
    actor = current_actor()
    if request.method == "GET":
        return _task_page(work.open_task(context(), actor, token), 200)
    if request.form.get("_save"):
        work.save_draft(context(), actor, token, request.form)
        if request.headers.get("HX-Request"):
            return "", 204
        flash("草稿已保存。")
        return redirect(url_for("zuozhen_desk.task", token=token))
    outcome = work.submit(context(), actor, token, request.form, request.files)
    if isinstance(outcome, Done):
        following = "、".join(outcome.next_names)
        after = (
            f"办件结束：{outcome.ended}。" if outcome.ended else f"下一步：{following}。" if following else ""
        )
        flash(f"“{outcome.name}”已办结。{after}")
        return redirect(url_for("zuozhen_desk.case", case_id=outcome.case_id))
    structural = outcome.bound is not None and outcome.bound.structural
    return _task_page(outcome, 200 if structural else 422)


def _task_page(view: work.TaskView, status: int) -> ResponseReturnValue:
    actor = current_actor()
    case_view = caseviews.case_view(context(), actor, view.case.id)
    current = next((t for t in case_view.tasks if t.token == view.token.token), None)
    return (
        render_template(
            "zuozhen/desk/task.html",
            view=view,
            bound=view.bound,
            case_view=case_view,
            current=current,
            report=report_link(context(), actor, view),
            colleagues=accounts.colleagues(context(), actor.tenant),
            unit_names=present_unit_names(context(), view.release),
        ),
        status,
    )


@blueprint.post("/tasks/<token>/claim")
@staff_only
def claim(token: str) -> ResponseReturnValue:
    work.claim(context(), current_actor(), token)
    flash("已签收。")
    return redirect(url_for("zuozhen_desk.task", token=token))


@blueprint.post("/tasks/<token>/unclaim")
@staff_only
def unclaim(token: str) -> ResponseReturnValue:
    work.unclaim(context(), current_actor(), token)
    flash("已退回给本岗位。")
    return redirect(url_for("zuozhen_desk.tasks"))


@blueprint.post("/tasks/<token>/hand-over")
@staff_only
def hand_over(token: str) -> ResponseReturnValue:
    try:
        to = UUID(request.form.get("to", ""))
    except ValueError as error:
        raise NotFound("请从列表中选择转交对象。") from error
    work.hand_over(context(), current_actor(), token, to, request.form.get("reason", ""))
    flash("已转交。")
    return redirect(url_for("zuozhen_desk.tasks"))


@blueprint.get("/cases")
@staff_only
def cases() -> ResponseReturnValue:
    actor = current_actor()
    filters = {name: request.args.get(name, "")[:80] for name in ("query", "status", "stage")}
    filters["process"] = request.args.get("process", "")[:80] or starting.MATTER
    page = tasklist.case_page(context(), actor, after=request.args.get("after", ""), **filters)
    return render_template(
        "zuozhen/desk/cases.html",
        page=page,
        filters=filters,
        stages=tasklist.stage_counts(context(), actor, filters["process"]),
        procedures=starting.named_procedures(context(), actor.tenant),
        startable=starting.startable(context(), actor),
    )


@blueprint.route("/cases/new", methods=["GET", "POST"])
@staff_only
def new_case() -> ResponseReturnValue:
    """Register on behalf of an enterprise (专窗、走访、12345 …) with the channel it came by."""
    actor = current_actor()
    mine = f"staff-{actor.id}"
    if request.method == "GET":
        kept = drafts.load(context(), actor.tenant, mine, DRAFT)
        return _new_case_page(open_start(context(), actor.tenant, draft=kept), 200)
    if request.form.get("_save"):
        view = open_start(context(), actor.tenant, formdata=request.form)
        drafts.keep(context(), actor.tenant, mine, DRAFT, view.bound.draft() if view.bound else {})
        return ("", 204) if request.headers.get("HX-Request") else redirect(url_for("zuozhen_desk.new_case"))
    channel = request.form.get("_channel", "")
    view = open_start(context(), actor.tenant, formdata=request.form)
    if channel not in {known.id for known in view.release.pack.channels}:
        return _new_case_page(view, 422, "请选择诉求来自哪个渠道。")
    outcome = register_case(context(), actor, request.form, request.files, channel=channel)
    if not isinstance(outcome, Registered):
        structural = outcome.bound is not None and outcome.bound.structural
        return _new_case_page(outcome, 200 if structural else 422)
    drafts.forget(context(), actor.tenant, mine)
    session["registered"] = [outcome.case_id.hex, outcome.number, outcome.code]
    return redirect(url_for("zuozhen_desk.registered"))


def _new_case_page(view: StartView, status: int, channel_problem: str = "") -> ResponseReturnValue:
    page = render_template(
        "zuozhen/desk/new_case.html",
        view=view,
        bound=view.bound,
        channel=request.form.get("_channel", ""),
        channel_problem=channel_problem,
    )
    return page, status


@blueprint.get("/cases/registered")
@staff_only
def registered() -> ResponseReturnValue:
    """The receipt of the last registration: shown by GET, so that a reload registers nothing twice."""
    kept = session.get("registered")
    if not kept:
        return redirect(url_for("zuozhen_desk.cases"))
    case_hex, number, code = kept
    receipt = Registered(UUID(hex=case_hex), number, code, "")
    return render_template("zuozhen/desk/registered.html", registered=receipt)


@blueprint.get("/cases/<uuid:case_id>")
@staff_only
def case(case_id: UUID) -> ResponseReturnValue:
    return render_template(
        "zuozhen/desk/case.html", view=caseviews.case_view(context(), current_actor(), case_id)
    )


@blueprint.get("/cases/<uuid:case_id>/diagram")
@staff_only
def diagram(case_id: UUID) -> ResponseReturnValue:
    view = caseviews.case_view(context(), current_actor(), case_id)
    return render_template("zuozhen/desk/diagram.html", view=view)


@blueprint.get("/cases/<uuid:case_id>/diagram.bpmn")
@staff_only
def diagram_xml(case_id: UUID) -> ResponseReturnValue:
    release = caseviews.case_view(context(), current_actor(), case_id).release
    xml = release.pack.drawing
    return Response(xml, mimetype="application/xml")


@blueprint.get("/cases/<uuid:case_id>/documents/<uuid:document_id>")
@staff_only
def document(case_id: UUID, document_id: UUID) -> ResponseReturnValue:
    row, content = archive.document(context(), current_actor(), case_id, document_id)
    inline = (
        row.media_type in ("application/pdf", "image/png", "image/jpeg")
        and request.args.get("download") != "1"
    )
    return send_file(BytesIO(content), row.media_type, as_attachment=not inline, download_name=row.file_name)


@blueprint.get("/sessions")
@staff_only
def sessions() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "zuozhen/desk/sessions.html",
        sessions=clinics.sessions(context(), actor),
        startable=[one for one in starting.startable(context(), actor) if one.procedure.session],
        quotas=quotas.quota_lines(context(), actor.tenant),
    )


@blueprint.get("/sessions/<key>/<register_key>")
@staff_only
def register(key: str, register_key: str) -> ResponseReturnValue:
    view = registers.register_view(context(), current_actor(), register_key, key[:40])
    return render_template("zuozhen/desk/register.html", view=view)


@blueprint.get("/sessions/<key>/<register_key>.pdf")
@staff_only
def register_pdf(key: str, register_key: str) -> ResponseReturnValue:
    content, name = clinics.register_pdf(context(), current_actor(), register_key, key[:40])
    return send_file(BytesIO(content), "application/pdf", download_name=name)


@blueprint.get("/archive")
@staff_only
def archived() -> ResponseReturnValue:
    query = request.args.get("query", "")[:80]
    return render_template(
        "zuozhen/desk/archive.html", rows=archive.dossiers(context(), current_actor(), query), query=query
    )


@blueprint.post("/archive/<uuid:document_id>/verify")
@staff_only
def verify(document_id: UUID) -> ResponseReturnValue:
    title, problems = archive.verify_document(context(), current_actor(), document_id)
    return render_template("zuozhen/desk/verified.html", title=title, problems=problems)


@blueprint.get("/counters")
@staff_only
def counters() -> ResponseReturnValue:
    actor = current_actor()
    portal = public.portal_of(context(), actor.tenant)
    return render_template("zuozhen/desk/counters.html", portal=portal)


# ---------------------------------------------------------------- administration


@blueprint.get("/admin")
@admin_only(accounts.ADMIN_SYSTEM)
def admin() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "zuozhen/desk/admin.html",
        incidents=incidents.open_incidents(context(), actor.tenant),
        overview=office.overview(context(), actor.tenant),
    )


@blueprint.post("/admin/incidents/<uuid:incident_id>/retry")
@admin_only(accounts.ADMIN_SYSTEM)
def retry(incident_id: UUID) -> ResponseReturnValue:
    incidents.retry(context(), current_actor(), incident_id)
    flash("已重新执行；如仍失败会再次出现在此处。")
    return redirect(url_for("zuozhen_desk.admin"))
