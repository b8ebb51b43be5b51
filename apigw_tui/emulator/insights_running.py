"""Logs Insights queries that were started: Scheduled for 200 ms, Running for as long as their events need."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.groups import Group
from apigw_tui.emulator.insights_query import Query, Result
from apigw_tui.emulator.insights_rows import Row
from apigw_tui.emulator.paging import event_bytes
from apigw_tui.emulator.timeline import Span, Timeline
from apigw_tui.emulator.wire import ServiceError

STATUSES: Final = ("Scheduled", "Running", "Complete", "Failed", "Cancelled", "Timeout", "Unknown")
UNDER_WAY: Final = frozenset({"Scheduled", "Running"})
_SCHEDULED_MS: Final = 200
_SHORTEST_MS: Final = 400
_BYTES_PER_MS: Final = 200_000


@dataclass(frozen=True, eq=False)
class GroupAtStart:
    """One group of a query, as it was when the query started."""

    group: Group
    timeline: Timeline


@dataclass(eq=False)
class RunningQuery:
    """A query that was started; times in ms."""

    query_id: str
    text: str
    query: Query
    sources: tuple[GroupAtStart, ...]
    span: Span
    limit: int | None
    created_at: int
    stopped_at: int | None = None

    def status(self, now: int) -> str:
        """One of STATUSES."""
        if self.stopped_at is not None:
            return "Cancelled"
        if now < self.created_at + _SCHEDULED_MS:
            return "Scheduled"
        return "Running" if now < self.created_at + _SCHEDULED_MS + self.took_ms else "Complete"

    @property
    def took_ms(self) -> int:
        """How long it runs."""
        return max(_SHORTEST_MS, self._scanned_bytes // _BYTES_PER_MS)

    @cached_property
    def result(self) -> Result:
        """All of its rows."""
        return self.query.run([Row.of_event(event, group) for event, group in self._events], self.limit)

    def statistics(self) -> dict[str, float]:
        """What it has cost."""
        return {
            "recordsMatched": float(self.result.matched),
            "recordsScanned": float(len(self._events)),
            "estimatedRecordsSkipped": 0.0,
            "bytesScanned": float(self._scanned_bytes),
            "estimatedBytesSkipped": 0.0,
            "logGroupsScanned": float(len(self.sources)),
        }

    @cached_property
    def _events(self) -> list[tuple[LoggedEvent, Group]]:
        return list(heapq.merge(*(_told(source, self.span) for source in self.sources), key=lambda item: item[0]))

    @cached_property
    def _scanned_bytes(self) -> int:
        return sum(event_bytes(event.message) for event, _ in self._events)


def _told(source: GroupAtStart, span: Span) -> Iterator[tuple[LoggedEvent, Group]]:
    return ((event, source.group) for event in source.timeline.forward(span))


class Queries:
    """The queries of the endpoint, which were started one after the other."""

    def __init__(self) -> None:
        self._queries: dict[str, RunningQuery] = {}

    def add(self, query: RunningQuery) -> None:
        """One more."""
        self._queries[query.query_id] = query

    def newest_first(self) -> list[RunningQuery]:
        """All of them."""
        return list(reversed(self._queries.values()))

    def find(self, query_id: str) -> RunningQuery:
        """One query; ResourceNotFoundException if there is none."""
        found = self._queries.get(query_id)
        if found is None:
            raise ServiceError("ResourceNotFoundException", "The specified query does not exist.")
        return found

    def under_way(self, now: int) -> int:
        """How many are Scheduled or Running."""
        return sum(query.status(now) in UNDER_WAY for query in self._queries.values())
