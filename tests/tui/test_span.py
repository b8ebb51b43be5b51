"""Spans of time: they are kept as times, so that they stay where they were while bars move on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.stats import Bars
from apigw_tui.core.timerange import TimeRange, parse_time
from apigw_tui.tui.histogram import bar_step
from apigw_tui.tui.span import Brush, closed, iso, zoomed_in, zoomed_out
from tests.tui.pane_app import CET

NOON = 1_772_449_200_000
STEP = 10_000


def bars_of(count: int, *, start: int = NOON, step_ms: int = STEP) -> Bars:
    return Bars(start, step_ms, {"5xx": (1,) * count, "none": (0,) * count})


def test_the_span_of_a_lone_cursor_is_its_bar() -> None:
    assert Brush(NOON).span(bars_of(6)) == (NOON, NOON + STEP)


def test_a_span_reaches_from_where_it_began_to_the_cursor_in_either_direction() -> None:
    bars = bars_of(9)
    begun = Brush(NOON + 4 * STEP).toggled()
    assert begun.moved(2, bars).span(bars) == (NOON + 4 * STEP, NOON + 7 * STEP)
    assert begun.moved(-2, bars).span(bars) == (NOON + 2 * STEP, NOON + 5 * STEP)


def test_v_again_goes_to_the_other_end() -> None:
    bars = bars_of(9)
    selected = Brush(NOON + 4 * STEP).toggled().moved(2, bars)
    swapped = selected.toggled()
    assert swapped.at == NOON + 4 * STEP
    assert swapped.span(bars) == selected.span(bars)
    assert swapped.moved(-1, bars).span(bars) == (NOON + 3 * STEP, NOON + 7 * STEP)


def test_the_cursor_stays_among_the_bars_when_they_have_moved_on() -> None:
    later = bars_of(6, start=NOON + 3 * STEP)
    assert Brush(NOON).within(later).at == NOON + 3 * STEP
    assert Brush(NOON + 99 * STEP).within(later).at == NOON + 8 * STEP


def test_a_drag_within_one_bar_selects_nothing() -> None:
    assert not Brush(NOON).extended_to(NOON).is_selecting
    assert Brush(NOON).extended_to(NOON + STEP).span(bars_of(6)) == (NOON, NOON + 2 * STEP)


def test_a_closed_range_ends_before_the_next_bar() -> None:
    assert closed((NOON, NOON + STEP)) == TimeRange(NOON, NOON + STEP - 1)


def test_zooming_in_goes_to_the_selected_span() -> None:
    bars = bars_of(60)
    selected = Brush(NOON + 10 * STEP).toggled().moved(5, bars)
    assert zoomed_in(selected, bars) == TimeRange(NOON + 10 * STEP, NOON + 16 * STEP)


def test_zooming_in_keeps_the_bar_under_the_cursor_in_the_middle_where_it_can() -> None:
    bars = bars_of(60)
    window = zoomed_in(Brush(NOON + 30 * STEP), bars)
    assert window == TimeRange(NOON + 30 * STEP + STEP // 2 - 15 * STEP, NOON + 30 * STEP + STEP // 2 + 15 * STEP)
    assert zoomed_in(Brush(NOON), bars) == TimeRange(NOON, NOON + 30 * STEP)


def test_bars_of_one_second_cannot_be_zoomed() -> None:
    assert zoomed_in(Brush(NOON), bars_of(60, step_ms=1_000)) is None


def test_zooming_out_ends_at_all_that_was_read() -> None:
    whole = (NOON, NOON + 60 * STEP)
    assert zoomed_out(Brush(NOON + 5 * STEP), bars_of(10), whole) == TimeRange(NOON, NOON + 20 * STEP)
    assert zoomed_out(Brush(NOON), bars_of(30), whole) is None


def test_times_are_written_as_they_can_be_typed() -> None:
    assert iso(NOON) == "2026-03-02T11:00:00Z"
    assert iso(NOON + 59_999) == "2026-03-02T11:00:59.999Z"


@given(ms=st.integers(0, 4_102_444_800_000))
def test_property_a_written_time_is_read_as_the_same_moment(ms: int) -> None:
    assert parse_time(iso(ms), now=NOON, tz=CET) == ms


@given(
    count=st.integers(2, 90),
    step_s=st.sampled_from([2, 5, 10, 60]),
    at=st.integers(0, 89),
    anchor=st.none() | st.integers(0, 89),
)
def test_property_zooming_in_stays_within_what_was_shown_and_shows_the_cursor(
    count: int, step_s: int, at: int, anchor: int | None
) -> None:
    bars = bars_of(count, step_ms=step_s * 1_000)
    start = None if anchor is None else NOON + anchor * bars.step_ms
    brush = Brush(NOON + at * bars.step_ms, start).within(bars)
    window = zoomed_in(brush, bars)
    assert window is not None
    assert window.end is not None
    assert bars.start <= window.start < window.end <= bars.start + count * bars.step_ms
    assert window.start < brush.at + bars.step_ms
    assert brush.at < window.end
    assert bar_step(160, window.end - window.start) <= bars.step_ms
