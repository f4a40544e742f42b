"""Correcting a case: with reason and record."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("zuozhen_corrections", __name__)
