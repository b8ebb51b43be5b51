"""Which events a tail has already read, by event ID, for as long as windows can reach back."""

from __future__ import annotations

from typing import Final

BUCKET_MS: Final = 10_000


class SeenEvents:
    """A set of event IDs that forgets by time."""

    def __init__(self) -> None:
        self._buckets: dict[int, set[str]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))

    def add(self, event_id: str, timestamp: int) -> bool:
        """Remember the event; False when it was known."""
        bucket = self._buckets.setdefault(timestamp // BUCKET_MS, set())
        if event_id in bucket:
            return False
        bucket.add(event_id)
        return True

    def forget_before(self, timestamp: int) -> None:
        """Drop what lies wholly before the time."""
        oldest = timestamp // BUCKET_MS
        for bucket in [bucket for bucket in self._buckets if bucket < oldest]:
            del self._buckets[bucket]
