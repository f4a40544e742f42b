"""Demonstration data: an account for each role with a random password per jurisdiction, sample cases.

What the cases say is content of the pack (``demo.toml``; ``files`` names upload fields that get a sample); they are
made through the same use cases as real ones, on a clock that starts some days back.
"""

from __future__ import annotations

import dataclasses
import secrets
import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from zuozhen.formjs import BoundForm
from zuozhen.model.clock import VirtualClock, local_date
from zuozhen.model.errors import ContentError, ZuozhenError
from zuozhen.services import accounts, outbox
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.context import Context
from zuozhen.services.options import coming_sessions
from zuozhen.services.registration import MATTER, Registered, register, start_by_hand
from zuozhen.services.releases import Release
from zuozhen.services.tasks import Done, as_formdata, submit
from zuozhen.services.walking import samples
from zuozhen.store.tables import TOKEN_OPEN, Token

STAFF = "演示人员"
BETWEEN = timedelta(minutes=20)
"""Time that passes between two steps of a sample case."""


def ensure_demo(context: Context) -> Iterator[str]:
    """Create accounts and cases in every jurisdiction that has none yet; yields what to print."""
    with context.database.read() as session:
        releases = [
            context.releases.live(session, tenant) for tenant in context.releases.live_tenants(session)
        ]
    staffed = accounts.staffed(context)
    if all(release.tenant in staffed for release in releases):
        yield "已有账号，不再加入演示数据。（删除 instance 目录可从头开始）"
        return
    for release in releases:
        if release.tenant in staffed:
            continue
        table = _table(release)
        password = _password()
        yield f"{release.pack.title} 演示账号，密码都是 {password} （新建时随机生成）："
        yield f"  登录地址 {context.base_url}/login?at={release.slug}"
        for username, name in _create_accounts(context, release, table, password):
            yield f"  {username:<16} {name}"
        for case in table.get("case", []):
            yield f"  样例{'诉求' if 'register' in case else '事项'} {_play(context, release, case)}"


def _table(release: Release) -> Mapping[str, Any]:
    source = release.find(f"processes/{release.slug}/demo.toml")
    return tomllib.loads(source.decode()) if source else {}


def _create_accounts(
    context: Context, release: Release, table: Mapping[str, Any], password: str
) -> Iterator[tuple[str, str]]:
    """Create an account for each role, or for those that ``roles`` lists; one password, for hashing takes its time."""
    hashed = accounts.hash_password(password)
    known = {role.id for role in release.pack.roles}
    roles = table.get("roles", known)
    if unknown := sorted(set(roles) - known):
        raise ContentError(f"演示数据：没有岗位“{'、'.join(unknown)}”。")
    units = {unit.id: unit.name for unit in release.pack.units}
    wanted: list[tuple[str, str, str, list[str], tuple[str, ...]]] = [
        (role.id, role.name, role.unit, [role.id], ()) for role in release.pack.roles if role.id in roles
    ]
    wanted += [(unit, units[unit], unit, [], ()) for unit in table.get("units", []) if unit in units]
    wanted.append(("admin", "系统管理员", "", [], (accounts.ADMIN_SYSTEM,)))
    for username, name, unit, groups, admin in wanted:
        accounts.create_account(
            context,
            release.tenant,
            username,
            f"{name}（演示）",
            unit=unit,
            groups=groups,
            admin=admin,
            password=password,
            hashed=hashed,
        )
        yield username, name


def _password() -> str:
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
    return f"{secrets.choice(string.ascii_uppercase)}{letters}-{secrets.randbelow(9000) + 1000}"


def _play(context: Context, release: Release, case: Mapping[str, Any]) -> str:
    """Register one sample case, or start another procedure, some days ago; then complete the listed tasks."""
    clock = VirtualClock(context.clock() - timedelta(days=int(case.get("days_ago", 0)), hours=1))
    past = dataclasses.replace(context, clock=clock)
    words = _words(context, release)
    case_id, line = (_registered if "register" in case else _started)(past, release, case, words)
    _work_off(past)
    for step in case.get("task", []):
        clock.move_to(min(clock() + BETWEEN, context.clock()))
        _complete(past, release, case_id, step, words)
        _work_off(past)
    _work_off(context)
    return line


