"""Footer, banner, empty state, and whole screens of widgets as text."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from apigw_tui.tui.banner import Trouble, banner_lines
from apigw_tui.tui.columns import Table
from apigw_tui.tui.empty_state import Emptiness, empty_lines
from apigw_tui.tui.footer import copied, footer_line
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.line import plain, width_of
from apigw_tui.tui.theme import SIXTEEN
from tests.tui.invented_rows import START, InventedView
from tests.tui.preview import KEYS, Preview
from tests.tui.screens import assert_screen, screen_text, until

ZONE = timezone(timedelta(hours=1), "CET")
TROUBLE = Trouble(
    "SSO session of profile depot expired at 03:09:12",
    "36 618 requests are kept.",
    "aws sso login --profile depot",
    "and the tail resumes at 03:08:58.",
    4_000,
)
EMPTINESS = Emptiness(
    "No request matches",
    (
        ("looked in", (("parcels-prod-access", "ink"),)),
        ("window", (("02:57:11 – 03:12:11", "ink"), ("  15 min, local time", "ink-muted"))),
        ("query", (("status:5xx route:/search", "ink"),)),
        ("hidden", (("47 902", "ink"), (" requests, by this query", "ink-muted"))),
        ("last event", (("03:12:09", "ink"), ("  2 s ago", "ink-muted"))),
    ),
    (("[", "query back"), ("x", "show all, highlight matches"), ("5", "look back 1 h")),
)


@pytest.mark.parametrize("width", [40, 60, 80, 98, 120, 160])
def test_the_footer_cuts_no_key_and_ends_with_help(width: int) -> None:
    line = footer_line(KEYS, width)
    assert width_of(line) == width - 1
    assert plain(line).endswith("? help")
    shown = plain(line).removesuffix("? help").split("  ")
    labels = {f"{key} {label}" for key, label in KEYS}
    assert {item.strip() for item in shown if item.strip()} <= labels


def test_the_footer_has_at_most_eight_keys() -> None:
    many = tuple((letter, "go") for letter in "abcdefghijkl")
    assert plain(footer_line(many, 200)).count(" go") == 7


def test_a_copy_is_reported_with_its_route() -> None:
    line = copied("8f0c2a1e-1111-4222", "to the clipboard, OSC 52 through tmux")
    assert line[2] == ("8f0c2a1e", "bold ink-strong")
    assert copied("Markdown", "to the clipboard")[2] == ("Markdown", "bold ink-strong")
    long = plain(copied("x" * 200, "to the clipboard"))
    assert long.endswith("x…  to the clipboard")
    assert len(long) < 70
    assert plain(line) == "✓ copied 8f0c2a1e-1111-4222  to the clipboard, OSC 52 through tmux"


def test_the_banner_says_what_failed_what_is_kept_and_what_helps() -> None:
    first, second = (plain(line) for line in banner_lines(TROUBLE, 118))
    assert first.startswith("▌ ! SSO session of profile depot expired at 03:09:12")
    assert first.endswith("tries again in 4 s")
    assert "36 618 requests are kept.  Run  aws sso login --profile depot  and the tail resumes" in second


def test_a_narrow_banner_keeps_the_command() -> None:
    second = plain(banner_lines(TROUBLE, 60)[1])
    assert second.startswith("▌   Run  aws sso login --profile depot  and the tail")


@pytest.mark.parametrize("width", range(40, 140, 7))
def test_the_banner_never_overflows(width: int) -> None:
    for line in banner_lines(TROUBLE, width):
        assert width_of(line) <= width


def test_the_empty_state_is_a_block_in_the_middle() -> None:
    lines = empty_lines(EMPTINESS, 100, 20)
    texts = [plain(line) for line in lines if plain(line).strip()]
    assert len({len(text) - len(text.lstrip()) for text in texts}) == 1
    assert texts[0].strip() == "No request matches"
    assert texts[-1].strip().startswith("[  query back")


def test_keys_that_do_not_fit_in_a_row_stand_one_below_the_other() -> None:
    lines = [plain(line).strip() for line in empty_lines(EMPTINESS, 60, 20)]
    assert lines[-3:] == ["[  query back", "x  show all, highlight matches", "5  look back 1 h"]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (98, 36), (120, 36), (135, 45)])
async def test_the_screen_of_an_incident(width: int, height: int) -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        extras: dict[int, dict[str, Any]] = {38_438: {"marked": True}, 38_430: {"late_ms": 41_000}}
        app.show_incident(InventedView(range(38_443), extras=extras))
        for _ in range(10):
            app.rows.move(-1)
        await until(pilot, lambda: "▌" in screen_text(app))
        assert_screen(app, f"incident-{width}x{height}")


async def test_the_screen_of_trouble() -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        gap = {"gap": "AWS throttles", "gap_start": START + 1_290, "gap_end": START + 1_980, "again_ms": 12_400}
        extras: dict[int, dict[str, Any]] = {-1: gap, 12: {"late_ms": 41_000}, 14: {"late_ms": 41_000}}
        app.show_incident(InventedView([*range(20), -1, *range(30, 42)], extras=extras), trouble=True)
        await until(pilot, lambda: "WAITING" in screen_text(app))
        await pilot.pause()
        assert_screen(app, "trouble-120x36")


async def test_the_screen_of_a_query_being_edited() -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.show_incident(InventedView(range(500)))
        app.query_bar.edit("route:/parcels/{id} ")
        await pilot.press(*"cause:")
        await until(pilot, lambda: "30 more codes" in screen_text(app))
        await pilot.pause()
        assert_screen(app, "query-120x36")


async def test_the_screen_of_wrapped_events() -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.show_incident(InventedView(range(500), mode="events"))
        app.heads.show(Table("events"))
        await pilot.press("w")
        await until(pilot, lambda: "at handler" in screen_text(app))
        assert_screen(app, "events-80x24")


async def test_the_screen_of_a_console_without_glyphs_and_colours() -> None:
    app = Preview(zone=ZONE, theme=SIXTEEN, glyphs=ASCII, ansi_color=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.show_incident(InventedView(range(500)))
        await until(pilot, lambda: "/parcels" in screen_text(app))
        await pilot.pause()
        assert_screen(app, "ascii-80x24")


async def test_a_flash_takes_the_keys_place_and_gives_it_back() -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.footer.flash(copied("8f0c2a1e-1111", "to the clipboard", UNICODE), seconds=0.01)
        await until(pilot, lambda: "copied" in screen_text(app) or app.footer._flash is None)
        await until(pilot, lambda: app.footer._flash is None)
        await until(pilot, lambda: "enter open" in screen_text(app))


async def test_the_banner_takes_no_room_while_there_is_no_trouble() -> None:
    app = Preview(zone=ZONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.banner.display
        app.banner.show(TROUBLE)
        await until(pilot, lambda: "SSO session" in screen_text(app))
        app.banner.show(None)
        await until(pilot, lambda: "SSO session" not in screen_text(app))
