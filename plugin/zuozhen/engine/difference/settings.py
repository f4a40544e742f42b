"""Things that are in both versions: what about them is different."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from zuozhen import feel
from zuozhen.engine.difference.comparison import Comparison
from zuozhen.engine.difference.deadlines import limit_of
from zuozhen.engine.difference.labels import LABELS, PREFIXES, USUAL, VALUES
from zuozhen.engine.difference.source import Item
from zuozhen.engine.difference.timers import timer_changes
from zuozhen.engine.difference.words import EVENT_NAMES, changed, kind_name, noun, quoted
from zuozhen.model.difference import Area

REFERENCED_KINDS: Final = frozenset({"message", "error", "escalation", "signal"})
"""Declared once, shown by the events that refer to them: those say what changed."""

_TOLD_ELSEWHERE: Final = frozenset({"name", "timer", "timer-cycle"})
_ENDS: Final = frozenset({"source", "target"})
_FEEL_FACTS: Final = frozenset(
    {"condition", "timer", "prop:zz:key", "prop:zz:until", "prop:zz:share", "loop:collection", "loop:completionCondition",
     "loop:loopCardinality"}
)  # fmt: skip
_LISTS: Final = frozenset({"group", "users", "prop:zz:payload", "prop:zz:yes"})


def compare_settings(this: Comparison) -> None:
    """Note what differs in things that both versions have."""
    for id_ in this.common:
        old, new = this.old.items[id_], this.new.items[id_]
        _identity(this, old, new)
        timer_changes(this, old, new)
        for fact in sorted(old.facts.keys() | new.facts.keys()):
            before, after = old.facts.get(fact, ""), new.facts.get(fact, "")
            told = fact in _TOLD_ELSEWHERE or (fact in _ENDS and new.is_flow)
            if before == after or told or same_fact(fact, before, after):
                continue
            _SPECIAL.get(fact, _ordinary)(this, new, fact, before, after)


def same_fact(fact: str, old: str, new: str) -> bool:
    """Tell whether two texts of a fact mean the same."""
    if fact == "out-order":
        return _same_order(old, new)
    if not old or not new:
        return (old or USUAL.get(fact)) == (new or USUAL.get(fact))
    if fact in _LISTS and not (_is_feel(old) or _is_feel(new)):
        return sorted(_items(old)) == sorted(_items(new))
    if fact in _FEEL_FACTS or fact.startswith("out:") or (_is_feel(old) and _is_feel(new)):
        return feel.same(old, new)
    return old == new


def _same_order(old: str, new: str) -> bool:
    """Tell whether what both versions write is written in the same order."""
    names = [text.split("、") for text in (old, new)]
    kept = [[name for name in one if name in other] for one, other in (names, reversed(names))]
    return kept[0] == kept[1]


def _identity(this: Comparison, old: Item, new: Item) -> None:
    name = this.new_names.of(new.id)
    if new.id in this.former and (new.is_node or new.kind == "process"):
        before = this.former[new.id]
        sentence = f"{noun(new)}{name}改了编号：{before} → {new.id}"
        this.say("changed", "path", sentence, new, old=before, new=new.id)
    if old.kind != new.kind:
        sentence = f"{name}由{kind_name(old)}改为{kind_name(new)}"
        this.say("changed", "path", sentence, new, old=old.kind, new=new.kind)
    if old.name != new.name and not is_referenced(this, new):
        this.say("changed", "name", _renaming(this, old, new), new, old=old.name, new=new.name)


def _renaming(this: Comparison, old: Item, new: Item) -> str:
    if old.is_flow:
        ends = [this.new_names.of(new.facts.get(end, "")) for end in ("source", "target")]
        return f"从{ends[0]}到{ends[1]}的连线名称：{changed(old.name, new.name)}"
    if not old.name:
        return f"{this.old_names.of(new.id)}命名为{quoted(new.name)}"
    host = this.new.get(new.facts.get("attached")) if new.kind == "boundaryEvent" else None
    if host is not None:
        return f"{this.new_names.of(host.id)}上的{noun(new)}{quoted(old.name)}改名为{quoted(new.name or '（无）')}"
    if not new.name:
        return f"{noun(new)}{quoted(old.name)}去掉了名称"
    return f"{noun(new)}{quoted(old.name)}改名为{quoted(new.name)}"


def is_referenced(this: Comparison, item: Item) -> bool:
    """Tell whether events name this message, error …, so that they tell its changes."""
    return item.kind in REFERENCED_KINDS and item.kind in this.old.mentioned | this.new.mentioned


def _ordinary(this: Comparison, item: Item, fact: str, old: str, new: str) -> None:
    if fact in ("attr:errorCode", "attr:escalationCode") and is_referenced(this, item):
        return
    area, label = LABELS.get(fact) or _by_prefix(fact)
    words = [value_words(this, fact, text) for text in (old, new)]
    if words[0] == words[1]:
        words = [old, new]
    sentence = f"{this.new_names.of(item.id)}的{label}：{changed(*words)}"
    this.say("changed", area, sentence, item, old=old, new=new)


def _by_prefix(fact: str) -> tuple[Area, str]:
    for prefix, (area, label) in PREFIXES.items():
        if fact.startswith(prefix):
            return area, f"{label} {fact[len(prefix) :]}"
    return "property", fact


def value_words(this: Comparison, fact: str, text: str) -> str:
    """Return a fact's text as people know it: names of groups and forms, words for codes."""
    if text in VALUES.get(fact, {}):
        return VALUES[fact][text]
    if fact in ("group", "users", "assignee", "prop:zz:to"):
        return _people(this, text)
    if fact in ("form", "prop:zz:template"):
        return quoted(this.labels[text]) if text in this.labels and fact == "form" else text
    if fact == "prop:zz:activity" or fact in _ENDS:
        return (this.new_names if text in this.new.items else this.old_names).of(text)
    if fact == "prop:zz:payload":
        return "、".join(quoted(this.variables.get(item, item)) for item in _items(text))
    if fact == "prop:zz:ttl":
        return str(limit_of(text, this.variables)) if text else ""
    if fact.startswith("loop:") or fact in ("prop:zz:key", "prop:zz:until"):
        return this.variables.get(feel.bare(text), feel.bare(text)) if text else ""
    return text


