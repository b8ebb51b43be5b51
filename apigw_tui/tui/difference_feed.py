"""How often it is found out what sets some requests apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Final

_REST: Final = 4
"""So many times as long as comparing took, what was found may stay as it is."""
_LEAST_REST_S: Final = 1.0


class ComparingPace:
    """When to compare again: at once for something else, of more rows after a rest. `stopwatch` gives seconds."""

    def __init__(self, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._stopwatch = stopwatch
        self._asked: tuple[Hashable, Hashable] | None = None
        self._began = self._due = 0.0
        self._waits = False

    def is_due(self, about: Hashable, version: Hashable) -> bool:
        """Whether to compare now; then an answer is awaited, and until it came nothing else is due."""
        if self._waits or self._asked == (about, version):
            return False
        if self._asked is not None and self._asked[0] == about and self._stopwatch() < self._due:
            return False
        self._asked, self._waits, self._began = (about, version), True, self._stopwatch()
        return True

    def answered(self) -> None:
        """The answer is here."""
        now = self._stopwatch()
        self._waits = False
        self._due = now + max(_LEAST_REST_S, _REST * (now - self._began))

    def forget(self) -> None:
        """Nothing was asked, nothing is awaited."""
        self._asked, self._waits = None, False
