"""The board of the moment, summed up in the engine's thread only while it is looked at."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from apigw_tui.core.board import Board, board

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from apigw_tui.core.view import View

_REST: Final = 4
"""So many times as long as summing up took, the board may stay as it is: readers need the thread, too."""


class BoardFeed:
    """Keeps the last board; `shown` turns it on. `stopwatch` gives seconds."""

    def __init__(self, stopwatch: Callable[[], float] = time.perf_counter) -> None:
        self.shown = False
        self._stopwatch = stopwatch
        self._board: Board | None = None
        self._about: Hashable = None
        self._version: Hashable = None
        self._due = 0.0

    def board(self, requests: View, *, about: Hashable, start: int, end: int) -> Board | None:
        """The board of these requests; of many it may lag behind, unless it is `about` something else than before."""
        if not self.shown:
            self._board = None
            return None
        version = (requests.version, start, end)
        same = self._board is not None and about == self._about
        if same and (version == self._version or self._stopwatch() < self._due):
            return self._board
        began = self._stopwatch()
        self._board = board(requests.frame(), start=start, end=end)
        self._about, self._version = about, version
        ended = self._stopwatch()
        self._due = ended + _REST * (ended - began)
        return self._board
