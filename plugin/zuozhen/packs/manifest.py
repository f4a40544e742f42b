"""Reads pack.toml into values; every mistake becomes a finding and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final

from zuozhen.packs.numbering import SCOPES, Numbering, pattern_mistake
from zuozhen.packs.paths import is_slug
from zuozhen.packs.reader import TableReader
from zuozhen.packs.values import (
    ENTERPRISE,
    Choice,
    Column,
    Deadlines,
    Manifest,
    Notice,
    Portal,
    RecurrenceSpec,
    Register,
    Role,
    Unit,
)

RECURRENCE_KINDS: Final = (
    "monthly_day",
    "odd_months",
    "first_workdays",
    "last_workdays",
    "last_workday",
    "nth_weekday",
    "quarter_end",
    "quota",
)
RECURRENCE_KEYS: Final = (
    "name",
    "kind",
    "day",
    "days",
    "nth",
    "weekday",
    "roll",
    "roll_on",
    "edge",
    "period",
    "months",
    "times",
)
SWITCHES: Final = {
    "count_from": ("next_day", "same_day", "day_after_next"),
    "received_after_hours": ("same_day", "next_opening"),
    "calendar_days": ("roll", "plain", "workdays"),
    "month_as": ("month", "30_days"),
    "before_rest_day": ("backward", "none"),
}
CLOCK_SWITCHES: Final = ("closes_at", "due_time")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_manifest(reader: TableReader) -> Manifest:
    """Read the whole manifest; what cannot be read is empty and has a finding."""
    units = tuple(_units(reader))
    manifest = Manifest(
        slug=_slug(reader),
        code=reader.integer("code", 100_000, 999_999),
        name=reader.text("name"),
        title=reader.text("title"),
        diagram=reader.text("diagram"),
        session_recurrence=reader.text("session_recurrence", ""),
        business_key=reader.text("business_key", ""),
        notice=_notice(reader.section("notice", required=True)),
        processes=_processes(reader.section("processes", required=True)),
        units=units,
        roles=tuple(_roles(reader, {unit.id for unit in units})),
        recurrences=tuple(_recurrences(reader)),
        numberings=_numberings(reader.section("numbering")),
        channels=tuple(_choices(reader, "channel")),
        counters=tuple(_choices(reader, "counter")),
        codes=_codes(reader.section("codes")),
        portal=_portal(reader.section("portal")),
        deadlines=_deadlines(reader.section("deadlines")),
        registers=tuple(_registers(reader)),
        text=reader.section("text").text_map(),
    )
    reader.close()
    if manifest.session_recurrence not in ("", *(spec.name for spec in manifest.recurrences)):
        reader.report(
            "session_recurrence", f"周期规则“{manifest.session_recurrence[:40]}”未在 [[recurrence]] 中列出"
        )
    if is_slug(manifest.slug) and not manifest.slug.startswith(f"{manifest.code}-"):
        reader.report("code", f"slug {manifest.slug} 应以行政区划代码 {manifest.code} 开头")
    return manifest


def _slug(reader: TableReader) -> str:
    slug = reader.text("slug")
    if slug and not is_slug(slug):
        reader.report("slug", f"slug “{slug[:60]}”不合规", hint="行政区划代码-拼音，全部小写")
    return slug


def _notice(reader: TableReader) -> Notice:
    issued = reader.date("date")
    notice = Notice(reader.text("number"), issued, reader.text("issuer"), reader.text("basis", ""))
    reader.close()
    return notice


def _processes(reader: TableReader) -> dict[str, str]:
    reader.text("case")
    return {alias: process for alias, process in reader.text_map().items() if process}


def _units(reader: TableReader) -> Iterator[Unit]:
    for item in _unique(reader.sections("unit"), "id"):
        yield Unit(_id(item), item.text("name"))
        item.close()


def _roles(reader: TableReader, units: set[str]) -> Iterator[Role]:
    for item in _unique(reader.sections("role"), "id"):
        role = Role(
            _id(item), item.text("name"), item.text("unit", ""), item.choice("sees", ("all", "own"), "own")
        )
        if role.unit and role.unit not in units:
            item.report("unit", f"单位“{role.unit}”不存在", hint="先在 [[unit]] 中列出，或改正 id")
        if role.id in units:
            item.report("id", f"角色 id “{role.id}”与单位重复", hint="单位自带同名工作组，角色请另取 id")
        yield role
        item.close()


def _recurrences(reader: TableReader) -> Iterator[RecurrenceSpec]:
    for item in _unique(reader.sections("recurrence"), "name"):
        spec = RecurrenceSpec(item.text("name"), item.choice("kind", RECURRENCE_KINDS), dict(item.table))
        yield spec
        item.close(also=RECURRENCE_KEYS)


def _numberings(reader: TableReader) -> dict[str, Numbering]:
    rules = {}
    for name in reader.table:
        item = reader.section(name)
        rule = Numbering(name, item.text("pattern"), item.choice("scope", SCOPES, "year"))
        if rule.pattern and (mistake := pattern_mistake(rule.pattern, rule.scope)):
            item.report(
                "pattern", f"编号规则“{rule.pattern[:60]}”：{mistake}", hint="例如 XW{year}-{seq:04d}"
            )
        rules[name] = rule
        item.close()
    return rules


def _choices(reader: TableReader, key: str) -> Iterator[Choice]:
    for item in _unique(reader.sections(key), "id"):
        yield Choice(_id(item), item.text("name"))
        item.close()


def _codes(reader: TableReader) -> dict[str, Mapping[str, str]]:
    return {name: reader.section(name).text_map() for name in reader.table}


def _portal(reader: TableReader) -> Portal:
    keys = (field.name for field in fields(Portal))
    portal = Portal(**{key: reader.text(key, "") for key in keys})
    reader.close()
    return portal


def _deadlines(reader: TableReader) -> Deadlines:
    switches = {key: reader.choice(key, choices, choices[0]) for key, choices in SWITCHES.items()}
    for key in CLOCK_SWITCHES:
        switches[key] = reader.text(key, "")
        if switches[key] and not _CLOCK.fullmatch(switches[key]):
            reader.report(key, f"{key} “{switches[key][:40]}”不是时刻", hint="写成 17:00 的样子")
    share = reader.number("warning_share", 0, 1, 0.3)
    reader.close()
    given = {key: value for key, value in switches.items() if key in reader.table}
    return Deadlines(switches["count_from"], share, given)


def _registers(reader: TableReader) -> Iterator[Register]:
    for item in _unique(reader.sections("register"), "key"):
        columns = tuple(_columns(item))
        if not columns:
            item.report(
                "columns",
                "台账至少要有一列",
                hint='columns = [{label = "企业名称", value = "register.enterprise"}]',
            )
        yield Register(
            key=_id(item, "key"),
            title=item.text("title"),
            columns=columns,
            form=item.text("form", ""),
            process=item.text("process", "case"),
            filter=item.text("filter", ""),
            notes=item.texts("notes"),
            department=item.text("department", ""),
        )
        item.close()


def _columns(reader: TableReader) -> Iterator[Column]:
    for number, item in enumerate(reader.sections("columns"), start=1):
        key = item.text("key", f"c{number}")
        yield Column(item.text("label"), item.text("value"), item.number("width", 0, 1000, 0), key)
        item.close()


def _id(reader: TableReader, key: str = "id") -> str:
    """Read an id; it becomes a group, a file name and part of addresses."""
    value = reader.text(key)
    if value == ENTERPRISE:
        reader.report(key, f"{key} “{ENTERPRISE}”是保留字，代表企业本身", hint="请另取一个")
    elif value and not _ID.fullmatch(value):
        reader.report(key, f"{key} “{value[:40]}”不合规", hint="小写字母开头，只用小写字母、数字、_ 和 -")
    return value


def _unique(readers: Iterable[TableReader], key: str) -> Iterator[TableReader]:
    seen: set[str] = set()
    for reader in readers:
        value = reader.table.get(key)
        if isinstance(value, str):
            if value in seen:
                reader.report(key, f"{key} “{value[:40]}”重复", hint="每一项须不同")
            seen.add(value)
        yield reader
