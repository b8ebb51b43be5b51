"""The columns on screen: the cell under the cursor, and scrolling sideways by half screens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.message import Message

from apigw_tui.tui.column_table import Chosen, needs_entries
from apigw_tui.tui.columns import GUTTER, Table, right_edge, whole_width
from apigw_tui.tui.row_window import RowWindow

if TYPE_CHECKING:
    from apigw_tui.tui.column_table import Column


class ColumnWindow(RowWindow):
    """Rows whose columns can be chosen, walked through and scrolled. What is in view stays as rows come and go."""

    class TableChanged(Message):
        """Other columns are in view, or they are in another order of rows."""

        def __init__(self, table: Table) -> None:
            super().__init__()
            self.table = table

    class NothingBeside(Message):
        """There is nothing more at this side."""

    @property
    def table(self) -> Table:
        """Which columns are in view."""
        return self._painter.table

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns with their widths."""
        return self._painter.columns

    @property
    def chosen(self) -> Chosen:
        """The columns that were chosen; none for those that fit the width."""
        return self._painter.table.chosen

    @property
    def needs_entries(self) -> bool:
        """Whether a column shows what only the access entry says."""
        return self.table.mode == "requests" and needs_entries(self.chosen)

    @property
    def cell(self) -> str | None:
        """The name of the column that the cell cursor is in."""
        return self._painter.table.cell

    def choose_columns(self, chosen: Chosen) -> None:
        """Show these columns, or with none those that fit the width."""
        names = {each.name for each in chosen}
        cell = self.cell if not chosen or self.cell in names else None
        self._set_table(replace(self.table, chosen=chosen, offset=0, cell=cell))

    def leave_cell(self) -> bool:
        """Take the cell cursor away; False when there was none."""
        if self.cell is None:
            return False
        self._set_table(replace(self.table, cell=None))
        return True

    def action_next_cell(self) -> None:
        """Go to the cell at the right, at first to the row's first."""
        names = [column.name for column in self.columns]
        place = names.index(self.cell) + 1 if self.cell in names else 0
        if place < len(names):
            self._go_to_cell(names[place])

    def action_previous_cell(self) -> None:
        """Go to the cell at the left; from the first one back to the whole row."""
        names = [column.name for column in self.columns]
        place = names.index(self.cell) if self.cell in names else 0
        if place:
            self._go_to_cell(names[place - 1])
        elif not self.leave_cell():
            self.post_message(self.NothingBeside())

    def action_scroll_right(self) -> None:
        """Scroll half a screen to the right."""
        self._scroll_columns(self.table.offset + self._half)

    def action_scroll_left(self) -> None:
        """Scroll half a screen to the left."""
        self._scroll_columns(self.table.offset - self._half)

    @property
    def _sideways(self) -> int:
        """The cells that columns share."""
        return max(1, self.size.width - right_edge(self.size.width) - GUTTER)

    @property
    def _half(self) -> int:
        return max(1, self._sideways // 2)

    @property
    def _furthest(self) -> int:
        """How far there is anything to scroll to: chosen columns, or the longest line of events in sight."""
        if self._painter.wrapping:
            return 0
        if self.table.mode == "requests":
            return max(0, whole_width(self.columns) - GUTTER - self._sideways)
        column = next((column for column in self.columns if column.name == "line"), None)
        if column is None or self._rows is None:
            return 0
        rows = (self._rows.row(spot.index) or {} for spot in self._placed())
        longest = max((cell_len(str(row.get("message") or "")) for row in rows), default=0)
        return max(0, longest - (column.width - self.table.offset))

    def _scroll_columns(self, offset: int) -> None:
        target = max(0, min(offset, max(self._furthest, self.table.offset if offset > self.table.offset else 0)))
        if target == self.table.offset:
            self.post_message(self.NothingBeside())
        else:
            self._set_table(replace(self.table, offset=target))

    def _go_to_cell(self, name: str) -> None:
        """Put the cell cursor on a column, in sight."""
        start, offset = GUTTER, self.table.offset
        for column in self.columns:
            start += column.gap
            if column.name == name and self.table.mode == "requests":
                offset = min(offset, start - GUTTER)
                offset = max(offset, min(start - GUTTER, start - GUTTER + column.width - self._sideways))
            start += column.width
        self._set_table(replace(self.table, cell=name, offset=offset))

    def _fit_table(self) -> None:
        """Forget what was painted of other rows; they may be of another kind, or in another order."""
        before = self.table
        self._forget()
        if self.table.mode != before.mode:
            self._painter.table = replace(self.table, offset=0, cell=None)
            self._forget()
        if self.table != before:
            self.post_message(self.TableChanged(self.table))

    def _set_table(self, table: Table) -> None:
        if table == self._painter.table:
            return
        self._painter.table = table
        self._forget()
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.TableChanged(table))

    def _keep_in_sight(self) -> bool:
        """Scroll until the cursor is on screen."""
        raise NotImplementedError
