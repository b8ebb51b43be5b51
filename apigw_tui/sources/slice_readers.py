"""Threads that read the slices of a plan and put what they find into a queue with few places."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from threading import Condition, Thread
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.events_page import page_frame
from apigw_tui.sources.kept_history import KeptHistory, Piece, settled_before
from apigw_tui.sources.log_windows import Window, WindowReader
from apigw_tui.sources.outage import Outage
from apigw_tui.sources.slices import PageRead, Slice, SlicePlan
from apigw_tui.sources.stop_flags import LinkedStop

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_tui.sources.events_page import EventsPage
    from apigw_tui.sources.limiter import Priority
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

MOST_READERS: Final = 12
PAGE_BYTES: Final = 1_048_576
PAGE_EVENTS: Final = 10_000
EVENT_BYTES: Final = 26
"""What every event counts beside its message."""

_USUAL_LATENCY_MS: Final = 300.0
_QUEUED: Final = 16
_LOOK_FOR_STOP_S: Final = 0.2
_LEAVE_S: Final = 1.0
_RATE_OVER_MS: Final = 5_000
_RATE_FROM_MS: Final = 1_000
_PAGES_PER_PIECE: Final = 8
_WAIT_FOR_CACHE_S: Final = 3.0


@dataclass(frozen=True)
class Reading:
    """What is read: groups, and how. `clock` is epoch ms."""

    aws: Aws
    groups: Sequence[FollowedGroup]
    pattern: str | None
    priority: Priority
    clock: Callable[[], int]


@dataclass(eq=False)
class _Pages:
    """What one reader has of its slice: frames not handed to the cache yet, from `start` on."""

    reader: WindowReader
    start: int
    frames: list[pl.DataFrame] = field(default_factory=list)
    again: pl.Series | None = None
    """IDs of events that come again, since the slice was begun again."""


class SliceReaders:
    """Reads one range. All that threads share is guarded by one condition."""

    def __init__(self, reading: Reading, start: int, end: int, stop: StopFlag) -> None:
        self._reading = reading
        self._plan = SlicePlan(len(reading.groups), start, end)
        self._outer_stop = stop
        self._halt = LinkedStop(stop)
        self._changed = Condition()
        self._arrivals: deque[Update | BaseException] = deque()
        self._threads: list[Thread] = []
        self._librarian: Thread | None = None
        self._outage = Outage(reading.aws, reading.clock)
        self._began = reading.clock()
        self._skew = 0
        self._longest_lag: int | None = None
        self._events = self._cached_events = self._pages = 0
        self._page_times: deque[int] = deque()
        self._histories: dict[int, KeptHistory] = {}
        self._unkept: list[tuple[int, Piece]] | None = None
        self._at_hand: list[Slice] = []

    def updates(self) -> Iterator[Update]:
        """Yield what arrives until all is read or stopped. Raises what ended it."""
        self._open_cache()
        try:
            waited_until = time.monotonic() + _WAIT_FOR_CACHE_S
            self._start_threads()
            while not self._outer_stop.is_set():
                for arrival in self._arrived():
                    if isinstance(arrival, BaseException):
                        raise arrival
                    yield arrival
                    if self._outer_stop.is_set():
                        return
                if self._is_finished():
                    if self._librarian is not None:  # a short reading is soon over, and worth keeping too
                        self._librarian.join(_LEAVE_S)
                    return
                self._read_at_hand()
                if time.monotonic() > waited_until:
                    self._release_all()
        finally:
            self._leave()

    # -- the thread that asks

    def _arrived(self) -> list[Update | BaseException]:
        with self._changed:
            if not self._arrivals and not self._at_hand and not self._plan.done:
                self._changed.wait(_LOOK_FOR_STOP_S)
            arrived = list(self._arrivals)
            self._arrivals.clear()
            self._changed.notify_all()
        return arrived

    def _is_finished(self) -> bool:
        with self._changed:
            return self._plan.done and not self._arrivals

    def _read_at_hand(self) -> None:
        """The newest span that the cache holds, when nothing else has arrived."""
        with self._changed:
            if self._arrivals or not self._at_hand:
                return
            piece = max(self._at_hand, key=lambda one: one.end)
            self._at_hand.remove(piece)
        events = self._histories[piece.group].read(piece.start, piece.end)
        with self._changed:
            self._plan.take_stored(piece, found=events is not None)
            if events is not None:
                self._events += events.height
                self._cached_events += events.height
                self._deliver(events)
        self._start_threads()

    def _leave(self) -> None:
        self._halt.set()
        with self._changed:
            self._changed.notify_all()
        until = time.monotonic() + _LEAVE_S
        for thread in (*self._threads, *([self._librarian] if self._librarian else ())):
            thread.join(max(0.0, until - time.monotonic()))
        for history in tuple(self._histories.values()):
            history.close()
        cache = self._reading.aws.event_cache
        if cache is not None and self._histories:
            cache.prune(now=time.time_ns() // 1_000_000)

    # -- the cache

    def _open_cache(self) -> None:
        cache = self._reading.aws.event_cache
        if cache is None or self._reading.pattern is not None:
            return
        self._unkept = []
        # Without anything kept there is nothing to wait for.
        if any(cache.may_hold(group.name) for group in self._reading.groups):
            self._plan.hold_before(settled_before(self._began, 0) + 1)
        self._librarian = Thread(target=self._find_histories, name="backfill-cache", daemon=True)
        self._librarian.start()

    def _find_histories(self) -> None:
        reading = self._reading
        for number, group in enumerate(reading.groups):
            history = KeptHistory.of(reading.aws, group, now=self._began, settled=self._settled, stop=self._halt)
            with self._changed:
                if history is not None:
                    self._histories[number] = history
                self._at_hand += self._plan.release(number, history.spans() if history else ())
                self._changed.notify_all()
            self._start_threads()
        with self._changed:
            unkept, self._unkept = self._unkept or [], None
        for number, piece in unkept:
            self._keep(number, piece)

    def _release_all(self) -> None:
        with self._changed:
            for number in range(len(self._reading.groups)):
                self._plan.release(number, ())
        self._start_threads()

    def _keep(self, number: int, piece: Piece) -> None:
        with self._changed:
            if self._unkept is not None:
                self._unkept.append((number, piece))
                return
            history = self._histories.get(number)
        if history is not None:
            history.add(piece)

    def _settled(self) -> int:
        with self._changed:
            return settled_before(self._began - self._skew, self._longest_lag)

    # -- the readers

    def _start_threads(self) -> None:
        with self._changed:
            if self._halt.is_set() or not self._plan.needs_readers:
                return
            alive = sum(thread.is_alive() for thread in self._threads)
            for _ in range(alive, self._wanted()):
                thread = Thread(target=self._work, name="backfill", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _wanted(self) -> int:
        """As many as keep the quota busy, and one to spare."""
        limiter = self._reading.aws.limits.events
        latency_ms = limiter.latency_ms
        busy = limiter.rate * (_USUAL_LATENCY_MS if latency_ms is None else latency_ms) / 1000
        return min(MOST_READERS, ceil(busy) + 1)

    def _work(self) -> None:
        try:
            while (piece := self._next_slice()) is not None:
                self._read(piece)
        except BaseException as error:  # noqa: BLE001 - also a panic of Polars' must reach who waits
            with self._changed:
                self._arrivals.append(error)
                self._changed.notify_all()

    def _next_slice(self) -> Slice | None:
        with self._changed:
            while not self._halt.is_set() and self._plan.needs_readers:
                piece = self._plan.take()
                if piece is not None:
                    return piece
                self._changed.wait(_LOOK_FOR_STOP_S)
        return None

    def _read(self, piece: Slice) -> None:
        pages = _Pages(self._reader(piece), piece.start)
        while not self._halt.is_set():
            page = self._next_page(piece, pages)
            if page is None or self._take_page(piece, page, pages):
                return
            if piece.begin_again:
                self._begin_again(piece, pages)
            if len(self._threads) < MOST_READERS:
                self._start_threads()

    def _reader(self, piece: Slice) -> WindowReader:
        reading = self._reading
        window = Window(reading.groups[piece.group], piece.read_to + 1, piece.end, reading.pattern)
        return WindowReader(reading.aws, window, reading.priority)

    def _next_page(self, piece: Slice, pages: _Pages) -> EventsPage | None:
        """The next page; None when it cannot be read any more."""
        while self._outage.wait(self._halt):
            begun_in = self._outage.rounds
            try:
                return pages.reader.next_page(self._halt)
            except AppError as error:
                if not self._goes_on_after(error, piece, begun_in):
                    return None
        return None

    def _goes_on_after(self, error: AppError, piece: Slice, begun_in: int) -> bool:
        with self._changed:
            if self._halt.is_set() or not self._plan.is_alive(piece.group):
                return False
            verdict = self._outage.judge(error, begun_in=begun_in, has_read=self._pages > 0)
            if isinstance(verdict, Trouble):
                self._arrivals.append(verdict)
            elif not verdict and (self._outage.is_passing(error) or self._plan.alive == 1):
                self._arrivals.append(error)
                self._halt.set()
            elif not verdict:
                self._plan.drop(piece.group)
                self._arrivals += (Trouble(error, retry_at=None), self._progress())
            self._changed.notify_all()
            return bool(verdict)

    def _take_page(self, piece: Slice, page: EventsPage, pages: _Pages) -> bool:
        """Hand a page on; True when the slice is read, or given up."""
        group = self._reading.groups[piece.group]
        frame = page_frame(page.events, log_group=group.name, scope=group.scope)
        if pages.again is not None:
            frame = frame.filter(~pl.col("event_id").is_in(pages.again.implode()))
        read = _read_of(frame, more=page.next_token is not None)
        lag = _longest_lag(frame)
        with self._changed:
            while len(self._arrivals) >= _QUEUED and not self._halt.is_set():
                self._changed.wait(_LOOK_FOR_STOP_S)
            if self._halt.is_set() or not self._plan.is_alive(piece.group):
                return True
            if read.last is not None and read.last > piece.end:
                frame = frame.filter(pl.col("timestamp") <= piece.end)
            is_done = self._plan.finished(piece, read)
            end, read_to = piece.end, piece.read_to
            self._outage.over()
            self._note_page(page, lag)
            self._events += frame.height
            self._deliver(frame)
        if frame.height:
            pages.frames.append(frame)
        self._hand_over(piece.group, pages, end if is_done else read_to, is_done=is_done)
        return is_done

    def _hand_over(self, number: int, pages: _Pages, to: int, *, is_done: bool) -> None:
        """Give the cache what was read up to a time, in pieces of some pages."""
        is_kept = self._unkept is not None or number in self._histories
        if is_kept and not is_done and (len(pages.frames) < _PAGES_PER_PIECE or to < pages.start):
            return
        if is_kept:
            kept = tuple(frame.filter(pl.col("timestamp") <= to) for frame in pages.frames)
            self._keep(number, Piece(pages.start, to, kept))
        rest = (frame.filter(pl.col("timestamp") > to) for frame in pages.frames)
        pages.start, pages.frames = to + 1, [frame for frame in rest if frame.height]

    def _begin_again(self, piece: Slice, pages: _Pages) -> None:
        with self._changed:
            self._plan.began_again(piece)
            pages.reader = self._reader(piece)
            known = [frame.filter(pl.col("timestamp") > piece.read_to)["event_id"] for frame in pages.frames]
        pages.again = pl.concat(known) if known else None

    # -- with the lock

    def _note_page(self, page: EventsPage, lag: int | None) -> None:
        now = self._reading.aws.clock()
        self._pages += 1
        if lag is not None:
            self._longest_lag = max(self._longest_lag or 0, lag)
        if page.answered_at is not None:
            self._skew = max(self._skew, self._reading.clock() - page.answered_at)
        self._page_times.append(now)
        while self._page_times[0] < now - _RATE_OVER_MS:
            self._page_times.popleft()

    def _deliver(self, events: pl.DataFrame) -> None:
        if events.height:
            self._arrivals.append(Batch(events))
        self._arrivals.append(self._progress())
        self._changed.notify_all()

    def _progress(self) -> Progress:
        plan, rate = self._plan, self._pages_per_second()
        left = plan.pages_left
        expected = rate or self._reading.aws.limits.events.rate
        return Progress(
            self._events,
            self._pages,
            max(plan.start, plan.read_from),
            done=plan.done,
            cached_events=self._cached_events,
            pages_per_second=rate,
            eta_ms=None if left is None or plan.done else int(left * 1000 / expected),
        )

    def _pages_per_second(self) -> float | None:
        times = self._page_times
        span = times[-1] - times[0] if times else 0
        return (len(times) - 1) * 1000 / span if span >= _RATE_FROM_MS else None


def _read_of(frame: pl.DataFrame, *, more: bool) -> PageRead:
    times = frame["timestamp"]
    if not len(times):
        return PageRead(None, 0.0, more)
    # CloudWatch sorts by time; of what does not, no more is proven than its first.
    last = times[-1] if times.is_sorted() else times.min()
    size = int(frame["message"].str.len_bytes().sum()) + EVENT_BYTES * frame.height
    return PageRead(int(last), max(size / PAGE_BYTES, frame.height / PAGE_EVENTS), more)  # type: ignore[arg-type]


def _longest_lag(frame: pl.DataFrame) -> int | None:
    longest = (frame["ingestion_time"] - frame["timestamp"]).max()
    return longest if isinstance(longest, int) else None
