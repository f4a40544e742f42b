"""A whole installation for tests: the real store, forms, engine, documents and worker, on a clock that stands still."""

from __future__ import annotations

import dataclasses
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from tests.postgresql import PostgresqlServer
from tests.stock import postgresql_copy, shelf, sqlite_copy
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.app import build_context, create_app
from zuozhen.documents import RendererLike
from zuozhen.model.clock import LOCAL, VirtualClock
from zuozhen.packs import Library, Pack, builtin_root
from zuozhen.services import accounts, outbox
from zuozhen.services.actors import ENTERPRISE, Actor, enterprise
from zuozhen.services.context import Context
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered, StartView, register, start_by_hand
from zuozhen.services.tasks import Done, TaskView, as_formdata, submit
from zuozhen.settings import Settings, load_settings
from zuozhen.store.cases import history
from zuozhen.store.chain import verify_chain
from zuozhen.store.database import Database
from zuozhen.store.tables import Account, Case, Document, Event, Job, Notice, Token

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "instance" / "fonts"
SLUG = "530381-xuanwei"
TENANT = 530381
OPEN = 1
PASSWORD = "Ceshi-mima-2026"
MONDAY = datetime(2026, 8, 31, 9, tzinfo=LOCAL)
"""When every test begins: three weeks before the session of Sunday, 20 September 2026 (a working day)."""

REGISTER: Mapping[str, Any] = {
    "enterprise_kind": "operating",
    "enterprise": "宣威市测试食品有限公司",
    "credit_code": "91530381MA6N01037C",
    "address": "宣威市虹桥街道振兴街1号",
    "contact": "李建国",
    "contact_role": "法定代表人",
    "phone": "13887400001",
    "matter_kind": "困难问题",
    "life_stage": "生产经营",
    "title": "关于用电增容事项的情况反映",
    "content": "我公司在用电增容方面遇到困难，恳请协调。",
    "consent": True,
}
ACCEPT: Mapping[str, Any] = {"decision": "accept", "category": "要素保障", "reply_method": "短信"}
ASSIGN: Mapping[str, Any] = {"reception_unit": "ziran", "note": "请按职责办理。"}
CONTACT: Mapping[str, Any] = {
    "contacted_on": "2026-09-01",
    "contact_method": "电话",
    "situation": "情况属实。",
    "appeal": "请协调解决。",
    "lead_unit": "ziran",
}
ARRANGE: Mapping[str, Any] = {
    "clinic_date": "2026-09-20",
    "clinic_time": "上午9:00",
    "clinic_place": "市政务服务中心二楼“局长坐诊接待室”",
    "sequence": 1,
}
NOTIFY: Mapping[str, Any] = {
    "notified_on": "2026-09-01",
    "notify_method": "电话",
    "notify_result": "按时参加。",
}
PLAN: Mapping[str, Any] = {
    "clinic_date": "2026-09-20",
    "clinic_place": "市政务服务中心二楼“局长坐诊接待室”",
    "sessions": "上午9:00—12:00",
    "units": ["ziran", "gongxin"],
}
CLINIC: Mapping[str, Any] = {
    "reception_unit_name": "市自然资源局",
    "clinic_date": "2026-09-20",
    "leader": "王正平",
    "leader_post": "局长",
    "enterprise": "宣威市测试食品有限公司",
    "solved": "no",
    "handling": "single",
    "lead_unit": "ziran",
    "appeal": "请协调解决。",
    "measure": "现场核对资料。",
    "method": "会后办理",
    "result": "正在办理。",
    "unsolved_reason": "需现场勘查。",
    "promise": "10个工作日内",
    "recorder": "张敏",
}
HANDLE: Mapping[str, Any] = {"progress": "已勘查并办结。", "completion": "done", "reply": "已为贵公司办理。"}
RATE: Mapping[str, Any] = {"service_score": "satisfied", "handling_score": "satisfied"}
SIGNOFF: Mapping[str, Any] = {"signoff": "close", "summary": "诉求已办理，企业已评价。"}

