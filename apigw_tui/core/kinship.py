"""Which chunks of events tell of the requests of a chunk, and the other way round.

By time: a request's row says when the first and the last of its entries and lines happened. That leaves out lines of
functions, which have a request's key only where both have no scope, and requests that share the key of their events.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apigw_tui.core.room import kinds_in, told_of

if TYPE_CHECKING:
    from apigw_tui.core.chunk import Chunk
    from apigw_tui.core.store import Snapshot


class Kinship:
    """Of the chunks of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._events = snapshot.events
        self._requests = snapshot.requests
        self._firsts = [chunk.first for chunk in snapshot.events]
        self._lasts = [chunk.last for chunk in snapshot.events]
        self._odd_events = {chunk for chunk in snapshot.events if _is_odd(chunk, snapshot.shared, events=True)}
        self._odd_requests = {chunk for chunk in snapshot.requests if _is_odd(chunk, snapshot.shared, events=False)}
        self._told = {chunk.serial: told_of(chunk) for chunk in snapshot.requests}

    def events_of(self, requests: Chunk) -> Sequence[Chunk]:
        """The events that tell of these requests, in time order; none of other chunks does."""
        told = self._told[requests.serial]
        low, high = bisect_left(self._lasts, told.first), bisect_right(self._firsts, told.last)
        if requests not in self._odd_requests or not self._odd_events:
            return self._events[low:high]
        return [chunk for at, chunk in enumerate(self._events) if low <= at < high or chunk in self._odd_events]

    def requests_of(self, events: Chunk) -> Sequence[Chunk]:
        """The requests that these events can tell of."""
        odd = self._odd_requests if events in self._odd_events else ()
        return [
            chunk
            for chunk in self._requests
            if (self._told[chunk.serial].first <= events.last and self._told[chunk.serial].last >= events.first)
            or chunk in odd
        ]


def _is_odd(chunk: Chunk, shared: frozenset[int], *, events: bool) -> bool:
    """Whether there are rows whose key says more than their times."""
    if events and "lambda" in kinds_in(chunk):
        return True
    if not events and chunk.fact("bare", _has_no_scope):
        return True
    return bool(shared) and chunk.fact(f"shared {len(shared)}", lambda rows: _shares(rows, shared))


def _has_no_scope(chunk: Chunk) -> bool:
    return bool((chunk["scope"].fill_null("") == "").any())


def _shares(chunk: Chunk, shared: frozenset[int]) -> bool:
    return bool(chunk["key"].is_in(list(shared)).any())
