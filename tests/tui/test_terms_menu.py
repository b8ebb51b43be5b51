"""The terms menu: the query's terms one by one, each with what it hides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App

from apigw_tui.core.query import parse
from apigw_tui.core.term_effects import TermEffect
from apigw_tui.tui.terms_menu import Switch, Terms, TermsMenu, effect_line
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui.screens import assert_screen, screen_text, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

QUERY = "status:5xx route:/orders/{id} latency>1m"
EFFECTS = (
    TermEffect("status:5xx", hides=0, of=0, alone=1_329),
    TermEffect("route:/orders/{id}", hides=0, of=0, alone=4_207),
    TermEffect("latency>1m", hides=1_204, of=1_204, alone=0),
)


class MenuApp(App[None]):
    """The menu over nothing."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.tried: list[Terms] = []
        self.left: list[Terms | None] = []
        self.menu = TermsMenu(Terms.of(QUERY, ("method:POST",)), show=self.tried.append, cursor=2)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def on_mount(self) -> None:
        self.push_screen(self.menu, self.left.append)


@asynccontextmanager
async def shown(height: int = 24) -> AsyncIterator[tuple[MenuApp, Pilot[None]]]:
    app = MenuApp()
    async with app.run_test(size=(80, height)) as pilot:
        await until(pilot, lambda: "turn round" in screen_text(app))
        yield app, pilot


def test_terms_that_are_off_are_not_in_the_query_but_not_forgotten() -> None:
    terms = Terms.of(QUERY, ("method:POST",))
    assert terms.query == QUERY
    off = terms.changed(1, Switch("route:/orders/{id}", on=False))
    assert off.query == "status:5xx latency>1m"
    assert off.off == ("route:/orders/{id}", "method:POST")


@pytest.mark.parametrize(
    ("term", "round_"),
    [
        ("status:5xx", "-status:5xx"),
        ("-route:/a", "route:/a"),
        ("status:4xx OR status:5xx", "-(status:4xx OR status:5xx)"),
    ],
)
def test_turning_a_term_round_twice_gives_it_back(term: str, round_: str) -> None:
    assert Switch(term).turned_round() == Switch(round_)
    assert Switch(term).turned_round().turned_round() == Switch(term)


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_property_the_query_holds_exactly_the_terms_that_are_on(switched: list[bool]) -> None:
    terms = Terms.of(QUERY)
    for place, on in enumerate(switched):
        terms = terms.changed(place, Switch(terms.switches[place].term, on=on))
    wanted = [switch.term for switch in Terms.of(QUERY).switches]
    assert Terms.of(terms.query).switches == tuple(
        Switch(term) for term, on in zip(wanted, switched, strict=True) if on
    )
    assert sorted((*terms.off, *(switch.term for switch in terms.switches if switch.on))) == sorted(wanted)
    assert parse(terms.query).terms == tuple(node for node, on in zip(parse(QUERY).terms, switched, strict=True) if on)


def test_a_term_in_the_way_says_how_much_it_hides_another_what_it_finds_alone() -> None:
    assert "".join(text for text, _ in effect_line(EFFECTS[2])) == "hides 1 204 of 1 204"
    assert "alone 1 329" in "".join(text for text, _ in effect_line(EFFECTS[0]))


async def test_the_menu_shows_every_term_with_what_it_does() -> None:
    async with shown() as (app, _):
        app.menu.show_effects(EFFECTS)
        assert_screen(app, "terms-menu-80x24")


async def test_space_switches_a_term_and_the_list_behind_follows_at_once() -> None:
    async with shown() as (app, pilot):
        await pilot.press("space")
        assert [terms.query for terms in app.tried] == ["status:5xx route:/orders/{id}"]
        await pilot.press("space", "enter")
        assert app.tried[-1].query == QUERY
        assert app.left == [Terms.of(QUERY, ("method:POST",))]


async def test_a_term_is_turned_round_or_taken_out() -> None:
    async with shown() as (app, pilot):
        await pilot.press("minus", "up", "d", "enter")
        [left] = app.left
        assert left is not None
        assert left.query == "status:5xx -latency>1m"


async def test_escape_gives_everything_back() -> None:
    async with shown() as (app, pilot):
        await pilot.press("d", "d", "escape")
        assert app.left == [None]
        assert app.tried[-1].query == QUERY


async def test_without_any_term_left_the_menu_closes() -> None:
    async with shown() as (app, pilot):
        await pilot.press("g", "d", "d", "d", "d")
        await until(pilot, lambda: bool(app.left))
        assert app.left == [Terms(())]


async def test_a_click_switches_a_term() -> None:
    async with shown() as (app, pilot):
        lines = screen_text(app).splitlines()
        row = next(y for y, line in enumerate(lines) if "status:5xx" in line)
        await pilot.click(offset=(10, row))
        assert app.tried[-1].off == ("status:5xx", "method:POST")
