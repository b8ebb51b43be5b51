"""The histogram: failing requests on one base line, no failure lost, nothing pending looks final."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.stats import Bars
from apigw_tui.core.stats import Legend as LegendCounts
from apigw_tui.tui.bar_cells import Column, cell, heights
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.histogram import HistogramState, bar_step, bar_under, histogram_lines, scale_top
from apigw_tui.tui.legend import legend_lines, legend_width
from apigw_tui.tui.line import Line, plain, width_of
from apigw_tui.tui.overview import overview_size
from tests.tui.invented_rows import bars, legend

ZONE = timezone(timedelta(hours=1))
MINUTE = 60_000
NOON = 1_772_449_200_000
"""2026-03-02T11:00:00Z, 12:00 in the zone."""

columns = st.builds(Column, failing=st.integers(0, 500), refused=st.integers(0, 500), rest=st.integers(0, 2_000))


def cells(column: Column, top: int, rows: int) -> list[tuple[str, str]]:
    levels = heights(column, top, rows)
    return [cell(column, levels, row, glyphs=UNICODE, shades=False) for row in range(rows)]


def state_of(
    failing: list[int], rest: list[int] | None = None, *, start: int = NOON, step_ms: int = 15_000
) -> HistogramState:
    others = rest if rest is not None else [0] * len(failing)
    counts = {"5xx": tuple(failing), "2xx": tuple(others)}
    return HistogramState(Bars(start, step_ms, counts), live=False, zone=ZONE, label="last 15 min")


def specs(lines: list[Line]) -> set[str]:
    return {spec for line in lines for text, spec in line if text.strip() or "on " in spec}


@given(column=columns, rows=st.integers(2, 8))
def test_property_any_failure_is_seen_on_the_base_line(column: Column, rows: int) -> None:
    base = cells(column, scale_top(column.total), rows)[0]
    if column.failing:
        assert base[0] in "▁▂▃▄▅▆▇█"
        assert base[1].startswith("fill-5xx")
    else:
        assert "fill-5xx" not in base[1]


@given(column=columns, rows=st.integers(2, 8))
def test_property_layers_lie_on_each_other_from_one_base(column: Column, rows: int) -> None:
    failing, refused, total = heights(column, scale_top(column.total), rows)
    assert 0 <= failing <= refused <= total <= rows * 8 + 1
    assert bool(failing) == bool(column.failing)
    assert bool(total) == bool(column.total)


def test_one_failure_among_many_is_an_eighth() -> None:
    assert cells(Column(1, 0, 700), 750, 5)[0] == ("▁", "fill-5xx on fill-2xx")


def test_refusals_stand_on_failures_and_the_rest_on_both() -> None:
    drawn = cells(Column(10, 10, 10), 30, 3)
    assert [spec for _, spec in drawn] == ["fill-5xx", "fill-4xx", "fill-2xx"]


def test_of_three_classes_in_a_cell_the_failing_one_stays() -> None:
    assert cells(Column(1, 0, 3), 10, 1)[0][1].startswith("fill-5xx")
    assert cells(Column(2, 3, 3), 8, 1) == [("▂", "fill-5xx on fill-4xx")]


def test_a_single_eighth_of_refusals_gives_way() -> None:
    assert cells(Column(0, 1, 4), 8, 1) == [("▅", "fill-2xx")]


def test_bars_newer_than_complete_are_pending_and_their_failures_stay_loud() -> None:
    state = HistogramState(Bars(NOON, 15_000, {"5xx": (5, 5), "2xx": (20, 20)}), complete_to=NOON + 15_000, zone=ZONE)
    lines = histogram_lines(state, 66, 7)
    assert {"fill-pending", "fill-2xx", "fill-5xx"} <= {spec.split(" on ")[0] for spec in specs(lines)}
    assert "15 s pending" in plain(lines[0])


def test_without_proof_everything_is_pending() -> None:
    state = HistogramState(Bars(NOON, 15_000, {"5xx": (0, 0), "2xx": (20, 20)}), zone=ZONE)
    assert "fill-2xx" not in specs(histogram_lines(state, 66, 7))


def test_a_file_has_nothing_pending() -> None:
    lines = histogram_lines(state_of([0, 0], [20, 20]), 66, 7)
    assert "fill-pending" not in specs(lines)
    assert "pending" not in plain(lines[0])


def test_unread_time_is_shaded_over_the_full_height() -> None:
    state = state_of([0] * 60, [20] * 60)
    unread = HistogramState(
        state.bars, live=False, unread=((NOON + 30_000, NOON + 60_000),), zone=ZONE, label="last 15 min"
    )
    lines = histogram_lines(unread, 66, 7)
    for line in lines[1:6]:
        assert plain(line)[6:12].replace("█", "x")[2:4] == "░░"
    assert "30 s not read" in plain(lines[0])


def test_where_nothing_matches_the_stages_own_bars_are_a_shadow() -> None:
    state = HistogramState(bars(), complete_to=bars().start, ghost=True, zone=ZONE)
    drawn = {part for spec in specs(histogram_lines(state, 66, 7)) for part in spec.split(" on ")}
    assert {"raised", "spark"} <= drawn
    assert not {"fill-5xx", "fill-4xx", "fill-2xx"} & drawn


def test_outside_a_selection_the_bars_fade_and_the_span_is_named() -> None:
    state = HistogramState(
        bars(60, 15_000, end=NOON),
        live=False,
        selection=(NOON - 9 * MINUTE, NOON - 7 * MINUTE),
        zone=ZONE,
    )
    lines = histogram_lines(state, 66, 7)
    assert "└──────┘ 11:51:00 – 11:53:00" in plain(lines[-1])
    assert {"raised", "fill-2xx"} <= specs(lines)


def test_a_selection_at_the_end_is_named_on_its_left() -> None:
    state = HistogramState(bars(60, 15_000, end=NOON), live=False, selection=(NOON - MINUTE, NOON), zone=ZONE)
    assert plain(histogram_lines(state, 66, 7)[-1]).endswith(" 11:59:00 – 12:00:00 └──┘")


def test_ticks_stand_at_round_minutes_under_their_bar() -> None:
    lines = histogram_lines(state_of([0] * 60, [9] * 60, start=NOON - 10 * MINUTE), 66, 7)
    ticks = plain(lines[-1])
    assert ticks[6:].startswith("11:50")
    assert ticks.index("11:55") == 6 + 20
    assert ticks.index("12:00") == 6 + 40


def test_the_pointer_stands_under_the_row_of_the_list() -> None:
    state = state_of([0] * 60, [9] * 60)
    pointed = HistogramState(state.bars, live=False, cursor_ms=NOON + 31 * 15_000 + 1, zone=ZONE, label="last 15 min")
    assert plain(histogram_lines(pointed, 66, 7)[-1])[6 + 31] == "▴"


def test_the_scale_has_a_round_top_its_half_and_zero() -> None:
    lines = histogram_lines(state_of([0] * 60, [745] * 60), 66, 7)
    assert [plain(line)[:6].strip() for line in lines[1:6]] == ["750", "", "375", "", "0"]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (3, 4), (17, 20), (495, 500), (745, 750), (751, 800), (12_001, 14_000)]
)
def test_the_top_of_the_scale_is_round_with_a_whole_half(most: int, top: int) -> None:
    assert scale_top(most) == top


@given(most=st.integers(0, 10_000_000))
def test_property_the_scale_holds_the_highest_bar_and_is_not_twice_as_high(most: int) -> None:
    top = scale_top(most)
    assert most <= top <= max(2, most * 2)
    assert top % 2 == 0


def test_three_rows_are_two_of_bars_and_the_ticks() -> None:
    lines = histogram_lines(state_of([0] * 60, [9] * 60), 62, 3)
    assert len(lines) == 3
    assert plain(lines[1]) == "  " + "█" * 54 or plain(lines[1]).startswith("  █")
    assert "12:00" in plain(lines[2])
    assert width_of(lines[0]) == 62


def test_a_chart_that_has_no_room_shows_the_newest_bars() -> None:
    state = state_of([0] * 59 + [5], [9] * 60)
    lines = histogram_lines(state, 30, 3)
    assert width_of(lines[0]) == 30
    assert any(spec.startswith("fill-5xx") for _, spec in lines[1])


def test_without_colours_glyphs_tell_the_classes() -> None:
    state = HistogramState(Bars(NOON, 15_000, {"5xx": (9, 0, 0), "4xx": (0, 9, 0), "2xx": (0, 0, 9)}), live=False)
    base = plain(histogram_lines(state, 30, 3, mono=True)[1])
    assert base.strip() == "█▓░"
    base = plain(histogram_lines(state, 30, 3, glyphs=ASCII)[1])
    assert base.strip() == "#+."


@pytest.mark.parametrize(
    ("width", "minutes", "seconds"),
    [(98, 15, 15), (135, 15, 10), (134, 15, 10), (133, 15, 15), (98, 5, 5), (98, 60, 60), (98, 180, 180)],
)
def test_a_bar_is_a_round_number_of_seconds(width: int, minutes: int, seconds: int) -> None:
    assert bar_step(width, minutes * MINUTE) == seconds * 1_000


def test_the_legend_has_classes_then_causes() -> None:
    assert [plain(line) for line in legend_lines(legend(), 29, 7)] == [
        "✗ 5xx                  3 568",
        "! 4xx                  1 121",
        "→ 3xx                     92",
        "· 2xx                 33 662",
        "✗ integration timeout  3 381",
        "! throttled              611",
        "✗ function error         187",
    ]


def test_a_wide_legend_has_shares_and_a_blank_row() -> None:
    lines = [plain(line) for line in legend_lines(legend(), 37, 8)]
    assert lines[0] == "✗ 5xx                  3 568   9.3 %"
    assert lines[3] == "· 2xx                 33 662  87.6 %"
    assert lines[4] == ""
    assert lines[5] == "✗ integration timeout  3 381   8.8 %"


def test_a_small_legend_has_three_classes() -> None:
    assert [plain(line) for line in legend_lines(legend(), 17, 3)] == [
        "✗ 5xx      3 568",
        "! 4xx      1 121",
        "· 2xx     33 662",
    ]


def test_a_true_zero_is_faint() -> None:
    empty = LegendCounts({"5xx": 0, "4xx": 0, "3xx": 0, "2xx": 0}, (), 0)
    for line in legend_lines(empty, 37, 8):
        assert all(spec == "ink-faint" for text, spec in line if text == "0")


@pytest.mark.parametrize(("width", "expected"), [(80, 17), (96, 17), (97, 29), (117, 29), (118, 37)])
def test_the_legend_loses_its_share_then_its_causes(width: int, expected: int) -> None:
    assert legend_width(width) == expected


@pytest.mark.parametrize(
    ("main", "screen", "rows"),
    [(135, (160, 45), 8), (98, (120, 36), 7), (100, (100, 30), 7), (80, (80, 24), 3), (80, (80, 15), 0)],
)
def test_the_overview_leaves_the_list_its_rows(main: int, screen: tuple[int, int], rows: int) -> None:
    assert overview_size(main, *screen).rows == rows


def test_the_title_keeps_what_is_counted_and_lets_go_of_what_is_pending() -> None:
    state = state_of([1] * 40)
    told = replace(state, live=True, complete_to=NOON, label="1 153 requests · 181 5xx · 107 4xx", focused=True)
    wide, narrow = (plain(histogram_lines(told, width, 7)[0]) for width in (110, 60))
    assert "10 m 00 s pending   1 153 requests · 181 5xx · 107 4xx" in wide
    assert narrow.endswith("1 153 requests · 181 5xx · 107 4xx")
    assert "pending" not in narrow
    assert len(narrow) <= 60


def test_few_bars_leave_the_title_its_room() -> None:
    title = plain(histogram_lines(state_of([1] * 4), 90, 7)[0])
    assert title == "  Requests  per 15 s   last 15 min"


def test_the_bar_under_the_cursor_is_named_beside_the_pointer() -> None:
    state = replace(state_of([1] * 40), cursor_ms=NOON, pointed=(NOON, NOON + 15_000), focused=True)
    ticks = plain(histogram_lines(state, 60, 7)[-1])
    assert ticks.strip().startswith("▴ 12:00:00 – 12:00:15")


def test_the_bar_at_a_column_is_the_nearest_one_beside_the_bars() -> None:
    state = state_of([1] * 40)
    assert bar_under(state, 6 + 3, width=60, height=7) == NOON + 3 * 15_000
    assert bar_under(state, 0, width=60, height=7) == NOON
    assert bar_under(state, 59, width=60, height=7) == NOON + 39 * 15_000


def ticks_of(state: HistogramState, width: int = 100, height: int = 7) -> str:
    return plain(histogram_lines(state, width, height)[-1])


def test_late_rows_are_told_below_their_bar() -> None:
    state = replace(state_of([0] * 60, [5] * 60), late=(NOON + 45_000, NOON + 46_000, NOON + 20 * MINUTE))
    assert ticks_of(state).count("↳") == 1
    assert ticks_of(state)[6 + 3] == "↳"
    assert "12:00" not in ticks_of(state)
    assert "12:05" in ticks_of(state)
    assert ("↳", "accent") in histogram_lines(state, 100, 7)[-1]


def test_a_gap_that_its_bar_does_not_show_is_told_below_it() -> None:
    short, long = (NOON + 7 * MINUTE, NOON + 7 * MINUTE + 5_000), (NOON + 9 * MINUTE, NOON + 10 * MINUTE)
    state = replace(state_of([0] * 60, [5] * 60), gaps=(short, long), unread=(short, long))
    lines = histogram_lines(state, 100, 7)
    assert plain(lines[1]).count("░") == 4
    assert plain(lines[-1]).count("╌") == 1
    assert plain(lines[-1])[6 + 28] == "╌"


def test_where_every_clock_would_go_they_stay_and_lend_a_letter() -> None:
    state = replace(state_of([0] * 60, [5] * 60), late=tuple(NOON + minute * MINUTE for minute in range(15)))
    assert ticks_of(state).count("↳") == 15
    assert "↳2:0" in ticks_of(state)


def test_the_pointer_and_a_span_stand_before_what_else_is_told_below_a_bar() -> None:
    late = tuple(NOON + at * 15_000 for at in range(10, 20))
    state = replace(state_of([0] * 60, [5] * 60), late=late, cursor_ms=NOON + 12 * 15_000)
    assert ticks_of(state)[6 + 12] == "▴"
    span = (NOON + 14 * 15_000, NOON + 17 * 15_000)
    assert ticks_of(replace(state, selection=span))[6 + 14 : 6 + 17] == "└─┘"


@pytest.mark.parametrize(
    ("days", "step", "days_told"),
    [(63, "63 d", ["2026-05", "2028-05"]), (1, "1 d", ["03-03", "03-15", "03-27"])],
)
def test_bars_of_days_have_dates_below_them_and_no_midnights(days: int, step: str, days_told: list[str]) -> None:
    state = state_of([1] * 30, start=NOON, step_ms=days * 1_440 * MINUTE)
    assert ticks_of(state).split()[: len(days_told)] == days_told
    assert f"per {step} " in plain(histogram_lines(state, 100, 7)[0])


def test_a_span_of_days_is_named_with_its_days() -> None:
    hours = replace(state_of([1] * 40, step_ms=120 * MINUTE), selection=(NOON, NOON + 26 * 60 * MINUTE))
    assert "03-02 12:00 – 03-03 14:00" in ticks_of(hours)
    day = 1_440 * MINUTE
    days = replace(state_of([1] * 40, step_ms=day), selection=(NOON, NOON + 2 * day))
    assert "2026-03-02 – 2026-03-04" in ticks_of(days)
