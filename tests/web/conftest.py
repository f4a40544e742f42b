"""Installations with pages."""

from __future__ import annotations

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker


@pytest.fixture
def web_office(make_office: OfficeMaker) -> Office:
    """A fresh installation with pages, on SQLite."""
    return make_office(web=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_web_office(request: pytest.FixtureRequest) -> Office:
    """A fresh installation with pages, once on each database."""
    name = "make_office" if request.param == "sqlite" else "postgresql_office"
    made: Office = request.getfixturevalue(name)(web=True)
    return made
