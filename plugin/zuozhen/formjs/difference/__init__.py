"""What differs between two versions of a form, field by field, in sentences that officials understand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zuozhen import feel
from zuozhen.formjs.difference import words
from zuozhen.formjs.difference.order import moved_parts
from zuozhen.formjs.difference.source import Form, Part, read_form
from zuozhen.formjs.difference.words import quoted
from zuozhen.model.difference import Area, Change, ChangeKind
from zuozhen.model.errors import ContentError

_FEEL_FACTS: Final = frozenset(
    {"hide", "validate.required", "readonly", "expression", "valuesExpression", "properties.required.if",
     "properties.default", "validate.min", "validate.max"}
)  # fmt: skip
MOST_FIELDS: Final = 8


def compare_forms(old: bytes | None, new: bytes | None, *, file: str) -> tuple[Change, ...]:
    """Return every difference between two versions of a form; ``None`` is a form that is not there.

    Blanks, order of JSON keys and what the editor writes about itself make no difference.

    Args:
        old: form-js JSON; it need not be a form that can be used.
        new: the same of the other version.
        file: the path in the pack, for the changes.

    Raises:
        ContentError: one of the texts is no JSON object.
    """
    if old is None or new is None:
        return _whole(old, new, file)
    before, after = read_form(old, file), read_form(new, file)
    return tuple(_Comparison(before, after, file).run())


def form_labels(source: bytes) -> dict[str, str]:
    """Return labels of fields by key and of options under ``key=value``; nothing for a broken form."""
    try:
        return read_form(source, "").labels()
    except ContentError:
        return {}


def form_lists(source: bytes) -> dict[str, str]:
    """Return the list (``valuesKey``) that each field takes its options from; nothing for a broken form."""
    try:
        form = read_form(source, "")
    except ContentError:
        return {}
    return {
        part.key: str(part.facts["valuesKey"]) for part in form.parts.values() if "valuesKey" in part.facts
    }


def form_title(source: bytes, key: str) -> str:
    """Return the title of a form; its key if it has none or is broken."""
    try:
        return read_form(source, f"{key}.json").title
    except ContentError:
        return key


def _whole(old: bytes | None, new: bytes | None, file: str) -> tuple[Change, ...]:
    source = new if new is not None else old
    if source is None:
        return ()
    form = read_form(source, file)
    kind: ChangeKind = "added" if new is not None else "removed"
    fields = [
        quoted(part.label or part.key) for part in form.parts.values() if part.key and part.type != "group"
    ]
    shown = "、".join(fields[:MOST_FIELDS]) + ("等" if len(fields) > MOST_FIELDS else "")
    tail = f"（{len(fields)} 个字段：{shown}）" if fields and kind == "added" else ""
    sentence = f"{'新增' if kind == 'added' else '删除'}表单{quoted(form.title)}{tail}"
    texts = {"new": form.title} if kind == "added" else {"old": form.title}
    return (Change(kind, "form", sentence, file, **texts),)


@dataclass(slots=True)
class _Comparison:
    old: Form
    new: Form
    file: str

    def run(self) -> Iterator[Change]:
        labels = {**self.old.labels(), **self.new.labels()}
        for fact in _differing(self.old.facts, self.new.facts):
            yield self._setting(fact, None, self.old.facts.get(fact), self.new.facts.get(fact), labels)
        same = _match(self.old, self.new)
        gone = self.old.parts.keys() - same.keys()
        come = self.new.parts.keys() - set(same.values())
        for name, part in self.new.parts.items():
            if name in come:
                yield self._say("added", f"新增{words.title(part)}{_details(part)}", part, new=part.label)
        for name, part in self.old.parts.items():
            if name in gone:
                yield self._say("removed", f"删除{words.title(part)}", part, old=part.label)
            else:
                yield from self._part(part, self.new.parts[same[name]], labels, same)
        for part, after in moved_parts(self.old, self.new, same):
            where = f"移到{words.title(after)}之后" if after else "移到最前"
            yield self._say("moved", f"{words.title(part)}{where}", part)

    def _part(
        self, old: Part, new: Part, labels: Mapping[str, str], same: Mapping[str, str]
    ) -> Iterator[Change]:
        name = words.title(new)
        if old.key != new.key:
            yield self._say(
                "changed", f"{name}的字段名：{old.key} → {new.key}", new, old=old.key, new=new.key
            )
        if old.type != new.type:
            said = f"{name}的类型：{words.type_name(old)} → {words.type_name(new)}"
            yield self._say("changed", said, new, old=old.type, new=new.type)
        if old.label != new.label:
            said = f"{words.title(old)}的名称改为{quoted(new.label or '（无）')}"
            yield self._say("changed", said, new, old=old.label, new=new.label)
        if (options := _options(old, new)) is not None:
            texts = ["、".join(part.options.values()) for part in (old, new)]
            yield self._say("changed", f"{name}的选项：{options}", new, old=texts[0], new=texts[1])
        for fact in _differing(old.facts, new.facts):
            if fact not in ("label", "dateLabel", "timeLabel"):
                yield self._setting(fact, new, old.facts.get(fact), new.facts.get(fact), labels)
        if same.get(old.parent, "") != new.parent:
            where = self.new.parts.get(new.parent)
            said = f"{name}移入{words.title(where)}" if where else f"{name}移出分组"
            yield self._say("moved", said, new)
        elif _layout(self.old, old, same) != _layout(self.new, new, {}):
            yield self._say("moved", f"{name}的行列位置有调整", new)

    def _setting(self, fact: str, part: Part | None, old: Any, new: Any, labels: Mapping[str, str]) -> Change:
        name = words.title(part) if part is not None else ""
        texts = {"old": "" if old is None else str(old), "new": "" if new is None else str(new)}
        area: Area = "clause" if fact == "properties.clause" else "form"
        sentence = words.switched(fact, new)
        if sentence:
            return self._say("changed", f"{name}{sentence}", part, area=area, **texts)
        shown = [words.value(fact, setting, part, labels) for setting in (old, new)]
        if shown[0] == shown[1]:
            shown = [str(old), str(new)]
        label = words.label(fact) if fact != "validate.required" else "何时必填"
        said = f"{name}{'的' if name else ''}{label}：{shown[0]} → {shown[1]}"
        return self._say("changed", said, part, area=area, **texts)

    def _say(
        self,
        kind: ChangeKind,
        sentence: str,
        part: Part | None,
        *,
        area: Area = "form",
        old: str = "",
        new: str = "",
    ) -> Change:
        element = (part.name if part.key else part.id) if part is not None else ""
        return Change(kind, area, f"表单{quoted(self.new.title)}：{sentence}", self.file, element, old, new)


def _match(old: Form, new: Form) -> dict[str, str]:
    """Return old name → new name: by key, and by the editor's id where only the key changed."""
    same = {name: name for name in old.parts if name in new.parts}
    left = {part.id: name for name, part in new.parts.items() if part.id and name not in old.parts}
    for name, part in old.parts.items():
        other = new.parts.get(left.get(part.id, "")) if name not in same else None
        if other is not None and other.type == part.type:
            same[name] = other.name
    return same


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    names = [*old, *(name for name in new if name not in old)]
    return [name for name in names if not _same(name, old.get(name), new.get(name))]


