"""Random lives of cases in the built-in procedure: enterprises register, people answer at random, time passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from tests.builders import OPEN, REGISTER, Office

from zuozhen.documents import Rendered, RenderInput, VolumeInput
from zuozhen.model.clock import local_date
from zuozhen.services.tasks import Done
from zuozhen.store.tables import Token

UNITS = ("ziran", "gongxin", "shichang", "huanbao", "zhujian")
STAGES_OF_LIFE = ("市场准入", "投资建设", "要素保障", "生产经营", "退出市场")
MATTERS = ("困难问题", "政策咨询", "服务需求", "意见建议")
CATEGORIES = ("行政审批", "用电保障", "融资服务", "用地审批", "")
CHANNELS = ("online", "window", "visit", "hotline", "qr")
SCORES = ("satisfied", "satisfied", "basic", "dissatisfied")
KINDS = ("主要负责人", "分管负责人", "股室负责人")
Answers = Mapping[str, Any]


class Blank:
    """Stands where the renderer stands: thousands of forms on paper would take all the time."""

    def render(self, _source: RenderInput | VolumeInput) -> Rendered:
        return Rendered(b"%PDF-1.7", 1)

    volume = render

    def pdf(self, source: RenderInput) -> bytes:
        return self.render(source).pdf

    def missing_glyphs(self, _text: str) -> tuple[str, ...]:
        return ()


def _accept(random: Random, _today: date, _day: str) -> Answers:
    decision = random.choice(("accept", "accept", "accept", "refuse", "pass_up"))
    answers = {
        "decision": decision,
        "reply_method": "电话",
        "category": random.choice(CATEGORIES),
        "explanation": "见答复。",
    }
    return {**answers, "refusal_ground": random.choice("12345")} if decision == "refuse" else answers


def _clinic(random: Random, _today: date, day: str) -> Answers:
    solved = random.random() < 0.3
    handling = "onsite" if solved else random.choice(("single", "joint", "explain"))
    answers: dict[str, Any] = {
        "reception_unit_name": "接诊部门",
        "clinic_date": day,
        "leader": "王正平",
        "leader_post": "局长",
        "enterprise": "企业",
        "solved": "yes" if solved else "no",
        "handling": handling,
        "appeal": "请协调解决。",
        "recorder": "张敏",
        "lead_unit": random.choice(UNITS),
    }
    if solved:
        return {**answers, "measure": "当场核对。", "result": "已解决。"}
    answers |= {"unsolved_reason": "需现场勘查。", "promise": "10个工作日内"}
    return {**answers, "joint_units": random.sample(UNITS, 2)} if handling == "joint" else answers


def _rate(random: Random, _today: date, _day: str) -> Answers:
    scores = {"service_score": random.choice(SCORES), "handling_score": random.choice(SCORES)}
    return {**scores, "dissatisfied_reason": "办理较慢。"} if "dissatisfied" in scores.values() else scores


def _callback(random: Random, today: date, _day: str) -> Answers:
    answers = {"callback_on": today.isoformat(), "callback_method": "电话", "findings": "情况属实。"}
    if random.random() < 0.7:
        return {**answers, "redo": "close"}
    later = (today + timedelta(days=20)).isoformat()
    return {**answers, "redo": "redo", "redo_date": later, "redo_handling": "single"}


def _run(random: Random, _today: date, _day: str) -> Answers:
    units = random.sample(UNITS, random.randint(1, 4))
    people = [
        {"unit": unit, "name": "到场人", "post": "局长", "kind": random.choice(KINDS)} for unit in units
    ]
    return {"attendance": people, "summary": "已开展。"}


ANSWERS: Mapping[str, Callable[[Random, date, str], Answers]] = {
    "accept": _accept,
    "clinic_record": _clinic,
    "rate": _rate,
    "callback": _callback,
    "clinic_run": _run,
    "pass_up": lambda r, today, day: {
        "target": "曲靖市发展和改革委员会",
        "passed_on": today.isoformat(),
        "reason": "市级事项。",
    },
    "assign": lambda r, today, day: {"reception_unit": r.choice(UNITS), "note": "请办理。"},
    "contact": lambda r, today, day: {
        "contacted_on": today.isoformat(),
        "contact_method": "电话",
        "situation": "属实。",
        "appeal": "请协调解决。",
        "lead_unit": r.choice(UNITS),
        "joint_units": r.sample(UNITS, r.choice((0, 0, 1, 2))),
    },
    "arrange": lambda r, today, day: {
        "clinic_date": day,
        "clinic_time": "上午9:00",
        "clinic_place": "接待室",
        "sequence": 1,
    },
    "notify_enterprise": lambda r, today, day: {
        "notified_on": today.isoformat(),
        "notify_method": "电话",
        "notify_result": "按时参加。",
    },
    "clinic_plan": lambda r, today, day: {
        "clinic_date": day,
        "clinic_place": "接待室",
        "sessions": "上午9:00—12:00",
        "units": r.sample(UNITS, 3),
    },
    "handle": lambda r, today, day: {
        "progress": "已勘查。",
        "completion": r.choice(("done", "done", "ongoing")),
        "reply": "已办理。",
    },
    "joint_reply": lambda r, today, day: {"reply": "配合办理。"},
    "explain": lambda r, today, day: {"explanation": "依规不能办理。", "assistance": "已协助。"},
    "signoff": lambda r, today, day: {
        "signoff": r.choice(("close", "close", "callback")),
        "summary": "已办结。",
        "typical_case": r.random() < 0.2,
    },
    "urge": lambda r, today, day: {
        "urged_on": today.isoformat(),
        "urge_method": "电话",
        "urge_result": "已督办。",
    },
    "leader_decision": lambda r, today, day: {
        "handling": "single",
        "decision": "请办理。",
        "lead_unit": r.choice(UNITS),
    },
}


def random_history(
    office: Office, seed: int, *, cases: int = 30, days: int = 110, diligence: float = 0.5, every: int = 3
) -> int:
    """Let ``cases`` enterprises register over the first two thirds of ``days``; returns the tasks completed.

    ``every`` so many days each open task is done with the chance ``diligence``: some late, some never.
    """
    random = Random(seed)
    start = office.clock()
    real, office.context = office.context, replace(office.context, documents=Blank())
    try:
        return _live(office, random, start, cases, days, diligence, every)
    finally:
        office.context = real


def _live(
    office: Office, random: Random, start: datetime, cases: int, days: int, diligence: float, every: int
) -> int:
    births = sorted(random.randrange(max(1, days * 2 // 3)) for _ in range(cases))
    completed = 0
    for day in range(0, days, every):
        office.pass_time(start + timedelta(days=day, hours=1))
        for number in [n for n, birth in enumerate(births) if day <= birth < day + every]:
            _register(office, random, number)
        office.drain()
        completed += _work(office, random, diligence)
    office.drain()
    return completed


def _register(office: Office, random: Random, number: int) -> None:
    kind = random.choice(("operating", "operating", "investing"))
    office.register(
        channel=random.choice(CHANNELS),
        **{
            **{key: value for key, value in REGISTER.items() if key != "credit_code" or kind == "operating"},
            "enterprise": f"宣威市第{number + 1}食品有限公司",
            "enterprise_kind": kind,
            "life_stage": random.choice(STAGES_OF_LIFE),
            "matter_kind": random.choice(MATTERS),
            "title": f"关于第{number + 1}号事项的情况反映",
            "confidential": random.random() < 0.15,
        },
    )


def _work(office: Office, random: Random, diligence: float) -> int:
    """Do some of the open tasks; returns how many."""
    with office.context.database.read() as session:
        query = select(Token).where(Token.kind == "task", Token.status == OPEN)
        tokens = session.scalars(query.order_by(Token.entered_at, Token.token)).all()
    today = local_date(office.clock())
    completed, day = 0, _session_day(office, today)
    for token in tokens:
        if random.random() > diligence or token.form_key not in ANSWERS:
            continue
        if token.token in {open_.token for open_ in office.tokens(token.case_id)}:
            answers = ANSWERS[token.form_key](random, today, day)
            completed += isinstance(office.try_submit(token.case_id, token.element_id, answers), Done)
            office.drain()
    return completed


def _session_day(office: Office, today: date) -> str:
    """Return the next day on which a session may be held, as the pack's rule says."""
    with office.context.database.read() as session:
        release = office.context.releases.live(session, office.tenant)
    return release.next_dates(release.pack.session_recurrence, today, 1)[0].isoformat()
