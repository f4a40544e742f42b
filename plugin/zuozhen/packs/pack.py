"""A jurisdiction's content: its manifest and its files, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.bundle import fingerprint
from zuozhen.packs.calendars import read_calendars
from zuozhen.packs.clauses import Clause, read_clauses
from zuozhen.packs.diagram import process_ids
from zuozhen.packs.manifest import read_manifest
from zuozhen.packs.parameters import file_written_out
from zuozhen.packs.paths import COMMON, is_slug, path_findings, size_findings
from zuozhen.packs.reader import Lines, TableReader, parse_toml
from zuozhen.packs.values import ENTERPRISE, Manifest


@dataclass(frozen=True, slots=True)
class Pack(Manifest):
    """Everything pack.toml says, and the files it speaks of by path."""

    files: Mapping[str, bytes]

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Pack:
        """Check the files and read the manifest among them.

        The same files give the same object: an editor's draft is read again for every page that shows it.

        Raises ``ContentError`` with every finding; whatever the files hold, nothing else is raised.
        """
        return _read(tuple(sorted(files.items())))

    @classmethod
    def _from_files(cls, files: dict[str, bytes]) -> Pack:
        findings = [*path_findings(files), *size_findings((path, len(data)) for path, data in files.items())]
        if findings:
            raise ContentError("内容包含有不允许的文件", findings)
        path = _manifest_among(files)
        table, findings = parse_toml(files[path], path)
        if findings:
            raise ContentError("内容包的 pack.toml 无法读取", findings)
        lines = Lines(files[path].decode("utf-8"))
        reader = TableReader(table, findings, lines, path)
        manifest = read_manifest(reader)
        _Cross(manifest, files, reader).check()
        if findings:
            ordered = sorted(set(findings), key=lambda found: (found.file, found.line or 0, found.message))
            raise ContentError(f"内容包 {manifest.slug or path} 有 {len(ordered)} 处错误", ordered)
        values = {field.name: getattr(manifest, field.name) for field in fields(Manifest)}
        return cls(**values, files=MappingProxyType(files))

    @property
    def diagram_path(self) -> str:
        """The path of the diagram among the files."""
        return f"processes/{self.slug}/{self.diagram}"

    def written(self, path: str) -> bytes:
        """Return a diagram or a form as it runs: the parameters in its texts written out."""
        return file_written_out(path, self.files[path], self.parameters)

    @property
    def drawing(self) -> bytes:
        """The diagram as it runs: the parameters in its names and explanations written out."""
        return self.written(self.diagram_path)

    @property
    def groups(self) -> frozenset[str]:
        """Every group a task may be given to: roles, units and the enterprise."""
        return frozenset({*(role.id for role in self.roles), *(unit.id for unit in self.units), ENTERPRISE})

    @property
    def sha256(self) -> str:
        """A fingerprint over all files."""
        return fingerprint(self.files)

    @property
    def forms(self) -> dict[str, str]:
        """Path of each form by key; the pack's own form wins over the common one."""
        return _by_key(self.files, "forms", self.slug, ".json")

    @property
    def print_templates(self) -> dict[str, str]:
        """Path of each print template by form key."""
        return _by_key(self.files, "templates/print", self.slug, ".html")

    @property
    def calendars(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """(path, table) of the pack's own calendar files, by path."""
        return read_calendars(self.files, self.slug)[0]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of the notice in its order; none if the pack does not list them."""
        return read_clauses(self.files, self.slug)[0]

    @property
    def message_templates(self) -> dict[str, str]:
        """Path of each message template by key."""
        return _by_key(self.files, "templates/message", self.slug, ".txt")


@lru_cache(maxsize=16)
def _read(files: tuple[tuple[str, bytes], ...]) -> Pack:
    return Pack._from_files(dict(files))


def manifest_findings(data: bytes, file: str) -> list[Finding]:
    """Return what is wrong with a manifest by itself, without the files it speaks of."""
    table, findings = parse_toml(data, file)
    if not findings:
        read_manifest(TableReader(table, findings, Lines(data.decode("utf-8")), file))
    return findings


class _Cross:
    """Checks between the manifest and the other files."""

    def __init__(self, manifest: Manifest, files: Mapping[str, bytes], reader: TableReader) -> None:
        self.manifest = manifest
        self.files = files
        self.reader = reader
        self.folder = str(PurePosixPath(reader.file).parent)

    def check(self) -> None:
        slug = PurePosixPath(self.folder).name
        if self.manifest.slug and self.manifest.slug != slug:
            self.reader.report(
                "slug", f"slug “{self.manifest.slug[:60]}”与文件夹 {slug} 不同", hint="二者须一致"
            )
        self._diagram()
        self._registers()
        self.reader.findings += read_calendars(self.files, slug)[1]
        self.reader.findings += read_clauses(self.files, slug)[1]
        scenarios = f"{self.folder}/scenarios.toml"
        if scenarios in self.files:
            self.reader.findings += parse_toml(self.files[scenarios], scenarios)[1]

    def _diagram(self) -> None:
        if not self.manifest.diagram:
            return
        path = f"{self.folder}/{self.manifest.diagram}"
        if path not in self.files:
            self.reader.report(
                "diagram", f"流程图 {self.manifest.diagram[:60]} 不存在", hint=f"应放在 {path[:120]}"
            )
            return
        known, findings = process_ids(self.files[path], path)
        self.reader.findings += findings
        processes = self.reader.section("processes")
        for alias, process in self.manifest.processes.items():
            if not findings and process not in known:
                hint = f"图中有：{'、'.join(sorted(known)[:20]) or '（无）'}"
                processes.report(alias, f"流程图中没有流程“{process[:60]}”", hint=hint)

    def _registers(self) -> None:
        slug = PurePosixPath(self.folder).name
        forms = _by_key(self.files, "forms", slug, ".json")
        prints = _by_key(self.files, "templates/print", slug, ".html")
        for item in self.reader.sections("register"):
            form, process = item.text("form", ""), item.text("process", "case")
            if form and form not in forms and form not in prints:
                hint = f"应有 forms/{slug}/{form[:40]}.json 或 templates/print/{slug}/{form[:40]}.html"
                item.report("form", f"表单“{form[:40]}”不存在", hint=hint)
            if process not in self.manifest.processes:
                item.report("process", f"流程“{process[:40]}”未在 [processes] 中列出")


def _manifest_among(files: Mapping[str, bytes]) -> str:
    found = [
        path
        for path in sorted(files)
        if (parts := path.split("/"))[0] == "processes"
        and len(parts) == 3
        and parts[2] == "pack.toml"
        and is_slug(parts[1])
    ]
    if len(found) == 1:
        return found[0]
    message = "内容包缺少 pack.toml" if not found else "一个内容包只能有一个 pack.toml"
    hint = "应放在 processes/行政区划代码-拼音/pack.toml"
    raise ContentError(message, [Finding("error", "manifest", message, hint=hint)])


def _by_key(files: Mapping[str, bytes], folder: str, slug: str, suffix: str) -> dict[str, str]:
    """Return paths by file name without suffix, common ones first so that own ones win."""
    return {
        path.rpartition("/")[2].removesuffix(suffix): path
        for part in (COMMON, slug)
        for path in sorted(files)
        if path.startswith(f"{folder}/{part}/") and path.endswith(suffix)
    }
