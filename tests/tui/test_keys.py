"""Every key of the table does what it says, in every pane that it is listed for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from textual.binding import BindingsMap

from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.traffic import Shop
from apigw_tui.tui.action_table import ACTIONS, PANES, Action
from apigw_tui.tui.actions import bindings, key_table_markdown
from apigw_tui.tui.choice_menu import ChoiceMenu
from apigw_tui.tui.histogram_pane import Histogram
from apigw_tui.tui.overview import Overview
from apigw_tui.tui.palette import COMMANDS, Palette, pane_of, reachable
from apigw_tui.tui.query_bar import QueryBar
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.theme import LIGHT
from apigw_tui.tui.value_menu import ValueMenu
from tests.tui.screens import screen_text
from tests.tui.test_app import NOW, SMALL, Driven, Endpoint, SetClock, explorer, settle, watching

README: Final = Path(__file__).parents[2] / "README.md"
START_OF_KEYS, END_OF_KEYS = "<!-- keys -->", "<!-- /keys -->"
KEYS_TO_PANE: Final[dict[str, tuple[str, ...]]] = {
    "list": (),
    "story": ("enter",),
    "stages": ("shift+tab",),
    "query": ("slash",),
    "histogram": ("i",),
    "board": ("b",),
    "difference": ("d",),
}
PROFILES: Final = """\
[default]
region = eu-west-1
[profile shop]
region = eu-west-1
aws_access_key_id = invented
aws_secret_access_key = invented
[profile broken]
source_profile = nowhere
role_arn = arn:aws:iam::111122223333:role/none
"""
PLAIN_MOVES: Final = frozenset(
    {
        "cursor_down",
        "cursor_up",
        "half_page_down",
        "half_page_up",
        "page_down",
        "page_up",
        "first",
        "last",
        "bar_left",
        "bar_right",
        "previous_cell",
        "next_cell",
        "next_pane",
        "previous_pane",
        "complete_query",
        "back",
        "command_palette",
    }
)
"""What nobody looks for in a palette."""


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(epoch=NOW)


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user with keys in the environment and some profiles."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(PROFILES, encoding="utf-8")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def endpoint(shop: Shop) -> Iterator[Endpoint]:
    clock = SetClock()
    with EmulatorServer(shop, shop, clock=clock) as server:
        yield Endpoint(server, clock, Config(endpoint_url=server.url, region="eu-west-1", tz="utc", since="2m"))


def histogram(shown: Driven) -> Histogram:
    return shown.app.main.query_one(Overview).histogram


def query(shown: Driven) -> str:
    session = shown.app.main.session
    return "" if session is None else session.query


def keys_of(pane: str, action: Action) -> list[str]:
    """The keys of an action as the terminal names them."""
    return [*BindingsMap(bindings(pane, (action,))).key_to_bindings]


def unreachable(shown: Driven, pane: str) -> list[str]:
    """Actions of a pane one of whose keys does something else, or nothing, there."""
    active = shown.app.screen.active_bindings
    missing = []
    for action in ACTIONS:
        if pane not in action.panes:
            continue
        name = action.id.partition("(")[0]
        for key in keys_of(pane, action):
            found = active.get(key)
            carried_out = found is not None and found.enabled and hasattr(found.node, f"action_{name}")
            if not carried_out or found is None or found.binding.action != action.id:
                missing.append(f"{action.id} by {key}")
    return missing


@pytest.mark.parametrize("pane", KEYS_TO_PANE)
async def test_every_key_of_a_pane_reaches_what_carries_it_out(
    endpoint: Endpoint, pane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(endpoint) as shown:
        await shown.press(*KEYS_TO_PANE[pane])
        await shown.until(lambda: shown.app.main.focused_pane == pane)
        assert unreachable(shown, pane) == []
        assert await pressed(shown, pane, monkeypatch) == []


async def pressed(shown: Driven, pane: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Press every key of a pane, and say which of them Textual did not take to their action.

    It is told instead of carried out, so that each key meets the pane as it was.
    """
    reached: list[str] = []

    async def tell(action: str, *_: object, **__: object) -> bool:
        reached.append(action)
        return True

    wrong = []
    with monkeypatch.context() as patched:
        patched.setattr(shown.app, "run_action", tell)
        for action in ACTIONS:
            for key in keys_of(pane, action) if pane in action.panes else ():
                reached.clear()
                await shown.press(key)
                if reached != [action.id]:
                    wrong.append(f"{action.id} by {key}: {reached}")
    return wrong


