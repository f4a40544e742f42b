"""Demonstration data: an account for each role with a random password, sample cases in several stages.

What the cases say is content of the pack (``demo.toml``); they are made through the same use cases as
real ones, on a clock that starts some days back.
"""

from __future__ import annotations

import dataclasses
import secrets
import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from zuozhen.model.clock import VirtualClock, local_date
from zuozhen.model.errors import ContentError, ZuozhenError
from zuozhen.services import accounts, outbox
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.context import Context
from zuozhen.services.options import coming_sessions
from zuozhen.services.registration import Registered, register
from zuozhen.services.releases import Release
from zuozhen.services.tasks import Done, as_formdata, submit
from zuozhen.store.tables import TOKEN_OPEN, Token

BETWEEN = timedelta(minutes=20)
"""Time that passes between two steps of a sample case."""


def ensure_demo(context: Context) -> Iterator[str]:
    """Create accounts and cases in every jurisdiction that has none yet; yields what to print."""
    with context.database.read() as session:
        releases = [
            context.releases.live(session, tenant) for tenant in context.releases.live_tenants(session)
        ]
    if accounts.any_account(context):
        yield "已有账号，不再加入演示数据。（删除 instance 目录可从头开始）"
        return
    for release in releases:
        table = _table(release)
        yield f"{release.pack.title} 演示账号（每次新建时随机生成密码）："
        for username, name, password in _create_accounts(context, release, table):
            yield f"  {username:<14} {password}  {name}"
        for case in table.get("case", []):
            yield f"  样例诉求 {_play(context, release, case)}"


def _table(release: Release) -> Mapping[str, Any]:
    source = release.find(f"processes/{release.slug}/demo.toml")
    return tomllib.loads(source.decode()) if source else {}


def _create_accounts(
    context: Context, release: Release, table: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    units = {unit.id: unit.name for unit in release.pack.units}
    wanted: list[tuple[str, str, str, list[str], tuple[str, ...]]] = [
        (role.id, role.name, role.unit, [role.id], ()) for role in release.pack.roles
    ]
    wanted += [(unit, units[unit], unit, [], ()) for unit in table.get("units", []) if unit in units]
    wanted.append(("admin", "系统管理员", "", [], (accounts.ADMIN_SYSTEM,)))
    for username, name, unit, groups, admin in wanted:
        password = _password()
        accounts.create_account(
            context,
            release.tenant,
            username,
            f"{name}（演示）",
            unit=unit,
            groups=groups,
            admin=admin,
            password=password,
        )
        yield username, name, password


def _password() -> str:
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
    return f"{secrets.choice(string.ascii_uppercase)}{letters}-{secrets.randbelow(9000) + 1000}"


def _play(context: Context, release: Release, case: Mapping[str, Any]) -> str:
    """Register one sample case some days ago and complete the listed tasks."""
    clock = VirtualClock(context.clock() - timedelta(days=int(case.get("days_ago", 0)), hours=1))
    past = dataclasses.replace(context, clock=clock)
    with context.database.read() as session:
        session_day = coming_sessions(context, session, release)[0][0]
    words = {"session": session_day, "today": local_date(context.clock()).isoformat()}
    answers = _filled(case["register"], words)
    actor = Actor(release.tenant, str(answers.get("enterprise", "企业")), groups=frozenset({ENTERPRISE}))
    registered = register(past, actor, as_formdata(answers), channel=str(case["channel"]))
    if not isinstance(registered, Registered):
        problems = registered.bound.problems if registered.bound else ()
        raise ContentError("演示数据的登记表没有通过：" + "；".join(p.message for p in problems))
    outbox.drain(past)
    for step in case.get("task", []):
        clock.move_to(min(clock() + BETWEEN, context.clock()))
        _complete(past, release, registered, step, words)
        outbox.drain(past)
    outbox.drain(context)
    return f"{registered.number} 查询码 {registered.code}　{registered.title}"


def _complete(
    context: Context,
    release: Release,
    registered: Registered,
    step: Mapping[str, Any],
    words: Mapping[str, str],
) -> None:
    with context.database.read() as session:
        token = session.scalar(
            select(Token).where(
                Token.tenant == release.tenant,
                Token.case_id == registered.case_id,
                Token.element_id == step["element"],
                Token.status == TOKEN_OPEN,
            )
        )
    if token is None:
        raise ZuozhenError(f"演示数据：{registered.number} 此时没有待办“{step['element']}”。")
    actor = Actor(release.tenant, step.get("by", "演示人员"), groups=frozenset({token.grp}))
    done = submit(context, actor, token.token, as_formdata(_filled(step.get("answers", {}), words)))
    if not isinstance(done, Done):
        problems = done.bound.problems if done.bound else ()
        raise ContentError(
            f"演示数据“{step['element']}”没有通过：" + "；".join(f"{p.label} {p.message}" for p in problems)
        )


def _filled(answers: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return answers with ``{session}`` and ``{today}`` replaced."""
    return {
        key: value.format_map(words) if isinstance(value, str) else value for key, value in answers.items()
    }
