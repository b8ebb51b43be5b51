"""What the engine is told: by the UI thread, by the readers of sources, by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from apigw_tui.core.difference_sides import Differences, Sides
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import Source, Update
    from apigw_tui.tui.gathered import Gathered
    from apigw_tui.tui.marks import Marks
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.term_weights import TermWeights


@dataclass(frozen=True)
class Opened:
    """Another source is to be read."""

    generation: int
    source: Source
    time_range: TimeRange
    session: Session
    now: int


@dataclass(frozen=True)
class Narrowed:
    """The same source is to be shown with another query, mode or highlighting."""

    session: Session


@dataclass(frozen=True)
class Spanned:
    """A span of what was read is to be shown, or all of it."""

    span: TimeRange | None


@dataclass(frozen=True)
class Zoomed:
    """The bars are to show a part of what was read, or all of it."""

    window: TimeRange | None


@dataclass(frozen=True)
class Selected:
    """A request's story is to be stitched."""

    key: int | None


@dataclass(frozen=True)
class Wanted:
    """A request is to be found by an ID; `sought`: the source has been asked already."""

    identifier: str
    sought: bool = False


@dataclass(frozen=True)
class WeightsWanted:
    """What each term of the query hides is to be counted, and told to `publish`."""

    publish: Callable[[TermWeights], None]


@dataclass(frozen=True)
class ComparisonWanted:
    """What sets some requests apart is to be found out, and told to `publish` with the generation of the source."""

    publish: Callable[[int, Differences], None]
    sides: Sides | None = None


@dataclass(frozen=True)
class IncidentWanted:
    """What is shown is to be bundled: what the engine knows of it is told to `publish`, in the engine's thread."""

    publish: Callable[[Gathered], None]


@dataclass(frozen=True)
class Resized:
    """The main area is so wide now."""

    width: int


@dataclass(frozen=True)
class BoardShown:
    """The board is looked at, or no more."""

    shown: bool


@dataclass(frozen=True)
class Paused:
    """The picture is to be held, or to catch up."""

    paused: bool


@dataclass(frozen=True)
class Marked:
    """These rows are marked."""

    marks: Marks


@dataclass(frozen=True)
class Cancelled:
    """The range is to be read no further; what follows goes on."""


@dataclass(frozen=True)
class OlderWanted:
    """So much time (ms) before what was read is to be read too, or what a cancelled reading left out."""

    step_ms: int


@dataclass(frozen=True)
class LiveTailTurned:
    """What is followed is to be streamed too, or no more."""

    on: bool


@dataclass(frozen=True)
class Arrived:
    """A reader brought an update; `parsed` is what the store's parser said of a batch."""

    generation: int
    update: Update
    parsed: pl.DataFrame | None = None


@dataclass(frozen=True)
class Woken:
    """A story's lines were read."""


@dataclass(frozen=True)
class Finished:
    """A reader came to its end; `error` is what ended it, if not the end of the range.

    `reading` is the number of the reading of history, None for other readers.
    """

    generation: int
    error: BaseException | None
    reading: int | None = None
