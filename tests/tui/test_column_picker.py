"""The column picker: which columns, in which order, how wide; and how they are remembered."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.pilot import Pilot

from apigw_tui.errors import AppError
from apigw_tui.sources.state_place import StateFile
from apigw_tui.tui.column_memory import ColumnMemory
from apigw_tui.tui.column_picker import ColumnPicker, offered
from apigw_tui.tui.column_table import COLUMNS, LEAST_WIDTH, Chosen, ChosenColumn, chosen_of, chosen_record
from apigw_tui.tui.session import Session
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from tests.tui.screens import screen_text

USUAL = tuple(ChosenColumn(name) for name in ("time", "status", "route"))
EXAMPLES = {**dict.fromkeys(COLUMNS, ""), "access.shop": "north", "access.waf": "WAF_ALLOW"}


class Over(App[None]):
    """The picker over nothing."""

    def __init__(self, current: Chosen) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.current = current
        self.results: list[Chosen | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def on_mount(self) -> None:
        picker = ColumnPicker(
            offered([*EXAMPLES], self.current or USUAL, EXAMPLES),
            offered([*EXAMPLES], USUAL, EXAMPLES),
            are_usual=not self.current,
        )
        self.push_screen(picker, self.results.append)


@asynccontextmanager
async def picking(*current: ChosenColumn, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[Any]]:
    async with Over(current).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def result(pilot: Pilot[Any]) -> Chosen | None:
    app = pilot.app
    assert isinstance(app, Over)
    (found,) = app.results
    return found


def names(chosen: Chosen | None) -> list[str]:
    return [each.name for each in chosen or ()]


async def test_the_columns_that_are_shown_come_first_in_their_order() -> None:
    async with picking(ChosenColumn("route"), ChosenColumn("time", 8)) as pilot:
        lines = [line.strip() for line in screen_text(pilot.app).splitlines() if line.strip()]
    assert "2 of 26 · 36 cells" in lines[0]
    assert lines[2].startswith("▌ ✓  route")
    assert lines[3].startswith("✓  time")
    assert "8" in lines[3]
    assert not lines[4].startswith("✓")


async def test_space_shows_and_hides_and_enter_applies() -> None:
    async with picking() as pilot:
        await pilot.press("space", "j", "j", "j", "space", "enter")
        assert names(result(pilot)) == ["status", "route", "method"]


async def test_j_and_k_in_capitals_move_a_column() -> None:
    async with picking() as pilot:
        await pilot.press("J", "j", "K", "enter")
        assert names(result(pilot)) == ["status", "route", "time"]


async def test_shift_and_arrows_move_it_too() -> None:
    async with picking() as pilot:
        await pilot.press("j", "shift+up", "shift+down", "shift+down", "enter")
        assert names(result(pilot)) == ["time", "route", "status"]


@pytest.mark.parametrize(("keys", "width"), [(">>", 14), ("<<<", 9), ("+-+", 13), ("<" * 40, LEAST_WIDTH)])
async def test_a_width_is_set_cell_by_cell(keys: str, width: int) -> None:
    name = {">": "greater_than_sign", "<": "less_than_sign", "+": "plus", "-": "minus"}
    async with picking() as pilot:
        await pilot.press(*(name[key] for key in keys), "enter")
        assert (result(pilot) or ())[0] == ChosenColumn("time", width)


async def test_what_is_typed_finds_columns_by_name_and_meaning() -> None:
    async with picking() as pilot:
        await pilot.press("slash", *"backend", "enter")
        text = screen_text(pilot.app)
        assert "integration.status" in text
        assert "route" not in text
        await pilot.press("escape", "slash", *"shop", "enter", "space", "enter")
        assert names(result(pilot)) == ["time", "status", "route", "access.shop"]


async def test_letters_are_text_while_a_name_is_typed() -> None:
    async with picking() as pilot:
        await pilot.press("slash", *"r q", "enter", "escape", "escape")
        assert result(pilot) is None


async def test_nothing_found_is_said() -> None:
    async with picking() as pilot:
        await pilot.press("slash", *"zzz")
        assert "No column has this in its name." in screen_text(pilot.app)
        await pilot.press("enter", "space", "J", "greater_than_sign", "escape", "enter")
        assert result(pilot) == ()


async def test_r_goes_back_to_those_that_fit_the_width() -> None:
    async with picking(ChosenColumn("route"), ChosenColumn("agent")) as pilot:
        await pilot.press("r")
        assert "those that fit the width" in screen_text(pilot.app)
        await pilot.press("enter")
        assert result(pilot) == ()


async def test_no_columns_at_all_cannot_be_applied() -> None:
    async with picking(ChosenColumn("route")) as pilot:
        await pilot.press("space", "enter")
        assert "at least one is needed" in screen_text(pilot.app)
        await pilot.press("space", "enter")
        assert names(result(pilot)) == ["route"]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_changes_nothing(key: str) -> None:
    async with picking() as pilot:
        await pilot.press("space", key)
        assert result(pilot) is None


async def test_it_fits_the_smallest_screen() -> None:
    async with picking(size=(80, 24)) as pilot:
        text = screen_text(pilot.app)
        assert "enter applies" in text
        await pilot.press("end")
        assert "access.waf" in screen_text(pilot.app)


def session(*targets: str, **options: Any) -> Session:
    return Session(targets=targets, **options)


CHOSEN = (ChosenColumn("route"), ChosenColumn("access.shop", 30))


def test_columns_are_remembered_per_stage_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "columns.json"
    ColumnMemory(StateFile(path)).save(session("orders/prod"), CHOSEN)
    again = ColumnMemory(StateFile(path))
    assert again.load(session("orders/prod")) == CHOSEN
    assert again.load(session("orders/staging")) == ()
    assert again.load(session("orders/prod", demo=True)) == ()
    assert again.load(session("orders/prod", options=("--profile", "shop"))) == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_columns_of_its_own_nothing_is_kept_of_a_stage(tmp_path: Path) -> None:
    memory = ColumnMemory(StateFile(tmp_path / "columns.json"))
    memory.save(session("a"), CHOSEN)
    memory.save(session("a"), ())
    assert json.loads((tmp_path / "columns.json").read_text(encoding="utf-8"))["stages"] == {}


def test_a_file_that_is_no_record_of_columns_is_told(tmp_path: Path) -> None:
    (tmp_path / "columns.json").write_text("{", encoding="utf-8")
    with pytest.raises(AppError, match=r"columns\.json cannot be used"):
        ColumnMemory(StateFile(tmp_path / "columns.json")).load(session("a"))


@pytest.mark.parametrize(
    "record", [None, 7, "time", {"time": 1}, [["time"]], [["nowhere", 3]], [["time", 0]], [["time", "8"]], [[None, 3]]]
)
def test_what_is_no_column_is_left_out(record: object) -> None:
    assert chosen_of(record) == ()


@given(
    st.lists(
        st.builds(ChosenColumn, st.sampled_from([*EXAMPLES]), st.none() | st.integers(LEAST_WIDTH, 200)),
        unique_by=lambda each: each.name,
    )
)
def test_property_columns_come_back_from_their_record(columns: list[ChosenColumn]) -> None:
    assert chosen_of(json.loads(json.dumps(chosen_record(tuple(columns))))) == tuple(columns)
