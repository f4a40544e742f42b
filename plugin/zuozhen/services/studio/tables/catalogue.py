"""Every table of the manifest that pages edit: one description each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zuozhen.packs.manifest import SWITCHES
from zuozhen.packs.numbering import SCOPES
from zuozhen.services.studio.tables.listings import LISTS, listings_of
from zuozhen.services.studio.tables.shapes import Column, Table
from zuozhen.workdays import KINDS

ORGANISATION, DATES, CASES, TEXTS = "组织", "日期和时限", "办件", "名称和文字"

_ID = Column("id", "代号", "id", hint="小写字母开头，只用小写字母、数字、_ 和 -；流程图和表单按代号引用")
_NAME = Column("name", "名称")

_SEES = (("own", "本岗位、本单位办过的办件"), ("all", "全部办件"))
_ROLL = (
    ("forward", "顺延到下一工作日"),
    ("backward", "提前到上一工作日"),
    ("none", "不移动"),
    ("skip", "这一次不办"),
)
_ROLL_ON = (("rest_days", "休息日（含周末）"), ("holidays", "只在法定节假日"))
_EDGE = (("first", "第一天"), ("last", "最后一天"))
_YES_NO = (("true", "是"), ("false", "否"))
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


_PART = (("whole", "全月"), ("early", "上旬"), ("middle", "中旬"), ("late", "下旬"))
_DATED = _kinds("monthly_day", "odd_months", "nth_weekday", "weekly")
_HELD = frozenset(KINDS) - {"quota", "rota"}
_WINDOWS = _kinds("first_workdays", "last_workdays")

RECURRENCES = Table(
    "recurrences",
    "周期规则",
    DATES,
    "rows",
    ("recurrence",),
    (
        Column("name", "名称", hint='流程图中写作 recurrence("名称")，挂号期写作 window("名称")'),
        Column("kind", "种类", "choice", choices=tuple(KINDS.items())),
        Column("day", "几号", "whole", False, only=_kinds("monthly_day", "odd_months"), low=1, high=31),
        Column("days", "几个工作日", "whole", False, only=_WINDOWS, low=1, high=20),
        Column("edge", "以窗口的哪一天为准", "choice", False, _EDGE, only=_WINDOWS),
        Column("nth", "第几个", "whole", False, _NTH, only=_kinds("nth_weekday"), low=-1, high=5),
        Column(
            "weekday", "星期几", "whole", False, _WEEKDAY, only=_kinds("nth_weekday", "weekly"), low=1, high=7
        ),
        Column("part", "在哪一旬找", "choice", False, _PART, only=_kinds("nth_weekday")),
        Column("every", "每几周", "whole", False, only=_kinds("weekly"), low=1, high=52, hint="不填为每周"),
        Column(
            "anchor",
            "从哪一周数起",
            "date",
            False,
            only=_kinds("weekly"),
            hint="每几周一次的，写有这一次的那一周中的一天",
        ),
        Column("of", "由哪些周期规则而来", "texts", False, source="recurrence", only=_kinds("union", "rota")),
        Column(
            "holders",
            "轮值名单",
            "texts",
            False,
            source="holder",
            only=_kinds("rota"),
            hint="按顺序，每人每期从上面的日子里得一天",
        ),
        Column(
            "holder",
            "由谁主持",
            "choice",
            False,
            source="holder",
            only=_HELD,
            hint="单位、岗位或代码；不填为不限",
        ),
        Column(
            "period",
            "多久一次",
            "choice",
            False,
            _PERIOD,
            only=_kinds("nth_weekday", "quota", "rota", "last_workday", *_WINDOWS),
        ),
        Column("times", "至少几次", "whole", False, only=_kinds("quota"), low=1, high=366),
        Column(
            "months",
            "哪些月份",
            "choice",
            False,
            _MONTHS,
            only=_kinds("monthly_day", "nth_weekday", "weekly", "last_workday", *_WINDOWS),
        ),
        Column("roll", "遇休息日", "choice", False, _ROLL, only=_DATED),
        Column("roll_on", "哪些日子算休息", "choice", False, _ROLL_ON, only=_DATED),
        Column("opens_at", "首日几点开始", "clock", False, only=_WINDOWS, hint="不填为全天"),
        Column("closes_at", "末日几点截止", "clock", False, only=_WINDOWS, hint="不填为当日 24:00"),
    ),
    key="name",
    about="坐诊日、挂号期等反复出现的日子。下面按草稿中的工作日历推算最近 12 次。",
    ids="recurrence",
    brief=(
        "day",
        "days",
        "edge",
        "nth",
        "weekday",
        "part",
        "every",
        "anchor",
        "of",
        "holders",
        "holder",
        "period",
        "times",
        "months",
        "roll",
        "roll_on",
        "opens_at",
        "closes_at",
    ),
)

_SUCCESSORS = (
    Column("id", "承接单位", "choice", source="unit"),
    Column(
        "when",
        "哪些办件",
        "feel",
        False,
        hint='FEEL 条件，例如 register.matter_kind = "困难问题"；最后一个空着',
    ),
)

STATIC: Final = (
    Table(
        "units", "单位", ORGANISATION, "rows", ("unit",),
        (
            _ID,
            _NAME,
            Column("office", "所属县区、层级", "id", False, hint="几级合用一个流程时填写代号，表单可以只列这一级的单位"),
            Column("from", "设立日期", "date", False, hint="从这一天起才可以选；不填为一直有"),
            Column("until", "撤销日期", "date", False, hint="从这一天起不再有；不填为一直有"),
            Column("successor", "承接单位", "choice", False, source="unit",
                   hint="撤销之日，在办任务、人员转到这里；分立的留空，到“分立”中逐个写"),
        ),
        ids="unit",
        brief=("office", "from", "until", "successor"),
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
        brief=("unit", "sees"),
        about="专班、专窗、分管领导等岗位。人员在“人员”中分到岗位。",
    ),
    RECURRENCES,
    Table(
        "quotas", "次数要求", DATES, "rows", ("quota",),
        (
            _NAME,
            Column("recurrence", "按哪条周期规则", "choice", source="recurrence",
                   hint="“至少几次”按次数；轮值按名单各一次；有日子的按本期的日子数"),
            Column("process", "数哪个流程", "choice", False, source="process", hint="不填为坐诊场次"),
            Column("filter", "哪些算一次", "feel", False, hint="FEEL 条件，空着为全部"),
            Column("by", "按哪一天归入期间", "feel", False, hint="FEEL，不填为 case.session_on（场次日期）"),
            Column("warn_from", "几月起提醒", "whole", False, low=1, high=12,
                   hint="按年的要求从这个月起提醒；按月、按季的始终提醒"),
        ),
        "name",
        ids="quota",
        brief=("recurrence", "process"),
        about="例如每年不少于 10 次。次数不足时，场次页给出提醒。",
    ),
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
            Column("office_hours", "办公时间", "text", False,
                   hint="只在办公时间内计的小时（workhours）用，写成 09:00-12:00 13:30-17:30 的样子"),
            Column("warning_share", "临近提醒", "number", False, low=0, high=1,
                   hint="时限还剩几成时提醒，0 到 1 之间，例如 0.3"),
        ),
        about="时限怎么数（每个口径只影响新产生的期限；在办期限迁移或重算时按新口径）。",
    ),
    Table(
        "processes", "流程图中的流程", CASES, "pairs", ("processes",),
        (
            Column("id", "代号", "id", hint="case 是企业诉求；其他流程另取代号"),
            Column("name", "流程图中的泳池", "choice", source="diagram_process"),
        ),
        ids="process",
        about="流程图中新画一个泳池（流程）后，在这里给它一个代号，事项、台账和统计按代号引用。",
    ),
    Table(
        "procedures", "事项", CASES, "parts", ("procedure",),
        (
            Column("id", "流程", "choice", source="process"),
            Column("label", "人们怎么叫它", "text", False),
            Column("about", "门户上的一句话", "long", False),
            Column("title", "办件标题", "feel", False, hint="FEEL，每次提交表单后重新计算；空着用诉求标题"),
            Column("public", "企业可以在门户发起", "flag", False, _YES_NO, hint="不填：企业诉求可以，其他不可以"),
            Column("open_to", "谁可以手动发起", "texts", False, source="group", hint="都不选：看得到全部办件的岗位"),
            Column("session", "每个办件是一个场次", "flag", False, _YES_NO, hint="不填：代号为 clinic 的是"),
            Column("bookable", "场次何时还能预约", "feel", False,
                   hint="FEEL，可以读场次的表单以及 today、now；空着为一直可以"),
            Column("private", "只有经办人能看", "flag", False, _YES_NO,
                   hint="选“是”：看得到全部办件的岗位也看不到，除非自己办过"),
        ),
        ids="procedure",
        about="一个地区可以有几个流程：诉求、场次、座谈会、投诉、季度通报等。这里写明谁能发起、叫什么。",
    ),
    Table(
        "numbering", "编号规则", CASES, "parts", ("numbering",),
        (
            Column("id", "规则名", "id", hint="case 是登记时的编号"),
            Column("pattern", "样式", hint="可用 {year} {month} {day} {seq} {prefix}，例如 XW{year}-{seq:04d}"),
            Column("scope", "从 1 重新开始", "choice", False,
                   tuple(zip(SCOPES, ("每年", "每月", "从不"), strict=True))),
            Column("form", "提交哪张表单时给号", "choice", False, source="form", hint="规则 case 不填：登记时给号"),
            Column("field", "号码写入哪一项", "text", False, hint="该表单中一个只读文本项的标识（key）"),
            Column("when", "什么情况下给号", "feel", False, hint="FEEL 条件，空着为每次"),
            Column("prefix", "字头", "feel", False, hint="FEEL，样式中有 {prefix} 时填写；每个字头各自从 1 编起"),
        ),
        ids="numbering",
        about="号码按规则连续给出，不重复；作废的号码留在编号簿中，不再使用。",
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
            Column("window", "挂号期按哪条周期规则", "choice", False, source="recurrence",
                   hint="不填：随时可以登记，不显示挂号期"),
        ),
    ),
    Table(
        "parameters", "参数", DATES, "parts", ("parameters",),
        (
            Column("key", "代号", "id", hint="小写字母开头，只用小写字母、数字和 _；读作 parameters.代号"),
            Column("label", "名称", hint="例如 答复期限"),
            Column("value", "值", "value", hint="数字、日期（2026-12-01）、是、否，或文字"),
            Column("unit", "单位", "text", False, hint="例如 个工作日"),
            Column("clause", "依据条款", "text", False),
        ),
        "key",
        about="期限天数、职级、用语等只写一次的值。流程图、表单、模板和文字都读它；部署后新办件照新值，在办件迁移后照新值。",
        ids="parameter",
        brief=("clause",),
    ),
    Table(
        "words", "本地说法", TEXTS, "fields", ("words",),
        (
            Column("register", "登记叫什么", "text", False, hint="不填为“挂号”"),
            Column("session", "场次叫什么", "text", False, hint="不填为“坐诊场次”"),
            Column("sitting", "这项活动叫什么", "text", False, hint="不填为“坐诊”"),
        ),
        about="网页上的这几个词按本地文件的说法显示。",
    ),
    Table(
        "text", "消息、公告用语", TEXTS, "pairs", ("text",),
        (Column("id", "代号", "id", hint="消息模板和公告中引用"), Column("name", "文字", "long")),
        ids="text",
    ),
)  # fmt: skip


def tables_of(manifest: Mapping[str, Any]) -> dict[str, Table]:
    """Return every table by name: the fixed ones, the code lists, the registers and reports of this manifest."""
    found = (*STATIC, *_splits(manifest), *_code_lists(manifest), *LISTS, *listings_of(manifest))
    return {table.name: table for table in found}


def code_list(name: str) -> Table:
    """Return the description of one code list."""
    columns = (Column("id", "代码", "text", hint="表单中保存的值"), Column("name", "文字", "long"))
    about = "表单的下拉选项按此表列出；已办件保存的是代码，改文字不改代码。"
    return Table(f"codes.{name}", name, CASES, "pairs", ("codes", name), columns, ids="code", about=about)


def _splits(manifest: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the successors of every unit that has a day of abolition: a unit may be split."""
    rows = manifest.get("unit")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping) and row.get("until") and isinstance(row.get("id"), str):
            yield Table(
                f"successors.{row['id']}",
                f"{row.get('name', row['id'])}：分立",
                ORGANISATION,
                "rows",
                ("unit", index, "successors"),
                _SUCCESSORS,
                about="由几个单位承接时逐个列出，先成立的条件为准；最后一个不写条件，承接其余的。只有一个的写在单位那一行。",
                parent="units",
            )


def _code_lists(manifest: Mapping[str, Any]) -> Iterator[Table]:
    codes = manifest.get("codes")
    for name in codes if isinstance(codes, Mapping) else ():
        yield code_list(name)
