"""A stop flag that also heeds another one."""

from __future__ import annotations

from threading import Event as StopFlag
from typing import Final

_STEP_S: Final = 0.25


class LinkedStop(StopFlag):
    """Set when it is set itself, or when the flag of whoever started the work is."""

    def __init__(self, outer: StopFlag) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        """Whether to stop."""
        return super().is_set() or self._outer.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait by the outer flag's clock, looking at this one every quarter of a second."""
        while not self.is_set() and (timeout is None or timeout > 0):
            step = _STEP_S if timeout is None else min(timeout, _STEP_S)
            self._outer.wait(step)
            timeout = None if timeout is None else timeout - step
        return self.is_set()
