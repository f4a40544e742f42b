"""How much one click costs: completing a task is one transaction of few statements (design §9)."""

from __future__ import annotations

from tests.builders import CLINIC, HANDLE, TO_RATING, Office
from tests.web.visitors import Visitor, staff

from zuozhen.store.database import Counts, count_statements

MOST = 6
LOOKS_FOR_SESSIONS = frozenset({"Task_arrange"})
"""One statement more: the chosen date may have been moved or cancelled since the page was made."""


def completion(office: Office, visitor: Visitor, path: str, answers: object) -> Counts:
    visitor.csrf()
    assert isinstance(answers, dict)
    with count_statements(office.context.database) as counts:
        answer = visitor.post(path, answers)
    assert answer.status_code == 302, answer.text
    return counts


def test_every_completion_over_http_costs_at_most_six_statements_and_one_commit(
    any_web_office: Office,
) -> None:
    office = any_web_office
    person = staff(office, "allrounder", unit="ziran", groups=("lead_office", "supervision"))
    registered = office.register()
    seen = {}
    office.pass_to("2026-09-01 09:00")
    for element, answers in TO_RATING:
        token = office.token(registered.case_id, element).token
        seen[element] = completion(office, person, f"/tasks/{token}", dict(answers))
    office.hold_session()
    for element, answers in (("Task_clinic", CLINIC), ("Task_single", HANDLE)):
        token = office.token(registered.case_id, element).token
        seen[element] = completion(office, person, f"/tasks/{token}", dict(answers))

    assert len(seen) == 7
    too_many = {
        e: c.statements for e, c in seen.items() if len(c.statements) > MOST + (e in LOOKS_FOR_SESSIONS)
    }
    assert too_many == {}
    assert {counts.commits for counts in seen.values()} == {1}
    print({element: len(counts.statements) for element, counts in seen.items()})
