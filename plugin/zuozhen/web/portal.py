"""The public portal: phone first, no account. Register, receipt, progress, withdraw, rate."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Forbidden, Gone, NotFound
from zuozhen.packs import Procedure
from zuozhen.services import caseviews, datatables, public
from zuozhen.services.actors import Actor, enterprise
from zuozhen.services.jurisdictions import by_province, jurisdictions
from zuozhen.services.public import PortalView
from zuozhen.services.registration import Registered, StartView, open_start
from zuozhen.services.registration import register as register_case
from zuozhen.services.results import results_of_month
from zuozhen.services.tasks import Done, TaskClosed, open_task, submit
from zuozhen.web.drafts import forget_draft, load_draft, store_draft
from zuozhen.web.identity import context
from zuozhen.web.places import remember_place, remembered

blueprint = Blueprint("zuozhen_portal", __name__)


def _portal(slug: str) -> PortalView:
    return public.portal_view(context(), slug)


@blueprint.after_request
def _remember(answer: Response) -> Response:
    """Keep in mind which jurisdiction this browser was at: the start page leads there again."""
    slug = (request.view_args or {}).get("slug")
    return remember_place(answer, slug) if slug and answer.status_code == 200 else answer


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Lead to the jurisdiction chosen before; ``?choose=1`` and ``?q=…`` let people choose another."""
    places, query = jurisdictions(context()), request.args.get("q", "")[:40]
    place = remembered(places)
    if place is not None and not (len(places) > 1 and {"choose", "q"} & request.args.keys()):
        return redirect(url_for("zuozhen_portal.home", slug=place.slug))
    provinces = by_province(places, query)
    return render_template("zuozhen/portal/choose.html", provinces=provinces, count=len(places), query=query)


@blueprint.get("/p/<slug>/")
def home(slug: str) -> ResponseReturnValue:
    return render_template("zuozhen/portal/home.html", portal=_portal(slug))


@blueprint.get("/p/<slug>/notice")
def notice(slug: str) -> ResponseReturnValue:
    portal = _portal(slug)
    return render_template("zuozhen/portal/notice.html", portal=portal, grounds=public.refusals(portal))


@blueprint.get("/p/<slug>/announcements/<uuid:announcement_id>")
def announcement(slug: str, announcement_id: UUID) -> ResponseReturnValue:
    portal = _portal(slug)
    item = public.announcement(context(), portal.tenant, announcement_id)
    return render_template("zuozhen/portal/announcement.html", portal=portal, item=item)


@blueprint.get("/p/<slug>/feed.xml")
def feed(slug: str) -> ResponseReturnValue:
    """The announcements as an Atom feed, for other sites of the administration (XW-3.1-c)."""
    page = render_template("zuozhen/portal/feed.xml", portal=_portal(slug))
    return Response(page, mimetype="application/atom+xml")


@blueprint.get("/p/<slug>/results")
def results(slug: str) -> ResponseReturnValue:
    portal = _portal(slug)
    page = results_of_month(context(), portal.tenant, request.args.get("month", "")[:20])
    return render_template("zuozhen/portal/results.html", portal=portal, page=page)


@blueprint.get("/p/<slug>/tables/<key>")
def table(slug: str, key: str) -> ResponseReturnValue:
    """Reference data that the pack publishes, such as the yearly schedule."""
    portal = _portal(slug)
    found = datatables.public_table(portal.release, key)
    return render_template(
        "zuozhen/portal/table.html", portal=portal, table=found, rows=datatables.rows_of(found)
    )


@blueprint.get("/p/<slug>/tables/<key>.pdf")
def table_pdf(slug: str, key: str) -> ResponseReturnValue:
    portal = _portal(slug)
    found = datatables.public_table(portal.release, key)
    return _pdf(public.table_paper(context(), portal, found), f"{found.title}.pdf")


@blueprint.route("/p/<slug>/register", methods=["GET", "POST"])
def register(slug: str) -> ResponseReturnValue:
    return _start_page(_portal(slug), public.MATTER)


@blueprint.route("/p/<slug>/start/<alias>", methods=["GET", "POST"])
def start(slug: str, alias: str) -> ResponseReturnValue:
    """Any other procedure that enterprises may start (a complaint about the handling, a question …)."""
    if alias == public.MATTER:
        return redirect(url_for("zuozhen_portal.register", slug=slug))
    return _start_page(_portal(slug), alias)


def _start_page(portal: PortalView, alias: str) -> ResponseReturnValue:
    slug, door = portal.slug, portal.door(alias)
    draft = "register" if alias == public.MATTER else f"start-{alias}"
    counter = request.args.get("via", "")[:40]
    if request.method == "GET":
        view = open_start(context(), portal.tenant, alias, draft=load_draft(draft, portal.tenant))
        return _start_form(portal, door, view, 200)
    if request.form.get("_save"):
        view = open_start(context(), portal.tenant, alias, formdata=request.form)
        store_draft(draft, portal.tenant, view.bound)
        if request.headers.get("HX-Request"):
            return "", 204
        flash("草稿已保存。")
        return redirect(request.full_path)
    outcome = register_case(
        context(),
        enterprise(portal.tenant, request.form.get("enterprise", "")[:100] or "企业"),
        request.form,
        request.files,
        channel=portal.qr_channel if counter else portal.online_channel,
        counter=counter,
        alias=alias,
    )
    if not isinstance(outcome, Registered):
        store_draft(draft, portal.tenant, outcome.bound)
        structural = outcome.bound is not None and outcome.bound.structural
        return _start_form(portal, door, outcome, 200 if structural else 422)
    forget_draft(portal.tenant)
    _open_case(portal, outcome.case_id)
    session["receipt"] = [portal.tenant, outcome.number, outcome.code, outcome.title, alias]
    return redirect(url_for("zuozhen_portal.receipt", slug=slug))


