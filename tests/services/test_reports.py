"""ALL-7: what a report counts is what its lists hold, in every channel, over random lives of real cases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from tests.builders import ACCEPT, SLUG, Office, edited, pack_files
from tests.conftest import OfficeMaker
from tests.services.histories import random_history
from tests.services.test_scenarios import text_of

from zuozhen.model.clock import at_local, local_date
from zuozhen.model.errors import Forbidden, Invalid, NotFound
from zuozhen.services import reports
from zuozhen.services.actors import Actor
from zuozhen.services.listing import stream
from zuozhen.services.registers.period import register_page
from zuozhen.services.registers.views import Asked
from zuozhen.services.reports import Place, behind, cases_behind, report_view
from zuozhen.services.reports.views import Number, ReportView
from zuozhen.store.tables import Case

MANIFEST = f"processes/{SLUG}/pack.toml"
KEYS = ("intake", "results", "attendance")


def lead(office: Office) -> Actor:
    return Actor(office.tenant, "专班", groups=frozenset({"lead_office"}), sees_all=True)


def numbers_of(view: ReportView) -> Iterator[tuple[Place, Number]]:
    """Yield every number of a report with the address of its cases."""
    for one in view.figures:
        yield Place(one.figure.key), one.number
    for table in view.tables:
        for row in table.rows:
            for figure, number in zip(table.columns, row.numbers, strict=True):
                yield Place(figure.key, table.table.key, row.group), number


def every_view(office: Office, actor: Actor) -> Iterator[tuple[str, ReportView]]:
    for key in KEYS:
        for period in reports.periods(office.context, actor, key):
            yield key, report_view(office.context, actor, key, period.key)


def stored(office: Office, process: str = "case") -> list[Case]:
    with office.context.database.read() as session:
        return list(session.scalars(select(Case).where(Case.process_id == process)))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_is_the_number_of_rows_behind_it(
    seed: int, make_office: OfficeMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    assert random_history(office, seed, cases=12, days=75, diligence=0.85) > 40
    monkeypatch.setattr(stream, "BATCH", 5)
    monkeypatch.setattr(behind, "PAGE", 4)
    actor = lead(office)
    checked = 0
    for key, view in every_view(office, actor):
        assert view.problems == ()
        for place, number in numbers_of(view):
            assert number.fault == "", (key, place)
            assert rows_behind(office, actor, key, view, place) == number.cases, (key, place)
            checked += number.cases > 0
        assert rows_behind(office, actor, key, view, Place()) == view.count
        check_workbook(office, actor, key, view)
    assert checked > 40
    check_against_the_store(office, actor)
    check_against_the_ledger(office, actor)
    check_paper(office, actor)


def rows_behind(office: Office, actor: Actor, key: str, view: ReportView, place: Place) -> int:
    """Turn all pages of the list behind a number; returns how many different cases they show."""
    seen: set[Any] = set()
    after: int | None = 0
    while after is not None:
        found = cases_behind(office.context, actor, key, place, period=view.period.key, after=after)
        assert not seen & {line.case_id for line in found.lines}
        assert all(line.day in view.period for line in found.lines if line.day)
        seen |= {line.case_id for line in found.lines}
        after = found.after
    assert found.count == len(seen)
    return len(seen)


def check_against_the_store(office: Office, actor: Actor) -> None:
    """Count anew from the stored answers, without formulas."""
    cases = stored(office)
    for key, view in every_view(office, actor):
        shown = {one.figure.key: one.number.cases for one in view.figures}
        if key == "intake":
            mine = [case for case in cases if local_date(case.created_at) in view.period]
            decisions = [case.data.get("accept", {}).get("decision") for case in mine]
            wanted = {"accepted": "accept", "refused": "refuse", "passed_up": "pass_up"}
            assert shown["registered"] == len(mine)
            assert {name: shown[name] for name in wanted} == {
                n: decisions.count(d) for n, d in wanted.items()
            }
        if key == "results":
            mine = [case for case in cases if case.ended_at and local_date(case.ended_at) in view.period]
            assert shown["ended"] == len(mine)
            assert shown["closed"] == sum(case.end_element == "End_closed" for case in mine)
            assert shown["rated"] == sum("rate" in case.data for case in mine)
            outcomes = {row.group: row.numbers[0].cases for row in view.tables[0].rows}
            assert outcomes == {o: [c.outcome for c in mine].count(o) for o in {c.outcome for c in mine}}
        if key == "attendance":
            held = [case for case in stored(office, "clinic") if "clinic_run" in case.data]
            mine = [case for case in held if date.fromisoformat(case.business_key) in view.period]
            people = [person for case in mine for person in case.data["clinic_run"]["attendance"]]
            values = {one.figure.key: one.number.value for one in view.figures}
            assert values["sessions"] == len(mine)
            assert values["people"] == len(people)
            assert values["chief_times"] == sum(person["kind"] == "主要负责人" for person in people)


def check_against_the_ledger(office: Office, actor: Actor) -> None:
    """The ledger of a period holds as many rows as the report of the period counts."""
    for key, view in every_view(office, actor):
        if key != "intake":
            continue
        asked = Asked(view.period.first, view.period.last)
        page = register_page(office.context, actor, "ledger", asked)
        assert page.count == view.count == len(page.view.lines)
        refused = register_page(
            office.context, actor, "ledger", Asked(asked.first, asked.last, chosen={"state": "不予受理"})
        )
        outcomes = [case for case in stored(office) if local_date(case.created_at) in view.period]
        assert refused.count == sum(case.outcome == "不予受理" for case in outcomes)
        late = register_page(
            office.context, actor, "ledger", Asked(asked.first, asked.last, chosen={"late": "超期"})
        )
        assert late.count == next(f.number.cases for f in view.figures if f.figure.key == "late")
        for choice in page.filters:
            one_each = choice.key in ("state", "stage", "channel", "late")
            assert not one_each or sum(count for _text, count in choice.choices) == page.count


def check_workbook(office: Office, actor: Actor, key: str, view: ReportView) -> None:
    content, name = reports.report_workbook(office.context, actor, key, view.period.key)
    assert view.period.label in name
    book = openpyxl.load_workbook(io.BytesIO(content))
    shown = {row[0].value: row[1].value for row in book["总表"].iter_rows(min_row=5)}
    for one in view.figures:
        wanted = one.number.text if one.number.value is None else pytest.approx(float(one.number.value))
        assert shown[one.figure.label] == wanted
    for table in view.tables:
        rows = {
            row[0].value: [cell.value for cell in row[1:]]
            for row in book[table.table.title].iter_rows(min_row=5)
        }
        for line in table.rows:
            assert rows[line.group] == [
                n.text if n.value is None else pytest.approx(float(n.value)) for n in line.numbers
            ]


def check_paper(office: Office, actor: Actor) -> None:
    view = report_view(office.context, actor, "results", "2026-10")
    assert view.count
    content, _name = reports.report_pdf(office.context, actor, "results", "2026-10")
    printed = text_of(content)
    assert "（2026年10月）" in printed
    for one in view.figures:
        assert f"{one.figure.label}{one.number.text}" in printed
    for table in view.tables:
        for row in table.rows:
            assert row.group + "".join(number.text for number in row.numbers) in printed


def test_without_an_address_it_is_the_last_complete_period(office: Office) -> None:
    actor = lead(office)
    assert report_view(office.context, actor, "intake").period.key == "2026-08", (
        "nothing yet: the present one"
    )
    office.register()
    assert report_view(office.context, actor, "intake").period.key == "2026-08"
    office.pass_to("2026-09-01 00:00")
    view = report_view(office.context, actor, "intake")
    assert (view.period.key, view.count) == ("2026-08", 1)
    office.pass_to("2026-12-15 09:00")
    assert report_view(office.context, actor, "intake").period.key == "2026-11"
    assert [p.key for p in reports.periods(office.context, actor, "intake")] == [
        f"2026-{month:02d}" for month in (12, 11, 10, 9, 8)
    ]


def test_the_edges_of_a_period_are_local_midnight(any_office: Office) -> None:
    office = any_office
    office.pass_to("2026-09-30 23:59")
    office.register()
    office.pass_to("2026-10-01 00:00")
    office.register()
    actor = lead(office)
    assert [report_view(office.context, actor, "intake", p).count for p in ("2026-09", "2026-10")] == [1, 1]


def test_an_empty_period_is_a_report_too(office: Office) -> None:
    actor = lead(office)
    view = report_view(office.context, actor, "results", "2025-01")
    assert view.count == 0
    assert {one.number.text for one in view.figures} == {"0", "—"}
    assert all(table.rows == () for table in view.tables)
    assert reports.report_pdf(office.context, actor, "results", "2025-01")[0].startswith(b"%PDF")
    assert reports.report_workbook(office.context, actor, "results", "2025-01")[0].startswith(b"PK")


def test_a_department_counts_its_own_cases_only(any_office: Office) -> None:
    office = any_office
    mine, other = office.register(), office.register()
    for registered, unit in ((mine, "ziran"), (other, "gongxin")):
        office.submit(registered.case_id, "Task_accept", ACCEPT)
        office.submit(registered.case_id, "Task_assign", {"reception_unit": unit, "note": "请办理。"})
    ziran = office.person("ziran", unit="ziran")
    view = report_view(office.context, ziran, "intake", "2026-08")
    assert view.count == 1
    assert [
        line.case_id
        for line in cases_behind(office.context, ziran, "intake", Place(), period="2026-08").lines
    ] == [mine.case_id]
    assert register_page(office.context, ziran, "ledger", Asked()).count == 1
    assert report_view(office.context, lead(office), "intake", "2026-08").count == 2


def test_what_does_not_exist_is_not_found(office: Office) -> None:
    actor = lead(office)
    with pytest.raises(NotFound):
        report_view(office.context, actor, "nothing")
    with pytest.raises(Invalid):
        report_view(office.context, actor, "intake", "2026-Q1")
    for place in (Place("nothing"), Place("registered", "nothing", "x")):
        with pytest.raises(NotFound):
            cases_behind(office.context, actor, "intake", place)
    assert cases_behind(office.context, actor, "intake", Place("registered", "channel", "没有")).count == 0


REPORT_OF_UNITS = """
[[report]]
key = "of_unit"
title = "按部门统计"
open_to = ["lead_office"]
figures = [{ key = "all", label = "件数" }, { key = "bad", label = "算错", where = "(function(x) x)(1, 2)" }]
tables = [{ key = "kind", title = "按类", group = "register.life_stage", columns = ["all", "bad"] }]
[report.parameter]
key = "unit"
label = "接诊部门"
codes = "units"
filter = "assign.reception_unit = unit"
"""


def with_unit_report(make: OfficeMaker) -> Office:
    files = pack_files()
    office = make(files={**files, MANIFEST: files[MANIFEST] + REPORT_OF_UNITS.encode()})
    for unit in ("ziran", "ziran", "gongxin"):
        registered = office.register()
        office.submit(registered.case_id, "Task_accept", ACCEPT)
        office.submit(registered.case_id, "Task_assign", {"reception_unit": unit, "note": "请办理。"})
    return office


def test_a_parameter_narrows_everything(make_office: OfficeMaker) -> None:
    office = with_unit_report(make_office)
    actor = lead(office)
    view = report_view(office.context, actor, "of_unit", "2026-08", "ziran")
    assert view.parameter is not None
    assert (view.count, view.parameter.text) == (2, "市自然资源局")
    assert report_view(office.context, actor, "of_unit", "2026-08").count == 3
    found = cases_behind(office.context, actor, "of_unit", Place("all"), period="2026-08", parameter="ziran")
    assert found.count == 2
    with pytest.raises(NotFound):
        report_view(office.context, actor, "of_unit", "2026-08", "no_such_unit")


def test_only_those_it_is_open_to_may_look(make_office: OfficeMaker) -> None:
    office = with_unit_report(make_office)
    ziran = office.person("ziran", unit="ziran")
    assert "of_unit" not in {report.key for report in reports.reports_for(office.context, ziran)}
    for ask in (report_view, reports.report_pdf, reports.report_workbook, reports.periods):
        with pytest.raises(Forbidden):
            ask(office.context, ziran, "of_unit")  # type: ignore[operator]
    with pytest.raises(Forbidden):
        cases_behind(office.context, ziran, "of_unit", Place())


def test_the_diagram_gets_the_last_complete_period_over_all_cases(make_office: OfficeMaker) -> None:
    office = with_unit_report(make_office)
    with office.context.database.read() as session:
        release = office.context.releases.live(session, office.tenant)
    at = at_local(date(2026, 9, 1))
    source = reports.report_source(office.context, release, "of_unit", at, "ziran")
    assert (source.data["period"], source.data["count"]) == ("2026-08", 2)
    assert source.data["parameter_label"] == "市自然资源局"
    assert source.data["values"]["all"] == "2"
    assert source.data["figures"][1]["text"].startswith("（计算出错")
    printed = text_of(office.context.documents.pdf(source))
    assert "按部门统计" in printed and "市自然资源局" in printed
    early = reports.report_source(office.context, release, "of_unit", at_local(date(2026, 8, 31)))
    assert (early.data["period"], early.data["count"]) == ("2026-07", 0)
    with pytest.raises(NotFound):
        reports.report_source(office.context, release, "nothing", at)


def test_a_confidential_case_counts_but_its_secrets_do_not_show(make_office: OfficeMaker) -> None:
    files = edited(pack_files(), MANIFEST, 'group = "register.life_stage"', 'group = "register.content"')
    office = make_office(files=files)
    office.register(content="独有的商业秘密，恳请保密并协调。", confidential=True)
    with office.context.database.read() as session:
        release = office.context.releases.live(session, office.tenant)
    source = reports.report_source(office.context, release, "intake", at_local(date(2026, 9, 1)))
    assert source.data["count"] == 1
    assert "独有的商业秘密" not in repr(source.data)
