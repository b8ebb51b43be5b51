"""The empty state: what was looked at, and the keys that help."""

from __future__ import annotations

from dataclasses import dataclass

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, cut_line, width_of
from apigw_tui.tui.painted import Painted

_LABEL_WIDTH = 12


@dataclass(frozen=True)
class Emptiness:
    """Why nothing is to be seen.

    `facts` are label and line (`looked in`, `window`, `query`, `hidden`, `last event`); `keys` key and label.
    """

    title: str
    facts: tuple[tuple[str, Line], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


class EmptyState(Painted):
    """A block in the middle of the list's place."""

    DEFAULT_CSS = """
    EmptyState { height: 1fr; background: $background; color: $ink; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._emptiness: Emptiness | None = None

    def show(self, emptiness: Emptiness) -> None:
        """Show why there are no rows."""
        self._emptiness = emptiness
        self.repaint()

    def paint(self, width: int, height: int, /) -> list[Line]:
        """Return the block, centred."""
        return [] if self._emptiness is None else empty_lines(self._emptiness, width, height, self.glyphs)


def empty_lines(emptiness: Emptiness, width: int, height: int, glyphs: Glyphs = UNICODE) -> list[Line]:
    """Return the block, its widest line in the middle; it is cut at the right, never folded."""
    block: list[Line] = [((emptiness.title, "bold ink-strong"),), ()]
    block += [((label.ljust(_LABEL_WIDTH), "ink-faint"), *line) for label, line in emptiness.facts]
    room = width - 4
    if emptiness.keys:
        block += [(), *_keys(emptiness.keys, room)]
    widest = max(width_of(line) for line in block)
    left = max(2, (width - widest) // 2)
    above = max(0, (height - len(block)) // 2)
    indented = [((" " * left, ""), *cut_line(line, width - left - 1, glyphs.ellipsis)) for line in block]
    return [*[()] * above, *indented]


def _keys(keys: tuple[tuple[str, str], ...], room: int) -> list[Line]:
    """Return the keys in one row, or where that is too wide one below the other."""
    items: list[Line] = [((key, "bold accent"), (f"  {label}", "ink-muted")) for key, label in keys]
    row: list[Span] = []
    for item in items:
        if row:
            row.append(("      ", ""))
        row.extend(item)
    return [tuple(row)] if width_of(row) <= room else items
