"""The small subset of Markdown that form texts may use, as plain data: the page escapes and draws it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_BULLET = re.compile(r"\s*[-*]\s+(.*)")
_NUMBERED = re.compile(r"\s*[0-9]{1,3}[.)]\s+(.*)")
_INLINE = re.compile(
    r"\*\*([^*\n]{1,300})\*\*|\[([^\]\n]{1,200})\]\((https?://[^\s)]{1,500}|/[^\s)/][^\s)]{0,500})\)"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: plain, strong, or a link to ``address`` (http, https or a page of this site)."""

    text: str
    strong: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list; ``lines`` are its lines or list items."""

    kind: Literal["paragraph", "heading", "bullets", "numbers"]
    lines: tuple[tuple[Run, ...], ...]
    level: int = 0


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text; anything that is not in the subset is shown as written."""
    found: list[Block] = []
    for line in text.splitlines():
        if not line.strip():
            found.append(Block("paragraph", ()))
            continue
        block = _block(line)
        if found and block.kind != "heading" and found[-1].kind == block.kind and found[-1].lines:
            block = Block(block.kind, (*found[-1].lines, *block.lines))
            found[-1] = block
        else:
            found.append(block)
    return tuple(block for block in found if block.lines)


def _block(line: str) -> Block:
    if match := _HEADING.match(line):
        return Block("heading", (tuple(_runs(match[2])),), len(match[1]))
    if match := _BULLET.match(line):
        return Block("bullets", (tuple(_runs(match[1])),))
    if match := _NUMBERED.match(line):
        return Block("numbers", (tuple(_runs(match[1])),))
    return Block("paragraph", (tuple(_runs(line.strip())),))


def _runs(text: str) -> Iterator[Run]:
    end = 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            yield Run(text[end : match.start()])
        yield Run(match[1], strong=True) if match[1] else Run(match[2], address=match[3])
        end = match.end()
    if end < len(text):
        yield Run(text[end:])
