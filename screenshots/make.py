"""Makes the pictures beside this file: the explorer on the demo, at a fixed time, so that they come out the same.

Needs the font JetBrains Mono (Debian: fonts-jetbrains-mono) and cairo. Run by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cairosvg
from drawing import screen_rows, screen_svg
from PIL import Image
from textual.pilot import Pilot

from apigw_tui.config import load_config
from apigw_tui.tui.app import Explorer

HERE: Final = Path(__file__).parent
NOW_MS: Final = 1_773_146_771_000  # 2026-03-10 12:46:11 UTC: a backend hangs while a customer is throttled
TERMINAL: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "SSH_TTY": "/dev/pts/0"}
SIXTEEN: Final = {"TERM": "xterm", "SSH_TTY": "/dev/pts/0"}
LARGEST_PNG: Final = 200_000
_PALETTE: Final = 256
_PATIENCE: Final = 300
_STILL: Final = 8
_PAUSE_S: Final = 0.1


@dataclass(frozen=True)
class Shot:
    """One picture: keys in order; `type:TEXT` types, `later:SECONDS` lets time pass."""

    name: str
    width: int
    height: int
    keys: tuple[str, ...] = ()
    targets: tuple[str, ...] = ("orders/prod",)
    theme: str = "dark"
    color: bool = True
    svg: bool = False

    @property
    def environ(self) -> dict[str, str]:
        """The terminal it is taken in."""
        return SIXTEEN if self.theme == "16" else TERMINAL


FAILURE: Final = ("E", "E", "E", "enter")
SHOTS: Final = (
    Shot("main-160x45", 160, 45, (*FAILURE, "later:4"), svg=True),
    Shot("main-160x45-light", 160, 45, (*FAILURE, "later:4"), theme="light"),
    Shot("main-160x45-16-colours", 160, 45, (*FAILURE, "later:4"), theme="16"),
    Shot("main-160x45-no-colour", 160, 45, (*FAILURE, "later:4"), color=False),
    Shot("main-120x36", 120, 36, ("E", "later:4")),
    Shot("main-80x24", 80, 24, ("E", "later:4")),
    Shot("story-80x24", 80, 24, FAILURE),
    Shot("board-160x45", 160, 45, ("b",)),
    Shot("stages-120x36", 120, 36, (), targets=()),
    Shot("query-120x36", 120, 36, ("E", "/", "type:status>=500 cause:")),
    Shot("copy-menu-120x36", 120, 36, (*FAILURE, "y")),
    Shot("help-120x36", 120, 36, ("E", "?")),
)


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """The time in epoch ms."""
        return self.now


async def take(shot: Shot) -> None:
    """Run the explorer, press the keys, draw the screen."""
    clock = SetClock(NOW_MS)
    config = load_config({"demo": True, "tz": "utc", "theme": shot.theme, "color": shot.color}, {})
    app = Explorer(config, shot.targets, environ=shot.environ, clock=clock)
    async with app.run_test(size=(shot.width, shot.height)) as pilot:
        await settled(pilot, app, clock)
        for key in shot.keys:
            await press(pilot, app, clock, key)
            await settled(pilot, app, clock)
        svg = screen_svg(app)
    png = compact_png(svg)
    if len(png) > LARGEST_PNG:
        raise SystemExit(f"{shot.name}.png has {len(png)} bytes.")
    (HERE / f"{shot.name}.png").write_bytes(png)
    if shot.svg:
        (HERE / f"{shot.name}.svg").write_text(svg, encoding="utf-8")
    sys.stderr.write(f"{shot.name}  {len(png) // 1000} KB\n")


async def press(pilot: Pilot[int], app: Explorer, clock: SetClock, key: str) -> None:
    """Press a key, type a text or let time pass."""
    verb, _, rest = key.partition(":")
    if verb == "type" and rest:
        await pilot.press(*("space" if char == " " else char for char in rest))
    elif verb == "later" and rest:
        before = app.main.picture
        clock.now += int(rest) * 1000
        while before is not None and app.main.picture is not None and app.main.picture.events == before.events:
            await pilot.pause(_PAUSE_S)
    else:
        await pilot.press(key)


async def settled(pilot: Pilot[int], app: Explorer, clock: SetClock) -> None:
    """Wait until all is read for this time and the screen has stood still for a while."""
    before, still = "", 0
    for _ in range(_PATIENCE):
        await pilot.pause(_PAUSE_S)
        seen = screen_text(app)
        still = still + 1 if seen == before and is_read(app, clock) else 0
        before = seen
        if still >= _STILL:
            return
    raise SystemExit(f"The screen never settled:\n{before}")


def is_read(app: Explorer, clock: SetClock) -> bool:
    """Whether what is shown is all there is at this time."""
    picture = app.main.picture
    if picture is None:
        return "Reading the APIs" not in screen_text(app)
    return not picture.reading and picture.completeness is not None and picture.now == clock.now


def screen_text(app: Explorer) -> str:
    """The screen as text."""
    return "\n".join("".join(segment.text for segment in row) for row in screen_rows(app))


def compact_png(svg: str) -> bytes:
    """The picture with a palette: a screen has few colours."""
    drawn = Image.open(io.BytesIO(cairosvg.svg2png(bytestring=svg.encode()))).convert("RGB")
    few = drawn.quantize(_PALETTE, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def main(words: list[str]) -> None:
    """Take all pictures, or those named."""
    for shot in SHOTS:
        if not words or shot.name in words:
            asyncio.run(take(shot))


if __name__ == "__main__":
    main(sys.argv[1:])
