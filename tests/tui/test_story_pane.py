"""The story pane: cause first, phases as bars, lines with the evidence marked, tabs, folds, silences."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from apigw_tui.errors import AppError
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.story_head import CauseContext
from apigw_tui.tui.story_pane import StoryPane
from tests.tui import story_samples as samples
from tests.tui.pane_app import CET, PaneApp
from tests.tui.screens import assert_screen, screen_text, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from apigw_tui.core.story import Story

CONTEXT = CauseContext(3_381, samples.START - 400_000)


@asynccontextmanager
async def shown(
    story: Story, size: tuple[int, int] = (80, 22), *, context: CauseContext | None = CONTEXT
) -> AsyncIterator[tuple[PaneApp, StoryPane, Pilot[None]]]:
    pane = StoryPane()
    pane.set_zone(CET)
    app = PaneApp(pane)
    async with app.run_test(size=size) as pilot:
        pane.show(story, context=context)
        pane.focus()
        await pilot.pause()
        await pilot.pause()
        yield app, pane, pilot


async def test_a_story_on_a_small_screen_looks_as_agreed() -> None:
    async with shown(samples.timeout_story()) as (app, _, _):
        assert_screen(app, "story-80x22")


async def test_a_story_on_a_wide_screen_has_phases_beside_its_lines() -> None:
    async with shown(samples.timeout_story(data_trace=True), (120, 22)) as (app, _, _):
        assert_screen(app, "story-120x22")


async def test_a_story_below_the_list_keeps_title_and_tabs_on_one_rule() -> None:
    async with shown(samples.timeout_story(), (98, 18)) as (app, _, _):
        assert_screen(app, "story-98x18")


async def test_the_cause_comes_first_with_its_count_and_what_to_do_next() -> None:
    async with shown(samples.timeout_story(), (120, 30)) as (app, _, _):
        text = screen_text(app)
    assert text.index("Integration timed out") < text.index("Phases") < text.index("evidence")
    assert "3 381 requests since 03:04:42   integration_timeout" in text
    assert "Next  Read the function's last line" in text


async def test_the_evidence_line_is_in_view_and_under_the_cursor() -> None:
    async with shown(samples.timeout_story()) as (app, pane, _):
        assert "✗ Execution failed due to a timeout error" in screen_text(app)
        assert "← evidence" in screen_text(app)
        assert pane.line_under_cursor() == "Execution failed due to a timeout error"


async def test_boilerplate_is_folded_and_unfolds_by_enter() -> None:
    async with shown(samples.timeout_story(), (120, 40)) as (app, pane, pilot):
        before = screen_text(app)
        assert "▸  7 lines  usage plan, method request, endpoint request" in before
        assert "HTTP Method: POST" not in before
        await pilot.press("g")
        while pane.line_under_cursor() is not None:
            await pilot.press("j")
        await pilot.press("enter")
        await until(pilot, lambda: "▾" in screen_text(app))
        assert "HTTP Method: POST, Resource Path: /orders/7Q2M4X" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "▸  7 lines" in screen_text(app))


async def test_boilerplate_unfolds_by_a_click() -> None:
    async with shown(samples.timeout_story(), (120, 40)) as (app, _, pilot):
        lines = app.query_one("#story-lines", LineView)
        fold = next(place for place, row in enumerate(lines.plain_rows()) if "▸" in row)
        await pilot.click(lines, offset=(20, fold))
        await until(pilot, lambda: "HTTP Method: POST" in screen_text(app))


async def test_a_silence_over_a_second_is_told_and_never_stands_under_the_cursor() -> None:
    async with shown(samples.timeout_story(), (120, 40)) as (app, pane, pilot):
        assert "┊  19.98 s without a line" in screen_text(app)
        await pilot.press("k")
        assert "pool inventory-db exhausted" in (pane.line_under_cursor() or "")


async def test_long_links_are_cut_in_the_middle_and_shown_whole_when_wrapped() -> None:
    async with shown(samples.timeout_story()) as (app, _, pilot):
        await pilot.press("k", "k", "k", "k")
        assert "Sending request to https://lam" in screen_text(app)
        assert "unction:orders-write/invocations" in screen_text(app)
        assert samples.FUNCTION_URI[:60] not in screen_text(app)
        await pilot.press("w")
        await until(pilot, lambda: samples.FUNCTION_URI[:30] in screen_text(app))
        whole = "".join(row.strip() for row in screen_text(app).splitlines())
        assert samples.FUNCTION_URI.replace("/", "") in whole.replace("/", "").replace(" ", "")


async def test_wrapping_keeps_the_cursor_on_its_line() -> None:
    async with shown(samples.timeout_story()) as (_, pane, pilot):
        before = pane.line_under_cursor()
        await pilot.press("w")
        assert pane.line_under_cursor() == before


async def test_the_next_line_that_tells_skips_what_every_request_writes() -> None:
    async with shown(samples.timeout_story(), (120, 40)) as (_, pane, pilot):
        await pilot.press("g")
        seen = []
        for _ in range(3):
            await pilot.press("o")
            seen.append((pane.line_under_cursor() or "")[:16])
        assert seen == ["Sending request ", "WARN  pool inven", "Execution failed"]
        await pilot.press("O")
        assert (pane.line_under_cursor() or "").startswith("WARN")


async def test_the_arrows_open_the_tabs() -> None:
    async with shown(samples.timeout_story()) as (_, pane, pilot):
        seen = []
        for _ in range(6):
            await pilot.press("right")
            seen.append(pane.tab)
        assert seen == ["Lines", "Access", "Payload", "Lambda", "JSON", "JSON"]
        await pilot.press("left")
        assert pane.tab == "Lambda"


@pytest.mark.parametrize("size", [(80, 22), (120, 22)])
async def test_a_click_opens_a_tab(size: tuple[int, int]) -> None:
    async with shown(samples.timeout_story(), size) as (app, pane, pilot):
        head = app.query_one("#story-head", LineView)
        row = next(place for place, text in enumerate(head.plain_rows()) if "Payload" in text)
        await pilot.click(head, offset=(head.plain_rows()[row].index("Payload") + 2, row))
        assert pane.tab == "Payload"


async def test_the_lines_tab_folds_nothing_and_shows_lines_as_logged() -> None:
    async with shown(samples.timeout_story(), (160, 40)) as (app, pane, pilot):
        pane.open_tab("Lines")
        await pilot.pause()
        text = screen_text(app)
    assert "HTTP Method: POST" in text
    assert '  A  {"requestId"' in text
    assert "2026-03-09T02:11:22.479Z" in text


async def test_the_access_tab_shows_every_field_by_the_name_of_the_format() -> None:
    async with shown(samples.timeout_story(), (100, 40)) as (app, pane, pilot):
        pane.open_tab("Access")
        await pilot.pause()
        text = screen_text(app)
        assert all(f"{name} " in text for name in samples.VARIABLES)
        assert "integrationLatency   -" in text
        await pilot.press("j", "j")
        assert pane.field_under_cursor() == ("trace", "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957")


async def test_payloads_are_pretty_printed_and_secrets_masked_until_revealed() -> None:
    async with shown(samples.timeout_story(data_trace=True), (100, 40)) as (app, pane, pilot):
        pane.open_tab("Payload")
        await pilot.pause()
        assert '"sku": "A-1"' in screen_text(app)
        assert "sesame" not in screen_text(app)
        pane.set_reveal(reveal=True)
        await until(pilot, lambda: "sesame-0123456789abcdef" in screen_text(app))


async def test_a_story_without_payloads_says_why() -> None:
    async with shown(samples.story_of([samples.access_entry(200, 38)])) as (app, pane, pilot):
        pane.open_tab("Payload")
        await pilot.pause()
        assert "data trace is off" in screen_text(app)


async def test_the_json_tab_is_what_show_prints_with_secrets_masked() -> None:
    async with shown(samples.timeout_story(data_trace=True), (200, 400)) as (app, pane, pilot):
        pane.open_tab("JSON")
        await pilot.pause()
        text = "\n".join(app.query_one("#story-lines", LineView).plain_rows())
        assert "sesame" not in text
        assert '"request_id": "8f0c2a1e-5b7d-4c39-9a64-0d1f2e3b4c5d"' in text


async def test_the_lambda_tab_shows_only_the_functions_lines() -> None:
    async with shown(samples.timeout_story(), (120, 30)) as (app, pane, pilot):
        pane.open_tab("Lambda")
        await pilot.pause()
        rows = app.query_one("#story-lines", LineView).plain_rows()
        assert len([row for row in rows if "  L  " in row]) == 3
        assert not [row for row in rows if "  E  " in row]


async def test_a_request_of_which_only_the_row_is_known_shows_cause_and_facts_at_once() -> None:
    pane = StoryPane()
    app = PaneApp(pane)
    async with app.run_test(size=(120, 30)) as pilot:
        pane.show_row(samples.timeout_story().row)
        await pilot.pause()
        text = screen_text(app)
        assert "Integration timed out" in text
        assert "203.0.113.24" in text
        assert "Lines  fetching execution lines, 0." in text


async def test_lines_that_could_not_be_fetched_are_told_with_what_helps() -> None:
    error = AppError("The execution log of orders/prod cannot be read.", "Allow logs:FilterLogEvents.")
    pane = StoryPane()
    app = PaneApp(pane)
    async with app.run_test(size=(160, 30)) as pilot:
        pane.show(samples.story_of([samples.access_entry(504, 29_013)]), context=None, error=error)
        await pilot.pause()
        assert "! The execution log of orders/prod cannot be read. Allow logs" in screen_text(app)


async def test_a_fresher_version_of_the_story_keeps_tab_and_cursor() -> None:
    async with shown(samples.timeout_story(), (120, 30)) as (_, pane, pilot):
        await pilot.press("k")
        before = pane.line_under_cursor()
        late = (29_050, samples.FUNCTION_GROUP, f"END RequestId: {samples.FUNCTION_ID}")
        pane.show(samples.timeout_story(extra=[late]), context=CONTEXT)
        assert pane.line_under_cursor() == before
        pane.open_tab("Access")
        pane.show(samples.timeout_story(), context=CONTEXT)
        assert pane.tab == "Access"


async def test_a_healthy_request_has_no_card() -> None:
    async with shown(samples.story_of([samples.access_entry(200, 38)]), context=None) as (app, _, _):
        text = screen_text(app)
    assert "· 200" in text
    assert "Next" not in text


async def test_a_throttled_request_is_amber_and_its_access_field_is_the_evidence() -> None:
    entry = samples.access_entry(429, 3)
    text = (
        f"({samples.REQUEST_ID}) Key throttle limit exceeded for RestApi a1b2c3d4e5, Stage prod, "
        "Resource r1, HttpMethod GET. Limit: 1.00 Burst: 1"
    )
    async with shown(samples.story_of([entry, (2, samples.EXECUTION_GROUP, text)])) as (app, _, _):
        shown_text = screen_text(app)
    assert "! 429" in shown_text
    assert "! Key throttle limit exceeded" in shown_text


async def test_escape_closes_the_story() -> None:
    async with shown(samples.timeout_story()) as (app, _, pilot):
        await pilot.press("escape")
        await until(pilot, lambda: any(isinstance(event, StoryPane.StoryClosed) for event in app.seen))


async def test_moving_tells_which_line_is_current() -> None:
    async with shown(samples.timeout_story()) as (app, _, pilot):
        await pilot.press("j")
        await until(pilot, lambda: bool(app.seen))
        chosen = app.seen[-1]
        assert isinstance(chosen, StoryPane.LineChosen)
        assert chosen.text == "Method completed with status: 504"


async def test_a_story_of_thousands_of_lines_draws_only_what_is_in_view() -> None:
    noise = [
        (100 + place, samples.FUNCTION_GROUP, f"2026-03-09T02:11:22.479Z\t{samples.FUNCTION_ID}\tINFO\tstep {place}")
        for place in range(5_000)
    ]
    async with shown(samples.timeout_story(extra=noise)) as (app, pane, pilot):
        await pilot.press("G")
        assert "+29.04 s" in screen_text(app)
        await pilot.press("g", "pagedown", "pagedown")
        assert pane.line_under_cursor() is not None
        assert len(app.query("*")) < 20


@pytest.mark.parametrize("height", [3, 9, 16])
@pytest.mark.parametrize("width", [40, 80, 119, 200])
async def test_a_story_fits_every_size(width: int, height: int) -> None:
    async with shown(samples.timeout_story(data_trace=True), (width, height)) as (app, _, _):
        assert "504" in screen_text(app).splitlines()[0]


async def test_markup_in_a_line_is_shown_as_text() -> None:
    hostile = (
        60,
        samples.FUNCTION_GROUP,
        f"2026-03-09T02:11:22.479Z\t{samples.FUNCTION_ID}\tINFO\t[bold red]x[/] $ink",
    )
    async with shown(samples.timeout_story(extra=[hostile]), (120, 40)) as (app, _, _):
        assert "INFO  [bold red]x[/] $ink" in screen_text(app)


def test_the_json_of_a_story_stays_json_when_secrets_are_masked() -> None:
    from apigw_tui.tui.story_tabs import json_text

    story = samples.timeout_story(data_trace=True)
    assert json.loads(json_text(story, reveal=False))["status"] == 504
    assert "sesame" not in json_text(story, reveal=False)
    assert "sesame" in json_text(story, reveal=True)
