"""The list with other columns and in another order: its cursor, its cells, what scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_tui.tui.column_table import ChosenColumn
from apigw_tui.tui.event_list import RowList
from tests.tui.invented_rows import InventedView
from tests.tui.test_event_list import pilot, rows_of, seen

if TYPE_CHECKING:
    from textual.pilot import Pilot

__all__ = ["pilot"]


def slowest_first(count: int) -> InventedView:
    return InventedView([*range(count)][::-1], sort="-latency")


async def test_sorted_rows_begin_with_the_first_and_are_not_followed(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    rows.move_to(50)
    rows.show(slowest_first(100), keep=True)
    await pilot.pause()
    assert (rows.cursor, rows.following, rows.scroll_offset.y) == (0, False, 0)
    await pilot.press("G", "G")
    await pilot.pause()
    assert (rows.cursor, rows.following) == (99, False)


async def test_the_cursor_stays_on_its_row_as_sorted_rows_arrive_and_none_is_counted_as_below(
    pilot: Pilot[None],
) -> None:
    rows = rows_of(pilot)
    rows.show(slowest_first(100), keep=False)
    rows.move_to(10)
    key = (rows.cursor_row or {})["key"]
    rows.show(slowest_first(150), keep=True)
    await pilot.pause()
    assert (rows.cursor, (rows.cursor_row or {})["key"], rows.new_rows) == (60, key, 0)


async def test_back_in_the_order_of_time_the_cursor_is_on_the_same_row(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(slowest_first(100), keep=False)
    rows.move_to(10)
    rows.show(InventedView(range(100)), keep=True)
    await pilot.pause()
    assert (rows.cursor, rows.following) == (89, False)


async def test_above_the_first_of_sorted_rows_nothing_older_is_wanted(pilot: Pilot[None]) -> None:
    rows_of(pilot).show(slowest_first(100), keep=False)
    await pilot.press("g", "g", "k", "pageup")
    await pilot.pause()
    assert seen(pilot, RowList.OlderWanted) == []


async def test_the_cell_cursor_walks_the_columns_and_leaves_at_the_left(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    await pilot.press("right", "right", "right")
    assert rows.cell == "method"
    await pilot.press(*["right"] * 20)
    assert rows.cell == "id"
    await pilot.press(*["left"] * 6)
    assert rows.cell == "time"
    await pilot.press("left")
    assert rows.cell is None


async def test_chosen_columns_scroll_by_half_screens_to_their_end(pilot: Pilot[None]) -> None:
    rows = rows_of(pilot)
    rows.show(InventedView(range(100)), keep=False)
    rows.choose_columns(tuple(ChosenColumn(name, 40) for name in ("time", "path", "agent", "id")))
    await pilot.press(">")
    assert rows.table.offset == 48
    rows.show(InventedView(range(120)), keep=True)
    assert rows.table.offset == 48
    await pilot.press(">")
    assert rows.table.offset == 4 * 40 + 3 * 2 - 96
    await pilot.pause()
    head = (rows.cursor_row or {})["request_id"]
    assert any(head in line for line in rows.text_lines())
    await pilot.press("<", "<")
    assert rows.table.offset == 0
