"""One renderer for all document tests: real fonts, real layout."""

from __future__ import annotations

import pytest
from tests.documents.samples import FONTS

from zuozhen.documents import Renderer


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer([FONTS], tmp_path_factory.mktemp("fontconfig"))
