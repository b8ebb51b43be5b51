"""What the engine publishes: one consistent, frozen state of everything on screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_tui.core.segments import Ruler
from apigw_tui.tui import later

if TYPE_CHECKING:
    from apigw_tui.core.access_entries import AccessEntries
    from apigw_tui.core.access_guess import Guess
    from apigw_tui.core.board import Board
    from apigw_tui.core.stats import Bars, Legend, Pulse
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.core.view import View
    from apigw_tui.sources.base import Completeness, Progress, Trouble
    from apigw_tui.tui.session import Session


def _no_entries() -> AccessEntries:
    return later.AccessEntries()


@dataclass(frozen=True, eq=False)
class Picture:
    """The view and the numbers around it, all of one version of the store."""

    generation: int
    session: Session
    now: int
    view: View
    total: int
    """Rows of all that was read, before query and selected span."""
    everything: View
    """All requests of the range, whatever the query."""
    pulse: Pulse
    """Of the whole stage, over the last full minute that is complete."""
    bars: Bars
    """What the query matches in all that was read, or in the zoomed part; the stage's own where that is nothing."""
    ghost: bool
    """Whether the bars are the stage's own because nothing matches."""
    span: tuple[int, int]
    """Start and end of all that was read and is looked at, before zooming."""
    narrowed_to: TimeRange | None
    """The selected span, if only its rows are shown."""
    legend: Legend
    board: Board | None
    """None while it is not looked at."""
    completeness: Completeness | None
    progress: Progress | None
    trouble: Trouble | None
    paused: bool
    waiting: int
    """Rows that arrived since it was paused."""
    reading: bool
    """Whether the backfill is still under way."""
    following: bool
    events: int
    evicted: int
    unparsed: int
    last_event_at: int | None
    late: Mapping[int, int] = field(default_factory=dict)
    """Requests that came late, or above later ones, within the last half minute: key → delivery lag in ms."""
    late_at: tuple[int, ...] = ()
    """When those started."""
    read_back_to: int | None = None
    """From where on the range was read, where its reading ended early; None while it goes on or all was read."""
    ruler: Ruler = field(default_factory=Ruler)
    """What is loud along the rows of the view."""
    shelved: int = 0
    """Events that lie on disk because they do not fit into memory."""
    lost: int = 0
    """Events whose file on disk was removed while it was needed."""
    unsearched: int = 0
    """Rows that the query was not asked of yet, the oldest ones."""
    entries: AccessEntries = field(default_factory=_no_entries)
    """Where the access fields of rows are read."""
    guesses: tuple[Guess, ...] = ()
    """What the entries of groups without a known access format were taken for."""
    causes_note: str = ""
    """Why the lines that tell causes cannot be read; empty while they can."""
