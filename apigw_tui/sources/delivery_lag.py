"""How late events come after their timestamp: the measure of all windows of a tail.

An access entry is stamped with the start of its request, so its lag is the request's latency and the delivery
together. What has never been seen cannot be excluded; the margin therefore

- begins at 90 s, as if a lag of 50 s had been seen: 29 s that an integration may take by default, and a slow
  delivery; after ten minutes and a thousand events what was seen counts alone; it is never less than a minute;
- grows with the longest lag seen, by half and the time that an ingested event may need to become readable;
- comes down slowly, half of it in an hour, since a slow delivery that was seen once may be seen again.

Nothing that comes later than a quarter of an hour is found by a tail: the end of what is swept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

SAMPLES: Final = 1_000

VISIBILITY_MS: Final = 15_000
"""An event may become readable so long after its ingestion time."""

LEAST_MARGIN_MS: Final = 60_000
ASSUMED_LAG_MS: Final = 50_000
ENOUGH_MS: Final = 10 * 60_000
ENOUGH_EVENTS: Final = 1_000
LEAST_REACH_MS: Final = 180_000
MOST_REACH_MS: Final = 15 * 60_000
MOST_MARGIN_MS: Final = MOST_REACH_MS - 60_000
HALF_LIFE_MS: Final = 60 * 60_000
_GROWTH: Final = 1.5
_REACH_OF_MARGIN: Final = 2
_NEARLY_ALL: Final = 0.99


class DeliveryLag:
    """Lags seen lately (ingestion − timestamp, ms); times in ms."""

    def __init__(self, *, now: int) -> None:
        self._recent: deque[int] = deque(maxlen=SAMPLES)
        self._longest = 0.0
        self._longest_at = self._began_at = now
        self._count = 0

    def observe(self, lags: Sequence[int], *, now: int) -> None:
        """Count the lags of events that came at `now`."""
        if not lags:
            return
        self._recent.extend(lags)
        self._count += len(lags)
        longest = max(lags)
        if longest >= self._decayed(now):
            self._longest, self._longest_at = float(longest), now

    @property
    def typical(self) -> int | None:
        """The median; None before anything came."""
        return int(median(self._recent)) if self._recent else None

    @property
    def nearly_all(self) -> int:
        """What 99 of 100 events do not exceed; 0 before anything came."""
        if not self._recent:
            return 0
        return sorted(self._recent)[int((len(self._recent) - 1) * _NEARLY_ALL)]

    def margin(self, now: int) -> int:
        """How old a time must be when it is read, to be called complete."""
        is_known = self._count >= ENOUGH_EVENTS and now - self._began_at >= ENOUGH_MS
        expected = max(self._decayed(now), 0 if is_known else ASSUMED_LAG_MS)
        grown = int(expected * _GROWTH) + VISIBILITY_MS
        return min(MOST_MARGIN_MS, max(LEAST_MARGIN_MS, grown))

    def reach(self, now: int) -> int:
        """How far back the sweeps look: twice as long as anything is expected to be late."""
        return min(MOST_REACH_MS, max(LEAST_REACH_MS, self.margin(now) * _REACH_OF_MARGIN))

    def _decayed(self, now: int) -> float:
        age = max(0, now - self._longest_at)
        return float(self._longest * 0.5 ** (age / HALF_LIFE_MS))
