"""One window of a tail on its way through its pages."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.log_windows import FollowedGroup, Window, WindowReader

if TYPE_CHECKING:
    from apigw_tui.sources.coverage import Span
    from apigw_tui.sources.events_page import EventsPage
    from apigw_tui.sources.session import Aws


class Purpose(IntEnum):
    """Why a window is read; the first comes first."""

    HEAD = 0
    SWEEP = 1
    BACKLOG = 2


_PRIORITIES: Final = {
    Purpose.HEAD: Priority.TAIL,
    Purpose.SWEEP: Priority.TAIL,
    # What was missed for hours waits in line with history: what happens now is more urgent.
    Purpose.BACKLOG: Priority.VISIBLE,
}


_MOST_SKEW_MS: Final = 10 * 60_000
"""AWS refuses calls of a clock that is wrong by more than five minutes."""


class Reading:
    """A window, its purpose, and what it has brought so far.

    `began_at` is when its first page was asked for: what could be read then has been read once it is done. It is
    the service's time where this machine's clock is ahead of it, or else too young times would pass for old ones.
    """

    def __init__(self, aws: Aws, group: FollowedGroup, span: Span, *, purpose: Purpose, pattern: str | None) -> None:
        self.span = span
        self.purpose = purpose
        self.began_at: int | None = None
        self.pages = 0
        self.events = 0
        self.last_page_events = 0
        window = Window(group, span.start, span.end, pattern)
        self.reader = WindowReader(aws, window, _PRIORITIES[purpose])

    @property
    def done(self) -> bool:
        """Whether its last page was read."""
        return self.reader.done

    def took(self, page: EventsPage, *, began_at: int) -> None:
        """Count a page."""
        if self.began_at is None:
            ahead = began_at - (page.answered_at or began_at)
            self.began_at = began_at - ahead if 0 < ahead < _MOST_SKEW_MS else began_at
        self.pages += 1
        self.events += len(page.events)
        self.last_page_events = len(page.events)
