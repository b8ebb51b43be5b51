"""The panes: stages at the left, what the query matches in the middle, the open request below or over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Final

from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from apigw_tui.core.query import QueryError, parse
from apigw_tui.tui import status
from apigw_tui.tui.actions import footer_keys
from apigw_tui.tui.banner import Banner
from apigw_tui.tui.board import BoardPane
from apigw_tui.tui.completion import completer
from apigw_tui.tui.empty_state import EmptyState
from apigw_tui.tui.event_list import ColumnHeads, RowList
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.header import Header
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.list_rows import ListRows
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.query_bar import Counts, QueryBar
from apigw_tui.tui.session import QueryHistory
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.story_head import CauseContext
from apigw_tui.tui.story_pane import StoryPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import Source
    from apigw_tui.tui.banner import Trouble
    from apigw_tui.tui.engine import Engine
    from apigw_tui.tui.list_view import Row
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stage_tree import Offer
    from apigw_tui.tui.stories import StoryState

TIME_FORMS: Final = ("local", "UTC", "relative to now")
_PANE_FROM_WIDTH: Final = 120
_SECOND_MS: Final = 1_000
_WIDE_PANE_FROM: Final = 140
_SPLIT_FROM: Final = (100, 40)
"""Columns and rows from which list and story share the screen; below, the story covers the list."""
_AIRY_FROM: Final = 30


class Panes(Screen[None]):
    """The widgets, what they show and how they share the screen. It owns cursor, scroll and marks, no data."""

    DEFAULT_CSS = """
    Panes { background: $background; color: $ink; }
    Panes #body { height: 1fr; }
    Panes #main { width: 1fr; height: 1fr; }
    Panes #rows { height: 1fr; }
    Panes StoryPane { display: none; height: 1fr; }
    Panes.-story StoryPane { display: block; }
    Panes.-story.-split #rows { height: 2fr; min-height: 6; }
    Panes.-story.-split StoryPane { height: 3fr; }
    Panes.-story.-cover #rows, Panes.-story.-cover Overview,
    Panes.-story.-cover QueryBar { display: none; }
    Panes.-story.-cover StoryPane { padding-top: 1; }
    Panes BoardPane { display: none; }
    Panes.-board BoardPane { display: block; }
    Panes.-board #rows { display: none; }
    Panes EmptyState { display: none; }
    Panes.-empty EmptyState { display: block; }
    Panes.-empty RowList, Panes.-empty ColumnHeads { display: none; }
    Panes StagePane { display: none; }
    Panes.-stages StagePane { display: block; }
    Panes.-narrow StagePane { dock: left; layer: drawer; width: 25; }
    Panes { layers: default drawer; }
    """

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
        self._time_form = TIME_FORMS[0]
        self._span: TimeRange | None = None
        self._window: TimeRange | None = None
        self._range_opened: tuple[str | None, str | None] = (None, None)
        self._older_asked_of: Picture | None = None
        self._older_step_ms = 0
        self._sought_row: int | None = None
        self._other_rows = False

    def compose(self) -> ComposeResult:
        """Header, body, footer; the body has the stage pane and the main column."""
        yield Header(glyphs=self._glyphs)
        yield Banner(glyphs=self._glyphs)
        with Horizontal(id="body"):
            yield StagePane(glyphs=self._glyphs)
            with Vertical(id="main"):
                yield Overview(glyphs=self._glyphs)
                yield QueryBar(complete=completer(self._all_requests, self._formats), glyphs=self._glyphs)
                with Vertical(id="rows"):
                    yield ColumnHeads()
                    yield RowList(glyphs=self._glyphs, zone=self._zone)
                    yield EmptyState(glyphs=self._glyphs)
                yield BoardPane(glyphs=self._glyphs, zone=self._zone)
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
        again = self._session is not None and self._session.targets == session.targets
        self._source, self._session, self._place = source, session, place
        self._history = self._history.apply(session.query) if again else QueryHistory((session.query,))
        self._marks = self._marks if again else frozenset()
        self._picture = self._span = self._window = self._sought_row = None
        self._range_opened = (session.since, session.until)
        self._older_asked_of, self._older_step_ms = None, 0
        self._close_story()
        self._board.show(None, now=0)
        self.query_one(QueryBar).show(session.query, Counts(progress="reading"))
        if not (again and self.focused_pane == "histogram"):
            self._middle.focus()

    def offer_stages(self, offer: Offer) -> None:
        """Show what else can be opened."""
        self._offer = offer
        # What an earlier run knew may come before the screen is there.
        if self.query(StagePane):
            self._show_stages()

    # -- what the engine says

    def show_picture(self, picture: Picture) -> None:
        """Show a picture, all widgets at once."""
        first = self._picture is None
        before = self._picture
        changed = before is not None and before.session != picture.session
        self._other_rows |= changed
        self._picture = picture
        self._version += 1
        if before is None or _of_the_pane(before) != _of_the_pane(picture):
            self._show_stages()
        keep = not first and not (changed and self._list.following)
        self._show_rows(keep=keep)
        if self._sought_row is not None and before is not None and before.view.mode != picture.view.mode:
            self._go_to_request(self._sought_row)
            self._sought_row = None
        stage = self._stage()
        title = stage.title if stage else (self._source.title if self._source else "")
        header = status.header_state(picture, title=title, stage=stage, place=self._place, zone=self._zone)
        self.query_one(Header).show(header)
        self._show_banner(status.banner_trouble(picture))
        overview = self.query_one(Overview)
        bars = status.histogram_state(picture, cursor_ms=self._cursor_ms(), zone=self._zone)
        overview.histogram.show(bars)
        overview.legend.show(picture.legend)
        self._board.show(picture.board, now=picture.now)
        self._show_counts()

    def show_story(self, state: StoryState) -> None:
        """Show a story if it is still the one that is open."""
        if state.key != self._opened:
            return
        context = CauseContext(*state.same_cause) if state.same_cause else None
        self.query_one(StoryPane).show(state.story, context=context, fetching=state.fetching, error=state.error)

    def open_request(self, key: int, row: Row | None = None) -> None:
        """Open a request's story."""
        self._show_board(shown=False)
        self._opened = key
        self._list.hold()
        if row is None:
            self._go_to_request(key)
        pane = self.query_one(StoryPane)
        self.add_class("-story")
        self._lay_out()
        if row is not None and row.get("started_at") is not None:
            pane.show_row(row)
        self._engine.select(key)
        pane.focus()

    # -- layout and focus

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self._lay_out()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has them."""
        self._show_keys()

    def _show_keys(self) -> None:
        labels = {"select_span": "other end"} if self.query_one(Overview).histogram.is_selecting else {}
        hints = footer_keys(self.focused_pane)
        self.query_one(Footer).show([(hint.keys, labels.get(hint.action, hint.label)) for hint in hints])

    @property
    def focused_pane(self) -> str:
        """The name of the pane that has the keys."""
        focused = self.focused
        for node in focused.ancestors_with_self if focused else ():
            if isinstance(node, StagePane):
                return "stages"
            if isinstance(node, StoryPane):
                return "story"
            if isinstance(node, BoardPane):
                return "board"
            if isinstance(node, QueryBar):
                return "query"
            if isinstance(node, Histogram):
                return "histogram"
        return "list"

    def selected_row(self) -> Row | None:
        """The row that copying and marking act on."""
        return None if self.has_class("-empty") or self.has_class("-board") else self._list.cursor_row

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
        overview = self.query_one(Overview)
        overview.fit(main_width, self.size, below_banner=self.query_one(Banner).has_class("-shown"))
        overview.display = overview.display and (split or self._opened is None)
        self._board.styles.margin = (1 if height >= _AIRY_FROM else 0, 0, 0, 0)
        self._engine.resize(main_width)

    def _show_banner(self, trouble: Trouble | None) -> None:
        banner = self.query_one(Banner)
        came_or_went = banner.has_class("-shown") != (trouble is not None)
        banner.show(trouble)
        if came_or_went:
            self._lay_out()

    def _step_pane(self, step: int) -> None:
        panes: list[Any] = [self._middle]
        if self._opened is not None:
            panes.append(self.query_one(StoryPane))
        if self.has_class("-stages"):
            panes.insert(0, self.query_one(StagePane))
        current = next((place for place, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(current + step) % len(panes)].focus()

    def _show_board(self, *, shown: bool) -> None:
        if shown != self.has_class("-board"):
            self.set_class(shown, "-board")
            self._engine.show_board(shown=shown)
            self._middle.focus()

    # -- small things

    @property
    def _list(self) -> RowList:
        return self.query_one(RowList)

    @property
    def _board(self) -> BoardPane:
        return self.query_one(BoardPane)

    @property
    def _middle(self) -> RowList | BoardPane:
        """What shows the query's matches: the list, or the board in its place."""
        return self._board if self.has_class("-board") else self._list

    def _all_requests(self) -> Any:
        return self._picture.everything if self._picture else None

    def _formats(self) -> Any:
        return self._source.formats if self._source else {}

    def _go(self, predicate: Any, *, backwards: bool = False) -> None:
        self._list.go_where(predicate, backwards=backwards)

    def _show_rows(self, *, keep: bool) -> None:
        picture = self._picture
        if picture is None:
            return
        gaps, again_ms = status.gaps_of(picture), status.again_ms(picture)
        rows = ListRows(picture.view, self._version, picture.late, self._marks, gaps, picture.everything, again_ms)
        empty = not len(rows)
        returns = self.has_class("-empty") and not empty and self.focused is None
        self.set_class(empty, "-empty")
        if returns:  # a hidden list loses the keys
            self.call_after_refresh(self._list.focus)
        if empty and self._source is not None:
            # The list keeps its rows out of sight, and with them the place of its cursor.
            self.query_one(EmptyState).show(status.emptiness(picture, self._source, self._zone))
            return
        self._list.show(rows, keep=keep, other=self._other_rows)
        self._other_rows = False
        self._list.tick(picture.now)

    def _go_to_request(self, key: int) -> None:
        """Put the cursor on the first row of a request, where it is shown."""
        picture = self._picture
        if picture is None:
            return
        place = ListRows(picture.view, self._version, gaps=status.gaps_of(picture)).first_of(key)
        if place is not None:
            self._list.move_to(place)

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
            stage, picture = self._stage(), self._picture
            opened = frozenset({stage.scope} if stage else self._session.targets)
            offer, now = self._offer, 0
            if picture is not None:
                now = picture.now
                offer = status.dated(offer, stage, picture.last_event_at)
            notes = () if picture is None else status.reading_notes(picture)
            pane = self.query_one(StagePane)
            pane.set_waiting(waiting=picture is not None and picture.trouble is not None)
            pane.show(offer, now=now, opened=opened, notes=notes)

    def _stage(self) -> Any:
        if self._offer is None or self._session is None or len(self._session.targets) != 1:
            return None
        return status.stage_of(self._offer, self._session.targets[0])

    def _cursor_ms(self) -> int | None:
        row = self._list.cursor_row
        if row is None:
            return None
        return row.get("started_at") or row.get("timestamp") or row.get("gap_start")

    def _parsed(self, text: str, *, typing: bool = False) -> bool:
        """Whether it is a query; an error is shown in place, unless the text only needs to go on."""
        try:
            parse(text)
        except QueryError as error:
            if typing and error.column > len(text.rstrip()):
                return False
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
        self._lay_out()
        self.query_one(StoryPane).clear()


def _of_the_pane(picture: Picture) -> tuple[int, bool, bool]:
    """What the stage pane shows of a picture, ages to the second."""
    return picture.now // _SECOND_MS, picture.last_event_at is None, picture.trouble is None
