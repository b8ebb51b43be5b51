"""One log group followed: when it is polled, which window, and what of the answer is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.sources.base import Batch, Update
from apigw_tui.sources.calls import back_off
from apigw_tui.sources.delivery_lag import MOST_SWEEP_MS, DeliveryLag
from apigw_tui.sources.events_page import EventRecord, EventsPage, page_frame
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader
from apigw_tui.sources.seen_events import SeenEvents

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.sources.session import Aws

HEAD_EVERY_MS: Final = 2_000
SWEEP_EVERY_MS: Final = 20_000
AHEAD_MS: Final = 5_000
"""Head windows reach into the future: this machine's clock may be behind CloudWatch's."""

VISIBILITY_MS: Final = 15_000
"""An event may become readable so long after its ingestion time."""


class GroupTail:
    """The state of following one group; times in ms.

    `complete_to`: everything stamped up to then has been read, which nothing proves before the first sweep.
    `read_to`: the end of the last good poll. `trouble`: why a poll failed, until the span since the last good
    one has been swept.
    """

    def __init__(
        self,
        aws: Aws,
        group: FollowedGroup,
        *,
        since: int,
        clock: Callable[[], int],
        pattern: str | None,
    ) -> None:
        self.lag = DeliveryLag()
        self.complete_to = since - MOST_SWEEP_MS
        self.read_to = since
        self.late = 0
        self.duplicates = 0
        self.failures = 0
        self.has_read = False
        self.trouble: AppError | None = None
        self._aws = aws
        self._group = group
        self._since = since
        self._clock = clock
        self._pattern = pattern
        self._seen = SeenEvents()
        self._sweep: WindowReader | None = None
        self._swept = False
        self._head_due = self._sweep_due = self._retry_at = clock()
        self._pauses = back_off()
        # Before the first full sweep nothing has been passed, so nothing is late.
        self._passed: int | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the group does not exist (yet)."""
        return self.trouble is not None and kind_of(self.trouble) is FailureKind.NOT_FOUND

    @property
    def due_at(self) -> int:
        """When to poll next."""
        due = 0 if self._sweep else min(self._head_due, self._sweep_due)
        return max(due, self._retry_at)

    def is_due(self) -> bool:
        """Whether to poll now."""
        return self.due_at <= self._clock()

    def poll(self, stop: StopFlag) -> Iterator[Update]:
        """Read the head window, or one page of the sweep when the head is not due. Raises AppError."""
        if self._head_due <= self._clock():
            yield from self._read_head(stop)
        else:
            yield from self._read_sweep_page(stop)
        self._seen.forget_before(
            min(self.complete_to, self._since, self._clock() - MOST_SWEEP_MS)
            if not self._swept
            else min(self.complete_to, self._clock() - MOST_SWEEP_MS)
        )

    def failed(self, error: AppError) -> int:
        """Note a failed poll; returns when the next one is."""
        self.trouble = error
        self.failures += 1
        self._sweep = None
        self._sweep_due = self._clock()
        self._retry_at = self._clock() + int(next(self._pauses) * 1000)
        return self._retry_at

    def _read_head(self, stop: StopFlag) -> Iterator[Update]:
        now = self._clock()
        window = Window(self._group, now - self.lag.head_span, now + AHEAD_MS, self._pattern)
        reader = WindowReader(self._aws, window, Priority.TAIL)
        pages = 0
        while not reader.done:
            page = reader.next_page(stop)
            if page is None:
                return
            pages += 1
            yield from self._new_events(page)
        self._succeeded(now)
        # A head of many pages would eat the whole quota: what it leaves out, the sweep brings.
        self._head_due = now + HEAD_EVERY_MS * max(1, pages)

    def _read_sweep_page(self, stop: StopFlag) -> Iterator[Update]:
        if self._sweep is None:
            self._sweep = WindowReader(self._aws, self._sweep_window(), Priority.TAIL)
        sweep = self._sweep
        page = sweep.next_page(stop)
        if page is None:
            return
        yield from self._new_events(page)
        if not sweep.done:
            return
        self._sweep = None
        self._swept = True
        self.trouble = None
        self._succeeded(sweep.window.end)
        self.complete_to = max(self.complete_to, sweep.window.end - self.lag.margin)
        self._sweep_due = sweep.window.end + SWEEP_EVERY_MS

    def _sweep_window(self) -> Window:
        """The last minutes, or all since the log was last known to be complete."""
        now = self._clock()
        unproven = self.complete_to if self._swept else self._since
        return Window(self._group, min(now - self.lag.sweep_span, unproven), now, self._pattern)

    def _succeeded(self, end: int) -> None:
        self.has_read = True
        self.failures = 0
        self._pauses = back_off()
        if self.trouble is not None:
            return
        self.read_to = max(self.read_to, end)
        if self._swept:
            self._passed = self.read_to - self.lag.head_span

    def _new_events(self, page: EventsPage) -> Iterator[Update]:
        unseen = [event for event in page.events if self._seen.add(_identity(event), event["timestamp"])]
        self.duplicates += len(page.events) - len(unseen)
        lags = (event["ingestionTime"] - event["timestamp"] for event in unseen if "ingestionTime" in event)
        self.lag.observe(lags, now=self._clock())
        new = [event for event in unseen if self._has_arrived(event)]
        if self._passed is not None:
            self.late += sum(event["timestamp"] < self._passed for event in new)
        if new:
            yield Batch(page_frame(new, log_group=self._group.name, scope=self._group.scope))

    def _has_arrived(self, event: EventRecord) -> bool:
        """Whether it came since the tail began; an old timestamp does not matter, an old arrival does."""
        if event["timestamp"] >= self._since:
            return True
        return bool(event.get("ingestionTime", 0) >= self._since - VISIBILITY_MS)


def _identity(event: EventRecord) -> str:
    """The event ID; endpoints that are not AWS may leave it out."""
    return event.get("eventId") or f"{event.get('logStreamName')} {event['message']}"
