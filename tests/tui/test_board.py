"""The board: its tables, its cursor, and what its keys do to the query."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from apigw_tui.config import load_config
from apigw_tui.core.board import Board, Top, Trend, ValueRow
from apigw_tui.core.chunk import Chunk
from apigw_tui.core.part import Part
from apigw_tui.core.view import View
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.board import BoardPane
from apigw_tui.tui.board_cells import Look, beam, change, duration, number, spark
from apigw_tui.tui.board_feed import BoardFeed
from apigw_tui.tui.board_layout import places, window
from apigw_tui.tui.board_tables import tables
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.line import plain, width_of
from tests.tui import invented_board
from tests.tui.pane_app import CET, PaneApp
from tests.tui.screens import assert_screen, screen_text, until

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_tui.tui.board_tables import Table

LOOK = Look(UNICODE, mono=False, zone=CET, today="2026-03-02")
NOW = invented_board.END


class BoardApp(PaneApp):
    """Shows a board and keeps what was chosen."""

    def __init__(self, board: Board | None = None) -> None:
        self.pane = BoardPane(zone=CET)
        super().__init__(self.pane)
        self._board = board or invented_board.incident()
        self.chosen_rows: list[BoardPane.RowChosen] = []

    def on_mount(self) -> None:
        """Show the board."""
        self.pane.show(self._board, now=NOW)
        self.pane.focus()

    def on_board_pane_row_chosen(self, event: BoardPane.RowChosen) -> None:
        """Note it."""
        self.chosen_rows.append(event)


def table(title: str, board: Board | None = None) -> Table:
    return next(found for found in tables(board or invented_board.incident(), LOOK) if found.title == title)


def cells(line: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Text by ink of the spans that say something."""
    return {text.strip(): ink for text, ink in line if text.strip()}


# -- tables


def test_only_cells_beyond_a_limit_are_loud() -> None:
    routes = table("Routes")
    failing, quiet = (cells(routes.line(at, 131, cursor=False)) for at in (1, 3))
    assert failing["✗ 18.2"] == "bold status-5xx"
    assert failing["29.05"] == "bold ink-strong"
    assert failing["/parcels/{id}"] == "ink-strong"
    assert quiet["/parcels/{id}"] == "ink-muted"
    assert not any("status" in ink or "bold" in ink for ink in quiet.values())


def test_a_4xx_is_loud_from_a_twentieth_of_a_route_and_a_fifth_of_a_client() -> None:
    row = invented_board.incident().routes[0]
    for errors, loud in ((4, False), (5, True)):
        board = replace(invented_board.incident(), routes=(replace(row, requests=100, errors_4xx=errors),))
        found = plain(table("Routes", board).line(1, 131, cursor=False))
        assert ("! 5.0 %" in found) is loud
    for errors, loud in ((19, False), (20, True)):
        top = Top((ValueRow("ip", "203.0.113.7", 100, errors, 0),), 1)
        board = replace(invented_board.incident(), clients=top)
        assert ("!" in plain(table("Clients", board).line(0, 40, cursor=False))) is loud


def test_what_is_unknown_is_a_dash_and_a_true_zero_is_faint() -> None:
    assert plain(duration(None, "ink")) == "–   "
    assert number(0, "ink") == (("0", "ink-faint"),)
    assert plain(change(None, "ink", UNICODE)).strip() == "–"
    assert plain(change(0.0004, "ink", UNICODE)).strip() == "="
    assert plain(change(0.0921, "ink", UNICODE)) == "+9.2 pt"
    assert plain(change(-0.0921, "ink", UNICODE)) == "−9.2 pt"


def test_routes_come_after_a_row_of_all_of_them() -> None:
    routes = table("Routes")
    assert plain(routes.line(0, 131, cursor=False)).startswith("all routes ")
    assert (routes.first_row, routes.total, len(routes.rows)) == (1, 9, 10)


