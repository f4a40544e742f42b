"""What the keys of pack.toml are called, and what their codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HEAD: Final[Mapping[str, str]] = {
    "slug": "内容包编号",
    "code": "行政区划代码",
    "name": "地区名称",
    "title": "名称",
    "diagram": "流程图文件",
    "session_recurrence": "坐诊日所用的周期规则",
    "business_key": "场次与办件的对应变量",
}
NOTICE: Final[Mapping[str, str]] = {
    "number": "文号", "date": "发文日期", "issuer": "发文机关", "basis": "上级依据",
}  # fmt: skip
PORTAL: Final[Mapping[str, str]] = {
    "scope": "受理范围",
    "venue": "坐诊地点",
    "hotline": "咨询电话",
    "privacy": "隐私说明",
    "objects": "服务对象",
    "online_channel": "网上登记的渠道",
    "qr_channel": "扫码登记的渠道",
    "window": "挂号期所用的周期规则",
}
WORDS: Final[Mapping[str, str]] = {"register": "登记", "session": "场次", "sitting": "这项活动"}
DEADLINES: Final[Mapping[str, str]] = {
    "count_from": "从哪天起算",
    "received_after_hours": "下班后收到的算哪天",
    "calendar_days": "自然日期限遇休息日",
    "month_as": "一个月如何计算",
    "before_rest_day": "“提前若干日”遇休息日",
    "closes_at": "下班时刻",
    "due_time": "到期时刻",
    "office_hours": "办公时间",
    "warning_share": "剩余多少比例时提醒",
}
VALUES: Final[Mapping[str, str]] = {
    "next_day": "次日",
    "same_day": "当日",
    "day_after_next": "第三日",
    "next_opening": "下一个工作日",
    "plain": "不调整",
    "workdays": "按工作日",
    "month": "按月",
    "30_days": "按30日",
    "forward": "顺延",
    "backward": "提前",
    "none": "不调整",
    "year": "每年重新编号",
    "all": "全部办件",
    "own": "本岗位、本单位办件",
    "monthly_day": "每月固定日",
    "odd_months": "单月固定日",
    "first_workdays": "每月前几个工作日",
    "last_workdays": "每月后几个工作日",
    "last_workday": "每月最后一个工作日",
    "nth_weekday": "第几个星期几",
    "weekly": "每周、每几周",
    "union": "几条规则合在一起",
    "rota": "轮值",
    "skip": "这一次不办",
    "early": "上旬",
    "middle": "中旬",
    "late": "下旬",
    "quarter_end": "季度末",
    "quota": "一段时间内至少几次",
    "bar": "条形图",
    "line": "折线图",
    "pie": "饼图",
}
VALUES_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "period": {"month": "每月", "quarter": "每季度", "year": "每年"},
    "by": {"session": "每个场次一份", "period": "按时段查询"},
}
"""What codes mean under one key only."""
NUMBERING: Final[Mapping[str, str]] = {
    "pattern": "的格式",
    "scope": "何时重新编号",
    "form": "在提交哪张表单时给号",
    "field": "写入哪一项",
    "when": "在什么情况下给号",
    "prefix": "的字头",
}
PROCEDURE: Final[Mapping[str, str]] = {
    "label": "名称",
    "title": "办件标题",
    "open_to": "谁可以发起",
    "public": "企业可在门户发起",
    "session": "每个办件是一个场次",
    "bookable": "场次何时可预约",
    "private": "只有经办人能看",
    "about": "门户说明",
}
CODED: Final = frozenset({
    "count_from", "received_after_hours", "calendar_days", "month_as", "before_rest_day", "roll", "scope",
    "sees", "kind", "chart",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of things in pack.toml: its noun, the key that identifies a thing, the one that names it.

    ``inner`` are the lists within a thing by their key; one without ``id`` is told row by row. ``refers``: the
    things are units or roles, which have their names elsewhere.
    """

    noun: str
    id: str
    name: str
    labels: Mapping[str, str]
    inner: Mapping[str, Kind] = field(default_factory=dict)
    refers: bool = False


COLUMN: Final = Kind("列", "key", "label", {"value": "取值", "width": "宽度", "type": "内容"})
LISTS: Final[Mapping[str, Kind]] = {
    "unit": Kind(
        "单位",
        "id",
        "name",
        {
            "office": "所属县区、层级",
            "from": "设立日期",
            "until": "撤销日期",
            "successor": "承接单位",
        },
        {"successors": Kind("承接单位", "id", "id", {"when": "承接条件"}, refers=True)},
    ),
    "role": Kind("岗位", "id", "name", {"unit": "所属单位", "sees": "查看范围"}),
    "recurrence": Kind(
        "周期规则",
        "name",
        "name",
        {
            "kind": "类型",
            "day": "日期",
            "days": "天数",
            "nth": "第几个",
            "weekday": "星期",
            "roll": "遇节假日",
            "roll_on": "何时顺延",
            "edge": "月末处理",
            "period": "周期",
            "months": "月份",
            "times": "次数",
            "opens_at": "首日开始时刻",
            "closes_at": "末日截止时刻",
            "every": "每几周",
            "anchor": "从哪一周数起",
            "part": "上中下旬",
            "of": "由哪些规则而来",
            "holders": "轮值名单",
            "holder": "由谁主持",
        },
    ),
    "channel": Kind("受理渠道", "id", "name", {}),
    "counter": Kind("二维码摆放点", "id", "name", {}),
    "register": Kind(
        "清单",
        "key",
        "title",
        {
            "form": "打印表单",
            "process": "所用流程",
            "filter": "筛选条件",
            "notes": "备注",
            "department": "抬头部门",
            "by": "列法",
            "period": "归入时段的日期",
            "open_to": "谁可以打开",
        },
        {"columns": COLUMN, "filters": Kind("筛选项", "key", "label", {"value": "取值"})},
    ),
    "report": Kind(
        "统计",
        "key",
        "title",
        {
            "process": "所用流程",
            "period": "多久一期",
            "by": "归入期间的日期",
            "filter": "筛选条件",
            "template": "打印模板",
            "notes": "备注",
            "open_to": "谁可以打开",
            "parameter": "参数",
        },
        {
            "figures": Kind(
                "数字",
                "key",
                "label",
                {"where": "条件", "of": "占比的分母", "value": "加总的内容", "average": "求平均"},
            ),
            "tables": Kind("分组表", "key", "title", {"group": "分组", "columns": "所列数字", "chart": "图"}),
        },
    ),
    "table": Kind(
        "资料表",
        "key",
        "title",
        {"public": "在门户公开", "print": "打印模板", "notes": "备注", "editable_by": "运行中由谁维护"},
        {"columns": COLUMN, "rows": Kind("行", "", "", {})},
    ),
    "quota": Kind(
        "次数要求",
        "name",
        "name",
        {
            "recurrence": "所用周期规则",
            "process": "所数流程",
            "filter": "条件",
            "by": "归入期间的日期",
            "warn_from": "几月起提醒",
        },
    ),
}
