"""The stage picker: the table, typing to filter, groups and IDs found as one types, first run."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from apigw_tui.errors import AppError
from apigw_tui.sources.log_groups import GroupSearch, LogGroup
from apigw_tui.sources.stages import Api
from apigw_tui.tui.picker_heading import PickerHeading
from apigw_tui.tui.stage_tree import Offer, StageNode
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.welcome_screen import WelcomeScreen
from tests.tui.pane_app import CET, PaneApp
from tests.tui.screens import assert_screen, screen_text, until
from tests.tui.stage_samples import NOW, OFFER, ORDERS_PROD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

HEADING = PickerHeading("1.0", NOW, CET, "111122223333", "shop", "eu-west-1", read_ms=812)
FOUND = GroupSearch((LogGroup("/aws/lambda/billing-run"),), complete=True)
EXPIRED = AppError("The credentials of profile shop have expired.", "Sign in again: aws sso login --profile shop")


@asynccontextmanager
async def shown(size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[PaneApp, StagesScreen, Pilot[None]]]:
    screen = StagesScreen(HEADING)
    app = PaneApp(screen=screen)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen is screen)
        screen.show(OFFER)
        await pilot.pause()
        await pilot.pause()
        yield app, screen, pilot


async def test_the_picker_looks_as_agreed() -> None:
    async with shown() as (app, _, _):
        assert_screen(app, "stages-120x36")


async def test_the_picker_fits_a_small_screen() -> None:
    async with shown((80, 24)) as (app, _, _):
        assert_screen(app, "stages-80x24")


async def test_enter_opens_the_first_stage() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.seen))
        event = app.seen[0]
        assert isinstance(event, StagesScreen.StageChosen)
        assert event.stage == ORDERS_PROD


async def test_groups_are_asked_for_once_typing_pauses() -> None:
    async with shown() as (app, _, pilot):
        for text in ("c", "ch", "cha", "chat"):
            app.screen.query_one(Input).value = text
        await until(pilot, lambda: any(isinstance(event, StagesScreen.GroupSearch) for event in app.seen))
        asked = [event.text for event in app.seen if isinstance(event, StagesScreen.GroupSearch)]
        assert asked == ["chat"]


async def test_typing_filters_and_enter_opens() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"chat", "enter")
        await until(pilot, lambda: any(isinstance(event, StagesScreen.StageChosen) for event in app.seen))
        event = next(event for event in app.seen if isinstance(event, StagesScreen.StageChosen))
        assert event.stage is not None
        assert event.stage.title == "chat/prod"


async def test_the_cursor_moves_while_the_filter_is_typed() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"staging", "down", "down", "enter")
        await until(pilot, lambda: any(isinstance(event, StagesScreen.StageChosen) for event in app.seen))
        event = next(event for event in app.seen if isinstance(event, StagesScreen.StageChosen))
        assert event.stage is not None
        assert event.stage.title == "storefront/staging"


async def test_groups_found_for_the_text_are_listed_and_late_answers_dropped() -> None:
    async with shown() as (app, screen, pilot):
        await pilot.press("/", *"billing")
        screen.show_groups(FOUND, text="bill")
        assert "billing-run" not in screen_text(app)
        screen.show_groups(FOUND, text="billing")
        await until(pilot, lambda: "/aws/lambda/billing-run" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: any(isinstance(event, StagesScreen.StageChosen) for event in app.seen))
        event = next(event for event in app.seen if isinstance(event, StagesScreen.StageChosen))
        assert event.group == "log-group:/aws/lambda/billing-run"


async def test_what_comes_into_view_is_told_so_that_it_is_read_first() -> None:
    apis = tuple(Api(f"id{number:03}", f"service-{number:03}", "REST") for number in range(300))
    async with shown() as (app, screen, pilot):
        screen.show(Offer(apis=apis))
        await until(pilot, lambda: any("id000" in seen.api_ids for seen in looked(app)))
        assert not any("id299" in seen.api_ids for seen in looked(app))
        await pilot.press("G")
        await until(pilot, lambda: any("id299" in seen.api_ids for seen in looked(app)))
        assert "▸ service-299" in screen_text(app)
        assert "stages not read yet" in screen_text(app)
        await pilot.press("/", *"service-150")
        await until(pilot, lambda: looked(app)[-1].api_ids == ("id150",))


async def test_stages_that_are_read_meanwhile_leave_the_cursor_on_its_stage() -> None:
    async with shown() as (_, screen, pilot):
        screen.show(replace(OFFER, stages=OFFER.stages[2:]))
        await pilot.press("j", "j", "j")
        screen.show(OFFER)
        assert isinstance(screen.node, StageNode)
        assert screen.node.stage.title == "chat/prod"


async def test_the_clock_and_the_ages_go_on() -> None:
    async with shown() as (app, screen, pilot):
        screen.tick(NOW + 60_000)
        await until(pilot, lambda: "03:13:11 CET" in screen_text(app) and "1 m" in screen_text(app))


def looked(app: PaneApp) -> list[StagesScreen.Looked]:
    return [event for event in app.seen if isinstance(event, StagesScreen.Looked)]


async def test_what_names_nothing_is_passed_on_as_an_id() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"8f0c2a1e-5b7d", "enter")
        await until(pilot, lambda: any(isinstance(event, StagesScreen.IdEntered) for event in app.seen))
        event = app.seen[-1]
        assert isinstance(event, StagesScreen.IdEntered)
        assert event.text == "8f0c2a1e-5b7d"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("8f0c2a1e-5b7d-4c3e-9a51-6d2f8e4b7c10", "enter looks for the request with this ID in all stages"),
        ("zzz", "Nothing known has this in its name; enter takes it for a log group's."),
    ],
)
async def test_what_enter_does_with_a_text_that_names_nothing_is_told(typed: str, told: str) -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *typed)
        await until(pilot, lambda: told in screen_text(app))
        await pilot.press(*["backspace"] * len(typed))
        await until(pilot, lambda: "▾ orders" in screen_text(app))


async def test_escape_leaves_the_filter_and_then_drops_it() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("/", *"chat", "escape")
        assert "orders" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "▾ orders" in screen_text(app))


async def test_trouble_is_told_and_the_list_stays() -> None:
    async with shown() as (app, screen, pilot):
        screen.show_trouble(EXPIRED)
        await until(pilot, lambda: "! The credentials of profile shop have expired." in screen_text(app))
        assert "▾ orders" in screen_text(app)


async def test_before_anything_is_read_the_picker_says_what_it_reads() -> None:
    app = PaneApp(screen=StagesScreen(HEADING))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Reading the APIs, stages and log groups" in screen_text(app))


@asynccontextmanager
async def welcomed(*profiles: str) -> AsyncIterator[tuple[PaneApp, Pilot[None]]]:
    screen = WelcomeScreen(EXPIRED, profiles=profiles, version="1.0")
    app = PaneApp(screen=screen)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.screen is screen and "quit" in screen_text(app))
        yield app, pilot


async def test_without_credentials_the_first_screen_says_so_and_offers_ways_on() -> None:
    async with welcomed("default", "shop") as (app, _):
        text = screen_text(app)
    assert "The credentials of profile shop have expired.\n  Sign in again: aws sso login --profile shop" in text
    assert "d  open the demo" in text
    assert "Profiles  2 in the AWS configuration\n▌ default\n  shop" in text


async def test_the_demo_another_try_a_profile_and_a_file_are_asked_for() -> None:
    async with welcomed("default", "shop") as (app, pilot):
        await pilot.press("d", "r", "j", "enter", "f", *"logs.gz", "enter")
        await until(pilot, lambda: len(app.seen) == 4)
        demo, retry, profile, file = app.seen
        assert isinstance(demo, WelcomeScreen.DemoWanted)
        assert isinstance(retry, WelcomeScreen.RetryWanted)
        assert isinstance(profile, WelcomeScreen.ProfileChosen)
        assert isinstance(file, WelcomeScreen.FileEntered)
        assert (profile.name, file.path) == ("shop", "logs.gz")


async def test_without_profiles_the_first_screen_says_so() -> None:
    async with welcomed() as (app, pilot):
        assert "No profile is configured" in screen_text(app)
        await pilot.press("enter")
        assert app.seen == []


async def test_escape_leaves_the_filter_then_its_text_then_the_picker() -> None:
    async with shown() as (app, screen, pilot):
        await pilot.press("slash", "c", "h", "escape")
        await until(pilot, lambda: app.focused is None)
        assert "storefront" not in screen.plain_text()
        await pilot.press("escape")
        await until(pilot, lambda: "storefront" in screen.plain_text())
        assert not any(isinstance(event, StagesScreen.Left) for event in app.seen)
        await pilot.press("escape")
        await until(pilot, lambda: any(isinstance(event, StagesScreen.Left) for event in app.seen))


async def test_while_another_account_is_read_nothing_of_the_old_one_can_be_opened() -> None:
    async with shown() as (_, screen, pilot):
        screen.await_stages(PickerHeading("1.0", NOW, CET, None, "billing", "eu-west-1"))
        await until(pilot, lambda: "profile billing" in screen.plain_text())
        assert "Reading the APIs" in screen.plain_text()
        assert "orders" not in screen.plain_text()
        screen.show(OFFER)
        await until(pilot, lambda: "orders" in screen.plain_text())
        assert screen.node is not None
        assert hasattr(screen.node, "stage")


async def test_a_sentence_stands_in_the_place_of_the_keys() -> None:
    async with shown() as (_, screen, pilot):
        screen.say("The demo has no profiles.")
        await until(pilot, lambda: "The demo has no profiles." in screen.plain_text())
        assert "enter open" not in screen.plain_text()
