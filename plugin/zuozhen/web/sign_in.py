"""Login, first login by one-time link, change of password, logout."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from zuozhen.model.errors import Forbidden, Invalid
from zuozhen.services import accounts
from zuozhen.services.jurisdictions import jurisdictions, of_slug
from zuozhen.web.identity import context, current_account, remember, staff_only
from zuozhen.web.places import remember_place, remembered

blueprint = Blueprint("zuozhen_sign_in", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in; ``?at=<slug>`` chooses the jurisdiction, else it is the one chosen last in this browser."""
    places = jurisdictions(context())
    asked = request.form.get("at") or request.args.get("at", "")
    place = of_slug(places, asked) or remembered(places)
    problem, hint, status = "", "", 200
    if request.method == "POST":
        name, password = request.form.get("username", ""), request.form.get("password", "")
        try:
            remember(accounts.sign_in(context(), name, password, tenant=place.tenant if place else None))
            answer = redirect(_safe_next(request.args.get("next", "")))
            return remember_place(answer, place.slug) if place else answer
        except Forbidden as error:
            problem, hint, status = error.message, error.hint, 403
    page = render_template("zuozhen/login.html", problem=problem, hint=hint, places=places, place=place)
    return page, status


@blueprint.route("/first-login/<secret>", methods=["GET", "POST"])
def first_login(secret: str) -> ResponseReturnValue:
    account = accounts.link_account(context(), secret)
    problem, status = "", 200
    if request.method == "POST":
        password = request.form.get("password", "")
        try:
            if password != request.form.get("again", ""):
                raise Invalid("两次输入的密码不一致。")
            remember(accounts.use_login_link(context(), secret, password))
            flash("密码已设置，欢迎使用。")
            return redirect(url_for("zuozhen_desk.tasks"))
        except Invalid as error:
            problem, status = error.message, 422
    return render_template("zuozhen/first_login.html", person=account, problem=problem), status


@blueprint.route("/account", methods=["GET", "POST"])
@staff_only
def account() -> ResponseReturnValue:
    problem, status, token = "", 200, ""
    person = current_account()
    if request.method == "POST" and person is not None:
        try:
            if request.form.get("do") == "token":
                token = accounts.new_api_token(context(), person, request.form.get("label", ""))
            else:
                if request.form.get("password", "") != request.form.get("again", ""):
                    raise Invalid("两次输入的新密码不一致。")
                remember(
                    accounts.change_password(
                        context(), person, request.form.get("old", ""), request.form.get("password", "")
                    )
                )
                flash("密码已修改，其他设备上的登录已退出。")
                return redirect(url_for("zuozhen_desk.tasks"))
        except Invalid as error:
            problem, status = error.message, 422
    return render_template("zuozhen/account.html", person=person, problem=problem, token=token), status


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    session.clear()
    flash("已退出登录。")
    return redirect(url_for("zuozhen_sign_in.login"))  # to the jurisdiction that the browser remembers


def _safe_next(target: str) -> str:
    """Return a path of this site only: a login link must not lead elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return url_for("zuozhen_desk.tasks")
    outside = target.startswith("//") or "\\" in target or parts.netloc or parts.scheme
    if target.startswith("/") and target.isprintable() and not outside:
        return target
    return url_for("zuozhen_desk.tasks")
