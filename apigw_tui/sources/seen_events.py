"""Which events a tail has already read, for as long as its windows can reach back.

Of each event ID only 64 bits are kept, in arrays by time: 15 minutes at 2 000 events per second are 15 MB.
That two different events of the same seconds look the same has odds of one in 10¹³ per event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

BUCKET_MS: Final = 10_000


class SeenEvents:
    """A set of event IDs that forgets by time."""

    def __init__(self) -> None:
        self._buckets: dict[int, pl.Series] = {}

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))

    def estimated_bytes(self) -> int:
        """What the arrays take."""
        return sum(int(bucket.estimated_size()) for bucket in self._buckets.values())

    def add(self, identities: Sequence[str], timestamps: Sequence[int]) -> list[bool]:
        """Remember a page of events; which of them are new."""
        if not identities:
            return []
        hashes = pl.Series(identities, dtype=pl.String).hash()
        numbers = pl.Series(timestamps, dtype=pl.Int64) // BUCKET_MS
        touched = sorted(set(numbers.to_list()))
        is_new = hashes.is_first_distinct()
        known = [self._buckets[number] for number in touched if number in self._buckets]
        if known:
            is_new &= ~hashes.is_in(pl.concat(known).implode())
        for number in touched:
            fresh = hashes.filter(is_new & (numbers == number))
            if len(fresh):
                self._remember(number, fresh)
        return is_new.to_list()

    def forget(self, *, before: int, but: Sequence[tuple[int, int]] = ()) -> None:
        """Drop what lies wholly before the time, except in the spans `but`."""
        oldest = before // BUCKET_MS
        kept = [(start // BUCKET_MS, end // BUCKET_MS) for start, end in but]
        for number in [number for number in self._buckets if number < oldest]:
            if not any(first <= number <= last for first, last in kept):
                del self._buckets[number]

    def _remember(self, number: int, hashes: pl.Series) -> None:
        held = self._buckets.get(number)
        self._buckets[number] = hashes if held is None else pl.concat([held, hashes], rechunk=True)
