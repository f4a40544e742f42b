"""Parts that several folders of tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from tests.builders import FONTS, Office
from tests.postgresql import PostgresqlServer, postgresql_server  # noqa: F401 - a fixture

from zuozhen.documents import Renderer
from zuozhen.services import accounts

# Collecting garbage as often as usual takes a third of the suite's time: a test process keeps very many objects.
gc.set_threshold(100_000, 20, 100)

OfficeMaker = Callable[..., Office]

# On the CI machine the same examples every time: a submission must not fail by chance. At a desk new ones.
hypothesis.settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with less work than real ones: hundreds are made here. Servers started by tests do all of it."""
    usual = accounts._hasher
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    yield
    accounts._hasher = usual


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """The real PDF renderer; its fonts take two seconds to load, so one serves all tests of a process."""
    return Renderer([FONTS], tmp_path_factory.mktemp("fontconfig"))


@pytest.fixture
def make_office(request: pytest.FixtureRequest, paper: Renderer, tmp_path: Path) -> Iterator[OfficeMaker]:
    """Return a maker of installations that are closed after the test; marked ``paper``, their work makes PDFs."""
    made: list[Office] = []
    prints = request.node.get_closest_marker("paper") is not None

    def make(name: str = "office", **options: Any) -> Office:
        made.append(Office.create(tmp_path / name, paper, **options))
        made[-1].paper = prints
        return made[-1]

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    """A fresh installation on SQLite with the built-in pack, Monday 31 August 2026, 9:00."""
    return make_office()


@pytest.fixture
def postgresql_office(
    make_office: OfficeMaker,
    postgresql_server: PostgresqlServer,  # noqa: F811
) -> Iterator[OfficeMaker]:
    """Return a maker of installations on PostgreSQL."""
    urls: list[str] = []

    def make(name: str = "office", **options: Any) -> Office:
        office = make_office(name, server=postgresql_server, **options)
        urls.append(office.settings.database_url)
        return office

    yield make
    for url in urls:
        postgresql_server.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_office(request: pytest.FixtureRequest) -> Office:
    """A fresh installation, once on each database."""
    name = "make_office" if request.param == "sqlite" else "postgresql_office"
    made: Office = request.getfixturevalue(name)()
    return made
