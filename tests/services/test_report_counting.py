"""Counting by formulas, against a second count in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from zuozhen.packs import Figure, Report, ReportTable
from zuozhen.services.reports.charts import chart_of
from zuozhen.services.reports.rules import NO_GROUP, ReportRules
from zuozhen.services.reports.tally import MOST_GROUPS, Tally

REPORT = Report(
    "r",
    "统计",
    (
        Figure("all", "全部"),
        Figure("open", "在办", 'a.status = "open"'),
        Figure("big", "大额", "a.amount > 100", of="open"),
        Figure("sum", "金额", value="a.amount"),
        Figure("open_sum", "在办金额", value="a.amount", of="open"),
        Figure("mean", "平均金额", 'a.status = "open"', value="a.amount", average=True),
        Figure("big_share_of_big", "其中奇数", "odd(a.amount)", of="big"),
    ),
    (
        ReportTable("kind", "按类", "a.kind", ("all", "open", "big", "sum", "mean"), "bar"),
        ReportTable("units", "按单位", "a.units", ("all", "big"), "line"),
    ),
)
CASE = st.fixed_dictionaries(
    {
        "status": st.sampled_from(("open", "ended", None)),
        "amount": st.one_of(st.none(), st.integers(0, 300)),
        "kind": st.sampled_from(("甲", "乙", "", None)),
        "units": st.lists(st.sampled_from(("一局", "二局", "三局")), max_size=4),
    }
)
CASES = st.lists(CASE, max_size=25)


def counted(cases: Sequence[Mapping[str, Any]], report: Report = REPORT) -> tuple[Tally, list[Any]]:
    rules = ReportRules(report)
    tally = Tally(report, rules.figures)
    judged = [rules.judge({"a": case}, {}) for case in cases]
    for one in judged:
        assert one is not None
        tally.add(one)
    return tally, judged


def expected(cases: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Decimal | None, int]]:
    """Return value and number of cases of every figure, counted without any formula."""
    open_ = [case for case in cases if case["status"] == "open"]
    big = [case for case in open_ if (case["amount"] or 0) > 100]
    odd = [case for case in big if case["amount"] % 2]
    amounts = [case["amount"] for case in cases if case["amount"] is not None]
    open_amounts = [case["amount"] for case in open_ if case["amount"] is not None]

    def share(part: Sequence[Any], whole: Sequence[Any]) -> Decimal | None:
        return Decimal(len(part)) / len(whole) if whole else None

    mean = Decimal(sum(open_amounts)) / len(open_amounts) if open_amounts else None
    return {
        "all": (Decimal(len(cases)), len(cases)),
        "open": (Decimal(len(open_)), len(open_)),
        "big": (share(big, open_), len(big)),
        "sum": (Decimal(sum(amounts)), len(amounts)),
        "open_sum": (Decimal(sum(open_amounts)), len(open_amounts)),
        "mean": (mean, len(open_amounts)),
        "big_share_of_big": (share(odd, big), len(odd)),
    }


@settings(deadline=None)
@given(CASES)
def test_figures_and_cells_are_what_plain_counting_gives(cases: list[dict[str, Any]]) -> None:
    tally, judged = counted(cases)
    figures = {one.figure.key: one.number for one in tally.figures()}
    assert {key: (number.value, number.cases) for key, number in figures.items()} == expected(cases)
    for place, rule in enumerate(REPORT.figures):
        assert figures[rule.key].cases == sum(one.members[place] for one in judged)
    kinds, units = tally.tables()
    for table, groups_of in (
        (kinds, lambda case: [case["kind"] or NO_GROUP]),
        (units, lambda case: sorted(set(case["units"]))),
    ):
        shown = {row.group: row.numbers for row in table.rows}
        for group in {group for case in cases for group in groups_of(case)}:
            inside = expected([case for case in cases if group in groups_of(case)])
            cells = [(number.value, number.cases) for number in shown[group]]
            assert cells == [inside[figure.key] for figure in table.columns], group
        assert [(n.value, n.cases) for n in table.total] == [
            (figures[f.key].value, figures[f.key].cases) for f in table.columns
        ]


@settings(deadline=None)
@given(CASES)
def test_sums_over_groups_fit_the_total_as_the_remarks_say(cases: list[dict[str, Any]]) -> None:
    kinds, units = counted(cases)[0].tables()
    assert sum(row.numbers[0].cases for row in kinds.rows) == kinds.total[0].cases
    assert not kinds.remarks
    total = sum(row.numbers[0].cases for row in units.rows)
    if not units.overlapping:
        assert total <= units.total[0].cases
    if not units.ungrouped:
        assert total >= units.total[0].cases
    assert units.overlapping == any(len(set(case["units"])) > 1 for case in cases)
    assert units.ungrouped == any(not case["units"] for case in cases)


@settings(deadline=None)
@given(CASES)
def test_a_chart_shows_what_its_table_says(cases: list[dict[str, Any]]) -> None:
    kinds, units = counted(cases)[0].tables()
    for table in (kinds, units):
        chart = chart_of(table)
        assert (chart is None) == (not table.rows)
        if chart is None:
            continue
        assert chart["groups"] == [row.group for row in table.rows]
        for one in chart["series"]:
            place = next(n for n, figure in enumerate(table.columns) if figure.label == one["label"])
            assert table.rows[0].numbers[place].kind != "share"
            values = [row.numbers[place].value for row in table.rows]
            assert one["values"] == [None if value is None else float(value) for value in values]


def test_a_formula_that_fails_says_so_and_harms_no_other_number() -> None:
    report = Report(
        "r",
        "统计",
        (
            Figure("all", "全部"),
            Figure("broken", "坏的", "no_such_function(a)"),
            Figure("unreadable", "读不懂", "a.kind = ("),
            Figure("of_broken", "占坏的", 'a.kind = "甲"', of="broken"),
            Figure("text", "不是数字", value="a.kind"),
        ),
        (
            ReportTable("t", "按坏的分", "no_such_function(a)", ("all", "broken")),
            ReportTable("u", "按类", "a.kind", ("all", "broken")),
        ),
        filter="1 + (",
    )
    tally, _judged = counted([{"kind": "甲"}, {"kind": "乙"}], report)
    texts = {one.figure.key: one.number.text for one in tally.figures()}
    assert texts["all"] == "2"
    for key in ("broken", "unreadable", "of_broken", "text"):
        assert texts[key].startswith("（计算出错：") and texts[key].endswith("）"), key
    by_broken, by_kind = tally.tables()
    assert by_broken.rows[0].group.startswith("（计算出错：")
    assert [(row.group, row.numbers[0].text) for row in by_kind.rows] == [("乙", "1"), ("甲", "1")]
    assert by_kind.rows[0].numbers[1].text == texts["broken"]
    rules = ReportRules(report)
    rules.judge({"a": {}}, {})
    assert any("筛选条件" in problem for problem in rules.problems)
    assert any("按坏的分" in problem for problem in rules.problems)


def test_a_table_with_very_many_groups_lists_the_largest_and_says_how_many_are_left() -> None:
    report = Report(
        "r", "统计", (Figure("all", "全部"),), (ReportTable("t", "分", "a.kind", ("all",), "pie"),)
    )
    cases = [{"kind": f"第{n:03d}类"} for n in range(MOST_GROUPS + 7)] + [{"kind": "第205类"}]
    table = counted(cases, report)[0].tables()[0]
    assert len(table.rows) == MOST_GROUPS
    assert (table.rows[0].group, table.rows[0].numbers[0].text) == ("第205类", "2")
    assert table.left_out == 7
    assert "另有 7 类未列出" in table.remarks[-1]
    chart = chart_of(table)
    assert chart is not None
    assert chart["groups"][-1] == "其余"
    assert sum(chart["series"][0]["values"]) == sum(row.numbers[0].cases for row in table.rows)