async def test_every_key_of_the_picker_reaches_what_carries_it_out(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, clock=endpoint.clock) as shown:
        await shown.sees("Pick a stage to watch", "orders")
        assert pane_of(shown.app.screen) == "picker"
        assert unreachable(shown, "picker") == []
        await shown.press("question_mark")
        await shown.sees("Help  stage picker")


def test_every_pane_is_tried() -> None:
    assert {*KEYS_TO_PANE, "picker"} == set(PANES)


def test_the_palette_names_every_action_but_plain_moves() -> None:
    assert set(COMMANDS) == {action.id for action in ACTIONS} - PLAIN_MOVES
    assert len(set(COMMANDS.values())) == len(COMMANDS)
    assert all(": " in title for title in COMMANDS.values())


@pytest.mark.parametrize("pane", ["list", "story", "histogram", "board", "difference"])
async def test_the_palette_offers_what_the_help_of_the_pane_lists(endpoint: Endpoint, pane: str) -> None:
    async with watching(endpoint) as shown:
        await shown.press(*KEYS_TO_PANE[pane])
        await shown.until(lambda: shown.app.main.focused_pane == pane)
        offered = {action.id for action in reachable(shown.app.screen)}
        assert offered == {action.id for action in ACTIONS if pane in action.panes} & set(COMMANDS)


