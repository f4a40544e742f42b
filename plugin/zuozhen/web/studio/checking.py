"""The check while drawing."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("zuozhen_studio_checking", __name__)
