"""Named values of a pack: what changed, and what reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from zuozhen.model.difference import Area, Change
from zuozhen.packs.difference.words import changed, quoted, said
from zuozhen.packs.parameters import shown

_MOST: Final = 6
_LABELS: Final = {"label": "名称", "unit": "单位", "clause": "依据条款"}


def compare_parameters(
    old: Mapping[str, Any], new: Mapping[str, Any], readers: Mapping[str, Sequence[str]], *, file: str
) -> Iterator[Change]:
    """Yield what differs between the ``parameters`` of two manifests.

    ``readers`` are the places that read each of them in the new version, in Chinese.
    """
    for key in dict.fromkeys([*old, *new]):
        before, after = _mapping(old.get(key)), _mapping(new.get(key))
        name = f"参数{quoted(after.get('label') or before.get('label') or key)}"
        texts = [_value(one) for one in (before, after)]
        # What a person does when a number changes is look at the deadlines: there it is told.
        area: Area = "deadline" if any("流程图" in place for place in readers.get(key, ())) else "table"
        if not before or not after:
            kind, word = ("added", "新增") if after else ("removed", "删除")
            yield Change(kind, area, f"{word}{name}：{said(texts[bool(after)])}", file, key, *texts)  # type: ignore[arg-type]
            continue
        if before.get("value") != after.get("value") or type(before.get("value")) is not type(
            after.get("value")
        ):
            number = [_plain(one.get("value")) for one in (before, after)]
            unit = f" {after['unit']}" if after.get("unit") else ""
            sentence = f"{name}：{changed(*number)}{unit}{_read_by(readers.get(key, ()))}"
            yield Change("changed", area, sentence, file, key, *texts)
        for part, label in _LABELS.items():
            if (before.get(part) or "") != (after.get(part) or ""):
                words = [str(one.get(part) or "") for one in (before, after)]
                yield Change("changed", "table", f"{name}的{label}：{changed(*words)}", file, key, *words)


def _read_by(places: Sequence[str]) -> str:
    unique = list(dict.fromkeys(places))
    if not unique:
        return ""
    more = f"等 {len(unique)} 处" if len(unique) > _MOST else ""
    return f"（随之改变：{'、'.join(unique[:_MOST])}{more}）"


def _value(parameter: Mapping[str, Any]) -> str:
    return f"{_plain(parameter.get('value'))} {parameter.get('unit') or ''}".strip() if parameter else ""


def _plain(value: Any) -> str:
    return shown(value) if isinstance(value, str | int | float | bool | date) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
