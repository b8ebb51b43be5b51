"""How fast AWS may be asked: one token bucket per account, region and kind of call."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from threading import Event as StopFlag
from threading import Lock
from typing import Final

FILTER_CALLS_PER_SECOND: Final = {
    "us-east-1": 25,
    "ap-northeast-3": 5,
    "ap-southeast-3": 5,
    "ca-west-1": 5,
    "eu-central-1": 5,
    "il-central-1": 5,
}
"""FilterLogEvents per account and region, not adjustable. Source: AWS, "CloudWatch Logs quotas"."""

OTHER_REGIONS_FILTER_CALLS_PER_SECOND: Final = 10
DESCRIBE_CALLS_PER_SECOND: Final = 10
"""DescribeLogGroups per account and region. Source: as above."""

CONTROL_CALLS_PER_SECOND: Final = 4.0
CONTROL_BURST: Final = 8.0
"""API Gateway's control plane allows 10 per second and account with a burst of 40, deployments included.

Source: AWS, "Amazon API Gateway quotas".
"""

SHARE: Final = 0.8
"""Of a quota: the account's other users need some of it too."""

BACK_OFF: Final = 0.7
RECOVERY: Final = 0.05
LOWEST_RATE: Final = 0.2
_ONE_DROP_PER_MS: Final = 500
_LOOK_AGAIN_S: Final = 0.05


class Priority(IntEnum):
    """Who goes first when there is not enough for all."""

    OPENED = 0
    TAIL = 1
    VISIBLE = 2
    PREFETCH = 3


class RateLimiter:
    """A token bucket with priorities that slows down when throttled and recovers with each success.

    Throttled: rate × 0.7, at most twice a second, since calls in flight are throttled together. Success:
    + 0.05 calls per second up to the ceiling. `clock` is in milliseconds.
    """

    def __init__(self, ceiling: float, *, clock: Callable[[], int], burst: float = 2.0) -> None:
        self._ceiling = ceiling
        self._rate = ceiling
        self._burst = burst
        self._tokens = burst
        self._clock = clock
        self._filled_at = clock()
        self._dropped_at: int | None = None
        self._waiting: list[tuple[Priority, int]] = []
        self._arrivals = count()
        self._lock = Lock()

    @property
    def rate(self) -> float:
        """Calls per second at this moment."""
        with self._lock:
            return self._rate

    @property
    def waiting(self) -> tuple[Priority, ...]:
        """Who waits for a turn, in no order."""
        with self._lock:
            return tuple(priority for priority, _ in self._waiting)

    def acquire(self, priority: Priority, stop: StopFlag) -> bool:
        """Wait for a turn; False when stopped before it came."""
        ticket = (priority, next(self._arrivals))
        with self._lock:
            heapq.heappush(self._waiting, ticket)
        try:
            while not stop.is_set():
                pause = self._pause_before(ticket)
                if pause == 0:
                    return True
                stop.wait(pause)
            return False
        finally:
            with self._lock:
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)

    def succeeded(self) -> None:
        """A call went through."""
        with self._lock:
            self._rate = min(self._ceiling, self._rate + RECOVERY)

    def throttled(self) -> None:
        """AWS answered that it was too much."""
        with self._lock:
            now = self._clock()
            if self._dropped_at is not None and now - self._dropped_at < _ONE_DROP_PER_MS:
                return
            self._dropped_at = now
            self._rate = max(LOWEST_RATE, self._rate * BACK_OFF)
            self._tokens = 0.0

    def _pause_before(self, ticket: tuple[Priority, int]) -> float:
        """Take a token and return 0, or the seconds after which to look again."""
        with self._lock:
            self._fill()
            if self._waiting[0] != ticket:
                return _LOOK_AGAIN_S
            if self._tokens >= 1:
                self._tokens -= 1
                return 0
            # Never long: somebody more urgent may come, and the rate may rise.
            return min(max((1 - self._tokens) / self._rate, 0.001), _LOOK_AGAIN_S)

    def _fill(self) -> None:
        now = self._clock()
        elapsed = max(0, now - self._filled_at)
        self._filled_at = now
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate / 1000)


@dataclass(frozen=True)
class Limits:
    """The limiters of one account and region, shared by everything that calls."""

    events: RateLimiter
    groups: RateLimiter
    control: RateLimiter

    @classmethod
    def of_region(cls, region: str | None, *, clock: Callable[[], int]) -> Limits:
        """80 % of each quota of the region."""
        quota = FILTER_CALLS_PER_SECOND.get(region or "", OTHER_REGIONS_FILTER_CALLS_PER_SECOND)
        return cls(
            events=RateLimiter(SHARE * quota, clock=clock),
            groups=RateLimiter(SHARE * DESCRIBE_CALLS_PER_SECOND, clock=clock),
            control=RateLimiter(CONTROL_CALLS_PER_SECOND, clock=clock, burst=CONTROL_BURST),
        )
