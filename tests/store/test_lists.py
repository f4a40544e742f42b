"""Inboxes and lists of cases: who sees what, in which order, page by page."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from tests.store.stepmaking import (
    DAY,
    NOW,
    TENANT,
    THE_END,
    a_case,
    a_release,
    a_step,
    a_task,
    a_timer,
    a_wait,
    token,
)

from zuozhen.model.ids import new_id
from zuozhen.store.cases import (
    CaseFilter,
    StageCount,
    Viewer,
    announcements,
    case_by_number,
    cases_of_key,
    count_by_stage,
    count_cases,
    documents_of,
    latest_release,
    list_cases,
    may_see,
    notices_of,
)
from zuozhen.store.database import Database, count_statements
from zuozhen.store.inbox import Place, TaskFilter, count_tasks, inbox, open_tokens, overdue, waits_for
from zuozhen.store.steps import load_case, save_step
from zuozhen.store.tables import Announcement, Case, Document, Notice, Token

PERSON = new_id()
MINE = TaskFilter(groups={"gongxin", "ziran"})


def close(database: Database, case_id: UUID) -> None:
    with database.write() as session:
        found = load_case(session, TENANT, case_id)
        assert found is not None
        closed = {row.token: "completed" for row in found.tokens}
        save_step(
            session,
            found.case,
            found.tokens,
            a_step(closed=closed, ended=THE_END),
            at=NOW,
            actor_id=None,
            actor_name="张三",
            kind="completed",
            payload={},
        )


def assign(database: Database, name: str, account: UUID) -> None:
    with database.write() as session:
        session.execute(update(Token).where(Token.token == name).values(assignee=account))


def names(database: Database, wanted: TaskFilter, **page: object) -> list[str]:
    with database.read() as session:
        return [row.token for row, _ in inbox(session, TENANT, wanted, **page)]  # type: ignore[arg-type]


def test_the_inbox_lists_open_tasks_of_my_groups_by_deadline(database: Database) -> None:
    early, late, never, other, done, timer = (token() for _ in range(6))
    case_id = a_case(
        database,
        a_task(late, due_at=NOW + 9 * DAY, group="ziran"),
        a_task(never, due_at=None),
        a_task(other, group="huanbao"),
        a_task(early, due_at=NOW + DAY),
        a_timer(timer, NOW),
        title="甲",
    )
    close(database, a_case(database, a_task(done)))
    assert names(database, MINE) == [early, late, never]
    with database.read() as session, count_statements(database) as counts:
        page = inbox(session, TENANT, MINE)
        assert [(case.id, case.title) for _, case in page] == [(case_id, "甲")] * 3
        assert inbox(session, TENANT + 1, MINE) == []
        assert inbox(session, TENANT, TaskFilter(groups=())) == []
    assert len(counts.statements) == 3
    with database.read() as session:
        assert count_tasks(session, TENANT, MINE) == 3


def test_pages_stay_in_place_while_tasks_come_and_go(database: Database) -> None:
    same = NOW + 5 * DAY  # many with the same deadline, and many with none
    every = [token() for _ in range(25)]
    for number, name in enumerate(every):
        a_case(database, a_task(name, due_at=None if number % 3 == 0 else same + number % 2 * DAY))
    read, after = [], None
    while True:
        with database.read() as session:
            page = inbox(session, TENANT, MINE, after=after, limit=4)
        if not page:
            break
        read += [row.token for row, _ in page]
        last = page[-1][0]
        after = Place(last.due_at, last.token)
        a_case(database, a_task(token(), due_at=NOW))  # appears on a page already read
        if len(read) == 8:
            with database.write() as session:  # and one already read disappears
                session.execute(update(Token).where(Token.token == read[0]).values(status=3))
    assert len(read) == 25
    assert set(read) == set(every)
    due = {row: index for index, row in enumerate(every)}
    kinds = [2 if due[name] % 3 == 0 else due[name] % 2 for name in read]
    assert kinds == sorted(kinds)


def test_my_own_tasks_and_those_nobody_has_claimed(database: Database) -> None:
    mine, free, foreign = token(), token(), token()
    a_case(database, a_task(mine, group="huanbao"), a_task(free), a_task(foreign))
    assign(database, mine, PERSON)
    assign(database, foreign, new_id())
    assert names(database, TaskFilter(assignee=PERSON)) == [mine]
    assert names(database, TaskFilter(groups={"gongxin"}, unassigned=True)) == [free]
    assert set(names(database, TaskFilter())) == {mine, free, foreign}


def test_the_enterprises_tasks_are_in_no_inbox_of_all(database: Database) -> None:
    rating = token()
    a_case(database, a_task(rating, group="enterprise"))
    assert names(database, TaskFilter()) == []
    assert names(database, TaskFilter(groups={"enterprise"})) == [rating]


def test_the_inbox_can_be_narrowed(database: Database) -> None:
    one, two = token(), token()
    a_case(database, a_task(one), title="关于用电的情况反映", enterprise="宣城铸造厂", number="T2026-0001")
    a_case(database, a_task(two, element_id="Activity_rate", due_at=NOW), title="100%_达产")
    assert names(database, TaskFilter(text="用电")) == [one]
    assert names(database, TaskFilter(text="铸造")) == [one]
    assert names(database, TaskFilter(text="t2026-0001")) == [one]
    assert names(database, TaskFilter(text="%_")) == [two]
    assert names(database, TaskFilter(text="_用")) == []
    assert names(database, TaskFilter(elements=["Activity_rate"])) == [two]
    assert names(database, TaskFilter(due_before=NOW)) == [two]
    assert names(database, TaskFilter(process_id="Process_clinic")) == []


def test_overdue_tasks(database: Database) -> None:
    late, later, fine = token(), token(), token()
    a_case(database, a_task(late, due_at=NOW - DAY), a_task(later, due_at=NOW - timedelta(hours=1)))
    a_case(database, a_task(fine), a_task(token(), due_at=None))
    with database.read() as session:
        first = overdue(session, TENANT, NOW, limit=1)
        assert [row.token for row, _ in first] == [late]
        rest = overdue(session, TENANT, NOW, after=Place(first[0][0].due_at, late))
        assert [row.token for row, _ in rest] == [later]


def test_where_several_cases_stand_is_one_statement(database: Database) -> None:
    first, second = token(), token()
    ids = [a_case(database, a_task(first)), a_case(database, a_wait(second))]
    with database.read() as session, count_statements(database) as counts:
        assert {row.token for row in open_tokens(session, TENANT, ids)} == {first, second}
        assert open_tokens(session, TENANT, []) == []
    assert len(counts.statements) == 1


def test_which_places_a_message_reaches(database: Database) -> None:
    older, newer = token(), token()
    a_case(database, a_wait(older))
    a_case(database, a_wait(newer), a_wait(token(), key="k2"), a_wait(token(), trigger="staff"))
    with database.write() as session:
        session.execute(update(Token).where(Token.token == newer).values(entered_at=NOW + DAY))
    with database.read() as session:
        assert [row.token for row in waits_for(session, TENANT, "clinic_held", "k1")] == [older, newer]
        assert waits_for(session, TENANT, "clinic_held", "k3") == []


# ---------------------------------------------------------------- cases


def test_a_case_is_found_by_its_number(database: Database) -> None:
    case_id = a_case(database, a_task(token()), number="T2026-0001")
    a_case(database, a_task(token()), number="")
    a_case(database, a_task(token()), number="")  # cases without a number do not collide
    with database.read() as session:
        found = case_by_number(session, TENANT, "T2026-0001")
        assert found is not None
        assert found.id == case_id
        assert case_by_number(session, TENANT, "") is None
        assert case_by_number(session, TENANT + 1, "T2026-0001") is None


def test_the_cases_of_one_session(database: Database) -> None:
    ids = [a_case(database, a_task(token()), business_key="2026-03-25", id=UUID(int=n)) for n in range(2)]
    a_case(database, a_task(token()), business_key="2026-04-25")
    with database.read() as session:
        assert [case.id for case in cases_of_key(session, TENANT, "2026-03-25")] == ids
        assert cases_of_key(session, TENANT, "2026-03-25", process_id="Process_clinic") == []
        assert cases_of_key(session, TENANT, "") == []


def test_a_group_sees_the_cases_it_has_or_had_a_task_in(database: Database) -> None:
    task = token()
    open_case = a_case(database, a_task(token()), id=UUID(int=1))
    done_case = a_case(database, a_task(token()), id=UUID(int=2))
    close(database, done_case)
    foreign = a_case(database, a_task(task, group="huanbao"))
    viewer = Viewer({"gongxin"})
    with database.read() as session:
        assert [c.id for c in list_cases(session, TENANT, CaseFilter(viewer))] == [done_case, open_case]
        assert len(list_cases(session, TENANT, CaseFilter())) == 3
        assert count_cases(session, TENANT, CaseFilter(viewer)) == 2
        assert may_see(session, TENANT, done_case, viewer)
        assert not may_see(session, TENANT, foreign, viewer)
        assert not may_see(session, TENANT + 1, done_case, viewer)
        assert not may_see(session, TENANT, foreign, Viewer({"gongxin"}, PERSON))
    assign(database, task, PERSON)
    with database.read() as session:
        assert may_see(session, TENANT, foreign, Viewer({"gongxin"}, PERSON))
        assert count_cases(session, TENANT, CaseFilter(Viewer((), PERSON))) == 1


def test_case_lists_are_filtered_and_paged_newest_first(database: Database) -> None:
    ids = [
        a_case(database, a_task(token()), title=f"第{n}件", stage="受理", id=UUID(int=n)) for n in range(7)
    ]
    close(database, ids[3])
    read: list[UUID] = []
    with database.read() as session:
        while page := list_cases(session, TENANT, CaseFilter(), after=read[-1] if read else None, limit=3):
            read += [case.id for case in page]
        assert read == ids[::-1]
        assert [c.id for c in list_cases(session, TENANT, CaseFilter(status="ended"))] == [ids[3]]
        assert [c.id for c in list_cases(session, TENANT, CaseFilter(text="第5"))] == [ids[5]]
        assert list_cases(session, TENANT, CaseFilter(created_from=NOW + DAY)) == []
        assert count_cases(session, TENANT, CaseFilter(created_before=NOW + DAY, stage="受理")) == 7


def test_counts_by_stage(database: Database) -> None:
    for stage, group in (("受理", "gongxin"), ("受理", "ziran"), ("办理", "gongxin")):
        a_case(database, a_task(token(), group=group), stage=stage)
    close(database, a_case(database, a_task(token()), stage="受理"))
    with database.read() as session:
        counted = {(row.stage, row.cases) for row in count_by_stage(session, TENANT)}
        assert counted == {("受理", 2), ("办理", 1)}
        assert count_by_stage(session, TENANT, Viewer({"ziran"})) == [StageCount("Process_case", "受理", 1)]


def test_what_belongs_to_a_case(database: Database) -> None:
    case_id = a_case(database, a_task(token()))
    with database.write() as session:
        common = {"tenant": TENANT, "case_id": case_id}
        for day, kind in enumerate(("attachment", "form")):
            session.add(
                Document(
                    **common,
                    kind=kind,
                    file_name="a.pdf",
                    media_type="application/pdf",
                    sha256="0" * 64,
                    size=1,
                    created_at=NOW + day * DAY,
                )
            )
        session.add(
            Notice(**common, recipient="enterprise", channel="sms", body="已受理", status="sent", at=NOW)
        )
        session.add(Announcement(**common, title="接诊公告", body="…", published_at=NOW))
        newest = a_release(session)
    with database.read() as session:
        kinds = [document.kind for document in documents_of(session, TENANT, case_id)]
        assert kinds == ["attachment", "form"]
        assert len(documents_of(session, TENANT, case_id, "form")) == 1
        assert [notice.body for notice in notices_of(session, TENANT, case_id)] == ["已受理"]
        assert [text.title for text in announcements(session, TENANT)] == ["接诊公告"]
        release = latest_release(session, TENANT)
        assert release is not None
        assert release.id == newest
        assert latest_release(session, TENANT, "other") is None
        assert session.get(Case, (TENANT, case_id)) is not None
