"""The rows on screen: which they are, where each stands, and their strips. Only these are read and painted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from textual.scroll_view import ScrollView

from apigw_tui.core.segments import Ruler
from apigw_tui.tui.columns import right_edge
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.line import plain, strip_of
from apigw_tui.tui.row_cells import RowContext
from apigw_tui.tui.row_painter import RowPainter, Spot
from apigw_tui.tui.ruler_cells import RulerCell, ruler_cells

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.theme import Theme

    from apigw_tui.tui.row_cache import RowCache

_LEAST_THUMB: Final = 3


class RowWindow(ScrollView, inherit_bindings=False):
    """Rows on Textual's line API: what of a view is on screen, for a list that knows where its cursor is."""

    DEFAULT_CSS = """
    RowWindow {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 0;
        background: $background;
        color: $ink;
    }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._rows: RowCache | None = None
        self._cursor = 0
        self._painter = RowPainter(RowContext(zone=zone, glyphs=glyphs, focused=False))
        self._spots: list[Spot] | None = None
        self._last_top: int | None = None
        self._inks: Inks | None = None
        self._ruler = Ruler()
        self._edge: tuple[RulerCell, ...] | None = None

    @property
    def wrap(self) -> bool:
        """True while long messages of the events view are wrapped."""
        return self._painter.wrap

    @property
    def row_count(self) -> int:
        """The number of rows of the view."""
        return 0 if self._rows is None else len(self._rows)

    def measure(self, ruler: Ruler) -> None:
        """Show in the last column what is loud along the rows, of which a view is shown next."""
        self._ruler, self._edge = ruler, None

    def set_time(self, zone: tzinfo, *, relative: bool) -> None:
        """Show times in a zone, or as ages."""
        self._painter.looks = replace(self._painter.looks, zone=zone, relative=relative)
        self._forget()
        self.refresh()

    def set_reveal(self, *, reveal: bool) -> None:
        """Show secrets as they were logged, or masked."""
        self._painter.looks = replace(self._painter.looks, reveal=reveal)

    def tick(self, now_ms: int) -> None:
        """Move the clock on: ages and requests in flight count up."""
        self._painter.looks = replace(self._painter.looks, now_ms=now_ms)
        if self._rows is None:
            return
        for y, spot in enumerate(self._placed()):
            row = self._rows.row(spot.index)
            if self._painter.looks.relative or (row is not None and row.get("state") == "in_flight"):
                self._painter.forget_spot(spot)
                self.refresh(Region(0, y, self.size.width, 1))

    def text_lines(self) -> list[str]:
        """Return the lines on screen without colours."""
        return [plain(self._painter.line(spot)) for spot in self._placed()]

    # Textual's events

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint the rows of the new place."""
        self._spots = None
        super().watch_scroll_y(old_value, new_value)

    @property
    def max_scroll_y(self) -> int:
        """The number of the row on top when the last one is at the bottom."""
        if self._last_top is None:
            self._last_top = self._top_for(self.row_count - 1, 0)
        return self._last_top

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a part of the screen, past Textual's style cache (there is no border)."""
        spots = self._placed()
        ground = self.background_colors[1]
        filters = self.get_line_filters()
        width = self.size.width
        inks = self._ink()
        blank = strip_of((), width, inks, "background")
        strips = []
        for y in crop.line_range:
            strip = self._painter.strip(spots[y], inks) if y < len(spots) else blank
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, ground)
            strips.append(strip)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _placed(self) -> list[Spot]:
        """Return what each line of the screen shows, from the top."""
        if self._spots is None:
            self._spots = self._place()
        return self._spots

    def _place(self) -> list[Spot]:
        height, count = self.size.height, self.row_count
        edge = self._scroll_edge()
        spots: list[Spot] = []
        index = self._top
        while index < count and len(spots) < height:
            for line in range(self._painter.height_of(index)):
                at, is_cursor = len(spots), index == self._cursor
                spots.append(Spot(index, line, top=at == 0, cursor=is_cursor, edge=edge[min(at, height - 1)]))
            index += 1
        return spots[:height]

    def _scroll_edge(self) -> list[RulerCell]:
        """Return the cells of the last column: thumb, and what is loud; empty ones where all rows are on screen."""
        height, count = self.size.height, self.row_count
        if count <= height or not right_edge(self.size.width) or self._rows is None:
            return [RulerCell()] * height
        if self._edge is None:
            self._edge = ruler_cells(self._ruler, height, gap_rows=self._rows.view.gap_rows, count=count)
        thumb = self._thumb(height, count)
        return [replace(cell, thumb=True) if at in thumb else cell for at, cell in enumerate(self._edge)]

    def _thumb(self, height: int, count: int) -> range:
        size = max(min(_LEAST_THUMB, height), height * height // count)
        start = round((height - size) * min(1.0, self._top / max(1, self.max_scroll_y)))
        return range(start, start + size)

    # Place

    @property
    def _top(self) -> int:
        return int(self.scroll_offset.y)

    def _top_for(self, index: int, top: int) -> int:
        """Return the row nearest to `top` that may be on top for a row to be wholly on screen."""
        if index <= top:
            return max(0, index)
        if not self._painter.wrapping:
            return max(top, index - max(1, self.size.height) + 1)
        room, first = self.size.height, index
        while first >= top:
            room -= self._painter.height_of(first)
            if room < 0:
                return min(first + 1, index)
            first -= 1
        return top

    def _scroll_rows(self, top: int) -> None:
        self.scroll_to(y=max(0, min(top, self.max_scroll_y)), animate=False, force=True)
        self._spots = None

    def _repaint_rows(self, *indices: int) -> None:
        if self._painter.wrapping:
            self.refresh()
            return
        for index in indices:
            self.refresh_line(index)

    def _forget(self) -> None:
        """Forget all that was derived from rows, size or looks."""
        self._painter.fit(self.size.width, self.size.height)
        self._spots = None
        self._last_top = None
        self._edge = None

    def _ink(self) -> Inks:
        if self._inks is None:
            self._inks = Inks.of(self.app)
        return self._inks

    def _theme_changed(self, _theme: Theme) -> None:
        self._inks = None
        self._forget()
        self.refresh()
