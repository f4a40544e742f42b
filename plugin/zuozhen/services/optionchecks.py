"""Checks of what names options of a choice one by one: figures, filters, numbers, messages and prints.

An option that is added later counts in none of them, and nothing says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Final, TypeAlias

from jinja2 import nodes

from zuozhen.feel import parse, syntax
from zuozhen.model.errors import FeelError, Finding
from zuozhen.model.types import Type, join
from zuozhen.packs.paths import manifest_path
from zuozhen.services.packtypes import PackTypes
from zuozhen.services.templatetrees import tree_of

Path: TypeAlias = str
"""A field as it is read: ``accept.decision``."""
_MOST: Final = 12
"""Options of a choice beyond which nobody means to name all of them."""


@dataclass
class Named:
    """The options of one choice that an expression or a template names: ``asked`` by ``=``, ``other`` otherwise."""

    asked: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)

    def silent(self, options: frozenset[str]) -> frozenset[str]:
        """Return the options that are named nowhere."""
        return options - self.asked - self.other - {""}


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of the manifest: ``section`` it belongs to, how people call it, its key and its text."""

    section: str
    place: str
    key: str
    text: str


def check_options(types: PackTypes) -> Iterator[Finding]:
    """Give what names several options of a choice and leaves others out."""
    yield from _of_manifest(types)
    yield from _of_templates(types)


# ---------------------------------------------------------------- pack.toml


def _of_manifest(types: PackTypes) -> Iterator[Finding]:
    file = manifest_path(types.pack.slug)
    splits: dict[str, list[tuple[Rule, dict[Path, Named]]]] = defaultdict(list)
    for rule in _rules(types):
        splits[rule.section].append((rule, named_in(rule.text)))
    for section, rules in splits.items():
        by_path: dict[Path, list[tuple[Rule, Named]]] = defaultdict(list)
        for rule, found in rules:
            for path, named in found.items():
                by_path[path].append((rule, named))
        for path, uses in by_path.items():
            options = _options(types.facts, path)
            if options:
                yield from _left_out(file, section, path, options, uses)


def _left_out(
    file: str, section: str, path: Path, options: frozenset[str], uses: list[tuple[Rule, Named]]
) -> Iterator[Finding]:
    whole = Named(
        set().union(*(named.asked for _, named in uses)), set().union(*(named.other for _, named in uses))
    )
    silent = whole.silent(options)
    kept = {frozenset(named.asked) for _, named in uses if named.asked}
    apart = len(kept) > 1 and not whole.other
    several = any(len(named.asked) > 1 for _, named in uses) and len(silent) > 1
    if not silent or not (apart or several):
        return
    rule = next(rule for rule, named in uses if named.asked)
    listed = "、".join(f"“{option}”" for option in sorted(silent))
    message = f"{section}按“{path}”的选项分别统计（如{rule.place}），没有数到选项{listed}"
    hint = f'请补上；确实不计的，在条件里写明，例如 {path} != "{min(silent)}"'
    yield Finding("warning", "figure-options", message, file, rule.key, hint=hint)


def _rules(types: PackTypes) -> Iterator[Rule]:
    pack = types.pack
    for report in pack.reports:
        for figure in report.figures:
            yield Rule(
                f"报告“{report.title}”", f"“{figure.label}”", report.key, f"{figure.where or figure.value}"
            )
    for register in pack.registers:
        section = f"清单“{register.title}”"
        yield Rule(f"{section}的筛选条件", "筛选条件", register.key, register.filter)
        for column in register.columns:
            yield Rule(f"{section}的列“{column.label}”", f"“{column.label}”", register.key, column.value)
        for choice in register.filters:
            yield Rule(f"{section}的筛选项“{choice.label}”", f"“{choice.label}”", register.key, choice.value)
    for name, numbering in pack.numberings.items():
        yield Rule(f"编号“{name}”", "条件", name, numbering.when)
    for quota in pack.quotas:
        yield Rule(f"次数要求“{quota.name}”", "筛选条件", quota.name, quota.filter)


@lru_cache(maxsize=2048)
def _tree(text: str) -> syntax.Node | None:
    try:
        return parse(text) if text.strip() else None
    except FeelError:
        return None  # said by the check of formulas


def named_in(text: str) -> dict[Path, Named]:
    """Return the texts that each path is compared with in FEEL."""
    found: dict[Path, Named] = defaultdict(Named)
    tree = _tree(text)
    for node in _every(tree) if tree is not None else ():
        if isinstance(node, syntax.Compare):
            for target, constant in ((node.left, node.right), (node.right, node.left)):
                path = path_of(target)
                if path and isinstance(constant, syntax.Constant) and isinstance(constant.value, str):
                    kept = found[path].asked if node.operator == "=" else found[path].other
                    kept.add(constant.value)
        elif isinstance(node, syntax.In) and (path := path_of(node.value)):
            found[path].asked |= {
                each.value
                for test in node.tests
                for each in _every(test)
                if isinstance(each, syntax.Constant) and isinstance(each.value, str)
            }
    return found


