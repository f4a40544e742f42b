"""Verifies a dossier: nothing changed, missing or added, every form readable, the history unbroken."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from zuozhen.documents.checks import check_pdf
from zuozhen.documents.dossier import CASE, EVENTS, FIRST_LINK, MANIFEST, SCHEMA, VOLUME, digests, event_hash

EventHash: TypeAlias = Callable[[str, Mapping[str, Any]], str]
"""From the hash of the event before (hex) and an exported event to the event's hash (hex)."""

SIZE_LIMIT = 1 << 30
FILE_LIMIT = 5_000
REQUIRED = (CASE, EVENTS, VOLUME)


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found; ``problems`` in Chinese, empty when the dossier is sound."""

    number: str
    title: str
    files: int
    events: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing was found."""
        return not self.problems


class _Unreadable(Exception):
    """The dossier is broken so badly that nothing more can be checked."""


def verify_dossier(data: bytes, *, event_hash_of: EventHash = event_hash, head: str | None = None) -> Report:
    """Check a dossier made by ``build_dossier``; never raises for a damaged or hostile file.

    ``event_hash_of`` recomputes the hash of an event (default: the documented rule); ``head`` is the last
    hash as kept elsewhere, so that a dossier rewritten as a whole is found out as well.
    """
    try:
        contents = _read(data)
        manifest = _json_object(contents, MANIFEST, "卷内文件清单")
    except _Unreadable as error:
        return Report("", "", 0, 0, (str(error),))
    problems = [*_manifest_problems(manifest, contents), *_pdf_problems(contents)]
    events: list[Any] = []
    try:
        history = _json_object(contents, EVENTS, "办理过程记录")
        found = history.get("events")
        events = found if isinstance(found, list) else []
        problems += _chain_problems(history, events, event_hash_of, head)
        _json_object(contents, CASE, "办件数据")
    except _Unreadable as error:
        problems.append(str(error))
    number, title = (str(manifest.get(key, "")) for key in ("number", "title"))
    return Report(number, title, len(contents), len(events), tuple(dict.fromkeys(problems)))


def _read(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > FILE_LIMIT or sum(info.file_size for info in infos) > SIZE_LIMIT:
                raise _Unreadable("卷宗文件过大或文件过多，未作检查。")
            names = [info.filename for info in infos]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise _Unreadable(f"卷宗内有重名文件：{'、'.join(twice[:5])}")
            return {info.filename: archive.read(info) for info in infos if not info.is_dir()}
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _Unreadable(f"卷宗不是完好的 zip 文件：{str(error)[:100]}") from error


def _json_object(contents: Mapping[str, bytes], path: str, title: str) -> dict[str, Any]:
    if path not in contents:
        raise _Unreadable(f"缺少{title}（{path}）")
    try:
        value = json.loads(contents[path])
    except (ValueError, RecursionError) as error:
        raise _Unreadable(f"{title}（{path}）不是有效的 JSON") from error
    if not isinstance(value, dict):
        raise _Unreadable(f"{title}（{path}）的结构不对")
    return value


def _manifest_problems(manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> Iterator[str]:
    if manifest.get("schema") != SCHEMA:
        yield f"清单的格式标识应为 {SCHEMA}"
    listed = manifest.get("files")
    lines = [line for line in listed if isinstance(line, dict)] if isinstance(listed, list) else []
    paths = {str(line.get("path")) for line in lines}
    for path in sorted(contents.keys() - paths - {MANIFEST}):
        yield f"清单上没有的文件：{path}"
    for path in sorted(set(REQUIRED) - paths):
        yield f"清单上缺少必备文件：{path}"
    for line in lines:
        path = str(line.get("path"))
        if path not in contents:
            yield f"缺少文件：{path}"
        else:
            yield from _file_problems(path, line, contents[path])


def _file_problems(path: str, line: Mapping[str, Any], content: bytes) -> Iterator[str]:
    if line.get("size") != len(content):
        yield f"文件大小不符：{path}（清单 {line.get('size')} 字节，实际 {len(content)} 字节）"
    for algorithm, digest in digests(content).items():
        if algorithm not in line and algorithm != "sha256":
            continue  # written where SM3 was not to be had
        if line.get(algorithm) != digest:
            yield f"文件内容被改动：{path}（{algorithm.upper()} 校验值不符）"


def _pdf_problems(contents: Mapping[str, bytes]) -> Iterator[str]:
    for path, content in sorted(contents.items()):
        if path == VOLUME or (path.startswith("forms/") and path.endswith(".pdf")):
            attachment = CASE if path == VOLUME else ""
            for problem in check_pdf(content, attachment=attachment):
                yield f"{path}：{problem}"


def _chain_problems(
    history: Mapping[str, Any], events: Sequence[Any], event_hash_of: EventHash, head: str | None
) -> Iterator[str]:
    previous = FIRST_LINK
    for expected, event in enumerate(events, 1):
        if not isinstance(event, dict):
            yield f"办理过程第{expected}条的结构不对"
            return
        if event.get("seq") != expected:
            yield f"办理过程第{expected}条的序号是 {event.get('seq')}，有缺漏或插入"
        try:
            recomputed = event_hash_of(previous, event)
        except (ValueError, TypeError, KeyError):
            recomputed = ""
        if event.get("hash") != recomputed:
            yield f"办理过程第{expected}条与校验值不符，此条或其前一条被改动过"
        previous = str(event.get("hash", ""))
    last = previous if events else FIRST_LINK
    if history.get("head") != last:
        yield "办理过程的末条校验值不符，末尾有记录缺失或被改动"
    if head is not None and head != last:
        yield "办理过程与系统中保存的末条校验值不符"
