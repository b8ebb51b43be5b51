"""The panes: stages at the left, what the query matches in the middle, the open request below or over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.config import resolve_timezone
from apigw_tui.core.query import QueryError, parse
from apigw_tui.sources.base import Traced, stages_read_by
from apigw_tui.tui import later, status
from apigw_tui.tui.board_untold import board_untold
from apigw_tui.tui.empty_state import EmptyState
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.header import Header
from apigw_tui.tui.marks import Marks
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.pane_layout import PaneLayout
from apigw_tui.tui.query_bar import Counts, QueryBar
from apigw_tui.tui.remembering import Memory, marks_name
from apigw_tui.tui.session import QueryHistory
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.story_head import CauseContext
from apigw_tui.tui.story_pane import StoryPane
from apigw_tui.tui.story_untold import untold_of

if TYPE_CHECKING:
    from apigw_tui.core.access_guess import Guess
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import Source
    from apigw_tui.tui.engine import Engine
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.list_view import Row
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stage_tree import Offer
    from apigw_tui.tui.stories import StoryState
    from apigw_tui.tui.term_weights import TermWeights

TIME_FORMS: Final = ("local", "UTC", "relative to now")
_SECOND_MS: Final = 1_000


class Panes(PaneLayout):
    """The widgets and what they show. It owns cursor, scroll and marks, no data."""

    def __init__(self, engine: Engine, *, glyphs: Glyphs = UNICODE, zone: tzinfo = UTC, reveal: bool = False) -> None:
        super().__init__(engine, glyphs=glyphs, zone=zone, reveal=reveal)
        self._session: Session | None = None
        self._offer: Offer | None = None
        self._history = QueryHistory()
        self._marks = self._told_marks = Marks()
        self._usual_zone = zone
        self._asked_zone: str | None = None
        self._version = 0
        self._place: tuple[str | None, str | None] = (None, None)
        self._time_form = TIME_FORMS[0]
        self._span: TimeRange | None = None
        self._window: TimeRange | None = None
        self._range_opened: tuple[str | None, str | None] = (None, None)
        self._older_asked_of: Picture | None = None
        self._older_step_ms = 0
        self._sought_row: int | None = None
        self._none_there: Line = ()
        self._other_rows = False
        self._off: tuple[str, ...] = ()
        self._weights: TermWeights | None = None

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
    def guesses(self) -> tuple[Guess, ...]:
        """What entries without a known access format were taken for."""
        return self._picture.guesses if self._picture else ()

    @property
    def zone(self) -> tzinfo:
        """The zone that times are shown in."""
        return UTC if self._time_form == TIME_FORMS[1] else self._zone

    @property
    def queries(self) -> tuple[str, ...]:
        """The queries so far, the one in force last of those that led to it."""
        return self._history.queries[: self._history.position + 1]

    @property
    def cell(self) -> str | None:
        """The name of the column that the cell cursor of the list is in, if it is in one."""
        return self._list.cell

    @property
    def marks(self) -> Marks:
        """The marks of what is open."""
        return self._marks

    def watch_source(
        self,
        source: Source,
        session: Session,
        *,
        place: tuple[str | None, str | None],
        memory: Memory | None = None,
    ) -> None:
        """Another source was opened: forget the old one's rows; what is remembered of it comes back."""
        memory = memory or Memory()
        again = self._session is not None and self._session.targets == session.targets
        self._source, self._session, self._place = source, session, place
        self._history = self._history.apply(session.query)
        if not again:
            self._history = QueryHistory.after(memory.queries, session.query)
            self._marks = Marks(waiting=tuple(memory.marks.get(marks_name(session.targets), ())))
        self._show_in(session)
        self._told_marks = Marks()
        self._picture = self._span = self._window = self._sought_row = None
        self._range_opened = (session.since, session.until)
        self._older_asked_of, self._older_step_ms = None, 0
        self._off, self._weights = self._off if again else (), None
        self._close_story()
        self._board.show(None, now=0)
        self.query_one(QueryBar).show(session.query, Counts(progress="reading"))
        if not (again and self.focused_pane == "histogram"):
            self._middle.focus()

    def _show_in(self, session: Session) -> None:
        """Show times in the zone that the session asks for."""
        self._asked_zone = session.tz
        zone = resolve_timezone(session.tz) if session.tz else self._usual_zone
        if zone != self._zone:
            self._zone, self._time_form = zone, TIME_FORMS[0]
            self._tell_zone()

    def _tell_zone(self) -> None:
        """Have all panes show times in the zone and the form of the moment."""
        self._list.set_time(self.zone, relative=self._time_form == TIME_FORMS[2])
        self.query_one(StoryPane).set_zone(self.zone)
        self._board.set_zone(self.zone)
        self._difference.set_zone(self.zone)

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
        header = status.header_state(picture, title=title, stage=stage, place=self._place, zone=self.zone)
        self.query_one(Header).show(header)
        self._show_banner(status.banner_trouble(picture))
        overview = self.query_one(Overview)
        bars = status.histogram_state(picture, cursor_ms=self._cursor_ms(), zone=self.zone)
        overview.histogram.show(bars)
        overview.legend.show(picture.legend)
        self._board.show(picture.board, now=picture.now, untold=board_untold(picture, stages_read_by(self._source)))
        self._show_counts()

    def show_story(self, state: StoryState) -> None:
        """Show a story if it is still the one that is open."""
        if state.key != self._opened:
            return
        context = CauseContext(*state.same_cause) if state.same_cause else None
        region = self._source.trace_region if isinstance(self._source, Traced) else None
        pane = self.query_one(StoryPane)
        pane.set_untold(untold_of(state.story, stages_read_by(self._source)))
        pane.set_query(self._session.query if self._session else "")
        pane.show(state.story, context=context, fetching=state.fetching, error=state.error, trace_region=region)

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

    # -- small things

    def selected_row(self) -> Row | None:
        """The row that copying and marking act on."""
        return None if self._middle is not self._list or self.has_class("-empty") else self._list.cursor_row

    @property
    def opened_story(self) -> Any:
        """The story that is open, if any."""
        return self.query_one(StoryPane).story if self._opened is not None else None

    def _go(self, predicate: Any, *, backwards: bool = False) -> None:
        self._list.go_where(predicate, backwards=backwards)

    def _show_rows(self, *, keep: bool) -> None:
        picture = self._picture
        if picture is None:
            return
        if self._marks.waiting:
            self._marks = self._marks.found_in(picture.view, picture.everything)
        if self._told_marks is not self._marks:
            self._told_marks = self._marks
            self._engine.mark(self._marks)
        gaps, again_ms = status.gaps_of(picture), status.again_ms(picture)
        marks = self._marks.anchors(picture.view.mode)
        rows = later.ListRows(picture.view, self._version, picture.late, marks, gaps, picture.everything, again_ms)
        if self._list.needs_entries:
            rows = replace(rows, entries=picture.entries)
        empty = not len(rows)
        returns = self.has_class("-empty") and not empty and self.focused is None
        self.set_class(empty, "-empty")
        if returns:  # a hidden list loses the keys
            self.call_after_refresh(self._list.focus)
        if empty and self._source is not None:
            # The list keeps its rows out of sight, and with them the place of its cursor.
            self._show_emptiness(picture)
            return
        self._list.measure(picture.ruler)
        self._list.show(rows, keep=keep, other=self._other_rows)
        self._other_rows = False
        self._list.tick(picture.now)

    def _show_emptiness(self, picture: Picture) -> None:
        if self._source is not None:
            self.query_one(EmptyState).show(status.emptiness(picture, self._source, self.zone, self._weights))

    def _go_to_request(self, key: int) -> None:
        """Put the cursor on the first row of a request, where it is shown."""
        picture = self._picture
        if picture is None:
            return
        place = later.ListRows(picture.view, self._version, gaps=status.gaps_of(picture)).first_of(key)
        if place is not None:
            self._list.move_to(place)

    def _show_counts(self) -> None:
        if self._picture is not None and self._session is not None:
            counts = status.counts_of(self._picture, new_rows=self._list.new_rows, zone=self.zone)
            bar = self.query_one(QueryBar)
            if bar.editing:
                bar.show_counts(counts)
            else:
                bar.show(self._history.current, counts, off=self._off)

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
        self.query_one(StoryPane).set_query(session.query)
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
