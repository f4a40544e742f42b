"""Files that come from outside: a whole pack as a zip, or single diagrams and forms from an editor.

An upload waits as the person's autosave until it is taken over into the draft.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from zuozhen.model.errors import ContentError, Finding, Invalid, NotFound
from zuozhen.packs import bundle, unbundle
from zuozhen.packs.bundle import fingerprint
from zuozhen.packs.diagram import process_ids
from zuozhen.packs.paths import path_mistake
from zuozhen.services.actors import Actor
from zuozhen.services.checkinghere import check_here
from zuozhen.services.context import Context
from zuozhen.services.studio import autosaves, workspace
from zuozhen.services.studio.draftpaths import check_pack
from zuozhen.services.studio.naming import title_of
from zuozhen.services.studio.scenariofile import path_of
from zuozhen.store.studiofiles import NEVER

ZIP: Final = b"PK"
DIAGRAMS: Final = frozenset({".bpmn", ".xml"})
FORMS: Final = frozenset({".form", ".json"})
SCENARIOS: Final = "scenarios.toml"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was handed in: the name it had there, and its bytes."""

    name: str
    content: bytes


def merged(slug: str, diagram: str, files: Mapping[str, bytes], uploads: list[Upload]) -> dict[str, bytes]:
    """Return ``files`` with the uploaded ones in their places.

    A zip is a whole pack and takes the place of everything; other files are a diagram (it replaces the one at
    path ``diagram``), forms (known by their id, else by the file's name) and the table of scenarios.

    Raises:
        ContentError: a zip that cannot be read, a diagram of another procedure; findings name the file.
        Invalid: a file that is none of these, or another jurisdiction's pack.
    """
    if any(upload.content.startswith(ZIP) for upload in uploads):
        if len(uploads) > 1:
            raise Invalid("压缩包已是整套内容，请单独上传。")
        wanted = unbundle(uploads[0].content)
        check_pack(slug, wanted)
        return wanted
    result = dict(files)
    for upload in uploads:
        suffix = PurePosixPath(upload.name).suffix.lower()
        if suffix in DIAGRAMS:
            _check_processes(upload, files.get(diagram, b""))
            result[diagram] = upload.content
        elif suffix in FORMS:
            result[_form_path(slug, upload, files)] = upload.content
        elif PurePosixPath(upload.name).name == SCENARIOS:
            result[path_of(slug)] = upload.content
        else:
            raise Invalid(
                f"不认识的文件“{upload.name[:80]}”。",
                hint="可以上传导出的压缩包（.zip）、流程图（.bpmn）、表单（.form、.json）和情景（scenarios.toml）。",
            )
    check_pack(slug, result)
    return result


def _check_processes(upload: Upload, present: bytes) -> None:
    """Refuse a diagram that has none of the processes of the one it would replace."""
    new, findings = process_ids(upload.content, upload.name)
    if findings:
        raise ContentError("流程图无法读取。", findings)
    old, _ = process_ids(present, "")
    if not new & old:
        message = f"流程图中没有本地区的流程（{'、'.join(sorted(old)) or '无'}）"
        hint = "流程的 id 不能改动；请从本系统下载流程图后再修改。"
        raise ContentError(message, [Finding("error", "process-id", message, file=upload.name, hint=hint)])


def _form_path(slug: str, upload: Upload, files: Mapping[str, bytes]) -> str:
    """Return where a form belongs: the form of the same key (schema id without ``Form_``, else file name)."""
    stem = PurePosixPath(upload.name).stem
    keys = [stem]
    try:
        schema = json.loads(upload.content)
    except (ValueError, RecursionError) as error:
        message = f"表单文件“{upload.name[:80]}”不是 JSON"
        raise ContentError(message, [Finding("error", "form", message, file=upload.name)]) from error
    if isinstance(schema, dict) and isinstance(schema.get("id"), str):
        keys = [schema["id"], schema["id"].removeprefix("Form_"), stem]
    paths = [f"forms/{slug}/{key}.json" for key in keys]
    path = next((path for path in paths if path in files), paths[-1])
    if mistake := path_mistake(path):
        raise Invalid(f"表单文件“{upload.name[:80]}”不能保存：{mistake}。")
    return path


# ---------------------------------------------------------------- waiting to be taken over


def receive(context: Context, actor: Actor, uploads: list[Upload]) -> None:
    """Keep what the draft would be after the import; the person's last upload goes.

    Raises:
        ContentError, Invalid: as ``merged``; nothing is kept.
    """
    tenant = actor.tenant
    slug, files = workspace.slug(context, tenant), workspace.files(context, tenant)
    wanted = merged(slug, workspace.diagram_path(context, tenant), files, uploads)
    with context.database.write() as session:
        autosaves.keep(context, session, actor, workspace.IMPORT, bundle(wanted), NEVER)


def received(context: Context, actor: Actor) -> dict[str, bytes]:
    """Return the files that wait to be taken over.

    Raises:
        NotFound: nothing waits.
    """
    kept = workspace.own_autosave(context, actor, workspace.IMPORT)
    if kept is None:
        raise NotFound("没有等待导入的内容。", hint="请先上传文件。")
    return unbundle(kept.content)


@dataclass(frozen=True, slots=True)
class ImportView:
    """What waits to be taken over beside the draft of fingerprint ``shown``.

    ``changed`` are (path, title, what happens to it: added, changed or removed).
    """

    shown: str
    changed: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]


def import_view(context: Context, actor: Actor) -> ImportView:
    """Return what the import would change in the draft, and what the check says of the outcome.

    Raises:
        NotFound: nothing waits.
    """
    wanted, files = received(context, actor), workspace.files(context, actor.tenant)
    named = {**files, **wanted}
    changed = tuple(
        (
            path,
            title_of(path, named),
            "added" if path not in files else "changed" if path in wanted else "removed",
        )
        for path in sorted(named)
        if files.get(path) != wanted.get(path)
    )
    return ImportView(fingerprint(files), changed, check_here(context, wanted, actor.tenant))


def take_over(context: Context, actor: Actor, *, shown: str, note: str) -> tuple[str, ...]:
    """Make the draft what waits to be taken over; returns the paths that changed.

    Raises:
        NotFound: nothing waits. Conflict: the draft is not the one of fingerprint ``shown`` any more.
    """
    changed = workspace.save_all(
        context, actor, received(context, actor), shown=shown, note=note.strip() or "导入"
    )
    workspace.drop_autosave(context, actor, workspace.IMPORT)
    return changed
