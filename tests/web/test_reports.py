"""Pages of registers and reports: what they show, where their links lead, who may look."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from lxml import html
from tests.builders import ACCEPT, SLUG, Office, pack_files
from tests.conftest import OfficeMaker
from tests.services.histories import random_history
from tests.services.test_reports import KEYS, MANIFEST, REPORT_OF_UNITS
from tests.services.test_results import REFUSE
from tests.services.test_scenarios import text_of
from tests.web.visitors import Visitor

from zuozhen.documents import Renderer
from zuozhen.services.registers import period

PDF = "application/pdf"
SUMS = ("people", "chief_times", "days")
"""Figures that add something up: not the number of their cases."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def visitor(
    office: Office, name: str = "lead", *, unit: str = "", groups: tuple[str, ...] = ("lead_office",)
) -> Visitor:
    assert office.app is not None
    return Visitor(office.app).sign_in(office.account(name, unit=unit, groups=groups))


def tree(text: str) -> Any:
    return html.fromstring(text)


def texts(nodes: Any) -> list[str]:
    return ["".join(node.itertext()).strip() for node in nodes]


@pytest.fixture(scope="module")
def lived(paper: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Visitor]]:
    """An installation in which ten cases have lived for two months, and somebody who sees all of them."""
    office = Office.create(tmp_path_factory.mktemp("lived"), paper, web=True)
    random_history(office, 7, cases=10, days=60, diligence=0.9)
    yield office, visitor(office)
    office.close()


def test_every_number_on_every_page_leads_to_as_many_cases(lived: tuple[Office, Visitor]) -> None:
    _office, lead = lived
    followed = 0
    for key in KEYS:
        page = tree(lead.get(f"/reports/{key}").text)
        for asked in page.xpath("//select[@name='period']/option/@value"):
            page = tree(lead.get(f"/reports/{key}?period={asked}").text)
            for link in page.xpath("//a[contains(@href, '/cases?')]"):
                listed = tree(lead.get(link.get("href")).text)
                count = int(listed.xpath("string(//p/strong)"))
                assert count == len(listed.xpath("//tbody/tr"))
                text = "".join(link.itertext()).replace("件", "").strip()
                base = link.xpath("string(../span[@class='zz-sub'])")
                if "%" in text and not base:
                    continue  # a share in a table: its part and its whole stand in columns of their own
                if base:
                    text = base.partition("/")[0].strip()
                if not any(f"figure={sum_of}" in link.get("href") for sum_of in SUMS):
                    assert int(text) == count, link.get("href")
                followed += 1
    assert followed > 60


def test_page_workbook_and_paper_say_the_same(lived: tuple[Office, Visitor]) -> None:
    _office, lead = lived
    address = "/reports/intake{}?period=2026-09"
    page = tree(lead.get(address.format("")).text)
    printed = text_of(lead.get(address.format(".pdf")).data)
    book = openpyxl.load_workbook(io.BytesIO(lead.get(address.format(".xlsx")).data))
    shown = {row[0].value: row[1].value for row in book["总表"].iter_rows(min_row=5)}
    figures = page.xpath("//dl[@class='zz-figures']/div")
    assert 8 <= len(figures) <= len(shown)
    for figure in figures:
        label, text = figure.findtext("dt"), "".join(figure.xpath("dd/a/text() | dd/text()")).strip()
        assert f"{label}{text}" in printed
        value = shown[label]
        wanted = text if isinstance(value, str) else f"{value:.1%}" if "%" in text else f"{value:g}"
        assert text == wanted
    for section in page.xpath("//section[.//table]"):
        title = section.findtext("h2")
        rows = {texts(row)[0]: texts(row)[1:] for row in section.xpath(".//tbody/tr | .//tfoot/tr")}
        sheet = {row[0].value: row[1:] for row in book[title].iter_rows(min_row=5) if row[0].value in rows}
        assert set(sheet) == set(rows)
        for group, cells in rows.items():
            assert "".join((group + "".join(cells)).split()) in printed
            for text, cell in zip(cells, sheet[group], strict=True):
                assert text == (
                    cell.value
                    if isinstance(cell.value, str)
                    else f"{cell.value:.1%}"
                    if "%" in text
                    else f"{cell.value:g}"
                )


