"""Two stories of the pack, played by the real parts on a virtual clock."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from tests.builders import SLUG, TENANT, Office, pack_files, scenario_names
from tests.conftest import OfficeMaker

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
