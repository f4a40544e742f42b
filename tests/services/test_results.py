"""Publication by month: every ended case once, none that is confidential or still running."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from tests.builders import ACCEPT, Office

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Invalid
from zuozhen.services import results
from zuozhen.services.results import results_of_month
from zuozhen.store.tables import Case

REFUSE = {**ACCEPT, "decision": "refuse", "refusal_ground": "2", "explanation": "属民事纠纷。"}


def end_one(office: Office, **answers: object) -> str:
    registered = office.register(**answers)
    office.submit(registered.case_id, "Task_accept", REFUSE)
    return registered.number


def test_every_result_stands_on_the_page_of_its_month(any_office: Office) -> None:
    office = any_office
    office.register(title="关于未办结事项的情况反映")
    for when, title in (
        ("2026-08-31 10:00", "八月"),
        ("2026-09-30 23:59", "九月末"),
        ("2026-10-01 00:00", "十月初"),
    ):
        office.pass_to(when)
        end_one(office, title=f"关于{title}事项的情况反映")
        end_one(office, title=f"关于{title}秘密事项的情况反映", confidential=True)
    shown = {}
    page = results_of_month(office.context, office.tenant)
    assert page.month.key == "2026-10"
    for month in page.months:
        found = results_of_month(office.context, office.tenant, month.key)
        assert found.count == len(found.results)
        assert all(local_date(row.ended) in month for row in found.results)
        shown[month.key] = [row.title for row in found.results]
    assert shown == {
        "2026-10": ["关于十月初事项的情况反映"],
        "2026-09": ["关于九月末事项的情况反映"],
        "2026-08": ["关于八月事项的情况反映"],
    }


def test_nothing_ended_yet_is_an_empty_page_of_this_month(office: Office) -> None:
    page = results_of_month(office.context, office.tenant)
    assert (page.month.key, page.count, page.results) == ("2026-08", 0, ())
    with pytest.raises(Invalid):
        results_of_month(office.context, office.tenant, "2026-Q1")


def test_a_full_month_says_how_many_there_are(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MOST", 2)
    for _ in range(3):
        end_one(office)
    with office.context.database.write() as session:  # one of them ended first
        session.execute(
            update(Case)
            .where(Case.number == "XW2026-0001")
            .values(ended_at=office.clock() - timedelta(hours=1))
        )
    page = results_of_month(office.context, office.tenant)
    assert (page.count, len(page.results)) == (3, 2)
    assert page.results[0].ended > office.clock() - timedelta(minutes=30)
