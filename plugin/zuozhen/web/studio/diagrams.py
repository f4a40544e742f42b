"""The diagram editor and its element templates."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from zuozhen.services import accounts
from zuozhen.web.identity import admin_only

blueprint = Blueprint("zuozhen_studio_diagrams", __name__)


@blueprint.get("/studio/diagram")
@admin_only(accounts.ADMIN_SYSTEM)
def editor() -> ResponseReturnValue:
    return render_template("zuozhen/studio/home.html")
