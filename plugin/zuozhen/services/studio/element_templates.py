"""Element templates for bpmn.io modelers: ready-made tasks and events, in words that clerks know.

The same code writes two files: one for the web editor with the lists of a draft, and one without any
jurisdiction's lists for the desktop Camunda Modeler (``processes/.camunda/element-templates/zuozhen.json``).
A template cannot draw: boundary timers and the parallel mark are added by the web editor when a template is
inserted, and by hand in the desktop modeler.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from zuozhen.services.studio.choices import Choices
from zuozhen.services.studio.template_fields import (
    FORM_BINDING,
    Property,
    clause_field,
    form_field,
    group_field,
    message_field,
    name_field,
    public_field,
    recipient_field,
    stage_field,
    topic_fields,
    work_fields,
)

Template: TypeAlias = dict[str, Any]

SCHEMA: Final = "https://unpkg.com/@camunda/element-templates-json-schema@0.22.1/resources/schema.json"
"""Names the shape of the file; nothing ever loads the address."""

PREFIX: Final = "cn.zuozhen."
VERSION: Final = 1
CATEGORY: Final = {"id": "zuozhen", "name": "坐诊接诉"}
GROUPS: Final = {
    "work": "办理",
    "law": "依据",
    "public": "公开",
    "message": "通知",
    "deadline": "时限",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """One template before the lists of a draft are filled in. ``types`` are what it may be applied to."""

    id: str
    name: str
    description: str
    keywords: Sequence[str]
    types: Sequence[str]
    element: str
    picture: str
    properties: tuple[Property, ...]


def element_templates(choices: Choices | None = None) -> list[Template]:
    """Return all templates. Without ``choices`` roles, forms and messages are typed instead of chosen."""
    known = choices or Choices()
    return [_template(kind) for kind in _kinds(known)]


def desktop_file() -> bytes:
    """Return the file for the desktop modeler: UTF-8 JSON that ends with a newline."""
    return (json.dumps(element_templates(), ensure_ascii=False, indent=2) + "\n").encode()


def _kinds(choices: Choices) -> tuple[_Kind, ...]:
    user, public = ("bpmn:Task", "bpmn:UserTask"), (stage_field(), public_field())
    work = (*work_fields(choices), clause_field(), *public)
    return (
        _Kind(
            "timed-task",
            "限时办理任务（工作日）",
            "由一个岗位在若干工作日内办结的任务。时限画成任务边上的定时事件：workdays(天数)",
            ("工作日", "时限", "办理", "承办", "xsbl"),
            user,
            "bpmn:UserTask",
            _CLOCK,
            work,
        ),
        _Kind(
            "acceptance",
            "受理审查",
            "答复是否受理的限时任务，之后接排他网关分出受理、不予受理等路径",
            ("受理", "审查", "答复", "slsc"),
            user,
            "bpmn:UserTask",
            _CHECK,
            (name_field("受理审查"), *work),
        ),
        _Kind(
            "joint-task",
            "会办多单位",
            "几个单位各办一份的限时任务（并行多实例）：集合填单位列表，元素变量填 unit",
            ("会办", "联办", "多单位", "并行", "hb"),
            user,
            "bpmn:UserTask",
            _SEVERAL,
            (
                name_field("会办单位办理"),
                group_field(choices, "=unit"),
                form_field(choices),
                FORM_BINDING,
                clause_field(),
                *public,
            ),
        ),
        _Kind(
            "leader-approval",
            "领导审批",
            "由领导批示、审批的任务",
            ("领导", "审批", "批示", "ldsp"),
            user,
            "bpmn:UserTask",
            _PERSON,
            (name_field("领导审批"), *work),
        ),
        _Kind(
            "urge",
            "催办",
            "时限到期后由督查岗位催办、督办的任务，接在提醒用的定时事件之后",
            ("催办", "督办", "超期", "cb"),
            user,
            "bpmn:UserTask",
            _BELL,
            (name_field("督办催办"), *work_fields(choices), clause_field()),
        ),
        _Kind(
            "notify",
            "通知企业",
            "按消息模板通知企业或某个岗位，发出后立即继续",
            ("通知", "告知", "答复", "短信", "tz"),
            ("bpmn:Task", "bpmn:SendTask", "bpmn:ServiceTask"),
            "bpmn:SendTask",
            _LETTER,
            (*topic_fields("notify"), message_field(choices), recipient_field(choices), clause_field()),
        ),
        _Kind(
            "announcement",
            "公告",
            "按消息模板在门户发布公告",
            ("公告", "公示", "发布", "gg"),
            ("bpmn:Task", "bpmn:ServiceTask", "bpmn:SendTask"),
            "bpmn:ServiceTask",
            _HORN,
            (*topic_fields("publish"), message_field(choices), clause_field()),
        ),
        _Kind(
            "session",
            "定期场次",
            '按周期规则自动开始的流程：定时开始事件，时间写 recurrence("周期名称")',
            ("定期", "场次", "周期", "坐诊日", "dq"),
            ("bpmn:StartEvent",),
            "bpmn:StartEvent",
            _CALENDAR,
            (clause_field(),),
        ),
        _Kind(
            "deadline",
            "时限（边界定时事件）",
            "任务边上的时限：定时器类型选日期，值写 workdays(天数)；不中断即到期提醒，中断即到期转走",
            ("时限", "期限", "到期", "超期", "sx"),
            ("bpmn:BoundaryEvent",),
            "bpmn:BoundaryEvent",
            _CLOCK,
            (clause_field("deadline"),),
        ),
    )


def _template(kind: _Kind) -> Template:
    used = {each["group"] for each in kind.properties if "group" in each}
    return {
        "$schema": SCHEMA,
        "id": PREFIX + kind.id,
        "name": kind.name,
        "description": kind.description,
        "version": VERSION,
        "category": CATEGORY,
        "keywords": list(kind.keywords),
        "appliesTo": list(kind.types),
        "elementType": {"value": kind.element},
        "icon": {"contents": _icon(kind.picture)},
        "groups": [{"id": each, "label": label} for each, label in GROUPS.items() if each in used],
        "entriesVisible": True,
        "properties": list(kind.properties),
    }


# ---------------------------------------------------------------- pictures (18 × 18, one line colour)

_CLOCK = "<circle cx='9' cy='9' r='7'/><path d='M9 5v4l3 2'/>"
_CHECK = "<rect x='3' y='2' width='12' height='14'/><path d='M6 9l2 2 4-4'/>"
_SEVERAL = "<circle cx='6' cy='6' r='2.5'/><circle cx='12' cy='6' r='2.5'/><path d='M2 15c0-6 8-6 8 0M8 15c0-6 8-6 8 0'/>"
_PERSON = "<circle cx='9' cy='6' r='3'/><path d='M3 16c0-8 12-8 12 0z'/>"
_BELL = "<path d='M4 13V8a5 5 0 0 1 10 0v5l1 1H3zM7 16h4'/>"
_LETTER = "<rect x='2' y='4' width='14' height='10'/><path d='M2 5l7 5 7-5'/>"
_HORN = "<path d='M3 7v4h3l7 4V3L6 7zM15 7v4'/>"
_CALENDAR = "<rect x='2' y='4' width='14' height='12'/><path d='M2 8h14M6 2v4M12 2v4'/>"


def _icon(picture: str) -> str:
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='18' height='18' viewBox='0 0 18 18'>"
        f"<g fill='none' stroke='#8f1d22' stroke-width='1.5'>{picture}</g></svg>"
    )
    return "data:image/svg+xml," + quote(drawing, safe=" ='/:")
