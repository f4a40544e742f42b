"""The print and message templates of the draft: which there are and what uses them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from zuozhen.engine import load_diagram
from zuozhen.model.errors import ContentError, NotFound
from zuozhen.packs import Pack
from zuozhen.packs.paths import COMMON
from zuozhen.services.context import Context
from zuozhen.services.studio import workspace
from zuozhen.services.studio.formfiles import form_entries

TemplateKind: TypeAlias = Literal["print", "message"]
_FOLDERS: Mapping[str, TemplateKind] = {"templates/print/": "print", "templates/message/": "message"}


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """One template. ``title`` is the form or register it prints, or the first line of the message."""

    key: str
    path: str
    kind: TemplateKind | Literal["form"]
    title: str
    uses: tuple[str, ...]
    changed: bool
    common: bool


def template_entries(context: Context, tenant: int) -> tuple[TemplateEntry, ...]:
    """Return all templates of the draft, print templates first."""
    entries = workspace.entries(context, tenant)
    files = {entry.path: entry.content for entry in entries}
    printed = _printed(context, tenant, files)
    sent = _sent(files, workspace.diagram_path(context, tenant))
    found = []
    for entry in entries:
        kind = next((kind for folder, kind in _FOLDERS.items() if entry.path.startswith(folder)), None)
        if kind is None or not entry.path.endswith((".html", ".txt")):
            continue
        key = entry.path.rpartition("/")[2].rpartition(".")[0]
        if kind == "print":
            title, users = printed.get(key, key), [printed[key]] if key in printed else []
        else:
            title = entry.content.decode(errors="replace").partition("\n")[0][:80].strip() or key
            users = sent.get(key, [])
        common = f"/{COMMON}/" in entry.path
        found.append(TemplateEntry(key, entry.path, kind, title, tuple(users), entry.changed, common))
    return tuple(sorted(found, key=lambda template: (template.kind != "print", template.key)))


def describe(context: Context, tenant: int, path: str) -> TemplateEntry:
    """Return one template, or a form that is to be edited as text.

    Raises:
        NotFound: the draft has no such file.
    """
    for entry in template_entries(context, tenant):
        if entry.path == path:
            return entry
    for form in form_entries(context, tenant):
        if form.path == path:
            uses = tuple(use.name for use in form.uses)
            return TemplateEntry(form.key, path, "form", form.title, uses, form.changed, form.common)
    raise NotFound("草稿中没有这个模板。", hint="请从模板列表中选择。")


def _printed(context: Context, tenant: int, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return what a print template prints, by its name."""
    titles = {form.key: form.title for form in form_entries(context, tenant)}
    with suppress(ContentError):  # the check tells what is wrong with the manifest
        titles |= {register.key: register.title for register in Pack.from_files(files).registers}
    return {"qr": "预约二维码", **titles}


def _sent(files: Mapping[str, bytes], diagram_path: str) -> dict[str, list[str]]:
    """Return the elements that send or publish a message, by the template's name."""
    sent: dict[str, list[str]] = {}
    try:
        elements = load_diagram(files.get(diagram_path, b"")).elements.values()
    except ContentError:
        return sent
    for element in elements:
        if key := element.properties.get("zz:template"):
            sent.setdefault(key, []).append(element.label)
    return sent
