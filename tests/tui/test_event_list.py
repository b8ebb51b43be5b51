"""The list: reads only what it shows, keeps its cursor on its row, follows or holds."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import MouseScrollUp

from apigw_tui.core.ruler import Ruler
from apigw_tui.tui.event_list import RowList
from apigw_tui.tui.query_bar import QueryBar
from apigw_tui.tui.row_cache import BLOCK_ROWS
from tests.tui.invented_rows import START, InventedView
from tests.tui.preview import Preview
from tests.tui.screens import screen_text, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

SIZE = (100, 30)


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    app = Preview(zone=timezone(timedelta(hours=1)))
    async with app.run_test(size=SIZE) as running:
        await running.pause()
        yield running


def rows_of(pilot: Pilot[None]) -> RowList:
    return pilot.app.query_one(RowList)


def seen(pilot: Pilot[None], kind: type[Any]) -> list[Any]:
    app = pilot.app
    assert isinstance(app, Preview)
    return [message for message in app.seen if isinstance(message, kind)]


async def test_a_million_rows_cost_no_more_than_those_on_screen(pilot: Pilot[None]) -> None:
    rows, view = rows_of(pilot), InventedView(range(1_000_000))
    rows.show(view, keep=False)
    await pilot.pause()
    assert len(view.slices) <= 2
    assert {count for _, count in view.slices} == {BLOCK_ROWS}
    assert len(rows.text_lines()) == rows.size.height


async def test_moving_within_a_block_reads_nothing_more(pilot: Pilot[None]) -> None:
    rows, view = rows_of(pilot), InventedView(range(1_000))
    rows.show(view, keep=False)
    await pilot.pause()
    rows.move_to(960)
    await pilot.pause()
    before = len(view.slices)
    for _ in range(30):
        rows.move(-1)
    await pilot.pause()
    assert len(view.slices) == before


async def test_a_jump_over_a_million_rows_reads_one_or_two_blocks(pilot: Pilot[None]) -> None:
    rows, view = rows_of(pilot), InventedView(range(1_000_000))
    rows.show(view, keep=False)
    await pilot.pause()
    before = len(view.slices)
    await pilot.press("g")
    await pilot.pause()
    assert rows.cursor == 0
    assert len(view.slices) - before <= 2


async def test_the_newest_row_is_followed_as_rows_arrive(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    rows.show(InventedView(range(150)), keep=True)
    await pilot.pause()
    assert rows.following
    assert rows.cursor == 149
    assert rows.new_rows == 0
    assert rows.scroll_offset.y == 150 - rows.size.height


async def test_moving_up_holds_the_list_and_counts_what_arrives(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    await pilot.press("k")
    rows.show(InventedView(range(314)), keep=True)
    await pilot.pause()
    assert not rows.following
    assert rows.cursor == 98
    assert rows.new_rows == 214
    await until(pilot, lambda: len(seen(pilot, RowList.FollowChanged)) == 2)
    left, counted = seen(pilot, RowList.FollowChanged)
    assert (left.following, left.new_rows) == (False, 0)
    assert (counted.following, counted.new_rows) == (False, 214)


async def test_going_down_to_the_last_row_holds_but_g_follows_again(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    await pilot.press("k", "j")
    assert rows.cursor == 99
    assert not rows.following
    rows.show(InventedView(range(120)), keep=True)
    assert rows.new_rows == 20
    await pilot.press("G")
    await until(pilot, lambda: rows.following)
    assert rows.cursor == 119
    assert rows.new_rows == 0


async def test_late_rows_above_do_not_move_the_reader(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([*range(0, 100, 2)]), keep=False)
    rows.move_to(30)
    await pilot.pause()
    before = rows.text_lines()[rows.cursor - rows.scroll_offset.y]
    depth = rows.cursor - rows.scroll_offset.y
    rows.show(InventedView(range(100)), keep=True)
    await pilot.pause()
    assert rows.cursor == 60
    assert rows.cursor - rows.scroll_offset.y == depth
    after = rows.text_lines()[depth]
    # The repeated part of the time depends on the row above; the rest is the same row.
    assert after == before


async def test_evicted_rows_above_do_not_move_the_reader(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(200)), keep=False)
    rows.move_to(150)
    depth = rows.cursor - rows.scroll_offset.y
    rows.show(InventedView(range(50, 260)), keep=True)
    await pilot.pause()
    assert rows.cursor == 100
    assert rows.cursor - rows.scroll_offset.y == depth
    assert rows.new_rows == 60


async def test_when_the_row_itself_is_gone_the_cursor_goes_to_its_neighbour_in_time(
    pilot: Pilot[None],
) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(200)), keep=False)
    rows.move_to(50)
    rows.show(InventedView([number for number in range(200) if number not in range(40, 60)]), keep=True)
    await pilot.pause()
    row = rows.cursor_row
    assert row is not None
    assert row["key"] == 61


async def test_scrolled_away_from_the_cursor_the_rows_on_screen_stay(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(50, 200)), keep=False)
    rows.move_to(140)
    rows.scroll_to(y=20, animate=False)
    await pilot.pause()
    before = rows.text_lines()
    rows.show(InventedView(range(200)), keep=True)
    await pilot.pause()
    assert rows.cursor == 190
    assert rows.text_lines() == before


async def test_a_new_query_goes_to_the_newest_row(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    rows.move_to(3)
    rows.show(InventedView(range(0, 100, 5)), keep=False)
    await pilot.pause()
    assert rows.cursor == 19
    assert rows.following


async def test_keys_move_by_rows_screens_and_ends(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(1_000)), keep=False)
    await pilot.pause()
    height = rows.size.height
    await pilot.press("g")
    await pilot.press("j", "down", "k")
    assert rows.cursor == 1
    await pilot.press("pagedown")
    assert rows.cursor == 1 + height - 1
    await pilot.press("pageup", "ctrl+d")
    assert rows.cursor == 1 + (height - 1) // 2
    await pilot.press("ctrl+u", "end")
    assert rows.cursor == 999


async def test_the_cursor_stays_on_screen_wherever_it_goes(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(500)), keep=False)
    for target in (0, 499, 250, 251, 230, 300):
        rows.move_to(target)
        await pilot.pause()
        assert 0 <= target - rows.scroll_offset.y < rows.size.height


async def test_enter_opens_the_row(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10)), keep=False)
    await pilot.press("k", "enter")
    await until(pilot, lambda: bool(seen(pilot, RowList.RowOpened)))
    assert seen(pilot, RowList.RowOpened)[0].row["key"] == 9


async def test_a_click_selects_and_a_double_click_opens(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10)), keep=False)
    await pilot.pause()
    await pilot.click(RowList, offset=(10, 3))
    assert rows.cursor == 3
    assert not seen(pilot, RowList.RowOpened)
    await pilot.click(RowList, offset=(10, 5), times=2)
    await until(pilot, lambda: bool(seen(pilot, RowList.RowOpened)))
    assert seen(pilot, RowList.RowOpened)[0].index == 5


async def test_the_wheel_scrolls_and_holds(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(500)), keep=False)
    await pilot.pause()
    before = rows.scroll_offset.y
    await pilot._post_mouse_events([MouseScrollUp], widget=RowList)
    await until(pilot, lambda: rows.scroll_offset.y < before)
    assert not rows.following
    assert rows.cursor == 499


async def test_e_goes_to_the_next_failure_and_says_when_there_is_none(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(19)), keep=False)
    await pilot.press("g", "e")
    assert rows.cursor == 2
    await pilot.press("e", "e", "E")
    assert rows.cursor == 7
    rows.move_to(18)
    await pilot.press("e")
    await until(pilot, lambda: bool(seen(pilot, RowList.NothingFound)))
    found = seen(pilot, RowList.NothingFound)[0]
    assert (found.predicate, found.backwards) == ("5xx", False)
    assert rows.cursor == 18


async def test_every_move_of_the_cursor_is_told_once(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10)), keep=False)
    await pilot.press("k", "k", "j")
    await until(pilot, lambda: len(seen(pilot, RowList.CursorMoved)) == 4)
    assert [message.index for message in seen(pilot, RowList.CursorMoved)] == [9, 8, 7, 8]


async def test_an_empty_view_shows_no_rows_and_takes_every_key(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([]), keep=False)
    await pilot.press("j", "k", "G", "g", "pagedown", "enter", "e")
    assert rows.cursor_row is None
    assert rows.text_lines() == []


async def test_rows_that_come_after_an_empty_view_are_followed(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([]), keep=False)
    rows.show(InventedView(range(3)), keep=True)
    assert rows.cursor == 2
    assert rows.following


async def test_requests_in_flight_count_up(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(17)), keep=False)
    rows.tick(START + 1_060 + 17_000)
    await pilot.pause()
    assert "in flight 17 s" in rows.text_lines()[16]
    rows.tick(START + 1_060 + 18_000)
    await pilot.pause()
    assert "in flight 18 s" in screen_text(pilot.app)


async def test_the_first_row_on_screen_shows_its_whole_time(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(500)), keep=False)
    await pilot.pause()
    styles = {
        segment.text: segment.style for segment in rows.render_lines(rows.size.region)[0] if segment.text.endswith(":")
    }
    faint = rows._ink().style("ink-faint", "background")
    assert faint.color not in [style.color for style in styles.values() if style is not None]


async def test_the_events_view_wraps_and_keeps_the_cursor_in_sight(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(200), mode="events"), keep=False)
    await pilot.press("w")
    assert rows.wrap
    await pilot.pause()
    assert any("at handler (index.js:4)" in line for line in rows.text_lines())
    assert rows.size.height - 3 <= len(rows.text_lines()) <= rows.size.height
    for target in (0, 100, 199, 150):
        rows.move_to(target)
        await pilot.pause()
        assert any(spot.cursor for spot in rows._placed())
    await pilot.press("w")
    await pilot.pause()
    assert not any("  at handler" in line for line in rows.text_lines())


async def test_the_list_follows_its_own_width(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(30)), keep=False)
    await pilot.resize_terminal(140, 30)
    await until(pilot, lambda: "203.0.113." in screen_text(pilot.app))
    await pilot.resize_terminal(80, 24)
    await until(pilot, lambda: "203.0.113." not in screen_text(pilot.app))
    assert rows.cursor == 29
    assert 0 <= 29 - rows.scroll_offset.y < rows.size.height


async def test_a_gap_has_its_row_and_the_cursor_passes_over_it(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([0, 1, -1, -1, 5, 6]), keep=False)
    await pilot.pause()
    assert "╌" in rows.text_lines()[2]
    rows.move_to(1)
    await pilot.press("j")
    assert rows.cursor == 4
    await pilot.press("k")
    assert rows.cursor == 1
    rows.move_to(2)
    assert rows.cursor == 4


async def test_a_click_on_a_gap_opens_nothing(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([0, 1, -1, 5]), keep=False)
    await pilot.pause()
    await pilot.click(RowList, offset=(10, 2), times=2)
    await pilot.pause()
    assert rows.cursor == 3
    assert not seen(pilot, RowList.RowOpened)


async def test_a_gap_that_comes_and_goes_moves_neither_cursor_nor_what_is_below_it(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([*range(200)]), keep=False)
    rows.move_to(150)
    rows.move(-4)
    await pilot.pause()
    depth, read = rows.cursor - rows.scroll_offset.y, rows.text_lines()
    for numbers in ([*range(140), -1, *range(140, 200)], [*range(200)], [*range(200), -1]):
        rows.show(InventedView(numbers), keep=True)
        await pilot.pause()
        assert rows.cursor_row is not None
        assert rows.cursor_row["key"] == 147
        assert rows.cursor - rows.scroll_offset.y == depth
        assert rows.text_lines()[depth:] == read[depth:]
    assert rows.new_rows == 0


async def test_a_gap_on_top_of_a_screen_without_the_cursor_holds_the_rows_below_it(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    numbers = [*range(100), -1, *range(100, 200)]
    rows.show(InventedView(numbers), keep=False)
    rows.move_to(190)
    rows._scroll_rows(100)
    await pilot.pause()
    read = rows.text_lines()
    assert "╌" in read[0]
    rows.show(InventedView([*range(-1, 0), *numbers]), keep=True)
    await pilot.pause()
    assert rows.text_lines() == read


async def test_a_gap_at_the_end_is_seen_while_the_cursor_follows_above_it(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([*range(100)]), keep=False)
    rows.show(InventedView([*range(100), -1]), keep=True)
    await pilot.pause()
    assert rows.following
    assert rows.cursor == 99
    assert "╌" in rows.text_lines()[-1]
    await pilot.press("k", "G")
    await pilot.pause()
    assert rows.following
    assert "╌" in rows.text_lines()[-1]
    await pilot.press("j")
    assert rows.cursor == 99


async def test_rows_that_come_as_a_gap_goes_are_counted_and_gaps_are_not(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([*range(100), -1]), keep=False)
    rows.move_to(90)
    rows.show(InventedView([*range(103)]), keep=True)
    assert rows.new_rows == 3
    rows.show(InventedView([*range(103), -1, -2]), keep=True)
    assert rows.new_rows == 3


async def test_gaps_alone_are_shown(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView([-1, -2]), keep=False)
    await pilot.press("j", "k", "G", "enter")
    await pilot.pause()
    assert not seen(pilot, RowList.RowOpened)


async def test_the_thumb_is_in_the_last_column_and_moves_with_the_rows(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10_000)), keep=False)
    await pilot.pause()

    def thumb() -> list[int]:
        strips = rows.render_lines(rows.size.region)
        return [y for y, strip in enumerate(strips) if strip.text.endswith("▐")]

    height = rows.size.height
    assert thumb() == [height - 3, height - 2, height - 1]
    await pilot.press("g")
    await pilot.pause()
    assert thumb() == [0, 1, 2]


async def test_hostile_text_reaches_the_screen_as_text(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    hostile = {"route": "[red]/x[/red] $accent [@click=app.quit]", "request_id": "[b]12345678901"}
    rows.show(InventedView(range(3), extras={1: hostile}), keep=False)
    await pilot.pause()
    assert "[red]/x[/red]" in screen_text(pilot.app)


async def test_without_focus_the_cursor_row_waits(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10)), keep=False)
    await pilot.pause()

    def ground() -> object:
        style = rows.render_lines(rows.size.region)[9]._segments[3].style
        return None if style is None else style.bgcolor

    focused = ground()
    pilot.app.query_one(QueryBar).edit()
    await until(pilot, lambda: ground() != focused)


async def test_a_new_theme_repaints_every_row(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(10)), keep=False)
    await pilot.pause()
    before = rows.render_lines(rows.size.region)[0]._segments
    pilot.app.theme = "apigw-light"
    await until(pilot, lambda: rows.render_lines(rows.size.region)[0]._segments != before)


async def test_going_up_from_the_first_row_asks_for_older_ones(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    rows.focus()
    await pilot.press("g")
    await pilot.pause()
    assert not seen(pilot, RowList.OlderWanted)
    for wanted, key in enumerate(("k", "pageup", "ctrl+u", "g", "up"), 1):
        await pilot.press(key)
        await pilot.pause()
        assert len(seen(pilot, RowList.OlderWanted)) == wanted


async def test_a_list_without_rows_asks_for_nothing(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(0)), keep=False)
    rows.focus()
    await pilot.press("g", "k")
    await pilot.pause()
    assert not seen(pilot, RowList.OlderWanted)


async def test_older_rows_come_above_and_neither_cursor_nor_screen_moves(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(1_000, 1_200)), keep=False)
    rows.move_to(0)
    await pilot.pause()
    before = rows.text_lines()
    rows.show(InventedView(range(200, 1_200)), keep=True)
    await pilot.pause()
    assert rows.cursor == 800
    assert rows.text_lines() == before
    assert rows.new_rows == 0


def failing_at(*rows: int, of: int = 1_000, marked: int | None = None) -> Ruler:
    """A ruler of a hundred segments with failures in those of these rows."""
    ends = tuple(range(of // 100, of + 1, of // 100))
    inside = [range(end - of // 100, end) for end in ends]
    failing = tuple(sum(row in segment for row in rows) for segment in inside)
    return Ruler(ends, failing, (0,) * 100, tuple(int(marked in segment) for segment in inside))


def last_column(pilot: Pilot[None]) -> str:
    rows = rows_of(pilot)
    region = rows.content_region
    lines = screen_text(pilot.app).splitlines()[region.y : region.bottom]
    return "".join(line.ljust(region.right)[region.right - 1] for line in lines)


async def test_the_last_column_tells_where_the_failing_rows_are(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.measure(failing_at(0, 505, 506, 507, marked=250))
    rows.show(InventedView(range(1_000)), keep=False)
    await pilot.pause()
    height = rows.size.height
    expected = {0: "▎", 500 * height // 1_000: "▍", 250 * height // 1_000: "◆"}
    expected |= dict.fromkeys(range(height - 3, height), "▐")
    assert last_column(pilot) == "".join(expected.get(at, " ") for at in range(height))
    rows.move_to(0)
    await pilot.pause()
    assert last_column(pilot)[:3] == "▎▐▐"


@pytest.mark.parametrize(("size", "count"), [((100, 30), 10), ((90, 24), 1_000)])
async def test_rows_that_are_all_on_screen_and_narrow_lists_have_no_such_column(
    size: tuple[int, int], count: int
) -> None:
    async with Preview(zone=timezone(timedelta(hours=1))).run_test(size=size) as running:
        rows = rows_of(running)
        rows.measure(Ruler((1, count), (1, 9), (0, 0), (0, 0)))
        rows.show(InventedView(range(count)), keep=False)
        await running.pause()
        assert not any(spot.edge for spot in rows._placed())


async def test_a_click_on_a_loud_cell_goes_to_its_first_failing_row(pilot: Pilot[None]) -> None:
    rows, view = rows_of(pilot), InventedView([0] * 700 + [2] + [0] * 299)
    rows.measure(failing_at(700))
    rows.show(view, keep=False)
    await pilot.pause()
    y = 700 * rows.size.height // 1_000
    assert last_column(pilot)[y] == "▎"
    await pilot.click(RowList, offset=(rows.size.width - 1, y))
    assert rows.cursor == 700
    assert not rows.following
    assert rows.scroll_offset.y == 700 - rows.size.height // 3


async def test_a_click_on_a_quiet_cell_scrolls_there(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.measure(failing_at(700))
    rows.show(InventedView(range(1_000)), keep=False)
    await pilot.pause()
    await pilot.click(RowList, offset=(rows.size.width - 1, 0))
    assert rows.cursor == 999
    assert rows.scroll_offset.y == 0


async def test_dragging_the_last_column_scrolls_and_does_not_jump(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.measure(failing_at(*range(0, 1_000, 10)))
    rows.show(InventedView(range(1_000)), keep=False)
    await pilot.pause()
    right, last = rows.size.width - 1, rows.size.height - 1
    await pilot.mouse_down(RowList, offset=(right, last))
    await pilot.hover(RowList, offset=(right, last // 2))
    await pilot.pause()
    assert rows.scroll_offset.y == last // 2 * rows.max_scroll_y // last
    assert not rows.following
    await pilot.hover(RowList, offset=(right - 20, 0))
    assert rows.scroll_offset.y == 0
    await pilot.mouse_up(RowList, offset=(right, 0))
    await pilot.hover(RowList, offset=(right, last))
    assert rows.scroll_offset.y == 0
    assert rows.cursor == 999
