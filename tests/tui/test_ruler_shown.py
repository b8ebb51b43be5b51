"""The last column of the list in the explorer: what failed, what is marked, in whichever order the rows are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.tui.legend import Legend
from apigw_tui.tui.ruler_cells import RulerCell
from tests.sources.recorded_account import RecordedAccount
from tests.tui.test_app import NOW, Driven, Endpoint, SetClock, explorer, user
from tests.tui.test_late_rows import GROUP, SECOND, entry

__all__ = ["user"]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Four hundred requests in as many seconds; of the middle ones ten fail."""
    account, clock = RecordedAccount(), SetClock()
    for number in range(400):
        stamp = NOW - (400 - number) * SECOND
        account.log(GROUP, stamp, entry(number, stamp, status=502 if 200 <= number < 210 else 200), lag=0)
    with EmulatorServer(account, account, clock=clock) as server:
        yield Endpoint(server, clock, Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="10m"))


def edge(shown: Driven) -> list[RulerCell]:
    return shown.app.main._list._scroll_edge()


def red(shown: Driven) -> set[int]:
    return {at for at, cell in enumerate(edge(shown)) if cell.failing}


def cells_of(shown: Driven, *rows: int) -> set[int]:
    height = len(edge(shown))
    return {row * height // shown.app.main._list.row_count for row in rows}


async def test_failures_are_red_where_they_are_in_every_order_and_marks_are_told(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, GROUP, clock=endpoint.clock, size=(120, 36)) as shown:
        await shown.has_read()
        rows = shown.app.main._list
        await shown.until(lambda: rows.row_count == 400 and red(shown))
        assert cells_of(shown, 200) <= red(shown) <= cells_of(shown, 199, 200, 209)
        rows.move_to(30)
        await shown.pilot.press("m")
        await shown.until(lambda: {at for at, cell in enumerate(edge(shown)) if cell.sign} == cells_of(shown, 30))
        rows.move_to(400)
        shown.app.main.apply_query("status:200")
        await shown.until(lambda: rows.row_count == 390 and not red(shown))
        assert [cell.sign for cell in edge(shown)].count("mark") == 1
        shown.app.main.apply_query("status:5xx")
        await shown.until(lambda: rows.row_count == 10)
        assert edge(shown) == [RulerCell()] * rows.size.height


async def test_lines_of_failing_requests_are_red_among_the_events(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, GROUP, clock=endpoint.clock, size=(120, 36)) as shown:
        await shown.has_read()
        await shown.pilot.press("v")
        rows = shown.app.main._list
        await shown.until(lambda: rows._rows is not None and rows._rows.view.mode == "events" and red(shown))
        assert cells_of(shown, 200) <= red(shown) <= cells_of(shown, 199, 200, 209)


async def test_the_legend_counts_what_the_zoomed_bars_show(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, GROUP, clock=endpoint.clock, size=(120, 36)) as shown:
        await shown.has_read()
        legend = shown.app.main.query_one(Legend)
        await shown.until(lambda: legend._counts is not None and legend._counts.total == 400)
        await shown.pilot.press("i", "z", "z")
        await shown.until(lambda: legend._counts is not None and legend._counts.total < 390)
        picture = shown.app.main.picture
        assert picture is not None
        assert picture.legend.total == sum(map(sum, picture.bars.counts.values())) > 0
        assert len(picture.view) == 400
