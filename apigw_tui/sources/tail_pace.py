"""What a tail may spend on calls, and the head window that fits into it.

At 2 000 access events per second a second of log is 0.85 pages of 1 MB, and most regions allow 10 calls per
second for everybody. So windows and their cadence follow from what they cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apigw_tui.sources.volume import Volume

HEAD_SHARE: Final = 0.35
SWEEP_SHARE: Final = 0.3
"""Of the calls that the limiter lets through now. What is left is for opened requests and for history."""

HEAD_EVERY_MS: Final = 2_000
MOST_EVERY_MS: Final = 30_000
LEAST_HEAD_MS: Final = 15_000
MOST_HEAD_MS: Final = 60_000
_HEAD_ROOM_MS: Final = 2_000


class CallBudget:
    """Calls per second that several tails share: who needs little gets it, the others the same each."""

    def __init__(self, rate: Callable[[], float], share: float) -> None:
        self._rate = rate
        self._share = share
        self._demands: dict[object, float] = {}

    @property
    def total(self) -> float:
        """Calls per second at this moment."""
        return self._rate() * self._share

    @property
    def is_short(self) -> bool:
        """Whether more is asked for than there is."""
        return sum(self._demands.values()) > self.total

    def granted(self, who: object, demand: float) -> float:
        """What one may use of it that would like to make `demand` calls per second."""
        self._demands[who] = demand
        return max(fair_share(self._demands.values(), self.total), 0.01)

    def leave(self, who: object) -> None:
        """Give back what it had."""
        self._demands.pop(who, None)


def fair_share(demands: Iterable[float], total: float) -> float:
    """What everyone may take at most, so that all of it together is `total`; all of it where that is enough."""
    waiting = sorted(demands)
    left = total
    for index, demand in enumerate(waiting):
        equal = left / (len(waiting) - index)
        if demand > equal:
            return equal
        left -= demand
    return total


@dataclass(frozen=True)
class HeadPlan:
    """The frequent window: so long, so often."""

    span_ms: int
    every_ms: int


def head_demand(volume: Volume, lag_ms: int) -> float:
    """Calls per second of a head window read as often as is useful."""
    return volume.calls(_cheap_span(lag_ms)) * 1000 / HEAD_EVERY_MS


def head_plan(volume: Volume, *, lag_ms: int, calls_per_s: float) -> HeadPlan:
    """The best head window for so many calls: two seconds if they suffice, else as rarely as they allow.

    A window of the lag and the time since the last one leaves nothing out; only where even that is too much, or
    twice a minute would be too often, windows stand apart, and the sweep brings what lies between them.
    """
    cheap = _cheap_span(lag_ms)
    if volume.calls(cheap) * 1000 / HEAD_EVERY_MS <= calls_per_s:
        return HeadPlan(cheap, HEAD_EVERY_MS)
    least = min(lag_ms, MOST_HEAD_MS) + _HEAD_ROOM_MS
    # calls(least + every) = calls_per_s × every
    spare = calls_per_s - volume.pages_per_s
    every = int((volume.pages_per_s * least / 1000 + 1) / spare * 1000) if spare > 0 else MOST_EVERY_MS + 1
    if every <= MOST_EVERY_MS:
        every = max(HEAD_EVERY_MS, every)
        return HeadPlan(least + every, every)
    every = int(volume.calls(least) / calls_per_s * 1000)
    return HeadPlan(least, max(HEAD_EVERY_MS, every))


def _cheap_span(lag_ms: int) -> int:
    return min(MOST_HEAD_MS, max(LEAST_HEAD_MS, lag_ms + HEAD_EVERY_MS + _HEAD_ROOM_MS))
