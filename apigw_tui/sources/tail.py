"""The tail: overlapping windows, so that what comes late is not lost.

An access entry is stamped with the start of its request and arrives after the end plus the delivery lag. A
cursor on the newest timestamp would lose just the slow requests. So a short head window is read every two
seconds and the last minutes are swept every twenty; event IDs tell what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.base import Completeness, Gap, Trouble, Update
from apigw_tui.sources.failures import PASSING, FailureKind, kind_of
from apigw_tui.sources.group_tail import GroupTail

if TYPE_CHECKING:
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws

FIRST_ATTEMPTS: Final = 3
_LONGEST_PAUSE_S: Final = 2.0
_SHORTEST_PAUSE_S: Final = 0.02


class Tail:
    """Several groups followed as one."""

    def __init__(
        self,
        aws: Aws,
        groups: Sequence[FollowedGroup],
        *,
        since: int,
        clock: Callable[[], int],
        pattern: str | None,
    ) -> None:
        self._aws = aws
        self._clock = clock
        self._since = since
        self._tails = [GroupTail(aws, group, since=since, clock=clock, pattern=pattern) for group in groups]

    def follow(self, stop: StopFlag) -> Iterator[Update]:
        """Yield new events, trouble, and after each round of polls how complete it is; until stopped.

        Raises AppError when no group can be read from the beginning.
        """
        while not stop.is_set():
            polled = False
            for tail in self._tails:
                if stop.is_set() or not tail.is_due():
                    continue
                polled = True
                yield from self._poll(tail, stop)
            if polled and not stop.is_set() and self._has_read():
                yield self.completeness()
            self._wait(stop)

    def completeness(self) -> Completeness:
        """What is proven now, over all groups."""
        now = self._clock()
        read = [tail for tail in self._tails if not tail.is_missing]
        lags = [tail.lag.typical for tail in read if tail.lag.typical is not None]
        return Completeness(
            complete_to=min((tail.complete_to for tail in read), default=self._since),
            lag_ms=max(lags, default=None),
            late=sum(tail.late for tail in self._tails),
            duplicates=sum(tail.duplicates for tail in self._tails),
            gaps=tuple(Gap(tail.read_to, now, tail.trouble.message) for tail in read if tail.trouble is not None),
        )

    def _has_read(self) -> bool:
        return any(tail.has_read for tail in self._tails)

    def _poll(self, tail: GroupTail, stop: StopFlag) -> Iterator[Update]:
        try:
            yield from tail.poll(stop)
        except AppError as error:
            told_before = tail.trouble is not None and tail.trouble.message == error.message
            retry_at = tail.failed(error)
            if self._is_hopeless(error):
                raise
            if kind_of(error) in (FailureKind.EXPIRED, FailureKind.CREDENTIALS):
                self._aws.renew()
            if not told_before or kind_of(error) in PASSING:
                yield Trouble(error, retry_at)

    def _is_hopeless(self, error: AppError) -> bool:
        """Whether every group has failed from the first try on."""
        if any(tail.has_read or tail.trouble is None for tail in self._tails):
            return False
        return kind_of(error) not in PASSING or all(tail.failures >= FIRST_ATTEMPTS for tail in self._tails)

    def _wait(self, stop: StopFlag) -> None:
        due_at = min(tail.due_at for tail in self._tails)
        pause = (due_at - self._clock()) / 1000
        if pause > 0:
            stop.wait(min(max(pause, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S))
