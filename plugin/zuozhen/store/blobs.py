"""Files by content: a folder where each file is named after the SHA-256 of what is in it.

A file is written before the row that refers to it and stays unreferenced if that transaction fails;
``sweep`` removes such files after some days. The same content is kept once, whoever hands it in.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.model.errors import NotFound, TooLarge, ZuozhenError
from zuozhen.store.tables import Document

CHUNK: Final = 1 << 20
DEFAULT_LIMIT: Final = 200 * CHUNK
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """An open binary file or upload."""

    def read(self, size: int, /) -> bytes: ...


class Damaged(ZuozhenError):
    """A stored file is not what was stored."""

    status = 500


class BlobStore:
    """Content-addressed files below ``folder``; at most ``limit`` bytes each."""

    def __init__(self, folder: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        self._incoming = folder / "incoming"

    def put(self, content: bytes | Readable) -> str:
        """Keep ``content`` and return its SHA-256 (hex). It is on disk when this returns.

        Raises ``TooLarge``; nothing is kept then.
        """
        source = BytesIO(content) if isinstance(content, bytes) else content
        self._incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        arrived = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                sha256 = self._copy(source, file.write)
                file.flush()
                os.fsync(file.fileno())
            target = self.path(sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            # Replaces an older copy as well: that heals a damaged one and renews its age for the sweep.
            arrived.replace(target)
        finally:
            arrived.unlink(missing_ok=True)
        for folder in (target.parent, target.parent.parent, self.folder):
            _sync(folder)
        return sha256

    def _copy(self, source: Readable, write: Callable[[bytes], object]) -> str:
        digest = hashlib.sha256()
        size = 0
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > self.limit:
                raise TooLarge(
                    f"文件超过 {self.limit // CHUNK} MB，未保存。", hint="请压缩或拆分后重新上传。"
                )
            digest.update(chunk)
            write(chunk)
        return digest.hexdigest()

    def path(self, sha256: str) -> Path:
        """Return where the content lies (or would lie). ``ValueError`` unless 64 hex digits are given."""
        if not _NAME.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def get(self, sha256: str) -> bytes:
        """Return the content, verified.

        Raises ``NotFound`` when it is missing and ``Damaged`` when it was changed on disk.
        """
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("文件不在文件库中。", hint="请管理员从备份中恢复文件库目录。") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Damaged(
                f"文件库中的文件 {sha256[:12]}… 已损坏，未予提供。", hint="请管理员从备份中恢复该文件。"
            )
        return content

    def stored(self) -> Iterator[tuple[str, datetime]]:
        """Give every kept content's SHA-256 and when it was last handed in."""
        for path in self.folder.glob("??/??/*"):
            if _NAME.fullmatch(path.name):
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def remove(self, sha256: str) -> None:
        """Remove content; nothing happens if it is not there."""
        self.path(sha256).unlink(missing_ok=True)


def sweep(blobs: BlobStore, session: Session, before: datetime) -> int:
    """Remove what was last handed in before ``before`` and no document refers to; return how many.

    Choose ``before`` some days back: content is kept before its document is written, and again when the
    same file is handed in anew.
    """
    old = [sha256 for sha256, at in blobs.stored() if at < before]
    removed = 0
    for start in range(0, len(old), 500):
        batch = old[start : start + 500]
        used = set(session.scalars(select(Document.sha256).where(Document.sha256.in_(batch)).distinct()))
        for sha256 in batch:
            if sha256 not in used:
                blobs.remove(sha256)
                removed += 1
    for path in blobs.folder.glob("incoming/*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            path.unlink(missing_ok=True)
    return removed


def _sync(folder: Path) -> None:
    """Put a folder's entries on disk (a rename is lost in a power cut otherwise)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