def _work_off(context: Context) -> None:
    """Do the due work, except for paper: the worker prints it while people already look around."""
    while outbox.run_once(context, kinds=outbox.EFFECTS.keys() - outbox.PAPER):
        pass


def _registered(
    past: Context, release: Release, case: Mapping[str, Any], words: Mapping[str, str]
) -> tuple[UUID, str]:
    answers = _filled(case["register"], words)
    actor = Actor(release.tenant, str(answers.get("enterprise", "企业")), groups=frozenset({ENTERPRISE}))
    alias = case.get("process", MATTER)
    outcome = register(
        past,
        actor,
        as_formdata(answers),
        samples(case.get("files", ())),
        channel=str(case["channel"]),
        alias=alias,
    )
    if not isinstance(outcome, Registered):
        raise _refused("登记表", outcome.bound)
    return outcome.case_id, f"{outcome.number} 查询码 {outcome.code}　{outcome.title}"


def _started(
    past: Context, release: Release, case: Mapping[str, Any], words: Mapping[str, str]
) -> tuple[UUID, str]:
    """Start a session or another procedure as those who may would: ``process`` and ``answers`` of the sample."""
    alias = case["process"]
    groups = frozenset(release.pack.procedures[alias].open_to)
    actor = Actor(release.tenant, case.get("by", STAFF), groups=groups, sees_all=True)
    answers = as_formdata(_filled(case.get("answers", {}), words))
    outcome = start_by_hand(past, actor, answers, alias, files=samples(case.get("files", ())))
    if not isinstance(outcome, UUID):
        raise _refused(f"发起“{alias}”", outcome.bound)
    return outcome, release.pack.procedures[alias].label or alias


class _Words(dict[str, str]):
    """What stands in braces in a sample; ``day_10`` is today in ten days, ``ago_3`` three days back."""

    today: date

    def __missing__(self, name: str) -> str:
        kind, _, count = name.partition("_")
        if kind not in ("day", "ago") or not count.isdecimal():
            raise ContentError(f"演示数据：不认识的 {{{name}}}。")
        return (self.today + timedelta(days=int(count) * (1 if kind == "day" else -1))).isoformat()


def _words(context: Context, release: Release) -> Mapping[str, str]:
    with context.database.read() as session:
        coming = coming_sessions(context, session, release)
    words = _Words()
    words.today = local_date(context.clock())
    words["today"] = words.today.isoformat()
    if coming:
        words["session"] = coming[0][0]
    return words


def _refused(what: str, bound: BoundForm | None) -> ContentError:
    problems = bound.problems if bound else ()
    return ContentError(f"演示数据的{what}没有通过：" + "；".join(f"{p.label} {p.message}" for p in problems))


def _complete(
    context: Context,
    release: Release,
    case_id: UUID,
    step: Mapping[str, Any],
    words: Mapping[str, str],
) -> None:
    with context.database.read() as session:
        token = session.scalar(
            select(Token).where(
                Token.tenant == release.tenant,
                Token.case_id == case_id,
                Token.element_id == step["element"],
                Token.status == TOKEN_OPEN,
            )
        )
    if token is None:
        raise ZuozhenError(f"演示数据：此时没有待办“{step['element']}”。")
    actor = Actor(release.tenant, step.get("by", STAFF), groups=frozenset({token.grp}))
    answers = as_formdata(_filled(step.get("answers", {}), words))
    done = submit(context, actor, token.token, answers, samples(step.get("files", ())))
    if not isinstance(done, Done):
        raise _refused(f"“{step['element']}”", done.bound)


def _filled(answers: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return answers with ``{session}``, ``{today}``, ``{day_10}`` and the like replaced."""
    return {key: _said(value, words) for key, value in answers.items()}


def _said(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(words)
    return [_said(item, words) for item in value] if isinstance(value, list) else value
