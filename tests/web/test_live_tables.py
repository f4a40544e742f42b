"""The page of a reference table that staff keep: rows, mistakes, colleagues, others, the portal."""

from __future__ import annotations

import re

import pytest
from tests.builders import SLUG, Office
from tests.conftest import OfficeMaker
from tests.services.test_live_tables import files
from tests.web.visitors import Visitor, staff

ROW = re.compile(r'name="_row" value="([0-9a-f]{20}-\d+)"')


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office(files=files(), web=True)


def row_of(visitor: Visitor) -> str:
    found = ROW.search(visitor.get("/tables/rota").text)
    assert found is not None
    return found[1]


def test_a_keeper_changes_a_row_and_everybody_sees_it(office: Office) -> None:
    keeper = staff(office, "keeper", groups=("lead_office",))
    assert 'href="/tables/rota"' in keeper.get("/registers").text
    answer = keeper.post(
        "/tables/rota", {"_act": "save", "_row": row_of(keeper), "day": "2026-08-31", "unit": "督查室<b>"}
    )
    assert answer.status_code == 302
    page = keeper.get("/tables/rota").text
    assert "已保存，即时生效" in page and "单位：lead_office → 督查室&lt;b&gt;" in page
    assert "督查室&lt;b&gt;" in Visitor(office.app).get(f"/p/{SLUG}/tables/rota").text
    keeper.post("/tables/rota", {"_act": "reset"})
    assert "督查室" not in Visitor(office.app).get(f"/p/{SLUG}/tables/rota").text
    assert "恢复为流程包中的内容" in keeper.get("/tables/rota").text


def test_nothing_typed_is_lost(office: Office) -> None:
    keeper, colleague = (staff(office, name, groups=("lead_office",)) for name in ("keeper", "colleague"))
    mine = row_of(keeper)
    wrong = keeper.post("/tables/rota", {"_act": "save", "_row": mine, "day": "明天", "unit": "我填的"})
    assert wrong.status_code == 422 and "写成 2026-12-01 的样子" in wrong.text and "我填的" in wrong.text
    colleague.post("/tables/rota", {"_act": "save", "_row": mine, "day": "2026-08-31", "unit": "同事填的"})
    late = keeper.post("/tables/rota", {"_act": "save", "_row": mine, "day": "2026-08-31", "unit": "我填的"})
    assert late.status_code == 409 and "您的修改没有存入" in late.text
    assert late.text.count("我填的") == 2 and "同事填的" in late.text
    assert (
        keeper.post(
            "/tables/rota", {"_act": "save", "_row": "", "day": "2026-09-01", "unit": "我填的"}
        ).status_code
        == 302
    )


def test_others_are_refused(office: Office) -> None:
    other = staff(office, "other", groups=("supervision",))
    assert "/tables/rota" not in other.get("/registers").text
    assert other.get("/tables/rota").status_code == 403
    assert other.post("/tables/rota", {"_act": "save", "_row": "", "unit": "x"}).status_code == 403
    assert other.get("/tables/gone").status_code == 404
    assert (
        staff(office, "k2", groups=("lead_office",)).post("/tables/rota", {"_act": "nonsense"}).status_code
        == 404
    )
    assert Visitor(office.app).get("/tables/rota").status_code == 302
