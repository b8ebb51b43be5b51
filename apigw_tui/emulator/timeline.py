"""The events of one group in CloudWatch's order, read lazily from either end."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from apigw_tui.emulator.feed import LogFeed, LoggedEvent

_FIRST_STEP_MS: Final = 60_000
_WIDEST_STEP_MS: Final = 16 * 60_000
_FEW, _MANY = 500, 5_000


class Position(NamedTuple):
    """A place in the order of events: between all smaller and all greater ones."""

    timestamp: int
    ingestion_time: int
    event_id: str


def position_of(event: LoggedEvent) -> Position:
    """Where the event itself stands."""
    return Position(event.timestamp, event.ingestion_time, event.event_id)


def before(timestamp: int) -> Position:
    """The place before all events of this time."""
    return Position(timestamp, -1, "")


class Span(NamedTuple):
    """Events stamped `start` … `end` (inclusive, ms), strictly after `after` and strictly before `until`."""

    start: int
    end: int
    after: Position | None = None
    until: Position | None = None

    @property
    def first(self) -> int:
        """The first timestamp that can be in it."""
        return self.start if self.after is None else max(self.start, self.after.timestamp)

    @property
    def last(self) -> int:
        """The last timestamp that can be in it."""
        return self.end if self.until is None else min(self.end, self.until.timestamp)

    def cuts(self, start: int, end: int) -> bool:
        """Whether one of the two places lies between these times, so that events must be compared with it."""
        return any(place is not None and start <= place.timestamp <= end for place in (self.after, self.until))

    def part_of(self, events: list[LoggedEvent]) -> list[LoggedEvent]:
        """Those on the right side of the two places, of ordered events with fitting timestamps."""
        low = 0 if self.after is None else bisect_right(events, self.after, key=position_of)
        high = len(events) if self.until is None else bisect_left(events, self.until, key=position_of)
        return events[low:high]


class Timeline(Protocol):
    """Events ordered by timestamp, ingestion time and ID."""

    def forward(self, span: Span) -> Iterator[LoggedEvent]:
        """Oldest first."""

    def backward(self, span: Span) -> Iterator[LoggedEvent]:
        """Newest first."""


class StoredTimeline:
    """Events that clients have put, kept in order."""

    def __init__(self) -> None:
        self._events: list[LoggedEvent] = []

    def add(self, events: Sequence[LoggedEvent]) -> None:
        """Merge a batch."""
        self._events.extend(events)
        self._events.sort()

    def arrived(self, after: int, until: int) -> list[LoggedEvent]:
        """The events ingested from `after` to `until`, both inclusive."""
        return [event for event in self._events if after <= event.ingestion_time <= until]

    def forward(self, span: Span) -> Iterator[LoggedEvent]:
        """Oldest first."""
        low, high = self._bounds(span)
        return (self._events[index] for index in range(low, high))

    def backward(self, span: Span) -> Iterator[LoggedEvent]:
        """Newest first."""
        low, high = self._bounds(span)
        return (self._events[index] for index in range(high - 1, low - 1, -1))

    def _bounds(self, span: Span) -> tuple[int, int]:
        low = bisect_left(self._events, span.start, key=lambda event: event.timestamp)
        high = bisect_right(self._events, span.end, key=lambda event: event.timestamp)
        if span.after is not None:
            low = max(low, bisect_right(self._events, span.after, key=position_of))
        if span.until is not None:
            high = min(high, bisect_left(self._events, span.until, key=position_of))
        return low, high


class Stride:
    """How wide a window of a group was when it last held events: where the next read begins."""

    def __init__(self) -> None:
        self.width_ms = _FIRST_STEP_MS

    def after(self, width_ms: int, events: int) -> int:
        """The width of the next window."""
        following = _next_step(width_ms, events)
        if events:
            self.width_ms = min(following, _FIRST_STEP_MS)
        return following


class FeedTimeline:
    """Events of one group of a feed, asked for in windows that adapt to how many events there are.

    Only what is ingested by `now` is seen, and nothing is older than `oldest`.
    """

    def __init__(self, feed: LogFeed, log_group: str, *, oldest: int, now: int, stride: Stride | None = None) -> None:
        self._feed = feed
        self._log_group = log_group
        self._oldest = oldest
        self._now = now
        self._stride = stride or Stride()

    def forward(self, span: Span) -> Iterator[LoggedEvent]:
        """Oldest first."""
        start, end = max(span.first, self._oldest), min(span.last, self._now)
        step = self._stride.width_ms
        while start <= end:
            # Whole multiples of the step let a feed keep what it made for the next page.
            stop = min((start // step + 1) * step - 1, end)
            window = self._window(start, stop, span)
            # Before the events are handed out: nobody may want all of them.
            step = self._stride.after(step, len(window))
            yield from window
            start = stop + 1

    def backward(self, span: Span) -> Iterator[LoggedEvent]:
        """Newest first."""
        start, end = max(span.first, self._oldest), min(span.last, self._now)
        step = self._stride.width_ms
        while start <= end:
            stop = max(end // step * step, start)
            window = self._window(stop, end, span)
            step = self._stride.after(step, len(window))
            yield from reversed(window)
            end = stop - 1

    def _window(self, start: int, end: int, span: Span) -> list[LoggedEvent]:
        events = self._feed.events(self._log_group, start, end)
        now = self._now
        visible = sorted([event for event in events if event[1] <= now])
        return span.part_of(visible) if span.cuts(start, end) else visible


class MergedTimeline:
    """Two timelines read as one."""

    def __init__(self, one: Timeline, other: Timeline) -> None:
        self._parts = (one, other)

    def forward(self, span: Span) -> Iterator[LoggedEvent]:
        """Oldest first."""
        return heapq.merge(*(part.forward(span) for part in self._parts))

    def backward(self, span: Span) -> Iterator[LoggedEvent]:
        """Newest first."""
        return heapq.merge(*(part.backward(span) for part in self._parts), reverse=True)


def _next_step(step: int, events: int) -> int:
    """Wider windows where there is little, narrower ones where there is much."""
    if not events:
        return step * 2
    if events < _FEW:
        return max(step, min(step * 2, _WIDEST_STEP_MS))
    return max(step // 2, 1) if events > _MANY else step
