"""The query bar: chips at rest; while it is edited text, errors and completions."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from apigw_tui.tui.completions import Completion, completion_line
from apigw_tui.tui.line import Line, plain, width_of
from apigw_tui.tui.query_bar import Counts, QueryBar, error_line, rest_line, term_at
from apigw_tui.tui.query_text import chips
from tests.tui.invented_rows import InventedView
from tests.tui.preview import Preview
from tests.tui.screens import screen_text, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

COUNTS = Counts(38_443, 47_902)


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    app = Preview(zone=timezone(timedelta(hours=1)))
    async with app.run_test(size=(98, 36)) as running:
        await running.pause()
        app.show_incident(InventedView(range(500)))
        await running.pause()
        yield running


def bar_of(pilot: Pilot[None]) -> QueryBar:
    return pilot.app.query_one(QueryBar)


def seen(pilot: Pilot[None], kind: type[Any]) -> list[Any]:
    app = pilot.app
    assert isinstance(app, Preview)
    return [message for message in app.seen if isinstance(message, kind)]


def ink_of(line: Line, text: str) -> str:
    return next(spec for piece, spec in line if text in piece)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("status:5xx", [("status", ":", "5xx", False)]),
        ("-agent:uptime*", [("agent", ":", "uptime*", True)]),
        ("latency>1s status!=504", [("latency", ">", "1s", False), ("status", "!=", "504", False)]),
        ('path:"a b" "timed out"', [("path", ":", '"a b"', False), ("", "", '"timed out"', False)]),
        ("status:(502, 504)", [("status", ":", "(502, 504)", False)]),
        ("route:/parcels/{id} x", [("route", ":", "/parcels/{id}", False), ("", "", "x", False)]),
        ("/time d out/ y", [("", "", "/time d out/", False), ("", "", "y", False)]),
        ("a OR -b", [("", "", "a", False), ("", "", "OR", False), ("", "", "b", True)]),
        ("access.tier:gold", [("access.tier", ":", "gold", False)]),
        ("", []),
    ],
)
def test_a_query_is_cut_into_its_terms(text: str, parts: list[tuple[str, str, str, bool]]) -> None:
    found = [(chip.field, chip.operator, chip.value, chip.excluded) for chip in chips(text)]
    assert found == parts


@given(text=st.text(max_size=60))
def test_property_terms_hold_all_but_blanks_of_any_text(text: str) -> None:
    held = "".join(("-" if c.excluded else "") + c.field + c.operator + c.value for c in chips(text))
    assert held.replace(" ", "") == text.replace(" ", "")
    for chip in chips(text):
        assert text[chip.start] == ("-" if chip.excluded else (chip.field + chip.value)[0])


def test_chips_show_field_operator_and_value_apart() -> None:
    line = rest_line("key:* -agent:uptime*", COUNTS, 98)
    assert plain(line).startswith("  /  key:*   −agent:uptime* ")
    assert ink_of(line, "agent") == "ink-muted on raised"
    assert ink_of(line, ":") == "ink-faint on raised"
    assert ink_of(line, "uptime*") == "ink-strong on raised"
    assert ink_of(line, "−") == "status-4xx on raised"


def test_counts_and_badge_stand_at_the_right_end() -> None:
    line = rest_line("key:*", Counts(38_443, 47_902, new_rows=214), 98)
    assert plain(line).endswith("38 443 of 47 902    +214 new ↓ ")
    assert width_of(line) == 97


def test_while_a_range_is_read_its_progress_stands_in_the_counts_place() -> None:
    line = rest_line("", Counts(1, 2, progress="reading 02:57 – 03:04 · 12 400 events"), 98)
    assert plain(line).endswith("reading 02:57 – 03:04 · 12 400 events")


def test_terms_without_room_are_counted() -> None:
    text = " ".join(f"access.field_{number}:value_{number}" for number in range(9))
    line = rest_line(text, COUNTS, 98)
    assert width_of(line) <= 97
    assert "+8 more" in plain(line) or "+7 more" in plain(line)
    assert "38 443 of 47 902" in plain(line)


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200), width=st.integers(60, 160))
def test_property_the_bar_never_overflows(text: str, width: int) -> None:
    assert width_of(rest_line(text, Counts(38_443, 47_902, new_rows=214), width)) <= width


def test_a_term_that_is_off_stands_behind_the_others() -> None:
    line = rest_line("status:5xx", Counts(3, 9), 60, off=("latency>1s",))
    assert "".join(text for text, _ in line).split("   ")[0].strip() == "/  status:5xx  ○ latency>1s"


def test_a_click_tells_which_term_it_met() -> None:
    text, off = "status:5xx -route:/a", ("latency>1s",)
    drawn = "".join(text for text, _ in rest_line(text, Counts(3, 9), 80, off=off))
    assert term_at(text, off, drawn.index("status")) == 0
    assert term_at(text, off, drawn.index("/a")) == 1
    assert term_at(text, off, drawn.index("latency")) == 2
    assert term_at(text, off, 1) is None
    assert term_at(text, off, 79) is None


def test_an_error_points_at_its_column() -> None:
    line = plain(error_line(9, "a number or a class such as 5xx was expected", "status: abc", width=98))
    assert line == "            ▴ col 9: a number or a class such as 5xx was expected"


def test_an_error_near_the_end_says_so_to_the_left_of_its_column() -> None:
    line = plain(error_line(80, "a value was expected", "x" * 80, width=98))
    assert line.endswith("col 80: a value was expected ▴")
    assert line.index("▴") == 4 + 79


def test_a_completion_shows_its_count_as_number_and_bar() -> None:
    line = completion_line(Completion("throttled", 300, "4xx"), 46, most=600, chosen=False)
    assert plain(line).startswith("  ! throttled")
    assert "     300  ███▌" in plain(line)
    assert width_of(line) == 46


async def test_editing_tells_every_change_and_enter_submits(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit("")
    await pilot.press("a", "b", "enter")
    await until(pilot, lambda: bool(seen(pilot, QueryBar.QuerySubmitted)))
    assert [message.text for message in seen(pilot, QueryBar.QueryChanged)] == ["a", "ab"]
    assert [message.text for message in seen(pilot, QueryBar.QuerySubmitted)] == ["ab"]
    assert bar.editing


async def test_opening_the_bar_starts_from_the_query_in_force(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit()
    await pilot.pause()
    assert bar.text == "key:* -agent:uptime*"
    assert seen(pilot, QueryBar.QueryChanged) == []
    assert isinstance(pilot.app.focused, Input)


async def test_escape_closes_the_completions_first_then_leaves(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit("")
    await pilot.press(*"cause:")
    await until(pilot, lambda: "integration_timeout" in screen_text(pilot.app))
    await pilot.press("escape")
    await until(pilot, lambda: bar.editing)
    assert not seen(pilot, QueryBar.QueryCancelled)
    await pilot.press("escape")
    await until(pilot, lambda: bool(seen(pilot, QueryBar.QueryCancelled)))
    assert not bar.editing
    await pilot.pause()
    assert "key:*" in screen_text(pilot.app)


async def test_tab_completes_the_chosen_value(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit("x ")
    await pilot.press(*"cause:", "down", "tab")
    await until(pilot, lambda: bar.text == "x cause:backend_client_error")
    assert bar._input.cursor_position == len(bar.text)


async def test_an_error_stands_under_the_text_until_it_is_edited(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit("status:abc")
    bar.show_error(8, "a number or a class such as 5xx was expected")
    await pilot.pause()
    assert "col 8: a number or a class" in screen_text(pilot.app)
    assert "status:abc" in screen_text(pilot.app)
    await pilot.press("d")
    await until(pilot, lambda: "col 8" not in screen_text(pilot.app))


async def test_text_that_was_typed_on_meanwhile_is_told_no_more(pilot: Pilot[None]) -> None:
    bar_of(pilot).edit("")
    typed = pilot.app.query_one(Input)
    typed.value = "status:"
    typed.value = "status:5xx"
    await until(pilot, lambda: bool(seen(pilot, QueryBar.QueryChanged)))
    assert [message.text for message in seen(pilot, QueryBar.QueryChanged)] == ["status:5xx"]


async def test_matches_are_counted_while_the_text_is_typed(pilot: Pilot[None]) -> None:
    bar = bar_of(pilot)
    bar.edit("route:/parcels/{id}")
    bar.show_counts(Counts(19_270, 47_902))
    await until(pilot, lambda: "19 270 of 47 902" in screen_text(pilot.app))
