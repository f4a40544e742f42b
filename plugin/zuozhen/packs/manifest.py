"""Reads pack.toml into values; every mistake becomes a finding and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import Final

from zuozhen.packs.lists import read_registers, read_reports, read_tables
from zuozhen.packs.numbering import SCOPES, Numbering, pattern_mistake
from zuozhen.packs.parameters import read_parameters, written_out
from zuozhen.packs.paths import is_slug
from zuozhen.packs.reader import TableReader
from zuozhen.packs.rows import read_id, unique
from zuozhen.packs.units import read_units
from zuozhen.packs.values import (
    Choice,
    Deadlines,
    Manifest,
    Notice,
    Portal,
    Procedure,
    Quota,
    RecurrenceSpec,
    Role,
    Words,
)

RECURRENCE_KINDS: Final = (
    "monthly_day",
    "odd_months",
    "first_workdays",
    "last_workdays",
    "last_workday",
    "nth_weekday",
    "quarter_end",
    "weekly",
    "union",
    "rota",
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
    "opens_at",
    "closes_at",
    "every",
    "anchor",
    "part",
    "of",
    "holders",
    "holder",
)
SWITCHES: Final = {
    "count_from": ("next_day", "same_day", "day_after_next"),
    "received_after_hours": ("same_day", "next_opening"),
    "calendar_days": ("roll", "plain", "workdays"),
    "month_as": ("month", "30_days"),
    "before_rest_day": ("backward", "none"),
}
CLOCK_SWITCHES: Final = ("closes_at", "due_time")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_manifest(reader: TableReader) -> Manifest:
    """Read the whole manifest; what cannot be read is empty and has a finding."""
    parameters = read_parameters(reader.section("parameters"))
    reader.fill = partial(written_out, parameters=parameters)
    units = read_units(reader)
    processes = _processes(reader.section("processes", required=True))
    manifest = Manifest(
        slug=_slug(reader),
        code=reader.integer("code", 100_000, 999_999),
        name=reader.text("name"),
        title=reader.text("title"),
        diagram=reader.text("diagram"),
        session_recurrence=reader.text("session_recurrence", ""),
        business_key=reader.text("business_key", ""),
        notice=_notice(reader.section("notice", required=True)),
        processes=processes,
        units=units,
        roles=tuple(_roles(reader, {unit.id for unit in units})),
        recurrences=tuple(_recurrences(reader)),
        numberings=_numberings(reader.section("numbering")),
        channels=tuple(_choices(reader, "channel")),
        counters=tuple(_choices(reader, "counter")),
        codes=_codes(reader.section("codes")),
        portal=_portal(reader.section("portal")),
        deadlines=_deadlines(reader.section("deadlines")),
        registers=tuple(read_registers(reader)),
        text=reader.section("text").text_map(),
        procedures=_procedures(reader.section("procedure"), processes),
        reports=tuple(read_reports(reader)),
        tables=tuple(read_tables(reader)),
        quotas=tuple(_quotas(reader)),
        words=_words(reader.section("words")),
        parameters=parameters,
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


def _roles(reader: TableReader, units: set[str]) -> Iterator[Role]:
    for item in unique(reader.sections("role"), "id"):
        role = Role(
            read_id(item),
            item.text("name"),
            item.text("unit", ""),
            item.choice("sees", ("all", "own"), "own"),
        )
        if role.unit and role.unit not in units:
            item.report("unit", f"单位“{role.unit}”不存在", hint="先在 [[unit]] 中列出，或改正 id")
        if role.id in units:
            item.report("id", f"角色 id “{role.id}”与单位重复", hint="单位自带同名工作组，角色请另取 id")
        yield role
        item.close()


def _recurrences(reader: TableReader) -> Iterator[RecurrenceSpec]:
    for item in unique(reader.sections("recurrence"), "name"):
        spec = RecurrenceSpec(item.text("name"), item.choice("kind", RECURRENCE_KINDS), dict(item.table))
        yield spec
        item.close(also=RECURRENCE_KEYS)


def _numberings(reader: TableReader) -> dict[str, Numbering]:
    rules = {}
    for name in reader.table:
        item = reader.section(name)
        optional = {key: item.text(key, "") for key in ("form", "field", "when", "prefix")}
        rule = Numbering(name, item.text("pattern"), item.choice("scope", SCOPES, "year"), **optional)
        if bool(rule.form) != bool(rule.field):
            item.report(
                "form", "form 和 field 须同时填写", hint="form 是提交时给号的表单，field 是写入号码的项"
            )
        if ("{prefix}" in rule.pattern) != bool(rule.prefix):
            item.report("prefix", "pattern 中的 {prefix} 和 prefix 须同时有或同时没有")
        if rule.pattern and (mistake := pattern_mistake(rule.pattern, rule.scope)):
            item.report(
                "pattern", f"编号规则“{rule.pattern[:60]}”：{mistake}", hint="例如 XW{year}-{seq:04d}"
            )
        rules[name] = rule
        item.close()
    return rules


def _choices(reader: TableReader, key: str) -> Iterator[Choice]:
    for item in unique(reader.sections(key), "id"):
        yield Choice(read_id(item), item.text("name"))
        item.close()


def _codes(reader: TableReader) -> dict[str, Mapping[str, str]]:
    return {name: reader.section(name).text_map() for name in reader.table}


def _portal(reader: TableReader) -> Portal:
    keys = (field.name for field in fields(Portal))
    portal = Portal(**{key: reader.text(key, "") for key in keys})
    reader.close()
    return portal


def _words(reader: TableReader) -> Words:
    words = Words(**{field.name: reader.text(field.name, str(field.default)) for field in fields(Words)})
    reader.close()
    return words


def _deadlines(reader: TableReader) -> Deadlines:
    switches = {key: reader.choice(key, choices, choices[0]) for key, choices in SWITCHES.items()}
    for key in CLOCK_SWITCHES:
        switches[key] = reader.text(key, "")
        if switches[key] and not _CLOCK.fullmatch(switches[key]):
            reader.report(key, f"{key} “{switches[key][:40]}”不是时刻", hint="写成 17:00 的样子")
    switches["office_hours"] = reader.text("office_hours", "")
    share = reader.number("warning_share", 0, 1, 0.3)
    reader.close()
    given = {key: value for key, value in switches.items() if key in reader.table}
    return Deadlines(switches["count_from"], share, given)


def _procedures(reader: TableReader, processes: Mapping[str, str]) -> dict[str, Procedure]:
    """Return a procedure for every process: what [procedure.<alias>] says of it, else what goes without saying."""
    found = {}
    for alias, process in processes.items():
        item = reader.section(alias)
        found[alias] = Procedure(
            alias=alias,
            process=process,
            label=item.text("label", ""),
            title=item.text("title", ""),
            open_to=item.texts("open_to"),
            public=item.flag("public", default=alias == "case"),
            session=item.flag("session", default=alias == "clinic"),
            bookable=item.text("bookable", ""),
            private=item.flag("private"),
            about=item.text("about", ""),
        )
        item.close()
    for alias in reader.table.keys() - processes.keys():
        reader.report(alias, f"[processes] 中没有“{alias[:40]}”", hint="先在 [processes] 中列出")
    return found


def _quotas(reader: TableReader) -> Iterator[Quota]:
    for item in unique(reader.sections("quota"), "name"):
        yield Quota(
            name=item.text("name"),
            recurrence=item.text("recurrence"),
            process=item.text("process", "clinic"),
            filter=item.text("filter", ""),
            by=item.text("by", "case.session_on"),
            warn_from=int(item.number("warn_from", 1, 12, 1)),
        )
        item.close()
