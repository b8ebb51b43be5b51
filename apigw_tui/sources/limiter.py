"""How fast AWS may be asked: one token bucket per account, region and kind of call."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from threading import Event as StopFlag
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

from apigw_tui.core import quotas

CONTROL_CALLS_PER_SECOND: Final = 4.0
CONTROL_BURST: Final = 8.0
"""Of what API Gateway's control plane allows an account, deployments need the rest."""

TRACE_CALLS_PER_SECOND: Final = 2.0
"""AWS gives no figure for BatchGetTraces, which consoles and dashboards call too."""

SHARE: Final = 0.8
"""Of a quota: the account's other users need some of it too."""

STRETCHED_SHARE: Final = 0.99
"""Of a quota, where calls queue up and nothing shows that anybody else needs it."""

BACK_OFF: Final = 0.7
RECOVERY: Final = 0.05
STRETCH_STEP: Final = 0.05
"""Of the ceiling, with each success: from 80 to 99 % of a quota within five calls."""

BURST: Final = 0.2
"""Seconds' worth of a quota at once: with it no second of 80 % exceeds the quota."""

LOWEST_RATE: Final = 0.2
MODEST_FOR_MS: Final = 5 * 60_000
"""So long after it was throttled a limiter keeps to its ceiling."""

OPENED_IN_A_ROW: Final = 4
_ONE_DROP_PER_MS: Final = 500
_IDLE_MS: Final = 5_000
_LONGEST_SLEEP_S: Final = 0.25
_SHORTEST_SLEEP_S: Final = 0.001
_SMOOTHING: Final = 0.2


class Priority(IntEnum):
    """Who goes first when there is not enough for all."""

    OPENED = 0
    TAIL = 1
    VISIBLE = 2
    PREFETCH = 3


