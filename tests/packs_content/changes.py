"""The kinds of change that administrators make to a procedure, done to any pack by rule, not by hand.

Each takes the files of a pack and a source of chance and returns the changed files, or ``None`` where the pack
has nothing of the kind. Every change is a good one: the check has nothing against it.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree
from tests.packs_content.mistakes import BPMN, CAMUNDA, Files, Source

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True)
class Changed:
    """A changed pack. ``mapping`` leads from elements that are gone to those that take their place;
    ``fresh`` are elements that a case which went by never sees: replayed from the start it waits there."""

    files: Files
    words: str
    mapping: dict[str, str] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()


Change: TypeAlias = Callable[[Source, random.Random], Changed | None]


def _diagram(source: Source, root: Any, words: str, **more: Any) -> Changed:
    return Changed({**source.files, source.diagram_path: etree.tostring(root)}, words, **more)


def _form(source: Source, path: str, form: Any, words: str) -> Changed:
    return Changed({**source.files, path: json.dumps(form, ensure_ascii=False).encode()}, words)


def _picked(
    source: Source, chance: random.Random, wanted: Callable[[Any], Any], tag: str
) -> tuple[Any, Any] | None:
    """Return a copy of the diagram and one element of it that ``wanted`` likes."""
    root = copy.deepcopy(source.root)
    found = [each for each in root.iter(BPMN + tag) if wanted(each)]
    return (root, chance.choice(found)) if found else None


_LIMIT = re.compile(r"workdays\((\d+)")


def longer_limit(source: Source, chance: random.Random) -> Changed | None:
    """Two working days more for one limit."""
    picked = _picked(source, chance, lambda each: _LIMIT.match(each.text or ""), "timeDate")
    if picked is None:
        return None
    root, element = picked
    old = element.text
    element.text = _LIMIT.sub(lambda match: f"workdays({int(match[1]) + 2}", old)
    return _diagram(source, root, f"{old} → {element.text}")


def other_parameter(source: Source, chance: random.Random) -> Changed | None:
    """A number that the pack writes once has three more from now on."""
    found = list(
        re.finditer(r"^\[parameters\.(\w+)\]\n(?:\w+ = .*\n)*?value = (\d+)$", source.manifest, re.MULTILINE)
    )
    if not found:
        return None
    match = chance.choice(found)
    text = source.manifest[: match.start(2)] + str(int(match[2]) + 3) + source.manifest[match.end(2) :]
    return Changed({**source.files, source.manifest_path: text.encode()}, match[1])


def shorter_limit(source: Source, chance: random.Random) -> Changed | None:
    """One working day less for one limit of at least three."""
    long = lambda each: (found := _LIMIT.match(each.text or "")) and int(found[1]) > 2  # noqa: E731
    picked = _picked(source, chance, long, "timeDate")
    if picked is None:
        return None
    root, element = picked
    old = element.text
    element.text = _LIMIT.sub(lambda match: f"workdays({int(match[1]) - 1}", old)
    return _diagram(source, root, f"{old} → {element.text}")


def other_role(source: Source, chance: random.Random) -> Changed | None:
    """A task goes to another role of the pack."""
    groups = {each.get(CAMUNDA + "candidateGroups", "") for each in source.drawn("userTask")}
    plain = sorted(group for group in groups if group.isidentifier() and group != "enterprise")
    if len(plain) < 2:
        return None
    picked = _picked(source, chance, lambda each: each.get(CAMUNDA + "candidateGroups") in plain, "userTask")
    if picked is None:
        return None
    root, element = picked
    old = element.get(CAMUNDA + "candidateGroups")
    new = chance.choice([group for group in plain if group != old])
    element.set(CAMUNDA + "candidateGroups", new)
    return _diagram(source, root, f"{element.get('id')}: {old} → {new}")


def renamed_task(source: Source, chance: random.Random) -> Changed | None:
    """A task gets another name."""
    picked = _picked(source, chance, lambda each: each.get("name"), "userTask")
    if picked is None:
        return None
    root, element = picked
    element.set("name", element.get("name") + "（修订）")
    return _diagram(source, root, element.get("id"))


def other_stage(source: Source, chance: random.Random) -> Changed | None:
    """A task belongs to a stage of another name."""
    root = copy.deepcopy(source.root)
    stages = [each for each in root.iter(CAMUNDA + "property") if each.get("name") == "zz:stage"]
    if not stages:
        return None
    element = chance.choice(stages)
    element.set("value", element.get("value") + "阶段")
    return _diagram(source, root, element.get("value"))


def reminder_added(source: Source, chance: random.Random) -> Changed | None:
    """A task without a timer gets one that reminds the same role after some days."""
    watched = {each.get("attachedToRef") for each in source.drawn("boundaryEvent")}
    free = lambda each: (  # noqa: E731
        each.get("id") not in watched
        and each.get(CAMUNDA + "candidateGroups", "").isidentifier()
        and each.find(BPMN + "multiInstanceLoopCharacteristics") is None
    )
    picked = _picked(source, chance, free, "userTask")
    if picked is None:
        return None
    root, task = picked
    clause = next(
        each.get("value") for each in task.iter(CAMUNDA + "property") if each.get("name") == "zz:clause"
    )
    properties = (
        f'<bpmn:extensionElements><camunda:properties><camunda:property name="zz:clause" value="{clause}"/>'
        f"</camunda:properties></bpmn:extensionElements>"
    )
    _insert(
        task.getparent(),
        f'<bpmn:boundaryEvent id="New_timer" name="新时限" attachedToRef="{task.get("id")}" cancelActivity="false">'
        f"{properties}<bpmn:outgoing>New_flow</bpmn:outgoing><bpmn:timerEventDefinition>"
        f'<bpmn:timeDate xsi:type="bpmn:tFormalExpression">workdays(40)</bpmn:timeDate></bpmn:timerEventDefinition>'
        f'</bpmn:boundaryEvent><bpmn:endEvent id="New_end"><bpmn:incoming>New_flow</bpmn:incoming></bpmn:endEvent>'
        f'<bpmn:sequenceFlow id="New_flow" sourceRef="New_timer" targetRef="New_end"/>',
    )
    return _diagram(source, root, task.get("id"))


def _insert(scope: Any, text: str) -> None:
    spaces = (
        'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    for each in list(etree.fromstring(f"<all {spaces}>{text}</all>")):
        scope.append(each)


def task_inserted(source: Source, chance: random.Random) -> Changed | None:
    """A task of the same role is put behind a task: those who are beyond it never see it."""
    plain = lambda each: (  # noqa: E731
        each.get(CAMUNDA + "candidateGroups", "").isidentifier()
        and each.get(CAMUNDA + "formRef")
        and each.find(BPMN + "multiInstanceLoopCharacteristics") is None
        and len(each.findall(BPMN + "outgoing")) == 1
    )
    picked = _picked(source, chance, plain, "userTask")
    if picked is None:
        return None
    root, task = picked
    flow_id = task.find(BPMN + "outgoing").text
    flow = next(each for each in root.iter(BPMN + "sequenceFlow") if each.get("id") == flow_id)
    twin = copy.deepcopy(task)
    for tag in ("incoming", "outgoing"):
        for each in twin.findall(BPMN + tag):
            twin.remove(each)
    for output in list(twin.iter(CAMUNDA + "inputOutput")):
        output.getparent().remove(output)
    twin.set("id", "New_task")
    twin.set("name", "新增环节")
    task.getparent().append(twin)
    _insert(
        task.getparent(),
        f'<bpmn:sequenceFlow id="New_flow" sourceRef="New_task" targetRef="{flow.get("targetRef")}"/>',
    )
    flow.set("targetRef", "New_task")
    for each in root.iter(BPMN + "incoming"):
        if each.text == flow_id:
            each.text = "New_flow"
    return _diagram(source, root, f"after {task.get('id')}", fresh=frozenset({"New_task"}))


def element_redrawn(source: Source, chance: random.Random) -> Changed | None:
    """A task is deleted and drawn again: the same task under another id, named in the mapping."""
    picked = _picked(source, chance, lambda each: each.get("id"), "userTask")
    if picked is None:
        return None
    root, task = picked
    old = task.get("id")
    for each in root.iter():
        for name, value in each.attrib.items():
            if value == old:
                each.set(name, f"{old}_new")
        if each.tag in (BPMN + "flowNodeRef",) and each.text == old:
            each.text = f"{old}_new"
    return _diagram(source, root, old, mapping={old: f"{old}_new"})


def field_added(source: Source, chance: random.Random) -> Changed | None:
    """A form asks for one thing more, which may be left out."""
    path = chance.choice(sorted(source.forms))
    form = copy.deepcopy(source.forms[path])
    form["components"].append(
        {
            "type": "textfield",
            "id": "New_field",
            "key": "new_remark",
            "label": "新增说明",
            "validate": {"maxLength": 100},
        }
    )
    return _form(source, path, form, path)


def field_gone(source: Source, chance: random.Random) -> Changed | None:
    """A form does not ask for something any more that nothing else reads."""
    texts = b"\n".join(
        content for path, content in source.files.items() if not path.startswith("forms/")
    ).decode()
    texts += "\n".join(
        str(item.get(name, "")) for form in source.forms.values() for item in form["components"]
        for name in ("conditional", "defaultValue", "expression", "properties", "label", "validate", "text", "valuesExpression")
    )  # fmt: skip
    found = [
        (path, item["key"])
        for path, form in sorted(source.forms.items())
        for item in form["components"]
        if item.get("type") in ("textfield", "textarea") and item.get("key") not in (None, "title", "enterprise")
        and not re.search(rf"\b{re.escape(item['key'])}\b", texts)
    ]  # fmt: skip
    if not found:
        return None
    path, key = chance.choice(found)
    form = copy.deepcopy(source.forms[path])
    form["components"] = [item for item in form["components"] if item.get("key") != key]
    return _form(source, path, form, f"{path}: {key}")


def label_changed(source: Source, chance: random.Random) -> Changed | None:
    """What people read of a field and of an option changes; the values stay."""
    found = [
        (path, n)
        for path, form in sorted(source.forms.items())
        for n, item in enumerate(form["components"])
        if item.get("values")
    ]
    if not found:
        return None
    path, number = chance.choice(found)
    form = copy.deepcopy(source.forms[path])
    form["components"][number]["values"][0]["label"] += "（新）"
    return _form(source, path, form, path)


def reworded(source: Source, chance: random.Random) -> Changed | None:
    """Every form asks with other words, and every sheet of paper has another heading."""
    files = dict(source.files)
    for path, known in source.forms.items():
        form = copy.deepcopy(known)
        for item in form["components"]:
            if item.get("label"):
                item["label"] += "（新）"
        files[path] = json.dumps(form, ensure_ascii=False).encode()
    for path in [path for path in files if path.startswith("templates/print/")]:
        files[path] = "<p>新版</p>".encode() + files[path]
    return Changed(files, "all forms and sheets")


def limit_of_text(source: Source, chance: random.Random) -> Changed | None:
    """A text may be longer by twenty characters."""
    found = [
        (path, number)
        for path, form in sorted(source.forms.items())
        for number, item in enumerate(form["components"])
        if (item.get("validate") or {}).get("maxLength")
    ]
    if not found:
        return None
    path, number = chance.choice(found)
    form = copy.deepcopy(source.forms[path])
    form["components"][number]["validate"]["maxLength"] += 20
    return _form(source, path, form, path)


def template_changed(source: Source, chance: random.Random) -> Changed | None:
    """A letter gets another sentence at its end."""
    paths = sorted(path for path in source.files if path.startswith("templates/message/"))
    if not paths:
        return None
    path = chance.choice(paths)
    return Changed({**source.files, path: source.files[path] + "请以本通知为准。\n".encode()}, path)


def unit_renamed(source: Source, chance: random.Random) -> Changed | None:
    """A unit has another name from now on."""
    units = list(re.finditer(r'^\[\[unit\]\]\nid = "[^"]+"\nname = "([^"]+)"', source.manifest, re.MULTILINE))
    if not units:
        return None
    match = chance.choice(units)
    text = source.manifest[: match.end(1)] + "（新）" + source.manifest[match.end(1) :]
    return Changed({**source.files, source.manifest_path: text.encode()}, match[1])


def local_holiday(source: Source, chance: random.Random) -> Changed | None:
    """The jurisdiction has a day off of its own."""
    path = f"processes/{source.slug}/calendar/2026-local.json"
    year = {
        "year": 2026,
        "local": True,
        "source": "地方文件",
        "holiday": [{"name": "地方节日", "off": ["2026-09-09", "2026-09-09"], "work": []}],
    }
    return Changed({**source.files, path: json.dumps(year, ensure_ascii=False).encode()}, "2026-09-09")


CHANGES: tuple[Change, ...] = (
    longer_limit,
    shorter_limit,
    other_parameter,
    other_role,
    renamed_task,
    other_stage,
    reminder_added,
    task_inserted,
    element_redrawn,
    field_added,
    field_gone,
    label_changed,
    reworded,
    limit_of_text,
    template_changed,
    unit_renamed,
    local_holiday,
)


def changed(source: Source, change: Change, number: int = 0) -> Changed | None:
    """Return the pack with a change made to it, always the same one for the same number."""
    return change(source, random.Random(f"{source.slug} {change.__name__} {number}"))


def all_changes(source: Source) -> Iterator[tuple[Change, Changed]]:
    """Give each kind of change that the pack allows."""
    for change in CHANGES:
        made = changed(source, change)
        if made is not None:
            yield change, made