def test_columns_go_in_their_order_where_the_width_is_small() -> None:
    routes = table("Routes")
    order = ("AVG SIZE", "OVERHEAD", "CHANGE", "P99", "P50", "PER MINUTE")
    seen = [[name in plain(routes.head(width)) for name in order] for width in range(150, 76, -1)]
    for before, after in pairwise(seen):
        assert all(was or not now for was, now in zip(before, after, strict=True))
    for shown in seen:
        assert shown == sorted(shown)
    assert seen[0] == [True] * 6
    assert seen[-1] == [False] * 6
    heads = plain(routes.head(78)).split()
    assert heads == ["METHOD", "ROUTE", "REQUESTS", "5xx", "▾", "SHARE", "4xx", "P95"]


@pytest.mark.parametrize("width", range(24, 180, 5))
def test_no_line_overflows(width: int) -> None:
    board = invented_board.incident()
    wide = replace(board.routes[0], requests=12_345_678, errors_5xx=12_345_678, p95_ms=62_000, route="/パーセル" * 30)
    for look in (LOOK, replace(LOOK, glyphs=ASCII, mono=True)):
        for found in tables(replace(board, routes=(wide, *board.routes)), look):
            if width < 60 and found.title == "Routes":
                continue
            assert width_of(found.head(width)) <= width
            for index in range(len(found.rows)):
                assert width_of(found.line(index, width, cursor=index == 0)) <= width


def test_a_cause_of_another_day_is_dated() -> None:
    board = invented_board.incident()
    assert "03:17:00" in plain(table("Causes").line(0, 60, cursor=False))
    old = tables(board, replace(LOOK, today="2026-03-03"))[1]
    assert "03-02 03:17" in plain(old.line(0, 60, cursor=False))


def test_a_trend_takes_the_colour_of_the_worst_class_of_each_step() -> None:
    trend = Trend((100, 100, 100, 100, 0), (0, 5, 40, 4, 0), (0, 0, 5, 4, 0))
    drawn = spark(trend, 100, glyphs=UNICODE, mono=False)
    assert drawn == (("█", "spark"), ("█", "fill-4xx"), ("█", "fill-5xx"), ("█ ", "spark"))
    shades = spark(trend, 100, glyphs=UNICODE, mono=True)
    assert [ink for _, ink in shades] == ["ink-faint", "ink", "bold ink-strong", "ink-faint"]


def test_bars_show_what_there_is_at_all() -> None:
    assert spark(Trend((1, 1_000), (0, 0), (0, 0)), 1_000, glyphs=UNICODE, mono=False) == (("▁█", "spark"),)
    assert [beam(count, 100, 4, UNICODE) for count in (0, 1, 50, 100)] == ["", "▏", "██", "████"]


# -- places


@pytest.mark.parametrize(("width", "height"), [(120, 20), (135, 31), (160, 60), (119, 60), (160, 19), (80, 3)])
@pytest.mark.parametrize("rows", [(1, 0, 0, 0, 0), (12, 6, 100, 3, 37), (500, 14, 100, 100, 100)])
def test_places_never_overlap_nor_leave_the_screen(width: int, height: int, rows: tuple[int, ...]) -> None:
    taken: set[tuple[int, int]] = set()
    for place in places(width, height, rows, 2):
        found = {(x, y) for x in range(place.x, place.x + place.width) for y in range(place.y, place.y + place.height)}
        assert not taken & found
        assert all(0 <= x < width and 0 <= y < height for x, y in found)
        taken |= found
    assert len(places(width, height, rows, 2)) == (5 if width >= 120 and height >= 20 else 1)


def test_the_cursor_is_always_among_the_rows_in_view() -> None:
    (place,) = places(80, 10, (40, 0, 0, 0, 0), 0)
    for cursor in range(40):
        for top in range(40):
            shown = window(place, rows=40, unkept=3, top=top, cursor=cursor)
            assert shown.top <= cursor < shown.top + shown.count
            assert shown.cut
            assert shown.top + shown.count <= 40


