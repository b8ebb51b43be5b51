"""What differs: its rows, its cursor, its pace, and what its keys do to the query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from apigw_tui.core.difference import Compared, Difference
from apigw_tui.core.difference_sides import Differences, Sides
from apigw_tui.core.onset import Onset
from apigw_tui.tui.difference_feed import ComparingPace
from apigw_tui.tui.difference_pane import DifferencePane
from apigw_tui.tui.line import width_of
from tests.tui import invented_board
from tests.tui.pane_app import CET, PaneApp
from tests.tui.screens import assert_screen, screen_text, until
from tests.tui.test_board import explorer

if TYPE_CHECKING:
    from pathlib import Path

NOW = invented_board.END
SINCE = Onset(invented_board.START + 7 * invented_board.MINUTE, None, invented_board.MINUTE, 0.172, 0.002)


def difference(field: str, value: str | None, failing: int, rest: int, **more: Any) -> Difference:
    return Difference(field, value, failing, 3_568, rest, 34_875, **more)


def found() -> Differences:
    rows = (
        difference("method route", "POST /parcels/{id}", 3_382, 5_604),
        difference("method", "POST", 3_393, 7_812),
        difference("key", "z9m1c4te", 1_240, 771, same=(difference("client app", "courier-sdk", 1_238, 770),)),
        difference("principal", None, 900, 4_410),
        difference("access.depot", "d7", 71, 0),
        difference("agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)", 1_700, 11_000),
    )
    choices = (Sides("5xx"), Sides("4xx"), Sides("cause", "integration_timeout"))
    return Differences(Sides("5xx"), choices, Compared(3_568, 34_875, rows, SINCE))


class DifferenceApp(PaneApp):
    """Shows what differs and keeps what was chosen."""

    def __init__(self, differences: Differences | None = None) -> None:
        self.pane = DifferencePane(zone=CET)
        super().__init__(self.pane)
        self._differences = differences or found()
        self.heard: list[Any] = []

    def on_mount(self) -> None:
        """Show it."""
        self.pane.show(self._differences, now=NOW)
        self.pane.focus()

    def on_difference_pane_row_chosen(self, event: DifferencePane.RowChosen) -> None:
        """Note it."""
        self.heard.append((event.wish, event.row))

    def on_difference_pane_other_sides_wanted(self, event: DifferencePane.OtherSidesWanted) -> None:
        """Note it."""
        self.heard.append(event.step)


@pytest.mark.parametrize(("width", "height"), [(135, 31), (120, 36), (80, 24)])
async def test_the_screen_of_an_incident(width: int, height: int) -> None:
    app = DifferenceApp()
    async with app.run_test(size=(width, height)) as pilot:
        await until(pilot, lambda: "▌" in screen_text(app))
        assert_screen(app, f"difference-{width}x{height}")


async def test_where_nothing_sets_them_apart_it_says_so() -> None:
    app = DifferenceApp(replace(found(), compared=Compared(13, 1_187)))
    async with app.run_test(size=(120, 12)) as pilot:
        await pilot.press("j", "enter", "plus")
        assert "Nothing sets them apart: the 13 5xx have no value more often than the rest" in screen_text(app)
        assert app.heard == []
        app.pane.show(Differences(Sides("5xx"), ()), now=NOW)
        assert "Nothing fails here" in "".join(app.pane.plain_lines())
        app.pane.show(None, now=NOW)
        assert "comparing …" in "".join(app.pane.plain_lines())


@pytest.mark.parametrize("width", range(60, 180, 7))
async def test_no_line_overflows(width: int) -> None:
    app = DifferenceApp()
    async with app.run_test(size=(width, 20)):
        app.pane.show(replace(found(), entries_since=NOW), now=NOW)
        assert all(width_of(line) <= width for line in app.pane.paint(width, 20))


async def test_the_keys_say_what_is_wanted() -> None:
    app = DifferenceApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("enter", "j", "plus", "G", "minus", "tab", "shift+tab")
        await pilot.pause()
        rows = found().compared.rows
        assert app.heard == [("rows", SINCE), ("include", rows[0]), ("exclude", rows[-1]), 1, -1]


async def test_the_cursor_stays_on_its_value_when_the_order_changes() -> None:
    app = DifferenceApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("j", "j", "j")
        row = app.pane.cursor_row
        assert isinstance(row, Difference)
        other = found()
        compared = replace(other.compared, rows=tuple(reversed(other.compared.rows)), onset=None)
        app.pane.show(replace(other, compared=compared), now=NOW)
        assert app.pane.cursor_row == row
        app.pane.show(replace(other, compared=replace(compared, rows=compared.rows[:1])), now=NOW)
        assert app.pane.cursor_row == compared.rows[0]


async def test_all_rows_can_be_reached_where_there_is_little_room() -> None:
    app = DifferenceApp()
    async with app.run_test(size=(80, 5)) as pilot:
        await pilot.press("G")
        assert "Mozilla" in screen_text(app)
        await pilot.press("g")
        assert "since" in screen_text(app)


def test_comparing_waits_for_the_answer_and_rests_but_not_for_another_query() -> None:
    time = [0.0]
    pace = ComparingPace(lambda: time[0])
    assert pace.is_due("q", 1)
    assert not pace.is_due("other", 1)
    time[0] = 2.0
    pace.answered()
    assert not pace.is_due("q", 1)
    assert not pace.is_due("q", 2)
    assert pace.is_due("other", 2)
    pace.answered()
    time[0] = 9.9
    assert pace.is_due("other", 3)
    pace.forget()
    assert pace.is_due("other", 3)


# -- the running app


async def test_d_says_what_sets_the_demos_failures_apart_and_enter_shows_them(tmp_path: Path) -> None:
    app = explorer(tmp_path)
    async with app.run_test(size=(160, 45)) as running:
        pilot: Any = running
        main = app.main
        pane = main.query_one(DifferencePane)
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pane.cursor_row, Onset | Difference))
        assert main.focused_pane == "difference"
        assert "enter show rows" in screen_text(pilot.app)
        assert main.selected_row() is None
        await pilot.press("G", "k")
        row = pane.cursor_row
        assert isinstance(row, Difference)
        await pilot.press("enter")
        assert main.focused_pane == "list"
        wanted = row.failing + row.rest
        await until(pilot, lambda: main.picture is not None and main.picture.view.matches == wanted)


async def test_from_a_story_it_compares_the_requests_with_its_cause(tmp_path: Path) -> None:
    app = explorer(tmp_path)
    async with app.run_test(size=(160, 45)) as running:
        pilot: Any = running
        main = app.main
        pane = main.query_one(DifferencePane)
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        await pilot.press("E", "enter")
        await until(pilot, lambda: main.opened_story is not None and main.opened_story.cause is not None)
        code = main.opened_story.cause.code
        await pilot.press("d")
        await until(pilot, lambda: pane.differences is not None)
        assert pane.differences is not None
        assert pane.differences.sides == Sides("cause", code)
        await pilot.press("tab")
        await until(pilot, lambda: pane.differences is not None and pane.differences.sides != Sides("cause", code))
        await pilot.press("escape")
        await until(pilot, lambda: main.focused_pane == "list")
        assert not pane.display
        await pilot.press("d", "b")
        await until(pilot, lambda: main.focused_pane == "board")
        await pilot.press("d", "d")
        await until(pilot, lambda: main.focused_pane == "list")
