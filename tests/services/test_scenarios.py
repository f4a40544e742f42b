"""Two stories of the pack, played by the real parts on a virtual clock."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from tests.builders import SLUG, TENANT, Office, pack_files, scenario_names
from tests.conftest import OfficeMaker

from zuozhen.model.errors import ContentError, ZuozhenError
from zuozhen.services.observing import Observed, _place
from zuozhen.services.scenarios import Scenario, load_scenarios
from zuozhen.services.walking import Walk, Walker

NAMES = scenario_names()
SCENARIOS = f"processes/{SLUG}/scenarios.toml"
ON_BOTH = ("现场解决", "多部门联办")
"""Stories that are played with their paper, and on PostgreSQL: the plain one and the one with joint work, delay and extension."""


def scenario(name: str) -> Scenario:
    found = [each for each in load_scenarios(pack_files()[SCENARIOS], SCENARIOS) if each.name == name]
    assert len(found) == 1
    return found[0]


def play(make: OfficeMaker, name: str, *, paper: bool = False) -> tuple[Office, Walk]:
    story = scenario(name)
    office = make(start=story.start)
    walker = Walker(office.context, office.clock, TENANT, lambda _line: None, paper=paper)
    return office, walker.play(story)


def check(office: Office, walk: Walk) -> None:
    assert walk.differences == []
    for case_id in walk.cases.values():
        assert office.problems_of(case_id) == []
    stuck = [(job.kind, job.error) for job in office.jobs() if job.error]
    assert stuck == []


TOLD = [name for name in NAMES if name.startswith(ON_BOTH)]


@pytest.mark.parametrize("name", TOLD)
def test_the_story_comes_out_as_written(name: str, make_office: OfficeMaker) -> None:
    office, walk = play(make_office, name, paper=True)
    check(office, walk)
    check_papers(office, walk)


@pytest.mark.postgresql
@pytest.mark.parametrize("name", TOLD)
def test_the_story_comes_out_the_same_on_postgresql(name: str, postgresql_office: OfficeMaker) -> None:
    check(*play(postgresql_office, name))


def test_there_are_enough_stories() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 13
    assert sum(name.startswith(ON_BOTH) for name in NAMES) == 2


def check_papers(office: Office, walk: Walk) -> None:
    """The papers say what was answered."""
    case = office.case(walk.cases["case"])
    papers = {row.form_key: row for row in office.documents(case.id, "form")}
    assert set(papers) == {"register", "clinic_record"}
    more = {"clinic_record": ["解决措施", "王正平"], "register": [case.title, case.number or ""]}
    for key, row in papers.items():
        text = text_of(office.context.blobs.get(row.sha256))
        assert [each for each in (case.enterprise, *more[key]) if each not in text] == [], (key, text)


def text_of(pdf: bytes) -> str:
    """Return the text of all pages without blanks and line breaks."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return "".join("".join(pages).split())


def play_text(
    text: str, make: OfficeMaker, said: list[str] | None = None, *, broken: bool = False
) -> tuple[Office, Walk]:
    """Play the first step of the pack's first scenario, and ``text`` after it."""
    first = b"[[scenario.step]]".join(pack_files()[SCENARIOS].split(b"[[scenario.step]]")[:2])
    (story,) = load_scenarios(first + text.encode(), SCENARIOS)
    office = make(start=story.start)
    if broken:
        context = replace(office.context, documents=NoPaper())
        office = replace(office, context=context)
    walker = Walker(
        office.context, office.clock, TENANT, (said if said is not None else []).append, paper=broken
    )
    return office, walker.play(story)


class NoPaper:
    """A renderer on a machine whose fonts are gone."""

    def __getattr__(self, name: str) -> Any:
        raise ZuozhenError("没有字体，不能制作文书。")


@pytest.mark.parametrize(
    ("due", "differs"),
    [
        ("2026-09-03", ""),
        ("2026-09-03 24:00", ""),
        ("2026-09-03 16:00", "期限应为 2026-09-03 16:00，实为 2026-09-03 24:00"),
        ("2026-09-04", "期限应为 2026-09-04，实为 2026-09-03"),
    ],
)
def test_a_due_date_is_expected_with_or_without_its_time(
    due: str, differs: str, make_office: OfficeMaker
) -> None:
    _, walk = play_text(
        f'[[scenario.step]]\nat = 2026-09-01T10:00:00\nexpect.due = {{ Task_accept = "{due}" }}\n',
        make_office,
    )
    assert [differs in text for text in walk.differences] == ([True] if differs else [])


def test_a_due_time_is_compared_by_the_minute() -> None:
    due_at = datetime.fromisoformat("2026-10-20T16:00:00+08:00")
    found = Observed((_place("t", "办理", "", due_at),), "", "", "", frozenset(), frozenset(), frozenset())
    assert found.due("t") == {"2026-10-20"} and found.due_at("t") == {"2026-10-20 16:00"}


@pytest.mark.parametrize("due", ["2026-10-20 4pm", "20 October", "2026-10-20 25:00"])
def test_a_due_time_that_is_none_is_refused(due: str) -> None:
    text = f'[[scenario]]\nname = "x"\n[[scenario.step]]\nat = 2026-09-01T10:00:00\nexpect.due = {{ t = "{due}" }}'
    with pytest.raises(ContentError) as caught:
        load_scenarios(text.encode(), SCENARIOS)
    assert "写成 2026-10-20 或 2026-10-20 16:00" in caught.value.findings[0].message


def test_a_step_on_a_case_that_is_not_there_is_a_difference(make_office: OfficeMaker) -> None:
    _, walk = play_text(
        '[[scenario.step]]\nat = 2026-09-01T10:00:00\ncase = "other"\nexpect.stage = "分类梳理"\n'
        '[[scenario.step]]\nat = 2026-09-01T11:00:00\ncase = "other"\n'
        '[[scenario.step]]\nat = 2026-09-01T12:00:00\ncase = "other"\ntask = "Task_accept"\n',
        make_office,
    )
    assert ["此时没有" in text for text in walk.differences] == [True, True]


def test_an_automatic_operation_that_fails_is_said_and_is_a_difference(make_office: OfficeMaker) -> None:
    said: list[str] = []
    _, walk = play_text("", make_office, said, broken=True)
    assert any("自动操作" in text and "失败" in text for text in walk.differences)
    assert any("✗ 自动操作" in text for text in said)
