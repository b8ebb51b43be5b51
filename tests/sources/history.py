"""Recorded history for backfills: events given by their times, and what a reading of them yields."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from apigw_tui.emulator.feed import GroupInfo, LoggedEvent
from apigw_tui.sources.base import Batch, Progress, Update
from tests.sources.recorded_account import EVENT_ID_BITS
from tests.sources.virtual_time import START

GROUP = "/orders/access"
DAY = 86_400_000


class History:
    """A feed of one event at each of the times given, per group."""

    def __init__(self, *times: int, group: str = GROUP, lag: int = 0, size: int = 10, created_at: int = 0) -> None:
        self._created_at = created_at or START - DAY
        self._events: dict[str, list[LoggedEvent]] = {}
        self.add(*times, group=group, lag=lag, size=size)

    def add(self, *times: int, group: str = GROUP, lag: int = 0, size: int = 10) -> History:
        """More events; those of one time are told apart by their IDs."""
        events = self._events.setdefault(group, [])
        first = len(events)
        for number, at in enumerate(times, first):
            event_id = f"{(at << EVENT_ID_BITS) + number:056d}"
            events.append(LoggedEvent(at, at + lag, event_id, "stream", f"{number} ".ljust(size, "x")))
        events.sort(key=lambda event: (event.timestamp, event.event_id))
        return self

    def groups(self) -> Sequence[GroupInfo]:
        return [GroupInfo(name, self._created_at) for name in self._events]

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        events = self._events.get(log_group, [])
        low = bisect_left(events, start, key=lambda event: event.timestamp)
        high = bisect_right(events, end, key=lambda event: event.timestamp)
        return events[low:high]

    def ids(self, start: int, end: int, group: str = GROUP) -> list[str]:
        """The IDs of a span, sorted."""
        return sorted(event.event_id for event in self.events(group, start, end))


def ids(updates: Iterable[Update]) -> list[str]:
    """The IDs of all events that were yielded, sorted, as often as they were."""
    return sorted(event_id for update in updates if isinstance(update, Batch) for event_id in update.events["event_id"])


def progress_of(updates: Iterable[Update]) -> list[Progress]:
    return [update for update in updates if isinstance(update, Progress)]


def assert_honest(updates: Sequence[Update], history: History, start: int, end: int) -> None:
    """All that `read_from` claims was yielded before it, and it only ever moves back."""
    yielded: Counter[str] = Counter()
    claimed = end + 1
    for update in updates:
        if isinstance(update, Batch):
            yielded.update(update.events["event_id"])
        elif isinstance(update, Progress):
            assert start <= update.read_from <= claimed
            claimed = update.read_from
            assert all(yielded[event_id] == 1 for event_id in history.ids(claimed, end))
