"""When a share rose: the span of time in which it is high beyond chance, found by a scan over all spans."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHANCE: Final = 0.01
"""How likely chance alone may be, of all that was looked at together."""

_LEAST_LIFT: Final = 1.5


@dataclass(frozen=True)
class Onset:
    """Steps from `start` (epoch ms) to `end`, excluded and None where it goes on, with the shares in and before it."""

    start: int
    end: int | None
    step_ms: int
    share: float
    share_before: float


def evidence(hits: int, of: int, other_hits: int, others: int) -> float:
    """How much the data speak for a share higher than the other, in nats: the likelihood ratio against equal shares.

    A ratio of e^x is as rare as e^-x by chance, also where numbers are small. 0 where the share is not higher.
    """
    if not of or not others or hits * others <= other_hits * of:
        return 0.0
    return _likelihood(hits, of) + _likelihood(other_hits, others) - _likelihood(hits + other_hits, of + others)


def is_beyond_chance(nats: float, tries: int) -> bool:
    """Whether so much evidence is rare even for the best of so many tries."""
    return nats >= log(max(1, tries) / _CHANCE)


def onset(hits: Sequence[int], totals: Sequence[int], *, start: int, step_ms: int) -> Onset | None:
    """The span of steps in which the share of hits is high; None where it is so all the time, or nowhere.

    The first step is at `start`. A share that was high from the first step on has no onset here.
    """
    count = len(hits)
    sums, wholes = tuple(accumulate(hits, initial=0)), tuple(accumulate(totals, initial=0))
    spans = [(low, high) for low in range(count) for high in range(low + 1, count + 1) if high - low < count]

    def nats(low: int, high: int) -> float:
        inside, of = sums[high] - sums[low], wholes[high] - wholes[low]
        return evidence(inside, of, sums[-1] - inside, wholes[-1] - of)

    best = max(spans, key=lambda span: nats(*span), default=(0, 0))
    low, high = best
    if low == 0 or not wholes[low] or not is_beyond_chance(nats(low, high), len(spans)):
        return None
    inside, of = sums[high] - sums[low], wholes[high] - wholes[low]
    share, before = inside / of, sums[low] / wholes[low]
    # A few quiet requests at the edge of what was read tell nothing of the time before.
    rose = evidence(inside, of, sums[low], wholes[low])
    if share < _LEAST_LIFT * before or not is_beyond_chance(rose, count):
        return None
    # What came last may only be too little to tell: it ends where the share is lower again beyond chance.
    fell = evidence(
        sums[high] - sums[low], wholes[high] - wholes[low], sums[-1] - sums[high], wholes[-1] - wholes[high]
    )
    end = start + high * step_ms if high < count and is_beyond_chance(fell, count) else None
    return Onset(start + low * step_ms, end, step_ms, share, before)


def _likelihood(hits: int, of: int) -> float:
    return _part(hits, of) + _part(of - hits, of)


def _part(count: int, of: int) -> float:
    return count * log(count / of) if count else 0.0
