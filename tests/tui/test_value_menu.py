"""The value menu: what a row says, likeliest first, becomes a term of the query."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.app import App

from apigw_tui.core.query import parse
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from apigw_tui.tui.value_menu import (
    ChosenValue,
    FieldValue,
    ValueMenu,
    event_values,
    request_values,
    story_values,
)
from tests.tui import story_samples as samples
from tests.tui.screens import screen_text, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

FAILED = {
    "cause": "integration_timeout",
    "status": 504,
    "route": "/orders/{id}",
    "method": "POST",
    "source_ip": "203.0.113.7",
    "user_agent": 'shop "app" *',
    "caller": None,
}


class MenuApp(App[None]):
    """The menu over nothing."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, values: Sequence[FieldValue], *, excluded: bool) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.menu = ValueMenu(values, excluded=excluded)
        self.chosen: list[ChosenValue | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def on_mount(self) -> None:
        self.push_screen(self.menu, self.chosen.append)


@asynccontextmanager
async def shown(*, excluded: bool = False, height: int = 24) -> AsyncIterator[tuple[MenuApp, Pilot[None]]]:
    app = MenuApp(request_values(FAILED), excluded=excluded)
    async with app.run_test(size=(80, height)) as pilot:
        await until(pilot, lambda: "enter adds" in screen_text(app))
        yield app, pilot


def test_why_a_request_failed_comes_first_then_what_it_was() -> None:
    assert [found.field for found in request_values(FAILED)] == ["cause", "status", "route", "method", "ip", "agent"]


def test_without_a_cause_the_status_comes_first() -> None:
    assert request_values({**FAILED, "cause": None, "status": 200})[0] == FieldValue("status", "200")


def test_a_story_offers_what_its_row_does() -> None:
    story = samples.timeout_story()
    offered = {found.field: found.value for found in story_values(story.request)}
    assert offered["cause"] == "integration_timeout"
    assert offered["status"] == "504"
    assert offered["function"] == "orders-write"


def test_an_event_offers_the_kind_of_its_line_first() -> None:
    row = {"line_kind": "timeout", "kind": "execution", "status": 504, "log_group": "group", "log_stream": "one"}
    assert [found.field for found in event_values(row)] == ["line", "status", "kind", "group", "stream"]


@pytest.mark.parametrize("excluded", [False, True])
def test_every_value_becomes_a_term_that_can_be_read_again(*, excluded: bool) -> None:
    for found in request_values(FAILED):
        term = found.term(excluded=excluded)
        assert str(parse(term)) == term
        assert term.startswith("-") is excluded


async def test_enter_adds_the_likeliest() -> None:
    async with shown() as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: app.chosen)
        assert app.chosen == [ChosenValue(FieldValue("cause", "integration_timeout"), excluded=False)]


async def test_the_foot_tells_the_term_that_enter_adds() -> None:
    async with shown() as (app, pilot):
        assert "cause:integration_timeout" in screen_text(app)
        await pilot.press("j", "j", "minus")
        await until(pilot, lambda: "enter adds  -route:/orders/{id}" in screen_text(app))
        await pilot.press("plus")
        await until(pilot, lambda: "enter adds  route:/orders/{id}" in screen_text(app))


async def test_minus_opens_it_for_excluding() -> None:
    async with shown(excluded=True) as (app, pilot):
        assert "Exclude" in screen_text(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.chosen)
        assert app.chosen == [ChosenValue(FieldValue("status", "504"), excluded=True)]


async def test_escape_chooses_nothing_and_a_click_chooses_a_row() -> None:
    async with shown() as (app, pilot):
        await pilot.press("escape")
        await until(pilot, lambda: app.chosen == [None])
    async with shown() as (app, pilot):
        await pilot.click(app.menu.moved_view, offset=(8, 3))
        await until(pilot, lambda: app.chosen)
        assert app.chosen == [ChosenValue(FieldValue("method", "POST"), excluded=False)]


async def test_on_a_low_screen_the_values_scroll() -> None:
    async with shown(height=10) as (app, pilot):
        assert "agent" not in screen_text(app)
        await pilot.press("G")
        await until(pilot, lambda: "agent" in screen_text(app))
        assert "enter adds" in screen_text(app)
