"""Backfill: a range of several groups read from its end back to its start.

Windows grow from seconds by what they yield, so that the first screenful comes with the first calls. Every
window is independent of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.calls import back_off
from apigw_tui.sources.events_page import page_frame
from apigw_tui.sources.failures import PASSING, FailureKind, kind_of
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader

if TYPE_CHECKING:
    from apigw_tui.sources.session import Aws

FIRST_WINDOW_MS: Final = 5_000
MOST_GROWTH: Final = 8.0
LEAST_GROWTH: Final = 0.5
EVENTS_PER_WINDOW: Final = 10_000
ATTEMPTS: Final = 6


@dataclass
class GroupWalk:
    """How far back one group was read: everything after `cursor` up to the range's end."""

    group: FollowedGroup
    start: int
    cursor: int
    span: int = FIRST_WINDOW_MS

    @property
    def done(self) -> bool:
        """Whether the start was reached."""
        return self.cursor < self.start

    def next_window(self, pattern: str | None) -> Window:
        """The span before the cursor."""
        return Window(self.group, max(self.start, self.cursor - self.span + 1), self.cursor, pattern)

    def finished(self, window: Window, *, events: int) -> None:
        """Move back, and size the next window by what this one gave."""
        self.cursor = window.start - 1
        wanted = EVENTS_PER_WINDOW / events if events else MOST_GROWTH
        self.span = max(1, int(self.span * min(MOST_GROWTH, max(LEAST_GROWTH, wanted))))


class Backfill:
    """One pass over a range, newest first; the groups advance side by side."""

    def __init__(
        self,
        aws: Aws,
        groups: Sequence[FollowedGroup],
        *,
        clock: Callable[[], int],
        pattern: str | None,
        priority: Priority = Priority.VISIBLE,
    ) -> None:
        self._aws = aws
        self._groups = groups
        self._clock = clock
        self._pattern = pattern
        self._priority = priority
        self._events = 0
        self._pages = 0

    def read(self, start: int, end: int, stop: StopFlag) -> Iterator[Update]:
        """Yield batches, progress after each window, and passing trouble.

        Raises AppError when no group can be read or trouble does not pass.
        """
        walks = [GroupWalk(group, start, end) for group in self._groups]
        while not stop.is_set() and (unfinished := [walk for walk in walks if not walk.done]):
            walk = max(unfinished, key=lambda walk: walk.cursor)
            try:
                yield from self._read_window(walk, stop)
            except AppError as error:
                if kind_of(error) in PASSING or len(walks) == 1:
                    raise
                walks.remove(walk)
                yield Trouble(error, retry_at=None)
                continue
            if not stop.is_set():
                yield self._progress(walks, start)
        if not stop.is_set() and end < start:
            yield Progress(0, 0, read_from=start, done=True)

    def _progress(self, walks: Sequence[GroupWalk], start: int) -> Progress:
        read_from = max(start, *(walk.cursor + 1 for walk in walks))
        return Progress(self._events, self._pages, read_from, done=all(walk.done for walk in walks))

    def _read_window(self, walk: GroupWalk, stop: StopFlag) -> Iterator[Update]:
        reader = WindowReader(self._aws, walk.next_window(self._pattern), self._priority)
        pauses = back_off()
        attempts = 0
        events = 0
        while not reader.done:
            try:
                page = reader.next_page(stop)
            except AppError as error:
                attempts += 1
                if not self._may_pass(error, attempts):
                    raise
                pause = next(pauses)
                yield Trouble(error, retry_at=self._clock() + int(pause * 1000))
                if stop.wait(pause):
                    return
                continue
            if page is None:
                return
            attempts, pauses = 0, back_off()
            self._pages += 1
            if page.events:
                events += len(page.events)
                self._events += len(page.events)
                yield Batch(page_frame(page.events, log_group=walk.group.name, scope=walk.group.scope))
        walk.finished(reader.window, events=events)

    def _may_pass(self, error: AppError, attempts: int) -> bool:
        kind = kind_of(error)
        if kind not in PASSING or attempts >= ATTEMPTS:
            return False
        if kind is FailureKind.EXPIRED:
            self._aws.renew()
        # Nothing read yet: whoever waits for the first screen must hear what is wrong at once.
        return self._pages > 0 or kind is FailureKind.THROTTLED
