"""The dossier: complete, the same every time, and every change to it is found."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from tests.documents.samples import CREATED, META, REGISTER, print_source

from zuozhen.documents import (
    DossierFile,
    DossierForm,
    DossierInput,
    Renderer,
    build_dossier,
    chain_events,
    check_pdf,
    verify_dossier,
)
from zuozhen.documents.checks import read_text, squash
from zuozhen.documents.dossier import FIRST_LINK, event_hash

Files = dict[str, bytes]


def event(seq: int) -> dict[str, Any]:
    return {
        "actor": None,
        "actor_name": "李某",
        "at": f"2024-11-1{seq}T01:05:00.000000+00:00",
        "case_id": "019340a0-0000-7000-8000-000000000001",
        "kind": "completed",
        "payload": {"form": "register", "seq": seq},
        "rev": seq,
        "seq": seq,
        "tenant": 530381,
        "state_sha256": hashlib.sha256(bytes([seq])).hexdigest(),
    }


@pytest.fixture(scope="module")
def source() -> DossierInput:
    events = chain_events([event(seq) for seq in range(1, 5)])
    titles = {
        "register": "企业“挂号”预约信息表",
        "service_list": "服务事项清单",
        "clinic_record": "工作记录表",
    }
    return DossierInput(
        title="企业诉求办理卷宗",
        number="XW2024-0001",
        office=META["office"],
        created=CREATED,
        case={"number": "XW2024-0001", "enterprise": REGISTER["enterprise"]},
        events=events,
        head=events[-1]["hash"],
        forms=tuple(DossierForm(title, print_source(key)) for key, title in titles.items()),
        attachments=(
            DossierFile("../../附件：证明.jpg", b"\xff\xd8", "image/jpeg"),
            DossierFile("a/b\\c.txt", b"x"),
        ),
        cover=(("办件编号", "XW2024-0001"), ("企业名称", REGISTER["enterprise"]), ("保管期限", "永久")),
        meta={"retention": "永久"},
    )


@pytest.fixture(scope="module")
def dossier(renderer: Renderer, source: DossierInput) -> bytes:
    return build_dossier(renderer, source)


def unpack(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_sound_dossier_verifies(dossier: bytes):
    report = verify_dossier(dossier)
    assert report.problems == () and report.ok
    assert (report.number, report.title, report.events) == ("XW2024-0001", "企业诉求办理卷宗", 4)


def test_content_and_manifest(dossier: bytes):
    files = unpack(dossier)
    assert sorted(files) == [
        "attachments/01-附件：证明.jpg",
        "attachments/02-a_b_c.txt",
        "case.json",
        "dossier.pdf",
        "events.json",
        "forms/01-企业“挂号”预约信息表.pdf",
        "forms/02-服务事项清单.pdf",
        "forms/03-工作记录表.pdf",
        "manifest.json",
    ]
    manifest = json.loads(files["manifest.json"])
    by_path = {line["path"]: line for line in manifest["files"]}
    line = by_path["attachments/01-附件：证明.jpg"]
    assert (line["size"], line["sha256"]) == (2, hashlib.sha256(b"\xff\xd8").hexdigest())
    if "sm3" in hashlib.algorithms_available:
        assert line["sm3"] == hashlib.new("sm3", b"\xff\xd8").hexdigest()


def test_volume_has_cover_contents_and_running_page_numbers(dossier: bytes):
    volume = unpack(dossier)["dossier.pdf"]
    words = ["企业诉求办理卷宗", "卷内文件目录", "附件 2", "附件 3", "附件 4"]
    assert check_pdf(volume, words, pages=5, attachment="case.json") == ()
    text = squash(read_text(volume))
    numbers = [text.index(f"第{number}页") for number in (1, 2, 3)]
    assert numbers == sorted(numbers)
    assert "共" + "1页" not in text
    with pikepdf.open(io.BytesIO(volume)) as pdf:
        assert len(pdf.open_outline().root) == 3
        links = [annotation for annotation in pdf.pages[1].Annots if annotation.Subtype == "/Link"]
        assert len(links) == 3
        assert b"zz:archive" not in pdf.Root.Metadata.read_bytes()
        assert "<zz:retention>永久</zz:retention>" in pdf.Root.Metadata.read_bytes().decode()


def test_same_case_gives_same_bytes(renderer: Renderer, source: DossierInput, dossier: bytes):
    assert build_dossier(renderer, source) == dossier


def test_stored_form_goes_in_as_it_was_archived(renderer: Renderer, source: DossierInput):
    archived = renderer.pdf(print_source("register", {**REGISTER, "title": "当时的标题"}))
    form = replace(source.forms[0], pdf=archived)
    files = unpack(build_dossier(renderer, replace(source, forms=(form,))))
    assert files["forms/01-企业“挂号”预约信息表.pdf"] == archived


def _edit_event(files: Files) -> None:
    history = json.loads(files["events.json"])
    history["events"][1]["payload"]["seq"] = 99
    files["events.json"] = json.dumps(history).encode()


def _drop_last_event(files: Files) -> None:
    history = json.loads(files["events.json"])
    del history["events"][-1]
    files["events.json"] = json.dumps(history).encode()


def _drop_first_event(files: Files) -> None:
    history = json.loads(files["events.json"])
    del history["events"][0]
    files["events.json"] = json.dumps(history).encode()


def _edit(path: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(path, content)


def _delete(path: str) -> Callable[[Files], None]:
    return lambda files: files.pop(path) and None


TAMPERED = [
    (_edit("case.json", b"{}"), "文件内容被改动：case.json（SHA256"),
    (_edit("attachments/02-a_b_c.txt", b"xy"), "文件大小不符：attachments/02-a_b_c.txt"),
    (_edit("forms/02-服务事项清单.pdf", b"%PDF-1.7"), "forms/02-服务事项清单.pdf：不是可以读取的 PDF"),
    (_edit("extra.txt", b"x"), "清单上没有的文件：extra.txt"),
    (_edit("manifest.json", b"{"), "不是有效的 JSON"),
    (_edit("manifest.json", b"[]"), "结构不对"),
    (_edit("manifest.json", b'{"files": [{}, 1]}'), "清单上缺少必备文件：case.json"),
    (_edit("events.json", b"[" * 100_000), "不是有效的 JSON"),
    (_edit("events.json", b'{"events": [1]}'), "第1条的结构不对"),
    (_delete("attachments/02-a_b_c.txt"), "缺少文件：attachments/02-a_b_c.txt"),
    (_delete("manifest.json"), "缺少卷内文件清单"),
    (_delete("events.json"), "缺少办理过程记录"),
    (_edit_event, "办理过程第2条与校验值不符"),
    (_drop_first_event, "办理过程第1条的序号是 2"),
    (_drop_last_event, "办理过程的末条校验值不符"),
]


@pytest.mark.parametrize(("change", "problem"), TAMPERED, ids=[problem for _, problem in TAMPERED])
def test_tampering_is_found(dossier: bytes, change: Callable[[Files], None], problem: str):
    files = unpack(dossier)
    change(files)
    problems = verify_dossier(pack(files)).problems
    assert any(problem in found for found in problems), problems


def test_dossier_rewritten_as_a_whole_is_found_by_the_kept_head(renderer: Renderer, source: DossierInput):
    events = chain_events([{**event(seq), "actor_name": "王某"} for seq in range(1, 5)])
    forged = build_dossier(renderer, replace(source, events=events, head=events[-1]["hash"], forms=()))
    assert verify_dossier(forged).ok
    assert verify_dossier(forged, head=source.head).problems == ("办理过程与系统中保存的末条校验值不符",)


def test_host_may_bring_its_own_rule(renderer: Renderer, source: DossierInput):
    own = [{"seq": 1, "text": "甲", "hash": "own-1"}, {"seq": 2, "text": "乙", "hash": "own-2"}]
    data = build_dossier(renderer, replace(source, events=own, head="own-2", forms=()))
    assert verify_dossier(data, event_hash_of=lambda _, line: f"own-{line['seq']}").ok
    assert not verify_dossier(data).ok


def test_documented_rule_by_hand():
    line = event(1)
    text = (
        '{"actor":null,"actor_name":"李某","at":"2024-11-11T01:05:00.000000+00:00",'
        '"case_id":"019340a0-0000-7000-8000-000000000001","kind":"completed",'
        '"payload":{"form":"register","seq":1},"rev":1,"seq":1,"tenant":530381}'
    )
    expected = hashlib.sha256(b"\0" * 32 + hashlib.sha256(b"\x01").digest() + text.encode()).hexdigest()
    assert event_hash(FIRST_LINK, line) == expected


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00" * 999])
def test_garbage_is_reported_not_raised(data: bytes):
    report = verify_dossier(data)
    assert not report.ok and "zip" in report.problems[0]


def test_damaged_bytes_are_found(dossier: bytes):
    damaged = bytearray(dossier)
    damaged[dossier.index(b"/Type /Page") if b"/Type /Page" in dossier else len(damaged) // 2] ^= 1
    assert not verify_dossier(bytes(damaged)).ok


def test_doubled_file_is_found(dossier: bytes):
    out = io.BytesIO(dossier)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("case.json", b"{}")
    assert verify_dossier(out.getvalue()).problems == ("卷宗内有重名文件：case.json",)
