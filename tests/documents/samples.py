"""Made-up answers and small helpers for the document tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zuozhen.documents import RenderInput

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "instance" / "fonts"
TEMPLATES = ROOT / "templates" / "print" / "530381-xuanwei"
GOLDEN = Path(__file__).parent / "golden"
CREATED = datetime(2024, 11, 20, 1, 30, tzinfo=UTC)

META: dict[str, Any] = {
    "number": "XW2024-0001",
    "registered_at": "2024-11-12T01:05:00+00:00",
    "channel": "服务专窗",
    "office": "示例市发展和改革委员会",
}
REGISTER: dict[str, Any] = {
    "enterprise": "示例市滇翀喆火腿食品有限公司",
    "credit_code": "91530381MA6K5XYZ3X",
    "address": "示例省示例市虹桥街道振兴街88号",
    "contact": "李昇珺",
    "contact_role": "法定代表人",
    "phone": "13800000000",
    "title": "关于冷库扩建用地审批事项的情况反映",
    "content": "我公司拟在轻工业园区扩建冷库3000平方米，2024年6月提交用地预审材料，至今未办结。\n"
    "主要困难：一是用地预审与规划许可衔接不畅；二是供电增容方案尚未确定，影响设备采购。\n"
    "恳请协调自然资源局、供电局明确办理时限，并给予书面答复。",
    "confidential": True,
}
SERVICE_LIST: dict[str, Any] = {
    "department": "市自然资源局",
    "clinic_date": "2024-11-20",
    "rows": [
        {
            "enterprise": REGISTER["enterprise"],
            "address": "虹桥街道振兴街88号",
            "contact_phone": "李昇珺 13800000000",
            "appeal": "冷库扩建用地预审至今未办结，请明确办理时限。",
            "lead_unit": "市自然资源局",
            "joint_units": ["市工业和信息化科技局", "供电局"],
            "progress": "已现场核实，11月25日前出具预审意见。",
            "completion": "ongoing",
            "satisfaction": "",
        },
        {
            "enterprise": "示例开发区犇牛饲料厂",
            "address": "经开区凤凰路5号",
            "contact_phone": "赵堃 0874-7000000",
            "appeal": "环评手续办理咨询。",
            "lead_unit": "生态环境分局",
            "joint_units": [],
            "progress": "现场答复。",
            "completion": "done",
            "satisfaction": "满意",
        },
    ],
}
CLINIC_RECORD: dict[str, Any] = {
    "reception_unit_name": "市自然资源局",
    "clinic_date": "2024-11-20",
    "leader": "王某某",
    "leader_post": "党组书记、局长",
    "enterprise": REGISTER["enterprise"],
    "solved": "no",
    "lead_unit": "市自然资源局",
    "joint_units": ["供电局", "市工业和信息化科技局"],
    "appeal": "用地预审至今未办结，请明确办理时限。",
    "measure": "成立专班，提前介入，容缺受理。",
    "method": "多部门联办（15个工作日内反馈）",
    "result": "用地预审已进入会审。",
    "unsolved_reason": "需省级系统核验图斑。",
    "promise": "2024年12月11日前",
    "recorder": "陈某",
}
POSTER: dict[str, Any] = {
    "url": "https://example.gov.cn/p/530381/register?via=hall",
    "counter": "政务服务大厅专窗",
}
FILLED = {"qr": POSTER, "register": REGISTER, "service_list": SERVICE_LIST, "clinic_record": CLINIC_RECORD}


def print_source(
    key: str, data: dict[str, Any] | None = None, meta: dict[str, Any] | None = None
) -> RenderInput:
    """Return the render input of one attachment; without ``data`` the filled-in sample."""
    template = (TEMPLATES / f"{key}.html").read_text(encoding="utf-8")
    answers = FILLED[key] if data is None else data
    return RenderInput(created=CREATED, template=template, data=answers, meta=META if meta is None else meta)


def body(html: str, **data: Any) -> RenderInput:
    """Return the render input of a template whose body is ``html``."""
    template = "{% extends 'page.html' %}{% set title = '测试' %}{% block body %}" + html + "{% endblock %}"
    return RenderInput(created=CREATED, template=template, data=data)
