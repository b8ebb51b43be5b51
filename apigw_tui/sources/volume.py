"""How much a group writes, as a tail sees it: what windows cost in calls."""

from __future__ import annotations

from typing import Final

USUAL_PAGE_EVENTS: Final = 2_350
"""Access entries of some 420 bytes that one page of 1 MB holds."""

_SHORTEST_MS: Final = 1_000
_SMOOTHING: Final = 0.3


class Volume:
    """Pages and events per second, smoothed; 0 before anything was read."""

    def __init__(self) -> None:
        self.pages_per_s = 0.0
        self.events_per_s = 0.0
        self._page_events = float(USUAL_PAGE_EVENTS)
        self._known = False

    def note_full_page(self, events: int) -> None:
        """A page that was not the last of its window held so many events; a pattern may leave it none."""
        self._page_events += (max(1, events) - self._page_events) * _SMOOTHING

    def note_window(self, *, span_ms: int, pages: int, events: int, last_page_events: int) -> None:
        """A window was read to its end; `span_ms` is as much of it as can have been written already."""
        seconds = max(_SHORTEST_MS, span_ms) / 1000
        cost = pages - 1 + min(1.0, last_page_events / self._page_events)
        weight = _SMOOTHING if self._known else 1.0
        self._known = True
        self.pages_per_s += (cost / seconds - self.pages_per_s) * weight
        self.events_per_s += (events / seconds - self.events_per_s) * weight

    def calls(self, span_ms: int) -> float:
        """How many calls a window takes: the last page is half full on average, and there is always one."""
        return max(1.0, self.pages_per_s * span_ms / 1000 + 0.5)

    def span_of(self, pages: float) -> int:
        """How long a window of so many pages is, in ms; very long when there is little."""
        return int(pages * 1000 / max(self.pages_per_s, 1e-6))
