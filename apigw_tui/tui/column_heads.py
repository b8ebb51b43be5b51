"""The row of column titles above the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_tui.tui.columns import heads, layout
from apigw_tui.tui.painted import Painted

if TYPE_CHECKING:
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.list_view import Mode


class ColumnHeads(Painted):
    """Titles at the places that a list of the same width gives its columns."""

    DEFAULT_CSS = """
    ColumnHeads { height: 1; background: $background; color: $ink; }
    """

    def __init__(self, mode: Mode = "requests", *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._mode = mode

    def show(self, mode: Mode) -> None:
        """Show the titles of the requests' or the events' columns."""
        if mode != self._mode:
            self._mode = mode
            self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the titles."""
        return [heads(layout(width, self._mode))]