# -- the widget


@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24), (135, 31)])
async def test_the_screen_of_an_incident(width: int, height: int) -> None:
    app = BoardApp()
    async with app.run_test(size=(width, height)) as pilot:
        await until(pilot, lambda: "▌" in screen_text(app))
        assert_screen(app, f"board-{width}x{height}")


async def test_narrow_one_table_is_shown_and_tab_goes_on() -> None:
    app = BoardApp()
    async with app.run_test(size=(80, 24)) as pilot:
        seen = []
        for _ in range(5):
            seen.append(app.pane.table_title)
            await pilot.press("tab")
        assert seen == ["Routes", "Causes", "Clients", "API keys", "User agents"]
        assert app.pane.table_title == "Routes"
        await pilot.press("shift+tab")
        assert app.pane.plain_lines()[1].split() == ["AGENT", "REQUESTS", "4xx", "5xx"]


async def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    app = BoardApp()
    async with app.run_test(size=(135, 31)) as pilot:
        await pilot.press("j", "j")
        row = app.pane.cursor_row
        board = invented_board.incident()
        app.pane.show(replace(board, routes=tuple(reversed(board.routes))), now=NOW)
        assert app.pane.cursor_row == row
        app.pane.show(replace(board, routes=board.routes[:1]), now=NOW)
        assert app.pane.cursor_row == board.routes[0]


async def test_before_it_is_moved_the_cursor_is_on_the_worst_route() -> None:
    app = BoardApp()
    async with app.run_test(size=(135, 31)):
        board = invented_board.incident()
        assert app.pane.cursor_row == board.routes[0]
        app.pane.show(replace(board, routes=(), route_count=0), now=NOW)
        assert app.pane.cursor_row == board.everything
        app.pane.show(replace(board, routes=tuple(reversed(board.routes))), now=NOW)
        assert app.pane.cursor_row == board.routes[-1]


async def test_moving_stays_within_the_table() -> None:
    app = BoardApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "k")
        assert app.pane.cursor_row == invented_board.incident().everything
        await pilot.press("G", "j")
        assert app.pane.cursor_row == invented_board.incident().routes[-1]
        await pilot.press("tab", "tab", "pagedown", "ctrl+d")
        assert app.pane.plain_lines()[-1].strip() == "3 above"


async def test_the_keys_say_what_is_wanted_of_the_row() -> None:
    app = BoardApp()
    async with app.run_test(size=(135, 31)) as pilot:
        await pilot.press("enter", "tab", "plus", "tab", "minus")
        await pilot.pause()
        board = invented_board.incident()
        assert [(event.wish, event.row) for event in app.chosen_rows] == [
            ("rows", board.routes[0]),
            ("include", board.causes[0]),
            ("exclude", board.clients.rows[0]),
        ]


async def test_a_click_takes_the_cursor_and_another_opens_the_row() -> None:
    app = BoardApp()
    async with app.run_test(size=(135, 31)) as pilot:
        y = next(at for at, line in enumerate(app.pane.plain_lines()) if "throttled" in line)
        await pilot.click(BoardPane, offset=(6, y))
        assert app.pane.table_title == "Causes"
        assert not app.chosen_rows
        await pilot.click(BoardPane, offset=(6, y))
        assert [event.row.pairs for event in app.chosen_rows] == [(("cause", "throttled"),)]


async def test_a_click_on_a_name_shows_that_table() -> None:
    app = BoardApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(BoardPane, offset=(app.pane.plain_lines()[0].index("Clients") + 2, 0))
        assert app.pane.table_title == "Clients"


async def test_a_board_of_nothing_says_so() -> None:
    empty = Top((), 0)
    board = invented_board.incident()
    nothing = replace(board, routes=(), route_count=0, causes=(), clients=empty, keys=empty, agents=empty)
    app = BoardApp(nothing)
    async with app.run_test(size=(135, 31)) as pilot:
        await pilot.press("tab", "j", "enter", "plus")
        await pilot.pause()
        assert " ".join(app.pane.plain_lines()).count("none") == 4
        assert not app.chosen_rows


