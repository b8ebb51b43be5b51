"""Requests whose access entry comes late: in their place, marked for half a minute, and nothing else moves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from tests.sources.recorded_account import RecordedAccount
from tests.tui.test_app import NOW, Driven, Endpoint, SetClock, explorer, user

__all__ = ["user"]

GROUP = "/orders/access"
SECOND = 1_000


def request_id(number: int) -> str:
    return f"{number:08x}-aaaa-4bbb-8ccc-0123456789ab"


def entry(number: int, stamp: int, *, status: int = 200, latency: int = 31) -> str:
    return json.dumps(
        {
            "requestId": request_id(number),
            "requestTimeEpoch": str(stamp),
            "httpMethod": "GET",
            "resourcePath": "/orders/{id}",
            "status": str(status),
            "responseLatency": str(latency),
        }
    )


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A request every second for two minutes; one of a minute ago and a slow one come in a moment."""
    account, clock = RecordedAccount(), SetClock()
    for number in range(120):
        stamp = NOW - (120 - number) * SECOND
        account.log(GROUP, stamp, entry(number, stamp), lag=0)
    late, slow = NOW - 59_500, NOW - 29_500
    account.log(GROUP, late, entry(1_000, late), lag=64 * SECOND)
    account.log(GROUP, slow, entry(1_001, slow, status=504, latency=29_010), lag=33 * SECOND)
    with EmulatorServer(account, account, clock=clock) as server:
        yield Endpoint(server, clock, Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="2m"))


def marked(shown: Driven) -> list[str]:
    return [line.strip() for line in shown.text.splitlines() if re.search(r"↳ \d\d:\d\d:\d\d\.", line)]


def told_below_bars(shown: Driven) -> int:
    return "".join(shown.text.splitlines()[:12]).count("↳")


async def test_late_rows_stand_in_their_place_marked_and_counted_and_the_cursor_stays(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, GROUP, clock=endpoint.clock, size=(120, 70)) as shown:
        await shown.has_read()
        rows = shown.app.main._list
        await shown.until(lambda: rows.row_count == 120)
        rows.move_to(105)
        await shown.until(lambda: rows.cursor == 105)
        held, depth = rows.cursor_row, rows.cursor - rows.scroll_offset.y
        assert marked(shown) == []
        await shown.passes(25)
        await shown.until(lambda: rows.row_count == 122)
        assert held is not None
        assert rows.cursor_row is not None
        assert rows.cursor_row["key"] == held["key"]
        assert rows.cursor - rows.scroll_offset.y == depth
        assert rows.new_rows == 0
        keys = [row["request_id"] for row in (rows._rows.row(at) for at in range(122)) if row]  # type: ignore[union-attr]
        assert keys.index(request_id(1_000)) == 61
        rows.move_to(60)
        await shown.until(lambda: len(marked(shown)) == 2)
        assert "late 1 m" in marked(shown)[0]
        assert "504" in marked(shown)[1]
        await shown.sees("late 2")
        assert told_below_bars(shown) == 2
        await shown.passes(31)
        await shown.until(lambda: marked(shown) == [])
        assert told_below_bars(shown) == 0
        await shown.sees("late 2")


async def test_what_a_backfill_brings_is_not_late(endpoint: Endpoint) -> None:
    endpoint.clock.now += 600 * SECOND
    config = Config(endpoint_url=endpoint.config.endpoint_url, region="eu-west-1", tz="utc", since="15m")
    async with explorer(config, GROUP, clock=endpoint.clock, size=(120, 70)) as shown:
        await shown.has_read()
        rows = shown.app.main._list
        await shown.until(lambda: rows.row_count == 122)
        assert marked(shown) == []
