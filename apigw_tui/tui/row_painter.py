"""Rows as strips: what the list paints, kept until rows, size or looks change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from apigw_tui.tui.columns import Table, right_edge, shifted, whole_width
from apigw_tui.tui.line import Line, strip_of, width_of
from apigw_tui.tui.row_cells import RowContext, RowPlace, row_line, time_of, wrapped_lines
from apigw_tui.tui.ruler_cells import RulerCell

if TYPE_CHECKING:
    from textual.strip import Strip

    from apigw_tui.tui.column_table import Column
    from apigw_tui.tui.ink import Inks
    from apigw_tui.tui.row_cache import RowCache

_STRIPS: Final = 1_024
_NO_EDGE: Final = RulerCell()


@dataclass(frozen=True)
class Spot:
    """One line of the screen: which row, which of the row's lines, and how it stands out."""

    index: int
    line: int = 0
    top: bool = False
    cursor: bool = False
    edge: RulerCell = _NO_EDGE


class RowPainter:
    """Paints the rows of a cache at a width; `most_lines` limits a wrapped row to what fits on screen."""

    def __init__(self, looks: RowContext) -> None:
        self.looks = looks
        self.rows: RowCache | None = None
        self.wrap = False
        self.table = Table()
        self._width = 0
        self._most_lines = 2
        self.columns: tuple[Column, ...] = ()
        self._is_cut = False
        self._strips: dict[Spot, Strip] = {}

    @property
    def wrapping(self) -> bool:
        """True where a row may take several lines."""
        return self.wrap and self.rows is not None and self.rows.view.mode == "events"

    def fit(self, width: int, height: int) -> None:
        """Choose the columns for a size, and forget what was painted."""
        if self.rows is not None:
            self.table = replace(self.table, mode=self.rows.view.mode, sort=self.rows.view.sort)
        self._width = width
        self._most_lines = max(2, height - 1)
        self.columns = self.table.columns(width)
        self._is_cut = bool(self.table.offset) or whole_width(self.columns) > self._room
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
        if spot.edge:
            blanks = self._width - 1 - width_of(line)
            shades = inks.mono or self.looks.glyphs.ascii
            line = (*line, (" " * blanks, ""), spot.edge.span(self.looks.glyphs, shades=shades))
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
        cell = self.table.cell if cursor else None
        place = RowPlace(cursor=cursor, above_ms=None if above is None else time_of(above), cell=cell)
        if self.wrapping:
            return wrapped_lines(row, self.columns, self.looks, place, most=self._most_lines)
        line = row_line(row, self.columns, self.looks, place)
        return (shifted(line, 0 if "gap" in row else self.table.offset, self._room) if self._is_cut else line,)

    @property
    def _room(self) -> int:
        return self._width - right_edge(self._width)
