"""The list: rows of a view on Textual's line API. Only rows on screen are read and painted."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.column_heads import ColumnHeads
from apigw_tui.tui.columns import right_edge
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.line import plain, strip_of
from apigw_tui.tui.list_motions import LIST_ACTIONS, ListMotions
from apigw_tui.tui.list_view import ListView, Predicate, Row, anchor_of
from apigw_tui.tui.row_cache import RowCache
from apigw_tui.tui.row_cells import RowContext, time_of
from apigw_tui.tui.row_painter import RowPainter, Spot

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip
    from textual.theme import Theme

__all__ = ["ColumnHeads", "RowList"]

_LEAST_THUMB: Final = 3
_DOUBLE_CLICK: Final = 2


def _listed_at(row: Row | None) -> int:
    """Return the time a row or a gap stands at; 0 for what has none."""
    found = None if row is None else row.get("gap_start", time_of(row))
    return found if isinstance(found, int) else 0


class RowList(ListMotions, ScrollView, can_focus=True, inherit_bindings=False):
    """A list of requests or events with a cursor that stays on its row while rows come and go.

    While it follows, the cursor is on the last row and new rows scroll in; moving up holds it, `end` follows
    again. Rows that arrived below while it was held are counted in `new_rows`.
    """

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 0;
        background: $background;
        color: $ink;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen(*LIST_ACTIONS))]

    class CursorMoved(Message):
        """The cursor went to another row."""

        def __init__(self, row: Row, index: int) -> None:
            super().__init__()
            self.row = row
            self.index = index

    class RowOpened(Message):
        """A row was opened by key or double click."""

        def __init__(self, row: Row, index: int) -> None:
            super().__init__()
            self.row = row
            self.index = index

    class FollowChanged(Message):
        """The list began or ceased to follow, or more rows arrived while it was held."""

        def __init__(self, *, following: bool, new_rows: int) -> None:
            super().__init__()
            self.following = following
            self.new_rows = new_rows

    class OlderWanted(Message):
        """The cursor was to go above the first row."""

    class NothingToWrap(Message):
        """Rows of requests have no long messages."""

    class NothingFound(Message):
        """No further row is as was asked for."""

        def __init__(self, predicate: Predicate, *, backwards: bool) -> None:
            super().__init__()
            self.predicate = predicate
            self.backwards = backwards

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._rows: RowCache | None = None
        self._cursor = 0
        self._anchor: int | None = None
        self._anchor_ms: int | None = None
        self._following = True
        self._new_rows = 0
        self._painter = RowPainter(RowContext(zone=zone, glyphs=glyphs, focused=False))
        self._spots: list[Spot] | None = None
        self._last_top: int | None = None
        self._inks: Inks | None = None

    # What it shows

    @property
    def cursor(self) -> int:
        """The number of the row under the cursor."""
        return self._cursor

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None when there are no rows."""
        return None if self._rows is None else self._rows.row(self._cursor)

    @property
    def following(self) -> bool:
        """True while the cursor stays on the last row as rows arrive."""
        return self._following

    @property
    def new_rows(self) -> int:
        """How many rows arrived below the cursor since it was held."""
        return self._new_rows

    @property
    def wrap(self) -> bool:
        """True while long messages of the events view are wrapped."""
        return self._painter.wrap

    @property
    def page_rows(self) -> int:
        """How many rows a page is: one row of the last stays in sight."""
        return max(1, self.size.height - 1)

    @property
    def row_count(self) -> int:
        """The number of rows of the view."""
        return 0 if self._rows is None else len(self._rows)

    def show(self, view: ListView, *, keep: bool, other: bool = False) -> None:
        """Show a view: with `keep` the cursor stays on its row (or follows), else it goes to the newest.

        In a view of `other` rows (another query) none counts as newly arrived.
        """
        below_before = 0 if self._rows is None else self._rows.below(self._cursor)
        depth, top_anchor, above = self._hold_place()
        if self._rows is not None and self._rows.view.mode != view.mode:
            self._anchor = top_anchor = None
        self._rows = self._painter.rows = RowCache(view)
        if not keep:
            self._set_following(following=True)
            self._anchor = None
        self._forget()
        last = max(0, len(view) - 1)
        if self._following:
            target, top = self._stop(last, backwards=True), last
        else:
            target = self._stop(self._place_of(self._anchor, self._place_at(self._anchor_ms)))
            top = target - depth if depth is not None else self._place_of(top_anchor, target) - above
            if other:
                self._new_rows = 0
            else:
                self._count_new(self._rows.below(target) - below_before)
        self.virtual_size = Size(self.size.width, len(view))
        self._set_cursor(target)
        self._scroll_rows(max(0, top))
        if self._following or depth is not None:
            self._keep_in_sight()
        self.refresh()

    def set_time(self, zone: tzinfo, *, relative: bool) -> None:
        """Show times in a zone, or as ages."""
        self._painter.looks = replace(self._painter.looks, zone=zone, relative=relative)
        self._forget()
        self.refresh()

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

    # Moving

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; any row but a followed last one holds the list."""
        if self._rows is None or not len(self._rows):
            return
        before = self._cursor
        inside = max(0, min(index, len(self._rows) - 1))
        target = self._stop(inside, backwards=inside < before)
        if target < self._stop(len(self._rows) - 1, backwards=True):
            self._set_following(following=False)
        self._set_cursor(target)
        if not self._keep_in_sight():
            self._repaint_rows(before, target)

    def follow(self) -> None:
        """Go to the last row and stay there as rows arrive."""
        self.move_to(self.row_count - 1)
        self._set_following(following=True)
        self._scroll_rows(self.row_count)  # a gap may stand below the last row
        self._keep_in_sight()

    def hold(self) -> None:
        """Stay on this row as others arrive."""
        self._set_following(following=False)

    def move(self, delta: int) -> None:
        """Move the cursor by rows; above the first row there may be more to read."""
        if delta < 0 and self._is_at_first_row():
            self.post_message(self.OlderWanted())
        self.move_to(self._cursor + delta)

    def move_screen(self, rows: int) -> None:
        """Move cursor and screen by rows."""
        self._scroll_rows(self._top + rows)
        self.move(rows)

    def go_where(self, predicate: Predicate, *, backwards: bool = False, around: bool = False) -> bool:
        """Go to the nearest row that a predicate is true of; False when there is none.

        With `around` the search goes on at the other end.
        """
        if self._rows is None:
            return False
        found = self._rows.view.find(predicate, self._cursor, backwards=backwards)
        if found is None and around:
            found = self._rows.view.find(predicate, self.row_count if backwards else -1, backwards=backwards)
        if found is None:
            self.post_message(self.NothingFound(predicate, backwards=backwards))
            return False
        top = self._top
        self.move_to(found)
        if self._top != top:  # it jumped: show what is around it, too
            self._scroll_rows(self._top_for(found, max(0, found - self.size.height // 3)))
        return True

    def action_first(self) -> None:
        """Go to the first row; from there further back."""
        if self._is_at_first_row():
            self.post_message(self.OlderWanted())
        super().action_first()

    def action_open(self) -> None:
        """Open the row under the cursor."""
        row = self.cursor_row
        if row is not None and "gap" not in row:
            self.post_message(self.RowOpened(row, self._cursor))

    def action_wrap(self) -> None:
        """Wrap long messages of the events view, or cut them."""
        if self._rows is not None and self._rows.view.mode == "requests":
            self.post_message(self.NothingToWrap())
            return
        self._painter.wrap = not self._painter.wrap
        self._forget()
        self._keep_in_sight()
        self.refresh()

    # Textual's events

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def on_resize(self) -> None:
        """Choose the columns again."""
        self._forget()
        self.virtual_size = Size(self.size.width, self.row_count)
        self._scroll_rows(self._top)
        self._keep_in_sight()

    def on_focus(self) -> None:
        """Show the cursor row as the one that keys act on."""
        self._refocus(focused=True)

    def on_blur(self) -> None:
        """Show the cursor row as one that waits."""
        self._refocus(focused=False)

    def on_click(self, event: events.Click) -> None:
        """Select a row, open it on a double click; the last column scrolls."""
        spots = self._placed()
        if right_edge(self.size.width) and event.x == self.size.width - 1:
            self._set_following(following=False)
            self._scroll_rows(event.y * self.max_scroll_y // max(1, self.size.height - 1))
            return
        if self._rows is None or not 0 <= event.y < len(spots) or self._rows.is_gap(spots[event.y].index):
            return
        self.move_to(spots[event.y].index)
        if event.chain == _DOUBLE_CLICK:
            self.action_open()

    def on_mouse_scroll_up(self) -> None:
        """Scrolling away from the newest row holds the list."""
        if self._top > 0:
            self._set_following(following=False)
        elif self.row_count:
            self.post_message(self.OlderWanted())

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
        thumb = self._thumb()
        spots: list[Spot] = []
        index = self._top
        while index < count and len(spots) < height:
            for line in range(self._painter.height_of(index)):
                at, is_cursor = len(spots), index == self._cursor
                spots.append(Spot(index, line, top=at == 0, cursor=is_cursor, thumb=at in thumb))
            index += 1
        return spots[:height]

    def _thumb(self) -> range:
        height, count = self.size.height, self.row_count
        if count <= height or not right_edge(self.size.width):
            return range(0)
        size = max(min(_LEAST_THUMB, height), height * height // count)
        start = round((height - size) * min(1.0, self._top / max(1, self.max_scroll_y)))
        return range(start, start + size)

    # Place and cursor

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

    def _hold_place(self) -> tuple[int | None, int | None, int]:
        """Return how deep on screen the cursor is, or if it is off screen, the anchor of the top row.

        Gaps have no anchor: of the first row below them, and how many they are.
        """
        if self._rows is None:
            return None, None, 0
        depth = self._cursor - self._top
        if 0 <= depth < max(1, self.size.height):
            return depth, None, 0
        first = self._stop(self._top)
        row = self._rows.row(first)
        return None, None if row is None else anchor_of(row), first - self._top

    def _is_at_first_row(self) -> bool:
        return bool(self.row_count) and self._cursor <= self._stop(0)

    def _stop(self, index: int, *, backwards: bool = False) -> int:
        return index if self._rows is None else self._rows.stop(index, backwards=backwards)

    def _place_of(self, anchor: int | None, otherwise: int) -> int:
        if anchor is None or self._rows is None:
            return otherwise
        found = self._rows.view.position(anchor)
        return otherwise if found is None else found

    def _place_at(self, ms: int | None) -> int:
        """Return the first row that is not older: the neighbour of one that is gone."""
        rows, last = self._rows, max(0, self.row_count - 1)
        if rows is None or ms is None:
            return min(self._cursor, last)
        return min(last, bisect_left(range(self.row_count), ms, key=lambda at: _listed_at(rows.row(at))))

    def _set_cursor(self, index: int) -> None:
        row = None if self._rows is None else self._rows.row(index)
        anchor = None if row is None else anchor_of(row)
        moved = index != self._cursor or anchor != self._anchor
        self._cursor, self._anchor, self._spots = index, anchor, None
        self._anchor_ms = None if row is None else _listed_at(row)
        if moved and row is not None:
            self.post_message(self.CursorMoved(row, index))

    def _set_following(self, *, following: bool) -> None:
        if following == self._following:
            return
        self._following = following
        self._new_rows = 0
        self.post_message(self.FollowChanged(following=following, new_rows=0))

    def _count_new(self, arrived: int) -> None:
        if arrived > 0:
            self._new_rows += arrived
            self.post_message(self.FollowChanged(following=False, new_rows=self._new_rows))

    def _scroll_rows(self, top: int) -> None:
        self.scroll_to(y=max(0, min(top, self.max_scroll_y)), animate=False, force=True)
        self._spots = None

    def _keep_in_sight(self) -> bool:
        """Scroll until the cursor is on screen; True when that moved anything."""
        if self._rows is None or not self.size.height:
            return False
        before = self._top
        top = self._top_for(self._cursor, before)
        if top != before:
            self._scroll_rows(top)
        return self._top != before

    def _repaint_rows(self, *indices: int) -> None:
        if self._painter.wrapping:
            self.refresh()
            return
        for index in indices:
            self.refresh_line(index)

    def _refocus(self, *, focused: bool) -> None:
        self._painter.looks = replace(self._painter.looks, focused=focused)
        self._painter.forget()
        self.refresh()

    def _forget(self) -> None:
        """Forget all that was derived from rows, size or looks."""
        self._painter.fit(self.size.width, self.size.height)
        self._spots = None
        self._last_top = None

    def _ink(self) -> Inks:
        if self._inks is None:
            self._inks = Inks.of(self.app)
        return self._inks

    def _theme_changed(self, _theme: Theme) -> None:
        self._inks = None
        self._forget()
        self.refresh()