# -- in the engine's thread


def everything() -> Part:
    requests = invented_board.requests()
    return Part(Chunk(requests, time="started_at"), (0, requests.height), identity=None)


def test_the_board_is_summed_up_only_while_it_is_looked_at() -> None:
    view = View("requests", (everything(),), 1, version=1)
    feed = BoardFeed()
    span: dict[str, Any] = {"start": invented_board.START, "end": invented_board.END}
    assert feed.board(view, about=1, **span) is None
    feed.shown = True
    first = feed.board(view, about=1, **span)
    assert first is not None
    assert feed.board(view, about=1, **span) is first


def test_summing_up_leaves_the_readers_their_time_but_answers_another_query_at_once() -> None:
    ticks = iter((0.0, 2.0, 9.9, 10.1, 10.2, 10.3))
    feed = BoardFeed(stopwatch=lambda: next(ticks))
    feed.shown = True
    span: dict[str, Any] = {"start": invented_board.START, "end": invented_board.END}
    views = [View("requests", (everything(),), 1, version=version) for version in (1, 2, 3)]
    first = feed.board(views[0], about="", **span)
    assert feed.board(views[1], about="", **span) is first
    second = feed.board(views[1], about="status:5xx", **span)
    assert second is not first


# -- the running app


def explorer(tmp_path: Path) -> Explorer:
    """The explorer on the demo at a moment that does not pass."""
    settings = tmp_path / "config.toml"
    settings.write_text("", encoding="utf-8")
    config = load_config({"demo": True, "config": str(settings), "tz": "utc"}, {})
    return Explorer(config, ("orders/prod",), environ={"COLORTERM": "truecolor"}, clock=lambda: invented_board.END)


async def test_from_the_board_one_key_leads_to_the_requests_behind_a_row(tmp_path: Path) -> None:
    app = explorer(tmp_path)
    async with app.run_test(size=(160, 45)) as running:
        pilot: Any = running
        main = app.main
        board = main.query_one(BoardPane)
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        await pilot.press("b")
        await until(pilot, lambda: board.cursor_row is not None)
        assert main.focused_pane == "board"
        assert "enter show rows" in screen_text(pilot.app)
        assert main.selected_row() is None

        row = board.cursor_row
        assert row is not None
        await pilot.press("enter")
        await until(pilot, lambda: main.picture is not None and main.picture.view.matches == row.requests)
        assert main.focused_pane == "list"
        assert main.picture is not None
        assert main.picture.session.query.startswith("method:")
        await until(pilot, lambda: main.picture is not None and main.picture.board is None)


async def test_the_board_narrows_and_stays_and_escape_leaves_it(tmp_path: Path) -> None:
    app = explorer(tmp_path)
    async with app.run_test(size=(120, 36)) as running:
        pilot: Any = running
        main = app.main
        board = main.query_one(BoardPane)
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        await pilot.press("b")
        await until(pilot, lambda: board.cursor_row is not None)
        await pilot.press("tab", "minus")
        await until(pilot, lambda: main.picture is not None and main.picture.session.query.startswith("-cause:"))
        await until(pilot, lambda: main.picture is not None and main.picture.board is not None)
        assert main.picture is not None
        assert main.picture.board is not None
        excluded = main.picture.session.query.removeprefix("-cause:")
        assert excluded not in {cause.code for cause in main.picture.board.causes}
        assert main.picture.board.everything.requests == main.picture.view.matches

        await pilot.press("e", "v", "x", "m")
        await pilot.pause()
        assert main.session is not None
        assert (main.session.mode, main.session.highlight, main.focused_pane) == ("requests", False, "board")
        await pilot.press("escape")
        await until(pilot, lambda: main.focused_pane == "list")
        assert not board.display
