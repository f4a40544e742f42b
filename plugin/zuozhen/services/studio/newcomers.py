"""Many accounts at once from a CSV list: judged line by line, then created together with first-login links."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.clock import local_date
from zuozhen.model.errors import Invalid, Problem
from zuozhen.model.ids import new_id
from zuozhen.packs import Pack
from zuozhen.packs.units import lasting
from zuozhen.services.accounts import LINK_LIFE, USERNAME
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.store.tables import Account, LoginLink

MOST: Final = 500
LARGEST: Final = 500_000
HEADINGS: Final = ("登录名", "姓名", "单位", "岗位")
_SPLIT = re.compile(r"[、;；|/]+")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One line of the list: ``unit`` and ``groups`` are ids, ``texts`` what stands in the file."""

    line: int
    username: str
    name: str
    unit: str
    groups: tuple[str, ...]
    texts: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A new account with the secret of its first-login link, which nobody can see again."""

    username: str
    name: str
    secret: str


def decoded(content: bytes) -> str:
    """Return the text of a CSV file as spreadsheets write it here: UTF-8 or GB 18030.

    Raises:
        Invalid: it is neither, or too large.
    """
    if len(content) > LARGEST:
        raise Invalid(f"文件超过 {LARGEST // 1000} KB。", hint="请分几次导入。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("文件不是文本。", hint="请在表格软件中另存为 CSV 后再导入。")


def read_newcomers(context: Context, tenant: int, text: str) -> tuple[Newcomer, ...]:
    """Read a list with the headings 登录名, 姓名, 单位, 岗位; every line says what is wrong with it.

    Raises:
        Invalid: there is no such heading, no line, or more than 500 lines.
    """
    with context.database.read() as session:
        pack = context.releases.live(session, tenant).pack
        lines = _lines(text)
        taken = _taken(session, tenant, [line[0] for _, line in lines])
    seen: set[str] = set()
    return tuple(
        _newcomer(number, cells, pack, local_date(context.clock()), taken, seen) for number, cells in lines
    )


def welcome(context: Context, actor: Actor, text: str) -> tuple[Welcomed, ...]:
    """Create the accounts of a list in one transaction: all of them, or none.

    Raises:
        Invalid: a line is wrong; ``problems`` name the lines.
    """
    newcomers = read_newcomers(context, actor.tenant, text)
    problems = [
        Problem(f"line-{one.line}", f"第 {one.line} 行", "；".join(one.problems))
        for one in newcomers
        if one.problems
    ]
    if problems:
        raise Invalid("名单有误，没有建立任何账号。", problems)
    now = context.clock()
    welcomed = []
    with context.database.write() as session:
        if _taken(session, actor.tenant, [one.username for one in newcomers]):
            raise Invalid("有登录名刚刚被别人使用，没有建立任何账号。", hint="请重新预览名单。")
        for one in newcomers:
            account_id, secret = new_id(), secrets.token_urlsafe(24)
            session.add(
                Account(
                    tenant=actor.tenant,
                    id=account_id,
                    username=one.username,
                    display_name=one.name,
                    password_hash=None,
                    unit=one.unit,
                    groups=sorted(one.groups),
                    admin=[],
                    created_at=now,
                )
            )
            session.flush()
            session.add(
                LoginLink(
                    tenant=actor.tenant,
                    hash=context.signer.digest_exact(secret),
                    account_id=account_id,
                    expires_at=now + LINK_LIFE,
                )
            )
            welcomed.append(Welcomed(one.username, one.name, secret))
    return tuple(welcomed)


def _lines(text: str) -> list[tuple[int, Sequence[str]]]:
    """Return (line number, the four cells) of every line that is not empty."""
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise Invalid("名单无法读取。", hint="请另存为 CSV 后再导入。") from error
    heads = [cell.strip() for cell in rows[0]] if rows else []
    if HEADINGS[0] not in heads or HEADINGS[1] not in heads:
        raise Invalid(
            "第一行应为表头：登录名,姓名,单位,岗位。", hint="单位、岗位可以留空；岗位多个时用顿号隔开。"
        )
    places = [heads.index(name) if name in heads else -1 for name in HEADINGS]
    lines: list[tuple[int, Sequence[str]]] = [
        (number, [row[place].strip() if 0 <= place < len(row) else "" for place in places])
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    if not lines:
        raise Invalid("名单中没有人员。")
    if len(lines) > MOST:
        raise Invalid(f"一次最多导入 {MOST} 人。", hint="请分几次导入。")
    return lines


def _taken(session: Session, tenant: int, usernames: Sequence[str]) -> frozenset[str]:
    query = select(Account.username).where(Account.tenant == tenant, Account.username.in_(usernames))
    return frozenset(session.scalars(query))


def _newcomer(
    number: int, cells: Sequence[str], pack: Pack, today: date, taken: frozenset[str], seen: set[str]
) -> Newcomer:
    username, name, unit, roles = cells
    problems = []
    if not USERNAME.fullmatch(username):
        problems.append("登录名只能用字母、数字、点、横线，2 到 32 位")
    elif username in taken:
        problems.append("登录名已被使用")
    elif username in seen:
        problems.append("登录名在名单中重复")
    seen.add(username)
    if not 0 < len(name) <= 40 or not name.isprintable():
        problems.append("姓名应为 1 到 40 个字")
    units = _by_name({one.id: one.name for one in lasting(pack.units, today)})
    groups = _by_name({one.id: one.name for one in pack.roles})
    if unit and unit not in units:
        problems.append(f"没有单位“{unit[:30]}”")
    wanted = [role.strip() for role in _SPLIT.split(roles) if role.strip()]
    problems += [f"没有岗位“{role[:30]}”" for role in wanted if role not in groups]
    found = tuple(groups[role] for role in wanted if role in groups)
    return Newcomer(number, username, name, units.get(unit, ""), found, tuple(cells), tuple(problems))


def _by_name(names: Mapping[str, str]) -> dict[str, str]:
    """Return ids by name and by id."""
    return {**{name: id_ for id_, name in names.items()}, **{id_: id_ for id_ in names}}
