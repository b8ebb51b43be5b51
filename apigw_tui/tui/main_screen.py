"""The main screen: stages at the left, what the query matches in the middle, the open request below or over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from apigw_tui.core.query import QueryError, looks_like_id, parse
from apigw_tui.tui import status
from apigw_tui.tui.actions import bindings, chosen, footer_keys
from apigw_tui.tui.banner import Banner
from apigw_tui.tui.completion import completer
from apigw_tui.tui.empty_state import EmptyState
from apigw_tui.tui.event_list import ColumnHeads, RowList
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.header import Header
from apigw_tui.tui.list_rows import ListRows
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.query_bar import Counts, QueryBar
from apigw_tui.tui.session import Mode, QueryHistory
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.story_head import CauseContext
from apigw_tui.tui.story_pane import StoryPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.sources.base import Source
    from apigw_tui.tui.engine import Engine
    from apigw_tui.tui.list_view import Row
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stage_tree import Offer
    from apigw_tui.tui.stories import StoryState

_PANE_FROM_WIDTH: Final = 120
_WIDE_PANE_FROM: Final = 140
_SPLIT_FROM: Final = (100, 40)
"""Columns and rows from which list and story share the screen; below, the story covers the list."""
_TIME_FORMS: Final = ("local", "UTC", "relative to now")
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
    "toggle_stages",
    "cycle_zone",
    "pause",
    "back",
)


class MainScreen(Screen[None]):
    """Shows pictures; turns keys into sessions. It owns cursor, scroll and marks, nothing of the data."""

    DEFAULT_CSS = """
    MainScreen { background: $background; color: $ink; }
    MainScreen #body { height: 1fr; }
    MainScreen #main { width: 1fr; height: 1fr; }
    MainScreen #rows { height: 1fr; }
    MainScreen StoryPane { display: none; height: 1fr; }
    MainScreen.-story StoryPane { display: block; }
    MainScreen.-story.-split #rows { height: 2fr; min-height: 6; }
    MainScreen.-story.-split StoryPane { height: 3fr; }
    MainScreen.-story.-cover #rows, MainScreen.-story.-cover Overview,
    MainScreen.-story.-cover QueryBar { display: none; }
    MainScreen.-story.-cover StoryPane { padding-top: 1; }
    MainScreen EmptyState { display: none; }
    MainScreen.-empty EmptyState { display: block; }
    MainScreen.-empty RowList, MainScreen.-empty ColumnHeads { display: none; }
    MainScreen StagePane { display: none; }
    MainScreen.-stages StagePane { display: block; }
    MainScreen.-narrow StagePane { dock: left; layer: drawer; width: 25; }
    MainScreen { layers: default drawer; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*_KEYS)),
        *bindings("story", chosen("next_request", "previous_request")),
    ]

    def __init__(self, engine: Engine, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, reveal: bool = False) -> None:
        super().__init__()
        self._engine = engine
        self._glyphs = glyphs
        self._zone = zone
        self._reveal = reveal
        self._session: Session | None = None
        self._source: Source | None = None
        self._offer: Offer | None = None
        self._picture: Picture | None = None
        self._history = QueryHistory()
        self._marks: frozenset[int] = frozenset()
        self._opened: int | None = None
        self._version = 0
        self._place: tuple[str | None, str | None] = (None, None)
        self._stages_wanted: bool | None = None
        self._time_form = _TIME_FORMS[0]

    def compose(self) -> ComposeResult:
        """Header, body, footer; the body has the stage pane and the main column."""
        yield Header(glyphs=self._glyphs)
        yield Banner(glyphs=self._glyphs)
        with Horizontal(id="body"):
            yield StagePane(glyphs=self._glyphs)
            with Vertical(id="main"):
                yield Overview(glyphs=self._glyphs)
                yield QueryBar(complete=completer(self._current_view, self._formats), glyphs=self._glyphs)
                with Vertical(id="rows"):
                    yield ColumnHeads()
                    yield RowList(glyphs=self._glyphs, zone=self._zone)
                    yield EmptyState(glyphs=self._glyphs)
                yield StoryPane(glyphs=self._glyphs)
        yield Footer(glyphs=self._glyphs)

    def on_mount(self) -> None:
        """The list has the keys first."""
        story = self.query_one(StoryPane)
        story.set_zone(self._zone)
        story.set_reveal(reveal=self._reveal)
        self._list.focus()

    # -- what is open

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def session(self) -> Session | None:
        """What the user looks at."""
        return self._session

    @property
    def source(self) -> Source | None:
        """What is read."""
        return self._source

    @property
    def zone(self) -> tzinfo:
        """The zone that times are shown in."""
        return self._zone

    def watch_source(self, source: Source, session: Session, *, place: tuple[str | None, str | None]) -> None:
        """Another source was opened: forget the old one's rows."""
        self._source, self._session, self._place = source, session, place
        self._history = QueryHistory((session.query,))
        self._picture = None
        self._marks = frozenset()
        self._close_story()
        self.query_one(QueryBar).show(session.query, Counts(progress="reading"))
        self._list.focus()

    def offer_stages(self, offer: Offer) -> None:
        """Show what else can be opened."""
        self._offer = offer
        self._show_stages()

    # -- what the engine says

    def show_picture(self, picture: Picture) -> None:
        """Show a picture, all widgets at once."""
        first = self._picture is None
        changed = not first and self._picture is not None and self._picture.session != picture.session
        self._picture = picture
        self._version += 1
        keep = not first and not (changed and self._list.following)
        self._show_rows(keep=keep)
        stage = self._stage()
        title = stage.title if stage else (self._source.title if self._source else "")
        header = status.header_state(picture, title=title, stage=stage, place=self._place, zone=self._zone)
        self.query_one(Header).show(header)
        self.query_one(Banner).show(status.banner_trouble(picture))
        overview = self.query_one(Overview)
        overview.histogram.show(status.histogram_state(picture, cursor_ms=self._cursor_ms(), zone=self._zone))
        overview.legend.show(picture.legend)
        self._show_counts()

    def show_story(self, state: StoryState) -> None:
        """Show a story if it is still the one that is open."""
        if state.key != self._opened:
            return
        context = CauseContext(*state.same_cause) if state.same_cause else None
        self.query_one(StoryPane).show(state.story, context=context, fetching=state.fetching, error=state.error)

    def open_request(self, key: int, row: Row | None = None) -> None:
        """Open a request's story."""
        self._opened = key
        pane = self.query_one(StoryPane)
        self.add_class("-story")
        if row is not None and row.get("started_at") is not None:
            pane.show_row(row)
        self._engine.select(key)
        pane.focus()

    # -- the widgets' messages

    @on(RowList.RowOpened)
    def _row_opened(self, event: RowList.RowOpened) -> None:
        key = event.row.get("key")
        if isinstance(key, int):
            self.open_request(key, event.row)
        else:
            self._flash("This line belongs to no request: press w to wrap it, v for requests.")

    @on(RowList.CursorMoved)
    def _cursor_moved(self, event: RowList.CursorMoved) -> None:
        self.query_one(Overview).histogram.point_at(self._cursor_ms())
        key = event.row.get("key")
        if self._opened is not None and isinstance(key, int) and key != self._opened and not self._list.following:
            self._opened = key
            if event.row.get("started_at") is not None:
                self.query_one(StoryPane).show_row(event.row)
            self._engine.select(key)

    @on(RowList.FollowChanged)
    def _follow_changed(self) -> None:
        self._show_counts()

    @on(RowList.NothingFound)
    def _nothing_found(self, event: RowList.NothingFound) -> None:
        what = {"5xx": "5xx", "match": "match", "marked": "mark", "same_request": "line of this request"}
        where = "before" if event.backwards else "after"
        self._flash(f"No {what[event.predicate]} {where} this row.")

    @on(QueryBar.QueryChanged)
    def _query_changed(self, event: QueryBar.QueryChanged) -> None:
        """Preview what is typed; the old view stays while it is wrong."""
        if looks_like_id(event.text):
            return
        if self._parsed(event.text) and self._session:
            self._engine.narrow(replace(self._session, query=event.text))

    @on(QueryBar.QuerySubmitted)
    def _query_submitted(self, event: QueryBar.QuerySubmitted) -> None:
        text = event.text.strip()
        if looks_like_id(text):
            self.query_one(QueryBar).close()
            self._narrow(self._history.current)
            self._flash(f"Looking for {text} …", seconds=30)
            self._engine.find(text)
            self._list.focus()
        elif self._parsed(text):
            self.query_one(QueryBar).close()
            self.apply_query(text)
            self._list.focus()

    @on(QueryBar.QueryCancelled)
    def _query_cancelled(self) -> None:
        self._narrow(self._history.current)
        self._list.focus()

    @on(StoryPane.StoryClosed)
    def _story_closed(self) -> None:
        self._close_story()
        self._list.focus()

    # -- actions

    def apply_query(self, text: str) -> None:
        """Narrow to a query that parses, and remember it."""
        self._history = self._history.apply(text)
        self._narrow(text)

    def action_edit_query(self) -> None:
        """Open the query bar."""
        self.query_one(QueryBar).edit()

    def action_query_back(self) -> None:
        """The query before."""
        self._history = self._history.step(-1)
        self._narrow(self._history.current)

    def action_query_forward(self) -> None:
        """The query after."""
        self._history = self._history.step(1)
        self._narrow(self._history.current)

    def action_toggle_hiding(self) -> None:
        """Hide what does not match, or show all with the matches highlighted."""
        if self._session:
            self._change(replace(self._session, highlight=not self._session.highlight))

    def action_toggle_events(self) -> None:
        """Requests or events, on the same request."""
        if not self._session:
            return
        mode: Mode = "events" if self._session.mode == "requests" else "requests"
        self.query_one(ColumnHeads).show(mode)
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
        self._list.move_to(self._list.cursor + 1)

    def action_previous_request(self) -> None:
        """The previous request, the story stays open."""
        self._list.move_to(self._list.cursor - 1)

    def action_mark(self) -> None:
        """Mark the row, or take its mark away."""
        row = self._list.cursor_row
        anchor = row.get("anchor") if row else None
        if isinstance(anchor, int):
            self._marks ^= {anchor}
            self._version += 1
            self._show_rows(keep=True)

    def action_pause(self) -> None:
        """Hold the picture, or catch up."""
        if self._picture is None:
            return
        paused = not self._picture.paused
        self._picture = replace(self._picture, paused=paused)
        self._engine.pause(paused=paused)
        self.show_picture(self._picture)

    def action_cycle_zone(self) -> None:
        """Local time, UTC, ages."""
        self._time_form = _TIME_FORMS[(_TIME_FORMS.index(self._time_form) + 1) % len(_TIME_FORMS)]
        zone = UTC if self._time_form == "UTC" else self._zone
        self._list.set_time(zone, relative=self._time_form == "relative to now")
        self.query_one(StoryPane).set_zone(zone)
        self._flash(f"Times are {self._time_form}.")

    def action_toggle_stages(self) -> None:
        """Show or hide the stage pane."""
        shown = self.has_class("-stages")
        self._stages_wanted = not shown
        self._lay_out()
        if shown:
            self._list.focus()
        else:
            self.query_one(StagePane).focus()

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self._step_pane(-1)

    def action_back(self) -> None:
        """One step back: the drawer, the story, then the query."""
        if self.has_class("-narrow") and self.has_class("-stages"):
            self.action_toggle_stages()
        elif self._opened is not None:
            self._close_story()
            self._list.focus()
        else:
            self._list.focus()

    # -- layout and focus

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self._lay_out()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has them."""
        pane = self.focused_pane
        self.query_one(Footer).show([(hint.keys, hint.label) for hint in footer_keys(pane)])

    @property
    def focused_pane(self) -> str:
        """The name of the pane that has the keys."""
        focused = self.focused
        for node in focused.ancestors_with_self if focused else ():
            if isinstance(node, StagePane):
                return "stages"
            if isinstance(node, StoryPane):
                return "story"
            if isinstance(node, QueryBar):
                return "query"
        return "list"

    def selected_row(self) -> Row | None:
        """The row that copying and marking act on."""
        return self._list.cursor_row

    @property
    def opened_story(self) -> Any:
        """The story that is open, if any."""
        return self.query_one(StoryPane).story if self._opened is not None else None

    def flash(self, line: Any, seconds: float = 3.0) -> None:
        """Say something in the footer for a while."""
        self.query_one(Footer).flash(line, seconds)

    def _flash(self, sentence: str, seconds: float = 3.0) -> None:
        self.flash(((sentence, "ink"),), seconds)

    def _lay_out(self) -> None:
        width, height = self.size.width, self.size.height
        narrow = width < _PANE_FROM_WIDTH
        self.set_class(narrow, "-narrow")
        wanted = self._stages_wanted if self._stages_wanted is not None else not narrow
        self.set_class(wanted, "-stages")
        pane_width = 25 if width >= _WIDE_PANE_FROM or narrow else 22
        self.query_one(StagePane).styles.width = pane_width
        main_width = width - (pane_width if wanted and not narrow else 0)
        split = main_width >= _SPLIT_FROM[0] and height >= _SPLIT_FROM[1]
        self.set_class(split, "-split")
        self.set_class(not split, "-cover")
        self.query_one(Overview).fit(main_width, self.size)
        self._engine.resize(main_width)

    def _step_pane(self, step: int) -> None:
        panes: list[Any] = [self._list]
        if self._opened is not None:
            panes.append(self.query_one(StoryPane))
        if self.has_class("-stages"):
            panes.insert(0, self.query_one(StagePane))
        current = next((place for place, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(current + step) % len(panes)].focus()

    # -- small things

    @property
    def _list(self) -> RowList:
        return self.query_one(RowList)

    def _current_view(self) -> Any:
        return self._picture.view if self._picture else None

    def _formats(self) -> Any:
        return self._source.formats if self._source else {}

    def _go(self, predicate: Any, *, backwards: bool = False) -> None:
        self._list.go_where(predicate, backwards=backwards)

    def _show_rows(self, *, keep: bool) -> None:
        picture = self._picture
        if picture is None:
            return
        gaps = picture.completeness.gaps if picture.completeness else ()
        rows = ListRows(picture.view, self._version, picture.late, self._marks, gaps)
        empty = not len(rows)
        self.set_class(empty, "-empty")
        if empty and self._source is not None:
            self.query_one(EmptyState).show(status.emptiness(picture, self._source, self._zone))
        self._list.show(rows, keep=keep)
        self._list.tick(picture.now)

    def _show_counts(self) -> None:
        if self._picture is not None and self._session is not None:
            counts = status.counts_of(self._picture, new_rows=self._list.new_rows, zone=self._zone)
            bar = self.query_one(QueryBar)
            if bar.editing:
                bar.show_counts(counts)
            else:
                bar.show(self._history.current, counts)

    def _show_stages(self) -> None:
        if self._offer is not None and self._session is not None:
            stage = self._stage()
            opened = frozenset({stage.scope} if stage else self._session.targets)
            now = self._picture.now if self._picture else 0
            self.query_one(StagePane).show(self._offer, now=now, opened=opened)

    def _stage(self) -> Any:
        if self._offer is None or self._session is None or len(self._session.targets) != 1:
            return None
        return status.stage_of(self._offer, self._session.targets[0])

    def _cursor_ms(self) -> int | None:
        row = self._list.cursor_row
        if row is None:
            return None
        return row.get("started_at") or row.get("timestamp") or row.get("gap_start")

    def _parsed(self, text: str) -> bool:
        try:
            parse(text)
        except QueryError as error:
            self.query_one(QueryBar).show_error(error.column, f"{error.expected} was expected. {error.hint}".strip())
            return False
        return True

    def _narrow(self, query: str) -> None:
        if self._session is not None:
            self._change(replace(self._session, query=query))
            self._show_counts()

    def _change(self, session: Session) -> None:
        self._session = session
        self._engine.narrow(session)

    def _close_story(self) -> None:
        self._opened = None
        self._engine.select(None)
        self.remove_class("-story")
        self.query_one(StoryPane).clear()
