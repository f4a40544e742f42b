"""Every table of the manifest that pages edit: one description each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zuozhen.packs.manifest import SWITCHES
from zuozhen.packs.numbering import SCOPES
from zuozhen.services.studio.tables.shapes import Column, Table
from zuozhen.workdays import KINDS

ORGANISATION, DATES, CASES, TEXTS, REGISTERS = "组织", "日期和时限", "办件", "名称和文字", "清单、台账"

_ID = Column("id", "代号", "id", hint="小写字母开头，只用小写字母、数字、_ 和 -；流程图和表单按代号引用")
_NAME = Column("name", "名称")

_SEES = (("own", "本岗位、本单位办过的办件"), ("all", "全部办件"))
_ROLL = (("forward", "顺延到下一工作日"), ("backward", "提前到上一工作日"), ("none", "不移动"))
_ROLL_ON = (("rest_days", "休息日（含周末）"), ("holidays", "只在法定节假日"))
_EDGE = (("first", "第一天"), ("last", "最后一天"))
_PERIOD = (("month", "每月"), ("quarter", "每季度"), ("year", "每年"))
_MONTHS = (("all", "每个月"), ("odd", "单月"), ("even", "双月"))
_NTH = (
    ("1", "第一个"),
    ("2", "第二个"),
    ("3", "第三个"),
    ("4", "第四个"),
    ("5", "第五个"),
    ("-1", "最后一个"),
)
_WEEKDAY = tuple((str(number), f"星期{day}") for number, day in enumerate("一二三四五六日", start=1))
_SWITCH_LABELS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "count_from": (
        "起算日",
        {"next_day": "次日起算（民法典第201条）", "same_day": "当日起算", "day_after_next": "第三日起算"},
    ),
    "received_after_hours": (
        "下班后、休息日收到的",
        {"same_day": "视为当日收到", "next_opening": "视为下一工作日收到"},
    ),
    "calendar_days": (
        "“N日”的含义",
        {"roll": "自然日，末日遇休息日顺延", "plain": "自然日，不顺延", "workdays": "工作日"},
    ),
    "month_as": ("“1个月”的含义", {"month": "到下月对应日", "30_days": "30日"}),
    "before_rest_day": ("“前N日”遇休息日", {"backward": "提前到上一工作日", "none": "不移动"}),
}


def _kinds(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


_DATED = _kinds("monthly_day", "odd_months", "nth_weekday")
_WINDOWS = _kinds("first_workdays", "last_workdays")

RECURRENCES = Table(
    "recurrences",
    "周期规则",
    DATES,
    "rows",
    ("recurrence",),
    (
        Column("name", "名称", hint='流程图中写作 recurrence("名称")'),
        Column("kind", "种类", "choice", choices=tuple(KINDS.items())),
        Column("day", "几号", "whole", False, only=_kinds("monthly_day", "odd_months"), low=1, high=31),
        Column("days", "几个工作日", "whole", False, only=_WINDOWS, low=1, high=20),
        Column("edge", "以窗口的哪一天为准", "choice", False, _EDGE, only=_WINDOWS),
        Column("nth", "第几个", "whole", False, _NTH, only=_kinds("nth_weekday"), low=-1, high=5),
        Column("weekday", "星期几", "whole", False, _WEEKDAY, only=_kinds("nth_weekday"), low=1, high=7),
        Column("period", "多久一次", "choice", False, _PERIOD, only=_kinds("nth_weekday", "quota")),
        Column("times", "至少几次", "whole", False, only=_kinds("quota"), low=1, high=366),
        Column(
            "months",
            "哪些月份",
            "choice",
            False,
            _MONTHS,
            only=_kinds("monthly_day", "nth_weekday", *_WINDOWS),
        ),
        Column("roll", "遇休息日", "choice", False, _ROLL, only=_DATED),
        Column("roll_on", "哪些日子算休息", "choice", False, _ROLL_ON, only=_DATED),
    ),
    key="name",
    about="坐诊日、排期日等反复出现的日子。下面按草稿中的工作日历推算最近 12 次。",
    ids="recurrence",
)

STATIC: Final = (
    Table(
        "units", "单位", ORGANISATION, "rows", ("unit",), (_ID, _NAME), ids="unit",
        about="诉求涉及的部门。每个单位自带同名工作组，流程图可以把任务交给单位。",
    ),
    Table(
        "roles", "岗位", ORGANISATION, "rows", ("role",),
        (
            _ID,
            _NAME,
            Column("unit", "所属单位", "choice", False, source="unit"),
            Column("sees", "能看到", "choice", False, _SEES),
        ),
        ids="role",
        about="专班、专窗、分管领导等岗位。人员在“人员”中分到岗位。",
    ),
    RECURRENCES,
    Table(
        "deadlines", "时限口径", DATES, "fields", ("deadlines",),
        (
            *(
                Column(key, _SWITCH_LABELS[key][0], "choice", False,
                       tuple((value, _SWITCH_LABELS[key][1][value]) for value in values))
                for key, values in SWITCHES.items()
            ),
            Column("closes_at", "下班时间", "clock", False, hint="写成 17:30 的样子；不填为 18:00"),
            Column("due_time", "截止日的截止时刻", "clock", False, hint="不填为当日 24:00"),
            Column("warning_share", "临近提醒", "number", False, low=0, high=1,
                   hint="时限还剩几成时提醒，0 到 1 之间，例如 0.3"),
        ),
        about="时限怎么数（每个口径只影响新产生的期限；在办期限迁移或重算时按新口径）。",
    ),
    Table(
        "numbering", "编号规则", CASES, "parts", ("numbering",),
        (
            Column("id", "规则名", "id", hint="case 是挂号登记的编号"),
            Column("pattern", "样式", hint="可用 {year} {month} {day} {seq}，例如 XW{year}-{seq:04d}"),
            Column("scope", "从 1 重新开始", "choice", False,
                   tuple(zip(SCOPES, ("每年", "每月", "从不"), strict=True))),
        ),
        ids="numbering",
        about="号码按规则连续给出，不重复。",
    ),
    Table(
        "channels", "受理渠道", CASES, "rows", ("channel",), (_ID, _NAME), ids="channel",
        about="诉求从哪里来：线上、二维码、专窗、走访等。",
    ),
    Table(
        "counters", "二维码摆放地点", CASES, "rows", ("counter",), (_ID, _NAME), ids="counter",
        about="每个地点一张海报；已张贴的海报按代号计数，改代号后旧海报归不到地点。",
    ),
    Table(
        "general", "名称和关联", TEXTS, "fields", (),
        (
            Column("name", "地区名称"),
            Column("title", "流程名称"),
            Column("session_recurrence", "坐诊日按哪条周期规则", "choice", False, source="recurrence"),
            Column("business_key", "办件与场次的关联变量", "text", False, hint="流程图中的变量名"),
        ),
    ),
    Table(
        "notice", "依据文件", TEXTS, "fields", ("notice",),
        (
            Column("number", "文号"),
            Column("date", "印发日期", "date", hint="写成 2024-11-05 的样子"),
            Column("issuer", "印发单位"),
            Column("basis", "上位依据", "long", False),
        ),
    ),
    Table(
        "portal", "门户文字", TEXTS, "fields", ("portal",),
        (
            Column("objects", "服务对象", "long", False),
            Column("scope", "受理范围", "long", False),
            Column("venue", "坐诊地点", "text", False),
            Column("hotline", "咨询电话", "text", False),
            Column("privacy", "个人信息说明", "long", False),
            Column("online_channel", "网上登记算哪个渠道", "choice", False, source="channel"),
            Column("qr_channel", "扫码登记算哪个渠道", "choice", False, source="channel"),
        ),
    ),
    Table(
        "text", "消息、公告用语", TEXTS, "pairs", ("text",),
        (Column("id", "代号", "id", hint="消息模板和公告中引用"), Column("name", "文字", "long")),
        ids="text",
    ),
)  # fmt: skip

_REGISTER = (
    Column("title", "名称"),
    Column("filter", "哪些办件列入", "feel", False, hint="FEEL 条件，空着为全部"),
    Column("department", "表头部门", "feel", False, hint="FEEL"),
)
_REGISTER_COLUMNS = (
    Column("key", "列代号", "id", False, hint="打印模板用"),
    Column("label", "列名"),
    Column("value", "取值", "feel", hint="FEEL，例如 register.enterprise"),
    Column("width", "宽度", "number", False, high=1000, hint="相对宽度，空着为平均"),
)


def tables_of(manifest: Mapping[str, Any]) -> dict[str, Table]:
    """Return every table by name: the fixed ones, the code lists and the registers of this manifest."""
    return {table.name: table for table in (*STATIC, *_code_lists(manifest), *_registers(manifest))}


def code_list(name: str) -> Table:
    """Return the description of one code list."""
    columns = (Column("id", "代码", "text", hint="表单中保存的值"), Column("name", "文字", "long"))
    about = "表单的下拉选项按此表列出；已办件保存的是代码，改文字不改代码。"
    return Table(f"codes.{name}", name, CASES, "pairs", ("codes", name), columns, ids="code", about=about)


def _code_lists(manifest: Mapping[str, Any]) -> Iterator[Table]:
    codes = manifest.get("codes")
    for name in codes if isinstance(codes, Mapping) else ():
        yield code_list(name)


def _registers(manifest: Mapping[str, Any]) -> Iterator[Table]:
    registers = manifest.get("register")
    for index, register in enumerate(registers if isinstance(registers, list) else ()):
        if isinstance(register, Mapping) and isinstance(key := register.get("key"), str):
            title = str(register.get("title", key))
            path = ("register", index)
            yield Table(f"register.{key}", title, REGISTERS, "fields", path, _REGISTER)
            yield Table(
                f"columns.{key}",
                f"{title}：列",
                REGISTERS,
                "rows",
                (*path, "columns"),
                _REGISTER_COLUMNS,
                "key",
            )
