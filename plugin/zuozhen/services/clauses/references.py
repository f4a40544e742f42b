"""What ``by`` of a clause names: parts of a pack and pages of the product, each with the words people know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from zuozhen.model.errors import NotFound
from zuozhen.packs import Pack
from zuozhen.services.releases import Release

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "home": ("门户首页", "/p/<slug>/"),
    "notice": ("门户“依据文件”", "/p/<slug>/notice"),
    "register": ("网上登记", "/p/<slug>/register"),
    "query": ("办理进度查询", "/p/<slug>/query"),
    "results": ("办理结果公开", "/p/<slug>/results"),
    "feed": ("公告订阅", "/p/<slug>/feed.xml"),
    "tables": ("门户资料表", "/p/<slug>/tables/<key>"),
    "rating": ("评价链接", "/p/<slug>/link/<text>"),
    "onsite": ("现场评价二维码", "/tasks/<token>/onsite"),
    "intake": ("代企业登记", "/cases/new"),
    "tasks": ("待办", "/tasks"),
    "cases": ("办件", "/cases"),
    "case": ("办件记录", "/cases/<uuid:case_id>"),
    "sessions": ("坐诊场次", "/sessions"),
    "session_register": ("场次清单", "/sessions/<key>/<register_key>"),
    "announcements": ("公告", "/announcements"),
    "counters": ("二维码和空白表", "/counters"),
    "registers": ("台账", "/registers"),
    "reports": ("统计", "/reports"),
    "numbers": ("编号簿", "/numbers"),
    "corrections": ("更正记录", "/corrections"),
    "archive": ("归档案卷", "/archive"),
    "calendars": ("工作日历", "/studio/tables/calendar"),
}
"""Pages that a clause may name: what people call them, and their address."""

_PORTAL: Final = {
    "scope": "受理范围",
    "venue": "地点",
    "hotline": "咨询电话",
    "privacy": "信息使用说明",
    "objects": "服务对象",
    "online_channel": "网上登记的渠道",
    "qr_channel": "扫码登记的渠道",
    "window": "挂号期",
}
_DEADLINES: Final = {
    "count_from": "起算日",
    "received_after_hours": "下班后收到",
    "calendar_days": "日历日遇休息日",
    "month_as": "一个月的算法",
    "before_rest_day": "提前日遇休息日",
    "closes_at": "下班时间",
    "due_time": "截止时刻",
    "office_hours": "办公时间",
    "warning_share": "临近提醒",
}
_TITLE: Final = re.compile(r"\{%-?\s*set title\s*=\s*\"([^\"]+)\"")
_JINJA: Final = re.compile(r"\{[{%#].*?[}%#]\}")


class Keyed(Protocol):
    """A part of a pack with a key and a title."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...


def called(reference: str, release: Release) -> str:
    """Return what a reference names in the words people know; empty if there is no such thing."""
    kind, _, rest = reference.partition(":")
    if kind.startswith("portal.") and not rest:
        key = kind.removeprefix("portal.")
        return f"门户文字“{_PORTAL[key]}”" if getattr(release.pack.portal, key, "") else ""
    finder = _KINDS.get(kind)
    return finder(release, rest) if finder else ""


def form_of(reference: str) -> str:
    """Return the key of the form that a reference names; empty if it names something else."""
    kind, _, rest = reference.partition(":")
    return rest.partition(".")[0] if kind == "form" else ""


def _form(release: Release, rest: str) -> str:
    key, _, field = rest.partition(".")
    try:
        form = release.form(key)
    except NotFound:
        return ""
    if not field:
        return f"表单“{_inner(form.title)}”"
    found = form.fields.get(field)
    return f"表单“{_inner(form.title)}”的“{_inner(found.title)}”" if found else ""


def _print(release: Release, key: str) -> str:
    source = release.print_template(key)
    title = _TITLE.search(source or "")
    return f"打印件“{_inner(title[1] if title else key)}”" if source is not None else ""


