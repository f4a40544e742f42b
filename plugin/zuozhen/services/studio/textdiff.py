"""What differs between two texts, line by line, for files that no sentence can describe."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from zuozhen.services.studio.draftpaths import is_text

AROUND: Final = 3
"""Unchanged lines shown around a change."""
MOST_LINES: Final = 6_000
"""Longer texts are not compared: the time grows with the square of their length."""
ALIKE_LINES: Final = 300
"""In longer texts lines that occur often are no anchors: the time would grow with the cube of their number."""
MOST_SHOWN: Final = 1_500
LONGEST_LINE: Final = 400

LineKind: TypeAlias = Literal["same", "added", "removed", "gap"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference; a ``gap`` stands for unchanged lines that are left out."""

    kind: LineKind
    text: str


def text_difference(path: str, old: bytes | None, new: bytes | None) -> tuple[Line, ...] | None:
    """Return the lines that differ with some around them, none where nothing does.

    ``None``: a picture, or a text too long to be compared. A file that is not there is an empty text.
    """
    if not is_text(path):
        return None
    before, after = _lines(old), _lines(new)
    if max(len(before), len(after)) > MOST_LINES:
        return None
    shown: list[Line] = []
    for line in _unified(before, after):
        shown.append(line)
        if len(shown) >= MOST_SHOWN:
            shown.append(Line("gap", "（其余差异未显示）"))
            break
    return tuple(shown)


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines()


def _unified(before: list[str], after: list[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(
        None, before, after, autojunk=max(len(before), len(after)) > ALIKE_LINES
    )
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number or group[0][1] > 0 or group[0][3] > 0:
            yield Line("gap", "……")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from (Line("same", _short(text)) for text in before[old_from:old_to])
                continue
            yield from (Line("removed", _short(text)) for text in before[old_from:old_to])
            yield from (Line("added", _short(text)) for text in after[new_from:new_to])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}……"