def _same(fact: str, old: Any, new: Any) -> bool:
    if fact in _FEEL_FACTS and isinstance(old, str) and isinstance(new, str):
        return feel.same(old, new, unary=fact == "hide")
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _details(part: Part) -> str:
    notes = [words.type_name(part)] if part.type != "group" else []
    if part.facts.get("validate.required") is True:
        notes.append("必填")
    if part.options:
        notes.append(f"选项：{'、'.join(list(part.options.values())[:MOST_FIELDS])}")
    return f"（{'，'.join(notes)}）" if notes else ""


def _options(old: Part, new: Part) -> str | None:
    """Say which options came, went, have another label or place; ``None`` if all are as before."""
    if list(old.options.items()) == list(new.options.items()):
        return None
    parts = []
    for word, one, other in (("新增", new, old), ("删除", old, new)):
        names = [quoted(label) for value, label in one.options.items() if value not in other.options]
        if names:
            parts.append(f"{word}{'、'.join(names)}")
    for value, label in new.options.items():
        if value in old.options and old.options[value] != label:
            parts.append(f"{quoted(old.options[value])}改为{quoted(label)}")
    kept = [
        [value for value in one.options if value in other.options] for one, other in ((old, new), (new, old))
    ]
    if kept[0] != kept[1]:
        parts.append("调整了顺序")
    return "，".join(parts)


def _layout(form: Form, part: Part, same: Mapping[str, str]) -> tuple[object, ...]:
    """Return what shares the row, and the width; the row's own id says nothing."""
    mates = frozenset(
        same.get(other.name, other.name)
        for other in form.parts.values()
        if part.row and other.row == part.row and other.parent == part.parent and other.name != part.name
    )
    return (part.columns, mates)
