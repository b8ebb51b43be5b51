"""A clock that moves only when somebody waits on its stop flag."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as StopFlag
from threading import Lock

START = 1_767_225_600_000


class VirtualTime:
    """Milliseconds, and the stop flag whose waits let them pass. Several threads may wait: each moves the clock."""

    def __init__(self, start: int = START) -> None:
        self._now = float(start)
        self.stop = VirtualStop(self)
        self.waits_left: int | None = None
        self._alarms: list[tuple[int, Callable[[], object]]] = []
        self._lock = Lock()

    def now(self) -> int:
        return round(self._now)

    def advance(self, milliseconds: float) -> None:
        with self._lock:
            self._now += milliseconds
            due = [action for at, action in self._alarms if at <= self._now]
            self._alarms = [(at, action) for at, action in self._alarms if at > self._now]
        for action in due:
            action()

    def at(self, moment: int, action: Callable[[], object]) -> None:
        """Do something when the clock gets there."""
        with self._lock:
            self._alarms.append((moment, action))

    def stop_at(self, moment: int) -> None:
        self.at(moment, self.stop.set)

    def stop_after(self, *, waits: int) -> None:
        self.waits_left = waits


class VirtualStop(StopFlag):
    """A stop flag whose waits take no real time."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            raise AssertionError("nothing may wait for ever")
        if not self.is_set():
            self._time.advance(timeout * 1000)
        if self._time.waits_left is not None:
            self._time.waits_left -= 1
            if self._time.waits_left <= 0:
                self.set()
        return self.is_set()
