"""The engine: one thread that owns the store, takes what the sources yield and publishes pictures.

Readers put batches into a queue with few places, so that a slow store slows the source and never the keys.
Nothing here touches a widget; `publish` is called from the engine's thread.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.core.stats import Legend, bars, legend, pulse
from apigw_tui.core.store import Appended, EventStore, Snapshot
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import View, Viewer
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Completeness, Progress, Trouble
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.histogram import bar_step
from apigw_tui.tui.picture import Picture
from apigw_tui.tui.stories import Stories

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.sources.base import Source, Update
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.stories import StoryState

Parse = Callable[["pl.DataFrame"], "pl.DataFrame"]

_PUBLISH_EVERY_S: Final = 0.1
_TICK_S: Final = 1.0
_QUEUED_UPDATES: Final = 8
_LATE_MS: Final = 10_000
_LATE_SHOWN_MS: Final = 30_000
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_NICENESS: Final = 10
_USUAL_WIDTH: Final = 120


@dataclass(frozen=True)
class _Opened:
    generation: int
    source: Source
    time_range: TimeRange
    session: Session
    now: int


@dataclass(frozen=True)
class _Narrowed:
    session: Session


@dataclass(frozen=True)
class _Spanned:
    span: TimeRange | None


@dataclass(frozen=True)
class _Zoomed:
    window: TimeRange | None


@dataclass(frozen=True)
class _Selected:
    key: int | None


@dataclass(frozen=True)
class _Wanted:
    identifier: str
    sought: bool = False


@dataclass(frozen=True)
class _Resized:
    width: int


@dataclass(frozen=True)
class _BoardShown:
    shown: bool


@dataclass(frozen=True)
class _Paused:
    paused: bool


@dataclass(frozen=True)
class _Arrived:
    generation: int
    update: Update
    parsed: pl.DataFrame | None = None


@dataclass(frozen=True)
class _Woken:
    """A story's lines were read."""


