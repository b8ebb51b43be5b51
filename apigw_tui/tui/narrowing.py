"""Keys that narrow what is shown: a span of time from the histogram, a value of the row under the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.message import Message

from apigw_tui.core import units
from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import written
from apigw_tui.core.timerange import TimeRange
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.cell_value import cell_value
from apigw_tui.tui.event_list import RowList
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.panes import Panes
from apigw_tui.tui.span import closed, iso, zoomed_in, zoomed_out
from apigw_tui.tui.story_pane import StoryPane
from apigw_tui.tui.value_menu import (
    ChosenValue,
    FieldValue,
    ValueMenu,
    event_values,
    request_values,
    story_values,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from textual.binding import BindingType

    from apigw_tui.core.kin import Connection

_MINUTE_MS: Final = 60_000
_LONGEST_STEP_MS: Final = 24 * 3_600_000


class Narrowing(Panes):
    """Panes whose rows can be narrowed by time and by value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen("histogram", "include_value", "exclude_value", "show_connection")),
    ]

    class MoreWanted(Message):
        """More time is to be read than was."""

        def __init__(self, since: str, until: str | None) -> None:
            super().__init__()
            self.since = since
            self.until = until

    # -- spans of time

    def action_histogram(self) -> None:
        """Give the keys to the histogram; a story that lies over it is closed."""
        overview = self.query_one(Overview)
        if not overview.display and self._opened is not None:
            self._close_story()
        if overview.display:
            overview.histogram.focus()
        else:
            self._flash("The screen is too low for the histogram.")

    def show_span(self, span: TimeRange | None) -> None:
        """Show a span of what was read, or all of it."""
        if self._session is None:
            return
        since, until = self._range_opened
        if span is not None and span.end is not None:
            since, until = iso(span.start), iso(span.end)
        self._span = span
        self._engine.look_at(span)
        self._change(replace(self._session, since=since, until=until))

    def zoom(self, window: TimeRange | None) -> None:
        """Draw the bars of a part of what was read, or of all of it."""
        self._window = window
        self._engine.zoom(window)
        self.query_one(Overview).histogram.drop_span()

    @on(Histogram.SpanChosen)
    def _span_chosen(self, event: Histogram.SpanChosen) -> None:
        self.show_span(closed(event.span))
        self._middle.focus()
        self._flash("Only this span is shown: esc goes back to the whole range.")

    @on(Histogram.ZoomAsked)
    def _zoom_asked(self, event: Histogram.ZoomAsked) -> None:
        picture, bars = self._picture, self.query_one(Overview).histogram.bars
        if picture is None or bars is None:
            return
        if event.direction == "in":
            window = zoomed_in(event.brush, bars)
            if window is None:
                self._flash("A bar is one second: it cannot be shorter.")
            else:
                self.zoom(window)
        elif self._window is not None:
            self.zoom(zoomed_out(event.brush, bars, picture.span))
        else:
            self._want_more(picture.span)

    @on(Histogram.Left)
    def _histogram_left(self) -> None:
        self._middle.focus()

    @on(Histogram.BrushChanged)
    def _brush_changed(self) -> None:
        self._show_keys()

    def _want_more(self, span: tuple[int, int]) -> None:
        """Read twice of what was read."""
        if self._source is None or not self._source.live:
            self._flash("This is all that was read.")
            return
        length = span[1] - span[0]
        until = self._range_opened[1]
        minutes = -(-2 * length // _MINUTE_MS)
        since = f"{minutes}m" if until is None else iso(span[0] - length)
        self._flash(f"Reading {minutes} min …", 2)
        self.post_message(self.MoreWanted(since, until))

    @on(RowList.OlderWanted)
    def _older_wanted(self) -> None:
        """Read on above the oldest row: what a cancelled reading left out, or as much time again."""
        picture, session = self._picture, self._session
        if picture is None or session is None or self._source is None or not self._source.live:
            return
        if picture.reading or self._span is not None or picture is self._older_asked_of:
            return
        if picture.evicted:
            self._flash("No older rows: they would be dropped at once, --max-events or --max-memory is reached.", 4)
            return
        self._older_asked_of = picture
        start, end = picture.span
        if picture.read_back_to is None:
            self._older_step_ms = self._older_step_ms or min(end - start, _LONGEST_STEP_MS)
            start -= self._older_step_ms
            until = self._range_opened[1]
            since = f"{-(-(end - start) // _MINUTE_MS)}m" if until is None else iso(start)
            self._range_opened = (since, until)
            self._change(replace(session, since=since))
        self._engine.load_older(self._older_step_ms)
        self._flash(f"Reading back to {units.clock(start, self._zone, millis=False)} …", 2)

    def cancel_reading(self) -> bool:
        """Read the range no further; False when nothing is being read, or of a file, which cannot be read on."""
        picture = self._picture
        if picture is None or not picture.reading or self._source is None or not self._source.live:
            return False
        self._engine.cancel()
        progress = picture.progress
        back = "" if progress is None else f" back to {units.clock(progress.read_from, self._zone, millis=False)}"
        goes_on = " The tail goes on." if picture.following else ""
        self._flash(f"Stopped: read{back}.{goes_on} g on the first row reads on.", 5)
        return True

    # -- values

    def action_include_value(self) -> None:
        """Narrow the query to a value of the row under the cursor."""
        self._offer_values(excluded=False)

    def action_exclude_value(self) -> None:
        """Narrow the query to all but a value of the row under the cursor."""
        self._offer_values(excluded=True)

    def _offer_values(self, *, excluded: bool) -> None:
        story = self.query_one(StoryPane)
        if self.focused_pane == "story" and story.tab == "Access":
            field = story.field_under_cursor()
            if field is None:
                self._flash("This field was not logged.")
            else:
                self._add_value(ChosenValue(FieldValue(f"access.{field[0]}", field[1]), excluded))
            return
        cell = self._list.cell if self.focused_pane == "list" else None
        if cell is not None:
            found = cell_value(self.selected_row() or {}, cell)
            if found is None:
                self._flash(f"This cell has nothing to {'exclude' if excluded else 'include'}.")
            else:
                self._add_value(ChosenValue(found, excluded))
            return
        values = self._values_here()
        if values:
            self.app.push_screen(ValueMenu(values, excluded=excluded, glyphs=self._glyphs), self._add_value)
        else:
            self._flash("There is no value under the cursor.")

    def _values_here(self) -> tuple[FieldValue, ...]:
        story = self.opened_story
        if self.focused_pane == "story" and story is not None:
            return story_values(story.request)
        row = self.selected_row()
        if row is None or "gap" in row:
            return ()
        return event_values(row) if "message" in row else request_values(row)

    def action_show_connection(self) -> None:
        """Show all requests of the WebSocket connection of the open story, or of the row under the cursor."""
        story = self.opened_story
        row = story.request if story is not None else self.selected_row() or {}
        connection_id = row.get("connection_id")
        if connection_id is None:
            self._flash("This request belongs to no WebSocket connection that was logged.")
            return
        query = f"connection:{written(connection_id)}"
        self.apply_query(query)
        connection = story.kin.connection if story is not None else None
        if self.focused_pane == "story" and self.has_class("-cover"):
            self._close_story()
        self._middle.focus()
        self._flash(f"{_told(connection, self._zone)}: [ goes back.", 6)

    def _add_value(self, choice: ChosenValue | None) -> None:
        if choice is None:
            return
        found = choice.found
        self.apply_query(str(parse(self._history.current).narrowed(found.field, found.value, excluded=choice.excluded)))
        self._flash(f"The query has {found.term(excluded=choice.excluded)} now: [ goes back.")

    def apply_query(self, text: str) -> None:
        """Narrow to a query that parses, and remember it."""
        self._history = self._history.apply(text)
        self._narrow(text)


def _told(connection: Connection | None, zone: tzinfo) -> str:
    """What is known of a connection, in words."""
    if connection is None:
        return "All requests of this connection that were read"
    number = connection.requests
    told = f"Connection {connection.connection_id}: {number} request{'' if number == 1 else 's'} read"
    began, ended = connection.connected_at, connection.disconnected_at
    told += ", its beginning not" if began is None else f", connected {units.clock(began, zone, millis=False)}"
    return told + ("" if ended is None else f", disconnected {units.clock(ended, zone, millis=False)}")
