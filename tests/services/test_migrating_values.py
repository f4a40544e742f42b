"""What a new version reads and the old state does not hold: filled from what was handed in, computed, or asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from tests.builders import Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, flow, gateway, outputs, path, user
from tests.services import smallpack
from tests.services.smallpack import SLUG, case_process, form, task

from zuozhen.model.errors import Invalid
from zuozhen.model.migration import Order
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.history import staff_lines
from zuozhen.services.registration import Registered
from zuozhen.services.studio import migrating

ADMIN = Actor(smallpack.TENANT, "系统管理员", id=uuid4(), sees_all=True, admin=frozenset({"system"}))
STEP = f"forms/{SLUG}/step.json"
STRAIGHT = case_process(task("a"), user("b", form="last", group="office"), end(), path("s", "a", "b", "e"))
LAST = {f"forms/{SLUG}/last.json": form("last", ("textfield", "remark"))}


def with_level() -> bytes:
    """Return the form of the first step with one more question: the level of the case."""
    content = json.loads(smallpack.FORMS["step"])
    options = [{"label": f"{value}类", "value": value} for value in "ABC"]
    content["components"].append(
        {"type": "radio", "id": "Field_level", "key": "level", "label": "级别", "values": options}
    )
    return json.dumps(content, ensure_ascii=False).encode()


def approved(condition: str, first: str = "", **files: bytes) -> dict[str, bytes]:
    """Return the pack in which the vice-mayor approves after ``b`` what meets a condition."""
    drawn = case_process(
        first or task("a"),
        user("b", form="last", group="office"),
        gateway("exclusive", "g", default="g_e"),
        user("approval", form="last", group="office"),
        end(),
        path("s", "a", "b", "g"),
        flow("g", "approval", condition),
        flow("g", "e"),
        flow("approval", "e"),
    )
    return {**smallpack.pack(drawn), **LAST, **files}


@dataclass
class Waiting:
    """A case that handed in its first step by the old version and stands at the second."""

    office: Office
    case_id: UUID

    def migrate(self, values: Mapping[str, str | None] | None = None) -> dict[str, int]:
        migration_id = migrating.start(
            self.office.context, ADMIN, None, Order(values=values or {}), "all", ""
        )
        self.office.drain()
        return statuses_of(self.office, migration_id)

    def goes_to(self) -> list[str]:
        """Return where it goes from the second step."""
        self.office.submit(self.case_id, "b", {"remark": "好"})
        return self.office.open_tasks(self.case_id)


def statuses_of(office: Office, migration_id: UUID) -> dict[str, int]:
    return dict(migrating.progress(office.context, office.tenant, migration_id).counts)


@pytest.fixture
def waiting(make_office: OfficeMaker) -> Waiting:
    office = make_office(files={**smallpack.pack(STRAIGHT), **LAST})
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    office.submit(outcome.case_id, "a", {"note": "要紧", "amount": "12"})
    return Waiting(office, outcome.case_id)


def test_an_answer_nobody_read_before_is_taken_from_the_form_handed_in(waiting: Waiting) -> None:
    deploy(waiting.office.context, approved("amount > 10"))
    found = migrating.preview(waiting.office.context, smallpack.TENANT)
    assert (found.refused, found.questions) == (0, ())
    assert found.groups[0].notes == ("补入“amount”（取自已填的《表step》）",)
    assert waiting.migrate() == {"done": 1}
    line = staff_lines(waiting.office.events(waiting.case_id))[-1]
    assert "补入“amount”（取自已填的《表step》）" in line.details
    assert waiting.goes_to() == ["approval"]


def test_an_output_that_was_passed_already_is_computed(waiting: Waiting) -> None:
    first = user("a", form="step", group="office", inner=outputs(large="amount > 10"))
    deploy(waiting.office.context, approved("large", first))
    assert waiting.migrate() == {"done": 1}
    assert waiting.goes_to() == ["approval"]


@pytest.mark.parametrize(
    ("answer", "next_tasks", "said"),
    [("C", ["approval"], "C"), ("A", [], "A"), (None, [], "（空）")],
)
def test_what_nobody_answered_is_asked_for_before_it_moves(
    waiting: Waiting, answer: str | None, next_tasks: list[str], said: str
) -> None:
    deploy(waiting.office.context, approved('level = "C"', **{STEP: with_level()}))
    found = migrating.preview(waiting.office.context, smallpack.TENANT)
    [question] = found.questions
    assert (question.name, question.label, question.cases) == ("level", "《表step》的“级别”", 1)
    assert question.options == (("A", "A类"), ("B", "B类"), ("C", "C类"))
    assert found.refused == 1 and [place.name for place in found.groups[0].places] == ["b号"]
    assert waiting.migrate() == {"refused": 1}
    wrong = migrating.preview(waiting.office.context, smallpack.TENANT, None, Order(values={"level": "D"}))
    assert (wrong.refused, wrong.questions[0].problem) == (1, "请从给出的选项中选择")
    answered = migrating.preview(
        waiting.office.context, smallpack.TENANT, None, Order(values={"level": answer})
    )
    assert answered.refused == 0
    assert waiting.migrate({"level": answer}) == {"done": 1}
    line = staff_lines(waiting.office.events(waiting.case_id))[-1]
    assert f"补入“level”（迁移时填写：{said}）" in line.details
    assert waiting.goes_to() == next_tasks


def test_what_a_later_form_asks_is_nobodys_question(waiting: Waiting) -> None:
    """The second step sets it itself, before it is read."""
    last = {f"forms/{SLUG}/last.json": form("last", ("textfield", "remark"), ("number", "cost"))}
    deploy(waiting.office.context, approved("cost > 10", **last))
    assert migrating.preview(waiting.office.context, smallpack.TENANT).questions == ()
    assert waiting.migrate() == {"done": 1}
    waiting.office.submit(waiting.case_id, "b", {"remark": "好", "cost": "11"})
    assert waiting.office.open_tasks(waiting.case_id) == ["approval"]


def test_an_answer_is_carried_without_being_told(waiting: Waiting) -> None:
    """Neither preview nor history shows what a form says: it may be masked, or of a private procedure."""
    deploy(waiting.office.context, approved("amount > 10"))
    found = migrating.preview(waiting.office.context, smallpack.TENANT)
    assert waiting.migrate() == {"done": 1}
    told = [*found.groups[0].notes, *staff_lines(waiting.office.events(waiting.case_id))[-1].details]
    assert any("amount" in line for line in told) and not any("12" in line for line in told)


@pytest.mark.postgresql
def test_a_value_that_no_database_takes_is_refused_in_words(postgresql_office: OfficeMaker) -> None:
    office = postgresql_office(files={**smallpack.pack(STRAIGHT), **LAST})
    deploy(office.context, approved('level = "C"', **{STEP: with_level()}))
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    with pytest.raises(Invalid, match="无法保存"):
        migrating.start(office.context, ADMIN, 1, Order(values={"level": "\0"}), "all", "")