async def test_a_command_does_what_its_key_would(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("colon")
        await shown.until(lambda: isinstance(shown.app.screen, Palette))
        await shown.type("rows requests")
        await shown.sees("rows: requests or events")
        await shown.press("enter")
        await shown.sees("LINE")
        assert shown.app.main.session is not None
        assert shown.app.main.session.mode == "events"


async def test_the_palette_changes_the_theme_and_offers_none_of_textuals_own_commands(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("ctrl+p")
        await shown.until(lambda: isinstance(shown.app.screen, Palette))
        await shown.sees("query: edit")
        for foreign in ("Screenshot", "Maximize", "🔎"):
            assert foreign not in shown.text
        await shown.type("theme light")
        await shown.sees("theme: light")
        await shown.press("enter")
        await shown.until(lambda: shown.app.theme == LIGHT)


def test_the_readme_has_the_table_of_keys() -> None:
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    if START_OF_KEYS not in text:
        pytest.skip("the README has no place for the keys")
    table = text.partition(START_OF_KEYS)[2].partition(END_OF_KEYS)[0]
    assert table.strip() == key_table_markdown().strip()


# -- a span of time


async def test_a_selected_span_narrows_list_and_legend_until_escape(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("i", "left", "left", "left", "left", "v", "left", "left")
        await shown.sees("v other end", "request")
        await shown.press("enter")
        await shown.until(lambda: 0 < rows.row_count < read and rows.has_focus)
        session, picture = shown.app.main.session, shown.app.main.picture
        assert session is not None
        assert picture is not None
        assert picture.legend.total == rows.row_count
        assert picture.total == read
        first = session.since
        assert first is not None
        assert first.endswith("Z")
        assert f"--since {first}" in session.command()
        await shown.sees("└─▴", f"{rows.row_count} of {read:,}".replace(",", " "))
        await shown.press("escape")
        await shown.until(lambda: rows.row_count == read)
        assert shown.app.main.session is not None
        assert (shown.app.main.session.since, shown.app.main.session.until) == ("2m", None)


async def test_a_narrowed_span_can_be_queried_and_0_goes_back_to_live(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("i", "v", *["left"] * 9, "enter")
        await shown.until(lambda: rows.row_count < read)
        await shown.press("slash")
        await shown.type("status:2xx")
        await shown.press("enter")
        await shown.until(lambda: query(shown) == "status:2xx")
        await shown.press("k", "space", "0")
        await shown.until(lambda: rows.following and "● LIVE" in shown.text)
        assert query(shown) == "status:2xx"
        assert shown.app.main.session is not None
        assert shown.app.main.session.until is None


async def test_where_the_span_has_no_match_escape_is_among_the_keys_that_help(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("i", "v", *["left"] * 9, "enter")
        await shown.until(lambda: rows.row_count < read)
        await shown.press("slash")
        await shown.type("route:/nowhere")
        await shown.press("enter")
        await shown.sees("No request matches", "whole range")
        await shown.press("escape")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.until is None)


async def test_zooming_shows_shorter_bars_and_all_again(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        bars = histogram(shown).bars
        assert bars is not None
        whole = bars.step_ms
        await shown.press("i", "left", "z")
        await shown.until(lambda: (found := histogram(shown).bars) is not None and found.step_ms < whole)
        assert shown.app.main._list.row_count > 100
        await shown.press("Z")
        await shown.until(lambda: (found := histogram(shown).bars) is not None and found.step_ms == whole)


async def test_zooming_out_of_all_that_was_read_reads_twice_of_it(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        read = shown.app.main._list.row_count
        await shown.press("i", "Z")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.since == "4m")
        await shown.has_read()
        await shown.until(lambda: shown.app.main._list.row_count > read)
        assert shown.app.main.focused_pane == "histogram"


async def test_on_a_small_screen_the_histogram_closes_the_story_that_lies_over_it(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=SMALL) as shown:
        await shown.press("enter", "i")
        await shown.until(lambda: histogram(shown).has_focus)
        assert not shown.app.main.has_class("-story")
        await shown.press("escape")
        await shown.until(lambda: shown.app.main._list.has_focus)


# -- values, queries


async def test_at_the_ends_of_the_query_history_that_is_told(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("left_square_bracket")
        await shown.sees("There is no earlier query.")
        await shown.press("right_square_bracket")
        await shown.sees("There is no later query.")


async def test_that_nothing_was_found_is_told_no_longer_of_another_row(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("g", "N")
        await shown.sees("No match before this row.")
        await shown.press("j")
        assert "No match before" not in screen_text(shown.app)


async def test_plus_adds_what_the_row_says_and_the_history_takes_it_back(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E", "plus")
        await shown.until(lambda: isinstance(shown.app.screen, ValueMenu))
        await shown.press("enter")
        await shown.until(lambda: query(shown).startswith("cause:"))
        await shown.press("minus", "j", "j", "enter")
        await shown.until(lambda: " -route:" in query(shown))
        await shown.press("left_square_bracket", "left_square_bracket")
        await shown.until(lambda: query(shown) == "")
        await shown.press("right_square_bracket")
        await shown.until(lambda: query(shown).startswith("cause:"))


async def test_a_field_of_the_access_tab_is_added_at_once(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E", "enter")
        await shown.sees("Access")
        await shown.press("right", "right", "plus")
        await shown.until(lambda: query(shown).startswith("access.requestId:"))


async def test_x_without_a_query_says_so_and_with_one_shows_all_rows(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await settle(shown)
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("x")
        await shown.sees("There is no query")
        await shown.press("slash")
        await shown.type("status:5xx")
        await shown.press("enter")
        await shown.until(lambda: 0 < rows.row_count < read)
        await shown.press("x")
        await shown.until(lambda: rows.row_count == read)
        assert "new ↓" not in shown.text
        await shown.press("x")
        await shown.until(lambda: rows.row_count < read)


async def test_a_query_takes_effect_while_the_tail_is_paused(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        read = rows.row_count
        await shown.press("space", "slash")
        await shown.type("status:5xx")
        await shown.press("enter")
        await shown.until(lambda: 0 < rows.row_count < read)
        await shown.sees("‖ PAUSED")


async def test_another_range_keeps_the_query_its_history_and_the_marks(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("k", "m", "slash")
        await shown.type("method:GET")
        await shown.press("enter")
        await shown.until(lambda: query(shown) == "method:GET")
        await shown.press("3")
        await shown.until(lambda: shown.app.main.session is not None and shown.app.main.session.since == "15m")
        await shown.has_read()
        assert query(shown) == "method:GET"
        assert shown.app.main._marks
        await shown.press("left_square_bracket")
        await shown.until(lambda: query(shown) == "")


# -- rows


async def test_v_keeps_the_cursor_on_the_request(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("E", "k", "k", "k")
        row = shown.app.main.selected_row()
        assert row is not None
        key = row["key"]

        def is_in(mode: str) -> bool:
            picture, now = shown.app.main.picture, shown.app.main.selected_row()
            return picture is not None and picture.view.mode == mode and now is not None and now["key"] == key

        for mode in ("events", "requests"):
            await shown.press("v")
            await shown.until(partial(is_in, mode))


async def test_u_goes_from_mark_to_mark_and_round_again(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        rows = shown.app.main._list
        await shown.press("k", "k", "m")
        second = rows.cursor
        await shown.press("k", "k", "m", "u")
        await shown.until(lambda: rows.cursor == second)
        await shown.press("u")
        await shown.until(lambda: rows.cursor == second - 2)


async def test_j_and_k_in_capitals_go_through_requests_while_the_story_stays_open(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        main = shown.app.main

        async def opened_by(key: str) -> int:
            before = main._opened
            await shown.press(key)
            await shown.until(lambda: main._opened not in (None, before))
            row = main._list.cursor_row
            assert row is not None
            assert row["key"] == main._opened
            return int(row["started_at"])

        latest = await opened_by("enter")
        await shown.passes(4)
        earlier = await opened_by("K")
        # Not always the one before: a slow request may have come between.
        assert earlier <= await opened_by("J") <= latest
        assert main.has_class("-story")


async def test_w_on_requests_says_where_there_is_something_to_wrap(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("w")
        await shown.sees("v shows their events")


async def test_escape_steps_back_one_thing_at_a_time(endpoint: Endpoint) -> None:
    async with watching(endpoint, size=SMALL) as shown:
        main = shown.app.main
        await shown.press("s", "slash", "c", "h")
        await shown.until(lambda: main.focused_pane == "stages" and "Stages" not in shown.text)
        await shown.press("escape")
        await shown.sees("Stages")
        await shown.press("escape")
        await shown.until(lambda: not main.has_class("-stages") and main._list.has_focus)
        await shown.press("enter")
        await shown.until(lambda: main.has_class("-story"))
        await shown.press("escape")
        await shown.until(lambda: not main.has_class("-story") and main._list.has_focus)
        await shown.press("escape")
        assert main._list.has_focus


async def test_the_query_bar_is_left_by_escape_with_the_query_from_before(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("slash")
        await shown.type("route:/nowhere ")
        await shown.press("escape", "escape")
        await shown.until(lambda: not shown.app.main.query_one(QueryBar).editing)
        assert query(shown) == ""


# -- profiles and regions


async def test_another_profile_is_read_while_the_tail_goes_on(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("P")
        await shown.until(lambda: isinstance(shown.app.screen, ChoiceMenu))
        await shown.sees("default", "shop", "broken")
        await shown.type("shop")
        await shown.press("enter")
        await shown.sees("Pick a stage to watch", "profile shop")
        assert shown.app.config.profile is None
        await shown.press("escape")
        await shown.sees("● LIVE", "REQUEST ID")
        await shown.press("P")
        await shown.type("shop")
        await shown.press("enter")
        await shown.sees("Pick a stage to watch", "profile shop", "read in")
        await shown.press("enter")
        await shown.until(lambda: shown.app.config.profile == "shop")
        await shown.has_read()
        session = shown.app.main.session
        assert session is not None
        assert "--profile shop" in session.command()


async def test_a_profile_that_cannot_be_read_leaves_everything_as_it_was(endpoint: Endpoint) -> None:
    async with watching(endpoint) as shown:
        await shown.press("P")
        await shown.until(lambda: isinstance(shown.app.screen, ChoiceMenu))
        await shown.type("broken")
        await shown.press("enter")
        await shown.sees("broken", "● LIVE")
        await shown.sees("nowhere")
        assert shown.app.config.profile is None
        assert not isinstance(shown.app.screen, StagesScreen)


async def test_regions_are_those_that_botocore_knows_and_any_that_is_typed(endpoint: Endpoint) -> None:
    async with explorer(endpoint.config, clock=endpoint.clock) as shown:
        await shown.sees("Pick a stage to watch", "orders")
        await shown.press("R")
        await shown.until(lambda: isinstance(shown.app.screen, ChoiceMenu))
        await shown.sees("eu-west-1", "now")
        await shown.type("eu-central-1")
        await shown.press("enter")
        await shown.sees("region eu-central-1", "stages")


async def test_the_demo_says_that_it_has_no_profiles() -> None:
    async with explorer(Config(demo=True, tz="utc"), "orders/prod") as shown:
        await shown.has_read()
        await shown.press("P")
        await shown.sees("The demo has no profiles.")
        await shown.press("R")
        await shown.sees("The demo has one region.")