def test_a_chart_has_its_data_in_the_page_and_its_table_beside_it(lived: tuple[Office, Visitor]) -> None:
    _office, lead = lived
    answer = lead.get("/reports/intake?period=2026-09")
    page = tree(answer.text)
    charts = page.xpath("//*[@data-zz-chart]")
    assert charts
    for chart in charts:
        assert chart.get("aria-hidden") == "true"
        source = page.xpath(f"//script[@id='{chart.get('data-zz-chart')}']")[0]
        assert source.get("type") == "application/json"
        data = json.loads(source.text)
        table = chart.getparent().xpath(".//table")[0]
        rows = [texts(row) for row in table.xpath(".//tbody/tr")]
        assert data["groups"] == [row[0] for row in rows]
        heads = texts(table.xpath(".//thead//th"))
        for series in data["series"]:
            column = heads.index(series["label"])
            assert [f"{value:g}" for value in series["values"]] == [row[column] for row in rows]
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert not page.xpath("//script[not(@src) and not(@type='application/json')]")
    assert lead.get("/static/charts.js").status_code == 200
    assert "charts.js" not in lead.get("/registers/ledger").text


def test_the_ledger_narrows_searches_and_turns_pages(
    lived: tuple[Office, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    _office, lead = lived
    page = tree(lead.get("/registers/ledger").text)
    everything = int(page.xpath("string(//p/strong)"))
    assert everything == 10 == len(page.xpath("//tbody/tr"))
    for select in page.xpath("//select"):
        for option in select.xpath("option[@value != '']"):
            text, _, count = "".join(option.itertext()).rpartition("（")
            chosen = tree(lead.get(f"/registers/ledger?{select.get('name')}={quote(text)}").text)
            assert int(chosen.xpath("string(//p/strong)")) == int(count.rstrip("）"))
            assert chosen.xpath("//select/option[@selected]/@value") == [text]
    found = tree(lead.get("/registers/ledger?q=" + quote("第3食品")).text)
    assert found.xpath("string(//p/strong)") == "1"
    assert tree(lead.get("/registers/ledger?from=2030-01-01&to=").text).xpath("//*[@class='zz-empty']")
    monkeypatch.setattr(period, "PAGE", 4)
    seen: list[str] = []
    address: str | None = "/registers/ledger?from=&to="
    while address:
        page = tree(lead.get(address).text)
        seen += page.xpath("//td[@data-label='编号']/a/text()")
        address = next(iter(page.xpath("//a[text()='下一页']/@href")), None)
    assert len(seen) == len(set(seen)) == everything
    book = openpyxl.load_workbook(io.BytesIO(lead.get("/registers/ledger.xlsx?from=&to=").data)).active
    assert [row[1].value for row in book.iter_rows(min_row=4, max_row=3 + everything)] == seen
    printed = text_of(lead.get("/registers/ledger.pdf?from=&to=").data)
    assert all(number in printed for number in seen)


def test_lists_of_what_there_is(lived: tuple[Office, Visitor]) -> None:
    _office, lead = lived
    registers = lead.get("/registers").text
    assert "办件台账" in registers and "服务事项清单" in registers and "/registers/ledger" in registers
    page = tree(registers)
    session = next(link for link in page.xpath("//a/@href") if link.endswith("/service_list"))
    listed = lead.get(session)
    assert listed.status_code == 200 and "<p>坐诊场次 " in listed.text
    assert lead.get(f"{session}.xlsx").mimetype == XLSX
    assert lead.get(f"{session}.pdf").mimetype == PDF
    reports = lead.get("/reports").text
    assert all(f"/reports/{key}" in reports for key in KEYS)
    assert page.xpath("//nav//a[@aria-current='page']/text()") == ["台账"]


@pytest.mark.parametrize(
    "address",
    [
        "/registers/nothing",
        "/registers/service_list",
        "/registers/ledger?from=yesterday",
        "/registers/ledger?from=2026-12-01&to=2026-01-01",
        "/reports/nothing",
        "/reports/intake?period=2026-13",
        "/reports/intake/cases?figure=nothing",
        "/reports/intake/cases?table=nothing&group=x",
        "/reports/intake/cases?after=99999999999999999999",
        "/registers/ledger?after=-1&late=" + "长" * 500,
        "/registers/ledger.xlsx?q=%00",
        "/reports/intake.pdf?period=" + "9" * 400,
        "/p/530381-xuanwei/results?month=%F0%9F%92%A9",
    ],
)
def test_strange_addresses_are_answered_kindly(lived: tuple[Office, Visitor], address: str) -> None:
    answer = lived[1].get(address)
    assert answer.status_code in (200, 404, 422)
    if answer.status_code != 200:
        assert "请" in answer.text


def test_nobody_looks_without_signing_in(lived: tuple[Office, Visitor]) -> None:
    office, _lead = lived
    assert office.app is not None
    for address in ("/registers", "/registers/ledger", "/registers/ledger.pdf", "/registers/ledger.xlsx",
                    "/reports", "/reports/intake", "/reports/intake.pdf", "/reports/intake.xlsx",
                    "/reports/intake/cases", "/sessions/2026-09-20/service_list.xlsx"):  # fmt: skip
        answer = Visitor(office.app).get(address)
        assert answer.status_code == 302 and "/login" in answer.headers["Location"], address


def test_a_report_of_others_is_closed_and_broken_figures_break_nothing(make_office: OfficeMaker) -> None:
    files = pack_files()
    office = make_office(web=True, files={**files, MANIFEST: files[MANIFEST] + REPORT_OF_UNITS.encode()})
    registered = office.register()
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    clerk = visitor(office, "clerk", unit="ziran", groups=())
    assert clerk.get("/reports/of_unit").status_code == 403
    assert "of_unit" not in clerk.get("/reports").text
    lead = visitor(office)
    answer = lead.get("/reports/of_unit?period=2026-08")
    assert answer.status_code == 200
    assert "（计算出错：" in unescape(answer.text)
    assert lead.get("/reports/of_unit/cases?period=2026-08&figure=bad").status_code == 200
    for ending in (".pdf", ".xlsx"):
        assert lead.get(f"/reports/of_unit{ending}?period=2026-08&parameter=ziran").status_code == 200
    assert lead.get("/reports/of_unit?parameter=nobody").status_code == 404


def test_texts_of_cases_stay_texts(web_office: Office) -> None:
    """What enterprises type can neither end the chart's data nor become markup or a formula."""
    office = web_office
    name = "宣威</script><script>alert(1)</script>公司"
    registered = office.register(enterprise=name, title="关于=1+1事项的情况反映")
    office.submit(registered.case_id, "Task_accept", {**ACCEPT, "category": "</script><b>甲"})
    lead = visitor(office)
    for address in (
        "/registers/ledger",
        "/reports/intake?period=2026-08",
        "/reports/intake/cases?period=2026-08",
    ):
        text = lead.get(address).text
        assert "<script>alert" not in text and "</script><b>" not in text
    book = openpyxl.load_workbook(io.BytesIO(lead.get("/registers/ledger.xlsx").data)).active
    assert name in [cell.value for cell in book[4]]


def test_results_are_published_by_month(web_office: Office) -> None:
    office = web_office
    assert office.app is not None
    registered = office.register(title="关于公示事项的情况反映")
    office.submit(registered.case_id, "Task_accept", REFUSE)
    public = Visitor(office.app)
    page = public.get(f"/p/{SLUG}/results").text
    assert "2026年8月" in page and "关于公示事项的情况反映" in page and "测试食品" not in page
    assert "没有可以公示" in public.get(f"/p/{SLUG}/results?month=2026-07").text
