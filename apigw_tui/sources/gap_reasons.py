"""Why spans of a tail could not be read, for as long as they are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.sources.base import Gap

if TYPE_CHECKING:
    from apigw_tui.sources.coverage import Span

_SHORTEST_MS: Final = 1_000
NOT_READ_YET: Final = "not read yet: it is more than the calls per second that the region allows"


class GapReasons:
    """The reasons by time; the last may go on still."""

    def __init__(self) -> None:
        self._known: list[Gap] = []
        self._goes_on = False

    def __len__(self) -> int:
        return len(self._known)

    def begin(self, start: int, now: int, reason: str) -> None:
        """Nothing has been read since `start`; called again, it goes on or has another reason."""
        if self._goes_on:
            self._known[-1] = replace(self._known[-1], end=now, reason=reason)
        else:
            self._known.append(Gap(start, now, reason))
            self._goes_on = True

    def end(self, now: int) -> None:
        """Something was read."""
        if self._goes_on:
            self._known[-1] = replace(self._known[-1], end=now)
            self._goes_on = False

    def add(self, gap: Gap) -> None:
        """Something that is over already when it is noticed."""
        self._known.insert(len(self._known) - self._goes_on, gap)

    def forget_before(self, moment: int) -> None:
        """What was read since then needs no reason."""
        self._known = [gap for gap in self._known if gap.end > moment or (self._goes_on and gap is self._known[-1])]

    def of(self, spans: Sequence[Span], *, otherwise: str | None) -> Iterator[Gap]:
        """The spans with their reasons; without one it is `otherwise`, and with neither a span is left out."""
        for span in spans:
            if span.end - span.start < _SHORTEST_MS:
                continue
            reasons = [gap.reason for gap in self._known if gap.start <= span.end and gap.end >= span.start]
            reason = reasons[-1] if reasons else otherwise
            if reason:
                yield Gap(span.start, span.end, reason)
