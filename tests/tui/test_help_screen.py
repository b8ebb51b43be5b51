"""The help overlay."""

from __future__ import annotations

import re

import pytest

from apigw_tui.tui.action_table import PANES
from apigw_tui.tui.actions import chosen, help_lines
from apigw_tui.tui.help_screen import HelpScreen
from tests.tui.pane_app import PaneApp
from tests.tui.screens import assert_screen, screen_text, until


async def test_the_help_of_the_list_looks_as_agreed() -> None:
    app = PaneApp(screen=HelpScreen("list"))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Signs" in screen_text(app))
        assert_screen(app, "help-120x36")


@pytest.mark.parametrize("pane", PANES)
async def test_beside_each_other_two_blocks_are_whole(pane: str) -> None:
    app = PaneApp(screen=HelpScreen(pane))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Signs" in screen_text(app))
        shown = screen_text(app)
        for line in (line for lines in help_lines(pane).values() for line in lines):
            assert re.search(rf"{re.escape(line.description)}(\s\s|$)", shown, re.MULTILINE), line.description
            assert not re.search(rf"{re.escape(line.description)} {{1,3}}\S", shown), line.description


async def test_on_a_small_screen_the_help_scrolls() -> None:
    app = PaneApp(screen=HelpScreen("story"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "one row" in screen_text(app))
        assert "status>=500" not in screen_text(app)
        await pilot.press("G")
        await until(pilot, lambda: "status>=500" in screen_text(app))


async def test_only_the_given_actions_are_explained() -> None:
    app = PaneApp(screen=HelpScreen("list", actions=chosen("copy_id", "cursor_down")))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "copy the request ID" in screen_text(app))
        assert "Narrow down" not in screen_text(app)


async def test_escape_or_the_key_itself_closes_the_help() -> None:
    for key in ("escape", "question_mark"):
        screen = HelpScreen("list")
        app = PaneApp(screen=screen)
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda screen=screen, app=app: app.screen is screen)  # type: ignore[misc]
            await pilot.press(key)
            assert app.screen is not screen
