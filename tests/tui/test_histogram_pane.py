"""The focused histogram: a cursor over the bars, spans by key and by mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Input

from apigw_tui.core.stats import Bars
from apigw_tui.tui.histogram import HistogramState
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui.pane_app import CET
from tests.tui.screens import until

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.message import Message
    from textual.pilot import Pilot

NOON = 1_772_449_200_000
STEP = 15_000
BARS = Bars(NOON, STEP, {"5xx": (0, 3, 0, 2) + (0,) * 36, "2xx": (9,) * 40, "none": (0,) * 40})
STATE = HistogramState(BARS, live=False, zone=CET, label="last 10 min", cursor_ms=NOON + 5 * STEP + 7)
FIRST_BAR = 6
"""Column of the first bar: margin and scale lie before it."""


class HistogramApp(App[None]):
    """The histogram alone."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.histogram = Histogram()
        self.seen: list[Message] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        yield self.histogram
        yield Input()

    def on_histogram_span_chosen(self, event: Histogram.SpanChosen) -> None:
        self.seen.append(event)

    def on_histogram_zoom_asked(self, event: Histogram.ZoomAsked) -> None:
        self.seen.append(event)

    def on_histogram_left(self, event: Histogram.Left) -> None:
        self.seen.append(event)

    def on_histogram_brush_changed(self, event: Histogram.BrushChanged) -> None:
        self.seen.append(event)


@asynccontextmanager
async def shown(state: HistogramState = STATE) -> AsyncIterator[tuple[HistogramApp, Pilot[None]]]:
    app = HistogramApp()
    async with app.run_test(size=(100, 12)) as pilot:
        app.histogram.show(state)
        app.histogram.focus()
        await until(pilot, lambda: app.histogram.has_focus)
        yield app, pilot


def text(app: HistogramApp) -> str:
    return "\n".join(app.histogram.plain_lines())


async def chosen_span(app: HistogramApp, pilot: Pilot[None]) -> tuple[int, int]:
    await until(pilot, lambda: any(isinstance(event, Histogram.SpanChosen) for event in app.seen))
    return next(event.span for event in app.seen if isinstance(event, Histogram.SpanChosen))


async def test_the_cursor_starts_at_the_row_of_the_list_and_tells_of_its_bar() -> None:
    async with shown() as (app, pilot):
        await until(pilot, lambda: "12:01:15 – 12:01:30" in text(app))
        assert "9 requests" in text(app)
        await pilot.press("left", "left")
        await until(pilot, lambda: "11 requests · 2 5xx" in text(app))


async def test_enter_takes_the_bar_under_the_cursor() -> None:
    async with shown() as (app, pilot):
        await pilot.press("right", "enter")
        assert await chosen_span(app, pilot) == (NOON + 6 * STEP, NOON + 7 * STEP)


async def test_v_begins_a_span_that_the_arrows_extend() -> None:
    async with shown() as (app, pilot):
        await pilot.press("v", "left", "left", "left", "left")
        await until(pilot, lambda: "12:00:15 – 12:01:30" in text(app))
        assert "50 requests · 5 5xx" in text(app)
        assert "▴───┘" in text(app)
        await pilot.press("v", "right", "enter")
        assert await chosen_span(app, pilot) == (NOON + STEP, NOON + 7 * STEP)


async def test_escape_drops_the_span_first_and_leaves_then() -> None:
    async with shown() as (app, pilot):
        await pilot.press("v", "left", "escape")
        await until(pilot, lambda: not app.histogram.is_selecting)
        assert not any(isinstance(event, Histogram.Left) for event in app.seen)
        await pilot.press("escape")
        await until(pilot, lambda: any(isinstance(event, Histogram.Left) for event in app.seen))


async def test_beginning_and_dropping_a_span_is_told_because_the_keys_mean_something_else() -> None:
    async with shown() as (app, pilot):
        await pilot.press("v", "left", "right", "escape")
        await until(pilot, lambda: len(app.seen) == 2)
        assert all(isinstance(event, Histogram.BrushChanged) for event in app.seen)


async def test_the_mouse_selects_a_span_from_bar_to_bar() -> None:
    async with shown() as (app, pilot):
        await pilot.mouse_down(app.histogram, offset=(FIRST_BAR + 10, 3))
        await pilot.hover(app.histogram, offset=(FIRST_BAR + 13, 3))
        await pilot.mouse_up(app.histogram, offset=(FIRST_BAR + 13, 3))
        await until(pilot, lambda: app.histogram.is_selecting)
        await pilot.press("enter")
        assert await chosen_span(app, pilot) == (NOON + 10 * STEP, NOON + 14 * STEP)


async def test_zooming_is_asked_for_around_the_cursor() -> None:
    async with shown() as (app, pilot):
        await pilot.press("z", "Z")
        await until(pilot, lambda: len(app.seen) == 2)
        asked = [event for event in app.seen if isinstance(event, Histogram.ZoomAsked)]
        assert [event.direction for event in asked] == ["in", "out"]
        assert asked[0].brush.at == NOON + 5 * STEP


async def test_without_focus_there_is_no_cursor_and_the_range_is_named_again() -> None:
    async with shown() as (app, pilot):
        await until(pilot, lambda: "last 10 min" not in text(app))
        app.query_one(Input).focus()
        await until(pilot, lambda: "last 10 min" in text(app))
        assert "12:01:15" not in text(app)


async def test_the_cursor_keeps_its_time_while_the_bars_move_on() -> None:
    async with shown() as (app, pilot):
        await pilot.press("left")
        later = Bars(NOON + 2 * STEP, STEP, BARS.counts)
        app.histogram.show(HistogramState(later, zone=CET, label="last 10 min"))
        await until(pilot, lambda: "12:01:00 – 12:01:15" in text(app))
