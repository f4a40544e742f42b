"""Checks of texts that say by hand what the pack keeps elsewhere: the options of a list, a number of working days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import nodes

from zuozhen.formjs import FormDefinition
from zuozhen.formjs.components.choices import Options
from zuozhen.model.errors import Finding
from zuozhen.packs import Pack
from zuozhen.packs.paths import manifest_path
from zuozhen.packs.reader import parse_toml
from zuozhen.services.templatetrees import tree_of

_SHORTEST: Final = 4
"""Characters of a label below which it may stand in a text by chance."""
_FEWEST: Final = 3
"""Options below which a text may name some of a list by chance."""
_NUMBERED: Final = re.compile(r"^\d+[.．、]")
_MARKS: Final = re.compile(r"[\W_]+")
_DAYS: Final = re.compile(r"(?<![\d.])(\d{1,3})\s*个?\s*工作日")
_WORDS: Final = re.compile(
    r'"(?:label|description|text|print\.note[.0-9]*|[a-z.]+hint)": "([^=](?:[^"\\]|\\.)*)"'
)
_NUMBER: Final = re.compile(r'(?<![\w.":-])\d{1,3}(?![\w.:-])')
"""A number that stands for itself: no part of a word, a date, a time or a sentence."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that people read: where it stands (``line`` counts from 1) and what it says without its rules."""

    file: str
    line: int
    text: str


def check_texts(pack: Pack, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """Give texts that list the options of a table or choice, but not all, and days that are no rule's."""
    texts = list(_texts(pack))
    for name, labels in _lists(pack, forms):
        enough = sum(sorted(map(len, labels))[:_FEWEST])
        for said in texts:
            if len(said.text) >= enough:
                yield from _half_listed(said, name, labels)
    known = _numbers(pack)
    for said in texts:
        for days in sorted(_days(said.text) - known, key=int) if "工作日" in said.text else ():
            message = f"文字写着“{days}个工作日”，但流程图、表单和规则里没有{days}个工作日的期限"
            hint = (
                "请按现行规则改正；期限写成参数（[parameters]），文字写 {{ parameters.代号 }}，以后只改一处"
            )
            yield Finding("warning", "text-days", message, said.file, line=said.line, hint=hint)


@lru_cache(maxsize=4096)
def _days(text: str) -> frozenset[str]:
    return frozenset(_DAYS.findall(text))


def _half_listed(said: Said, name: str, labels: Sequence[str]) -> Iterator[Finding]:
    missing = _missing(said.text, tuple(labels))
    present = len(labels) - len(missing)
    if missing and present >= _FEWEST and present > len(missing):
        listed = "、".join(f"“{label}”" for label in missing[:3])
        message = f"文字逐条列出了{name}的 {present} 项，缺少{listed}"
        hint = "请与现行选项核对后补上或改正；模板里可写成循环或 {{ text.表单.项 }}，不必照抄"
        yield Finding("warning", "text-options", message, said.file, line=said.line, hint=hint)


@lru_cache(maxsize=16384)
def _missing(text: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the labels that a text does not have; an unchanged text of a draft is looked through once."""
    plain = _plain(text)
    return tuple(label for label in labels if _plain(label) not in plain)


def _lists(pack: Pack, forms: Mapping[str, FormDefinition]) -> Iterator[tuple[str, list[str]]]:
    """Give the closed lists whose labels are long enough to be known again in a text."""
    found = [(f"代码表“{name}”", list(table.values())) for name, table in pack.codes.items()]
    for form in forms.values():
        for field in form.fields.values():
            if isinstance(field, Options):
                labels = [label for _, label in field.static]
                found.append((f"表单“{form.title}”的“{field.title}”", labels))
    for name, labels in found:
        if len(labels) >= _FEWEST and all(len(_plain(label)) >= _SHORTEST for label in labels):
            yield name, labels


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """Return a text without its number and its marks: notices and tables differ in those."""
    return _MARKS.sub("", _NUMBERED.sub("", text))


# ---------------------------------------------------------------- what people read


def _texts(pack: Pack) -> Iterator[Said]:
    for path, content in sorted(pack.files.items()):
        if path.startswith("templates/"):
            yield from _in_template(path, content)
        elif path.startswith("forms/"):
            yield from _in_form(path, content)
    file = manifest_path(pack.slug)
    yield from _in_manifest(file, pack.files[file])


@lru_cache(maxsize=256)
def _in_template(path: str, content: bytes) -> tuple[Said, ...]:
    """Return what a template says whatever it is filled with, as one text at its first line."""
    tree = tree_of(content)
    if tree is None:
        return ()
    data = list(tree.find_all(nodes.TemplateData))
    if not data:
        return ()
    text = re.sub(r"<[^>]*>", "", "\n".join(node.data for node in data))
    return (Said(path, data[0].lineno, text),)


@lru_cache(maxsize=256)
def _in_form(path: str, content: bytes) -> tuple[Said, ...]:
    """Return the words of a form line by line: an editor writes each text on a line of its own."""
    lines = content.decode(errors="replace").splitlines()
    found = ((number, _WORDS.search(line)) for number, line in enumerate(lines, 1))
    return tuple(Said(path, number, match[1]) for number, match in found if match and "工作日" in match[1])


@lru_cache(maxsize=32)
def _in_manifest(path: str, content: bytes) -> tuple[Said, ...]:
    table, _ = parse_toml(content, path)
    lines = content.decode(errors="replace").splitlines()
    texts = _strings({key: value for key, value in table.items() if key not in ("codes", "parameters")})
    return tuple(Said(path, _line_of(text, lines), text) for text in texts)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for inner in node.values() if isinstance(node, Mapping) else node:
            yield from _strings(inner)


def _line_of(text: str, lines: Sequence[str]) -> int:
    first = text.strip().partition("\n")[0].replace('"', '\\"')
    return next((number for number, line in enumerate(lines, 1) if first in line or text in line), 1)


# ---------------------------------------------------------------- the numbers of rules


def _numbers(pack: Pack) -> frozenset[str]:
    """Return every number that an expression, a rule of the manifest or a parameter has."""
    found = set[str]()
    for path, content in pack.files.items():
        if path.endswith((".bpmn", ".json", ".toml")):
            found |= _of_rules(path, content)
    return frozenset(found)


@lru_cache(maxsize=256)
def _of_rules(path: str, content: bytes) -> frozenset[str]:
    text = content.decode(errors="replace")
    if path.endswith(".bpmn"):
        drawn = re.findall(r">([^<>]*)</", text) + re.findall(r'="(=[^"]*|[^"]*\([^"]*)"', text)
        rules = [each for each in drawn if not re.search(r"[\u4e00-\u9fff]{3}", each)]
    elif path.endswith(".json"):
        rules = re.findall(r'"=((?:[^"\\]|\\.)*)"', text) + re.findall(r'"(?:min|max)": (\d+)', text)
    else:
        lines = (line.partition("#")[0] for line in text.splitlines())
        rules = [_DAYS.sub("", line) for line in lines if re.search(r"[=(<>]", line)]
    return frozenset(number for rule in rules for number in _NUMBER.findall(rule))
