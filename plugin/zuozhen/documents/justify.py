"""Justified Chinese: WeasyPrint 70 stretches spaces only, and Chinese has none, so lines end ragged.

Replaces ``layout.inline.justify_line``: a line that is mostly hanzi is spread evenly between all characters,
as letter spacing of that line. Other lines keep the stock behaviour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MIN_GAPS = 4
MIN_HAN_SHARE = 0.4
MAX_EXTRA_EM = 2.2
"""A line that lacks more than this many characters is left ragged rather than torn apart."""


def _is_han(character: str) -> bool:
    return "⺀" <= character <= "鿿" or "！" <= character <= "￯" or "\u3000" <= character <= "〿"


def install() -> None:
    """Replace the stock function; the caller has checked the version."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline

    stock = inline.justify_line
    inline_boxes = (boxes.LineBox, boxes.InlineBox)

    def text_boxes(box: Any) -> Iterator[Any]:
        if isinstance(box, boxes.TextBox):
            if box.text:
                yield box
        elif isinstance(box, inline_boxes):
            for child in box.children:
                yield from text_boxes(child)

    def justify_line(context: Any, line: Any, extra_width: float) -> None:
        texts = list(text_boxes(line))
        characters = "".join(box.text for box in texts)
        gaps = len(characters) - len(texts)
        han = sum(map(_is_han, characters))
        if gaps < MIN_GAPS or han < MIN_HAN_SHARE * len(characters):
            stock(context, line, extra_width)
        elif extra_width <= MAX_EXTRA_EM * texts[0].style["font_size"]:
            _Spreader(context, extra_width / gaps, boxes.TextBox, inline_boxes).spread(line, 0)

    inline.justify_line = justify_line


class _Spreader:
    """Adds ``gap`` (CSS pixels) after every character of a line but the last of each text box."""

    def __init__(self, context: Any, gap: float, text_box: Any, inline_boxes: Any) -> None:
        self.context = context
        self.gap = gap
        self.text_box = text_box
        self.inline_boxes = inline_boxes
        self._styles: dict[int, tuple[Any, Any]] = {}

    def spread(self, box: Any, advance: float) -> float:
        """Move ``box`` right by ``advance``, widen it, and return the advance of what follows it."""
        if isinstance(box, self.text_box):
            return self._spread_text(box, advance)
        if not isinstance(box, self.inline_boxes):
            box.translate(advance, 0)
            return advance
        box.position_x += advance
        before = advance
        for child in box.children:
            if child.is_in_normal_flow():
                advance = self.spread(child, advance)
        box.width += advance - before
        return advance

    def _spread_text(self, box: Any, advance: float) -> float:
        from weasyprint.text.line_break import create_layout

        box.position_x += advance
        if len(box.text) < 2:
            return advance
        box.style = self._spaced(box.style)
        layout = create_layout(box.text, box.style, self.context, None, 0)
        layout.deactivate()
        box.pango_layout = layout
        added = self.gap * (len(box.text) - 1)
        box.width += added
        return advance + added

    def _spaced(self, style: Any) -> Any:
        # The original is kept beside the copy, so that its id is not given to another style meanwhile.
        key = id(style)
        if key not in self._styles:
            spaced = style.copy()
            spacing = style["letter_spacing"]
            spaced["letter_spacing"] = (0 if spacing == "normal" else spacing) + self.gap
            self._styles[key] = (style, spaced)
        return self._styles[key][1]