@dataclass(frozen=True)
class _Finished:
    generation: int
    error: BaseException | None


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
        max_events: int,
    ) -> None:
        self._publish_picture = publish
        self._publish_found = publish_found
        self._explain = explain
        self._clock = clock
        self._max_events = max_events
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._places = threading.BoundedSemaphore(_QUEUED_UPDATES)
        self._stop = StopFlag()
        self._closed = StopFlag()
        self._generation = 0
        self._state: _State | None = None
        self._width = _USUAL_WIDTH
        self._board = BoardFeed()
        self._stories = Stories(
            publish=publish_story, fetch=self._read_request, wake=lambda: self._inbox.put(_Woken()), clock=clock
        )
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def open(self, source: Source, time_range: TimeRange, session: Session) -> int:
        """Read another source from now on; returns its generation."""
        self._generation += 1
        self._stop.set()
        self._inbox.put(_Opened(self._generation, source, time_range, session, self._clock()))
        return self._generation

    def narrow(self, session: Session) -> None:
        """Show the same source with another query, mode or highlighting."""
        self._inbox.put(_Narrowed(session))

    def look_at(self, span: TimeRange | None) -> None:
        """Show a span of what was read, or all of it."""
        self._inbox.put(_Spanned(span))

    def zoom(self, window: TimeRange | None) -> None:
        """Draw the bars of a part of what was read, or of all of it."""
        self._inbox.put(_Zoomed(window))

    def select(self, key: int | None) -> None:
        """Stitch this request's story, and again whenever more of it arrives."""
        self._inbox.put(_Selected(key))

    def find(self, identifier: str) -> None:
        """Find the request with this ID, in the store or else in the source's last day; tells `publish_found`."""
        self._inbox.put(_Wanted(identifier))

    def resize(self, width: int) -> None:
        """The main area is so wide: that decides how long a bar is."""
        self._inbox.put(_Resized(width))

    def show_board(self, *, shown: bool) -> None:
        """Sum up routes, causes and tops with each picture, or no more."""
        self._inbox.put(_BoardShown(shown))

    def pause(self, *, paused: bool) -> None:
        """Hold the picture while the tail goes on; or catch up."""
        self._inbox.put(_Paused(paused))

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
        dirty, published, ticked = False, 0.0, 0.0
        while not self._closed.is_set():
            timeout = _PUBLISH_EVERY_S if dirty else _TICK_S
            with suppress(queue.Empty):
                item = self._inbox.get(timeout=timeout)
                dirty |= self._guarded(partial(self._handle, item))
            now = time.monotonic()
            if (dirty and now - published >= _PUBLISH_EVERY_S) or now - ticked >= _TICK_S:
                self._guarded(self._publish)
                dirty, published, ticked = False, now, now

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
        if isinstance(item, _Arrived):
            self._places.release()
        if isinstance(item, _Opened):
            self._begin(item)
        elif isinstance(item, _Resized):
            self._width = item.width
        elif isinstance(item, _BoardShown):
            self._board.shown = item.shown
        elif self._state is not None and item is not None:
            self._handle_with(self._state, item)
        return item is not None

    def _handle_with(self, state: _State, item: object) -> None:
        match item:
            case _Arrived(generation, update, parsed) if generation == state.generation:
                state.take(update, self._clock(), parsed)
                self._stories.refresh(state.store, state.generation)
            case _Finished(generation, error) if generation == state.generation:
                state.finish(error, self._explain)
            case _Narrowed(session):
                state.narrow(session)
            case _Spanned(span):
                state.narrowed_to = span
            case _Zoomed(window):
                state.window = window
            case _Paused(paused):
                state.hold((state.store.snapshot(), self._clock()) if paused else None)
            case _Selected(key):
                self._stories.select(key, state.store, state.generation)
            case _Wanted():
                self._find(item, state)
            case _Woken():
                self._stories.refresh(state.store, state.generation)

    def _begin(self, opened: _Opened) -> None:
        self._stop = StopFlag()
        if opened.generation != self._generation or self._closed.is_set():
            self._stop.set()
        self._state = _State(opened, EventStore(opened.source.formats, max_events=self._max_events))
        self._stories.reset()
        args = (opened, self._state.store.parse, self._stop)
        reader = threading.Thread(target=self._read, args=args, name=f"reader-{opened.generation}", daemon=True)
        reader.start()

    def _find(self, wanted: _Wanted, state: _State) -> None:
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
            self._inbox.put(_Finished(generation, problem))
        self._inbox.put(_Wanted(identifier, sought=True))

    def _publish(self) -> bool:
        if self._state is not None:
            self._publish_picture(self._state.picture(self._clock(), self._width, self._board))
        return False

    # -- reader threads

    def _read(self, opened: _Opened, parse: Parse, stop: StopFlag) -> None:
        """Backfill and tail side by side: history never keeps the newest requests waiting.

        History is parsed here, so that the engine stays free for queries while much is read.
        """
        _be_nice()
        source, time_range = opened.source, opened.time_range
        error: BaseException | None = None
        if source.live and time_range.end is None:
            now = self._clock()
            args = (opened.generation, source.follow(now, stop), stop)
            threading.Thread(target=self._pass_on_safely, args=args, name="tail", daemon=True).start()
        try:
            self._pass_on(opened.generation, source.backfill(time_range, stop), stop, parse=parse)
        except BaseException as problem:  # noqa: BLE001 - also a panic of Polars' must reach the screen
            error = problem
        self._inbox.put(_Finished(opened.generation, error))

    def _read_request(self, generation: int, updates: Callable[[Source, StopFlag], Iterator[Update]]) -> None:
        """Pass on the lines of one request, in a thread of the story's."""
        state = self._state
        if state is not None and state.generation == generation:
            self._pass_on(generation, updates(state.source, self._stop), self._stop)

    def _pass_on_safely(self, generation: int, updates: Iterator[Update], stop: StopFlag) -> None:
        try:
            self._pass_on(generation, updates, stop)
        except BaseException as problem:  # noqa: BLE001 - as above
            self._inbox.put(_Finished(generation, problem))

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
            self._inbox.put(_Arrived(generation, update, parsed))
            if stop.is_set():
                return


