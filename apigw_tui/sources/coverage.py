"""Which times of a log have been read, and when: what the claim of a tail rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

_SETTLED_MS: Final = 15 * 60_000
"""Reads of times that were older than this are all the same."""


@dataclass(frozen=True)
class Span:
    """Times from `start` to `end`, both inclusive, in ms."""

    start: int
    end: int


@dataclass(frozen=True)
class _Read:
    """All events stamped `start` … `end` that could be read at `at` were read."""

    start: int
    end: int
    at: int

    def outside(self, other: _Read) -> Iterator[_Read]:
        """What of it the other one leaves over."""
        if self.end < other.start or self.start > other.end:
            yield self
            return
        if self.start < other.start:
            yield replace(self, end=other.start - 1)
        if self.end > other.end:
            yield replace(self, start=other.end + 1)

    def joins(self, later: _Read) -> bool:
        """Whether nothing lies between the two, in time or in what they prove."""
        both_settled = min(self.at - self.end, later.at - later.end) >= _SETTLED_MS
        return self.end + 1 == later.start and (self.at == later.at or both_settled)

    def joined(self, later: _Read) -> _Read:
        """Both as one."""
        return replace(self, end=later.end, at=max(self.at, later.at))


class Coverage:
    """The reads of one group; everything stamped up to `base` counts as complete."""

    def __init__(self, base: int) -> None:
        self.base = base
        self._reads: list[_Read] = []

    def note(self, start: int, end: int, *, at: int) -> None:
        """A span was read to its end by calls that all began at `at` or later."""
        start = max(start, self.base + 1)
        if start > end:
            return
        new = [_Read(start, end, at)]
        kept: list[_Read] = []
        for read in self._reads:
            if read.at >= at:
                kept.append(read)
                new = [piece for part in new for piece in part.outside(read)]
            else:
                kept.extend(read.outside(_Read(start, end, at)))
        self._reads = _joined(sorted([*kept, *new], key=lambda read: read.start))

    def proven(self, margin: int) -> int:
        """Up to when everything was read when it was at least `margin` old."""
        reached = self.base
        for read in self._reads:
            if read.start > reached + 1:
                break
            reached = max(reached, min(read.end, read.at - margin))
            if reached < read.end:
                break
        return reached

    def settle(self, until: int) -> None:
        """What lies up to there is claimed and needs no proof any more."""
        self.base = max(self.base, until)
        self._reads = [
            replace(read, start=max(read.start, self.base + 1)) for read in self._reads if read.end > self.base
        ]

    def lacking(self, until: int, *, margin: int | None = None) -> list[Span]:
        """The spans up to `until` that were never read; with a margin also those read too early. Oldest first."""
        spans: list[Span] = []
        reached = self.base
        for read in self._reads:
            good_until = read.end if margin is None else min(read.end, read.at - margin)
            if good_until < read.start:
                continue
            if read.start > reached + 1:
                spans.append(Span(reached + 1, min(until, read.start - 1)))
            reached = max(reached, good_until)
        if reached < until:
            spans.append(Span(reached + 1, until))
        return [span for span in spans if span.start <= min(span.end, until)]


def _joined(reads: list[_Read]) -> list[_Read]:
    joined: list[_Read] = []
    for read in reads:
        if joined and joined[-1].joins(read):
            joined[-1] = joined[-1].joined(read)
        else:
            joined.append(read)
    return joined
