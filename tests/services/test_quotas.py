"""Quotas: what counts, in which period, and from when on a warning is due."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.builders import LOCAL, Office
from tests.conftest import OfficeMaker
from tests.services.townpack import FIRST, town

from zuozhen.services.actors import Actor
from zuozhen.services.quotas import QuotaLine, quota_lines
from zuozhen.services.registration import start_by_hand
from zuozhen.services.tasks import as_formdata

PATH = f"processes/{FIRST}-jia/pack.toml"
HOST = Actor(FIRST, "办公室", groups=frozenset({"forum_office"}))


def office_at(make_office: OfficeMaker, when: str, **changes: str) -> Office:
    """Return a jurisdiction whose one quota is changed (``times``, ``period``, ``rule``) and extended (``quota``)."""
    manifest = town(FIRST, "甲县")[PATH].decode()
    for key, old in (("times", "times = 2"), ("period", 'period = "quarter"')):
        if key in changes:
            assert manifest.count(old) == 1
            manifest = manifest.replace(old, f"{key} = {changes[key]}")
    manifest = manifest.replace('recurrence = "恳谈次数"', changes.get("rule", 'recurrence = "恳谈次数"'))
    files = {**town(FIRST, "甲县"), PATH: (manifest + changes.get("quota", "")).encode()}
    return make_office(files=files, start=datetime.fromisoformat(when).replace(tzinfo=LOCAL))


def hold(office: Office, *days: str) -> None:
    for day in days:
        start_by_hand(office.context, HOST, as_formdata({"session": day, "note": day}), "forum")


def line(office: Office) -> QuotaLine:
    (found,) = quota_lines(office.context, FIRST)
    return found


def test_only_what_falls_into_the_present_period_counts(make_office: OfficeMaker) -> None:
    office = office_at(make_office, "2026-08-31 09:00")
    hold(office, "2026-06-30", "2026-07-01", "2026-10-01")
    assert (line(office).held, line(office).state, line(office).text) == (1, "warning", "1 次，还差 1 次")
    assert (line(office).period, line(office).rule) == ("2026年第三季度", "每季度至少 2 次")
    hold(office, "2026-09-30")  # planned in it counts
    assert (line(office).held, line(office).state, line(office).text) == (2, "met", "已达到（2 次）")
    office.pass_to("2026-10-01 00:01")
    assert (line(office).held, line(office).state) == (1, "warning")


@pytest.mark.parametrize(("month", "state"), [("09", "open"), ("10", "warning"), ("12", "warning")])
def test_a_yearly_quota_warns_from_its_month_on(make_office: OfficeMaker, month: str, state: str) -> None:
    office = office_at(make_office, f"2026-{month}-01 09:00", period='"year"', quota="warn_from = 10\n")
    assert line(office).state == state and line(office).text == "0 次，还差 2 次"


def test_a_filter_and_another_date_decide(make_office: OfficeMaker) -> None:
    more = "filter = 'plan.note != \"2026-09-02\"'\nby = 'case.registered_on'\n"
    office = office_at(make_office, "2026-08-31 09:00", quota=more)
    hold(office, "2026-09-01", "2026-09-02", "2026-12-01")
    assert line(office).held == 2  # two of three meet the filter, all registered today
    assert line(office).problem == ""


def test_what_cannot_be_calculated_is_said(make_office: OfficeMaker) -> None:
    office = office_at(make_office, "2026-08-31 09:00", quota="filter = 'number(plan.note) > 2'\n")
    hold(office, "2026-09-01")
    assert line(office).held == 0 and line(office).state == "warning"
