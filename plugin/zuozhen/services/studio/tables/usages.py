"""Where a row of a table is used: it must not vanish under the diagram, the forms, people or running cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zuozhen.model.errors import ContentError
from zuozhen.packs.parameterreads import reads
from zuozhen.packs.safexml import read_xml
from zuozhen.services.studio.tables.references import in_lists
from zuozhen.services.studio.tables.shapes import Table
from zuozhen.store.casetables import is_open
from zuozhen.store.tables import Account, Token

_MOST: Final = 6
_GROUPS: Final = ("candidateGroups",)
_NAMED: Final = {"recurrence": "recurrence|window", "numbering": "number"}
"""The FEEL functions that name a row of these tables."""


def usages(
    session: Session,
    tenant: int,
    table: Table,
    name: str,
    files: Mapping[str, bytes],
    manifest: Mapping[str, Any],
) -> tuple[str, ...]:
    """Return in Chinese where a row is used, at most some places; empty when it may go."""
    found = [
        *_in_manifest(table, name, manifest),
        *_in_diagrams(table, name, files),
        *_in_forms(table, name, files),
    ]
    if table.ids == "parameter":
        found += readers(name, files)
    if table.ids in ("unit", "role"):
        found += _with_people(session, tenant, name)
    if name == "case" and table.ids in ("numbering", "process"):
        found.append("挂号登记用它编号" if table.ids == "numbering" else "企业登记的就是它")
    unique = tuple(dict.fromkeys(found))
    return unique[:_MOST] if len(unique) <= _MOST else (*unique[:_MOST], f"等 {len(unique)} 处")


def readers(parameter: str, files: Mapping[str, bytes]) -> list[str]:
    """Return in Chinese every place that reads a parameter, in the order of the files."""
    return list(dict.fromkeys(read.label for read in reads(files) if read.key == parameter))


def _in_manifest(table: Table, name: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    if table.ids == "unit":
        for role in manifest.get("role", ()):
            if isinstance(role, Mapping) and role.get("unit") == name:
                yield f"岗位“{role.get('name', role.get('id'))}”属于它"
        for unit in manifest.get("unit", ()):
            if isinstance(unit, Mapping) and name in _successors(unit):
                yield f"单位“{unit.get('name', unit.get('id'))}”撤销后由它承接"
    portal = manifest.get("portal", {})
    if table.ids == "channel" and isinstance(portal, Mapping):
        for key, label in (("online_channel", "网上登记"), ("qr_channel", "扫码登记")):
            if portal.get(key) == name:
                yield f"门户文字中“{label}”的渠道"
    yield from in_lists(table, name, manifest)


def _successors(unit: Mapping[str, Any]) -> list[Any]:
    several = unit.get("successors")
    rows = several if isinstance(several, list) else []
    return [unit.get("successor"), *(row.get("id") for row in rows if isinstance(row, Mapping))]


def _in_diagrams(table: Table, name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for path, content in files.items():
        if path.endswith(".bpmn"):
            try:
                root = read_xml(content, path)
            except ContentError:
                continue
            for element in root.iter(etree.Element):
                if _mentions(table, name, element):
                    yield f"流程图“{_label(element)}”"


def _mentions(table: Table, name: str, element: Any) -> bool:
    texts = [*element.attrib.values(), element.text or ""]
    match table.ids:
        case "unit" | "role":
            groups = [
                group.strip()
                for key, value in element.attrib.items()
                if etree.QName(key).localname in _GROUPS
                for group in value.split(",")
            ]
            to = element.get("value") if element.get("name") == "zz:to" else ""
            return name in groups or to == name or any(_quotes(text, name) for text in texts)
        case "recurrence" | "numbering":
            return any(_calls(table, name, text) for text in texts)
        case "report":
            return bool(element.get("name") == "zz:report" and element.get("value") == name)
        case "datatable":
            return any(re.search(rf"\btables\.{re.escape(name)}\b", text) for text in texts)
        case "channel":
            return any("channel" in text and _quotes(text, name) for text in texts)
        case _:
            return False


def _calls(table: Table, name: str, text: str) -> bool:
    """Say whether an expression calls a function with this very name."""
    return re.search(rf'(?:{_NAMED[table.ids]})\(\s*"{re.escape(name)}"', text) is not None


def _quotes(text: str, name: str) -> bool:
    """Say whether an expression compares with this very value."""
    return f'"{name}"' in text


def _label(element: Any) -> str:
    """Name the drawn element that an attribute or extension element belongs to."""
    while element is not None:
        if element.get("id") and etree.QName(element).localname not in ("property", "formalExpression"):
            return str(element.get("name") or element.get("id"))[:40]
        element = element.getparent()
    return "流程图"


def _in_forms(table: Table, name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for path, content in sorted(files.items()):
        if not path.startswith("forms/") or not path.endswith(".json"):
            continue
        try:
            form = json.loads(content)
        except (ValueError, RecursionError):
            continue
        for component in components(form):
            if _form_uses(table, name, component):
                yield f"表单“{path.rpartition('/')[2].removesuffix('.json')}”的“{component.get('label') or component.get('key', '')}”"


def components(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every component of a form, also inside groups and lists."""
    inner = node.get("components") if isinstance(node, Mapping) else None
    for component in inner if isinstance(inner, list) else ():
        if isinstance(component, Mapping):
            yield component
            yield from components(component)


def _form_uses(table: Table, name: str, component: Mapping[str, Any]) -> bool:
    if table.ids == "list":
        return component.get("valuesKey") == name
    texts = [text for text in _texts(component) if isinstance(text, str)]
    if table.ids in _NAMED:
        return any(_calls(table, name, text) for text in texts)
    if table.ids == "datatable":
        return any(f"tables.{name}" in text for text in texts)
    if table.ids not in ("unit", "role", "channel"):
        return False
    return component.get("defaultValue") == name or any(_quotes(text, name) for text in texts)


def _texts(node: Any) -> Iterator[Any]:
    for key, value in node.items() if isinstance(node, Mapping) else ():
        if key == "components":
            continue
        if isinstance(value, Mapping):
            yield from _texts(value)
        else:
            yield value


def _with_people(session: Session, tenant: int, name: str) -> Iterator[str]:
    people = session.execute(
        select(Account.display_name, Account.unit, Account.groups).where(
            Account.tenant == tenant, Account.active.is_(True)
        )
    ).all()
    members = [person.display_name for person in people if name in (person.unit, *person.groups)]
    if members:
        yield f"账号{'、'.join(members[:3])}{f'等 {len(members)} 人' if len(members) > 3 else ''}"
    waiting = session.scalar(
        select(func.count())
        .select_from(Token)
        .where(Token.tenant == tenant, Token.grp == name, is_open("task"))
    )
    if waiting:
        yield f"{waiting} 项在办任务等它办理"
