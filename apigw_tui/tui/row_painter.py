"""Rows as strips: what the list paints, kept until rows, size or looks change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.tui.columns import layout
from apigw_tui.tui.line import Line, strip_of, width_of
from apigw_tui.tui.row_cells import RowContext, RowPlace, row_line, time_of, wrapped_lines

if TYPE_CHECKING:
    from textual.strip import Strip

    from apigw_tui.tui.columns import Column
    from apigw_tui.tui.ink import Inks
    from apigw_tui.tui.row_cache import RowCache

_STRIPS: Final = 1_024


@dataclass(frozen=True)
class Spot:
    """One line of the screen: which row, which of the row's lines, and how it stands out."""

    index: int
    line: int = 0
    top: bool = False
    cursor: bool = False
    thumb: bool = False


class RowPainter:
    """Paints the rows of a cache at a width; `most_lines` limits a wrapped row to what fits on screen."""

    def __init__(self, looks: RowContext) -> None:
        self.looks = looks
        self.rows: RowCache | None = None
        self.wrap = False
        self._width = 0
        self._most_lines = 2
        self._columns: tuple[Column, ...] = ()
        self._strips: dict[Spot, Strip] = {}

    @property
    def wrapping(self) -> bool:
        """True where a row may take several lines."""
        return self.wrap and self.rows is not None and self.rows.view.mode == "events"

    def fit(self, width: int, height: int) -> None:
        """Choose the columns for a size, and forget what was painted."""
        mode = "requests" if self.rows is None else self.rows.view.mode
        self._width = width
        self._most_lines = max(2, height - 1)
        self._columns = layout(width, mode)
        self.forget()

    def forget(self) -> None:
        """Paint every row anew."""
        self._strips.clear()

    def forget_spot(self, spot: Spot) -> None:
        """Paint one line anew."""
        self._strips.pop(spot, None)

    def height_of(self, index: int) -> int:
        """Return how many lines a row takes."""
        return len(self._lines(index)) if self.wrapping else 1

    def line(self, spot: Spot) -> Line:
        """Return what a line of the screen says."""
        lines = self._lines(spot.index, top=spot.top, cursor=spot.cursor)
        return lines[spot.line] if spot.line < len(lines) else ()

    def strip(self, spot: Spot, inks: Inks) -> Strip:
        """Return a line of the screen."""
        found = self._strips.get(spot)
        if found is not None:
            return found
        line = self.line(spot)
        if spot.thumb:
            blanks = self._width - 1 - width_of(line)
            line = (*line, (" " * blanks, ""), (self.looks.glyphs.thumb, "ink-faint"))
        ground = "background" if not spot.cursor else "cursor" if self.looks.focused else "cursor-blurred"
        if len(self._strips) >= _STRIPS:
            self._strips.clear()
        strip = self._strips[spot] = strip_of(line, self._width, inks, ground)
        return strip

    def _lines(self, index: int, *, top: bool = False, cursor: bool = False) -> tuple[Line, ...]:
        row = None if self.rows is None else self.rows.row(index)
        if self.rows is None or row is None:
            return ((),)
        above = None if top else self.rows.row(index - 1)
        place = RowPlace(cursor=cursor, above_ms=None if above is None else time_of(above))
        if self.wrapping:
            return wrapped_lines(row, self._columns, self.looks, place, most=self._most_lines)
        return (row_line(row, self._columns, self.looks, place),)
