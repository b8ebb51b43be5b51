"""Panes of tables in place of the list: a row under the cursor, whose requests can be shown, kept or left out."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final, Literal

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.painted import Painted
from apigw_tui.tui.row_motions import MOTIONS, RowMotions

if TYPE_CHECKING:
    from textual import events

TABLE_ACTIONS: Final = (*MOTIONS, "next_pane", "previous_pane", "open", "include_value", "exclude_value")
"""IDs of the actions that such a pane carries out itself."""

_WHEEL_ROWS: Final = 3

Wish = Literal["rows", "include", "exclude"]
"""What is wanted of a row: its requests, or the query with or without its value."""


class TablePane(RowMotions, Painted, can_focus=True):
    """What all such panes do alike; `moved_view` is the pane itself."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._zone = zone
        self._now = 0

    def set_zone(self, zone: tzinfo) -> None:
        """Show times in another zone."""
        self._zone = zone
        self.repaint()

    def action_open(self) -> None:
        """Show the requests behind the row."""
        self._choose("rows")

    def action_include_value(self) -> None:
        """Keep only the requests of the row."""
        self._choose("include")

    def action_exclude_value(self) -> None:
        """Leave out the requests of the row."""
        self._choose("exclude")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down by the wheel."""
        event.stop()
        self.moved_view.move(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up by the wheel."""
        event.stop()
        self.moved_view.move(-_WHEEL_ROWS)

    def on_focus(self) -> None:
        """Show the cursor of the focused pane."""
        self.repaint()

    def on_blur(self) -> None:
        """Show the cursor of a pane without focus."""
        self.repaint()

    def _choose(self, wish: Wish) -> None:
        """Tell what is wanted of the row under the cursor."""
        raise NotImplementedError
