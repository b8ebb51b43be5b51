"""Backfill: a range of several groups read from its end back to its start, in slices side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event as StopFlag
from typing import TYPE_CHECKING

from apigw_tui.sources.base import Progress, Update
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.slice_readers import Reading, SliceReaders

if TYPE_CHECKING:
    from apigw_tui.sources.log_windows import FollowedGroup
    from apigw_tui.sources.session import Aws


class Backfill:
    """Passes over ranges, newest first; the groups share the readers.

    FilterLogEvents can answer the newest events first since botocore 1.44 (`startFromHead`); it is not used: the
    newest slices are so short that they come with the first calls anyway, from any endpoint.
    """

    def __init__(
        self,
        aws: Aws,
        groups: Sequence[FollowedGroup],
        *,
        clock: Callable[[], int],
        pattern: str | None,
        priority: Priority = Priority.VISIBLE,
    ) -> None:
        self._reading = Reading(aws, tuple(groups), pattern, priority, clock)

    def read(self, start: int, end: int, stop: StopFlag) -> Iterator[Update]:
        """Yield batches in any order, progress after each page, and passing trouble.

        What `read_from` of the progress says has been yielded before it. Raises AppError when no group can be read
        or trouble does not pass. Its threads end when the range is read, after `stop`, and with the iterator.
        """
        if end < start:
            yield Progress(0, 0, read_from=start, done=True)
            return
        yield from SliceReaders(self._reading, start, end, stop).updates()
