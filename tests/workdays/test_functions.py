"""The FEEL functions: arguments, results, notes and the sentences people read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.clock import at_local
from zuozhen.model.errors import FeelError
from zuozhen.workdays import Recurrence, Row, Rules, date_functions, explain, national

ENTERED = at_local(date(2026, 9, 18), time(10))
CLINIC = Recurrence("坐诊日", "monthly_day", day=20)
QUOTA = Recurrence("调研", "quota", times=4, period="year")
RULES = Rules(national(), {"坐诊日": CLINIC, "调研": QUOTA})


class Session:
    """Calls functions as the engine does and keeps what they noted."""

    def __init__(self, rules: Rules = RULES, entered: datetime = ENTERED) -> None:
        self.notes: list[Any] = []
        self.functions = date_functions(rules)(entered, self.notes.append)

    def __call__(self, name: str, *arguments: object, **named: object) -> Any:
        return self.functions[name](*arguments, **named)

    def text(self, name: str, *arguments: object, **named: object) -> str:
        self(name, *arguments, **named)
        return str(self.notes[-1]["text"])


SENTENCES = [
    (
        ("workdays", 10),
        {},
        (
            "自2026-09-18次日起算10个工作日，跳过9月25日至27日中秋节、10月1日至7日国庆节、周末1天，"
            "计入9月20日（调休上班），截止2026-10-09（依据国办发明电〔2025〕7号）"
        ),
    ),
    (
        ("workdays", 1, "2026-03-09"),
        {},
        "自2026-03-09次日起算1个工作日，截止2026-03-10（依据国办发明电〔2025〕7号）",
    ),
    (
        ("workdays", 0, "2026-03-07"),
        {},
        (
            "限2026-03-07当日，2026-03-07（星期六）休息，顺延至下一工作日，截止2026-03-09"
            "（依据国办发明电〔2025〕7号）"
        ),
    ),
    (
        ("days", 30, date(2025, 12, 3)),
        {},
        (
            "自2025-12-03次日起算30日，2026-01-02（元旦）休息，顺延至下一工作日，截止2026-01-04"
            "（依据国办发明电〔2024〕12号、国办发明电〔2025〕7号）"
        ),
    ),
    (
        ("months", 1, "2026-01-31"),
        {},
        "自2026-01-31次日起算1个月，截止2026-02-28（依据国办发明电〔2025〕7号）",
    ),
    (
        ("before", "2026-10-20"),
        {"workdays": 3},
        "2026-10-20之前3个工作日，跳过周末2天，截止2026-10-15（依据国办发明电〔2025〕7号）",
    ),
    (
        ("before", "2024-10-09"),
        {"days": 3},
        "2024-10-09之前3日，2024-10-06（国庆节）休息，提前至上一工作日，截止2024-09-30（依据国办发明电〔2023〕7号）",
    ),
    (("hours", 24), {}, "自2026-09-18 10:00起算24小时，截止2026-09-19 10:00"),
    (
        ("recurrence", "坐诊日"),
        {},
        "“坐诊日”在2026-09-18之后的下一次，定于2026-09-20（依据国办发明电〔2025〕7号）",
    ),
    (
        ("recurrence", "坐诊日", "2026-06-01"),
        {},
        "“坐诊日”在2026-06-01之后的下一次，2026-06-20（端午节）休息，顺延，定于2026-06-22（依据国办发明电〔2025〕7号）",
    ),
    (
        ("workdays", 30, "2026-12-20"),
        {},
        (
            "自2026-12-20次日起算30个工作日，跳过2027年1月1日元旦、周末12天，截止2027-02-01"
            "（依据国办发明电〔2025〕7号、《全国年节及纪念日放假办法》）；2027年放假安排尚未公布，此日期为暂定"
        ),
    ),
]


@pytest.mark.parametrize(("call", "named", "sentence"), SENTENCES, ids=lambda value: str(value)[:40])
def test_every_note_is_json_and_explains_itself(
    call: tuple[Any, ...], named: dict[str, Any], sentence: str
) -> None:
    session = Session()
    assert session.text(*call, **named) == sentence
    kept = json.loads(json.dumps(session.notes[-1], ensure_ascii=False))
    assert explain(kept) == sentence


def test_the_note_lists_what_was_skipped_and_worked() -> None:
    session = Session()
    assert session("workdays", 10) == date(2026, 10, 9)
    note = session.notes[-1]
    assert (note["start"], note["due"]) == ("2026-09-18", "2026-10-09")
    assert [item["date"][5:] for item in note["skipped"]] == (
        ["09-25", "09-26", "09-27"] + [f"10-0{day}" for day in range(1, 8)]
    )
    assert note["worked"] == [{"date": "2026-09-20", "name": "国庆节"}]
    assert note["calendar"] == national().version
    assert note["provisional"] is False
    assert Session()("workdays", 30, "2026-11-20") == date(2027, 1, 4)


def test_arguments_may_be_decimal_date_instant_or_text() -> None:
    session = Session()
    expected = date(2026, 9, 21)
    local_evening = datetime(2026, 9, 17, 16, 30, tzinfo=UTC)
    for start in (
        date(2026, 9, 18),
        ENTERED,
        local_evening,
        "2026-09-18",
        "2026-09-18T23:59:00",
        "2026-09-17T16:30:00Z",
        "2026-09-18T10:00:00+08:00@Asia/Shanghai",
    ):
        assert session("workdays", Decimal(2), start) == expected
        assert session("workdays", 2, **{"from": start}) == expected
    assert session("recurrence", "坐诊日", after="2026-06-01") == date(2026, 6, 22)
    assert session("hours", Decimal("0.5"), "2026-09-18") == at_local(date(2026, 9, 18), time(0, 30))


def test_functions_count_from_the_entry_and_not_from_now() -> None:
    evening = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)  # already Friday 01:00 local
    assert Session(entered=evening)("workdays", 1) == date(2026, 3, 9)


WRONG: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("workdays", -1), {}, "应在 0 至"),
    (("workdays", 1.5), {}, "应为整数"),
    (("workdays", True), {}, "应为数字"),
    (("workdays", "10"), {}, "应为数字"),
    (("workdays", None), {}, "工作日数为空"),
    (("workdays", float("nan")), {}, "应在 0 至"),
    (("workdays", 10, None), {}, "日期为空"),
    (("workdays", 10, "2026-13-01"), {}, "不是日期"),
    (("workdays", 10, "昨天"), {}, "不是日期"),
    (("workdays", 10, 5), {}, "不是日期"),
    (("workdays", 10), {"since": 1}, "不认识的参数 since"),
    (("workdays", 99_999), {}, "超出工作日历的范围"),
    (("workdays", 1, "1990-01-01"), {}, "超出工作日历的范围"),
    (("days", 99_999), {}, "超出工作日历的范围"),
    (("months", 99_999), {}, "超出工作日历的范围"),
    (("hours", 100_000, "9999-12-31"), {}, "超出工作日历的范围"),
    (("before", "2000-01-03"), {"days": 99_999}, "超出工作日历的范围"),
    (("before", "2026-01-05"), {}, "应写明 workdays 或 days"),
    (("before", "2026-01-05"), {"days": 1, "workdays": 1}, "应写明 workdays 或 days"),
    (("recurrence", "坐诊"), {}, "没有名为"),
    (("recurrence", ["坐诊日"]), {}, "没有名为"),
    (("recurrence", "调研"), {}, "没有日期可取"),
    (("recurrence", "坐诊日", "2100-12-30"), {}, "没有日期可取"),
]


@pytest.mark.parametrize(("call", "named", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_arguments_are_said_in_chinese(
    call: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    session = Session()
    with pytest.raises(FeelError, match=message) as error:
        session(*call, **named)
    assert error.value.message.startswith(call[0])
    assert error.value.hint
    assert session.notes == []


@given(
    name=st.sampled_from(["workdays", "days", "months", "hours", "recurrence"]),
    first=st.one_of(
        st.none(), st.integers(), st.floats(), st.decimals(), st.text(), st.dates(), st.datetimes()
    ),
    second=st.one_of(st.none(), st.text(), st.dates(), st.datetimes(), st.integers()),
)
def test_nothing_but_a_feel_error_ever_leaves(name: str, first: object, second: object) -> None:
    session = Session()
    try:
        result = session(name, first, second)
    except FeelError as error:
        assert error.message
    else:
        assert isinstance(result, date)
        assert explain(session.notes[-1])


def test_a_fixed_due_time_gives_an_instant() -> None:
    session = Session(Rules.from_tables(national(), {"due_time": "17:00"}))
    assert session("workdays", 1, "2026-03-06") == at_local(date(2026, 3, 9), time(17))
    assert "截止2026-03-09 17:00" in session.notes[-1]["text"]


def test_reception_after_hours_is_told() -> None:
    rules = Rules.from_tables(national(), {"received_after_hours": "next_opening", "closes_at": "17:30"})
    session = Session(rules, at_local(date(2026, 3, 6), time(17, 30)))
    assert session("workdays", 1) == date(2026, 3, 10)
    text = session.notes[-1]["text"]
    assert text.startswith("2026-03-06非工作时间收到，视为2026-03-09收到，自2026-03-09次日起算1个工作日")


def test_local_holidays_are_cited() -> None:
    local = Row(date(2026, 4, 13), date(2026, 4, 15), False, "泼水节", "自治县人大决定")
    session = Session(Rules(national().overlay([local])))
    text = session.text("workdays", 1, "2026-04-10")
    assert "跳过4月13日至15日泼水节、周末2天，截止2026-04-16" in text
    assert "自治县人大决定" in text


@pytest.mark.parametrize(
    "why", [{}, {"function": "x"}, {"function": "workdays", "n": 3}, {"text": "手工改期"}]
)
def test_foreign_explanations_never_fail(why: dict[str, Any]) -> None:
    assert explain(why) == why.get("text", "")


BOOKING = Recurrence("挂号期", "last_workdays", days=10, opens_at="09:00", closes_at="17:00")
WHOLE_DAYS = Recurrence("整天", "first_workdays", days=3)
BOOKED = Rules(national(), {"挂号期": BOOKING, "整天": WHOLE_DAYS, "调研": QUOTA})
MARCH = (date(2026, 3, 18), date(2026, 3, 31))
APRIL = (date(2026, 4, 17), date(2026, 4, 30))


@pytest.mark.parametrize(
    ("at", "is_open", "days"),
    [
        ("2026-03-10T09:00:00+08:00", False, MARCH),
        ("2026-03-18T08:59:59+08:00", False, MARCH),
        ("2026-03-18T09:00:00+08:00", True, MARCH),
        ("2026-03-21T12:00:00+08:00", True, MARCH),  # a Saturday within
        ("2026-03-31T16:59:59+08:00", True, MARCH),
        ("2026-03-31T17:00:00+08:00", False, APRIL),
        ("2026-03-18", True, MARCH),
        ("2026-03-31", True, MARCH),
        ("2026-04-01", False, APRIL),
    ],
)
def test_a_window_is_the_one_that_an_instant_lies_in_or_the_next(
    at: str, is_open: bool, days: tuple[date, date]
) -> None:
    found = Session(BOOKED)("window", "挂号期", at)
    assert (found["open"], found["first"], found["last"]) == (is_open, *days)
    assert found["opens"] == at_local(days[0], time(9))
    assert found["closes"] == at_local(days[1], time(17))


def test_a_window_counts_from_the_entry_and_without_times_takes_whole_days() -> None:
    session = Session(BOOKED, at_local(date(2026, 9, 3), time(23, 59)))
    found = session("window", "整天")
    assert (found["open"], found["first"], found["last"]) == (True, date(2026, 9, 1), date(2026, 9, 3))
    assert (found["opens"], found["closes"]) == (at_local(date(2026, 9, 1)), at_local(date(2026, 9, 4)))


def test_a_window_tells_how_it_lies() -> None:
    session = Session(BOOKED)
    assert session.text("window", "挂号期") == (
        "“挂号期”在2026-09-18正在进行的一期为2026-09-17 09:00至2026-09-30 17:00，"
        "跳过9月25日至27日中秋节、周末1天，计入9月20日（调休上班）（依据国办发明电〔2025〕7号）"
    )
    session("window", "挂号期", "2027-02-01")
    assert session.notes[-1]["text"].endswith("2027年放假安排尚未公布，此日期为暂定")
    assert session.notes[-1]["text"] == explain(json.loads(json.dumps(session.notes[-1])))


@pytest.mark.parametrize("arguments", [("没有的",), ("调研",), (3,), ("挂号期", "明天")])
def test_a_window_that_cannot_be_told_is_a_mistake(arguments: tuple[object, ...]) -> None:
    with pytest.raises(FeelError, match="window"):
        Session(BOOKED)("window", *arguments)
    with pytest.raises(FeelError, match="不认识的参数"):
        Session(BOOKED)("window", "挂号期", vom="2026-01-01")
