"""The whole explorer in each of its states and sizes, as a person sees it: golden screens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from typing import Final

import pytest

from apigw_tui.config import Config
from apigw_tui.emulator.faults import Breakage, Fault
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.tui.choice_menu import ChoiceMenu
from apigw_tui.tui.copy_menu import CopyMenu
from apigw_tui.tui.footer import Footer
from apigw_tui.tui.help_screen import HelpScreen
from apigw_tui.tui.palette import Palette
from apigw_tui.tui.terms_menu import TermsMenu
from apigw_tui.tui.value_menu import ValueMenu
from tests.sources.recorded_account import RecordedAccount
from tests.tui.screens import screen_becomes
from tests.tui.test_app import NOW, SMALL, USUAL, WIDE, Driven, Endpoint, SetClock, explorer, settle, user
from tests.tui.test_late_rows import GROUP, SECOND, entry

__all__ = ["user"]

NARROW, WIDEST = (60, 24), (200, 60)
DEMO: Final = Config(demo=True, tz="utc")


async def looks(shown: Driven, state: str) -> None:
    """Wait until the screen is the golden one of this state and size."""
    if os.environ.get("UPDATE_SCREENS"):
        await settle(shown)
    size = shown.app.size
    await screen_becomes(shown.pilot, f"{state}-{size.width}x{size.height}")


async def resized(shown: Driven, size: tuple[int, int]) -> None:
    await shown.pilot.resize_terminal(*size)
    await shown.until(lambda: shown.app.screen.size == size)


async def test_the_list_and_the_events_fit_any_width() -> None:
    async with explorer(DEMO, "orders/prod", size=NARROW) as shown:
        await shown.has_read()
        await shown.press("E", "E")
        await shown.sees("12:45:3")
        await looks(shown, "list")
        await resized(shown, WIDEST)
        await shown.sees("more functions")
        await looks(shown, "list")
        await shown.press("enter")
        await shown.sees("← evidence", "complete")
        await looks(shown, "story")
        await shown.press("escape", "v")
        await shown.sees("LINE")
        await looks(shown, "events")
        await resized(shown, NARROW)
        await looks(shown, "events")
        await shown.press("v", "enter")
        await shown.sees("evidence")
        await looks(shown, "story")


def lies_over(shown: Driven, menu: type[object]) -> bool:
    return isinstance(shown.app.screen, menu)


async def test_each_menu_lies_over_the_list() -> None:
    async with explorer(DEMO, "orders/prod", size=SMALL) as shown:
        await shown.has_read()
        await shown.press("E", "E")
        await shown.sees("12:45:3")
        for key, menu, state in (
            ("question_mark", HelpScreen, "help"),
            ("colon", Palette, "palette"),
            ("plus", ValueMenu, "value-menu"),
            ("S", ChoiceMenu, "sort-menu"),
            ("y", CopyMenu, "copy-menu-over-list"),
        ):
            await shown.press(key)
            await shown.until(partial(lies_over, shown, menu))
            await looks(shown, state)
            await shown.press("escape")
            await shown.until(lambda: shown.app.screen is shown.app.main)
        await shown.press("s")
        await shown.until(lambda: shown.app.main.focused_pane == "stages")
        await looks(shown, "stage-drawer")


async def test_the_board_and_what_differs_take_the_place_of_the_list() -> None:
    async with explorer(DEMO, "orders/prod", size=WIDE) as shown:
        await shown.has_read()
        await shown.sees("more functions")
        await shown.press("b")
        await shown.until(lambda: shown.app.main.focused_pane == "board")
        await looks(shown, "board-in-app")
        await shown.press("d")
        await shown.until(lambda: shown.app.main.focused_pane == "difference")
        await looks(shown, "difference-in-app")


async def test_an_empty_result_says_what_each_term_hides_and_the_menu_switches_them() -> None:
    async with explorer(DEMO, "orders/prod", size=USUAL) as shown:
        await shown.has_read()
        await shown.press("slash")
        await shown.type("status:5xx method:DELETE latency>25s")
        await shown.press("enter")
        await shown.sees("No request matches", "hides")
        await looks(shown, "empty")
        await resized(shown, SMALL)
        await looks(shown, "empty")
        await shown.press("f")
        await shown.until(lambda: isinstance(shown.app.screen, TermsMenu))
        await shown.sees("hides")
        await looks(shown, "terms-menu-over-empty")


FORMAT: Final = json.dumps(
    {
        name: f"$context.{variable}"
        for name, variable in (
            ("requestId", "requestId"),
            ("requestTimeEpoch", "requestTimeEpoch"),
            ("httpMethod", "httpMethod"),
            ("resourcePath", "resourcePath"),
            ("status", "status"),
            ("responseLatency", "responseLatency"),
        )
    }
)
"""Of the entries that `entry` writes: told, so that no guess is."""


@pytest.fixture
def recorded() -> Iterator[Endpoint]:
    """A group with a request every second of ten minutes and of those to come, one in nine fails; two come late."""
    account, clock = RecordedAccount(), SetClock()
    for number in range(900):
        stamp = NOW + (number - 600) * SECOND
        status, latency = (504, 29_010) if number % 9 == 4 else (200, 31)
        account.log(GROUP, stamp, entry(number, stamp, status=status, latency=latency), lag=2 * SECOND)
    late, slow = NOW - 9_500, NOW - 15_500
    account.log(GROUP, late, entry(1_000, late), lag=14 * SECOND)
    account.log(GROUP, slow, entry(1_001, slow, status=504, latency=29_010), lag=33 * SECOND)
    with EmulatorServer(account, account, clock=clock) as server:
        config = Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="10m", access_format=FORMAT)
        yield Endpoint(server, clock, config)


async def has_read_all(shown: Driven) -> None:
    """And what was said of the format at the start has been taken back."""
    await shown.has_read()
    await shown.sees("is remembered for")
    shown.app.main.query_one(Footer).flash((), 0.01)


@pytest.mark.parametrize("size", [USUAL, SMALL], ids=["120x36", "80x24"])
async def test_while_history_is_read_its_progress_is_told_and_what_is_unread_is_shaded(
    recorded: Endpoint, size: tuple[int, int]
) -> None:
    oldest = Fault(Breakage.STALL, ("FilterLogEvents",), about=f'"startTime": {NOW - 600 * SECOND}')
    recorded.server.conditions.add(oldest)
    async with explorer(recorded.config, GROUP, clock=recorded.clock, size=size) as shown:
        await shown.sees("reading", " · 363 events")
        await looks(shown, "loading")
        recorded.server.conditions.remove(oldest)


async def test_a_pause_stands_in_the_header_and_holds_the_rows(recorded: Endpoint) -> None:
    async with explorer(recorded.config, GROUP, clock=recorded.clock, size=SMALL) as shown:
        await has_read_all(shown)
        await shown.press("space")
        await shown.sees("‖ PAUSED")
        recorded.clock.now += 20 * SECOND
        calls = recorded.server.calls["FilterLogEvents"]
        await shown.until(lambda: recorded.server.calls["FilterLogEvents"] > calls + 1)
        await shown.sees("+22 new ↓")
        await looks(shown, "paused")


async def test_rows_that_come_late_stand_in_their_place_with_a_sign(recorded: Endpoint) -> None:
    async with explorer(recorded.config, GROUP, clock=recorded.clock, size=USUAL) as shown:
        await has_read_all(shown)
        await shown.press("k")
        await shown.passes(20)
        await shown.sees("late 1", "+20 new ↓", "↳ 12:45:55.500", "↳ 12:46:01.500")
        await looks(shown, "late")
        await resized(shown, SMALL)
        await looks(shown, "late")


async def test_expired_keys_are_a_banner_over_rows_that_stay_and_a_gap_below_them(recorded: Endpoint) -> None:
    def expire(_: str) -> None:
        raise ServiceError("ExpiredTokenException", "The security token included in the request is expired")

    async with explorer(recorded.config, GROUP, clock=recorded.clock, size=USUAL) as shown:
        await has_read_all(shown)
        recorded.server.before = expire
        await shown.passes(30)
        await shown.sees("WAITING", "╌ gap")
        for size in (USUAL, SMALL, NARROW):
            await resized(shown, size)
            await looks(shown, "expired")
