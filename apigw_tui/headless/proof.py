"""What a tail says on stderr of how complete it is: a line per change, each trouble once, and when it was healed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.errors import reason_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from apigw_tui.sources.base import Completeness, Gap, Trouble

_MINUTE_S: Final = 60
_NUMBER: Final = re.compile(r"\d[\d.]*")
"""`has not answered for 12.00 s` goes on when it is 24 s."""

EVERY_MS: Final = 5_000
"""That the proof reaches further is told no more often; gaps, late and sampled events at once."""


class Proof:
    """Takes what a tail proves and the troubles it has; says what changed.

    `count` tells how many events are known in a span of time, both ends included (epoch ms).
    """

    def __init__(
        self,
        *,
        say: Callable[[str], None],
        count: Callable[[int, int], int],
        clock: Callable[[], int],
        zone: tzinfo,
    ) -> None:
        self._say = say
        self._count = count
        self._clock = clock
        self._zone = zone
        self._told: Completeness | None = None
        self._told_at = 0
        self._latest: Completeness | None = None
        self._outages: list[Gap] = []
        self._troubles: set[str] = set()

    def take(self, proof: Completeness) -> None:
        """Note what is proven now and tell what is new of it."""
        self._latest = proof
        self._tell_gaps(proof)
        if self._is_news(proof):
            self._tell(proof)
        if not proof.gaps:
            self._troubles.clear()

    def trouble(self, trouble: Trouble) -> None:
        """Tell a trouble, once until it is over."""
        kind = _NUMBER.sub("#", trouble.error.message)
        if kind in self._troubles:
            return
        self._troubles.add(kind)
        again = "" if trouble.retry_at is None else f" Trying again at {self._time(trouble.retry_at)}."
        self._say(f"apigw-tui: {trouble.error}{again}")

    def finish(self) -> None:
        """Tell the last state, unless it was told."""
        if self._latest is not None and self._latest != self._told:
            self._tell(self._latest)

    def _is_news(self, proof: Completeness) -> bool:
        told = self._told
        if told is None or _claims(told) != _claims(proof):
            return True
        moved = told.complete_to // 1_000 != proof.complete_to // 1_000
        return moved and self._clock() - self._told_at >= EVERY_MS

    def _tell_gaps(self, proof: Completeness) -> None:
        """A gap grows while nothing can be read, then shrinks, in pieces: it is one until nothing is left of it."""
        still: list[Gap] = []
        for outage in self._outages:
            left = [gap for gap in proof.gaps if _meet(gap, outage)]
            if left:
                still.append(replace(outage, end=max(outage.end, *(gap.end for gap in left))))
                continue
            known = self._count(outage.start, outage.end)
            events = f"{units.count(known)} event{'' if known == 1 else 's'}"
            span = f"{self._time(outage.start)} – {self._time(outage.end)}"
            self._say(f"apigw-tui: gap {span} was read: {events}")
        for gap in proof.gaps:
            if not any(_meet(gap, outage) for outage in still):
                still.append(gap)
                since = self._time(gap.start)
                self._say(f"apigw-tui: gap from {since} on: {reason_of(gap.reason)}")
        self._outages = still

    def _tell(self, proof: Completeness) -> None:
        self._told, self._told_at = proof, self._clock()
        self._say(f"apigw-tui: {self._sentence(proof)}")

    def _sentence(self, proof: Completeness) -> str:
        parts = [
            f"complete to {self._time(proof.complete_to)}",
            f"lag {_seconds(proof.lag_ms)}",
            f"late {units.count(proof.late)}",
            f"duplicates dropped {units.count(proof.duplicates)}",
            f"gaps {len(proof.gaps)}",
            f"sampled {units.count(proof.sampled_seconds)} s",
        ]
        if proof.on_demand:
            parts.append(f"read on demand: {', '.join(proof.on_demand)}")
        if proof.live_tail is not None:
            parts.append(_live_tail(proof))
        return " · ".join(parts)

    def _time(self, ms: int) -> str:
        clock = units.clock(ms, self._zone, millis=False)
        date = units.day(ms, self._zone)
        return clock if date == units.day(self._clock(), self._zone) else f"{date} {clock}"


def _meet(one: Gap, other: Gap) -> bool:
    return one.start <= other.end and other.start <= one.end


def _claims(proof: Completeness) -> tuple[object, ...]:
    """What is told as soon as it changes."""
    streaming = None if proof.live_tail is None else (proof.live_tail.streaming, proof.live_tail.reason)
    return proof.late, len(proof.gaps), proof.sampled_seconds, proof.on_demand, streaming


def _seconds(ms: int | None) -> str:
    if ms is None:
        return "unknown"
    whole = ms // 1_000
    return f"{whole} s" if whole < _MINUTE_S else " ".join(units.duration(whole * 1_000))


def _live_tail(proof: Completeness) -> str:
    live_tail = proof.live_tail
    if live_tail is None:
        return ""
    if live_tail.streaming:
        minutes = max(1, -(-live_tail.session_ms // 60_000))
        return f"live tail {units.count(minutes)} min"
    return f"live tail off: {live_tail.reason}" if live_tail.reason else "live tail off"
