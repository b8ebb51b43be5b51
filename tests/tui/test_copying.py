"""What is copied of what the explorer shows: into a file, where there is no clipboard, so that it can be read."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_tui.tui.story_pane import StoryPane
from tests.tui.test_app import WITHOUT_CLIPBOARD, Driven, Endpoint, endpoint, explorer, shop, user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["endpoint", "shop", "user"]


@asynccontextmanager
async def reading(endpoint: Endpoint) -> AsyncIterator[Driven]:
    """An explorer that has read `orders/prod`, the cursor on a request that failed by a timeout."""
    async with explorer(
        replace(endpoint.config, since="2m"), "orders/prod", clock=endpoint.clock, environ=WITHOUT_CLIPBOARD
    ) as shown:
        await shown.has_read()
        await shown.press("E")
        yield shown


async def copied(shown: Driven, folder: Path, *keys: str) -> str:
    """What these keys of the copy menu give."""
    for old in folder.rglob("copied.txt"):
        old.unlink()
    await shown.press("y")
    await shown.sees("esc closes", "to a file")
    await shown.press(*keys)
    await shown.until(lambda: [*folder.rglob("copied.txt")])
    await shown.sees("to the file")
    return next(folder.rglob("copied.txt")).read_text(encoding="utf-8")


async def test_cell_row_and_marked_rows_are_copied_whole(endpoint: Endpoint, tmp_path: Path) -> None:
    async with reading(endpoint) as shown:
        rows = []
        for _ in range(2):
            row = shown.app.main.selected_row()
            assert row is not None
            rows.append(row)
            await shown.press("m", "E")
        await shown.press("e", "right", "right")
        assert await copied(shown, tmp_path, "e") == str(rows[1]["status"])
        request = json.loads(await copied(shown, tmp_path, "k"))
        assert request["request_id"] == rows[1]["request_id"]
        assert request["access"]["requestId"] == rows[1]["request_id"]
        assert request["counts"]["lambda"] is None
        ids = {row["request_id"] for row in rows}
        assert set((await copied(shown, tmp_path, "b")).splitlines()) == ids
        pattern = await copied(shown, tmp_path, "f")
    assert all(f'?"{each}"' in pattern for each in ids)


async def test_the_view_is_copied_as_query_pattern_and_command(endpoint: Endpoint, tmp_path: Path) -> None:
    async with reading(endpoint) as shown:
        shown.app.main.apply_query("status:504 cause:integration_timeout")
        await shown.sees("integration timeout")
        query = await copied(shown, tmp_path, "g")
        pattern = await copied(shown, tmp_path, "p")
        await shown.press("b")
        await shown.until(lambda: shown.app.main.selected_row() is None)
        session = shown.app.main.session
        assert session is not None
        assert await copied(shown, tmp_path, "v") == session.command()
    assert query.startswith("# not in this query: cause:integration_timeout\nfields @timestamp, status, ")
    assert "| filter status = 504" in query
    assert "504" in pattern


async def test_a_story_gives_its_lines_and_an_event_its_own(endpoint: Endpoint, tmp_path: Path) -> None:
    async with reading(endpoint) as shown:
        await shown.press("enter")
        await shown.sees("← evidence", "complete")
        story = json.loads(await copied(shown, tmp_path, "j"))
        assert len(story["lines"]) > 2
        shown.app.main.query_one(StoryPane).open_tab("Access")
        field = shown.app.main.query_one(StoryPane).field_under_cursor()
        assert field is not None
        assert await copied(shown, tmp_path, "e") == field[1]
        await shown.press("escape", "v")
        await shown.until(lambda: "message" in (shown.app.main.selected_row() or {}))
        event = json.loads(await copied(shown, tmp_path, "k"))
        assert await copied(shown, tmp_path, "r") == event["message"]


async def test_what_cannot_be_copied_anywhere_is_said_not_to_be(endpoint: Endpoint, tmp_path: Path) -> None:
    async with reading(endpoint) as shown:
        await shown.press("c")
        await shown.sees("to the file")
        folder = next(tmp_path.rglob("copied.txt")).parent
        (folder / "copied.txt").unlink()
        (folder / "copied.txt").mkdir()
        await shown.press("c")
        await shown.sees("Not copied: no clipboard, and ", "cannot be written")
