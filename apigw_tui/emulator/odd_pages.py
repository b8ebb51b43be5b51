"""Pages of FilterLogEvents as they come on a bad day: empty, again, in parts, with events twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.faults import PageFault
from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.paging import Page
from apigw_tui.emulator.timeline import Position, position_of

_DOUBLED_EVERY: Final = 3
_OVERLAP: Final = 3
_ONCE_AT_A_PLACE: Final = frozenset({PageFault.EMPTY, PageFault.SAME_TOKEN, PageFault.REPEATED})


@dataclass(frozen=True)
class Asked:
    """What a page answers: the request, the token that came with it, and where the page begins."""

    request: tuple[object, ...]
    token: str | None
    origin: Position


def odd_page(
    fault: PageFault, page: Page, asked: Asked, *, conditions: Conditions, issue: Callable[[Position], str]
) -> tuple[list[LoggedEvent], str | None]:
    """The events of the odd page and its token; `issue` makes the token of a place."""
    usual = None if page.reached is None else issue(page.reached)
    if fault in _ONCE_AT_A_PLACE:
        if not conditions.is_first_at((asked.request, asked.origin)):
            return page.events, usual
        is_new = fault is PageFault.EMPTY or asked.token is None
        again = issue(asked.origin) if is_new else asked.token
        return page.events if fault is PageFault.REPEATED else [], again
    if fault is PageFault.PARTIAL:
        part = page.events[: max(1, len(page.events) // 3)]
        return part, issue(position_of(part[-1])) if len(part) < len(page.events) else usual
    if fault is PageFault.DOUBLED:
        return [event for number, event in enumerate(page.events) for _ in range(_copies(number))], usual
    overlap = min(_OVERLAP, len(page.events) - 1)
    if usual is None or overlap < 1:
        return page.events, usual
    return page.events, issue(position_of(page.events[-1 - overlap]))


def _copies(number: int) -> int:
    return 1 if number % _DOUBLED_EVERY else 2