def _people(this: Comparison, text: str) -> str:
    if not text:
        return ""
    if not _is_feel(text):
        return "、".join(quoted(_group(this, item)) for item in _items(text))
    name = feel.bare(text)
    return f"按{quoted(this.variables[name])}确定" if name in this.variables else f"按 {name} 确定"


def _group(this: Comparison, id_: str) -> str:
    return "企业" if id_ == "enterprise" else this.labels.get(id_, id_)


def _condition(this: Comparison, item: Item, _: str, old: str, new: str) -> None:
    words = [feel.in_words(text, this.variables) if text else "" for text in (old, new)]
    if words[0] == words[1]:
        words = [feel.bare(old), feel.bare(new)]
    sentence = f"{branch(this, item)}的条件：{changed(*words)}"
    this.say("changed", "condition", sentence, item, old=old, new=new)


def branch(this: Comparison, flow: Item) -> str:
    """Return ``“是否受理”走向“告知企业”``."""
    names = this.new_names if flow.id in this.new.items else this.old_names
    return f"{names.of(flow.facts.get('source', ''))}走向{names.towards(flow.facts.get('target', ''))}"


def _default(this: Comparison, item: Item, _: str, old: str, new: str) -> None:
    targets = []
    for sheet, names, id_ in ((this.old, this.old_names, old), (this.new, this.new_names, new)):
        flow = sheet.get(id_)
        targets.append(names.towards(flow.facts.get("target", "")) if flow else id_)
    sentence = f"{this.new_names.of(item.id)}的默认走向：{changed(*targets)}"
    this.say("changed", "path", sentence, item, old=old, new=new)


def _interrupting(this: Comparison, item: Item, _: str, old: str, new: str) -> None:
    if "timer" in item.facts and item.kind == "boundaryEvent":
        return  # said with the deadline
    words = ["不中断（原环节继续）" if text == "false" else "中断（原环节结束）" for text in (old, new)]
    sentence = f"{this.new_names.of(item.id)}发生时：{changed(*words)}"
    this.say("changed", "path", sentence, item, old=old or "true", new=new or "true")


def _elsewhere(this: Comparison, item: Item, fact: str, old: str, new: str) -> None:
    """Moved into another sub-process, lane or onto another task."""
    before = this.old_names.of(old) if old else ""
    after = this.new_names.of(new) if new else ""
    name = this.new_names.of(item.id)
    if fact == "attached":
        sentence = f"{name}由附在{before}上改为附在{after}上"
        this.say("changed", "path", sentence, item, old=old, new=new)
    elif fact == "lane":
        this.say("changed", "property", f"{name}所在的泳道：{changed(before, after)}", item, old=old, new=new)
    else:
        this.say("changed", "path", f"{name}所在的位置：{changed(before, after)}", item, old=old, new=new)


def _event(this: Comparison, item: Item, _: str, old: str, new: str) -> None:
    words = ["、".join(EVENT_NAMES.get(part, part) for part in text.split("\n") if part) or "普通"
             for text in (old, new)]  # fmt: skip
    sentence = f"{this.new_names.of(item.id)}的类型：{changed(*words)}"
    this.say("changed", "path", sentence, item, old=old, new=new)


_SPECIAL: Final[Mapping[str, Callable[[Comparison, Item, str, str, str], None]]] = {
    "condition": _condition,
    "default": _default,
    "interrupting": _interrupting,
    "attached": _elsewhere,
    "lane": _elsewhere,
    "scope": _elsewhere,
    "event": _event,
}


def _is_feel(text: str) -> bool:
    return text.startswith(("=", "${", "#{"))


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
