"""A menu of names: profiles, regions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual.app import App

from apigw_tui.tui.choice_menu import ChoiceMenu, Choices, choices_of
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui.screens import screen_text, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

PROFILES = choices_of("profile", ("billing", "shop", "shop-staging"), "shop")
REGIONS = choices_of("region", ("eu-central-1", "eu-west-1"), "eu-west-1", is_open=True)


class ChoiceApp(App[None]):
    """The menu over nothing."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.menu = ChoiceMenu(choices)
        self.chosen: list[str | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def on_mount(self) -> None:
        self.push_screen(self.menu, self.chosen.append)


@asynccontextmanager
async def shown(choices: Choices, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[ChoiceApp, Pilot[None]]]:
    app = ChoiceApp(choices)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "esc closes" in screen_text(app))
        yield app, pilot


async def chosen(app: ChoiceApp, pilot: Pilot[None]) -> str | None:
    await until(pilot, lambda: app.chosen)
    return app.chosen[0]


def test_the_name_in_force_is_offered_also_where_nothing_lists_it() -> None:
    assert choices_of("region", ("eu-west-1",), "xx-test-1").names == ("xx-test-1", "eu-west-1")
    assert choices_of("profile", ("shop",), None).names == ("shop",)


async def test_the_cursor_starts_on_the_name_in_force() -> None:
    async with shown(PROFILES) as (app, pilot):
        await until(pilot, lambda: "enter reads shop " in screen_text(app))
        assert "3 of 3" in screen_text(app)
        await pilot.press("down", "enter")
        assert await chosen(app, pilot) == "shop-staging"


async def test_typing_finds_a_name() -> None:
    async with shown(PROFILES) as (app, pilot):
        await pilot.press("b", "i", "l")
        await until(pilot, lambda: "1 of 3" in screen_text(app))
        await pilot.press("enter")
        assert await chosen(app, pilot) == "billing"


async def test_a_profile_that_is_not_configured_cannot_be_chosen() -> None:
    async with shown(PROFILES) as (app, pilot):
        await pilot.press("x", "y")
        await until(pilot, lambda: "No known profile" in screen_text(app))
        await pilot.press("enter")
        assert await chosen(app, pilot) is None


async def test_a_region_that_is_not_known_can_be_typed() -> None:
    async with shown(REGIONS) as (app, pilot):
        await pilot.press(*"xx-new-1")
        await until(pilot, lambda: "enter reads xx-new-1" in screen_text(app))
        await pilot.press("enter")
        assert await chosen(app, pilot) == "xx-new-1"


async def test_escape_chooses_nothing() -> None:
    async with shown(PROFILES) as (app, pilot):
        await pilot.press("escape")
        assert await chosen(app, pilot) is None


async def test_many_names_scroll_on_a_low_screen() -> None:
    many = choices_of("profile", tuple(f"account-{number:03}" for number in range(200)), "account-150")
    async with shown(many, (80, 14)) as (app, pilot):
        await until(pilot, lambda: "account-150" in screen_text(app))
        assert "esc closes" in screen_text(app)
        assert "enter reads account-150" in screen_text(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: "enter reads account-160" in screen_text(app))
