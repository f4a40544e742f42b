"""pack.toml: compared as data, so that comments and order of keys make no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from zuozhen.model.difference import Area, Change, ChangeKind
from zuozhen.model.errors import ContentError
from zuozhen.packs.difference.labels import (
    CODED,
    DEADLINES,
    HEAD,
    LISTS,
    NOTICE,
    NUMBERING,
    PORTAL,
    PROCEDURE,
    VALUES,
    VALUES_OF,
    WORDS,
    Kind,
)
from zuozhen.packs.difference.words import changed, quoted, said
from zuozhen.packs.reader import parse_toml


def compare_manifests(old: bytes, new: bytes, *, file: str) -> tuple[Change, ...]:
    """Return every difference between two pack.toml, table by table; of parameters see ``compare_parameters``.

    Raises:
        ContentError: one of the texts is no TOML.
    """
    return tuple(_Manifests(_table(old, file), _table(new, file), file).run())


def _table(data: bytes, file: str) -> Mapping[str, Any]:
    table, findings = parse_toml(data, file)
    if findings:
        raise ContentError(f"{file} 无法读取：{findings[0].message}", findings, hint=findings[0].hint)
    return table


@dataclass(frozen=True, slots=True)
class _Manifests:
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    file: str

    def run(self) -> Iterator[Change]:
        told = {
            "notice",
            "portal",
            "words",
            "deadlines",
            "text",
            "codes",
            "numbering",
            "processes",
            "procedure",
            "parameters",
            *LISTS,
        }
        plain = [
            {key: value for key, value in table.items() if key not in told} for table in (self.old, self.new)
        ]
        yield from self._settings("", plain[0], plain[1], HEAD)
        for key, subject, labels in (("notice", "", NOTICE), ("portal", "门户的", PORTAL),
                                     ("words", "本地说法：", WORDS), ("text", "用语", {}),
                                     ("processes", "流程", {})):  # fmt: skip
            yield from self._settings(subject, *self._both(key), labels)
        yield from self._settings("时限口径：", *self._both("deadlines"), DEADLINES, "deadline")
        for key, kind in LISTS.items():
            yield from self._list(kind, _things(self.old.get(key)), _things(self.new.get(key)), "")
        yield from self._procedures()
        yield from self._numberings()
        yield from self._codes()

    def _both(self, key: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return _mapping(self.old.get(key)), _mapping(self.new.get(key))

    def _settings(
        self,
        subject: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        labels: Mapping[str, str],
        area: Area = "table",
    ) -> Iterator[Change]:
        for key in _differing(old, new):
            words = [_words(key, table.get(key)) for table in (old, new)]
            label = labels.get(key, f" {key} " if subject else key)
            yield self._say(
                "changed",
                f"{subject}{label.strip()}：{changed(*words)}",
                key,
                old.get(key),
                new.get(key),
                area,
            )

    def _list(self, kind: Kind, old: list[Any], new: list[Any], within: str) -> Iterator[Change]:
        before, after = _by_id(kind, old), _by_id(kind, new)
        for id_, thing in after.items():
            called = self._called(kind, thing, id_)
            name = f"{within}{kind.noun}{called}"
            if id_ not in before:
                yield self._say("added", f"{within}新增{kind.noun}{called}", id_, None, thing)
            else:
                yield from self._thing(kind, id_, name, before[id_], thing, within)
        for id_, thing in before.items():
            if id_ not in after:
                called = self._called(kind, thing, id_)
                yield self._say("removed", f"{within}删除{kind.noun}{called}", id_, thing, None)
        kept = [[id_ for id_ in one if id_ in other] for one, other in ((before, after), (after, before))]
        if kept[0] != kept[1]:
            order = [" ".join(ids) for ids in kept]
            yield self._say("moved", f"{within}{kind.noun}的排列顺序有调整", "", order[0], order[1])

    def _called(self, kind: Kind, thing: Mapping[str, Any], id_: str) -> str:
        return self._group(id_) if kind.refers else quoted(thing.get(kind.name) or id_)

    def _thing(
        self, kind: Kind, id_: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], within: str
    ) -> Iterator[Change]:
        if old.get(kind.name) != new.get(kind.name):
            former = f"{within}{kind.noun}{quoted(old.get(kind.name) or id_)}"
            texts = old.get(kind.name), new.get(kind.name)
            yield self._say("changed", f"{former}改名为{quoted(texts[1] or id_)}", id_, *texts)
        for key in _differing(old, new):
            if key in (kind.id, kind.name):
                continue
            if (inner := kind.inner.get(key)) is not None:
                tell = self._list if inner.id else self._rows
                yield from tell(inner, _things(old.get(key)), _things(new.get(key)), f"{name}：")
                continue
            words = [self._reference(key, _words(key, table.get(key))) for table in (old, new)]
            sentence = f"{name}的{kind.labels.get(key, f'设置 {key}')}：{changed(*words)}"
            yield self._say("changed", sentence, id_, old.get(key), new.get(key))

    def _reference(self, key: str, text: str) -> str:
        """Units and roles are shown by their names."""
        if key in ("open_to", "editable_by"):
            return "；".join(self._group(id_) for id_ in text.split("；")) if text else ""
        return self._group(text) if key in ("unit", "successor") and text else text

    def _group(self, id_: str) -> str:
        for table in (self.new, self.old):
            for kind in ("unit", "role"):
                group = _by_id(LISTS[kind], _things(table.get(kind))).get(id_)
                if group is not None:
                    return quoted(group.get("name") or id_)
        return id_

    def _rows(self, kind: Kind, old: list[Any], new: list[Any], within: str) -> Iterator[Change]:
        """Tell of rows that have no id by their place and their content."""
        before, after = ([_text(row) for row in rows] for rows in (old, new))
        for code, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if code == "equal":
                continue
            for number, (was, now) in enumerate(zip_longest(before[i1:i2], after[j1:j2])):
                if was is None:
                    yield self._say(
                        "added", f"{within}新增第{j1 + number + 1}{kind.noun}：{said(now)}", "", None, now
                    )
                elif now is None:
                    yield self._say(
                        "removed", f"{within}删除第{i1 + number + 1}{kind.noun}：{said(was)}", "", was, None
                    )
                else:
                    sentence = f"{within}第{j1 + number + 1}{kind.noun}：{changed(was, now)}"
                    yield self._say("changed", sentence, "", was, now)

    def _procedures(self) -> Iterator[Change]:
        old, new = self._both("procedure")
        for alias in _differing(old, new):
            before, after = _mapping(old.get(alias)), _mapping(new.get(alias))
            name = quoted(after.get("label") or before.get("label") or alias)
            for key in _differing(before, after):
                words = [self._reference(key, _words(key, table.get(key))) for table in (before, after)]
                sentence = f"事项{name}的{PROCEDURE.get(key, f'设置 {key}')}：{changed(*words)}"
                yield self._say("changed", sentence, alias, before.get(key), after.get(key))

    def _numberings(self) -> Iterator[Change]:
        old, new = self._both("numbering")
        for key in _differing(old, new):
            texts = [_mapping(table.get(key)) for table in (old, new)]
            if key not in old or key not in new:
                kind: ChangeKind = "added" if key in new else "removed"
                pattern = said((texts[1] or texts[0]).get("pattern", ""))
                word = "新增" if kind == "added" else "删除"
                yield self._say(kind, f"{word}编号规则 {key}：{pattern}", key, old.get(key), new.get(key))
                continue
            yield from self._settings(f"编号规则 {key} ", texts[0], texts[1], NUMBERING)

    def _codes(self) -> Iterator[Change]:
        old, new = self._both("codes")
        for name in dict.fromkeys([*old, *new]):
            before, after = _mapping(old.get(name)), _mapping(new.get(name))
            for value in _differing(before, after):
                if value not in before:
                    sentence = f"代码表 {name}：新增 {value} {quoted(after[value])}"
                    yield self._say("added", sentence, f"{name}.{value}", None, after[value])
                elif value not in after:
                    sentence = f"代码表 {name}：删除 {value} {quoted(before[value])}"
                    yield self._say("removed", sentence, f"{name}.{value}", before[value], None)
                else:
                    texts = before[value], after[value]
                    sentence = f"代码表 {name} 的 {value}：{quoted(texts[0])} → {quoted(texts[1])}"
                    yield self._say("changed", sentence, f"{name}.{value}", *texts)

    def _say(
        self, kind: ChangeKind, sentence: str, element: str, old: Any, new: Any, area: Area = "table"
    ) -> Change:
        return Change(kind, area, sentence, self.file, element, _text(old), _text(new))


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ; an empty text is as good as none."""
    keys = dict.fromkeys([*old, *new])
    return [key for key in keys if (old.get(key) or None) != (new.get(key) or None)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _things(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def _by_id(kind: Kind, things: list[Any]) -> dict[str, Mapping[str, Any]]:
    """Return things by what identifies them; one without or with a doubled id gets a made-up one."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, thing in enumerate(things, 1):
        if isinstance(thing, Mapping):
            id_ = str(thing.get(kind.id) or thing.get(kind.name) or f"第{number}项")
            while id_ in found:
                id_ += "’"
            found[id_] = thing
    return found


def _words(key: str, value: Any) -> str:
    if isinstance(value, list):
        return "；".join(str(item) for item in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return _text(value)
    text = "" if value is None else str(value)
    known = VALUES_OF.get(key, VALUES if key in CODED else {})
    return known.get(text, text)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "；".join(f"{key}={_words('', inner)}" for key, inner in value.items())
    return _words("", value)
