"""What is different for people at a place that a case keeps while its diagram changes."""

from __future__ import annotations

from typing import Any

from zuozhen.engine.activities import ASSIGNEE, GROUP, UserTask
from zuozhen.engine.ambient import same_values
from zuozhen.engine.diagram import Element
from zuozhen.engine.events import KEY, MessageDefinition
from zuozhen.engine.journal import Journal

_TRIGGERS = {"staff": "工作人员", "enterprise": "企业", "": "消息"}


def changes_for_people(old: Element, new: Element) -> tuple[str, ...]:
    """Return in Chinese what a person at this place notices: name, form, stage, message."""
    pairs = (
        ("名称", old.name, new.name),
        ("表单", old.form_key, new.form_key),
        ("阶段", old.properties.get("zz:stage", ""), new.properties.get("zz:stage", "")),
        ("消息", old.message, new.message),
        ("由谁触发", _who(old), _who(new)),
    )
    return tuple(_said(what, before, after) for what, before, after in pairs if before != after)


def renew(token: Any, old: Any) -> tuple[str, ...]:
    """Evaluate again what was fixed on entry, where its rule is written differently now or reads other values; tell the changes.

    Role and person of a user task, correlation key of a message. ``old`` is the former specification.
    Raises :class:`EngineError` if a new rule cannot be evaluated.
    """
    if isinstance(token.task_spec, UserTask):
        return _renew_task(token, old)
    if isinstance(getattr(token.task_spec, "event_definition", None), MessageDefinition):
        return _renew_key(token, old.event_definition)
    return ()


def _renew_task(token: Any, old: Any) -> tuple[str, ...]:
    spec = token.task_spec
    before = (
        token.internal_data.get(GROUP, old.element.group),
        token.internal_data.get(ASSIGNEE, "" if old.assignee_rule else old.element.assignee),
    )
    kept = dict(token.internal_data)
    journal = token.journal
    if _differs(old.element.group, spec.element.group, journal):
        kept.pop(GROUP, None)
    if _differs(old.element.assignee, spec.element.assignee, journal):
        kept.pop(ASSIGNEE, None)
    token.internal_data = kept
    spec.assign(token)
    after = (
        token.internal_data.get(GROUP, spec.element.group),
        token.internal_data.get(ASSIGNEE, "" if spec.assignee_rule else spec.element.assignee),
    )
    pairs = zip(("岗位", "办理人"), before, after, strict=True)
    return tuple(_said(what, one, two) for what, one, two in pairs if one != two)


def _renew_key(token: Any, old: MessageDefinition) -> tuple[str, ...]:
    definition = token.task_spec.event_definition
    if same_key(old, definition, token.journal):
        return ()
    before = token.internal_data.get(KEY, "")
    token.internal_data = {name: value for name, value in token.internal_data.items() if name != KEY}
    definition.arm(token)
    after = token.internal_data.get(KEY, "")
    return (_said("关联键", before, after),) if before != after else ()


def same_key(old: MessageDefinition, new: MessageDefinition, journal: Journal) -> bool:
    """Tell whether two waits look for the same message by the same rule."""
    mine, theirs = (definition.key.text if definition.key else "" for definition in (old, new))
    return not _differs(mine, theirs, journal)


def _differs(old: str, new: str, journal: Journal) -> bool:
    """Tell whether a rule is written differently now, or reads other parameters or rows."""
    return old != new or not same_values(old, journal.former, new, journal.ambient)


def _who(element: Element) -> str:
    trigger = element.properties.get("zz:trigger", "")
    return _TRIGGERS.get(trigger, trigger)


def _said(what: str, before: str, after: str) -> str:
    return f"{what} {before or '（无）'} → {after or '（无）'}"
