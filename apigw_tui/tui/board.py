"""The board: routes, causes, clients, keys and agents of what the query matches, in place of the list."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.strip import Strip

from apigw_tui.core import units
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.board_cells import Look
from apigw_tui.tui.board_layout import HEAD_ROWS
from apigw_tui.tui.board_sheet import Piece, Sheet
from apigw_tui.tui.board_stands import Stands
from apigw_tui.tui.board_tables import Table, tables
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut, plain, strip_of
from apigw_tui.tui.table_pane import TABLE_ACTIONS, TablePane, Wish

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from apigw_tui.core.board import Board, BoardRow
    from apigw_tui.tui.line import Line


class BoardPane(TablePane):
    """Five tables, of which one has the cursor. Narrow, it shows that one and names the others."""

    DEFAULT_CSS = """
    BoardPane { height: 1fr; width: 1fr; background: $background; color: $ink; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("board", chosen(*TABLE_ACTIONS))]

    class RowChosen(Message):
        """The requests behind a row are wanted, or the query with or without its value."""

        def __init__(self, row: BoardRow, wish: Wish) -> None:
            super().__init__()
            self.row = row
            self.wish = wish

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, zone=zone, widget_id=widget_id)
        self._board: Board | None = None
        self._active = 0
        self._stands = Stands()
        self._tables: tuple[Table, ...] | None = None
        self._untold: tuple[str, ...] = ()
        self._drawn: tuple[tuple[int, int], list[list[Piece]]] | None = None

    # -- what it shows

    def show(self, board: Board | None, *, now: int, untold: tuple[str, ...] = ()) -> None:
        """Show a board and below it what its numbers leave out; each cursor stays on its row."""
        if board is not self._board or untold != self._untold or self._today(now) != self._today(self._now):
            self._board, self._now, self._untold = board, now, untold
            self.repaint()

    @property
    def cursor_row(self) -> BoardRow | None:
        """The row under the cursor."""
        table = self._table
        return table.rows[self._stands.cursor(table)] if table is not None and table.rows else None

    @property
    def table_title(self) -> str:
        """The title of the table that has the cursor."""
        return self._table.title if self._table is not None else ""

    # -- moving

    @property
    def moved_view(self) -> BoardPane:
        """What the keys move."""
        return self

    @property
    def page(self) -> int:
        """How many rows of the table are in view."""
        heights = [place.height for place in self._sheet.places if place.table == self._active]
        return max(1, heights[0] - HEAD_ROWS - 1) if heights else 1

    def move(self, rows: int) -> None:
        """Move the cursor within its table."""
        if self._table is not None:
            self._go(self._active, self._stands.cursor(self._table) + rows)

    def first(self) -> None:
        """Go to the first row."""
        self._go(self._active, 0)

    def last(self) -> None:
        """Go to the last row that is kept."""
        if self._table is not None:
            self._go(self._active, len(self._table.rows) - 1)

    def action_next_pane(self) -> None:
        """Give the cursor to the next table."""
        self._activate(self._active + 1)

    def action_previous_pane(self) -> None:
        """Give the cursor to the previous table."""
        self._activate(self._active - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row or table; open the row on which it stood."""
        sheet = self._sheet
        tab, place = sheet.tab_at(event.x, event.y), sheet.place_at(event.x, event.y)
        index = None if place is None else sheet.row_at(place, event.y)
        if tab is not None:
            self._activate(tab)
        elif place is not None and index is not None:
            stood_on = place.table == self._active and index == self._stands.cursor(sheet.tables[place.table])
            self._go(place.table, index)
            if stood_on:
                self.action_open()
        elif place is not None:
            self._activate(place.table)

    # -- drawing

    def repaint(self) -> None:
        """Draw again: what is shown has changed."""
        self._tables = self._drawn = None
        super().repaint()

    def plain_lines(self) -> list[str]:
        """Return what is shown, without colours."""
        return ["".join(plain(piece.line).ljust(piece.width) for piece in line).rstrip() for line in self._pieces()]

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        lines = self._pieces()
        pieces = lines[y] if y < len(lines) else [Piece((), self.size.width)]
        strips = [strip_of(piece.line, piece.width, self.inks, piece.ground) for piece in pieces]
        return Strip.join(strips).apply_style(self.rich_style)

    def _pieces(self) -> list[list[Piece]]:
        size = self.size.width, self.size.height
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = size, [*self._sheet.lines(), *self._untold_line()]
        return self._drawn[1]

    def _untold_line(self) -> list[list[Piece]]:
        if not self._untold:
            return []
        width = self.size.width
        told: Line = (("  ", ""), (cut("  ".join(self._untold), width - 3), "ink-faint"))
        return [[Piece(told, width)]]

    # -- inside

    @property
    def _sheet(self) -> Sheet:
        return Sheet(
            tables=self._all_tables,
            stands=self._stands,
            width=self.size.width,
            height=self.size.height - (1 if self._untold else 0),
            active=self._active,
            focused=self.has_focus,
            glyphs=self.glyphs,
        )

    @property
    def _all_tables(self) -> tuple[Table, ...]:
        if self._tables is None:
            look = Look(self.glyphs, self.inks.mono, self._zone, self._today(self._now))
            self._tables = tables(self._board, look) if self._board is not None else ()
        return self._tables

    @property
    def _table(self) -> Table | None:
        return self._all_tables[self._active] if self._all_tables else None

    def _today(self, now: int) -> str:
        return units.day(now, self._zone)

    def _go(self, number: int, index: int) -> None:
        if self._all_tables:
            self._active = number
            self._stands.put(self._all_tables[number], index)
            self.repaint()

    def _activate(self, number: int) -> None:
        if self._all_tables:
            self._active = number % len(self._all_tables)
            self.repaint()

    def _choose(self, wish: Wish) -> None:
        row = self.cursor_row
        if row is not None:
            self.post_message(self.RowChosen(row, wish))
