"""Everything that belongs to one opened source: its store, how it is looked at, and the pictures of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from apigw_tui.core import units
from apigw_tui.core.access_entries import AccessEntries
from apigw_tui.core.access_guess import Guess, guesses
from apigw_tui.core.difference_sides import Comparison
from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.core.ruler import Rulers
from apigw_tui.core.sorted_view import Sorter
from apigw_tui.core.sorting import Sort
from apigw_tui.core.stats import Bars, Legend, bars_of, legend, pulse, steps
from apigw_tui.core.store import Appended, EventStore, Snapshot
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import View, Viewer
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Completeness, LiveTailed, Progress, Trouble
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.gathered import Gathered
from apigw_tui.tui.histogram import bar_step
from apigw_tui.tui.marks import Marks
from apigw_tui.tui.orders import Opened
from apigw_tui.tui.picture import Picture
from apigw_tui.tui.term_weights import Weighing

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.sources.base import Update
    from apigw_tui.tui.session import Session

_LATE_MS: Final = 10_000
_LATE_SHOWN_MS: Final = 30_000
_MINUTE_MS: Final = 60_000
_PULSE_COLUMNS: Final = ("started_at", "status", "latency_ms")
_LEGEND_COLUMNS: Final = ("status", "cause")
_BARS_COLUMNS: Final = ("started_at", "status")


class _Late(NamedTuple):
    lag_ms: int
    noticed_at: int
    started_at: int


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
        self.sorter = Sorter(store.formats)
        self.rulers = Rulers()
        self.marks = Marks()
        self._counting: dict[int, Callable[[pl.DataFrame], tuple[tuple[int, int, int], ...]]] = {}
        self.query: Query = parse(opened.session.query)
        self.completeness: Completeness | None = None
        self.progress: Progress | None = None
        self.trouble: Trouble | None = None
        self.reading = True
        self.readings = 0
        self._is_gathered = False
        self._range_end = opened.time_range.end or opened.now
        self.causes_note = ""
        self._lost_told = (0, 0)
        self.guesses: tuple[Guess, ...] = ()
        self.late: dict[int, _Late] = {}
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
        self._is_gathered = False
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
            known = {*self.store.formats, *(guess.group for guess in self.guesses)}
            self.guesses += tuple(guesses(update.events if parsed is None else parsed, known))
        elif isinstance(update, Completeness):
            self.completeness = update
            self._is_gathered = not self.reading
            if not update.gaps:  # with one the trouble goes on
                self.trouble = None
        elif isinstance(update, Progress):
            self.progress = update
            if not self.following and self.trouble is not None and self.trouble.retry_at is not None:
                self.trouble = None
        else:
            self.trouble = update

    def look_for_lost(self) -> None:
        """Tell of what somebody removed from the disk where it lay."""
        store = self.store
        store.drop_lost()
        lost = (store.lost_events, store.lost_requests)
        if lost != self._lost_told:
            self._lost_told = lost
            self.trouble = Trouble(AppError(_lost_sentence(*lost), "Open it again to read them again."), None)

    def finish(
        self, error: BaseException | None, explain: Callable[[BaseException], AppError], *, reading: int | None = None
    ) -> None:
        """A reader came to its end, maybe that of history, or `error` ended it."""
        if reading == self.readings:
            self.reading = False
        if error is not None:
            self.trouble = Trouble(explain(error), None)

    def picture(self, now: int, width: int, board: BoardFeed, *, enough: Callable[[], bool] | None = None) -> Picture:
        """What the screen shows now; of the query what is found before `enough` is true, from the newest rows on."""
        snapshot, until = self.held or (self.store.snapshot(), now)
        view = self._sorted(self._rows(snapshot, enough), snapshot)
        everything = self.viewer.requests(snapshot, parse(""), self.time_range)
        matching = self.viewer.requests(snapshot, self.query, self.time_range, enough=enough)
        end = until if self.following else _end(everything, self.time_range, until)
        first = end - self.span if self.following else self.time_range.start or _start(everything, end)
        window = self.window or TimeRange(first, end)
        start, bars_end, step = bar_window(window.start, window.end or end, width)
        shown = matching if len(matching) else everything
        within = (
            self.viewer.requests(snapshot, self.query, self.narrowed_to, enough=enough)
            if self.narrowed_to
            else matching
        )
        minute_end = min(self.completeness.complete_to if self.completeness else end, end)
        recent = everything.between(minute_end - _MINUTE_MS, minute_end, _PULSE_COLUMNS)
        span = self.narrowed_to or TimeRange(*bar_window(first, end, width)[:2])
        about = (self.generation, self.query, self.narrowed_to)
        seen = within if self.narrowed_to or self.window is None else self._between(snapshot, start, bars_end, enough)
        self._forget_late(now)
        return Picture(
            generation=self.generation,
            session=self.session,
            now=now,
            view=view,
            ruler=self.rulers.ruler(view, snapshot, self.marks.anchors(view.mode)),
            total=self._total(snapshot, view),
            everything=everything,
            pulse=pulse(recent, minute_start=minute_end - _MINUTE_MS, minute_end=minute_end),
            bars=self._bars(shown, start=start, end=bars_end, step_ms=step),
            ghost=bool(self.query.terms) and not len(matching),
            unsearched=max(view.unsearched, matching.unsearched, within.unsearched),
            span=(first, end),
            narrowed_to=self.narrowed_to,
            legend=self.viewer.total(seen, legend, _added, _LEGEND_COLUMNS),
            board=board.board(within, about=about, start=span.start, end=span.end or bars_end, each=self.viewer.each),
            completeness=self.completeness,
            progress=self.progress,
            trouble=self.trouble,
            paused=self.held is not None,
            waiting=self._rows(self.store.snapshot(), enough).matches - view.matches if self.held else 0,
            reading=self.reading,
            following=self.following,
            events=snapshot.event_count,
            evicted=snapshot.evicted,
            shelved=snapshot.shelved,
            lost=self.store.lost_events,
            unparsed=snapshot.unparsed,
            last_event_at=self.store.events.last,
            late={key: late.lag_ms for key, late in self.late.items()},
            late_at=tuple(sorted(late.started_at for late in self.late.values())),
            read_back_to=self.read_back_to,
            causes_note=self.causes_note,
            guesses=self.guesses,
            entries=AccessEntries(snapshot.events, self.store.formats),
        )

    def weighing(self) -> Weighing:
        """What there is to count of what the terms of the query hide."""
        snapshot = self.held[0] if self.held else self.store.snapshot()
        shown = self.narrowed_to or self.time_range
        return Weighing(snapshot, self.query, self.session.mode, shown, dict(self.store.formats))

    def comparison(self, now: int) -> Comparison:
        """The requests that are shown, to be compared with each other."""
        snapshot, until = self.held or (self.store.snapshot(), now)
        shown = self.narrowed_to or self.time_range
        requests = self.store.requests
        end = shown.end or (until if self.following else requests.last or until)
        start = shown.start or requests.first or 0
        return Comparison(snapshot, self.query, shown, dict(self.store.formats), (start, end + 1))

    def gathered(self, now: int) -> Gathered:
        """What there is to bundle of what is shown."""
        return Gathered(
            comparison=self.comparison(now),
            source=self.source,
            now=now,
            functions=deepcopy(self.store.function_lines),
            completeness=self.completeness,
            reading=self.reading,
            read_back_to=self.read_back_to,
        )

    def _rows(self, snapshot: Snapshot, enough: Callable[[], bool] | None = None) -> View:
        session = self.session
        shown = self.narrowed_to or self.time_range
        return self.viewer.view(
            snapshot, self.query, mode=session.mode, time_range=shown, highlight=session.highlight, enough=enough
        )

    def _between(self, snapshot: Snapshot, start: int, end: int, enough: Callable[[], bool] | None) -> View:
        """The requests of a zoomed part, its end excluded, that match the query."""
        return self.viewer.requests(snapshot, self.query, TimeRange(start, end - 1), enough=enough)

    def _sorted(self, view: View, snapshot: Snapshot) -> View:
        """The rows in the order that was asked for; lines of events are in that of time."""
        sort = Sort.parse(self.session.sort)
        return view if sort is None or view.mode != "requests" else self.sorter.sorted(view, sort, snapshot)

    def _bars(self, requests: View, *, start: int, end: int, step_ms: int) -> Bars:
        """Counted once per part and step, as the window moves on by whole steps."""
        counting = self._counting.setdefault(step_ms, partial(steps, step_ms=step_ms))
        counted = self.viewer.each(requests, counting, _BARS_COLUMNS)
        return bars_of(counted, start=start, end=end, step_ms=step_ms)

    def _total(self, snapshot: Snapshot, view: View) -> int:
        if self.narrowed_to is None:
            return view.total
        return self.viewer.view(snapshot, parse(""), mode=self.session.mode, time_range=self.time_range).total

    def _note_late(self, appended: Appended, newest: int | None, now: int) -> None:
        """Late is what its log delivered late, and what stands well above rows that were shown before it.

        Nothing is before history was read and the tail has gone round once after it.
        """
        if not self._is_gathered or not self.following or appended.fresh.is_empty():
            return
        before = 0 if newest is None else newest - _LATE_MS
        for key, lag, started_at in self.store.late(appended.fresh, at_least=_LATE_MS, before=before):
            self.late[key] = _Late(lag, now, started_at)

    def _forget_late(self, now: int) -> None:
        self.late = {key: late for key, late in self.late.items() if now - late.noticed_at < _LATE_SHOWN_MS}


def _lost_sentence(events: int, requests: int) -> str:
    parts = [f"{units.count(number)} {what}" for number, what in ((events, "events"), (requests, "requests")) if number]
    return f"{' and '.join(parts)} are gone: their file on disk was removed or changed while it was needed."


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
