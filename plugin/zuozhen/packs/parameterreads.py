"""Where the files of a pack read parameters: manifest, diagrams, forms, templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from zuozhen.model.errors import ContentError
from zuozhen.packs.parameters import READ
from zuozhen.packs.reader import Lines, Place, parse_toml
from zuozhen.packs.safexml import read_xml

WHOLE: Final = ""
"""The key of a read that takes all parameters at once (``get value(parameters, …)``)."""

_ANY: Final = re.compile(r"(?<![\w.])parameters(?![\w])")
_JINJA: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_NOT_DRAWN: Final = frozenset({"property", "properties", "extensionElements", "inputOutput"})


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads the parameter ``key``: file, line (counted from 1), element and how people call it."""

    key: str
    file: str
    line: int | None
    element: str
    label: str


def reads(files: Mapping[str, bytes]) -> Iterator[Read]:
    """Yield every place; files that cannot be read are spoken of elsewhere."""
    for path, content in sorted(files.items()):
        if b"parameters" in content:
            yield from _in_file(path, content)


@lru_cache(maxsize=256)
def _in_file(path: str, content: bytes) -> tuple[Read, ...]:
    if path.endswith("/pack.toml"):
        return tuple(_in_manifest(path, content))
    if path.endswith(".bpmn"):
        return tuple(_in_diagram(path, content))
    if path.startswith("forms/"):
        return tuple(_in_form(path, content))
    return tuple(_in_template(path, content)) if path.startswith("templates/") else ()


def _keys(text: str) -> Iterator[str]:
    """Give the parameters that an expression or a text with placeholders reads."""
    named = [match[1] for match in READ.finditer(text)]
    yield from named
    if len(named) < len(_ANY.findall(text)):
        yield WHOLE


def _in_manifest(path: str, content: bytes) -> Iterator[Read]:
    table, findings = parse_toml(content, path)
    if findings:
        return
    lines = Lines(content.decode())
    for place, key, text in _texts({k: v for k, v in table.items() if k != "parameters"}, (), ""):
        for read in _keys(text) if _speaks(text) else ():
            where = ".".join([name for name, _ in place] + [key])
            yield Read(read, path, lines.find(place, key), key, f"pack.toml 的 {where}")


def _texts(node: Any, place: Place, key: str) -> Iterator[tuple[Place, str, str]]:
    """Yield every text of a table with the table and the key it stands under."""
    if isinstance(node, str):
        yield place, key, node
    elif isinstance(node, Mapping):
        inside = (*place, (key, 0)) if key else place
        for name, value in node.items():
            yield from _texts(value, inside, name)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            if isinstance(value, Mapping):
                for name, inner in value.items():
                    yield from _texts(inner, (*place, (key, index)), name)
            else:
                yield from _texts(value, place, key)


def _speaks(text: str) -> bool:
    """Tell a text that reads parameters from prose that merely has the word in it."""
    return "{{" in text or READ.search(text) is not None or re.search(r"\(\s*parameters\b", text) is not None


def _in_diagram(path: str, content: bytes) -> Iterator[Read]:
    try:
        root = read_xml(content, path)
    except ContentError:
        return
    for node in root.iter():
        for text in (*node.attrib.values(), node.text or ""):
            for key in _keys(text) if _speaks(text) else ():
                owner = _owner(node)
                label = owner.get("name") or owner.get("id") or "流程图"
                yield Read(key, path, node.sourceline, owner.get("id") or "", f"流程图“{_one_line(label)}”")


def _owner(node: Any) -> Any:
    """Return the drawn element that an attribute, expression or property belongs to."""
    while node.getparent() is not None:
        kind = node.tag.rpartition("}")[2]
        drawn = kind not in _NOT_DRAWN and not kind.endswith(("Expression", "EventDefinition"))
        if node.get("id") and drawn and not kind.startswith("time"):
            return node
        node = node.getparent()
    return node


def _in_form(path: str, content: bytes) -> Iterator[Read]:
    try:
        form = json.loads(content)
    except (ValueError, RecursionError):
        return
    lines = content.decode().splitlines()
    properties = form.get("properties") if isinstance(form, Mapping) else None
    title = properties.get("title") if isinstance(properties, Mapping) else None
    name = title if isinstance(title, str) and title else path.rpartition("/")[2].removesuffix(".json")
    yield from _in_component(path, _one_line(name), lines, form)


def _in_component(path: str, form: str, lines: list[str], node: Any) -> Iterator[Read]:
    inner = node.get("components") if isinstance(node, Mapping) else None
    own = {key: value for key, value in node.items() if key != "components"} if inner is not None else node
    element = str(own.get("key") or own.get("id") or "") if isinstance(own, Mapping) else ""
    label = f"表单“{form}”的“{_one_line(str(own.get('label') or element))}”" if element else f"表单“{form}”"
    for _, _, text in _texts(own, (), ""):
        for key in _keys(text) if _speaks(text) else ():
            yield Read(key, path, _line(lines, text), element, label)
    for component in inner if isinstance(inner, list) else ():
        if isinstance(component, Mapping):
            yield from _in_component(path, form, lines, component)


def _line(lines: list[str], text: str) -> int | None:
    written = (json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1])
    return next((n for n, line in enumerate(lines, 1) if any(one in line for one in written)), None)


def _in_template(path: str, content: bytes) -> Iterator[Read]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    name = path.rpartition("/")[2].rpartition(".")[0]
    noun = "打印模板" if path.startswith("templates/print/") else "消息模板"
    for block in _JINJA.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        for key in _keys(block[0]):
            yield Read(key, path, line, name, f"{noun}“{name}”")


def _one_line(text: str) -> str:
    """Return a name that is to stand in quotation marks; what is written out later is left open."""
    return " ".join(re.sub(r"\{\{.*?\}\}", "…", text).split())[:40]
