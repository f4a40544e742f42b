"""The check of a pack looks into every FEEL text of its manifest and says the place in Chinese."""

from __future__ import annotations

import pytest
from tests.services.severalpack import SLUG, several

from zuozhen.services.checking import check_files

MANIFEST = f"processes/{SLUG}/pack.toml"

GOOD = """
[[recurrence]]
name = "调研"
kind = "quota"
times = 4
period = "year"
[[register]]
key = "ledger"
title = "台账"
by = "period"
period = "case.registered_on"
open_to = ["office"]
columns = [{label = "企业", value = "register.enterprise"}, {label = "序号", value = "row"}, {label = "催办", value = 'count(tasks[element = "urge"])'}]
filters = [{key = "unit", label = "单位", value = "names.fagai"}]
[[report]]
key = "monthly"
title = "月报"
[[report.figures]]
key = "all"
label = "件数"
[[report.figures]]
key = "late"
label = "超期"
where = "case.late and district = dispatch.office"
of = "all"
[report.parameter]
key = "district"
label = "县区"
codes = "office"
filter = "dispatch.office = district"
[[quota]]
name = "全年调研"
recurrence = "调研"
process = "forum"
by = "case.session_on"
"""


def findings(old: str = "", new: str = "") -> list[str]:
    files = several()
    manifest = files[MANIFEST].decode() + GOOD
    assert old in manifest
    changed = manifest.replace(old, new, 1) if old else manifest
    return [
        f"{finding.code} {finding.file == MANIFEST} {finding.element} {finding.message}"
        for finding in check_files({**files, MANIFEST: changed.encode()})
    ]


def test_a_manifest_that_is_right_has_no_findings() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "told"),
    [
        ('value = "register.enterprise"', 'value = "registr.enterprise"', "pack-feel", "ledger", "清单“台账”的列“企业”读取“registr”"),
        ('value = "register.enterprise"', 'value = "register.firm"', "pack-feel", "ledger", "“register.firm”：没有“firm”这一项"),
        ('value = "row"', 'value = "row +"', "pack-feel", "ledger", "清单“台账”的列“序号”"),
        ('period = "case.registered_on"', 'period = "someday()"', "pack-feel", "ledger", "清单“台账”的期间"),
        ('value = "names.fagai"', 'value = "district"', "pack-feel", "ledger", "筛选项“单位”读取“district”"),
        ('where = "case.late', 'where = "text.dispatch.unitt = \\"x\\"', "pack-feel", "monthly", "报告“月报”的数字“超期”的条件"),
        ("filter = \"dispatch.office = district\"", 'filter = "offices = district"', "pack-feel", "monthly", "参数“县区”的条件"),
        ('codes = "office"', 'codes = "gone"', "pack-reference", "monthly", "没有这张表"),
        ('by = "case.session_on"', 'by = "nosuch(case)"', "pack-feel", "全年调研", "次数要求“全年调研”的日期"),
        ('recurrence = "调研"', 'recurrence = "没有"', "pack-reference", "全年调研", "周期规则“没有”不存在"),
        ('process = "forum"\n', 'process = "fora"\n', "pack-reference", "全年调研", "未在 [processes] 中列出"),
        ("'plan.place + names.fagai'", "'plann.place'", "pack-feel", "clinic", "流程“坐诊”的标题"),
        ("'plan.deadline = null", "'closing = null", "pack-feel", "clinic", "流程“坐诊”的可预约条件"),
        ('open_to = ["gongxin"]', 'open_to = ["gongxinju"]', "pack-reference", "forum", "流程“座谈会”的 open_to"),
        ('open_to = ["office"]', 'open_to = ["nobody"]', "pack-reference", "ledger", "清单“台账”的 open_to"),
        ("when = 'dispatch.kind", "when = 'dispatch.sort", "pack-feel", "dispatch", "编号“dispatch”的条件"),
        ('field = "dispatch_number"', 'field = "number"', "pack-reference", "dispatch", "不在表单“dispatch”中"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_place(old: str, new: str, code: str, element: str, told: str) -> None:
    found = findings(old, new)
    assert found
    assert all(line.startswith(f"{code} True {element} ") for line in found), found
    assert told in found[0]
