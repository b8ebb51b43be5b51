"""Overlays: a raised box in the middle of the screen, over panes that recede."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.rows import FixedRows, Row, spread

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from apigw_tui.tui.line import Line


class Overlay(ModalScreen[ScreenResultType]):
    """A screen around a box: head, `body`, foot."""

    DEFAULT_CSS = """
    Overlay { align: center middle; background: $background 60%; color: $ink; }
    Overlay:ansi { background: transparent; }
    Overlay #overlay-box { background: $raised; max-width: 100%; height: auto; }
    Overlay #overlay-box:ansi { border: round $rule; }
    Overlay #overlay-head, Overlay #overlay-foot { height: 3; }
    Overlay #overlay-typed { height: 1; background: $raised; }
    Overlay Input, Overlay Input:focus {
        width: 1fr; height: 1; padding: 0; border: none;
        background: $raised; background-tint: $raised 0%; color: $ink-strong;
    }
    """
    WIDEST: ClassVar[int]
    """Cells of the box, where the screen has as many."""
    LEFT_BY_CLICK: ClassVar[bool] = True
    """Whether a click beside the box closes it."""

    def __init__(self, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._head = LineView(widget_id="overlay-head", glyphs=glyphs, thumb=False)
        self._foot = LineView(widget_id="overlay-foot", glyphs=glyphs, thumb=False)

    def compose(self) -> ComposeResult:
        """Lay head, body and foot one below the other."""
        with Vertical(id="overlay-box"):
            yield self._head
            yield from self.body()
            yield self._foot

    def body(self) -> ComposeResult:
        """What stands between head and foot; a line that is typed is in an `#overlay-typed`."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Make the box as wide as it may be."""
        self.query_one("#overlay-box").styles.width = self.WIDEST

    @property
    def box_width(self) -> int:
        """How wide the box is."""
        return min(self.WIDEST, self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Leave by a click beside the box, without an answer."""
        if event.widget is self and self.LEFT_BY_CLICK:
            self.leave_by_click()

    def leave_by_click(self) -> None:
        """Close the box, without an answer."""
        self.dismiss(None)

    def hairline(self) -> Row:
        """A line over the whole width of the box."""
        return Row((("─" * self.box_width, "rule"),), "raised")

    def head_rows(self, left: Line, right: Line, *below: Row) -> FixedRows:
        """What the head says: a title at the left, a way out at the right, a hairline, more below it."""
        titled = Row(spread(left, right, self.box_width), "raised")
        return FixedRows((Row(), titled, self.hairline(), *below))

    def foot_rows(self, left: Line, right: Line = ()) -> FixedRows:
        """What the foot says, below a hairline."""
        return FixedRows((self.hairline(), Row(spread(left, right, self.box_width), "raised"), Row()))
