"""A case's event rows as lines that people read: one wording for staff, one for the enterprise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zuozhen.model.clock import due_date
from zuozhen.store.tables import Event

STAFF_TEXT: Mapping[str, str] = {
    "registered": "登记",
    "started": "启动",
    "completed": "办结{name}",
    "acted": "提出{name}",
    "fired": "时限到期",
    "delivered": "收到消息{name}",
    "claimed": "签收{name}",
    "unclaimed": "退回{name}",
    "onsite_shown": "向企业出示{name}二维码",
    "handed_over": "将{name}转交{to}：{reason}",
    "retimed": "{name}期限调整为{due}：{reason}{grounds}",
    "moved": "由{name}转到“{to}”：{reason}{grounds}",
    "instance_ended": "{name}中的一份（{who}）不再办理：{reason}{grounds}",
    "cancelled": "终止办件：{reason}{grounds}",
    "number_voided": "作废编号{name}：{reason}",
    "undone": "撤销第{undone}步{name}：{reason}{grounds}",
    "migrated": "迁移到第 {to} 版流程{because}",
    "migration_rolled_back": "迁移回退到第 {to} 版流程{because}",
    "regrouped": "单位调整，任务转由承接单位办理",
    "recounted": "按新日历重新计算期限{because}",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: when, who, what; ``details`` are the places entered, fired or ended."""

    seq: int
    at: datetime
    who: str
    what: str
    details: tuple[str, ...]
    form_key: str
    hash: str


@dataclass(frozen=True, slots=True)
class PublicLine:
    """One line of progress for the enterprise, in the notice's own words."""

    at: datetime
    stage: str
    text: str


def staff_lines(events: Iterable[Event]) -> list[Line]:
    """Return one line per event with what it set off."""
    return [
        Line(
            event.seq,
            event.at,
            event.actor_name,
            _sentence(event.kind, event.payload),
            tuple(_all_details(event.payload)),
            str(event.payload.get("form", "")),
            event.hash.hex(),
        )
        for event in events
    ]


def public_lines(events: Iterable[Event]) -> list[PublicLine]:
    """Return the stages a case went through: no names of staff, no internal steps."""
    lines: list[PublicLine] = []
    for event in events:
        for entry in event.payload.get("log", ()):
            properties = entry.get("properties", {})
            stage = properties.get("zz:stage", "结束" if entry["kind"] == "ended" else "")
            if entry["kind"] not in ("entered", "ended") or not stage or properties.get("zz:trigger"):
                continue
            text = properties.get("zz:public") or entry.get("name", "")
            if not lines or (lines[-1].stage, lines[-1].text) != (stage, text):
                lines.append(PublicLine(event.at, stage, text))
    return lines


def _sentence(kind: str, payload: Mapping[str, Any]) -> str:
    blanks = ("name", "to", "reason", "due", "undone", "who")
    words = {key: str(payload.get(key, "")) for key in blanks}
    words["name"] = _quoted(words["name"]) if words["name"] else ""
    allowed = (
        f"{payload[key]}{tail}" for key, tail in (("approver", "批准"), ("basis", "")) if payload.get(key)
    )
    words["because"] = f"：{words['reason']}" if words["reason"] else ""
    words["grounds"] = f"（{'，'.join(allowed)}）" if payload.get("approver") else ""
    return STAFF_TEXT.get(kind, kind).format(**words)


def _all_details(payload: Mapping[str, Any]) -> Iterable[str]:
    log = payload.get("log", ())
    if "dues" in payload:  # a migration tells from when to when: more than that a date was moved
        log = [entry for entry in log if entry["kind"] != "retimed"]
    yield from _details(log)
    yield from _moves(payload)


def _moves(payload: Mapping[str, Any]) -> Iterable[str]:
    """Say what was done to a case as it stands: places mapped, tasks given to other units, deadlines moved."""
    for place in payload.get("places", ()):
        yield f"{_quoted(place['name'])}转为{_quoted(place['target'])}"
    yield from payload.get("changes", ())
    yield from payload.get("filled", ())
    yield from payload.get("withdrawn", ())
    for one in payload.get("groups", ()):
        back = f"（原由{one['released']}签收，已退回）" if one.get("released") else ""
        yield f"{_quoted(one['name'])}由{one['from']}转{one['to']}{back}"
    for due in payload.get("dues", ()):
        old, new = (_last_day(due[key]) for key in ("old", "new"))
        if old and new:
            yield f"{_quoted(due['name'])}期限由 {old} 改为 {new}"
        else:
            yield f"{_quoted(due['name'])}" + (f"新设期限 {new}" if new else f"原期限 {old} 取消")


def _last_day(instant: str | None) -> str:
    return due_date(datetime.fromisoformat(instant)).isoformat() if instant else ""


def _is_work(properties: Mapping[str, str]) -> bool:
    """Say whether entering an element is news: not a mere possibility such as 企业撤回."""
    return bool(properties.get("zz:clause")) and not properties.get("zz:trigger")


def _quoted(name: str) -> str:
    """Return a name in quotation marks; marks inside become single ones (GB/T 15834)."""
    return f"“{name.replace('“', '‘').replace('”', '’')}”"


def _details(log: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for entry in log:
        name = entry.get("name") or entry.get("element", "")
        match entry["kind"]:
            case "fired":
                yield f"{_quoted(name)}到期"
            case "entered" if _is_work(entry.get("properties", {})):
                yield f"转入{_quoted(name)}"
            case "cancelled":
                yield f"{_quoted(name)}撤销"
            case "retimed":
                yield f"{_quoted(name)}期限已调整"
            case "decided":
                yield f"{_quoted(name)}：{_votes(entry.get('properties', {}))}"
            case "ended":
                yield f"结束：{name}"


def _votes(said: Mapping[str, str]) -> str:
    """Say how several people voted and what came out (``engine.votes``)."""
    total, handed_in = (int(said.get(name, 0)) for name in ("total", "handed_in"))
    passed = said.get("outcome") == "yes"
    if said.get("rule") == "completed":
        return f"已办 {handed_in}，未办 {total - handed_in} → {'达到比例' if passed else '未达到比例'}"
    blank = int(said.get("missing", 0)) - (total - handed_in)
    counted = (
        f"同意 {said.get('yes', 0)}",
        f"不同意 {said.get('no', 0)}",
        f"未表态 {blank}" if blank else "",
    )
    return (
        "，".join(filter(None, (*counted, f"未办 {total - handed_in}")))
        + f" → {'通过' if passed else '不通过'}"
    )
