"""Golden screens: what a person would see, as plain text. `UPDATE_SCREENS=1` writes them anew."""

from __future__ import annotations

import os
import time
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.pilot import Pilot

_SCREENS = Path(__file__).parent / "screens"
_PATIENCE_S = 60
"""Not a measure of speed: only so that a hang ends."""
_SETTLING_S = 20
_PAUSE_S = 0.02


def screen_text(app: App[Any]) -> str:
    """Return the screen without colours, blanks at line ends removed."""
    strips = app.screen._compositor.render_strips()
    return "".join(strip.text.rstrip() + "\n" for strip in strips)


def assert_screen(app: App[Any], name: str) -> None:
    """Compare the screen with its golden file."""
    path = _SCREENS / f"{name}.txt"
    seen = screen_text(app)
    if os.environ.get("UPDATE_SCREENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    golden = path.read_text(encoding="utf-8")
    difference = unified_diff(golden.splitlines(), seen.splitlines(), "agreed", "seen", lineterm="")
    assert seen == golden, "\n".join(difference)


async def screen_becomes(pilot: Pilot[Any], name: str) -> None:
    """Let a live app work until the screen is the golden one: what arrives in which tick is not agreed."""
    path = _SCREENS / f"{name}.txt"
    golden = path.read_text(encoding="utf-8") if path.exists() else None
    deadline = time.monotonic() + _SETTLING_S
    while golden is not None and time.monotonic() < deadline and screen_text(pilot.app) != golden:
        await pilot.pause(_PAUSE_S)
    assert_screen(pilot.app, name)


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app work until a condition holds."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"the condition never held:\n{screen_text(pilot.app)}"
        await pilot.pause(_PAUSE_S)
