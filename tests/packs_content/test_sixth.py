"""A sixth, invented jurisdiction from files alone: found, checked, walked to its end, served beside another.

Its folder holds a diagram with hour clocks beside working days and a rule that looks at other cases, two
forms with paper of their own, units, numbers, recurrences, a quota, a register and a report. No line of
Python knows its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.builders import ROOT, SLUG
from tests.conftest import OfficeMaker

from zuozhen.documents import Renderer, check_pdf
from zuozhen.documents.checks import read_text, squash
from zuozhen.packs import Library
from zuozhen.services import reports
from zuozhen.services.actors import Actor
from zuozhen.services.checking import check_files
from zuozhen.services.outbox import drain
from zuozhen.services.registers.period import register_page
from zuozhen.services.registers.views import Asked
from zuozhen.services.scenarios import load_scenarios
from zuozhen.services.scratch import Parts, Scratch, open_scratch, read_content
from zuozhen.services.studio.coverage import Visits, coverage, visits_of
from zuozhen.services.walking import Walk, Walker
from zuozhen.store.tables import Case, Document, Job

HERE = Path(__file__).parent / "sixth"
SIXTH, TENANT = "999901-beichen", 999901
FILES = Library(HERE).files(SIXTH)
SCENARIOS = f"processes/{SIXTH}/scenarios.toml"
STORIES = load_scenarios(FILES[SCENARIOS], SCENARIOS)
CENTER = Actor(TENANT, "值班岗", groups=frozenset({"center", "center_unit"}), sees_all=True)


@pytest.fixture(scope="module")
def walked(paper: Renderer) -> Iterator[list[tuple[Scratch, Walk]]]:
    """Every story with its installation, all paper made."""
    done: list[tuple[Scratch, Walk]] = []
    content = read_content(FILES)
    for story in STORIES:
        scratch = open_scratch(content, story.begin, Parts(paper, "http://zuozhen.example"))
        walk = Walker(scratch.context, scratch.clock, TENANT, lambda _line: None).play(story)
        drain(scratch.context)
        done.append((scratch, walk))
    yield done
    for scratch, _walk in done:
        scratch.close()


def test_no_code_knows_it() -> None:
    words = (SIXTH.encode(), "北辰".encode(), b"beichen")
    code = [*(ROOT / "plugin" / "zuozhen").rglob("*.py"), *(ROOT / "templates" / "web").rglob("*.html")]
    assert [path for path in code if any(word in path.read_bytes() for word in words)] == []


def test_nothing_is_wrong_with_it() -> None:
    assert [str(finding) for finding in check_files(FILES)] == []


def test_its_stories_come_out_and_go_everywhere(walked: list[tuple[Scratch, Walk]]) -> None:
    """Four hours beside five working days over the National Day holiday; the third open case goes to the steward."""
    visited: list[Visits] = []
    for scratch, walk in walked:
        assert walk.differences == []
        with scratch.context.database.read() as session:
            assert list(session.scalars(select(Job.error).where(Job.error.is_not(None)))) == []
        visited.append(visits_of(scratch.flows, walk.logs))
    diagram = walked[0][0].content.release.diagram
    found = coverage(visited, diagram, FILES[f"processes/{SIXTH}/{SIXTH}.bpmn"])
    assert [*(element.id for element in found.missing), *(flow.id for flow in found.untaken)] == []


def test_its_papers_are_its_own(walked: list[tuple[Scratch, Walk]]) -> None:
    scratch, walk = walked[0]
    with scratch.context.database.read() as session:
        rows = session.scalars(
            select(Document)
            .where(Document.case_id == walk.cases["case"], Document.kind == "form")
            .order_by(Document.created_at)
        ).all()
    papers = {row.form_key: scratch.context.blobs.get(row.sha256) for row in rows}
    assert papers.keys() == {"apply", "handle"}
    assert check_pdf(papers["apply"], ["附表一", "北辰新区企业事项登记单", "BC202609-001"], pages=1) == ()
    assert check_pdf(papers["handle"], ["附表二", "北水复〔2026〕1号", "北辰甲公司", "新区水电公司"]) == ()
    assert squash("已更换加压泵。") in squash(read_text(papers["handle"]))


def test_titles_follow_its_rule(walked: list[tuple[Scratch, Walk]]) -> None:
    titles = set()
    for scratch, _walk in walked:
        with scratch.context.database.read() as session:
            titles |= set(session.scalars(select(Case.title)))
    assert titles == {"〔项目建设〕关于厂区供水的事项", "企业服务日筹备", "企业服务日：用水用电"}


def test_its_report_counts_what_its_register_lists(walked: list[tuple[Scratch, Walk]]) -> None:
    scratch, _walk = walked[1]
    view = reports.report_view(scratch.context, CENTER, "monthly", "2026-11")
    numbers = {figure.figure.label: figure.number.value for figure in view.figures}
    asked = Asked(date(2026, 11, 1), date(2026, 11, 30))
    ledger = register_page(scratch.context, CENTER, "ledger", asked).view
    assert numbers["登记"] == Decimal(len(ledger.rows)) == 3
    assert (numbers["办结"], numbers["有逾期"]) == (1, 3)


def test_it_is_served_beside_another_jurisdiction(make_office: OfficeMaker) -> None:
    """Only the folder is named: the portal offers both, each with its own form."""
    office = make_office(web=True, content=str(HERE), packs=f"{SLUG} {SIXTH}")
    assert office.app is not None
    visitor = office.app.test_client()
    choice = visitor.get("/").get_data(as_text=True)
    assert "北辰新区" in choice and "宣威市" in choice
    form = visitor.get(f"/p/{SIXTH}/register").get_data(as_text=True)
    assert "事项类别" in form and "诉求标题" not in form
    assert "事项类别" not in visitor.get(f"/p/{SLUG}/register").get_data(as_text=True)