class RateLimiter:
    """A token bucket with priorities that slows down when throttled and recovers with each success.

    Throttled: rate × 0.7, at most twice a second, since calls in flight are throttled together. Success:
    + 0.05 calls per second up to the ceiling; beyond it up to `stretch` only while calls queue up, and never
    within five minutes of a throttle, which may have hit others too. Many calls for an opened request let the
    tail in after every fourth. `clock` is in milliseconds.
    """

    def __init__(
        self, ceiling: float, *, clock: Callable[[], int], burst: float = 2.0, stretch: float | None = None
    ) -> None:
        self._ceiling = ceiling
        self._stretch = max(ceiling, stretch or ceiling)
        self._rate = ceiling
        self._burst = burst
        self._tokens = burst
        self._clock = clock
        self._filled_at = self._asked_at = clock()
        self._throttled_at: int | None = None
        self._queued = False
        self._waiting: list[tuple[Priority, int]] = []
        self._arrivals = count()
        self._passed_over = 0
        self._latency_ms: float | None = None
        self._lock = Lock()

    @property
    def rate(self) -> float:
        """Calls per second at this moment."""
        with self._lock:
            return self._rate

    @property
    def latency_ms(self) -> float | None:
        """How long calls take lately, without the wait for their turn; None before the first."""
        with self._lock:
            return self._latency_ms

    @property
    def waiting(self) -> tuple[Priority, ...]:
        """Who waits for a turn, in no order."""
        with self._lock:
            return tuple(priority for priority, _ in self._waiting)

    def acquire(self, priority: Priority, stop: StopFlag) -> bool:
        """Wait for a turn; False when stopped before it came."""
        ticket = (priority, next(self._arrivals))
        with self._lock:
            insort(self._waiting, ticket)
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

    def succeeded(self, *, took_ms: float | None = None) -> None:
        """A call went through; `took_ms` without the wait for its turn."""
        with self._lock:
            if took_ms is not None:
                known = took_ms if self._latency_ms is None else self._latency_ms
                self._latency_ms = known + _SMOOTHING * (took_ms - known)
            if self._rate < self._ceiling:
                self._rate = min(self._ceiling, self._rate + RECOVERY)
            elif self._queued and not self._is_modest():
                self._rate = min(self._stretch, self._rate + STRETCH_STEP * self._ceiling)

    def throttled(self) -> None:
        """AWS answered that it was too much."""
        with self._lock:
            now = self._clock()
            if self._throttled_at is not None and now - self._throttled_at < _ONE_DROP_PER_MS:
                return
            self._throttled_at = now
            self._rate = max(LOWEST_RATE, self._rate * BACK_OFF)
            self._tokens = 0.0

    def _is_modest(self) -> bool:
        return self._throttled_at is not None and self._clock() - self._throttled_at < MODEST_FOR_MS

    def _pause_before(self, ticket: tuple[Priority, int]) -> float:
        """Take a token and return 0, or the seconds until there can be one for this ticket."""
        with self._lock:
            self._fill()
            ahead = self._ahead_of(ticket)
            if ahead == 0 and self._tokens >= 1:
                self._tokens -= 1
                self._queued = len(self._waiting) > 1 or self._tokens < 1
                self._note_turn(ticket)
                return 0
            missing = ahead + 1 - self._tokens
            # Never long: somebody may give up, and the rate may rise.
            return min(max(missing / self._rate, _SHORTEST_SLEEP_S), _LONGEST_SLEEP_S)

    def _ahead_of(self, ticket: tuple[Priority, int]) -> int:
        place = bisect_left(self._waiting, ticket)
        if self._passed_over < OPENED_IN_A_ROW or ticket[0] > Priority.TAIL:
            return place
        first_tail = bisect_left(self._waiting, (Priority.TAIL, -1))
        if ticket[0] is Priority.TAIL:
            return place - first_tail
        is_tail_waiting = bisect_left(self._waiting, (Priority.VISIBLE, -1)) > first_tail
        return place + is_tail_waiting

    def _note_turn(self, ticket: tuple[Priority, int]) -> None:
        if ticket[0] is Priority.OPENED:
            self._passed_over += any(priority is Priority.TAIL for priority, _ in self._waiting)
        else:
            self._passed_over = 0

    def _fill(self) -> None:
        now = self._clock()
        elapsed = max(0, now - self._filled_at)
        if now - self._asked_at > _IDLE_MS:
            self._rate = min(self._rate, self._ceiling)
        self._filled_at = self._asked_at = now
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate / 1000)


@dataclass(frozen=True, eq=False)
class Limits:
    """The limiters of one account and region, shared by everything that calls."""

    events: RateLimiter
    groups: RateLimiter
    control: RateLimiter
    traces: RateLimiter

    @classmethod
    def of_region(cls, region: str | None, *, clock: Callable[[], int]) -> Limits:
        """80 % of each quota of the region, for events up to 99 % of it where nobody else seems to need it."""
        quota = quotas.filter_log_events(region)
        return cls(
            events=RateLimiter(
                SHARE * quota, clock=clock, burst=max(2.0, BURST * quota), stretch=STRETCHED_SHARE * quota
            ),
            groups=RateLimiter(SHARE * quotas.OTHER_LOGS_OPERATIONS["DescribeLogGroups"], clock=clock),
            control=RateLimiter(CONTROL_CALLS_PER_SECOND, clock=clock, burst=CONTROL_BURST),
            traces=RateLimiter(TRACE_CALLS_PER_SECOND, clock=clock),
        )


class SharedLimits:
    """The limits in use in this process, by whatever names an account and region; gone with their last user."""

    def __init__(self) -> None:
        self._limits: WeakValueDictionary[Hashable, Limits] = WeakValueDictionary()
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], Limits]) -> Limits:
        """The limits of this name; those that `make` gives where there are none yet."""
        with self._lock:
            limits = self._limits.get(key)
            if limits is None:
                limits = self._limits[key] = make()
            return limits


SHARED_LIMITS: Final = SharedLimits()
