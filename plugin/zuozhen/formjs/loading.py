"""From form-js JSON to a :class:`FormDefinition`, or to all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from zuozhen.formjs.components import COMPONENTS, REFUSED, Answerable, Component, NestedGroup
from zuozhen.formjs.components.base import GRID
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.scope import Scope, settling_order
from zuozhen.formjs.components.showing import Text
from zuozhen.formjs.components.uploads import FilePicker
from zuozhen.formjs.definition import FormDefinition, FormRule
from zuozhen.formjs.expressions import Condition
from zuozhen.formjs.schema import Reader, Report, read_json
from zuozhen.model.errors import ContentError

NEWEST_SCHEMA = 19
MAXIMUM_COMPONENTS = 400
MAXIMUM_DEPTH = 6
FRESH, KEEP = "fresh", "keep"
"""What a form begins with when it was handed in before in the same case: not, or with its own answers."""

_KEY = re.compile(r"[A-Za-z_\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff]{0,63}")
_FORM_RULE = re.compile(r"rule\.([A-Za-z0-9_]+)")
_HEADING = re.compile(r"#\s+(.+)")


def load_form(source: bytes | str | Mapping[str, Any], *, key: str, file: str) -> FormDefinition:
    """Read one form; equal sources give the same object.

    Args:
        source: form-js JSON (schemaVersion up to 19), as text or parsed.
        key: the form's name in its pack, e.g. ``register``.
        file: where it comes from, relative to the pack's root; named in findings.

    Raises:
        ContentError: ``findings`` lists everything that is wrong, in Chinese, with place and remedy.
    """
    if isinstance(source, (bytes, str)):
        return _load_cached(source, key, file)
    try:
        text = json.dumps(source, ensure_ascii=False)
    except (RecursionError, TypeError, ValueError):
        text = ""
    return _load_cached(text, key, file)


@lru_cache(maxsize=512)
def _load_cached(source: bytes | str, key: str, file: str) -> FormDefinition:
    report = Report(file, "")
    raw = read_json(source, report)
    definition = None if raw is None else _Loader(report).load(raw, source, key)
    if definition is None or report.broken:
        errors = [str(finding) for finding in report.findings if finding.severity == "error"]
        more = f"（共 {len(errors)} 处）" if len(errors) > 1 else ""
        raise ContentError(
            f"表单 {key} 无法使用{more}：{errors[0]}", report.findings, hint="请在表单编辑器中修改后重新保存"
        )
    return definition


class _Loader:
    """Walks the tree of one form once; holds what must be unique in it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.ids: set[str] = set()
        self.count = 0

    def load(self, raw: Mapping[str, Any], source: bytes | str, key: str) -> FormDefinition:
        reader = Reader(raw, "", self.report)
        self._check_head(reader)
        properties = reader.properties()
        components, scope = self._container(reader, (), "", depth=1)
        rules = self._rules(Reader(properties, "", self.report), scope)
        return FormDefinition(
            key=key,
            file=self.report.file,
            title=properties.get("title") or _heading(components) or key,
            components=components,
            scope=scope,
            rules=rules,
            sha256=hashlib.sha256(source if isinstance(source, bytes) else source.encode()).hexdigest(),
            properties=properties,
            findings=tuple(self.report.findings),
            keeps=self._keeps(reader, properties),
        )

    def _keeps(self, reader: Reader, properties: Mapping[str, str]) -> bool:
        """Return whether the form, opened again, begins with what was handed in with it before."""
        wanted = properties.get("prefill", FRESH)
        if wanted not in (FRESH, KEEP):
            reader.error(
                "form-prefill",
                f"再次填写时的做法“{wanted}”不认识",
                f"请填 {FRESH}（从空白开始）或 {KEEP}（带出上次填写的内容）",
            )
        return wanted == KEEP

    def _check_head(self, reader: Reader) -> None:
        if reader.raw.get("type") != "default":
            reader.error("form-type", "这不是表单文件（type 应为 default）", "请上传表单编辑器导出的文件")
        version = reader.whole("schemaVersion", 1, 1_000)
        if version is not None and version > NEWEST_SCHEMA:
            reader.error(
                "form-version",
                f"表单版本 {version} 比系统支持的 {NEWEST_SCHEMA} 新",
                "请用系统自带的表单编辑器重新保存，或升级系统",
            )
        if not isinstance(reader.raw.get("components"), list):
            reader.error("form-type", "表单没有组件列表（components）", "请上传表单编辑器导出的文件")

    def _container(
        self, reader: Reader, guards: tuple[Condition, ...], prefix: str, *, depth: int
    ) -> tuple[tuple[Component, ...], Scope]:
        """Read the components within a form or composite: the tree, and the fields side by side in it."""
        fields: list[Answerable] = []
        components = self._components(reader, guards, prefix, fields, depth)
        ordered, circle = settling_order(fields)
        if circle:
            names = "、".join(f"“{field.title}”" for field in circle)
            self.report.error(
                "form-circle",
                f"{names}的显示条件或计算互相依赖，无法确定先后",
                element=circle[0].path,
                hint="请去掉其中一个条件",
            )
        return components, Scope(tuple(fields), ordered)

    def _components(
        self, reader: Reader, guards: tuple[Condition, ...], prefix: str, fields: list[Answerable], depth: int
    ) -> tuple[Component, ...]:
        if depth > MAXIMUM_DEPTH:
            reader.error("form-limit", f"分组最多嵌套 {MAXIMUM_DEPTH} 层", "请减少分组的层数")
            return ()
        found = []
        for raw in reader.items("components"):
            self.count += 1
            if self.count > MAXIMUM_COMPONENTS:
                reader.error("form-limit", f"表单最多 {MAXIMUM_COMPONENTS} 个组件", "请拆成几个表单")
                break
            component = self._component(raw, guards, prefix, fields, depth)
            if component is not None:
                found.append(component)
        self._check_rows(found)
        return tuple(found)

    def _component(
        self, raw: Any, guards: tuple[Condition, ...], prefix: str, fields: list[Answerable], depth: int
    ) -> Component | None:
        if not isinstance(raw, Mapping):
            self.report.error("form-type", "组件列表中有一项不是组件", hint="请用表单编辑器重新保存")
            return None
        reader = Reader(raw, _name(raw, prefix), self.report)
        kind = self._kind(reader)
        if kind is None:
            return None
        component = kind(reader)
        self._check_id(component, reader)
        component.guards = (*guards, component.hide) if component.hide else guards
        if isinstance(component, Answerable):
            self._claim_key(component, reader, prefix, fields)
        if isinstance(component, Composite):
            self._fill_composite(component, reader, prefix, depth)
        elif component.container:
            component.children = self._components(reader, component.guards, prefix, fields, depth + 1)
        return component

    def _kind(self, reader: Reader) -> type[Component] | None:
        name = reader.text("type", limit=100)
        if name in REFUSED:
            reader.error("form-refused", f"不支持的组件“{name}”", REFUSED[name])
            return None
        kind = COMPONENTS.get(name)
        if kind is None:
            reader.error("form-unknown", f"未知的组件类型“{name}”", "请在表单编辑器中删除或更换该组件")
            return None
        if name == "group" and reader.text("path", limit=100):
            return NestedGroup
        return kind

    def _check_id(self, component: Component, reader: Reader) -> None:
        if component.id and component.id in self.ids:
            reader.error("form-id", f"组件编号 {component.id} 重复", "请删除重复的组件后重新添加")
        self.ids.add(component.id)

    def _claim_key(
        self, component: Answerable, reader: Reader, prefix: str, fields: list[Answerable]
    ) -> None:
        component.path = prefix + component.key
        if not _KEY.fullmatch(component.key):
            reader.error(
                "form-key",
                f"“{component.title}”的字段名“{component.key}”不可用",
                "字段名由字母、数字、下划线或汉字组成，不以数字开头，最多 64 个字",
            )
            return
        if any(component.key == other.key for other in fields):
            reader.error("form-key", f"字段名 {component.key} 重复", "请为每个字段取不同的字段名")
            return
        if prefix and isinstance(component, FilePicker):
            reader.error("form-nesting", "“附件”不能放在动态列表或带路径的分组中", "请把附件移到表单最外层")
        fields.append(component)

    def _fill_composite(self, component: Composite, reader: Reader, prefix: str, depth: int) -> None:
        if prefix:
            reader.error(
                "form-nesting", "动态列表或带路径的分组不能互相嵌套", "请移到最外层，或去掉分组的路径"
            )
            return
        inner = f"{component.key}."
        component.children, component.scope = self._container(reader, (), inner, depth=depth + 1)
        if isinstance(component, DynamicList) and not component.scope.fields:
            reader.error("form-nesting", "动态列表中没有字段", "请在列表中添加字段，或删除该列表")

    def _check_rows(self, components: Sequence[Component]) -> None:
        width: dict[str, int] = {}
        for component in components:
            if component.row:
                width[component.row] = width.get(component.row, 0) + (component.columns or 1)
                if width[component.row] > GRID >= width[component.row] - (component.columns or 1):
                    self.report.error(
                        "form-layout",
                        f"同一行的组件总宽超过 {GRID} 列",
                        element=component.path or component.id,
                        hint="请在表单编辑器中调整该行各组件的宽度",
                    )

    def _rules(self, properties: Reader, scope: Scope) -> tuple[FormRule, ...]:
        found = []
        for name in sorted(properties.raw):
            if not _FORM_RULE.fullmatch(name):
                continue
            rule = properties.rule(name)
            field = properties.text(f"{name}.field")
            if field and field not in scope.keys:
                properties.error("form-rule", f"规则 {name} 指向的字段 {field} 不存在", "请修改规则的 field")
            message = properties.text(f"{name}.message")
            if not message:
                properties.error("form-rule", f"规则 {name} 没有提示文字", f"请补充属性 {name}.message")
            if rule is not None:
                found.append(FormRule(rule, message, field))
        return tuple(found)


def _name(raw: Mapping[str, Any], prefix: str) -> str:
    for name in ("key", "path", "id"):
        if isinstance(raw.get(name), str) and raw[name]:
            return prefix + str(raw[name])[:100]
    return prefix.rstrip(".")


def _heading(components: Sequence[Component]) -> str:
    """Return the first level-one heading in the form's texts."""
    for component in components:
        if isinstance(component, Text) and (match := _HEADING.match(component.text.plain())):
            return match[1].strip()
    return ""
