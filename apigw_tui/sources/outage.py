"""Trouble that several readers meet at once: one waits and counts for all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.sources.base import Trouble
from apigw_tui.sources.calls import back_off
from apigw_tui.sources.failures import PASSING, FailureKind, kind_of

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.sources.session import Aws

ATTEMPTS: Final = 6
"""So many rounds of calls may fail in a row."""


class Outage:
    """Whether calls fail now, and when they are tried again. `judge` and `over` need the lock of the readers.

    `rounds` counts the pauses: calls that fail together are one round.
    """

    def __init__(self, aws: Aws, clock: Callable[[], int]) -> None:
        self._aws = aws
        self._clock = clock
        self._attempts = 0
        self._pauses = back_off()
        self._retry_at = 0
        self.rounds = 0

    def wait(self, stop: StopFlag) -> bool:
        """Wait until calls may be tried; False when stopped."""
        while not stop.is_set():
            pause = (self._retry_at - self._clock()) / 1000
            if pause <= 0:
                return True
            stop.wait(pause)
        return False

    def judge(self, error: AppError, *, begun_in: int, has_read: bool) -> bool | Trouble:
        """Whether to try again, as the trouble to tell when it is new; False when waiting does not help.

        `begun_in` is the round in which the call was made.
        """
        kind = kind_of(error)
        if kind not in PASSING:
            return False
        if begun_in < self.rounds:
            return True
        self._attempts += 1
        # Nothing read yet: whoever waits for the first screen must hear what is wrong at once.
        if self._attempts >= ATTEMPTS or not (has_read or kind is FailureKind.THROTTLED):
            return False
        if kind is FailureKind.EXPIRED:
            self._aws.renew()
        self.rounds += 1
        self._retry_at = self._clock() + int(next(self._pauses) * 1000)
        return Trouble(error, self._retry_at)

    def over(self) -> None:
        """A call went through."""
        if self._attempts:
            self._attempts, self._retry_at, self._pauses = 0, 0, back_off()

    @staticmethod
    def is_passing(error: AppError) -> bool:
        """Whether the error is of a kind that may pass."""
        return kind_of(error) in PASSING
