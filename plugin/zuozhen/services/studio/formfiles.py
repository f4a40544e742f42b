"""The forms of the draft: which there are, where the diagram uses them, adding and deleting one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from zuozhen.engine import Diagram, Element, load_diagram
from zuozhen.formjs import load_form
from zuozhen.model.errors import Conflict, ContentError, Finding, Invalid, NotFound, Problem
from zuozhen.packs import ENTERPRISE, Pack
from zuozhen.packs.paths import COMMON
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace

Audience: TypeAlias = Literal["staff", "enterprise"]

LONGEST_TITLE = 60
SHOWN_CODES = 3
"""Labels of a code list that name it in a drop-down."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_REFERENCE = re.compile(r'formRef="([^"]{1,100})"')
_KINDS: Mapping[str, str] = {"startEvent": "发起", "userTask": "办理", "boundaryEvent": "人工操作"}


@dataclass(frozen=True, slots=True)
class FormUse:
    """One place that shows a form: an element of the diagram, or a register (``element`` is empty then)."""

    element: str
    name: str
    what: str
    audience: Audience = "staff"


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form of the draft. ``attachment`` is its printed number (附件2); ``findings`` are its mistakes.

    ``template`` is the path of its own print template; without one the paper follows the form by itself.
    """

    key: str
    path: str
    title: str
    attachment: str
    fields: int
    uses: tuple[FormUse, ...]
    findings: tuple[Finding, ...]
    rev: int
    changed: bool
    common: bool
    template: str = ""

    @property
    def audience(self) -> Audience:
        """Who fills it in, as far as the diagram says."""
        return self.uses[0].audience if self.uses else "staff"


def form_path(files: Mapping[str, bytes], slug: str, key: str) -> str:
    """Return where a form lies: the pack's own folder wins over the common one; a new one is the pack's own."""
    own, common = f"forms/{slug}/{key}.json", f"forms/{COMMON}/{key}.json"
    return common if common in files and own not in files else own


def form_keys(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the keys of all forms among the files."""
    return frozenset(
        path.rpartition("/")[2].removesuffix(".json")
        for path in files
        if path.startswith("forms/") and path.endswith(".json")
    )


def form_entries(context: Context, tenant: int) -> tuple[FormEntry, ...]:
    """Return all forms of the draft: those with an attachment number first, then by title."""
    slug = workspace.slug(context, tenant)
    known = {entry.path: entry for entry in workspace.entries(context, tenant)}
    files = {path: entry.content for path, entry in known.items()}
    uses = form_uses(files, workspace.diagram_path(context, tenant))
    found = []
    for key in form_keys(files):
        entry = known[form_path(files, slug, key)]
        common = entry.path.startswith(f"forms/{COMMON}/")
        form = _entry(key, entry, tuple(uses.get(key, ())), common)
        found.append(replace(form, template=_template(files, slug, key)))
    return tuple(sorted(found, key=lambda form: (not form.attachment, form.attachment, form.title, form.key)))


def form_entry(context: Context, tenant: int, key: str) -> FormEntry:
    """Return one form of the draft.

    Raises:
        NotFound: there is none of this name.
    """
    for entry in form_entries(context, tenant):
        if entry.key == key:
            return entry
    raise NotFound(
        f"草稿中没有表单“{key[:60]}”。", hint="请从表单列表中选择；刚删除的表单可在修改记录中找回。"
    )


def form_uses(files: Mapping[str, bytes], diagram_path: str) -> dict[str, list[FormUse]]:
    """Return by form key where a form is used; a diagram that cannot be read still tells which forms it names."""
    uses: dict[str, list[FormUse]] = {}
    source = files.get(diagram_path, b"")
    try:
        pack: Pack | None = Pack.from_files(files)
    except ContentError:  # the check tells what is wrong with the manifest
        pack = None
    registration = pack.processes.get("case", "") if pack is not None else ""
    try:
        for element in _elements(load_diagram(source)):
            use = FormUse(
                element.id, element.label, _KINDS.get(element.kind, "操作"), _audience(element, registration)
            )
            uses.setdefault(element.form_key, []).append(use)
    except ContentError:
        for key in dict.fromkeys(_REFERENCE.findall(source.decode(errors="replace"))):
            uses[key] = [FormUse("", "流程图（暂时无法读取）", "引用")]
    for register in pack.registers if pack is not None else ():
        if register.form:
            uses.setdefault(register.form, []).append(FormUse("", register.title, "清单"))
    return uses


def new_form(context: Context, actor: Actor, key: str, title: str, *, copy_of: str = "") -> str:
    """Add a form, empty or as a copy of another one; returns its key.

    Raises:
        Invalid: key or title cannot be used, with the fields at fault. Conflict: the key is taken.
    """
    title = " ".join(title.split())
    problems = tuple(_mistakes(key, title))
    if problems:
        raise Invalid("表单没有建立，请改正后再提交。", problems)
    files = workspace.files(context, actor.tenant)
    slug = workspace.slug(context, actor.tenant)
    if key in form_keys(files):
        raise Conflict(f"已有名为“{key}”的表单。", hint="请另取一个英文名称。")
    content = _copied(files, slug, copy_of) if copy_of else _blank()
    content = {**content, "id": f"Form_{key}", "properties": {**_properties(content), "title": title}}
    path = f"forms/{slug}/{key}.json"
    rev = workspace.rev_of(context, actor.tenant, path)
    workspace.save_file(context, actor, path, written(content), rev=rev, note=f"新建表单“{title}”")
    return key


def delete_form(context: Context, actor: Actor, key: str, *, rev: int) -> FormEntry:
    """Delete a form that nothing uses; returns what it was.

    Raises:
        Conflict: something uses it, and the message says what; or a colleague has just saved it.
    """
    entry = form_entry(context, actor.tenant, key)
    if entry.uses:
        places = "、".join(f"“{use.name}”（{use.what}）" for use in entry.uses)
        raise Conflict(
            f"表单“{entry.title}”正在使用，没有删除：{places}。", hint="请先在流程图或清单中换用别的表单。"
        )
    workspace.save_file(context, actor, entry.path, None, rev=rev, note=f"删除表单“{entry.title}”")
    return entry


def written(content: Mapping[str, Any]) -> bytes:
    """Return a form as the text of its file, as the editor writes it."""
    return f"{json.dumps(content, ensure_ascii=False, indent=2)}\n".encode()


def _entry(key: str, file: workspace.DraftFile, uses: tuple[FormUse, ...], common: bool) -> FormEntry:
    findings: Sequence[Finding]
    title, attachment, fields = key, "", 0
    try:
        form = load_form(file.content, key=key, file=file.path)
        title, findings, fields = form.title, form.findings, len(form.scope.fields)
        attachment = form.properties.get("print.attachment", "")
    except ContentError as error:
        findings = error.findings
    return FormEntry(
        key, file.path, title, attachment, fields, uses, tuple(findings), file.rev, file.changed, common
    )


def _template(files: Mapping[str, bytes], slug: str, key: str) -> str:
    paths = (f"templates/print/{folder}/{key}.html" for folder in (slug, COMMON))
    return next((path for path in paths if path in files), "")


def _elements(diagram: Diagram) -> list[Element]:
    return [element for element in diagram.elements.values() if element.form_key]


def _audience(element: Element, registration: str) -> Audience:
    """Return who fills in the form of an element; ``registration`` is the process that enterprises start."""
    starts = element.kind == "startEvent" and element.process_id == registration
    is_theirs = starts or ENTERPRISE in (element.group, element.properties.get("zz:trigger"))
    return "enterprise" if is_theirs else "staff"


def _mistakes(key: str, title: str) -> list[Problem]:
    problems = []
    if not _KEY.fullmatch(key):
        mistake = "由小写字母、数字和下划线组成，以字母开头，最多 40 个字符，如 legal_review"
        problems.append(Problem("key", "英文名称", mistake))
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        problems.append(Problem("title", "表单名称", f"请填写 1 至 {LONGEST_TITLE} 个字"))
    return problems


def _blank() -> dict[str, Any]:
    return {"type": "default", "id": "", "schemaVersion": 19, "properties": {}, "components": []}


def _copied(files: Mapping[str, bytes], slug: str, key: str) -> dict[str, Any]:
    source = files.get(form_path(files, slug, key))
    if source is None:
        raise NotFound(f"草稿中没有表单“{key[:60]}”，无法复制。")
    load_form(source, key=key, file=form_path(files, slug, key))
    content: dict[str, Any] = json.loads(source.decode("utf-8-sig"))
    return content


def _properties(content: Mapping[str, Any]) -> Mapping[str, Any]:
    found = content.get("properties")
    return found if isinstance(found, Mapping) else {}


def option_lists(context: Context, tenant: int) -> tuple[tuple[str, str], ...]:
    """Return (name, label) of the lists that a field can take its choices from."""
    lists = [("units", "单位"), ("channels", "受理渠道"), ("clinics", "近期场次")]
    try:
        codes = Pack.from_files(workspace.files(context, tenant)).codes
    except ContentError:
        codes = {}
    for name, values in codes.items():
        labels = list(values.values())
        more = "等" if len(labels) > SHOWN_CODES else ""
        lists.append((name, f"{name}（{'、'.join(labels[:SHOWN_CODES])}{more}）"))
    return tuple(lists)
