"""What is shown of a story and how it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from apigw_tui.tui.glyphs import UNICODE, Glyphs

if TYPE_CHECKING:
    import re

    from apigw_tui.core.story import Story
    from apigw_tui.errors import AppError
    from apigw_tui.tui.rows import FixedRows, Rows
    from apigw_tui.tui.story_head import CauseContext
    from apigw_tui.tui.story_rows import Opened

TABS: Final = ("Story", "Lines", "Access", "Payload", "Lambda", "JSON")
SIDE: Final = 51
"""Width of phases and facts beside the lines, with the hairline between."""


@dataclass(frozen=True)
class Shown:
    """What is known of one request: `fetching_ms` while more lines are being read, and for how long."""

    story: Story
    context: CauseContext | None = None
    fetching_ms: int | None = None
    error: AppError | None = None
    trace_region: str | None = None
    """Where its trace is in the AWS console."""
    untold: tuple[str, ...] = ()
    """What was not logged of it, and why."""


@dataclass(frozen=True)
class Reading:
    """Where the reader is: the tab, what is unfolded, whether lines wrap and secrets are shown."""

    tab: int = 0
    opened: frozenset[Opened] = frozenset()
    wrap: bool = False
    reveal: bool = False
    zone: tzinfo = field(default=UTC)
    glyphs: Glyphs = UNICODE
    wanted: re.Pattern[str] | None = None
    """What the query looks for."""


@dataclass(frozen=True)
class Layout:
    """Rows for each part; `side` is None where phases stand above the lines.

    `tab_row` and `tab_column` say where the tabs begin within the head.
    """

    head: FixedRows
    side: FixedRows | None
    main: Rows
    has_cursor: bool
    tab_row: int
    tab_column: int
