"""Runs on trial, scenarios and their coverage."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from zuozhen.services import accounts
from zuozhen.web.identity import admin_only

blueprint = Blueprint("zuozhen_studio_trying", __name__)


@blueprint.get("/studio/try")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    return render_template("zuozhen/studio/home.html")
