"""Where the reader stands on the board: a cursor in each table, which stays on its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_tui.tui.board_layout import Window, window

if TYPE_CHECKING:
    from apigw_tui.core.board import BoardRow
    from apigw_tui.tui.board_layout import Place
    from apigw_tui.tui.board_tables import Table


@dataclass
class _Stand:
    """`row` is what the cursor was put on; None while it was never moved."""

    cursor: int
    row: BoardRow | None = None
    top: int = 0


class Stands:
    """One cursor and one top row per table, kept by the table's title while boards come and go."""

    def __init__(self) -> None:
        self._stands: dict[str, _Stand] = {}

    def cursor(self, table: Table) -> int:
        """The row under the cursor: the one that it was put on, wherever that is now."""
        return self._stand(table).cursor

    def put(self, table: Table, index: int) -> None:
        """Put the cursor on a row, or on the nearest there is."""
        stand = self._stand(table)
        stand.cursor = _within(index, table)
        stand.row = table.rows[stand.cursor] if table.rows else None

    def window(self, table: Table, place: Place) -> Window:
        """The rows that a place shows."""
        stand = self._stand(table)
        shown = window(place, rows=len(table.rows), unkept=table.unkept, top=stand.top, cursor=stand.cursor)
        stand.top = shown.top
        return shown

    def _stand(self, table: Table) -> _Stand:
        stand = self._stands.setdefault(table.title, _Stand(table.first_row))
        if stand.row is None:
            stand.cursor = table.first_row
        else:
            pairs = stand.row.pairs
            stand.cursor = next((at for at, row in enumerate(table.rows) if row.pairs == pairs), stand.cursor)
        stand.cursor = _within(stand.cursor, table)
        return stand


def _within(index: int, table: Table) -> int:
    return min(max(index, 0), max(len(table.rows) - 1, 0))
