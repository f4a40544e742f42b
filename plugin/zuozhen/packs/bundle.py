"""A pack as one zip file, for storing a release and for carrying content between installations."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs.paths import LARGEST_FILE, LARGEST_PACK, MOST_FILES, path_findings, size_findings

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def bundle(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip: the same files always give the same bytes.

    Entries are stored, not deflated, because deflated bytes differ between zlib versions; whoever
    keeps the zip may compress it whole. Raises ``ContentError`` for paths that no pack may have.
    """
    _refuse([*path_findings(files), *size_findings((path, len(data)) for path, data in files.items())])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def unbundle(data: bytes) -> dict[str, bytes]:
    """Return the files of a zip, however hostile it is. Raises only ``ContentError``."""
    if len(data) > LARGEST_PACK:
        _refuse([Finding("error", "pack-size", f"压缩包超过 {LARGEST_PACK // 1_000_000} MB")])
    if data.count(_DIRECTORY_ENTRY) > 2 * MOST_FILES:  # before a million entries become objects
        _refuse([Finding("error", "pack-size", f"压缩包条目超过上限 {MOST_FILES}")])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse(_entry_findings(entries))
            return _read(archive, entries)
    except _BROKEN as error:
        raise ContentError("压缩包无法读取", hint="请重新导出，勿用其他软件加密或改动") from error


def fingerprint(files: Mapping[str, bytes]) -> str:
    """Return a SHA-256 over paths and contents, the same however the files were carried."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return digest.hexdigest()


def _entry_findings(entries: list[zipfile.ZipInfo]) -> list[Finding]:
    """Judge the directory of the zip before anything is inflated."""
    if len(entries) > MOST_FILES:
        return size_findings((entry.filename, 0) for entry in entries)
    findings = path_findings(entry.orig_filename for entry in entries)
    findings += size_findings((entry.filename, entry.file_size) for entry in entries)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if name.lower() in seen:
            findings.append(Finding("error", "pack-zip", "同名文件重复（不分大小写）", file=name))
        seen.add(name.lower())
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            findings.append(Finding("error", "pack-zip", "加密或不支持的压缩方式", file=name))
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            findings.append(Finding("error", "pack-zip", "不是普通文件（例如链接）", file=name))
    return findings


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Inflate with a limit: the sizes written in the zip are not believed."""
    files: dict[str, bytes] = {}
    left = LARGEST_PACK
    for entry in entries:
        with archive.open(entry) as stream:
            content = stream.read(min(LARGEST_FILE, left) + 1)
        left -= len(content)
        if len(content) > LARGEST_FILE or left < 0:
            _refuse([Finding("error", "pack-size", "解压后超过大小上限", file=entry.filename)])
        files[entry.filename] = content
    return files


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise ContentError("内容包不可接受", findings, hint="内容包只能含有数据文件")
