"""Everything that belongs to one opened source: its store, how it is looked at, and the pictures of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.core.stats import Legend, bars, legend, pulse
from apigw_tui.core.store import Appended, EventStore, Snapshot
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import View, Viewer
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Completeness, LiveTailed, Progress, Trouble
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.histogram import bar_step
from apigw_tui.tui.orders import Opened
from apigw_tui.tui.picture import Picture

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.sources.base import Update
    from apigw_tui.tui.session import Session

_LATE_MS: Final = 10_000
_LATE_SHOWN_MS: Final = 30_000
_MINUTE_MS: Final = 60_000


class OpenedSource:
    """Everything that belongs to one opened source."""

    def __init__(self, opened: Opened, store: EventStore) -> None:
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
        self.readings = 0
        self._range_end = opened.time_range.end or opened.now
        self.causes_note = ""
        self.late: dict[int, tuple[int, int]] = {}
        self.span = opened.now - opened.time_range.start

    @property
    def following(self) -> bool:
        """Whether something new can still come."""
        return self.source.live and self.time_range.end is None

    @property
    def tails_executions(self) -> bool:
        """Whether the tail follows all execution logs too, so that their lines come by themselves."""
        return self.completeness is not None and not self.completeness.on_demand

    @property
    def read_back_to(self) -> int | None:
        """From where on the range was read, where its reading ended early."""
        if self.reading or not self.source.live or (self.progress is not None and self.progress.done):
            return None
        return self._range_end if self.progress is None else self.progress.read_from

    def older_range(self, step_ms: int) -> TimeRange | None:
        """What to read next before what was read, from now on part of the range; None where there is nothing."""
        if self.reading or not self.source.live:
            return None
        start, left_at = self.time_range.start, self.read_back_to
        if left_at is not None and left_at > start:
            return TimeRange(start, left_at - 1)
        if start <= 0:
            return None
        self.time_range = replace(self.time_range, start=max(0, start - step_ms))
        self.span += start - self.time_range.start
        return TimeRange(self.time_range.start, start - 1)

    def begin_reading(self, reading: TimeRange) -> int:
        """History is read (further); returns the number of this reading."""
        self.readings += 1
        self.reading, self.progress = True, None
        self._range_end = reading.end or 0
        if self.trouble is not None and self.trouble.retry_at is None:
            self.trouble = None
        return self.readings

    def narrow(self, session: Session) -> None:
        """Look at it with another query, mode or highlighting."""
        self.session = session
        self.query = parse(session.query)

    def hold(self, held: tuple[Snapshot, int] | None) -> None:
        """Show the store as it was at a moment, or follow it again."""
        self.held = held

    def stream(self, *, on: bool) -> None:
        """Let Live Tail run beside the polls, or not. It costs money: nobody watches a held picture."""
        if not isinstance(self.source, LiveTailed) or not self.following:
            return
        held = self.held is not None
        self.source.turn_live_tail(on=on and not held, reason="closed while paused" if on and held else "")

    def take(self, update: Update, now: int, parsed: pl.DataFrame | None = None) -> None:
        """Take what a reader brought; `parsed` is what the store's parser said of a batch."""
        if isinstance(update, Batch):
            newest = self.store.requests.last
            appended = self.store.append(update.events, parsed=parsed, links=update.links, functions=update.functions)
            self._note_late(appended, newest, now)
        elif isinstance(update, Completeness):
            self.completeness = update
            if not update.gaps:  # with one the trouble goes on
                self.trouble = None
        elif isinstance(update, Progress):
            self.progress = update
            if not self.following and self.trouble is not None and self.trouble.retry_at is not None:
                self.trouble = None
        else:
            self.trouble = update

    def finish(
        self, error: BaseException | None, explain: Callable[[BaseException], AppError], *, reading: int | None = None
    ) -> None:
        """A reader came to its end, maybe that of history, or `error` ended it."""
        if reading == self.readings:
            self.reading = False
        if error is not None:
            self.trouble = Trouble(explain(error), None)

    def picture(self, now: int, width: int, board: BoardFeed) -> Picture:
        """What the screen shows now."""
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
            read_back_to=self.read_back_to,
            causes_note=self.causes_note,
        )

    def _rows(self, snapshot: Snapshot) -> View:
        session = self.session
        shown = self.narrowed_to or self.time_range
        return self.viewer.view(snapshot, self.query, mode=session.mode, time_range=shown, highlight=session.highlight)

    def _total(self, snapshot: Snapshot, view: View) -> int:
        if self.narrowed_to is None:
            return view.total
        return self.viewer.view(snapshot, parse(""), mode=self.session.mode, time_range=self.time_range).total

    def _note_late(self, appended: Appended, newest: int | None, now: int) -> None:
        """Late is what its log delivered late, and what stands well above rows that were shown before it."""
        if self.reading or not self.following or appended.fresh.is_empty():
            return
        before = 0 if newest is None else newest - _LATE_MS
        for key, lag in self.store.late(appended.fresh, at_least=_LATE_MS, before=before):
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
