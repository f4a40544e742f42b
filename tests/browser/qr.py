"""Reads a QR code from the picture on a page, as the camera of a phone would (ISO/IEC 18004, without repairs)."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from segno import consts, encoder

ENCODER: Any = encoder
BLOCKS: Any = consts.ECC
BORDER = 4
FREE = 0x2
"""What segno's matrix holds where data go, neither a pattern nor format or version information."""
MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, column: row % 2 == 0,
    lambda row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)


def read_qr(address: str) -> str:
    """Return the text of the code in a ``data:image/svg+xml;base64`` address (error correction M, bytes)."""
    dark = modules(b64decode(address.partition("base64,")[2]).decode())
    width = max(column for _, column in dark) + 1
    version = (width - 17) // 4
    mask = MASKS[sum(((8, 2 + bit) in dark) << (2 - bit) for bit in range(3)) ^ 0b101]
    bits = [((place in dark) != mask(*place)) for place in places(width)]
    words = [number(bits[at : at + 8]) for at in range(0, len(bits) - 7, 8)]
    data = "".join(f"{word:08b}" for word in in_order(words, version))
    assert data[:4] == "0100", "the text is not stored as bytes"
    head = 4 + (8 if version < 10 else 16)
    length = int(data[4:head], 2)
    return bytes(int(data[head + 8 * at : head + 8 * at + 8], 2) for at in range(length)).decode("ascii")


def modules(svg: str) -> set[tuple[int, int]]:
    """Return row and column of every dark module of a picture made of horizontal lines."""
    path = re.search(r' d="([^"]*)"', svg)
    assert path is not None, svg
    column, row, dark = 0.0, 0.0, set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path[1]):
        values = [float(value) for value in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            dark |= {(int(row) - BORDER, int(column) - BORDER + step) for step in range(int(values[0]))}
            column += values[0]
        else:
            there = command == "M"
            column, row = values[0] + (0 if there else column), values[1] + (0 if there else row)
    return dark


def places(width: int) -> Iterator[tuple[int, int]]:
    """Yield the places of the data in their order: up and down in pairs of columns, from the right."""
    matrix = ENCODER.make_matrix(width, width)
    ENCODER.add_finder_patterns(matrix, width, width)
    ENCODER.add_alignment_patterns(matrix, width, width)
    pairs = [*range(width - 1, 6, -2), 5, 3, 1]  # the column of the timing pattern belongs to none
    for turn, right in enumerate(pairs):
        for row in range(width) if turn % 2 else range(width - 1, -1, -1):
            yield from ((row, at) for at in (right, right - 1) if matrix[row][at] == FREE)


def in_order(words: list[int], version: int) -> list[int]:
    """Return the data words block after block; they are stored in turns, the words for repairs behind them."""
    counts = [
        group.num_data for group in BLOCKS[version][consts.ERROR_LEVEL_M] for _ in range(group.num_blocks)
    ]
    blocks: list[list[int]] = [[] for _ in counts]
    following = iter(words)
    for turn in range(max(counts)):
        for block, count in zip(blocks, counts, strict=True):
            if turn < count:
                block.append(next(following))
    return [word for block in blocks for word in block]


def number(bits: list[bool]) -> int:
    return int("".join("1" if bit else "0" for bit in bits), 2)