TO_RATING: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("Task_accept", ACCEPT),
    ("Task_assign", ASSIGN),
    ("Task_contact", CONTACT),
    ("Task_arrange", ARRANGE),
    ("Task_notify", NOTIFY),
)
"""The tasks before the session, in order."""


def pack_files(slug: str = SLUG) -> dict[str, bytes]:
    """Return the files of a built-in pack; a test changes its copy."""
    return dict(Library(builtin_root()).files(slug))


def edited(files: Mapping[str, bytes], path: str, old: str, new: str, count: int = 1) -> dict[str, bytes]:
    """Return ``files`` with one place of one file changed, as an administrator would in an editor."""
    text = files[path].decode()
    assert text.count(old) >= count, f"{old!r} is not in {path}"
    return {**files, path: text.replace(old, new, count).encode()}


DIAGRAM = f"processes/{SLUG}/{SLUG}.bpmn"


def scenario_names(slug: str = SLUG) -> list[str]:
    table = tomllib.loads(pack_files(slug)[f"processes/{slug}/scenarios.toml"].decode())
    return [scenario["name"] for scenario in table["scenario"]]


def make_settings(folder: Path, **environ: str) -> Settings:
    """Return settings of a fresh installation below ``folder``, with the fonts of the machine."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = folder / "fonts"
    if not fonts.exists():
        fonts.symlink_to(FONTS)
    named = {f"ZUOZHEN_{name.upper()}": value for name, value in environ.items()}
    usual = {"ZUOZHEN_BASE_URL": "http://zuozhen.example", "ZUOZHEN_PACKS": SLUG}
    return load_settings({**usual, **named}, instance=folder)


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


def _deploy(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder), database=url)
        context = build_context(settings, clock=VirtualClock(MONDAY), in_process_pdf=True)
        deploy(context, pack_files(), note="首次部署")
        context.database.close()


_MAKERS = {"migrated": _migrate, "deployed": _deploy}


@dataclass
class Office:
    """One installation with a virtual clock; ``Office.create`` deploys the built-in pack."""

    context: Context
    clock: VirtualClock
    settings: Settings
    app: Flask | None = None
    tenant: int = TENANT
    paper: bool = False
    """Whether :meth:`drain` makes paper and dossiers too: a quarter of a second each, which most tests never see."""

    @classmethod
    def create(
        cls,
        folder: Path,
        documents: RendererLike | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        start: datetime = MONDAY,
        web: bool = False,
        server: PostgresqlServer | None = None,
        **environ: str,
    ) -> Office:
        """Make an installation below ``folder``, or with its database on ``server``.

        ``web`` adds the pages, ``environ`` are ``ZUOZHEN_*`` settings.
        """
        usual = start == MONDAY and "packs" not in environ and (web or files is None)
        kind = "deployed" if usual else "migrated"
        if server is not None:
            environ["database"] = postgresql_copy(kind, server, _MAKERS[kind])
        settings = make_settings(folder, **environ)
        if "database" not in environ:
            sqlite_copy(kind, folder / "zuozhen.db", _MAKERS[kind])
        clock = VirtualClock(start)
        app = create_app(settings, clock=clock, worker=False, in_process_pdf=True) if web else None
        context = (
            app.extensions["zuozhen.context"]
            if app
            else build_context(settings, clock=clock, in_process_pdf=True)
        )
        if documents is not None:
            context = dataclasses.replace(context, documents=documents)
        if app is not None:
            app.extensions["zuozhen.context"] = context
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(shelf()))
        if files is not None or (app is None and not usual):
            deploy(context, files or pack_files(), note="首次部署")
        tenant = Pack.from_files(files).code if files else TENANT
        return cls(context, clock, settings, app, tenant)

    def close(self) -> None:
        self.context.database.close()

    # ------------------------------------------------------------ people

    def account(
        self,
        username: str,
        *,
        unit: str = "",
        groups: tuple[str, ...] = (),
        admin: str = "",
        password: str | None = None,
    ) -> Account:
        accounts.create_account(
            self.context,
            self.tenant,
            username,
            f"测试{username}",
            unit=unit,
            groups=groups,
            admin=[admin] if admin else [],
            password=password,
        )
        return accounts.account_named(self.context, f"{username}@{self.tenant}")

    def person(
        self, username: str, *, unit: str = "", groups: tuple[str, ...] = (), admin: str = ""
    ) -> Actor:
        """Return the rights of a new account, as a request would have them."""
        account = self.account(username, unit=unit, groups=groups, admin=admin)
        found = accounts.account_of(self.context, account.tenant, account.id, account.epoch)
        assert found is not None
        return found[1]

    def member(self, group: str) -> Actor:
        """Return somebody of one group without an account (what scenario walks use)."""
        if group == ENTERPRISE:
            return enterprise(self.tenant, "企业")
        return Actor(self.tenant, f"{group}人员", groups=frozenset({group}))

    # ------------------------------------------------------------ acts

    def register(
        self, *, channel: str = "window", files: MultiDict[str, FileStorage] | None = None, **answers: Any
    ) -> Registered:
        outcome = self.try_register({**REGISTER, **answers}, channel=channel, files=files)
        assert isinstance(outcome, Registered), outcome.bound and outcome.bound.problems
        return outcome

    def try_register(
        self,
        answers: Mapping[str, Any],
        *,
        channel: str = "window",
        files: MultiDict[str, FileStorage] | None = None,
    ) -> Registered | StartView:
        actor = enterprise(self.tenant, str(answers.get("enterprise", "")))
        return register(self.context, actor, as_formdata(answers), files, channel=channel)

    def start_session(self, **answers: Any) -> UUID:
        lead = Actor(self.tenant, "专班", groups=frozenset({"lead_office"}), sees_all=True)
        started = start_by_hand(self.context, lead, as_formdata({**PLAN, **answers}))
        assert isinstance(started, UUID), started.bound and started.bound.problems
        return started

    def try_submit(
        self,
        case_id: UUID,
        element: str,
        answers: Mapping[str, Any] | None = None,
        *,
        by: Actor | None = None,
    ) -> Done | TaskView:
        token = self.token(case_id, element)
        actor = by or self.member(token.grp or token.trigger)
        return submit(self.context, actor, token.token, as_formdata(answers or {}))

    def submit(
        self,
        case_id: UUID,
        element: str,
        answers: Mapping[str, Any] | None = None,
        *,
        by: Actor | None = None,
    ) -> Done:
        outcome = self.try_submit(case_id, element, answers, by=by)
        assert isinstance(outcome, Done), (element, outcome.bound and outcome.bound.problems)
        return outcome

    def drain(self) -> None:
        """Do due work until none is left."""
        kinds = () if self.paper else outbox.EFFECTS.keys() - outbox.PAPER
        while outbox.run_once(self.context, kinds=kinds):
            pass

    def pass_time(self, until: datetime) -> None:
        """Move the clock to ``until`` from one due instant to the next, as the worker would live through it."""
        self.drain()
        kinds = () if self.paper else outbox.EFFECTS.keys() - outbox.PAPER
        while (due := outbox.next_due_at(self.context, kinds)) is not None and due <= until:
            self.clock.move_to(max(due, self.clock()))
            self.drain()
        self.clock.move_to(max(until, self.clock()))
        self.drain()

    def pass_to(self, text: str) -> None:
        """Move to a local time such as ``2026-09-20 08:30``."""
        self.pass_time(datetime.fromisoformat(text).replace(tzinfo=LOCAL))

    def to_session(self, registered: Registered, **contact: Any) -> None:
        """Bring a fresh case through all tasks before its session and to the morning of the session."""
        self.pass_to("2026-09-01 09:00")  # the monthly planning of the session has begun
        for element, answers in TO_RATING:
            self.submit(
                registered.case_id, element, {**answers, **contact} if element == "Task_contact" else answers
            )
        planned = self.case_of("clinic", "open")
        assert planned is not None
        if "Task_plan" in self.open_tasks(planned):
            self.submit(planned, "Task_plan", PLAN)
        self.pass_to("2026-09-20 08:30")

    def hold_session(self) -> UUID:
        """Plan the monthly session, if nobody has, and move to its morning; returns the session's case."""
        self.drain()
        planned = self.case_of("clinic", "open")
        assert planned is not None
        if "Task_plan" in self.open_tasks(planned):
            self.submit(planned, "Task_plan", PLAN)
        self.pass_to("2026-09-20 08:30")
        return planned

    def to_rating(self, registered: Registered) -> None:
        """Bring a fresh case to the rating by the enterprise."""
        self.to_session(registered)
        self.submit(registered.case_id, "Task_clinic", CLINIC)
        self.submit(registered.case_id, "Task_single", HANDLE)
        self.drain()

    def to_end(self, registered: Registered) -> None:
        """Bring a fresh case to its end and let the worker build the dossier."""
        self.to_rating(registered)
        self.submit(registered.case_id, "Task_rate", RATE)
        self.submit(registered.case_id, "Task_signoff", SIGNOFF)
        self.drain()

    # ------------------------------------------------------------ looking

    def case(self, case_id: UUID) -> Case:
        with self.context.database.read() as session:
            case = session.get(Case, (self.tenant, case_id))
        assert case is not None
        return case

    def case_of(self, process: str, status: str) -> UUID | None:
        with self.context.database.read() as session:
            query = select(Case.id).where(Case.process_id == process, Case.status == status)
            return session.scalar(query.order_by(Case.created_at.desc()).limit(1))

    def tokens(self, case_id: UUID, kind: str = "task", status: int = OPEN) -> list[Token]:
        with self.context.database.read() as session:
            query = select(Token).where(Token.case_id == case_id, Token.kind == kind, Token.status == status)
            return list(session.scalars(query.order_by(Token.entered_at, Token.token)))

    def open_tasks(self, case_id: UUID) -> list[str]:
        return sorted(token.element_id for token in self.tokens(case_id))

    def token(self, case_id: UUID, element: str) -> Token:
        found = [
            t for kind in ("task", "wait") for t in self.tokens(case_id, kind) if t.element_id == element
        ]
        assert found, f"{element} is not open; open are {self.open_tasks(case_id)}"
        return found[0]

    def events(self, case_id: UUID, *, states: bool = False) -> list[Event]:
        with self.context.database.read() as session:
            return list(history(session, self.tenant, case_id, states=states))

    def documents(self, case_id: UUID, kind: str = "") -> list[Document]:
        with self.context.database.read() as session:
            query = select(Document).where(Document.case_id == case_id)
            rows = session.scalars(query.order_by(Document.created_at, Document.id)).all()
        return [row for row in rows if kind in ("", row.kind)]

    def letters(self, case_id: UUID) -> list[Notice]:
        with self.context.database.read() as session:
            return list(session.scalars(select(Notice).where(Notice.case_id == case_id).order_by(Notice.at)))

    def jobs(self, *kinds: str) -> list[Job]:
        """Return the work that is not done yet."""
        with self.context.database.read() as session:
            return [
                j
                for j in session.scalars(select(Job).where(Job.done_at.is_(None)))
                if j.kind in kinds or not kinds
            ]

    def jobs_done(self, *kinds: str) -> list[Job]:
        with self.context.database.read() as session:
            return [
                j for j in session.scalars(select(Job).where(Job.done_at.is_not(None))) if j.kind in kinds
            ]

    def problems_of(self, case_id: UUID) -> list[str]:
        """Return what is wrong with the stored history of a case: nothing, ever."""
        case = self.case(case_id)
        events = self.events(case_id, states=True)
        problems = verify_chain(events, head=case.head)
        if case.rev != len(events) or case.seq != len(events) or events[-1].rev != case.rev:
            problems.append(
                f"rev {case.rev}, seq {case.seq}, {len(events)} events, the last of rev {events[-1].rev}"
            )
        snapshots = [event.state for event in events if event.state is not None]
        if snapshots[-1] != case.state:
            problems.append("the last snapshot is not the case's state")
        return problems
