"""The list: a cursor that stays on its row while rows come and go, and follows the newest."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Size
from textual.message import Message

from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.column_heads import ColumnHeads
from apigw_tui.tui.column_window import ColumnWindow
from apigw_tui.tui.columns import right_edge
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.list_motions import LIST_ACTIONS, ListMotions
from apigw_tui.tui.list_view import ListView, Predicate, Row, anchor_of
from apigw_tui.tui.row_cache import RowCache
from apigw_tui.tui.row_cells import time_of

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

__all__ = ["ColumnHeads", "RowList"]

_DOUBLE_CLICK: Final = 2
_LOUD: Final[dict[str, Predicate]] = {"mark": "marked", "5xx": "5xx"}
"""What a cell of the last column speaks of: the first such row is gone to when it is clicked."""


def _listed_at(row: Row | None) -> int:
    """Return the time a row or a gap stands at; 0 for what has none."""
    found = None if row is None else row.get("gap_start", time_of(row))
    return found if isinstance(found, int) else 0


class RowList(ListMotions, ColumnWindow, can_focus=True, inherit_bindings=False):
    """A list of requests or events with a cursor that stays on its row while rows come and go.

    While it follows, the cursor is on the last row and new rows scroll in; moving up holds it, `end` follows
    again. Rows that arrived below while it was held are counted in `new_rows`.
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

    class NotInTimeOrder(Message):
        """Rows are sorted: there is no newest row to follow."""

    class NothingFound(Message):
        """No further row is as was asked for."""

        def __init__(self, predicate: Predicate, *, backwards: bool) -> None:
            super().__init__()
            self.predicate = predicate
            self.backwards = backwards

    def __init__(self, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, zone=zone, widget_id=widget_id)
        self._anchor: int | None = None
        self._anchor_ms: int | None = None
        self._following = True
        self._new_rows = 0
        self._held_at: int | None = None
        self._drags = False

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
    def page_rows(self) -> int:
        """How many rows a page is: one row of the last stays in sight."""
        return max(1, self.size.height - 1)

    def show(self, view: ListView, *, keep: bool, other: bool = False) -> None:
        """Show a view: with `keep` the cursor stays on its row (or follows), else it goes to the newest.

        In a view of `other` rows (another query) none counts as newly arrived. Rows that are sorted are not
        followed; sorted anew they begin with the first.
        """
        below_before = 0 if self._rows is None else self._rows.below(self._cursor)
        depth, top_anchor, above = self._hold_place()
        if self._rows is not None and self._rows.view.mode != view.mode:
            self._anchor = top_anchor = None
        begins = bool(view.sort) and (not keep or self._rows is None or self._rows.view.sort != view.sort)
        self._rows = self._painter.rows = RowCache(view)
        if not keep or view.sort:
            self._set_following(following=not view.sort)
        if not keep:
            self._anchor = None
        self._fit_table()
        last = max(0, len(view) - 1)
        if self._following:
            target, top = self._stop(last, backwards=True), last
        elif begins:
            target = top = 0
        else:
            place = None if self._anchor is None else view.position(self._anchor)
            target = self._stop(self._place_at(self._anchor_ms) if place is None else place)
            top = target - depth if depth is not None else self._place_of(top_anchor, target) - above
            if other:
                self._new_rows = 0
            elif not view.sort:
                self._count_new(self._rows.below(target) - below_before)
        self.virtual_size = Size(self.size.width, len(view))
        self._set_cursor(target)
        self._scroll_rows(max(0, top))
        if self._following or depth is not None:
            self._keep_in_sight()
        self.refresh()

    # Moving

    @property
    def in_time_order(self) -> bool:
        """False while the rows are sorted by something else than time."""
        return self._rows is None or not self._rows.view.sort

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
        if not self.in_time_order:
            if self._cursor == self.row_count - 1:
                self.post_message(self.NotInTimeOrder())
            self.move_to(self.row_count - 1)
            return
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
        self._set_table(replace(self.table, offset=0))
        self._forget()
        self._keep_in_sight()
        self.refresh()

    # Textual's events

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
        if self._is_edge(event.x):
            if not self._drags:
                self._jump_to(event.y)
            return
        if self._rows is None or not 0 <= event.y < len(spots) or self._rows.is_gap(spots[event.y].index):
            return
        self.move_to(spots[event.y].index)
        if event.chain == _DOUBLE_CLICK:
            self.action_open()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the last column."""
        self._drags = False
        if self._is_edge(event.x):
            self._held_at = event.y
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Scroll along the last column while it is held."""
        if self._held_at is not None and (self._drags or event.y != self._held_at):
            self._drags = True
            self._scroll_along(event.y)

    def on_mouse_up(self) -> None:
        """Let go of the last column."""
        if self._held_at is not None:
            self._held_at = None
            self.release_mouse()

    def on_mouse_scroll_up(self) -> None:
        """Scrolling away from the newest row holds the list."""
        if self._top > 0:
            self._set_following(following=False)
        elif self.row_count and self.in_time_order:
            self.post_message(self.OlderWanted())

    # The last column

    def _is_edge(self, x: int) -> bool:
        return bool(right_edge(self.size.width)) and x == self.size.width - 1

    def _scroll_along(self, y: int) -> None:
        """Scroll to where a cell of the last column is in the whole."""
        last = max(1, self.size.height - 1)
        self._set_following(following=False)
        self._scroll_rows(max(0, min(y, last)) * self.max_scroll_y // last)
        self.refresh()

    def _jump_to(self, y: int) -> None:
        """Go to the first row that a loud cell speaks of; a quiet one only scrolls."""
        edge = self._scroll_edge()
        loud = _LOUD.get(edge[y].sign or edge[y].status_class) if 0 <= y < len(edge) else None
        found = None
        if loud is not None and self._rows is not None:
            found = self._rows.view.find(loud, y * self.row_count // self.size.height - 1)
        self._scroll_along(y)
        if found is not None:
            self.move_to(found)
            self._scroll_rows(max(0, found - self.size.height // 3))

    # Place and cursor

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
        return bool(self.row_count) and self.in_time_order and self._cursor <= self._stop(0)

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
        if rows is None or ms is None or not self.in_time_order:
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

    def _keep_in_sight(self) -> bool:
        """Scroll until the cursor is on screen; True when that moved anything."""
        if self._rows is None or not self.size.height:
            return False
        before = self._top
        top = self._top_for(self._cursor, before)
        if top != before:
            self._scroll_rows(top)
        return self._top != before

    def _refocus(self, *, focused: bool) -> None:
        self._painter.looks = replace(self._painter.looks, focused=focused)
        self._painter.forget()
        self.refresh()
