"""The engine: one thread that owns the store, takes what the sources yield and publishes pictures.

Readers put batches into a queue with few places, so that a slow store slows the source and never the keys.
Nothing here touches a widget; `publish` is called from the engine's thread.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final, TypeVar

from apigw_tui.core.timerange import TimeRange
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Trouble
from apigw_tui.sources.stop_flags import LinkedStop
from apigw_tui.tui import later
from apigw_tui.tui.inbox import Inbox
from apigw_tui.tui.orders import (
    Arrived,
    BoardShown,
    Cancelled,
    ComparisonWanted,
    Finished,
    IncidentWanted,
    LiveTailTurned,
    Marked,
    Narrowed,
    OlderWanted,
    Opened,
    Paused,
    Resized,
    Selected,
    Spanned,
    Wanted,
    WeightsWanted,
    Woken,
    Zoomed,
)

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.difference_sides import Differences, Sides
    from apigw_tui.core.store import EventStore
    from apigw_tui.sources.base import Source, Update
    from apigw_tui.tui.board_feed import BoardFeed
    from apigw_tui.tui.causes import Causes
    from apigw_tui.tui.gathered import Gathered
    from apigw_tui.tui.marks import Marks
    from apigw_tui.tui.opened_source import OpenedSource
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stories import Stories, StoryState
    from apigw_tui.tui.term_weights import TermWeights

Parse = Callable[["pl.DataFrame"], "pl.DataFrame"]
Found = TypeVar("Found")

_PUBLISH_EVERY_S: Final = 0.1
_TICK_S: Final = 1.0
_SEARCH_S: Final = 0.05
"""A query is asked of the newest rows for so long before what was found is shown."""

_SEARCH_ON_S: Final = 0.25
"""And of the others for so long between one picture and the next."""
_QUEUED_UPDATES: Final = 8
_DAY_MS: Final = 86_400_000
_NICENESS: Final = 10
_USUAL_WIDTH: Final = 120
_SHOWN_AT_ONCE: Final = (Narrowed, Spanned, Zoomed)


class Engine:
    """Call its methods from the UI thread; they return at once."""

    def __init__(
        self,
        *,
        publish: Callable[[Picture], None],
        publish_story: Callable[[StoryState], None],
        publish_found: Callable[[str, int | None], None],
        explain: Callable[[BaseException], AppError],
        clock: Callable[[], int],
        store_for: Callable[[Mapping[str, AccessFormat]], EventStore],
    ) -> None:
        self._publish_picture = publish
        self._publish_found = publish_found
        self._explain = explain
        self._clock = clock
        self._store_for = store_for
        self.live_tail = self._streams = False
        self._inbox = Inbox()
        self._places = threading.BoundedSemaphore(_QUEUED_UPDATES)
        self._stop = StopFlag()
        self._reading_stop: StopFlag = self._stop
        self._closed = StopFlag()
        self._searching = False
        self._generation = 0
        self._state: OpenedSource | None = None
        self._width = _USUAL_WIDTH
        self._board: BoardFeed
        self._causes: Causes
        self._stories: Stories
        self._publish_story = publish_story
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def open(self, source: Source, time_range: TimeRange, session: Session) -> int:
        """Read another source from now on; returns its generation."""
        self._generation += 1
        self._stop.set()
        self._inbox.put(Opened(self._generation, source, time_range, session, self._clock()))
        return self._generation

    def narrow(self, session: Session) -> None:
        """Show the same source with another query, mode or highlighting."""
        self._inbox.put(Narrowed(session))

    def look_at(self, span: TimeRange | None) -> None:
        """Show a span of what was read, or all of it."""
        self._inbox.put(Spanned(span))

    def zoom(self, window: TimeRange | None) -> None:
        """Draw the bars of a part of what was read, or of all of it."""
        self._inbox.put(Zoomed(window))

    def mark(self, marks: Marks) -> None:
        """These rows are marked: tell where in the list they are."""
        self._inbox.put(Marked(marks))

    def select(self, key: int | None) -> None:
        """Stitch this request's story, and again whenever more of it arrives."""
        self._inbox.put(Selected(key))

    def find(self, identifier: str) -> None:
        """Find the request with this ID, in the store or else in the source's last day; tells `publish_found`."""
        self._inbox.put(Wanted(identifier))

    def weigh(self, publish: Callable[[TermWeights], None]) -> None:
        """Count what each term of the query hides; tells `publish`, from a thread."""
        self._inbox.put(WeightsWanted(publish))

    def compare(self, publish: Callable[[int, Differences], None], sides: Sides | None) -> None:
        """Find out what sets some of the requests that are shown apart; tells `publish`, from a thread."""
        self._inbox.put(ComparisonWanted(publish, sides))

    def gather(self, publish: Callable[[Gathered], None]) -> None:
        """Give away what is needed to bundle what is shown; tells `publish`, in the engine's thread."""
        self._inbox.put(IncidentWanted(publish))

    def resize(self, width: int) -> None:
        """The main area is so wide: that decides how long a bar is."""
        self._inbox.put(Resized(width))

    def show_board(self, *, shown: bool) -> None:
        """Sum up routes, causes and tops with each picture, or no more."""
        self._inbox.put(BoardShown(shown))

    def pause(self, *, paused: bool) -> None:
        """Hold the picture while the tail goes on; or catch up."""
        self._inbox.put(Paused(paused))

    def cancel(self) -> None:
        """Read the range no further; what arrived stays, and the tail goes on."""
        self._inbox.put(Cancelled())

    def load_older(self, step_ms: int) -> None:
        """Read what a cancelled reading left out, or else so much time before what was read."""
        self._inbox.put(OlderWanted(step_ms))

    def turn_live_tail(self, *, on: bool) -> None:
        """Stream what is followed beside polling it, also what is opened later; or no more."""
        self.live_tail = on
        self._inbox.put(LiveTailTurned(on))

    def close(self) -> None:
        """Stop the readers and the thread."""
        self._closed.set()
        self._stop.set()
        self._inbox.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    # -- the engine's thread

    def _run(self) -> None:
        _be_nice()
        try:
            later.load(later.FIRST)
        except ImportError:
            return  # whoever opens something needs the same modules, and tells it
        self._prepare()
        dirty, published = False, 0.0
        while not self._closed.is_set():
            timeout = 0.0 if self._searching else _PUBLISH_EVERY_S if dirty else _TICK_S
            with suppress(queue.Empty):
                item = self._inbox.get(timeout)
                dirty |= self._guarded(partial(self._handle, item))
                if isinstance(item, _SHOWN_AT_ONCE) and not self._inbox.has_orders:
                    published = 0.0
            since = time.monotonic() - published
            if self._searching or (dirty and since >= _PUBLISH_EVERY_S) or since >= _TICK_S:
                patience = _SEARCH_ON_S if self._searching else _SEARCH_S
                self._searching = False
                self._guarded(partial(self._publish, patience))
                dirty, published = False, time.monotonic()
                self._guarded(_load_rest)

    def _prepare(self) -> None:
        """Make what works on rows: here, because it needs what only this thread has loaded."""

        def wake() -> None:
            self._inbox.put(Woken())

        self._board = later.BoardFeed()
        self._causes = later.Causes(fetch=self._read_request, wake=wake, clock=self._clock)
        self._stories = later.Stories(
            publish=self._publish_story,
            fetch=self._read_request,
            wake=wake,
            clock=self._clock,
            was_read=self._causes.was_read,
        )

    def _guarded(self, step: Callable[[], bool]) -> bool:
        """A step that fails is told on screen; the thread goes on, for without it the screen would stand still."""
        try:
            return step()
        except BaseException as problem:  # noqa: BLE001 - Polars' panics are no Exceptions
            if self._state is not None:
                self._state.trouble = Trouble(self._explain(problem), None)
            return True

    def _handle(self, item: object) -> bool:
        """Take one item; returns whether the picture may have changed."""
        if isinstance(item, Arrived):
            self._places.release()
        elif isinstance(item, LiveTailTurned):
            self._streams = item.on
        if isinstance(item, Opened):
            self._begin(item)
        elif isinstance(item, Resized):
            self._width = item.width
        elif isinstance(item, BoardShown):
            self._board.shown = item.shown
        elif self._state is not None and item is not None:
            self._handle_with(self._state, item)
        return item is not None

    def _handle_with(self, state: OpenedSource, item: object) -> None:
        match item:
            case Arrived(generation, update, parsed) if generation == state.generation:
                state.take(update, self._clock(), parsed)
                self._stories.refresh(state.store, state.generation)
            case Finished(generation, error, reading) if generation == state.generation:
                state.finish(error, self._explain, reading=reading)
            case Narrowed(session):
                state.narrow(session)
            case Spanned() | Zoomed() | Marked():
                _look(state, item)
            case Paused() | LiveTailTurned() | Cancelled() | OlderWanted():
                self._steer(state, item)
            case Selected(key):
                self._stories.select(key, state.store, state.generation)
            case IncidentWanted(publish):
                publish(state.gathered(self._clock()))
            case Wanted() | WeightsWanted() | ComparisonWanted():
                self._answer(item, state)
            case Woken():
                self._stories.refresh(state.store, state.generation)

    def _steer(self, state: OpenedSource, item: Paused | LiveTailTurned | Cancelled | OlderWanted) -> None:
        match item:
            case Cancelled():
                self._reading_stop.set()
            case OlderWanted(step_ms):
                self._read_older(state, step_ms)
            case Paused(paused):
                state.hold((state.store.snapshot(), self._clock()) if paused else None)
        state.stream(on=self._streams)

    def _begin(self, opened: Opened) -> None:
        self._stop = StopFlag()
        if opened.generation != self._generation or self._closed.is_set():
            self._stop.set()
        self._state = later.OpenedSource(opened, self._store_for(opened.source.formats))
        self._state.stream(on=self._streams)
        self._stories.reset()
        self._causes.reset()
        self._read_history(self._state, opened.time_range)
        if opened.source.live and opened.time_range.end is None:
            updates = opened.source.follow(self._clock(), self._stop)
            args = (opened.generation, updates, self._stop)
            threading.Thread(target=self._pass_on_safely, args=args, name="tail", daemon=True).start()

    def _read_older(self, state: OpenedSource, step_ms: int) -> None:
        older = state.older_range(step_ms)
        if older is not None:
            self._read_history(state, older)

    def _read_history(self, state: OpenedSource, time_range: TimeRange) -> None:
        """Beside the tail: history never keeps the newest requests waiting."""
        number = state.begin_reading(TimeRange(time_range.start, time_range.end or self._clock()))
        self._reading_stop = LinkedStop(self._stop)
        args = (state, time_range, number, self._reading_stop)
        reader = threading.Thread(target=self._read, args=args, name=f"reader-{state.generation}", daemon=True)
        reader.start()

    def _answer(self, asked: Wanted | WeightsWanted | ComparisonWanted, state: OpenedSource) -> None:
        if isinstance(asked, Wanted):
            self._find(asked, state)
        elif isinstance(asked, WeightsWanted):
            self._aside(state.generation, state.weighing().weigh, asked.publish)
        else:
            found = partial(state.comparison(self._clock()).differences, asked.sides)
            self._aside(state.generation, found, partial(asked.publish, state.generation))

    def _aside(self, generation: int, find_out: Callable[[], Found], publish: Callable[[Found], None]) -> None:
        """Find something out in a thread of its own, which tells it, or what went wrong."""

        def run() -> None:
            try:
                publish(find_out())
            except BaseException as problem:  # noqa: BLE001 - Polars' panics are no Exceptions
                self._inbox.put(Finished(generation, problem))

        threading.Thread(target=run, name="aside", daemon=True).start()

    def _find(self, wanted: Wanted, state: OpenedSource) -> None:
        found = state.store.find(wanted.identifier)
        if found.height or wanted.sought:
            self._publish_found(wanted.identifier, int(found["key"][-1]) if found.height else None)
            return
        args = (wanted.identifier, state.generation)
        threading.Thread(target=self._seek, args=args, name="seek", daemon=True).start()

    def _seek(self, identifier: str, generation: int) -> None:
        """In a thread of its own: read what carries the ID, then look again."""
        span = TimeRange(self._clock() - _DAY_MS, self._clock())
        try:
            self._read_request(generation, lambda source, stop: source.find(identifier, span, stop))
        except BaseException as problem:  # noqa: BLE001 - must reach the screen
            self._inbox.put(Finished(generation, problem))
        self._inbox.put(Wanted(identifier, sought=True))

    def _publish(self, patience: float) -> bool:
        """Publish a picture. Of a query it shows what was found so far; the search goes on with the next one."""
        if self._state is None:
            return False
        self._state.look_for_lost()
        self._causes.look(self._state)
        self._state.causes_note = self._causes.note
        until = time.monotonic() + patience
        picture = self._state.picture(
            self._clock(), self._width, self._board, enough=lambda: time.monotonic() > until or self._inbox.has_orders
        )
        self._publish_picture(picture)
        self._searching = picture.unsearched > 0
        return False

    # -- reader threads

    def _read(self, state: OpenedSource, time_range: TimeRange, number: int, stop: StopFlag) -> None:
        """Read history, parsed here, so that the engine stays free for queries while much is read."""
        _be_nice()
        error: BaseException | None = None
        try:
            self._pass_on(state.generation, state.source.backfill(time_range, stop), stop, parse=state.store.parse)
        except BaseException as problem:  # noqa: BLE001 - also a panic of Polars' must reach the screen
            error = problem
        self._inbox.put(Finished(state.generation, error, number))

    def _read_request(self, generation: int, updates: Callable[[Source, StopFlag], Iterator[Update]]) -> None:
        """Pass on the lines of one request, in a thread of the story's."""
        state = self._state
        if state is not None and state.generation == generation:
            self._pass_on(generation, updates(state.source, self._stop), self._stop)

    def _pass_on_safely(self, generation: int, updates: Iterator[Update], stop: StopFlag) -> None:
        try:
            self._pass_on(generation, updates, stop)
        except BaseException as problem:  # noqa: BLE001 - as above
            self._inbox.put(Finished(generation, problem))

    def _pass_on(
        self, generation: int, updates: Iterator[Update], stop: StopFlag, *, parse: Parse | None = None
    ) -> None:
        for update in updates:
            parsed = None
            if parse and isinstance(update, Batch):
                with suppress(BaseException):  # the engine meets it again, and tells it
                    parsed = parse(update.events)
            while not self._places.acquire(timeout=0.2):
                if stop.is_set():
                    return
            self._inbox.put(Arrived(generation, update, parsed))
            if stop.is_set():
                return


def _look(state: OpenedSource, item: Spanned | Zoomed | Marked) -> None:
    match item:
        case Spanned(span):
            state.narrowed_to = span
        case Zoomed(window):
            state.window = window
        case Marked(marks):
            state.marks = marks


def _load_rest() -> bool:
    later.load()
    return False


def _be_nice() -> None:
    """Let the UI thread go first: Polars' pool inherits the priority of the thread that wakes it (Linux)."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
