"""Scenario differences in names: what officials read on the pages of scenarios and deployment."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from tests.builders import DIAGRAM, edited, pack_files

from zuozhen.services import observing
from zuozhen.services.observing import Observed, OpenPlace
from zuozhen.services.releases import open_release
from zuozhen.services.scenarios import Expected
from zuozhen.services.stepnames import StepNames

NOTHING = Observed((), "", "", "", frozenset(), frozenset(), frozenset())


@pytest.fixture(scope="module")
def names() -> StepNames:
    return StepNames(open_release(pack_files(), release_id=uuid4(), version=1))


def test_every_difference_is_told_by_name(names: StepNames) -> None:
    found = Observed(
        (OpenPlace("Task_accept", "分类梳理并答复是否受理", "window", "2026-09-02"),),
        "受理",
        "",
        "",
        frozenset(),
        frozenset(),
        frozenset(),
    )
    expected = Expected(
        open=("Task_assign", "Task_joint", "Task_joint"),
        due={"Task_accept": "2026-09-04", "Task_assign": "2026-09-07"},
        stage="办理",
        ended="End_refused",
        fired=("Timer_accept",),
        documents=("accept",),
        notices=("accepted",),
    )
    texts = list(observing.differences(expected, found, names))
    assert len(texts) == 8
    assert "'" not in "".join(texts) and not re.search(r"[A-Za-z]", "".join(texts)), texts
    assert texts[0].endswith("；实有：“分类梳理并答复是否受理”") and "2 项" in texts[0]
    assert texts[1:3] == [
        "“分类梳理并答复是否受理”期限应为 2026-09-04，实为 2026-09-02",
        f"{names.element('Task_assign')}期限应为 2026-09-07，实为 无此待办",
    ]
    assert list(observing.differences(Expected(open=("Task_accept",)), NOTHING, names)) == [
        "应有待办：“分类梳理并答复是否受理”；实有：没有"
    ]


def test_an_id_stands_where_there_is_no_name_or_two_of_it(names: StepNames) -> None:
    assert names.element("Task_gone") == "“Task_gone”"
    assert not names.is_drawn("Task_gone") and names.form("gone") == "“gone”" and names.letter("x") == "“x”"
    assert names.elements(()) == "没有"
    text = pack_files()[DIAGRAM].decode()
    assign = re.search(r'id="Task_assign" name="([^"]+)"', text)
    assert assign is not None
    twice = edited(pack_files(), DIAGRAM, assign[0], 'id="Task_assign" name="分类梳理并答复是否受理"')
    doubled = StepNames(open_release(twice, release_id=uuid4(), version=1))
    assert doubled.element("Task_accept") == "“分类梳理并答复是否受理”（Task_accept）"
    assert doubled.elements(["Task_accept", "Task_assign"]).count("分类梳理并答复是否受理") == 2


def test_cases_are_called_by_their_process(names: StepNames) -> None:
    release = open_release(pack_files(), release_id=uuid4(), version=1)
    for role, process in release.pack.processes.items():
        name = release.diagram.processes[process].name
        assert names.case(role) == f"“{name}”" and names.case(f"{role}-2") == f"第 2 个“{name}”"
    assert names.case("另一件") == "“另一件”"
