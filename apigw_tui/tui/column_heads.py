"""The row of column titles above the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_tui.tui.columns import Table, columns_beyond, heads, right_edge, shifted
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.painted import Painted

if TYPE_CHECKING:
    from apigw_tui.tui.line import Line


class ColumnHeads(Painted):
    """Titles at the places that a list of the same width gives its columns."""

    DEFAULT_CSS = """
    ColumnHeads { height: 1; background: $background; color: $ink; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._table = Table()

    def show(self, table: Table) -> None:
        """Show the titles of these columns."""
        if table != self._table:
            self._table = table
            self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the titles."""
        table, room = self._table, width - right_edge(width)
        columns = table.columns(width)
        line = heads(columns, table, self.glyphs)
        beyond = columns_beyond(columns, table.offset + room)
        if not beyond:
            return [shifted(line, table.offset, room)]
        more = f" +{beyond} {self.glyphs.closed}"
        return [(*shifted(line, table.offset, room - len(more)), (more, "ink-muted"))]