def _message(release: Release, key: str) -> str:
    source = release.message_template(key)
    if source is None:
        return ""
    subject = _JINJA.sub("…", source.strip().partition("\n")[0]).strip() or key
    return f"消息“{_inner(subject)}”"


def _keyed(word: str, parts: Callable[[Pack], Iterable[Keyed]]) -> Callable[[Release, str], str]:
    def find(release: Release, key: str) -> str:
        title = next((part.title for part in parts(release.pack) if part.key == key), "")
        return f"{word}“{_inner(title)}”" if title else ""

    return find


def _named(word: str, parts: Callable[[Pack], Iterable[Any]], key: str) -> Callable[[Release, str], str]:
    """Find a part by ``key`` (``id`` or ``name``); without a key all of them are meant."""

    def find(release: Release, wanted: str) -> str:
        names = [str(part.name) for part in parts(release.pack) if wanted in ("", getattr(part, key))]
        return f"{word}{'、'.join(f'“{_inner(name)}”' for name in names)}" if names else ""

    return find


def _procedure(release: Release, alias: str) -> str:
    found = release.pack.procedures.get(alias)
    return f"流程“{_inner(found.label)}”" if found else ""


def _numbering(release: Release, name: str) -> str:
    found = release.pack.numberings.get(name)
    return f"编号规则“{found.pattern}”" if found else ""


def _codes(release: Release, name: str) -> str:
    labels = release.pack.codes.get(name)
    return f"代码表“{name}”（{len(labels)} 项）" if labels else ""


def _parameter(release: Release, key: str) -> str:
    found = release.pack.parameters.get(key)
    return f"参数“{_inner(found.label)}”" if found else ""


def _deadline(release: Release, key: str) -> str:
    known = {"warning_share", *release.pack.deadlines.switches}
    return f"时限口径“{_DEADLINES[key]}”" if key in known else ""


def _page(_release: Release, name: str) -> str:
    return f"页面“{_inner(PAGES[name][0])}”" if name in PAGES else ""


def _notice(release: Release, rest: str) -> str:
    return f"依据文件{release.pack.notice.number}" if not rest else ""


def _inner(name: str) -> str:
    """Return a name that is to stand in quotation marks."""
    return name.translate(str.maketrans("“”", "‘’"))


_KINDS: Final[Mapping[str, Callable[[Release, str], str]]] = {
    "form": _form,
    "print": _print,
    "message": _message,
    "register": _keyed("台账", lambda pack: pack.registers),
    "report": _keyed("统计", lambda pack: pack.reports),
    "table": _keyed("资料表", lambda pack: pack.tables),
    "recurrence": _named("周期", lambda pack: pack.recurrences, "name"),
    "quota": _named("次数要求", lambda pack: pack.quotas, "name"),
    "role": _named("岗位", lambda pack: pack.roles, "id"),
    "unit": _named("单位", lambda pack: pack.units, "id"),
    "channel": _named("渠道", lambda pack: pack.channels, "id"),
    "counter": _named("摆放地点", lambda pack: pack.counters, "id"),
    "procedure": _procedure,
    "numbering": _numbering,
    "codes": _codes,
    "parameter": _parameter,
    "deadline": _deadline,
    "page": _page,
    "notice": _notice,
}

PROVED: Final[Mapping[str, str]] = {
    "form": "表单检查",
    "print": "打印样张比对",
    "page": "页面测试",
    "portal": "页面测试",
    "notice": "页面测试",
    "counter": "页面测试",
    "table": "页面测试",
    "register": "台账测试",
    "report": "统计测试",
    "recurrence": "日期测试",
    "deadline": "日期测试",
    "numbering": "编号测试",
    "quota": "次数测试",
    "message": "消息检查",
}
"""What proves a reference of a kind besides the scenarios; other kinds are proved by the check of the pack."""
