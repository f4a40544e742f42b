"""Carrying packs: the same bytes every time, and hostile zips refused before they cost anything."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zuozhen.model.errors import ContentError
from zuozhen.packs import bundle, fingerprint, unbundle

NAME = "forms/_common/a.json"


def make_zip(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(ContentError) as error:
        unbundle(data)
    return " ".join([error.value.message, *(finding.message for finding in error.value.findings)])


def test_there_and_back_and_the_same_bytes_in_any_order(files: dict[str, bytes]) -> None:
    data = bundle(files)
    assert unbundle(data) == files
    shuffled = list(files.items())
    random.Random(1).shuffle(shuffled)
    assert bundle(dict(shuffled)) == data
    assert fingerprint(dict(shuffled)) == fingerprint(files)
    assert fingerprint(files | {NAME: b"x"}) != fingerprint(files)


def test_zips_made_by_other_tools_are_read(files: dict[str, bytes]) -> None:
    assert unbundle(make_zip(*files.items(), ("forms/", b""))) == files


def test_bundling_refuses_what_unbundling_would(files: dict[str, bytes]) -> None:
    with pytest.raises(ContentError):
        bundle(files | {"forms/x.py": b""})


@pytest.mark.parametrize(
    "name", ["/forms/a.json", "../a.json", "forms/../../a.json", "forms/a.py", "forms\\a.json"]
)
def test_escaping_names_and_programs(name: str) -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    assert "不可接受" in refused(make_zip((entry, b"")))


def test_a_name_cut_short_by_a_null_is_refused() -> None:
    data = make_zip(("forms/a.exe_.json", b"")).replace(b"forms/a.exe_.json", b"forms/a.exe\0.json")
    assert "控制字符" in refused(data)


def test_an_honest_bomb_is_refused_by_its_stated_size() -> None:
    bomb = make_zip((NAME, bytes(60_000_000)))
    assert len(bomb) < 100_000
    assert "文件超过 5 MB" in refused(bomb)


def test_many_middle_sized_files_are_refused_by_their_sum() -> None:
    assert "总大小超过" in refused(
        make_zip(*((f"forms/_common/{n}.json", bytes(4_900_000)) for n in range(11)))
    )


def test_a_lying_bomb_is_not_believed() -> None:
    """The zip states one byte for a file that inflates to six million."""
    data = make_zip((NAME, bytes(6_000_000)))
    lying = data.replace(struct.pack("<L", 6_000_000), struct.pack("<L", 1))
    assert lying != data
    refused(lying)


def test_too_many_entries() -> None:
    assert "501 超过上限" in refused(make_zip(*((f"forms/_common/{n}.json", b"") for n in range(501))))
    assert "条目超过上限" in refused(make_zip(*((f"forms/_common/{n}.json", b"") for n in range(1_001))))


def test_links_doubles_encryption_and_odd_methods() -> None:
    link = zipfile.ZipInfo(NAME)
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "链接" in refused(make_zip((link, b"/etc/passwd")))
    assert "重复" in refused(make_zip((NAME, b"1"), (NAME.replace("a.json", "A.json"), b"2")))
    assert "压缩方式" in refused(make_zip((NAME, b"1"), method=zipfile.ZIP_LZMA))
    plain = bytearray(make_zip((NAME, b"1")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(signature) + offset] |= 1
    assert "加密" in refused(bytes(plain))


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18) + b"x", b"not a zip" * 100])
def test_no_zip_at_all(data: bytes) -> None:
    try:
        assert unbundle(data) == {}
    except ContentError as error:
        assert "压缩包" in error.message


@given(seed=st.integers(0, 2**32), flips=st.integers(1, 12))
def test_damaged_zips_give_the_content_or_a_content_error(seed: int, flips: int) -> None:
    data = bytearray(make_zip((NAME, b"hello" * 50), ("forms/_common/b.json", b"{}")))
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        files = unbundle(bytes(data))
    except ContentError as error:
        assert error.message
    else:
        assert all(path.startswith("forms/") for path in files)
