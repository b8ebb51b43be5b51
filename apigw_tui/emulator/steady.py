"""Access entries at a steady rate: every one is known beforehand, so that it can be proven that none was lost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import Lock
from typing import Final

from apigw_tui.emulator.feed import GroupInfo, LoggedEvent
from apigw_tui.emulator.lag import within
from apigw_tui.emulator.shelf import Shelf

STEADY_GROUP: Final = "/aws/apigateway/steady-access"
STEADY_FORMAT: Final = (
    '{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId",'
    '"requestTimeEpoch":"$context.requestTimeEpoch","httpMethod":"$context.httpMethod",'
    '"resourcePath":"$context.resourcePath","path":"$context.path","status":"$context.status",'
    '"responseLength":"$context.responseLength","responseLatency":"$context.responseLatency",'
    '"integrationLatency":"$context.integration.latency","ip":"$context.identity.sourceIp",'
    '"userAgent":"$context.identity.userAgent"}'
)
"""The access format of the entries, which are about 400 bytes long."""

_BLOCK_MS: Final = 1_000
_KEPT_EVENTS: Final = 300_000
_TIMESTAMP_SHIFT: Final = 144
_INDEX_SHIFT: Final = 32
_SLOW_EVERY: Final = 97
_ROUTES: Final = ("/orders", "/orders/{id}", "/customers/{id}", "/search", "/carts/{id}/items")
_METHODS: Final = ("GET", "POST", "GET", "GET", "PUT")
_STATUSES: Final = ("200",) * 22 + ("404", "502", "504")


class SteadyAccess:
    """A log feed: entry number `n` of a group is stamped `since` + n × 1000 / rate ms, until `until`.

    An entry is written when its request ends: 20 … 219 ms after the timestamp, every 97th one 1 … 28 s after it
    (`slow=False`: never). That is its ingestion time; a LaggedFeed adds the delivery. All groups have the same
    rate, with other IDs.
    """

    def __init__(
        self,
        rate: int,
        *,
        since: int,
        until: int | None = None,
        groups: Sequence[str] = (STEADY_GROUP,),
        streams: int = 8,
        slow: bool = True,
    ) -> None:
        self._rate = rate
        self._since = since
        self._until = until
        self._groups = tuple(groups)
        self._streams = streams
        self._slow = slow
        self._blocks: Shelf[LoggedEvent] = Shelf(_KEPT_EVENTS)
        self._lock = Lock()

    def groups(self) -> Sequence[GroupInfo]:
        """All groups."""
        return [GroupInfo(name, self._since) for name in self._groups]

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        """The entries stamped `start` … `end` (inclusive), ordered by (timestamp, event_id)."""
        if log_group not in self._groups:
            return []
        start, end = self._bounded(start, end)
        found: list[LoggedEvent] = []
        with self._lock:
            for block in range(start // _BLOCK_MS, end // _BLOCK_MS + 1):
                found += self._blocks.get((log_group, block), partial(self._draw, log_group, block))
        return within(found, start, end)

    def count(self, start: int, end: int) -> int:
        """How many entries of each group are stamped `start` … `end` (inclusive)."""
        return len(self._numbers(start, end))

    def event_ids(self, log_group: str, start: int, end: int) -> list[str]:
        """The IDs of those entries, in order."""
        number = self._groups.index(log_group)
        return [self._event_id(number, index) for index in self._numbers(start, end)]

    def request_ids(self, log_group: str, start: int, end: int) -> list[str]:
        """The request IDs of those entries, in order."""
        number = self._groups.index(log_group)
        return [_request_id(number, index) for index in self._numbers(start, end)]

    def _bounded(self, start: int, end: int) -> tuple[int, int]:
        return max(start, self._since), end if self._until is None else min(end, self._until)

    def _numbers(self, start: int, end: int) -> range:
        """The numbers of the entries in a span: the first is at or after `start`, the last at or before `end`."""
        start, end = self._bounded(start, end)
        first = -(-(start - self._since) * self._rate // 1000)
        return range(first, ((end - self._since + 1) * self._rate - 1) // 1000 + 1)

    def _timestamp(self, index: int) -> int:
        return self._since + index * 1000 // self._rate

    def _event_id(self, group: int, index: int) -> str:
        return f"{self._timestamp(index) << _TIMESTAMP_SHIFT | (index + 1) << _INDEX_SHIFT | group:056d}"

    def _draw(self, log_group: str, block: int) -> list[LoggedEvent]:
        number = self._groups.index(log_group)
        numbers = self._numbers(block * _BLOCK_MS, (block + 1) * _BLOCK_MS - 1)
        return [self._event(number, index) for index in numbers]

    def _event(self, group: int, index: int) -> LoggedEvent:
        timestamp = self._timestamp(index)
        latency = self._latency(index)
        event_id = self._event_id(group, index)
        stream = f"{index * 7 % self._streams:032x}"
        return LoggedEvent(
            timestamp, timestamp + latency, event_id, stream, _message(_request_id(group, index), timestamp, latency)
        )

    def _latency(self, index: int) -> int:
        if self._slow and index % _SLOW_EVERY == _SLOW_EVERY - 1:
            return 1_000 + index * 7_919 % 27_001
        return 20 + index * 7_919 % 200


def _request_id(group: int, index: int) -> str:
    """A UUID in form, made of the group's number and the entry's."""
    return f"{group:08x}-0000-4000-8000-{index:012x}"


def _message(request_id: str, timestamp: int, latency: int) -> str:
    route = latency % len(_ROUTES)
    template, status = _ROUTES[route], _STATUSES[latency % len(_STATUSES)]
    path = template.replace("{id}", str(timestamp % 100_000))
    return (
        f'{{"requestId":"{request_id}","extendedRequestId":"{request_id[24:]}AbC=",'
        f'"requestTimeEpoch":"{timestamp}","httpMethod":"{_METHODS[route]}",'
        f'"resourcePath":"{template}","path":"/prod{path}","status":"{status}",'
        f'"responseLength":"{200 + latency % 4_000}","responseLatency":"{latency}",'
        f'"integrationLatency":"{max(latency - 6, 1)}","ip":"203.0.113.{latency % 250 + 1}",'
        f'"userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}}'
    )
