"""The main screen: what keys and widgets do to the session that the panes show."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType

from apigw_tui.core.query import looks_like_id, parse
from apigw_tui.core.query_fields import QUERY_FIELDS
from apigw_tui.errors import UsageError
from apigw_tui.sources.live_switch import COST, PRICED
from apigw_tui.sources.saved_queries import SIGN, resolved_query
from apigw_tui.tui import later
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.arranging import Arranging
from apigw_tui.tui.board import BoardPane
from apigw_tui.tui.difference_keys import Differing
from apigw_tui.tui.event_list import RowList
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.incident_keys import Bundling
from apigw_tui.tui.marks import Mark, Marks
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.panes import TIME_FORMS
from apigw_tui.tui.picture import Picture
from apigw_tui.tui.query_bar import QueryBar
from apigw_tui.tui.session import Mode
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.story_pane import StoryPane
from apigw_tui.tui.term_switches import TermSwitches
from apigw_tui.tui.text_prompt import Question, TextPrompt
from apigw_tui.tui.typed_text import TypedTextFirst

_KEYS: Final = (
    "edit_query",
    "next_failure",
    "previous_failure",
    "next_match",
    "previous_match",
    "next_request",
    "previous_request",
    "mark",
    "next_pane",
    "previous_pane",
    "toggle_hiding",
    "query_back",
    "query_forward",
    "toggle_events",
    "toggle_board",
    "toggle_stages",
    "cycle_zone",
    "pause",
    "toggle_live_tail",
    "back",
)
_OF_THE_LIST: Final = frozenset(action.id for action in chosen(*_KEYS) if "board" not in action.panes)
"""Keys of the list that must not reach it while the board stands in its place."""


class MainScreen(TypedTextFirst, TermSwitches, Arranging, Differing, Bundling):
    """Turns keys into sessions and tells the engine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*_KEYS)),
        *bindings("story", chosen("next_request", "previous_request")),
    ]

    # -- the widgets' messages

    @on(RowList.RowOpened)
    def _row_opened(self, event: RowList.RowOpened) -> None:
        key = event.row.get("key")
        if event.row.get("kind") == "lambda":
            self._engine.find(str(event.row["request_id"]))
        elif isinstance(key, int):
            self.open_request(key, event.row)
        else:
            self._flash("This line belongs to no request: press w to wrap it, v for requests.")

    @on(RowList.CursorMoved)
    def _cursor_moved(self, event: RowList.CursorMoved) -> None:
        self.query_one(Overview).histogram.point_at(self._cursor_ms())
        if not self._list.following:
            self.query_one(Footer).withdraw(self._none_there)
        key = event.row.get("key")
        mark = self._marks.at(event.row.get("anchor"))
        if mark is not None and mark.note:
            self.flash(((f"{self._glyphs.mark} ", "accent"), (mark.note, "ink-strong")), 6)
        is_other = key != self._opened and event.row.get("kind") != "lambda"
        if self._opened is not None and isinstance(key, int) and is_other and not self._list.following:
            self._opened = key
            if event.row.get("started_at") is not None:
                self.query_one(StoryPane).show_row(event.row)
            self._engine.select(key)

    @on(RowList.FollowChanged)
    def _follow_changed(self) -> None:
        self._show_counts()

    @on(RowList.NothingFound)
    def _nothing_found(self, event: RowList.NothingFound) -> None:
        what = {
            "5xx": "5xx",
            "match": "match",
            "marked": "mark",
            "same_request": "line of this request",
            "other_request": "request",
        }
        where = "before" if event.backwards else "after"
        self._none_there = ((f"No {what[event.predicate]} {where} this row.", "ink"),)
        self.flash(self._none_there)

    @on(RowList.NothingToWrap)
    def _nothing_to_wrap(self) -> None:
        self._flash("Requests have one row each: v shows their events, w wraps those.")

    @on(QueryBar.QueryChanged)
    def _query_changed(self, event: QueryBar.QueryChanged) -> None:
        """Preview what is typed; the old view stays while it is wrong."""
        if event.text != self.query_one(QueryBar).text or looks_like_id(event.text) or event.text.startswith(SIGN):
            return
        text = without_field_prefix(event.text)
        if self._parsed(text, typing=True) and self._session:
            self._engine.narrow(replace(self._session, query=text))

    @on(QueryBar.QuerySubmitted)
    def _query_submitted(self, event: QueryBar.QuerySubmitted) -> None:
        try:
            text = resolved_query(event.text.rstrip()).strip()
        except UsageError as error:
            self.query_one(QueryBar).show_error(1, f"{error.message} {error.hint}".strip())
            return
        if looks_like_id(text):
            self.query_one(QueryBar).close()
            self._narrow(self._history.current)
            self.look_for(text)
            self._middle.focus()
        elif self._parsed(text):
            self.query_one(QueryBar).close()
            self.apply_query(text)
            self._middle.focus()

    def look_for(self, identifier: str) -> None:
        """Find a request by its ID, and say so until it is found or not."""
        self._flash(f"Looking for {identifier} …", seconds=30)
        self._engine.find(identifier)

    @on(QueryBar.QueryCancelled)
    def _query_cancelled(self) -> None:
        self._narrow(self._history.current)
        self._middle.focus()

    @on(BoardPane.RowChosen)
    def _board_row_chosen(self, event: BoardPane.RowChosen) -> None:
        """Narrow to the row's requests, or to all others; `enter` shows them."""
        if event.wish == "rows":
            self._show_board(shown=False)
        if event.row.pairs:
            query = later.narrowed(parse(self._history.current), event.row, excluded=event.wish == "exclude")
            self.apply_query(str(query))
            if event.wish != "rows":
                self._flash(f"The query is {query} now: [ goes back.")
        elif event.wish != "rows":
            self._flash("This row is all routes together: there is nothing to include or exclude.")

    @on(StoryPane.StoryClosed)
    def _story_closed(self) -> None:
        self._close_story()
        self._list.focus()

    @on(StoryPane.NoMatch)
    def _no_match(self, event: StoryPane.NoMatch) -> None:
        where = "before" if event.backwards else "after"
        self._flash(f"No match {where} this row in this tab: J and K go to other requests.")

    # -- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the list's own keys from a list that the board hides, and `/` from the stage pane."""
        if action in _OF_THE_LIST and self._middle is not self._list:
            return False
        if action == "edit_query" and self.focused_pane == "stages":
            return False
        return super().check_action(action, parameters)

    def action_edit_query(self) -> None:
        """Open the query bar."""
        self.query_one(QueryBar).edit()

    def action_query_back(self) -> None:
        """The query before."""
        self._step_history(-1, "There is no earlier query.")

    def action_query_forward(self) -> None:
        """The query after."""
        self._step_history(1, "There is no later query.")

    def _step_history(self, by: int, at_the_end: str) -> None:
        history = self._history.step(by)
        if history == self._history:
            self._flash(at_the_end)
        self._history = history
        self._narrow(history.current)

    def action_toggle_hiding(self) -> None:
        """Hide what does not match, or show all with the matches highlighted."""
        if self._session is None:
            return
        if not self._history.current and not self._session.highlight:
            self._flash("There is no query: nothing is hidden.")
            return
        highlight = not self._session.highlight
        self._change(replace(self._session, highlight=highlight))
        self._flash("All rows, what does not match dimmed." if highlight else "Only the rows that match.")

    def action_toggle_events(self) -> None:
        """Requests or events, on the same request."""
        if not self._session:
            return
        mode: Mode = "events" if self._session.mode == "requests" else "requests"
        row = self._list.cursor_row
        self._sought_row = row.get("key") if row and not self._list.following else None
        self._change(replace(self._session, mode=mode))

    def action_next_failure(self) -> None:
        """The next 5xx."""
        self._go("5xx")

    def action_previous_failure(self) -> None:
        """The previous 5xx."""
        self._go("5xx", backwards=True)

    def action_next_match(self) -> None:
        """The next row that matches."""
        self._go("match")

    def action_previous_match(self) -> None:
        """The previous row that matches."""
        self._go("match", backwards=True)

    def action_next_request(self) -> None:
        """The next request, the story stays open."""
        self._go("other_request")

    def action_previous_request(self) -> None:
        """The previous request, the story stays open."""
        self._go("other_request", backwards=True)

    def action_mark(self) -> None:
        """Mark the row; a marked one asks for the note of its mark, and without one it is no longer marked."""
        row = self._list.cursor_row
        anchor = row.get("anchor") if row else None
        if row is None or not isinstance(anchor, int):
            return
        mark = self._marks.at(anchor)
        if mark is not None:
            self._ask_for_note(anchor, mark)
            return
        new = Mark.of(row)
        if new is None:
            self._flash("This row has no ID by which it could be found again.")
            return
        self._mark(self._marks.added(anchor, new))

    def _ask_for_note(self, anchor: int, mark: Mark) -> None:
        about = mark.name if mark.mode == "requests" else "the event under the cursor"
        question = Question("Mark", about, "Note", "keeps the note", "takes the mark away", text=mark.note)

        def noted(note: str | None) -> None:
            if note is not None and self._marks.at(anchor) is not None:
                self._mark(self._marks.noted(anchor, note))

        self.app.push_screen(TextPrompt(question, glyphs=self._glyphs), noted)

    def _mark(self, marks: Marks) -> None:
        self._marks = marks
        self._version += 1
        self._show_rows(keep=True)

    def action_pause(self) -> None:
        """Hold the picture, or catch up."""
        if self._picture is None:
            return
        if not self._picture.following and not self._picture.paused:
            self._flash("Nothing new comes here: there is nothing to hold.")
            return
        paused = not self._picture.paused
        self._picture = replace(self._picture, paused=paused)
        self._engine.pause(paused=paused)
        self.show_picture(self._picture)

    def action_toggle_live_tail(self) -> None:
        """Stream what is followed beside polling it, or no more; say what it costs."""
        if self._picture is None or not self._picture.following:
            self._flash("Live Tail needs a log group of CloudWatch that is followed.")
            return
        on = not self._engine.live_tail
        self._engine.turn_live_tail(on=on)
        self._tell_price() if on else self._flash("Live Tail is closed: polling goes on.")

    def show_picture(self, picture: Picture) -> None:
        """Show a picture; with the first one say what Live Tail costs, when it was asked for at the start."""
        if self._picture is None and picture.following and self._engine.live_tail:
            self._tell_price()
        if picture.guesses and (self._picture is None or picture.guesses != self._picture.guesses):
            self._flash(f"The {picture.guesses[-1].told}; ctrl+p “access format” corrects it.", seconds=8)
        super().show_picture(picture)

    def _tell_price(self) -> None:
        self._flash(f"Live Tail: {COST}; L closes it. ({PRICED})", seconds=8)

    def action_cycle_zone(self) -> None:
        """Local time, UTC, ages."""
        self._time_form = TIME_FORMS[(TIME_FORMS.index(self._time_form) + 1) % len(TIME_FORMS)]
        self._tell_zone()
        if self._picture is not None:
            self.show_picture(self._picture)
        if self._session is not None:
            self._session = replace(self._session, tz=self._session_zone())
        self._flash(f"Times are {self._time_form}.")

    def _session_zone(self) -> str | None:
        """The zone as a command names it; ages are no zone."""
        return "utc" if self._time_form == "UTC" else self._asked_zone

    def action_toggle_board(self) -> None:
        """Routes, causes and tops of what the query matches, in place of list and story; or back."""
        if self._opened is not None:
            self._close_story()
        self._show_board(shown=not self.has_class("-board"))

    def action_toggle_stages(self) -> None:
        """Show or hide the stage pane."""
        shown = self.has_class("-stages")
        self._stages_wanted = not shown
        self._lay_out()
        if shown:
            self._middle.focus()
        else:
            self.query_one(StagePane).focus()

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self._step_pane(-1)

    def action_back(self) -> None:
        """One step back: a bundle being written, the stages' filter, their drawer, story or board, then the span."""
        pane = self.focused_pane
        if self.cancel_incident() or (pane == "stages" and self.query_one(StagePane).leave_filter()):
            return
        if self.has_class("-narrow") and self.has_class("-stages"):
            self.action_toggle_stages()
        elif pane in ("board", "difference"):
            self._show_board(shown=False)
        elif pane == "stages":
            self._middle.focus()
        elif self._opened is not None:
            self._close_story()
            self._list.focus()
        elif pane == "list" and self._list.leave_cell():
            return
        elif self._span is not None:
            self.show_span(None)
            self._flash("The whole range again.")
        else:
            self.cancel_reading()

    def go_live(self) -> bool:
        """Show the whole range and follow its end; False where that has passed."""
        picture = self._picture
        if picture is None or not picture.following:
            return False
        if self._span is not None:
            self.show_span(None)
        if self._window is not None:
            self.zoom(None)
        if picture.paused:
            self.action_pause()
        self.follow_newest()
        return True


def without_field_prefix(text: str) -> str:
    """The query without a last word that may become the name of a field: it is no text to search for yet."""
    head, _, last = text.rpartition(" ")
    word = last.lstrip("-")
    is_prefix = bool(word) and any(name.startswith(word) for name in QUERY_FIELDS)
    return head if is_prefix else text
