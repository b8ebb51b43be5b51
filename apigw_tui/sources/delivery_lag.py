"""How late events come after their timestamp: the measure of all windows of a tail."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from statistics import median, quantiles
from typing import Final

REMEMBERED_MS: Final = 10 * 60_000
SAMPLES: Final = 1_000

LEAST_HEAD_MS: Final = 15_000
MOST_HEAD_MS: Final = 60_000
LEAST_SWEEP_MS: Final = 180_000
"""More than the longest integration timeout of most APIs (29 s) and the delivery lag together."""

MOST_SWEEP_MS: Final = 15 * 60_000
LEAST_MARGIN_MS: Final = 30_000
_HEAD_ROOM_MS: Final = 5_000
_SWEEP_ROOM_MS: Final = 60_000


class DeliveryLag:
    """Lags seen lately (ingestion − timestamp, ms); a request's latency is part of its access entry's lag."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=SAMPLES)
        self._longest: deque[tuple[int, int]] = deque()

    def observe(self, lags: Iterable[int], *, now: int) -> None:
        """Count the lags of events that came at `now`."""
        known = list(lags)
        self._recent.extend(known)
        if known:
            self._longest.append((now, max(known)))
        while self._longest and self._longest[0][0] < now - REMEMBERED_MS:
            self._longest.popleft()

    @property
    def typical(self) -> int | None:
        """The median; None before anything came."""
        return int(median(self._recent)) if self._recent else None

    @property
    def longest(self) -> int:
        """The longest of the last minutes; 0 before anything came."""
        return max((lag for _, lag in self._longest), default=0)

    @property
    def head_span(self) -> int:
        """How far back the frequent polls look: nine of ten events come within it."""
        enough = 10
        if len(self._recent) < enough:
            return LEAST_HEAD_MS
        ninth = int(quantiles(self._recent, n=10)[-1])
        return min(MOST_HEAD_MS, max(LEAST_HEAD_MS, ninth + _HEAD_ROOM_MS))

    @property
    def sweep_span(self) -> int:
        """How far back the rare polls look: longer than anything came late."""
        return min(MOST_SWEEP_MS, max(LEAST_SWEEP_MS, self.longest + _SWEEP_ROOM_MS))

    @property
    def margin(self) -> int:
        """How long before a sweep's end the log can be called complete."""
        return max(LEAST_MARGIN_MS, self.longest)
