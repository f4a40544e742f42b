"""Files by content: kept once, on disk, verified when read, swept when nothing refers to them."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.store.running import in_threads
from tests.store.stepmaking import NOW, TENANT

from zuozhen.model.errors import NotFound, TooLarge
from zuozhen.store.blobs import BlobStore, Damaged, sweep
from zuozhen.store.database import Database
from zuozhen.store.tables import Document


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(blobs: BlobStore) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", os.urandom(3_000_000)])
def test_content_comes_back(blobs: BlobStore, content: bytes) -> None:
    sha256 = blobs.put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert blobs.get(sha256) == content
    assert blobs.path(sha256) == blobs.folder / sha256[:2] / sha256[2:4] / sha256


def test_a_stream_and_the_same_bytes_are_one_file(blobs: BlobStore) -> None:
    content = os.urandom(2_500_000)
    assert blobs.put(BytesIO(content)) == blobs.put(content)
    assert len(files(blobs)) == 1


def test_the_same_file_handed_in_by_many_at_once(blobs: BlobStore) -> None:
    content = os.urandom(100_000)
    assert set(in_threads(6, lambda _: blobs.put(content))) == {hashlib.sha256(content).hexdigest()}
    assert len(files(blobs)) == 1


def test_what_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path, limit=1000)
    blobs.put(b"x" * 1000)
    with pytest.raises(TooLarge):
        blobs.put(BytesIO(b"x" * 1001))
    assert len(files(blobs)) == 1


def test_a_broken_upload_leaves_nothing(blobs: BlobStore) -> None:
    class Breaking:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        blobs.put(Breaking())
    assert files(blobs) == []


def test_a_changed_file_is_not_given_out_and_heals(blobs: BlobStore) -> None:
    sha256 = blobs.put(b"original")
    blobs.path(sha256).write_bytes(b"0riginal")
    with pytest.raises(Damaged, match=sha256[:12]):
        blobs.get(sha256)
    blobs.put(b"original")
    assert blobs.get(sha256) == b"original"


def test_what_is_missing_or_no_hash(blobs: BlobStore) -> None:
    with pytest.raises(NotFound):
        blobs.get("0" * 64)
    for name in ("../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", ""):
        with pytest.raises(ValueError, match="SHA-256"):
            blobs.path(name)


def test_others_cannot_read_the_files(blobs: BlobStore) -> None:
    sha256 = blobs.put(b"secret of the enterprise")
    assert stat.S_IMODE(blobs.path(sha256).stat().st_mode) & 0o077 == 0


def test_the_sweep_removes_old_unreferenced_content_only(database: Database, blobs: BlobStore) -> None:
    used, unused, fresh = (blobs.put(content) for content in (b"used", b"unused", b"fresh"))
    week_ago = datetime.now(UTC) - timedelta(days=7)
    for sha256 in (used, unused):
        os.utime(blobs.path(sha256), (week_ago.timestamp() - 60,) * 2)
    left_over = blobs.folder / "incoming" / "tmpabc"
    left_over.write_bytes(b"half")
    os.utime(left_over, (week_ago.timestamp() - 60,) * 2)
    with database.write() as session:
        session.add(
            Document(
                tenant=TENANT,
                kind="attachment",
                file_name="a.pdf",
                media_type="application/pdf",
                sha256=used,
                size=4,
                created_at=NOW,
            )
        )
    with database.read() as session:
        assert sweep(blobs, session, week_ago) == 1
    assert {path.name for path in files(blobs)} == {used, fresh}
    blobs.put(b"unused")
    with database.read() as session:  # handed in again: young again
        assert sweep(blobs, session, week_ago) == 0
