"""The room of a store: how many events it keeps, how much memory they may take, and where the oldest go then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.schema import REQUESTS

if TYPE_CHECKING:
    from apigw_tui.core.chunk import Chunk, Shelf, Shelved
    from apigw_tui.core.timeline import Timeline

_HOT_EVENTS: Final = ("timestamp", "key", "arrival")
_HOT_REQUESTS: Final = ("key", "started_at", "status", "cause")
"""Columns that stay in memory: what joins rows, and what the list and its histogram ask for all the time."""

_IS_LINE: Final = pl.col("kind").is_in(["execution", "lambda"])


class NoShelf:
    """A shelf without room."""

    size = 0

    def put(self, frame: pl.DataFrame) -> Shelved | None:  # noqa: ARG002 - as every shelf
        """Nothing fits."""
        return None


class Room:
    """Sees to it that events and their requests do not outgrow it. Belongs to one store."""

    def __init__(
        self, events: Timeline, requests: Timeline, *, max_events: int, max_memory: int | None, shelf: Shelf
    ) -> None:
        self._events = events
        self._requests = requests
        self._max_events = max_events
        self._max_memory = max_memory
        self._shelf = shelf

    def make(self) -> int:
        """Make room after something was added; return how many events are gone."""
        self._events.settle()
        self._requests.settle()
        excess = len(self._events) - self._max_events
        evicted = self._evict(excess) if excess > 0 else 0
        return evicted + self._relieve()

    def _evict(self, excess: int) -> int:
        evicted = self._evict_lines(excess)
        return evicted + (self._evict_oldest(excess - evicted) if evicted < excess else 0)

    def _evict_lines(self, excess: int) -> int:
        """Drop the oldest lines of executions and functions as long as they fill more than half of the store.

        They are some twenty to one access entry, which they would push out soon, and are read again for a
        request that is opened. What was read out of them stays in the rows of requests.
        """
        counts = [lines_in(chunk) for chunk in self._events.chunks]
        excess = min(excess, sum(counts) - self._max_events // 2)
        if excess <= 0 or sum(counts) == len(self._events):
            return 0
        boundary = 0
        for chunk, lines in zip(self._events.chunks, counts, strict=True):
            if excess <= lines:
                boundary = int(chunk.select(pl.col("timestamp").filter(_IS_LINE)).to_series()[excess - 1]) + 1
                break
            excess -= lines
        evicted = self._events.drop_where(_IS_LINE, before=boundary)
        self._drop_requests(pl.col("access_events") == 0, before=boundary)
        return evicted

    def _evict_oldest(self, excess: int) -> int:
        for chunk in self._events.chunks:
            if excess < chunk.height:
                boundary = int(chunk["timestamp"][excess])
                break
            excess -= chunk.height
            boundary = chunk.last + 1
        return self._evict_before(boundary)

    def _evict_before(self, boundary: int) -> int:
        evicted = self._events.drop_before(boundary)
        self._drop_requests(pl.lit(value=True), before=boundary)
        return evicted

    def _drop_requests(self, chosen: pl.Expr, *, before: int) -> None:
        """Drop those of these requests that have no event since then."""
        among = [chunk for chunk in self._requests.chunks if told_of(chunk).first_ended < before]
        gone = self._requests.where(chosen & (pl.col("last_event_at") < before), among=among)
        self._requests.replace(gone["key"], REQUESTS.to_frame())

    def _relieve(self) -> int:
        """Bring memory below its cap: the oldest rows to the shelf, and away what has no room there."""
        if self._max_memory is None:
            return 0
        excess = self._events.memory + self._requests.memory - self._max_memory
        if excess <= 0:
            return 0
        for chunk in self._warm():
            before = chunk.memory
            is_of_events = chunk.schema == self._events.schema
            for fact in (lines_in, kinds_in) if is_of_events else (told_of,):
                fact(chunk)  # while it is at hand
            if not chunk.shelve(self._shelf, _HOT_EVENTS if is_of_events else _HOT_REQUESTS):
                return self._evict_chunk()
            excess -= before - chunk.memory
            if excess <= 0:
                return 0
        left = (chunk.memory for chunk in self._chunks() if chunk.is_cold)
        return self._evict_chunk() if sum(left) > self._max_memory else 0

    def _warm(self) -> list[Chunk]:
        """What can be shelved, the oldest first. What was just changed may be again."""
        warm = [chunk for chunk in self._chunks() if chunk.settled > 1 and not chunk.is_cold]
        return sorted(warm, key=lambda chunk: chunk.first)

    def _chunks(self) -> tuple[Chunk, ...]:
        return (*self._events.chunks, *self._requests.chunks)

    def _evict_chunk(self) -> int:
        """Drop the oldest chunk of events, unless it is the only one."""
        oldest, *others = self._events.chunks
        return self._evict_before(oldest.last + 1) if others else 0


@dataclass(frozen=True)
class Told:
    """When events tell of the requests of a chunk: the first, the last, and the first that is a request's last."""

    first: int
    last: int
    first_ended: int


def told_of(chunk: Chunk) -> Told:
    """Between which times the events of these REQUESTS lie, entries and lines of executions."""
    return chunk.fact("told", _told)


def kinds_in(chunk: Chunk) -> frozenset[str]:
    """The kinds of these EVENTS."""
    return chunk.fact("kinds", _kinds)


def lines_in(chunk: Chunk) -> int:
    """How many of these EVENTS are lines of executions or functions."""
    return chunk.fact("lines", _lines)


def _told(chunk: Chunk) -> Told:
    first, last, ended = chunk.select(
        first=pl.col("first_event_at").min(), last=pl.col("last_event_at").max(), ended=pl.col("last_event_at").min()
    ).row(0)
    return Told(first, last, ended)


def _kinds(chunk: Chunk) -> frozenset[str]:
    return frozenset(chunk["kind"].unique().drop_nulls().cast(pl.String))


def _lines(chunk: Chunk) -> int:
    return int(chunk.select(_IS_LINE.sum()).item())
