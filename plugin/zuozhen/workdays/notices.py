"""Reads the State Council's yearly notice as people paste it: festivals, days off, worked weekends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from zuozhen.model.errors import Finding

_LONGEST: Final = 20_000
_FESTIVALS: Final = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_YEAR = re.compile(r"(20[0-9]{2})年部分节假日")
_NUMBER = re.compile(r"国办[\u4e00-\u9fff]{0,6}[〔\[(]20[0-9]{2}[〕\])][0-9]{1,4}号")
_TITLE = re.compile(r"国务院办公厅关于20[0-9]{2}年部分节假日安排的通知")
_HEADING = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|\(?[0-9]{1,2}[).、])?([\u4e00-\u9fff0-9、和与]{2,30}(?:\([\u4e00-\u9fff]{1,8}\))?):"
)
_PIECE = re.compile(
    r"(?:(?P<year>[0-9]{4})年)?(?:(?P<month>[0-9]{1,2})月)?(?P<day>[0-9]{1,2})日(?:\((?P<aside>[^()]{0,30})\))?"
    r"|(?P<to>至|到|-|—+|–|~)|(?P<off>放假|休息|公休)|(?P<work>上班)|共(?P<total>[0-9]{1,2})天|(?P<stop>[。;\n])"
)
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")


@dataclass(slots=True)
class Understood:
    """What was read: ``table`` has the shape of a year's data file; ``findings`` are doubts and mistakes."""

    table: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)

    def report(self, message: str, hint: str = "", *, error: bool = True) -> None:
        self.findings.append(Finding("error" if error else "warning", "calendar-notice", message, hint=hint))


def read_notice(text: str, *, year: int | None = None, source: str = "") -> Understood:
    """Read the text of a notice; never raises.

    ``year`` and ``source`` (文号) count where the text does not say them itself.
    """
    plain = _plain(text[:_LONGEST])
    head = plain[:2000].replace("\n", "")  # titles are set on two lines
    stated = _YEAR.search(head)
    found_number = _NUMBER.search(head)
    year = int(stated[1]) if stated else year
    source = found_number[0].replace("(", "〔").replace(")", "〕") if found_number else source.strip()
    understood = Understood({"year": year or 0, "source": source, "holiday": []})
    if title := _TITLE.search(head):
        understood.table["title"] = title[0]
    if year is None:
        understood.report("看不出是哪一年的安排", hint="请填写年份，或连同通知标题一起粘贴")
        return understood
    if not source:
        understood.report("没有文号", hint="请填写通知的文号，例如 国办发明电〔2025〕7号")
    for name, body in _items(plain):
        _Reader(understood, name, year).read(body)
    _complete(understood)
    return understood


def _plain(text: str) -> str:
    """Return the text with full-width signs made plain and spaces removed; line breaks stay."""
    normal = unicodedata.normalize("NFKC", text)
    return "\n".join("".join(line.split()) for line in normal.splitlines())


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Yield (festival, everything said of it)."""
    heads = [
        match
        for match in _HEADING.finditer(text)
        if any(word in match[1] for word in ("节", "元旦", "纪念日")) and "节假日" not in match[1]
    ]
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        yield head[1].strip("、"), text[head.end() : end]


class _Reader:
    """Reads what is said of one festival, piece by piece: dates gather until a verb says what they are."""

    def __init__(self, understood: Understood, name: str, year: int) -> None:
        self.understood = understood
        self.name = name
        self.year = year
        self.month = 0
        self.offs: list[tuple[date, date]] = []
        self.works: list[date] = []
        self.pending: list[tuple[date, date]] = []
        self.joining = False

    def read(self, body: str) -> None:
        for sentence in re.split(r"(?<=[。;\n])", body):
            if "鼓励" not in sentence and "建议" not in sentence:
                for piece in _PIECE.finditer(sentence):
                    self._take(piece)
            self.pending, self.joining = [], False
        if not self.offs and not self.works:
            self._doubt("没有读出放假或上班的日期", "请核对原文，或在表中手工填写")
            return
        first = self.offs[0] if self.offs else None
        holiday: dict[str, Any] = {"name": self.name}
        if first:
            holiday["off"] = [first[0].isoformat(), first[1].isoformat()]
        if self.works:
            holiday["work"] = [day.isoformat() for day in self.works]
        extra = [
            {"name": self.name, "off": [start.isoformat(), end.isoformat()]} for start, end in self.offs[1:]
        ]
        self.understood.table["holiday"] += [holiday, *extra]

    def _take(self, piece: re.Match[str]) -> None:
        if piece["day"]:
            self._date(piece)
        elif piece["to"]:
            self.joining = bool(self.pending)
        elif piece["off"]:
            self.offs += self.pending
            self.pending = []
        elif piece["work"]:
            self.works += [start for start, _ in self.pending]
            self.pending = []
        elif piece["total"]:
            self._check_total(int(piece["total"]))

    def _date(self, piece: re.Match[str]) -> None:
        month = int(piece["month"]) if piece["month"] else self.month
        year = int(piece["year"]) if piece["year"] else self.year
        if not piece["year"] and month == 12 and "元旦" in self.name:
            year -= 1
        try:
            day = date(year, month, int(piece["day"]))
        except ValueError:
            self._doubt(f"“{piece[0]}”不是日期", "请核对原文")
            return
        self.month = month
        weekday = _WEEKDAY.search(piece["aside"] or "")
        if weekday and "一二三四五六日".index(weekday[1].replace("天", "日")) != day.weekday():
            self._doubt(f"{day:%Y-%m-%d} 不是{weekday[0]}", "请核对年份和日期")
        if self.joining:
            start = self.pending.pop()[0]
            if day < start:
                self._doubt(f"“{start} 至 {day}”先后颠倒", "请核对原文")
                day = start
            self.pending.append((start, day))
            self.joining = False
        else:
            self.pending.append((day, day))

    def _check_total(self, total: int) -> None:
        days = sum((end - start).days + 1 for start, end in self.offs)
        if self.offs and days != total:
            self._doubt(f"原文写“共{total}天”，读出 {days} 天", "请核对放假起止日期")

    def _doubt(self, message: str, hint: str) -> None:
        self.understood.report(f"{self.name}：{message}", hint)


def _complete(understood: Understood) -> None:
    """Say which festivals are missing: a page copied by halves must not go unnoticed."""
    names = "、".join(holiday["name"] for holiday in understood.table["holiday"])
    if not names:
        understood.report(
            "没有读出任何节日", hint="每个节日应写成“一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。”"
        )
        return
    missing = [name for name in _FESTIVALS if name.removesuffix("节") not in names]
    if missing:
        understood.report(f"没有读到{'、'.join(missing)}", hint="请核对粘贴的内容是否完整", error=False)
