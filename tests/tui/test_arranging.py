"""The explorer's rows with other columns and in another order, by keys against the embedded endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.tui.choice_menu import ChoiceMenu
from apigw_tui.tui.column_heads import ColumnHeads
from apigw_tui.tui.column_picker import ColumnPicker
from apigw_tui.tui.event_list import RowList
from tests.aws_user import with_keys
from tests.tui.screens import screen_becomes
from tests.tui.test_app import NOW, SMALL, USUAL, Driven, Endpoint, SetClock, settle, watching

BROAD: Final = (200, 45)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(epoch=NOW)


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_keys(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def endpoint(shop: Shop) -> Iterator[Endpoint]:
    clock = SetClock()
    with EmulatorServer(shop, shop, clock=clock) as server:
        yield Endpoint(server, clock, Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="2m"))


def rows_of(shown: Driven) -> RowList:
    return shown.app.main.query_one(RowList)


def sort_of(shown: Driven) -> str:
    session = shown.app.main.session
    return "" if session is None else session.sort


def values(shown: Driven, column: str) -> list[Any]:
    picture = shown.app.main.picture
    assert picture is not None
    return [row[column] for row in picture.view.slice(0, len(picture.view))]


def heads(shown: Driven) -> str:
    (line,) = shown.app.main.query_one(ColumnHeads).paint(rows_of(shown).size.width, 1)
    return "".join(text for text, _ in line)


async def choose(shown: Driven, *words: str) -> None:
    """Add columns by their names."""
    await shown.press("T")
    await shown.until(lambda: isinstance(shown.app.screen, ColumnPicker))
    for word in words:
        await shown.press("slash")
        await shown.type(word)
        await shown.press("enter", "space", "escape")
    await shown.press("enter")
    await shown.until(lambda: shown.app.screen is shown.app.main)


async def sort_by_latency(shown: Driven) -> None:
    await shown.press("S")
    await shown.until(lambda: isinstance(shown.app.screen, ChoiceMenu))
    await shown.press("enter")
    await shown.until(lambda: not rows_of(shown).in_time_order)


# -- columns


async def test_a_field_of_the_access_entry_is_a_column_with_its_values(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=BROAD) as shown:
        await choose(shown, "access.protocol")
        await shown.sees("PROTOCOL", "HTTP/1.1")
        assert [each.name for each in rows_of(shown).chosen][-1] == "access.protocol"


async def test_the_columns_of_a_stage_are_there_again_in_the_next_run(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=BROAD) as shown:
        await choose(shown, "access.protocol")
        await shown.sees("PROTOCOL")
    async with watching(endpoint, size=BROAD) as again:
        await again.sees("PROTOCOL", "HTTP/1.1")
        again.app.open_targets(("orders/staging",))
        await again.until(lambda: rows_of(again).chosen == ())


async def test_the_picker_looks_as_agreed(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=USUAL) as shown:
        await settle(shown)
        await shown.press("k", "T")
        await shown.until(lambda: isinstance(shown.app.screen, ColumnPicker))
        await shown.press("j", "j", "K", "greater_than_sign")
        await screen_becomes(shown.pilot, "columns-120x36")


async def test_columns_that_do_not_fit_are_reached_by_half_screens_and_stay_as_rows_arrive(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=SMALL) as shown:
        await choose(shown, "access.protocol", "agent", "trace")
        await shown.sees("+3 ▸")
        assert "USER AGENT" not in shown.text
        await shown.press("k", ">")
        await shown.sees("USER AGENT")
        offset = rows_of(shown).table.offset
        assert offset == 39
        await shown.passes(3)
        assert rows_of(shown).table.offset == offset
        await shown.press(">", ">", ">", ">")
        await shown.sees("PROTOCOL", "nothing more at this side")
        await shown.press("<", "<", "<", "<")
        await shown.until(lambda: rows_of(shown).table.offset == 0)
        await shown.press(*["right"] * 10)
        await shown.sees("PROTOCOL")


async def test_the_lines_of_events_are_scrolled_too_unless_they_are_wrapped(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=SMALL) as shown:
        await shown.press("v")
        await shown.sees("LINE")
        before = shown.text
        await shown.press("k", ">")
        await shown.until(lambda: rows_of(shown).table.offset == 39)
        assert before != shown.text
        await shown.press("w")
        await shown.until(lambda: rows_of(shown).wrap)
        assert rows_of(shown).table.offset == 0
        await shown.press(">")
        await shown.sees("Lines are wrapped")
        await shown.press("T")
        await shown.sees("Events are shown as they were logged")
        await shown.press("S")
        await shown.sees("Events are in the order of time")


# -- cells


async def test_plus_and_minus_take_the_value_of_the_cell(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E", "right", "right")
        await shown.until(lambda: rows_of(shown).cell == "status")
        row = rows_of(shown).cursor_row
        assert row is not None
        await shown.press("plus")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.query != "")
        assert shown.app.main.session is not None
        assert shown.app.main.session.query == f"status:{row['status']}"
        await shown.press("right", "right", "right", "minus")
        await shown.until(lambda: "-latency:" in getattr(shown.app.main.session, "query", ""))
        assert f"-latency:{row['latency_ms']}ms" in getattr(shown.app.main.session, "query", "")


async def test_a_cell_without_a_value_says_so_and_escape_leaves_the_cells(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("k", "right", "plus")
        await shown.sees("nothing to include")
        await shown.press("escape")
        await shown.until(lambda: rows_of(shown).cell is None)
        await shown.press("right", "left")
        await shown.until(lambda: rows_of(shown).cell is None)


# -- order


async def test_the_slowest_come_first_then_the_fastest_then_time_again(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await sort_by_latency(shown)
        await shown.sees("by latency, largest first", "LATENCY▾")
        took = [ms for ms in values(shown, "latency_ms") if ms is not None]
        assert took == sorted(took, reverse=True)
        assert rows_of(shown).cursor == 0
        await shown.press("S")
        await shown.sees("by latency, smallest first", "LATENCY▴")
        took = [ms for ms in values(shown, "latency_ms") if ms is not None]
        assert took == sorted(took)
        slowest_of_all = rows_of(shown).cursor_row
        await shown.press("S")
        await shown.until(lambda: rows_of(shown).in_time_order)
        assert "▴" not in heads(shown)
        assert rows_of(shown).cursor_row == slowest_of_all
        started = values(shown, "started_at")
        assert started == sorted(started)


async def test_the_column_of_the_cell_cursor_is_the_one_that_rows_are_sorted_by(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("k", "right", "right", "right", "S")
        await shown.until(lambda: sort_of(shown) == "method" and not rows_of(shown).in_time_order)
        methods = [method for method in values(shown, "method") if method is not None]
        assert methods == sorted(methods)
        await shown.press("right", "S")
        await shown.until(lambda: sort_of(shown) == "route")


async def test_access_fields_are_sorted_by_as_well(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("S")
        await shown.until(lambda: isinstance(shown.app.screen, ChoiceMenu))
        await shown.type("access.responseLatency")
        await shown.press("enter")
        await shown.until(lambda: not rows_of(shown).in_time_order)
        logged = zip(values(shown, "latency_ms"), values(shown, "access_events"), strict=True)
        took = [ms for ms, entries in logged if entries]
        assert len(took) > 100
        assert took == sorted(took)


async def test_rows_that_arrive_take_their_place_and_the_cursor_stays_on_its_request(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = rows_of(shown)
        await sort_by_latency(shown)
        await shown.press("ctrl+d")
        key, read = (rows.cursor_row or {})["key"], rows.row_count
        await shown.passes(20)
        await shown.until(lambda: rows.row_count > read)
        assert (rows.cursor_row or {})["key"] == key
        took = [ms for ms in values(shown, "latency_ms") if ms is not None]
        assert took == sorted(took, reverse=True)
        assert not rows.following
        assert rows.new_rows == 0


async def test_sorted_rows_are_not_followed_and_0_goes_back_to_the_newest(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = rows_of(shown)
        await sort_by_latency(shown)
        await shown.press("G", "G")
        await shown.sees("followed in the order of time only")
        assert not rows.following
        await shown.press("0")
        await shown.until(lambda: rows.following and rows.in_time_order)
        assert rows.cursor == rows.row_count - 1


async def test_a_query_an_error_jump_and_events_work_on_sorted_rows(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = rows_of(shown)
        await sort_by_latency(shown)
        await shown.press("S")
        await shown.until(lambda: sort_of(shown) == "latency")
        await shown.press("slash")
        await shown.type("latency>100ms")
        await shown.press("enter")
        await shown.until(lambda: rows.has_focus and all((ms or 0) > 100 for ms in values(shown, "latency_ms")))
        await shown.press("g", "e")
        await shown.until(lambda: ((rows.cursor_row or {}).get("status") or 0) >= 500)
        assert all((status or 0) < 500 for status in values(shown, "status")[: rows.cursor])
        key = (rows.cursor_row or {})["key"]
        await shown.press("v")
        await shown.until(lambda: rows.table.mode == "events")
        assert rows.in_time_order
        await shown.press("v")
        await shown.until(lambda: rows.table.mode == "requests" and not rows.in_time_order)
        await shown.until(lambda: (rows.cursor_row or {})["key"] == key)


async def test_the_sorted_list_looks_as_agreed(endpoint: Endpoint) -> None:
    small = replace(endpoint, config=replace(endpoint.config, since="1m"))
    async with watching(small, size=SMALL) as shown:
        await settle(shown)
        await sort_by_latency(shown)
        await shown.press("right", "right", "right", "right")
        await screen_becomes(shown.pilot, "sorted-80x24")


# -- times


async def test_the_header_names_the_zone_that_times_are_shown_in(endpoint: Endpoint) -> None:
    paris = replace(endpoint, config=replace(endpoint.config, tz="Europe/Paris"))
    async with watching(paris, size=BROAD) as shown:
        await shown.sees("13:46:11 CET")
        await shown.press("t")
        await shown.sees("12:46:11 UTC")
        assert "CET" not in shown.text
