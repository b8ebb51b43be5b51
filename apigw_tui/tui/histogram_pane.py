"""The histogram as a pane: bars to look at, and while it is focused a cursor that selects a span of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual.message import Message

from apigw_tui.core import units
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.histogram import HistogramState, bar_under, histogram_lines
from apigw_tui.tui.line import Line
from apigw_tui.tui.painted import Painted
from apigw_tui.tui.span import Brush

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from apigw_tui.core.stats import Bars

_KEYS: Final = ("bar_left", "bar_right", "select_span", "zoom_in", "zoom_out", "open", "back")


class Histogram(Painted, can_focus=True):
    """Title, bars with their scale, ticks; in three rows or fewer only bars and ticks."""

    DEFAULT_CSS = """
    Histogram { height: 7; background: $background; color: $ink; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("histogram", chosen(*_KEYS))]

    class SpanChosen(Message):
        """A span, its end exclusive, is to be looked at alone."""

        def __init__(self, span: tuple[int, int]) -> None:
            super().__init__()
            self.span = span

    class ZoomAsked(Message):
        """Fewer or more bars around the cursor are wanted."""

        def __init__(self, direction: Literal["in", "out"], brush: Brush) -> None:
            super().__init__()
            self.direction = direction
            self.brush = brush

    class BrushChanged(Message):
        """A span was begun or dropped: the keys mean something else."""

    class Left(Message):
        """The reader stepped back to the list."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._state: HistogramState | None = None
        self._brush: Brush | None = None
        self._dragging = False

    @property
    def bars(self) -> Bars | None:
        """The bars that are shown."""
        return self._state.bars if self._state else None

    @property
    def is_selecting(self) -> bool:
        """Whether a span is being selected."""
        return self._brush is not None and self._brush.is_selecting

    def show(self, state: HistogramState) -> None:
        """Show bars; the cursor stays at its time."""
        if self._brush is not None and len(state.bars):
            self._brush = self._brush.within(state.bars)
        if state != self._state:
            self._state = state
            self.repaint()
        if self.has_focus:
            self._put_cursor()

    def point_at(self, cursor_ms: int | None) -> None:
        """Point at the time of the row under the list's cursor."""
        if self._state is not None:
            self.show(replace(self._state, cursor_ms=cursor_ms))

    def drop_span(self) -> None:
        """Select nothing; the cursor stays."""
        if self._brush is not None:
            self._set(Brush(self._brush.at))

    def paint(self, width: int, height: int, /) -> list[Line]:
        """Return the lines."""
        if self._state is None:
            return []
        state = self._state if self._brush is None else _brushed(self._state, self._brush)
        return histogram_lines(state, width, height, glyphs=self.glyphs, mono=self.inks.mono)

    # -- keys

    def action_bar_left(self) -> None:
        """One bar earlier."""
        self._move(-1)

    def action_bar_right(self) -> None:
        """One bar later."""
        self._move(1)

    def action_select_span(self) -> None:
        """Begin a span, or go to its other end."""
        if self._brush is not None:
            self._set(self._brush.toggled())

    def action_open(self) -> None:
        """Look at the selected span, or the bar under the cursor, alone."""
        if self._brush is not None and self.bars is not None:
            self.post_message(self.SpanChosen(self._brush.span(self.bars)))

    def action_zoom_in(self) -> None:
        """Show fewer bars' time in as many bars."""
        if self._brush is not None:
            self.post_message(self.ZoomAsked("in", self._brush))

    def action_zoom_out(self) -> None:
        """Show more time."""
        if self._brush is not None:
            self.post_message(self.ZoomAsked("out", self._brush))

    def action_back(self) -> None:
        """Drop the span, or step back to the list."""
        if self.is_selecting:
            self.drop_span()
        else:
            self.post_message(self.Left())

    # -- Textual's events

    def on_focus(self) -> None:
        """Show where the cursor is."""
        self._put_cursor()

    def on_blur(self) -> None:
        """Take the cursor away."""
        self._set(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor on a bar and hold on to the mouse."""
        at = self._bar_at(event.x)
        if at is not None:
            self._set(Brush(at))
            self._dragging = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the span to the bar under the mouse."""
        at = self._bar_at(event.x)
        if self._dragging and at is not None and self._brush is not None:
            self._set(self._brush.extended_to(at))

    def on_mouse_up(self) -> None:
        """Let go of the mouse; the span stays."""
        self._dragging = False
        self.release_mouse()

    # -- inside

    def _put_cursor(self) -> None:
        """Put a cursor on the bar of the list's row, or on the newest one, where there is none yet."""
        state = self._state
        if self._brush is None and state is not None and len(state.bars):
            newest = state.bars.start + len(state.bars) * state.bars.step_ms
            self._set(Brush(newest if state.cursor_ms is None else state.cursor_ms).within(state.bars))

    def _move(self, by: int) -> None:
        if self._brush is not None and self.bars is not None and len(self.bars):
            self._set(self._brush.moved(by, self.bars))

    def _set(self, brush: Brush | None) -> None:
        was_selecting = self.is_selecting
        self._brush = brush
        if was_selecting != self.is_selecting:
            self.post_message(self.BrushChanged())
        self.repaint()

    def _bar_at(self, x: int) -> int | None:
        if self._state is None or not len(self._state.bars):
            return None
        return bar_under(self._state, x, width=self.content_size.width, height=self.content_size.height)


def _brushed(state: HistogramState, brush: Brush) -> HistogramState:
    """The state with the cursor in it, and instead of the range what the bars under the cursor count."""
    span = brush.span(state.bars)
    return replace(
        state,
        focused=True,
        cursor_ms=brush.at,
        pointed=span,
        selection=span if brush.is_selecting else state.selection,
        label=_counted(state.bars, span),
    )


def _counted(bars: Bars, span: tuple[int, int]) -> str:
    first, last = ((ms - bars.start) // bars.step_ms for ms in span)
    counts = {name: sum(values[first:last]) for name, values in bars.counts.items()}
    failing = "".join(f" · {units.count(counts[name])} {name}" for name in ("5xx", "4xx") if counts.get(name))
    total = sum(counts.values())
    return f"{units.count(total)} request{'' if total == 1 else 's'}{failing}"
