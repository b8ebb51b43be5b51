"""What the engine publishes: one consistent, frozen state of everything on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_tui.core.stats import Bars, Legend, Pulse
    from apigw_tui.core.view import View
    from apigw_tui.sources.base import Completeness, Progress, Trouble
    from apigw_tui.tui.session import Session


@dataclass(frozen=True, eq=False)
class Picture:
    """The view and the numbers around it, all of one version of the store."""

    generation: int
    session: Session
    now: int
    view: View
    pulse: Pulse
    """Of the whole stage, over the last full minute that is complete."""
    bars: Bars
    """What the query matches; the whole stage where it matches nothing."""
    legend: Legend
    completeness: Completeness | None
    progress: Progress | None
    trouble: Trouble | None
    paused: bool
    reading: bool
    """Whether the backfill is still under way."""
    following: bool
    events: int
    evicted: int
    unparsed: int
    last_event_at: int | None
    late: Mapping[int, int] = field(default_factory=dict)
    """Requests that came late within the last half minute: key → lag in ms."""
