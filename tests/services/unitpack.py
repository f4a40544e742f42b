"""A small pack whose work goes to units that people choose: one that gets a task, one after it, several at once."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import Office
from tests.engine_lint.build import end, node, path, process
from tests.services.smallpack import DIAGRAM, SLUG, TENANT, begin, pack, task

from zuozhen.services.registration import Registered
from zuozhen.services.tasks import as_formdata

MANIFEST = f"processes/{SLUG}/pack.toml"
TODAY = "2026-08-31"
ROW = 'id = "ziran"\nname = "资源局"\n'
ONE = f'until = {TODAY}\nsuccessor = "guihua"'
SPLIT = (
    f"until = {TODAY}\n"
    'successors = [{ id = "lindi", when = \'register.kind = "land"\' }, { id = "guihua" }]'
)
KINDS = (("land", "林地"), ("other", "其他"))


def _field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"Field_{key}", "key": key, "label": f"填写{key}", **more}


def _form(key: str, *fields: dict[str, Any]) -> bytes:
    content = {"type": "default", "id": f"Form_{key}", "schemaVersion": 19, "components": list(fields)}
    return json.dumps({**content, "properties": {"title": f"表{key}"}}, ensure_ascii=False).encode()


def _choice(key: str) -> dict[str, Any]:
    return _field("select", key, valuesKey="units", validate={"required": True})


def files(
    life: str = "", *, begins: str = TODAY, row: str = ROW, name: str = "接着办", before: bool = False
) -> dict[str, bytes]:
    """Return the pack in which 资源局 (``row``, empty: gone) has this life, and two more units.

    ``before``: as it was when there was no 规划局.
    """
    kinds = [{"value": value, "label": label} for value, label in KINDS]
    work = task("work").replace('candidateGroups="office"', 'candidateGroups="=unit"')
    again = task("again").replace('candidateGroups="office"', 'candidateGroups="=unit"')
    several = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="units_too" camunda:elementVariable="each" />'
    joint = task("joint", body=several).replace('candidateGroups="office"', 'candidateGroups="=each"')
    case = process(
        begin("register"),
        task("assign").replace('formRef="step"', 'formRef="choose"'),
        work.replace('formRef="step"', 'formRef="reply"'),
        again.replace('name="again号"', f'name="{name}"'),
        joint,
        end(),
        path("s", "assign", "work", "again", "joint", "e"),
        id_="case",
    )
    found = pack(case)
    units = f"[[unit]]\n{row}{life}\n" if row else ""
    units += f'[[unit]]\nid = "guihua"\nname = "规划局"\nfrom = {begins}\n[[unit]]\nid = "lindi"\nname = "林地局"\n'
    if before:
        units = units.replace(f'[[unit]]\nid = "guihua"\nname = "规划局"\nfrom = {begins}\n', "")
    manifest = found[MANIFEST].decode().replace("[[role]]", f"{units}[[role]]", 1)
    return {
        **found,
        MANIFEST: manifest.encode(),
        f"forms/{SLUG}/register.json": _form(
            "register",
            _field("textfield", "enterprise"),
            _field("textfield", "title"),
            _field("textfield", "session"),
            _field("select", "kind", values=kinds, validate={"required": True}),
        ),
        f"forms/{SLUG}/choose.json": _form(
            "choose",
            _choice("unit"),
            _field("checklist", "units_too", valuesKey="units", validate={"required": True}),
        ),
        f"forms/{SLUG}/reply.json": _form("reply", _field("textfield", "note"), _choice("passed_to")),
    }


def assigned(office: Office, kind: str = "other", unit: str = "ziran") -> Registered:
    """Return a case in which a unit has a task."""
    registered = office.try_register({"enterprise": "甲公司", "title": "用地", "kind": kind})
    assert isinstance(registered, Registered), registered.bound and registered.bound.problems
    office.submit(registered.case_id, "assign", {"unit": unit, "units_too": [unit, "fagai"]})
    assert office.token(registered.case_id, "work").grp == unit
    return registered


__all__ = [
    "DIAGRAM", "MANIFEST", "ONE", "ROW", "SLUG", "SPLIT", "TENANT", "TODAY", "as_formdata", "assigned", "files", "node",
]  # fmt: skip
