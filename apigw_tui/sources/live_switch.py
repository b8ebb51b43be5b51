"""Whether Live Tail is wanted, what it has cost, and how many seconds it sampled: shared by threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

DOLLARS_PER_MINUTE: Final = 0.01
FREE_MINUTES_A_MONTH: Final = 1_800
"""Of sessions, of a whole account, as of `PRICED`. Source: AWS, "Amazon CloudWatch pricing"."""

COST: Final = f"about ${DOLLARS_PER_MINUTE} a minute after {FREE_MINUTES_A_MONTH} free ones a month"
PRICED: Final = "us-east-1, June 2026"


class LiveSwitch:
    """Off at first. Turned by the user's thread; the thread that streams looks at it.

    `turn` counts up with each turning on, so that who gave up tries again. `spent_ms`: all sessions so far.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.turns = 0
        self.spent_ms = 0
        self._on = False
        self._interrupts: list[Callable[[], None]] = []
        self._lock = Lock()

    @property
    def is_on(self) -> bool:
        """Whether a session is wanted now."""
        return self._on

    @property
    def was_used(self) -> bool:
        """Whether it is on, or was so."""
        return self.turns > 0

    def turn(self, *, on: bool, reason: str = "") -> None:
        """Want a session, or end it at once; `reason` says why it is off."""
        with self._lock:
            if on and not self._on:
                self.turns += 1
            self._on, self.reason = on, "" if on else reason
            interrupts = () if on else tuple(self._interrupts)
        for interrupt in interrupts:
            interrupt()

    def on_off(self, interrupt: Callable[[], None]) -> None:
        """Call this when it is turned off."""
        with self._lock:
            self._interrupts.append(interrupt)

    def forget(self, interrupt: Callable[[], None]) -> None:
        """Call it no more."""
        with self._lock:
            self._interrupts.remove(interrupt)
