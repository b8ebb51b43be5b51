"""The copy menu."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_tui.core.query import parse
from apigw_tui.tui.copy_items import CopyContext, story_items
from apigw_tui.tui.copy_menu import CopyMenu
from apigw_tui.tui.copy_view import CopyView
from apigw_tui.tui.line_view import LineView
from tests.tui import story_samples as samples
from tests.tui.pane_app import PaneApp
from tests.tui.screens import assert_screen, screen_text, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

VIEW = CopyView(
    parse("status:5xx cause:integration_timeout"),
    samples.FORMAT,
    (samples.ACCESS_GROUP,),
    (samples.START - 900_000, samples.START),
)
CONTEXT = CopyContext(
    "orders/prod",
    (),
    "apigw-tui orders/prod -q status:5xx",
    "eu-west-1",
    samples.EXECUTION_GROUP,
    cell=("route", "/orders/{id}"),
    marked=(samples.REQUEST_ID, "d2b7f9e0-9a64-4c39-8f0c-0d1f2e3b4c5d"),
    searched=VIEW,
)


@asynccontextmanager
async def shown(size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[PaneApp, Pilot[None]]]:
    content = story_items(samples.timeout_story(data_trace=True), CONTEXT)
    app = PaneApp(screen=CopyMenu(content, route="clipboard: OSC 52 through tmux"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "request ID" in screen_text(app))
        yield app, pilot


async def test_the_menu_looks_as_agreed() -> None:
    async with shown() as (app, _):
        assert_screen(app, "copy-menu-120x36")


async def test_enter_copies_the_request_id() -> None:
    async with shown() as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.chosen))
        assert app.chosen[0] is not None
        assert app.chosen[0].text == samples.REQUEST_ID


async def test_an_items_own_key_copies_it_also_where_it_moves_elsewhere() -> None:
    for key, label in (("j", "JSON"), ("l", "Lambda request ID"), ("u", "curl")):
        async with shown() as (app, pilot):
            await pilot.press(key)
            await until(pilot, lambda app=app: bool(app.chosen))  # type: ignore[misc]
            assert app.chosen[0] is not None
            assert app.chosen[0].label == label


async def test_the_arrows_skip_the_blank_rows() -> None:
    async with shown() as (app, pilot):
        await pilot.press(*["down"] * 5, "enter")
        await until(pilot, lambda: bool(app.chosen))
        assert app.chosen[0] is not None
        assert app.chosen[0].label == "marked rows: IDs"


async def test_a_click_copies_and_escape_does_not() -> None:
    async with shown() as (app, pilot):
        await pilot.click(app.screen.query_one("#copy-list", LineView), offset=(30, 3))
        await until(pilot, lambda: bool(app.chosen))
        assert app.chosen[0] is not None
        assert app.chosen[0].label == "X-Ray trace ID"
    async with shown() as (app, pilot):
        await pilot.press("escape")
        await until(pilot, lambda: app.chosen == [None])


async def test_the_menu_fits_a_small_screen_and_scrolls() -> None:
    async with shown((80, 24)) as (app, pilot):
        assert_screen(app, "copy-menu-80x24")
        await pilot.press("end")
        await until(pilot, lambda: "view: Insights link" in screen_text(app))
        text = screen_text(app)
    assert "esc closes" in text
    assert "Secrets are masked · 1 found" in text


async def test_secrets_that_are_shown_are_said_to_be() -> None:
    content = story_items(samples.timeout_story(data_trace=True), replace(CONTEXT, reveal=True))
    app = PaneApp(screen=CopyMenu(content, route="clipboard: OSC 52"))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Secrets are shown · 1 found" in screen_text(app))
