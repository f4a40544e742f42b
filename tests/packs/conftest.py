"""A small pack, good in every part, for tests to bend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SLUG = "999999-shifan"
MANIFEST = """\
slug = "999999-shifan"
code = 999999
name = "示范县"
title = "局长坐诊接诉"
diagram = "999999-shifan.bpmn"
session_recurrence = "坐诊日"
business_key = "clinic_key"

[notice]
number = "示办通〔2024〕1号"
date = 2024-11-05
issuer = "示范县人民政府办公室"
basis = "示范市〔2024〕2号"

[processes]
case = "Process_case"
clinic = "Process_clinic"

[[unit]]
id = "fagai"
name = "发展和改革局"

[[unit]]
id = "gongxin"
name = "工业和信息化局"

[[role]]
id = "lead_office"
name = "牵头办公室"
unit = "fagai"
sees = "all"

[[role]]
id = "leader"
name = "分管领导"

[[recurrence]]
name = "坐诊日"
kind = "monthly_day"
day = 20
roll = "forward"

[numbering.registration]
pattern = "SF{year}-{seq:04d}"
scope = "year"

[[channel]]
id = "online"
name = "线上"

[[counter]]
id = "hall"
name = "政务大厅"

[codes.refusal_ground]
1 = "违反法律法规"
2 = "民事纠纷"

[portal]
scope = "生产经营中的困难"
venue = "二楼接待室"

[deadlines]
count_from = "next_day"
warning_share = 0.3
closes_at = "17:30"

[[register]]
key = "service_list"
title = "服务事项清单"
form = "service_list"
columns = [{ label = "企业", value = "r.name", width = 3 }, { label = "诉求", value = "contact.appeal" }]
notes = ["由坐诊部门填写"]

[text]
greeting = "您好"
"""
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">
  <bpmn:process id="Process_case" /><bpmn:process id="Process_clinic" />
</bpmn:definitions>
"""


@pytest.fixture
def files() -> dict[str, bytes]:
    """The files of the pack by path."""
    return {
        f"processes/{SLUG}/pack.toml": MANIFEST.encode(),
        f"processes/{SLUG}/{SLUG}.bpmn": DIAGRAM.encode(),
        f"processes/{SLUG}/scenarios.toml": b"[[scenario]]\nname = 'a'\n",
        f"forms/{SLUG}/register.json": b"{}",
        "forms/_common/rate.json": b'{"common": true}',
        f"templates/print/{SLUG}/service_list.html": "<p>清单</p>".encode(),
        f"templates/message/{SLUG}/accepted.txt": "已受理".encode(),
    }


@pytest.fixture
def manifest(files: dict[str, bytes]) -> Callable[[str, str], dict[str, bytes]]:
    """Return the files with one passage of pack.toml replaced."""

    def change(old: str, new: str) -> dict[str, bytes]:
        text = files[f"processes/{SLUG}/pack.toml"].decode()
        assert text.count(old) >= 1, old
        return files | {f"processes/{SLUG}/pack.toml": text.replace(old, new, 1).encode()}

    return change


@pytest.fixture
def write() -> Callable[[Path, dict[str, bytes]], Path]:
    """Return a function that lays files under a root."""

    def lay(root: Path, files: dict[str, bytes]) -> Path:
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return root

    return lay
