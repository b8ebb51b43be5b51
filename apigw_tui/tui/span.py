"""Spans of time in the histogram: the bar under the cursor, the span selected from it, and zooming around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from apigw_tui.core.timerange import TimeRange

if TYPE_CHECKING:
    from apigw_tui.core.stats import Bars

LEAST_STEP_MS: Final = 1_000
"""A bar is never shorter."""


@dataclass(frozen=True)
class Brush:
    """Where the cursor stands, as the start of its bar, and the bar where a span began.

    Times, not numbers of bars: while it is live the bars move on under it.
    """

    at: int
    anchor: int | None = None

    @property
    def is_selecting(self) -> bool:
        """Whether a span is being selected."""
        return self.anchor is not None

    def span(self, bars: Bars) -> tuple[int, int]:
        """Start and end (exclusive) of the selected bars, else of the one under the cursor."""
        other = self.at if self.anchor is None else self.anchor
        return min(self.at, other), max(self.at, other) + bars.step_ms

    def moved(self, by: int, bars: Bars) -> Brush:
        """The brush so many bars later; it stays among them."""
        return replace(self, at=self.at + by * bars.step_ms).within(bars)

    def within(self, bars: Bars) -> Brush:
        """The brush on the bars that there are now."""
        return Brush(_bar_at(self.at, bars), None if self.anchor is None else _bar_at(self.anchor, bars))

    def toggled(self) -> Brush:
        """The brush with a span begun here; or with the cursor on the other end of its span."""
        return Brush(self.at, self.at) if self.anchor is None else Brush(self.anchor, self.at)

    def extended_to(self, at: int) -> Brush:
        """The brush dragged to another bar; a span begins where it leaves its own."""
        if self.anchor is None and at == self.at:
            return self
        return Brush(at, self.at if self.anchor is None else self.anchor)


def closed(span: tuple[int, int]) -> TimeRange:
    """The range with both ends inclusive of a span whose end is exclusive."""
    return TimeRange(span[0], span[1] - 1)


def zoomed_in(brush: Brush, bars: Bars) -> TimeRange | None:
    """The selected span, else half of what is shown around the cursor; None where bars cannot get shorter."""
    if bars.step_ms <= LEAST_STEP_MS:
        return None
    if brush.is_selecting:
        return TimeRange(*brush.span(bars))
    half = max(len(bars) * bars.step_ms // 2, LEAST_STEP_MS)
    start = brush.at + bars.step_ms // 2 - half // 2
    return _moved_into(TimeRange(start, start + half), (bars.start, bars.start + len(bars) * bars.step_ms))


def zoomed_out(brush: Brush, bars: Bars, whole: tuple[int, int]) -> TimeRange | None:
    """Twice of what is shown around the cursor; None where that is all that was read."""
    double = 2 * len(bars) * bars.step_ms
    if double >= whole[1] - whole[0]:
        return None
    start = brush.at + bars.step_ms // 2 - double // 2
    return _moved_into(TimeRange(start, start + double), whole)


def iso(ms: int) -> str:
    """A time as it is typed: ISO 8601 in UTC, with milliseconds where there are some."""
    seconds, millis = divmod(ms, 1_000)
    text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
    return f"{text}.{millis:03}Z" if millis else f"{text}Z"


def _bar_at(ms: int, bars: Bars) -> int:
    number = min(max((ms - bars.start) // bars.step_ms, 0), max(len(bars) - 1, 0))
    return bars.start + number * bars.step_ms


def _moved_into(window: TimeRange, whole: tuple[int, int]) -> TimeRange:
    """The window, moved so that it lies within a whole that is no shorter."""
    end = window.start if window.end is None else window.end
    shift = max(whole[0] - window.start, 0) + min(whole[1] - end, 0)
    return TimeRange(window.start + shift, end + shift)
