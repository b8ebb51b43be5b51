"""The board as lines of the screen: each table drawn at its place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.tui.board_layout import HEAD_ROWS, places, shows_all
from apigw_tui.tui.line import Line, between, width_of

if TYPE_CHECKING:
    from apigw_tui.tui.board_layout import Place, Window
    from apigw_tui.tui.board_stands import Stands
    from apigw_tui.tui.board_tables import Table
    from apigw_tui.tui.glyphs import Glyphs

_GUTTER: Final = 2
_TAB_GAP: Final = 3


@dataclass(frozen=True)
class Piece:
    """Part of a line of the screen, painted on a ground."""

    line: Line
    width: int
    ground: str = ""


@dataclass(frozen=True)
class Sheet:
    """Tables on a screen of a size; `active` has the cursor, `focused` tells whether the board has the keys."""

    tables: tuple[Table, ...]
    stands: Stands
    width: int
    height: int
    active: int
    focused: bool
    glyphs: Glyphs

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the tables that are shown stand."""
        rows = [len(table.rows) for table in self.tables]
        return places(self.width, self.height, rows, self.active) if rows else ()

    def place_at(self, x: int, y: int) -> Place | None:
        """The place that a cell belongs to."""
        return next((place for place in self.places if place.holds(x, y)), None)

    def row_at(self, place: Place, y: int) -> int | None:
        """The number of the row that a line of the screen shows."""
        shown = self.stands.window(self.tables[place.table], place)
        line = y - place.y - HEAD_ROWS
        return shown.top + line if 0 <= line < shown.count else None

    def tab_at(self, x: int, y: int) -> int | None:
        """The table whose name, among others, stands at a cell."""
        if y or self._shows_all:
            return None
        widths = (width_of(self._name(number)) + _TAB_GAP for number in range(len(self.tables)))
        ends = tuple(accumulate(widths, initial=_GUTTER))
        return next((number for number, end in enumerate(ends[1:]) if x < end), None)

    def lines(self) -> list[list[Piece]]:
        """Draw every table."""
        lines: list[list[Piece]] = [[] for _ in range(self.height)]
        for place in self.places:
            for line, piece in zip(lines[place.y :], self._drawn(place), strict=False):
                # Places come from left to right, but need not be of one height.
                line.append(Piece((), place.x - sum(other.width for other in line)))
                line.append(piece)
        for line in lines:
            line.append(Piece((), self.width - sum(piece.width for piece in line)))
        return lines

    @property
    def _shows_all(self) -> bool:
        return shows_all(self.width, self.height)

    def _drawn(self, place: Place) -> list[Piece]:
        table = self.tables[place.table]
        room, blank = place.width - _GUTTER, (" " * _GUTTER, "")
        shown = self.stands.window(table, place)
        pieces = [Piece(self._title(place), place.width), Piece((blank, *table.head(room)), place.width)]
        pieces += [self._row(place, index) for index in range(shown.top, shown.top + shown.count)]
        if not table.rows:
            pieces.append(Piece((blank, ("none", "ink-faint")), place.width))
        if shown.cut:
            pieces.append(Piece((blank, (_hidden(shown, table), "ink-muted")), place.width))
        return pieces[: place.height]

    def _row(self, place: Place, index: int) -> Piece:
        table = self.tables[place.table]
        has_cursor = place.table == self.active and index == self.stands.cursor(table)
        line = table.line(index, place.width - _GUTTER, cursor=has_cursor)
        if not has_cursor:
            return Piece(((" " * _GUTTER, ""), *line), place.width)
        bar = (self.glyphs.bar, "accent" if self.focused else "ink-muted")
        return Piece((bar, (" ", ""), *line), place.width, "cursor" if self.focused else "cursor-blurred")

    def _title(self, place: Place) -> Line:
        named: Line = self._name(place.table) if self._shows_all else self._tabs()
        left: Line = ((" " * _GUTTER, ""), *named)
        note = self.tables[place.table].note(place.width - _GUTTER)
        if not note or width_of(left) + len(note) + 2 * _GUTTER > place.width:
            return left
        return between(left, ((note, "ink-muted"),), place.width - _GUTTER)

    def _tabs(self) -> Line:
        gap = (" " * _TAB_GAP, "")
        return tuple(span for number in range(len(self.tables)) for span in (*self._name(number), gap))[:-1]

    def _name(self, number: int) -> Line:
        table, blanks = self.tables[number], "  " if self._shows_all else " "
        quiet = "bold ink" if self._shows_all else "ink-muted"
        ink = "bold accent" if number == self.active else quiet
        return (table.title, ink), (f"{blanks}{units.count(table.total)}", "ink-faint")


def _hidden(shown: Window, table: Table) -> str:
    below = len(table.rows) - shown.top - shown.count + table.unkept
    above = f"{units.count(shown.top)} above" if shown.top else ""
    more = f"{units.count(below)} more" if below else ""
    return ", ".join(filter(None, (above, more)))
