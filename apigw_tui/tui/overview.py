"""The overview: histogram and legend side by side, as large as the terminal allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.legend import Legend, legend_width

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size

_FULL_WIDTH: Final = 97
_AIRY_WIDTH: Final = 120
_AIRY_HEIGHT: Final = 33
_HIDDEN_BELOW: Final = 16
_SMALL_BELOW: Final = 30
_TALL_FROM: Final = 40
_SMALL_ROWS: Final = 3
_ROWS: Final = 7
_TALL_ROWS: Final = 8


@dataclass(frozen=True)
class OverviewSize:
    """Rows of the overview and blank rows around it; 0 rows: hidden."""

    rows: int
    above: int = 0
    below: int = 0


def overview_size(main_width: int, screen_width: int, screen_height: int) -> OverviewSize:
    """Return how large the overview is: the list needs its rows first."""
    if screen_height < _HIDDEN_BELOW:
        return OverviewSize(0)
    if main_width < _FULL_WIDTH or screen_height < _SMALL_BELOW:
        return OverviewSize(_SMALL_ROWS)
    if screen_height >= _TALL_FROM:
        return OverviewSize(_TALL_ROWS, above=1, below=1)
    return OverviewSize(_ROWS, above=1 if screen_width >= _AIRY_WIDTH and screen_height >= _AIRY_HEIGHT else 0)


class Overview(Horizontal):
    """Histogram and legend; call `fit` whenever the terminal or the main area changes its size."""

    DEFAULT_CSS = """
    Overview { height: 7; background: $background; }
    Overview Histogram { width: 1fr; height: 100%; margin: 0 1 0 0; }
    Overview Legend { width: 29; height: 100%; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.histogram = Histogram(glyphs=glyphs)
        self.legend = Legend(glyphs=glyphs)

    def compose(self) -> ComposeResult:
        """Lay both side by side."""
        yield self.histogram
        yield self.legend

    def fit(self, main_width: int, screen: Size, *, below_banner: bool = False) -> None:
        """Choose the form for a main area on a screen; a banner takes the blank row above."""
        size = overview_size(main_width, screen.width, screen.height)
        self.display = size.rows > 0
        self.styles.height = max(1, size.rows)
        self.styles.margin = (0 if below_banner else size.above, 0, size.below, 0)
        self.legend.styles.width = legend_width(main_width)
