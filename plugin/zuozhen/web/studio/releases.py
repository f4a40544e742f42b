"""Deploying the draft; releases and their export."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from zuozhen.services import accounts
from zuozhen.web.identity import admin_only

blueprint = Blueprint("zuozhen_studio_releases", __name__)


@blueprint.get("/studio/releases")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    return render_template("zuozhen/studio/home.html")