def _start_form(portal: PortalView, door: Procedure, view: StartView, status: int) -> ResponseReturnValue:
    page = render_template(
        "zuozhen/portal/register.html", portal=portal, door=door, view=view, bound=view.bound
    )
    return page, status


@blueprint.get("/p/<slug>/receipt")
def receipt(slug: str) -> ResponseReturnValue:
    portal = _portal(slug)
    match session.get("receipt"):
        case [portal.tenant, str(number), str(code), str(title), str(alias)]:
            return render_template(
                "zuozhen/portal/receipt.html",
                portal=portal,
                number=number,
                code=code,
                title=title,
                own=alias == public.MATTER,
            )
    raise Gone("回执只显示到您离开为止。", hint="请用抄下的回执编号和查询码查询进度。")


@blueprint.route("/p/<slug>/query", methods=["GET", "POST"])
def query(slug: str) -> ResponseReturnValue:
    portal = _portal(slug)
    problem, hint, status = "", "", 200
    if request.method == "POST":
        try:
            number, code = request.form.get("number", ""), request.form.get("code", "")
            _open_case(portal, caseviews.find_by_code(context(), portal.tenant, number, code))
            session.pop("receipt", None)
            return redirect(url_for("zuozhen_portal.progress", slug=slug))
        except Forbidden as error:
            problem, hint, status = error.message, error.hint, 403
    return render_template("zuozhen/portal/query.html", portal=portal, problem=problem, hint=hint), status


@blueprint.get("/p/<slug>/progress")
def progress(slug: str) -> ResponseReturnValue:
    portal = _portal(slug)
    view = caseviews.progress(context(), portal.tenant, _opened_case(portal))
    return render_template("zuozhen/portal/progress.html", portal=portal, view=view)


@blueprint.route("/p/<slug>/do/<token>", methods=["GET", "POST"])
def act(slug: str, token: str) -> ResponseReturnValue:
    """A task or act of the enterprise in the case it has opened by code (rating, withdrawal)."""
    portal = _portal(slug)
    case_id = _opened_case(portal)
    back = url_for("zuozhen_portal.progress", slug=slug)
    return _own_task(portal, case_id, token, back)


@blueprint.route("/p/<slug>/link/<text>", methods=["GET", "POST"])
def link(slug: str, text: str) -> ResponseReturnValue:
    """A one-time link from a letter: GET only shows, POST consumes (mail scanners open links)."""
    portal = _portal(slug)
    target = context().signer.open_link(text)
    if target.tenant != portal.tenant:
        raise NotFound("链接不属于本地区。")
    return _own_task(portal, target.case_id, target.token, url_for("zuozhen_portal.thanks", slug=slug))


@blueprint.get("/p/<slug>/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    return render_template("zuozhen/portal/thanks.html", portal=_portal(slug))


@blueprint.get("/p/<slug>/posters/<counter>.pdf")
def poster(slug: str, counter: str) -> ResponseReturnValue:
    return _pdf(public.poster(context(), _portal(slug), counter), f"二维码-{counter}.pdf")


@blueprint.get("/p/<slug>/blank/<form_key>.pdf")
def blank(slug: str, form_key: str) -> ResponseReturnValue:
    return _pdf(public.blank_form(context(), _portal(slug), form_key), f"{form_key}.pdf")


def _own_task(portal: PortalView, case_id: UUID, token: str, back: str) -> ResponseReturnValue:
    actor: Actor = enterprise(portal.tenant, "企业")
    try:
        if request.method == "POST":
            outcome = submit(context(), actor, token, request.form, request.files, within=case_id)
            if isinstance(outcome, Done):
                flash(f"“{outcome.name}”已提交，感谢您的反馈。")
                return redirect(back)
            view, status = outcome, 422
        else:
            view, status = open_task(context(), actor, token, within=case_id), 200
    except TaskClosed as error:
        raise Gone(
            "此事项已经提交过，或已超过办理期限。", hint="每次办理只能提交一次；如需补充，请联系服务专窗。"
        ) from error
    page = render_template("zuozhen/portal/act.html", portal=portal, view=view, bound=view.bound)
    return page, status


def _open_case(portal: PortalView, case_id: UUID) -> None:
    session["case"] = [portal.tenant, case_id.hex]


def _opened_case(portal: PortalView) -> UUID:
    match session.get("case"):
        case [portal.tenant, str(case_hex)]:
            with suppress(ValueError):
                return UUID(hex=case_hex)
    raise Forbidden("请先输入回执编号和查询码。", hint="在“查询进度”中输入登记时得到的编号和查询码。")


def _pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), "application/pdf", download_name=name)
