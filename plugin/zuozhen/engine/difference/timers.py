"""Timers in both versions, or new, or gone: what that means for deadlines."""

from __future__ import annotations

from typing import Final

from zuozhen import feel
from zuozhen.engine.difference.comparison import Comparison
from zuozhen.engine.difference.deadlines import compared, limit_of
from zuozhen.engine.difference.source import Item
from zuozhen.engine.difference.words import Names, changed, quoted

BOUNDARY: Final = "boundaryEvent"
_STARTS: Final = "startEvent"


def timer_changes(this: Comparison, old: Item, new: Item) -> None:
    """Note a changed rule, and whether it now ends the task instead of reminding (or the other way)."""
    before, after = old.facts.get("timer", ""), new.facts.get("timer", "")
    subject = _subject(this, new)
    cycles = [_recurs(item) for item in (old, new)]
    if (before or after) and (not feel.same(before or "null", after or "null") or cycles[0] != cycles[1]):
        said = (
            compared(before, after, this.variables) if before and after else _one_sided(this, before, after)
        )
        if cycles[0] != cycles[1]:
            said += f"，{'改为反复到期' if cycles[1] else '不再反复到期'}"
        this.say("changed", "deadline", f"{subject} {said}", new, old=before, new=after)
    modes = [item.facts.get("interrupting", "true") for item in (old, new)]
    if modes[0] != modes[1] and BOUNDARY in (old.kind, new.kind) and "timer" in new.facts:
        words = [_mode(mode) for mode in modes]
        sentence = f"{subject}到期后：{changed(*words)}"
        this.say("changed", "deadline", sentence, new, old=modes[0], new=modes[1])


def one_timer(this: Comparison, item: Item, *, added: bool) -> str:
    """Return the sentence for a new or removed timer."""
    limit = limit_of(item.facts.get("timer", ""), this.variables)
    word = "新增" if added else "删除"
    if item.kind != BOUNDARY:
        names = this.new_names if added else this.old_names
        place = names.place(item.id)
        what = "定时开始" if item.kind == _STARTS else "定时等待"
        return f"{word}{what}{names.of(item.id)}{f'（{place}）' if place else ''}：{limit}"
    host = (this.new_names if added else this.old_names).of(item.facts.get("attached", ""))
    tail = f"，到期后{_mode(item.facts.get('interrupting', 'true'))}" if added else ""
    return f"{host}{word}时限 {limit}{tail}"


def _recurs(item: Item) -> bool:
    return "timer-cycle" in item.facts or item.facts.get("timer", "").startswith("R")


def _one_sided(this: Comparison, old: str, new: str) -> str:
    return changed(*(str(limit_of(text, this.variables)) if text else "" for text in (old, new)))


def _mode(interrupting: str) -> str:
    return "提醒（环节继续）" if interrupting == "false" else "中断（环节结束，转入后续）"


def _subject(this: Comparison, item: Item) -> str:
    """Return ``“单一部门办理”时限``, or what else the timer is for."""
    names: Names = this.new_names
    host = item.facts.get("attached", "")
    if item.kind == BOUNDARY and host:
        several = max(len(sheet.timers_on.get(host, ())) for sheet in (this.old, this.new)) > 1
        which = f"（{quoted(item.name)}）" if several and item.name else ""
        return f"{names.of(host)}{which}时限"
    return f"{names.of(item.id)}的{'启动时间' if item.kind == _STARTS else '等待期限'}"