class _State:
    """Everything that belongs to one opened source."""

    def __init__(self, opened: _Opened, store: EventStore) -> None:
        self.generation = opened.generation
        self.source = opened.source
        self.time_range = opened.time_range
        self.session = opened.session
        self.store = store
        self.held: tuple[Snapshot, int] | None = None
        self.narrowed_to: TimeRange | None = None
        self.window: TimeRange | None = None
        self.viewer = Viewer(store.formats)
        self.query: Query = parse(opened.session.query)
        self.completeness: Completeness | None = None
        self.progress: Progress | None = None
        self.trouble: Trouble | None = None
        self.reading = True
        self.late: dict[int, tuple[int, int]] = {}
        self.span = opened.now - opened.time_range.start

    @property
    def following(self) -> bool:
        return self.source.live and self.time_range.end is None

    def narrow(self, session: Session) -> None:
        self.session = session
        self.query = parse(session.query)

    def hold(self, held: tuple[Snapshot, int] | None) -> None:
        """Show the store as it was at a moment, or follow it again."""
        self.held = held

    def take(self, update: Update, now: int, parsed: pl.DataFrame | None = None) -> None:
        if isinstance(update, Batch):
            appended = self.store.append(update.events, parsed=parsed, links=update.links, functions=update.functions)
            self._note_late(appended, now)
        elif isinstance(update, Completeness):
            self.completeness = update
            if not update.gaps:  # with one the trouble goes on
                self.trouble = None
        elif isinstance(update, Progress):
            self.progress = update
        else:
            self.trouble = update

    def finish(self, error: BaseException | None, explain: Callable[[BaseException], AppError]) -> None:
        self.reading = False
        if error is not None:
            self.trouble = Trouble(explain(error), None)

    def picture(self, now: int, width: int, board: BoardFeed) -> Picture:
        snapshot, until = self.held or (self.store.snapshot(), now)
        view = self._rows(snapshot)
        everything = self.viewer.requests(snapshot, parse(""), self.time_range)
        matching = self.viewer.requests(snapshot, self.query, self.time_range)
        end = until if self.following else _end(everything, self.time_range, until)
        first = end - self.span if self.following else self.time_range.start or _start(everything, end)
        window = self.window or TimeRange(first, end)
        start, bars_end, step = bar_window(window.start, window.end or end, width)
        shown = matching if len(matching) else everything
        within = self.viewer.requests(snapshot, self.query, self.narrowed_to) if self.narrowed_to else matching
        minute_end = min(self.completeness.complete_to if self.completeness else end, end)
        recent = everything.between(minute_end - _MINUTE_MS, minute_end)
        span = self.narrowed_to or TimeRange(*bar_window(first, end, width)[:2])
        about = (self.generation, self.query, self.narrowed_to)
        self._forget_late(now)
        return Picture(
            generation=self.generation,
            session=self.session,
            now=now,
            view=view,
            total=self._total(snapshot, view),
            everything=everything,
            pulse=pulse(recent, minute_start=minute_end - _MINUTE_MS, minute_end=minute_end),
            bars=bars(shown.between(start, bars_end), start=start, end=bars_end, step_ms=step),
            ghost=bool(self.query.terms) and not len(matching),
            span=(first, end),
            narrowed_to=self.narrowed_to,
            legend=self.viewer.total(within, legend, _added),
            board=board.board(within, about=about, start=span.start, end=span.end or bars_end),
            completeness=self.completeness,
            progress=self.progress,
            trouble=self.trouble,
            paused=self.held is not None,
            waiting=self._rows(self.store.snapshot()).matches - view.matches if self.held else 0,
            reading=self.reading,
            following=self.following,
            events=snapshot.event_count,
            evicted=snapshot.evicted,
            unparsed=snapshot.unparsed,
            last_event_at=self.store.events.last,
            late={key: lag for key, (lag, _) in self.late.items()},
        )

    def _rows(self, snapshot: Snapshot) -> View:
        session = self.session
        shown = self.narrowed_to or self.time_range
        return self.viewer.view(snapshot, self.query, mode=session.mode, time_range=shown, highlight=session.highlight)

    def _total(self, snapshot: Snapshot, view: View) -> int:
        if self.narrowed_to is None:
            return view.total
        return self.viewer.view(snapshot, parse(""), mode=self.session.mode, time_range=self.time_range).total

    def _note_late(self, appended: Appended, now: int) -> None:
        if self.reading or not self.following or appended.fresh.is_empty():
            return
        for key, lag in self.store.lags(appended.fresh, at_least=_LATE_MS):
            self.late[key] = (lag, now)

    def _forget_late(self, now: int) -> None:
        self.late = {key: (lag, at) for key, (lag, at) in self.late.items() if now - at < _LATE_SHOWN_MS}


def _added(one: Legend, other: Legend) -> Legend:
    causes = Counter(dict(one.causes)) + Counter(dict(other.causes))
    classes = {name: one.classes.get(name, 0) + number for name, number in other.classes.items()}
    return Legend(classes, tuple(causes.most_common()), one.total + other.total)


def bar_window(start: int, end: int, width: int) -> tuple[int, int, int]:
    """Start, end and step of the bars of a span in a main area of this width, aligned to the clock."""
    step = bar_step(width, max(1, end - start))
    aligned_end = -(-end // step) * step
    return aligned_end - -(-(end - start) // step) * step, aligned_end, step


def _start(requests: View, end: int) -> int:
    return requests.first_time if requests.first_time is not None else end - 15 * _MINUTE_MS


def _end(requests: View, time_range: TimeRange, now: int) -> int:
    if requests.last_time is not None:
        return requests.last_time
    return time_range.end if time_range.end is not None else now


def _be_nice() -> None:
    """Let the UI thread go first: Polars' pool inherits the priority of the thread that wakes it (Linux)."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
