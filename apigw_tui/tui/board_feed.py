"""The board of the moment, summed up in the engine's thread only while it is looked at."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from apigw_tui.core.board import Board, board_of, grain_of
from apigw_tui.core.board_digest import READ, Digest, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import polars as pl

    from apigw_tui.core.view import View

if TYPE_CHECKING:
    Each = Callable[[View, Callable[[pl.DataFrame], Digest], Sequence[str]], Sequence[Digest]]

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
        self._counting: dict[int, Callable[[pl.DataFrame], Digest]] = {}

    def board(self, requests: View, *, about: Hashable, start: int, end: int, each: Each | None = None) -> Board | None:
        """The board of these requests; of many it may lag behind, unless it is `about` something else than before.

        `each` counts every part of them once.
        """
        if not self.shown:
            self._board = None
            return None
        version = (requests.version, start, end)
        same = self._board is not None and about == self._about
        if same and (version == self._version or self._stopwatch() < self._due):
            return self._board
        began = self._stopwatch()
        grain = grain_of(start, end)
        count = self._counting.setdefault(grain, partial(digest, grain_ms=grain))
        digests = each(requests, count, READ) if each else [count(requests.frame(READ))]
        self._board = board_of(digests, start=start, end=end)
        self._about, self._version = about, version
        ended = self._stopwatch()
        self._due = ended + _REST * (ended - began)
        return self._board
