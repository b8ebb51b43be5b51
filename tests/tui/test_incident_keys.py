"""X writes an incident bundle under the current directory; esc cancels it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apigw_tui.headless import incident
from tests.tui.screens import screen_text, until
from tests.tui.test_board import explorer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_x_writes_what_the_query_matches_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    app = explorer(tmp_path)
    async with app.run_test(size=(160, 45)) as running:
        pilot: Any = running
        main = app.main
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        main.apply_query("status:504")
        await until(pilot, lambda: main.picture is not None and main.picture.session.query == "status:504")
        await pilot.press("X")
        await until(pilot, lambda: "incident bundle in" in screen_text(pilot.app))
        assert main.picture is not None
        (folder,) = place.iterdir()
        assert folder.name in screen_text(pilot.app)
        requests = (folder / "requests.ndjson").read_text(encoding="utf-8").splitlines()
        assert len(requests) == main.picture.view.matches > 0
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert "- query: `status:504`" in text
        assert "--demo --since 2026-03-02T" in text
        assert "](stories/01-integration_timeout-" in text


async def test_escape_cancels_it_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    app = explorer(tmp_path)
    async with app.run_test(size=(120, 36)) as running:
        pilot: Any = running
        main = app.main
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        monkeypatch.setattr(incident, "MOST_REQUESTS", 1_000_000)
        await pilot.press("X", "X")
        await until(pilot, lambda: "esc cancels" in screen_text(pilot.app))
        await pilot.press("escape")
        await until(pilot, lambda: "no bundle was written" in screen_text(pilot.app))
        assert list(place.iterdir()) == []


async def test_where_nothing_may_be_written_the_footer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    monkeypatch.chdir(place)
    app = explorer(tmp_path)
    async with app.run_test(size=(160, 36)) as running:
        pilot: Any = running
        main = app.main
        await until(pilot, lambda: main.picture is not None and not main.picture.reading and len(main.picture.view) > 0)
        place.rmdir()
        await pilot.press("X")
        await until(pilot, lambda: "The bundle was not written" in screen_text(pilot.app))
