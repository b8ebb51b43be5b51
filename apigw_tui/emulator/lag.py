"""How late CloudWatch shows what was written: models of delivery lag, and a feed that obeys one.

AWS publishes none of these figures. The models are the shapes that followers have been seen to lose events in:
late, out of order, each stream at its own pace, nothing for a while and then all at once.
"""

from __future__ import annotations

import math
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from operator import itemgetter
from statistics import NormalDist
from threading import Lock
from typing import Final, Protocol

from apigw_tui.emulator.dice import dice
from apigw_tui.emulator.feed import GroupInfo, LogFeed, LoggedEvent
from apigw_tui.emulator.shelf import Shelf

_BLOCK_MS: Final = 1_000
_KEPT_EVENTS: Final = 300_000
_QUANTILES: Final = 4_096
_SPREADING_FACTOR: Final = 0x9E3779B1  # Knuth: neighbouring checksums become far apart
_WORD: Final = 0xFFFFFFFF


class LagModel(Protocol):
    """When an event becomes visible: a pure function of the event."""

    def seen_at(self, event: LoggedEvent) -> int:
        """Milliseconds, never before `event.ingestion_time`, which is when the event was written."""


@dataclass(frozen=True)
class Fixed:
    """The same lag for all: what was written first is seen first."""

    lag_ms: int = 2_000

    def seen_at(self, event: LoggedEvent) -> int:
        """Written, plus the lag."""
        return event.ingestion_time + self.lag_ms


@dataclass(frozen=True)
class Uniform:
    """Any lag up to the longest is as likely as any other."""

    longest_ms: int = 45_000
    shortest_ms: int = 0
    seed: int = 0

    def seen_at(self, event: LoggedEvent) -> int:
        """Written, plus the event's own lag."""
        span = self.longest_ms - self.shortest_ms + 1
        return event.ingestion_time + self.shortest_ms + int(_share(event, self.seed) * span)


@dataclass(frozen=True)
class LogNormal:
    """Most events near the median, a few much later; none later than the longest."""

    median_ms: int = 2_000
    spread: float = 0.7
    longest_ms: int = 60_000
    seed: int = 0
    _lags: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work the quantiles out once: there are millions of events."""
        normal = NormalDist(math.log(self.median_ms), self.spread)
        shares = ((index + 0.5) / _QUANTILES for index in range(_QUANTILES))
        lags = tuple(min(self.longest_ms, round(math.exp(normal.inv_cdf(share)))) for share in shares)
        object.__setattr__(self, "_lags", lags)

    def seen_at(self, event: LoggedEvent) -> int:
        """Written, plus the event's own lag."""
        return event.ingestion_time + self._lags[int(_share(event, self.seed) * _QUANTILES)]


@dataclass(frozen=True)
class PerStream:
    """Each stream has a lag of its own, which changes with each period: streams overtake one another."""

    shortest_ms: int = 1_000
    longest_ms: int = 3_000
    period_ms: int = 10_000
    seed: int = 0

    def seen_at(self, event: LoggedEvent) -> int:
        """Written, plus the lag of the stream in that period."""
        period = event.ingestion_time // self.period_ms
        share = _stream_share(self.seed, event.log_stream, period)
        return event.ingestion_time + self.shortest_ms + int(share * (self.longest_ms - self.shortest_ms + 1))


@dataclass(frozen=True)
class Silence:
    """At the end of every period nothing becomes visible for a while; then all of it does at once."""

    otherwise: LagModel = field(default_factory=Fixed)
    every_ms: int = 120_000
    lasting_ms: int = 20_000

    def seen_at(self, event: LoggedEvent) -> int:
        """As without silence, or at its end."""
        seen = self.otherwise.seen_at(event)
        left = self.every_ms - seen % self.every_ms
        return seen + left if left <= self.lasting_ms else seen


LAG_MODELS: Final[Mapping[str, LagModel]] = {
    "fixed": Fixed(),
    "lognormal": LogNormal(),
    "streams": PerStream(),
    "slow-streams": PerStream(5_000, 20_000),
    "uniform": Uniform(),
    "silence": Silence(),
}
"""The models by name, as `--lag` and the fault matrix take them."""


class LaggedFeed:
    """Another feed with its events shown as late as a model says; event IDs and timestamps stay.

    The ingestion times of the other feed count as the times of writing.
    """

    def __init__(self, feed: LogFeed, model: LagModel) -> None:
        self._feed = feed
        self._model = model
        self._blocks: Shelf[LoggedEvent] = Shelf(_KEPT_EVENTS)
        self._lock = Lock()

    def groups(self) -> Sequence[GroupInfo]:
        """Those of the other feed."""
        return self._feed.groups()

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        """Those of the other feed with other ingestion times, still ordered by (timestamp, event_id)."""
        found: list[LoggedEvent] = []
        with self._lock:
            for block in range(start // _BLOCK_MS, end // _BLOCK_MS + 1):
                found += self._blocks.get((log_group, block), partial(self._draw, log_group, block))
        return within(found, start, end)

    def _draw(self, log_group: str, block: int) -> list[LoggedEvent]:
        events = self._feed.events(log_group, block * _BLOCK_MS, (block + 1) * _BLOCK_MS - 1)
        seen_at: Callable[[LoggedEvent], int] = self._model.seen_at
        return [LoggedEvent(event[0], seen_at(event), *event[2:]) for event in events]


def within(events: list[LoggedEvent], start: int, end: int) -> list[LoggedEvent]:
    """The events of an ordered list that are stamped `start` … `end`, both inclusive."""
    low = bisect_left(events, start, key=itemgetter(0))
    high = bisect_right(events, end, key=itemgetter(0))
    return events if high - low == len(events) else events[low:high]


def _share(event: LoggedEvent, seed: int) -> float:
    """From 0 up to but not including 1, always the same for the same event."""
    return (zlib.crc32(event.event_id.encode(), seed) * _SPREADING_FACTOR & _WORD) / (_WORD + 1)


@lru_cache(maxsize=4_096)
def _stream_share(seed: int, stream: str, period: int) -> float:
    return dice(seed, "lag", stream, period).random()
