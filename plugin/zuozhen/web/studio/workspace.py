"""Overview of the studio, files of the draft, history and conflicts."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from zuozhen.services import accounts
from zuozhen.web.identity import admin_only

blueprint = Blueprint("zuozhen_studio_workspace", __name__)


@blueprint.get("/studio")
@admin_only(accounts.ADMIN_SYSTEM)
def home() -> ResponseReturnValue:
    return render_template("zuozhen/studio/home.html")
