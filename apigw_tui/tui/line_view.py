"""A widget that draws only the rows in view: scrolling, a cursor and a one-cell scroll thumb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from apigw_tui.tui.glyphs import UNICODE
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.line import strip_of
from apigw_tui.tui.rows import FixedRows, Rows

if TYPE_CHECKING:
    from textual import events
    from textual.theme import Theme

    from apigw_tui.tui.glyphs import Glyphs

_WHEEL_ROWS: Final = 3
_ROWS_AROUND: Final = 1
"""So many rows stay in view before and behind the cursor."""
_LEAST_WIDTH_WITH_THUMB: Final = 81


class LineView(Widget):
    """Rows drawn as they come into view. Rows leave the last column free for the scroll thumb.

    With a cursor one row is current and moving moves it; without, moving scrolls. The widget around it takes
    the keys.
    """

    DEFAULT_CSS = "LineView { height: 1fr; width: 1fr; }"

    class Clicked(Message):
        """A row was clicked, `again` when the cursor stood on it already."""

        def __init__(self, view: LineView, index: int, column: int, *, again: bool) -> None:
            super().__init__()
            self.view = view
            self.index = index
            self.column = column
            self.again = again

        @property
        def control(self) -> LineView:
            """The view that was clicked."""
            return self.view

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, view: LineView, index: int) -> None:
            super().__init__()
            self.view = view
            self.index = index

        @property
        def control(self) -> LineView:
            """The view whose cursor moved."""
            return self.view

    def __init__(self, *, glyphs: Glyphs = UNICODE, thumb: bool = True, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.rows: Rows = FixedRows()
        self.cursor: int | None = None
        self.top = 0
        self.moves = 0
        """How often it was moved or scrolled, not counting what `show` did."""
        self._glyphs = glyphs
        self._has_thumb = thumb
        self._inks: Inks | None = None

    def show(self, rows: Rows, *, cursor: int | None = None, top: int = 0) -> None:
        """Show other rows; a cursor goes to the nearest row on which it can stand."""
        self.rows = rows
        self.cursor = None if cursor is None else self._stop_near(cursor)
        self.top = self._clamped(top)
        self._follow_cursor()
        self.refresh()

    def move(self, rows: int) -> None:
        """Move the cursor, or scroll, by so many rows."""
        if self.cursor is None:
            self.scroll_rows(rows)
            return
        step = 1 if rows > 0 else -1
        target = min(max(self.cursor + rows, 0), len(self.rows) - 1)
        while 0 <= target < len(self.rows) and not self.rows.stops(target):
            target += step
        if 0 <= target < len(self.rows):
            self.move_to(target)
        else:
            self.scroll_rows(rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, or scroll to it, and show it."""
        self.moves += 1
        if self.cursor is None:
            self.top = self._clamped(index)
        else:
            self.cursor = self._stop_near(index)
            self._follow_cursor()
            if self.cursor is not None:
                self.post_message(self.Moved(self, self.cursor))
        self.refresh()

    def scroll_rows(self, rows: int) -> None:
        """Scroll without moving the cursor."""
        self.moves += 1
        self.top = self._clamped(self.top + rows)
        self.refresh()

    def first(self) -> None:
        """Go to the first row."""
        self.move_to(0)
        self.scroll_rows(-len(self.rows))

    def last(self) -> None:
        """Go to the last row."""
        self.move_to(max(len(self.rows) - 1, 0))
        self.scroll_rows(len(self.rows))

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(self.size.height, 1)

    def plain_rows(self) -> list[str]:
        """What is in view, without colours."""
        visible = range(self.top, min(self.top + self.page, len(self.rows)))
        return [self._row_text(index) for index in visible]

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        width, index = self.size.width, self.top + y
        if self._inks is None:
            self._inks = Inks.of(self.app)
        base = self.visual_style.rich_style
        if index >= len(self.rows):
            return strip_of((), width, self._inks).apply_style(base)
        row = self.rows.row(index, width, cursor=index == self.cursor)
        thumb = self._thumb_at(y)
        strip = strip_of(row.line, width - len(thumb), self._inks, row.ground)
        if thumb:
            strip = Strip([*strip, Segment(thumb, self._inks.style("ink-faint", row.ground))], width)
        return strip.apply_style(base)

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.top = self._clamped(self.top)
        self._follow_cursor()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down by the wheel."""
        event.stop()
        self.scroll_rows(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up by the wheel."""
        event.stop()
        self.scroll_rows(-_WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row and tell of the click."""
        index = self.top + event.y
        if not 0 <= index < len(self.rows):
            return
        again = index == self.cursor
        if self.cursor is not None and self.rows.stops(index):
            self.move_to(index)
        self.post_message(self.Clicked(self, index, event.x, again=again))

    def _row_text(self, index: int) -> str:
        return self.rows.row(index, self.size.width, cursor=index == self.cursor).plain

    def _theme_changed(self, _theme: Theme) -> None:
        self._inks = None
        self.refresh()

    def _thumb_at(self, y: int) -> str:
        """The last cell of a screen row; empty where everything fits or the screen is narrow."""
        rows, height = len(self.rows), self.size.height
        if not self._has_thumb or rows <= height or self.app.size.width < _LEAST_WIDTH_WITH_THUMB:
            return ""
        size = max(height * height // rows, 1)
        start = self.top * (height - size) // max(rows - height, 1)
        return self._glyphs.thumb if start <= y < start + size else " "

    def _clamped(self, top: int) -> int:
        return min(max(top, 0), max(len(self.rows) - self.page, 0))

    def _follow_cursor(self) -> None:
        if self.cursor is None or not self.size.height:
            return
        margin = min(_ROWS_AROUND, (self.page - 1) // 2)
        if self.cursor - margin < self.top:
            self.top = self._clamped(self.cursor - margin)
        elif self.cursor + margin >= self.top + self.page:
            self.top = self._clamped(self.cursor + margin - self.page + 1)

    def _stop_near(self, index: int) -> int | None:
        """The row at or nearest to a place on which the cursor can stand."""
        total = len(self.rows)
        place = min(max(index, 0), max(total - 1, 0))
        for distance in range(total):
            for candidate in (place + distance, place - distance):
                if 0 <= candidate < total and self.rows.stops(candidate):
                    return candidate
        return None
