"""What unfolds in a story, what is found in it, and how it takes lines that come late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from apigw_tui.core.kin import Connection, Kin, Namesake
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.query_matches import marked, wanted_text
from apigw_tui.tui.story_pane import StoryPane
from tests.tui import story_samples as samples
from tests.tui.screens import assert_screen, screen_text, until
from tests.tui.test_story_pane import CONTEXT, shown

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.pane_app import PaneApp

CONNECTION = Connection("ZiXKqr2uXZmy2yg=", 14, 3, samples.START - 60_000, samples.START + 60_000)
NAMESAKE = Namesake(samples.START - 4_000, 200, "GET", "/orders/1", "first=")


async def go_to(pane: StoryPane, pilot: Pilot[None], text: str | None) -> None:
    """Put the cursor on the first line with this text; with None on the first fold."""
    await pilot.press("g")
    for _ in range(60):
        line = pane.line_under_cursor()
        if line is None if text is None else text in (line or ""):
            return
        await pilot.press("j")
    pytest.fail(f"no line with {text}")


def row_of_cursor(app: PaneApp) -> int:
    view = app.query_one("#story-lines", LineView)
    assert view.cursor is not None
    return view.cursor - view.top


async def test_a_crash_in_a_story_looks_as_agreed() -> None:
    async with shown(samples.authorized_story(), (120, 34), context=None) as (app, pane, pilot):
        pane.set_query("stock")
        await go_to(pane, pilot, "StockError")
        await pilot.press("enter")
        await until(pilot, lambda: "at reserve" in screen_text(app))
        assert_screen(app, "story-crash-120x34")


async def test_the_functions_of_a_story_look_as_agreed() -> None:
    async with shown(samples.authorized_story(), (120, 24), context=None) as (app, pane, pilot):
        pane.open_tab("Lambda")
        await pilot.pause()
        assert_screen(app, "story-functions-120x24")


async def test_the_functions_of_a_story_on_a_small_screen_look_as_agreed() -> None:
    async with shown(samples.authorized_story(), context=None) as (app, pane, pilot):
        pane.open_tab("Lambda")
        await pilot.pause()
        assert_screen(app, "story-functions-80x22")


async def test_what_a_story_has_to_do_with_others_looks_as_agreed() -> None:
    story = replace(samples.authorized_story(), kin=Kin((NAMESAKE,), connection=CONNECTION))
    async with shown(story, (120, 24), context=None) as (app, _, pilot):
        await pilot.press("g")
        assert_screen(app, "story-kin-120x24")


async def test_enter_unfolds_a_stack_trace_and_folds_it_again_from_within() -> None:
    async with shown(samples.authorized_story(), (120, 40)) as (app, pane, pilot):
        await go_to(pane, pilot, "StockError")
        assert "▸ 3 frames" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "▾ 3 frames" in screen_text(app))
        await pilot.press("j", "j")
        assert pane.line_under_cursor() == "at place (/var/task/lib/order.js:77:5)"
        await pilot.press("enter")
        await until(pilot, lambda: "at place" not in screen_text(app))
        assert "StockError" in (pane.line_under_cursor() or "")


async def test_headers_unfold_one_a_row_with_secrets_masked() -> None:
    async with shown(samples.authorized_story(), (120, 50)) as (app, pane, pilot):
        pane.open_tab("Lines")
        await pilot.pause()
        await go_to(pane, pilot, "request headers")
        await pilot.press("enter")
        await until(pilot, lambda: "▾ 4 headers" in screen_text(app))
        rows = [row.strip() for row in screen_text(app).splitlines()]
        assert "Accept=application/json, text/plain, */*" in rows
        assert "Content-Length=4096" in rows
        assert "sesame" not in "".join(rows)


async def test_a_line_that_its_row_cuts_unfolds_to_its_whole_text() -> None:
    async with shown(samples.timeout_story(), (80, 30)) as (app, pane, pilot):
        await go_to(pane, pilot, "Sending request")
        whole = f"Sending request to {samples.FUNCTION_URI}".replace(" ", "")
        assert whole not in "".join(screen_text(app).split())
        await pilot.press("enter")
        await pilot.pause()
        assert whole in "".join(screen_text(app).split())


async def test_n_finds_what_the_query_looks_for_also_in_folded_lines() -> None:
    async with shown(samples.timeout_story(), (120, 40)) as (_, pane, pilot):
        await pilot.press("g")
        pane.set_query('status:504 "resource path"')
        await pilot.press("n")
        await until(pilot, lambda: (pane.line_under_cursor() or "").startswith("HTTP Method: POST"))
        await pilot.press("n")
        await pilot.pause()
        assert (pane.line_under_cursor() or "").startswith("HTTP Method: POST")


async def test_n_finds_names_in_the_json() -> None:
    async with shown(samples.authorized_story(), (120, 24)) as (app, pane, pilot):
        pane.open_tab("JSON")
        pane.set_query("lambda_error")
        await pilot.pause()
        await pilot.press("n")
        await until(pilot, lambda: "lambda_error" in app.query_one("#story-lines", LineView).plain_rows()[0])


@pytest.mark.parametrize("tab", ["Story", "Lines", "Lambda"])
async def test_lines_that_come_late_leave_the_readers_row_where_it_is(tab: str) -> None:
    late = [
        (2, samples.EXECUTION_GROUP, f"({samples.REQUEST_ID}) a line of a kind to come {number}") for number in range(5)
    ] + [(59, samples.FUNCTION_GROUP, f"2026-03-09T02:11:22.477Z\t{samples.FUNCTION_ID}\tINFO\tlate")]
    async with shown(samples.timeout_story(), (120, 30)) as (app, pane, pilot):
        pane.open_tab(tab)
        await pilot.pause()
        await go_to(pane, pilot, "reserving stock")
        view = app.query_one("#story-lines", LineView)
        before, top = row_of_cursor(app), view.top
        pane.show(samples.timeout_story(extra=late), context=CONTEXT)
        await pilot.pause()
        assert "reserving stock" in (pane.line_under_cursor() or "")
        assert view.top > 0 or top > 0 or len(view.rows) <= view.page or row_of_cursor(app) == before


async def test_a_start_that_becomes_known_late_moves_all_offsets_but_not_the_cursor() -> None:
    lines = samples.timeout_lines()
    async with shown(samples.story_of(lines[1:]), (120, 40)) as (_, pane, pilot):
        await pilot.press("k", "k")
        before = pane.line_under_cursor()
        pane.show(samples.story_of([samples.access_entry(504, 29_013), *lines]), context=CONTEXT)
        await pilot.pause()
        assert pane.line_under_cursor() == before


async def test_a_fold_stays_open_when_a_line_comes_before_its_first() -> None:
    late = (39, samples.EXECUTION_GROUP, f"({samples.REQUEST_ID}) Using valid authorizer policy for principal: u1")
    async with shown(samples.timeout_story(), (120, 40)) as (app, pane, pilot):
        await go_to(pane, pilot, None)
        await pilot.press("enter")
        await until(pilot, lambda: "HTTP Method: POST" in screen_text(app))
        pane.show(samples.timeout_story(extra=[late]), context=CONTEXT)
        await pilot.pause()
        assert "HTTP Method: POST" in screen_text(app)


def test_the_words_of_a_query_are_marked_and_its_fields_are_not() -> None:
    wanted = wanted_text('status:504 stock /no .tock/ -"never this"')
    assert wanted is not None
    assert marked((("no s", "ink"), ("tock of A-1", "bold")), wanted) == (
        ("no s", "underline ink"),
        ("tock", "underline bold"),
        (" of A-1", "bold"),
    )
    assert not wanted.search("504 never this")


@pytest.mark.parametrize("query", ["", "status:504", "status:"])
def test_a_query_without_words_looks_for_nothing(query: str) -> None:
    assert wanted_text(query) is None
