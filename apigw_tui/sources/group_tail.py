"""One log group followed: which windows are due, what of the answers is new, and what is proven by them.

A short head window is read every two seconds where that is cheap. The last minutes are swept, every twenty
seconds where that is cheap, in slices over time where it is not. What is older and was never read, or was read
too early, is the backlog: it is read newest first when nothing else is due.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import duration
from apigw_tui.sources.base import Batch, Gap
from apigw_tui.sources.calls import back_off
from apigw_tui.sources.coverage import Coverage, Span
from apigw_tui.sources.delivery_lag import MOST_REACH_MS, VISIBILITY_MS, DeliveryLag
from apigw_tui.sources.events_page import EventRecord, EventsPage, page_frame
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.gap_reasons import NOT_READ_YET, GapReasons
from apigw_tui.sources.seen_events import SeenEvents
from apigw_tui.sources.tail_pace import HEAD_EVERY_MS, CallBudget, HeadPlan, head_demand, head_plan
from apigw_tui.sources.tail_reading import Purpose, Reading
from apigw_tui.sources.volume import Volume

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

SWEEP_EVERY_MS: Final = 20_000
AHEAD_MS: Final = 5_000
"""Head windows reach into the future: this machine's clock may be behind CloudWatch's."""

SLICE_PAGES: Final = 6
_LATE_MS: Final = 15_000
_LATEST_START_MS: Final = 60_000
_BUSY_EVENTS: Final = 20
_LONGEST_SILENCE_MS: Final = 3 * 60_000


@dataclass(frozen=True)
class Budgets:
    """What the tails of an account and region share."""

    head: CallBudget
    sweep: CallBudget


class GroupTail:
    """The state of following one group; times in ms.

    `complete_to`: everything stamped up to then has been read. It only ever moves by windows that were read to
    their end, and only up to what was old enough then. `failure`: why the last call failed.
    """

    def __init__(
        self,
        aws: Aws,
        group: FollowedGroup,
        *,
        since: int,
        clock: Callable[[], int],
        pattern: str | None,
        budgets: Budgets,
    ) -> None:
        now = clock()
        self.group = group
        self.lag = DeliveryLag(now=now)
        self.volume = Volume()
        self.late = 0
        self.duplicates = 0
        self.failures = 0
        self.asked_at = 0
        self.has_read = False
        self.failure: AppError | None = None
        self._aws = aws
        self._since = since
        self._clock = clock
        self._pattern = pattern
        self._budgets = budgets
        self._coverage = Coverage(min(since, now - self.lag.reach(now)) - 1)
        self._seen = SeenEvents()
        self._outages = GapReasons()
        self._readings: list[Reading] = []
        self._slices: deque[Span] = deque()
        self._swept = False
        self._away = False
        self._head = HeadPlan(0, HEAD_EVERY_MS)
        self._read_to = self._head_to = since
        self._busy_events_per_s = 0.0
        self._heard_at = now
        self._head_due = self._sweep_due = self._slice_due = self._retry_at = now
        self._pauses = back_off()

    @property
    def complete_to(self) -> int:
        """The claim."""
        return self._coverage.base

    @property
    def is_missing(self) -> bool:
        """Whether the group does not exist (yet)."""
        return self.failure is not None and kind_of(self.failure) is FailureKind.NOT_FOUND

    @property
    def every_ms(self) -> int:
        """How often it is polled."""
        return self._head.every_ms

    @property
    def due_at(self) -> int:
        """When there is something to read."""
        if self._readings or self._backlog() is not None:
            return self._retry_at
        sweep = max(self._slice_due, 0 if self._slices else self._sweep_due)
        return max(self._retry_at, min(self._head_due, sweep))

    def open_readings(self, places: int, *, capacity: float) -> list[Reading]:
        """The windows of which a page is wanted now, at most `places`.

        `capacity` is how many calls per second can be made side by side at the latency seen.
        """
        now = self._clock()
        if now < self._retry_at:
            return []
        heads = [reading for reading in self._readings if reading.purpose is Purpose.HEAD]
        if not heads and self._head_due <= now:
            heads = self._begin_head(now, places, capacity)
        if heads:
            return heads[:places]
        self._begin_slices(now, places)
        return sorted(self._readings, key=lambda reading: reading.purpose)[:places]

    def take(self, reading: Reading, page: EventsPage, *, began_at: int) -> Iterator[Batch]:
        """What of a page is new."""
        if reading not in self._readings:
            return
        reading.took(page, began_at=began_at)
        self._succeeded()
        yield from self._new_events(page)
        if page.next_token is not None:
            self.volume.note_full_page(len(page.events))
        if reading.done:
            self._readings.remove(reading)
            self._finish(reading)

    def failed(self, error: AppError) -> int:
        """Note a failed call; returns when the next one is."""
        now = self._clock()
        self.failure = error
        self.failures += 1
        self._give_up_readings()
        self._retry_at = now + int(next(self._pauses) * 1000)
        if self.is_missing:
            # There is nothing to read in a group that does not exist: that is an answer too.
            self._covered(Span(self._coverage.base + 1, now), at=now)
        else:
            self._outages.begin(self._read_to, now, error.message)
        return self._retry_at

    def was_away(self, now: int) -> None:
        """Nothing was polled for long although nothing had failed."""
        self._give_up_readings()
        self._head_due = self._sweep_due = self._slice_due = self._retry_at = now
        away = " ".join(duration(now - self._read_to))
        reason = f"not polled for {away}: this machine was asleep or the network was gone"
        self._outages.add(Gap(self._read_to, now, reason))
        self._away = True

    def clock_went_back(self, now: int) -> None:
        """The clock was set; what is due is due by the new time."""
        self._head_due = self._sweep_due = self._slice_due = self._retry_at = now

    def gaps(self) -> Iterator[Gap]:
        """The spans that could not be read yet, oldest first."""
        if self.is_missing:
            return
        now = self._clock()
        is_down = self.failure is not None or self._away
        unread = self._coverage.lacking(now if is_down else now - self._tolerance())
        spans = [Span(max(span.start, self._since), span.end) for span in unread if span.end > self._since]
        too_much = NOT_READ_YET if self._swept and not is_down else None
        recent = now - _LATEST_START_MS
        for span in spans:
            yield from self._outages.of([span], otherwise=too_much if span.end < recent else None)

    def _tolerance(self) -> int:
        return max(10_000, 3 * self._head.every_ms)

    # -- what to read

    def _begin_head(self, now: int, places: int, capacity: float) -> list[Reading]:
        lag = self.lag.nearly_all
        granted = self._budgets.head.granted(self, head_demand(self.volume, lag))
        self._head = head_plan(self.volume, lag_ms=lag, calls_per_s=min(granted, capacity / 2))
        start = now - self._head.span_ms
        if now - self._read_to <= _LATEST_START_MS and self._head.span_ms > self._head.every_ms:
            start = min(start, self._read_to)  # The last poll was later than planned: leave nothing out.
        parts = max(1, min(places, round(self.volume.calls(now - start))))
        heads = [self._reading(part, Purpose.HEAD) for part in _cut(Span(start, now + AHEAD_MS), parts)]
        self._readings += heads
        self._head_due = now + self._head.every_ms
        return heads

    def _begin_slices(self, now: int, places: int) -> None:
        if not self._slices and max(self._sweep_due, self._slice_due) <= now and not self._reads(Purpose.SWEEP):
            self._slices.extend(self._sliced(Span(now - self.lag.reach(now), now)))
            self._sweep_due = now + SWEEP_EVERY_MS
        while self._slices and self._slice_due <= now and self._reads(Purpose.SWEEP) < places:
            self._readings.append(self._reading(self._slices.popleft(), Purpose.SWEEP))
        if not self._readings and (span := self._backlog()):
            length = max(1, self.volume.span_of(SLICE_PAGES * places))
            newest = Span(max(span.start, span.end + 1 - length), span.end)
            self._readings += [self._reading(part, Purpose.BACKLOG) for part in _cut(newest, places)]

    def _backlog(self) -> Span | None:
        """The newest of what no sweep reaches any more and was not read, or was read too early."""
        now = self._clock()
        reach = now - self.lag.reach(now)
        if self._coverage.base >= reach - 1:
            return None
        # In a silence nothing can be proven, but what was never read can be read.
        margin = self.lag.margin(now) if self._heard_until(now) == now else None
        spans = self._coverage.lacking(reach - 1, margin=margin)
        return spans[-1] if spans else None

    def _sliced(self, span: Span) -> list[Span]:
        length = max(1_000, self.volume.span_of(SLICE_PAGES))
        return _cut(span, max(1, round((span.end - span.start) / length)))

    def _reads(self, purpose: Purpose) -> int:
        return sum(reading.purpose is purpose for reading in self._readings)

    def _reading(self, span: Span, purpose: Purpose) -> Reading:
        return Reading(self._aws, self.group, span, purpose=purpose, pattern=self._pattern)

    # -- what was read

    def _finish(self, reading: Reading) -> None:
        began_at = reading.began_at or 0
        span = Span(reading.span.start, min(reading.span.end, began_at))
        self._note_volume(reading, span)
        if reading.purpose is Purpose.HEAD:
            self._head_to = max(self._head_to, span.end)
            if not self._reads(Purpose.HEAD):
                self._read_to = self._head_to
        elif reading.purpose is Purpose.SWEEP:
            self._pace_sweep(reading)
        self._covered(span, at=began_at)

    def _pace_sweep(self, reading: Reading) -> None:
        reach = self.lag.reach(self._clock())
        demand = max(1.0, self.volume.pages_per_s * reach / 1000) * 1000 / SWEEP_EVERY_MS
        granted = self._budgets.sweep.granted(self, demand)
        if not self._slices and not self._reads(Purpose.SWEEP):
            self._swept = True
        if self._swept:
            self._slice_due = max(self._slice_due, self._clock()) + int(reading.pages / granted * 1000)

    def _note_volume(self, reading: Reading, span: Span) -> None:
        lag = self.lag.typical or 0
        written = span.end - span.start - (lag if reading.purpose is Purpose.HEAD else 0)
        self.volume.note_window(
            span_ms=written,
            pages=reading.pages,
            events=reading.events,
            last_page_events=reading.last_page_events,
        )

    def _covered(self, span: Span, *, at: int) -> None:
        now = self._clock()
        self._coverage.note(span.start, span.end, at=min(at, self._heard_until(now)))
        margin = self.lag.margin(now)
        self._coverage.settle(self._coverage.proven(margin))
        self._outages.forget_before(self._coverage.base)
        horizon = now - MOST_REACH_MS
        unproven = self._coverage.lacking(horizon, margin=margin)
        self._seen.forget(before=horizon, but=[(span.start, span.end) for span in unproven])

    def _heard_until(self, now: int) -> int:
        """Up to when reads prove something: a busy log that has become silent is late rather than over.

        Only for some minutes: traffic does end.
        """
        silence = now - self._heard_at
        is_suspicious = self._busy_events_per_s * silence / 1000 > _BUSY_EVENTS
        return self._heard_at if is_suspicious and silence < _LONGEST_SILENCE_MS else now

    def _succeeded(self) -> None:
        self.has_read = True
        self.failures = 0
        self._pauses = back_off()
        self._away = False
        if self.failure is None:
            return
        self.failure = None
        now = self._clock()
        self._outages.end(now)
        self._sweep_due = self._slice_due = now

    def _give_up_readings(self) -> None:
        swept = [reading.span for reading in self._readings if reading.purpose is Purpose.SWEEP]
        self._slices.extendleft(reversed(swept))
        if self._reads(Purpose.HEAD):
            self._head_due = self._clock()
        self._readings = []

    def _new_events(self, page: EventsPage) -> Iterator[Batch]:
        events = page.events
        stamps = [event["timestamp"] for event in events]
        unseen = list(compress(events, self._seen.add([_identity(event) for event in events], stamps)))
        self.duplicates += len(events) - len(unseen)
        new = [event for event in unseen if self._has_arrived(event)]
        if not new:
            return
        self._heard_at = self._clock()
        self._busy_events_per_s = self.volume.events_per_s
        lags = [event["ingestionTime"] - event["timestamp"] for event in new if "ingestionTime" in event]
        if self._swept:
            passed = max(self._coverage.base, self._coverage.proven(max(_LATE_MS, self.lag.nearly_all)))
            self.late += sum(event["timestamp"] <= passed for event in new)
        self.lag.observe(lags, now=self._clock())
        yield Batch(page_frame(new, log_group=self.group.name, scope=self.group.scope))

    def _has_arrived(self, event: EventRecord) -> bool:
        """Whether it came since the tail began; an old timestamp does not matter, an old arrival does."""
        if event["timestamp"] >= self._since:
            return True
        return bool(event.get("ingestionTime", 0) >= self._since - VISIBILITY_MS)


def _identity(event: EventRecord) -> str:
    """The event ID; endpoints that are not AWS may leave it out."""
    return event.get("eventId") or f"{event.get('logStreamName')} {event['message']}"


def _cut(span: Span, parts: int) -> list[Span]:
    """The span in so many parts, oldest first."""
    length = span.end - span.start + 1
    edges = [span.start + length * index // parts for index in range(parts + 1)]
    return [Span(start, end - 1) for start, end in pairwise(edges) if start < end]
