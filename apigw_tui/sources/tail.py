"""The tail: overlapping windows, so that what comes late is not lost.

An access entry is stamped with the start of its request and arrives after the end plus the delivery lag. A
cursor on the newest timestamp would lose just the slow requests. So a short head window is read every two
seconds and the last minutes are swept every twenty, both rarer where they cost many calls; event IDs tell what
is new. Up to when it is complete follows from what was read when (coverage.py) and how late events come
(delivery_lag.py); what was missed is read as soon as it can be, and is a gap until then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import duration
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Completeness, Trouble, Update
from apigw_tui.sources.execution_budget import ExecutionTails
from apigw_tui.sources.failures import PASSING, AwsError, FailureKind, kind_of
from apigw_tui.sources.group_tail import Budgets, GroupTail
from apigw_tui.sources.tail_pace import HEAD_SHARE, SWEEP_SHARE, CallBudget
from apigw_tui.sources.tail_reading import Reading
from apigw_tui.sources.watched import Outcome, WatchedCalls

if TYPE_CHECKING:
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

FIRST_ATTEMPTS: Final = 3
INTERVALS_OF_SILENCE: Final = 3
LEAST_SILENCE_MS: Final = 10_000
FIRST_SILENCE_MS: Final = 30_000
MOST_PLACES: Final = 4
_LONGEST_PAUSE_S: Final = 2.0
_SHORTEST_PAUSE_S: Final = 0.02
_CLOCK_SLACK_MS: Final = 1_000

_Turn = tuple[GroupTail, Reading]


class Tail:
    """Several groups followed as one; `executions` are followed too while they fit beside the others."""

    def __init__(
        self,
        aws: Aws,
        groups: Sequence[FollowedGroup],
        *,
        since: int,
        clock: Callable[[], int],
        pattern: str | None,
        executions: Sequence[FollowedGroup] = (),
    ) -> None:
        self._aws = aws
        self._clock = clock
        self._since = since
        self._looked_at = clock()
        self._calls = WatchedCalls(clock, lambda: aws.is_asking)
        rate = partial(_rate, aws)
        budgets = Budgets(CallBudget(rate, HEAD_SHARE), CallBudget(rate, SWEEP_SHARE))
        self._tails = [
            GroupTail(aws, group, since=since, clock=clock, pattern=pattern, budgets=budgets) for group in groups
        ]
        self._executions = ExecutionTails(aws, executions, clock=clock, access=budgets)

    def follow(self, stop: StopFlag) -> Iterator[Update]:
        """Yield new events, trouble, and how complete it is whenever that has changed; until stopped.

        Raises AppError when no group can be read from the beginning.
        """
        told: Completeness | None = None
        while not stop.is_set():
            if self._look_at_the_clock() and self._has_read():
                yield (told := self.completeness())
            turns = self._turns()
            yield from self._poll(turns, stop)
            if not turns and self._may_look_around():
                self._executions.look(self._calls, stop, patience_ms=self._patience_ms())
            if stop.is_set():
                return
            if self._has_read() and (now := self.completeness()) != told:
                yield (told := now)
            if not turns:
                self._wait(stop)

    def completeness(self) -> Completeness:
        """What is proven now, over all groups; execution lines beside access logs prove nothing."""
        lags = [tail.lag.typical for tail in self._tails if tail.lag.typical is not None]
        return Completeness(
            complete_to=min(tail.complete_to for tail in self._tails),
            lag_ms=max(lags, default=None),
            late=sum(tail.late for tail in self._tails),
            duplicates=sum(tail.duplicates for tail in self._followed),
            gaps=tuple(gap for tail in self._tails for gap in tail.gaps()),
            on_demand=self._executions.on_demand,
        )

    @property
    def _followed(self) -> list[GroupTail]:
        return [*self._tails, *self._executions.tails]

    def _has_read(self) -> bool:
        return any(tail.has_read for tail in self._tails)

    def _may_look_around(self) -> bool:
        return all(tail.has_read or tail.failure is not None for tail in self._tails)

    # -- polling

    def _places(self) -> int:
        """How many calls side by side use up the rate at the latency seen."""
        wanted = math.ceil(_rate(self._aws) * self._latency_ms() / 1000)
        return max(1, min(MOST_PLACES, wanted))

    def _latency_ms(self) -> float:
        return self._aws.limits.events.latency_ms or 0.0

    def _turns(self) -> list[_Turn]:
        """Which pages to ask for now: access logs before execution logs, heads before sweeps."""
        places = self._places()
        capacity = places * 1000 / max(1.0, self._latency_ms())
        turns = [(tail, reading) for tail in self._tails for reading in tail.open_readings(places, capacity=capacity)]
        if not turns:
            turns = [
                (tail, reading)
                for tail in self._executions.tails
                for reading in tail.open_readings(1, capacity=capacity)
            ]
        return sorted(turns, key=lambda turn: (turn[1].purpose, turn[0].asked_at))[:places]

    def _poll(self, turns: Sequence[_Turn], stop: StopFlag) -> Iterator[Update]:
        if not turns:
            return
        asks = [partial(reading.reader.next_page, stop) for _, reading in turns]
        for tail, _ in turns:
            tail.asked_at = self._clock()
        outcomes = self._calls.run(asks, patience_ms=self._patience_ms(), stop=stop)
        for (tail, reading), outcome in zip(turns, outcomes, strict=False):
            if outcome.slept:
                self._was_away()
            elif outcome.page is not None:
                yield from tail.take(reading, outcome.page, began_at=outcome.began_at)
            elif (error := _error_of(outcome, tail)) is not None:
                yield from self._failed(tail, error, is_silent=outcome.silent_ms is not None)
        self._looked_at = self._clock()

    def _failed(self, tail: GroupTail, error: AppError, *, is_silent: bool) -> Iterator[Trouble]:
        if tail in self._executions.tails:
            tail.failed(error)
            self._executions.note_failure(tail, error)
            return
        told_before = tail.failure is not None and tail.failure.message == error.message
        retry_at = tail.failed(error)
        if self._is_hopeless(error):
            raise error
        if is_silent:
            self._aws.renew()  # Its connections may be dead.
        if not told_before or kind_of(error) in PASSING:
            yield Trouble(error, retry_at)

    def _is_hopeless(self, error: AppError) -> bool:
        """Whether every group has failed from the first try on."""
        if any(tail.has_read or tail.failure is None for tail in self._tails):
            return False
        return kind_of(error) not in PASSING or all(tail.failures >= FIRST_ATTEMPTS for tail in self._tails)

    # -- time

    def _patience_ms(self) -> int:
        """How long nothing may be heard: three intervals; the first time credentials are fetched too."""
        longest = max(tail.every_ms for tail in self._followed)
        return max(LEAST_SILENCE_MS if self._has_read() else FIRST_SILENCE_MS, INTERVALS_OF_SILENCE * longest)

    def _look_at_the_clock(self) -> bool:
        """Notice that time has passed in which nothing was polled; returns whether it was too long."""
        now = self._clock()
        was_away = now - self._looked_at >= self._patience_ms()
        if was_away:
            self._was_away()
        elif now < self._looked_at - _CLOCK_SLACK_MS:
            for tail in self._followed:
                tail.clock_went_back(now)
        self._looked_at = now
        return was_away

    def _was_away(self) -> None:
        now = self._clock()
        for tail in self._followed:
            tail.was_away(now)

    def _wait(self, stop: StopFlag) -> None:
        due_at = min(tail.due_at for tail in self._followed)
        pause = (due_at - self._clock()) / 1000
        if pause > 0:
            stop.wait(min(max(pause, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S))


def _rate(aws: Aws) -> float:
    return aws.limits.events.rate


def _error_of(outcome: Outcome, tail: GroupTail) -> AppError | None:
    """Why there is no page; None when it was stopped. Defects are raised."""
    if outcome.silent_ms is not None:
        silent = " ".join(duration(outcome.silent_ms))
        return AwsError(
            FailureKind.NETWORK,
            f"Could not read {tail.group.name}: CloudWatch has not answered for {silent}.",
            "Check the network, VPN and proxy; apigw-tui goes on trying by itself.",
        )
    if outcome.error is not None and not isinstance(outcome.error, AppError):
        raise outcome.error
    return outcome.error