def path_of(node: syntax.Node) -> Path:
    """Return a name or ``form.field`` as it is written; empty for anything else."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Path) and isinstance(node.target, syntax.Name):
        return f"{node.target.name}.{node.name}"
    return ""


def _every(node: Any) -> Iterator[syntax.Node]:
    """Give a node and all that is below it."""
    if isinstance(node, tuple):
        for each in node:
            yield from _every(each)
    elif isinstance(node, syntax.Node):
        yield node
        for each in fields(node):
            yield from _every(getattr(node, each.name))


def _options(known: Mapping[str, Type], path: Path) -> frozenset[str]:
    """Return the options of the field of this path; empty if it is no closed choice, or a very long one."""
    name, _, inner = path.partition(".")
    found = known.get(name)
    if found is not None and inner:
        found = found.entry(inner)
    values = found.values if found is not None and found.kind == "string" else None
    return values if values is not None and len(values) <= _MOST else frozenset()


# ---------------------------------------------------------------- messages and prints


def _of_templates(types: PackTypes) -> Iterator[Finding]:
    pack = types.pack
    variables = _variables(types)
    for key, path in (*pack.print_templates.items(), *pack.message_templates.items()):
        own = types.fields.get(key, {}) if path.startswith("templates/print/") else {}
        for place, named, line, whole in _asked(pack.files[path]):
            root, _, rest = place.partition(".")
            inner = rest.partition(".")[2] or rest
            form = rest.partition(".")[0] if "." in rest else ""
            if root == "d" and not form:
                options = _options(own, inner)
            elif root == "variables":
                options = _options(variables, inner)
            else:
                options = _options(types.facts, f"{form}.{inner}") if form else frozenset()
            mentioned = named & options
            silent = options - mentioned - {""}
            if len(mentioned) > 1 and silent and not whole:
                listed = "、".join(f"“{option}”" for option in sorted(silent))
                message = f"模板按“{place}”的选项分别写了文字，没有写选项{listed}，选它时这里是空的"
                hint = "请补上 elif，或加 else；要照选项的名称写，用 t.项 或 text.表单.项"
                yield Finding("warning", "template-options", message, path, line=line, hint=hint)


def _variables(types: PackTypes) -> Mapping[str, Type]:
    """Return the variables that are choices wherever a form sets them: enough here, and known at no cost."""
    found: dict[str, Type] = {}
    for answers in types.fields.values():
        for name, kind in answers.items():
            found[name] = join(found.get(name, kind), kind)
    return found


@lru_cache(maxsize=512)
def _asked(content: bytes) -> tuple[tuple[str, frozenset[str], int, bool], ...]:
    """Return (field, texts named anywhere, line, whether there is something for all others) of a template."""
    tree = tree_of(content)
    if tree is None:
        return ()
    texts = frozenset(each.value for each in tree.find_all(nodes.Const) if isinstance(each.value, str))
    shown = {each.attr for each in _printed(tree)}
    rest = {place for chain in tree.find_all(nodes.If) if chain.else_ for place in _places(chain)}
    found: dict[str, int] = {}
    for compare in tree.find_all(nodes.Compare):
        if place := place_of(compare.expr):
            found.setdefault(place, compare.lineno)
    for item in tree.find_all(nodes.Getitem):
        if (place := place_of(item.arg)) and _is_dict(item.node, tree):
            found.setdefault(place, item.lineno)
    return tuple(
        (place, texts, line, place in rest or place.rpartition(".")[2] in shown)
        for place, line in found.items()
    )


def _places(chain: nodes.If) -> Iterator[str]:
    for test in (chain.test, *(branch.test for branch in chain.elif_)):
        compares: Iterable[nodes.Compare] = (
            [test] if isinstance(test, nodes.Compare) else test.find_all(nodes.Compare)
        )
        for compare in compares:
            if place := place_of(compare.expr):
                yield place


def _printed(tree: nodes.Template) -> Iterator[nodes.Getattr]:
    """Give what is put out as people call it: ``t.field``, ``text.form.field``."""
    for each in tree.find_all(nodes.Getattr):
        base = each.node
        while isinstance(base, nodes.Getattr):
            if base.attr == "text":
                yield each
            base = base.node
        if isinstance(base, nodes.Name) and base.name in ("t", "text"):
            yield each


def _is_dict(node: nodes.Node, tree: nodes.Template) -> bool:
    if isinstance(node, nodes.Dict):
        return True
    if not isinstance(node, nodes.Name):
        return False
    return any(
        isinstance(each.target, nodes.Name)
        and each.target.name == node.name
        and isinstance(each.node, nodes.Dict)
        for each in tree.find_all(nodes.Assign)
    )


def place_of(node: nodes.Node) -> str:
    """Return ``d.field``, ``data.form.field``, ``variables.name`` as it is written; empty for anything else."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name) or node.name not in ("d", "data", "variables") or not names:
        return ""
    return ".".join([node.name, *reversed(names)])
