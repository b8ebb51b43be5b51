"""A screen of Textual as SVG: one rectangle per background, one text per run, block characters as rectangles.

Textual's own export draws a window around the screen, and block characters as text, which leaves seams.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.geometry import Size

CELL_WIDTH, CELL_HEIGHT = 10, 21
MARGIN: Final = 10
FONTS: Final = "JetBrains Mono, DejaVu Sans Mono, Menlo, Consolas, monospace"
_FONT_SIZE: Final = 16.67
_BASE_LINE: Final = 15.5
_DIM: Final = 0.45
_WORDS: Final = re.compile(r"↳|[^\s○↳]+(?: [^\s○↳]+)*")
_RING: Final = re.compile("○")
"""Drawn as a circle: not every font has it."""
_BORROWED, _OTHER_FONT = "↳", "DejaVu Sans Mono"
_FIRST_BLOCK, _LAST_BLOCK = "\u2580", "\u259f"

TERMINAL: Final = TerminalTheme(
    (17, 19, 22),
    (198, 203, 211),
    [(0,) * 3, (194, 54, 33), (37, 188, 36), (190, 150, 40), (73, 90, 225), (190, 60, 190), (51, 170, 170), (203,) * 3],
    [
        (110, 115, 122),
        (252, 80, 60),
        (49, 231, 34),
        (234, 210, 35),
        (120, 150, 255),
        (249, 90, 248),
        (90, 220, 220),
        (235, 235, 235),
    ],
)
"""What a terminal of 16 colours may make of their names."""

_LOWER: Final = {chr(0x2580 + eighths): (0.0, 1 - eighths / 8, 1.0, eighths / 8) for eighths in range(1, 9)}
_LEFT: Final = {chr(0x2590 - eighths): (0.0, 0.0, eighths / 8, 1.0) for eighths in range(1, 8)}
_QUADRANTS: Final = {
    "\u2596": "3",
    "\u2597": "4",
    "\u2598": "1",
    "\u2599": "134",
    "\u259a": "14",
    "\u259b": "123",
    "\u259c": "124",
    "\u259d": "2",
    "\u259e": "23",
    "\u259f": "234",
}
_QUADRANT: Final = {
    "1": (0.0, 0.0, 0.5, 0.5),
    "2": (0.5, 0.0, 0.5, 0.5),
    "3": (0.0, 0.5, 0.5, 0.5),
    "4": (0.5, 0.5, 0.5, 0.5),
}
_BLOCKS: Final = {
    **_LOWER,
    **_LEFT,
    "\u2580": (0.0, 0.0, 1.0, 0.5),
    "\u2590": (0.5, 0.0, 0.5, 1.0),
    "\u2594": (0.0, 0.0, 1.0, 0.125),
    "\u2595": (0.875, 0.0, 0.125, 1.0),
}
"""x, y, width and height of what is filled, in parts of the cell."""
_SHADES: Final = {"\u2591": 0.25, "\u2592": 0.5, "\u2593": 0.75}


@dataclass(frozen=True)
class _Run:
    """Cells of one style: `at` is the first column."""

    text: str
    at: int
    ink: ColorTriplet
    paper: ColorTriplet
    bold: bool
    underline: bool


def screen_rows(app: App[int]) -> list[list[Segment]]:
    """What is on screen, with the screens behind an overlay."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    return [[segment for strip in strips for segment in strip] for strips in update.strips]  # type: ignore[union-attr]


def screen_svg(app: App[int]) -> str:
    """Draw what is on screen."""
    rows = screen_rows(app)
    paper = TERMINAL.background_color if app.current_theme.ansi else Color.parse(app.theme_variables["background"])
    canvas = paper if isinstance(paper, ColorTriplet) else paper.get_truecolor(TERMINAL)
    width = app.size.width * CELL_WIDTH + 2 * MARGIN
    height = app.size.height * CELL_HEIGHT + 2 * MARGIN
    marks = [mark for y, row in enumerate(rows) for mark in _row_marks(_runs(row), (y, app.size), canvas)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"<style>text{{font:{_FONT_SIZE}px {FONTS};white-space:pre}}</style>\n"
        f'<rect width="100%" height="100%" fill="{canvas.hex}"/>\n'
        f'<g font-family="{FONTS}" font-size="{_FONT_SIZE}" shape-rendering="crispEdges">\n'
        + "\n".join(marks)
        + "\n</g>\n</svg>\n"
    )


def _runs(row: Iterable[Segment]) -> Iterator[_Run]:
    at = 0
    for text, style, control in row:
        if control or not text:
            continue
        yield _styled(text, at, style or Style.null())
        at += cell_len(text)


def _styled(text: str, at: int, style: Style) -> _Run:
    ink = style.color.get_truecolor(TERMINAL) if style.color else TERMINAL.foreground_color
    paper = style.bgcolor.get_truecolor(TERMINAL, foreground=False) if style.bgcolor else TERMINAL.background_color
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = blend_rgb(ink, paper, _DIM)
    return _Run(text, at, ink, paper, bool(style.bold), bool(style.underline))


def _row_marks(runs: Iterable[_Run], place: tuple[int, Size], canvas: ColorTriplet) -> Iterator[str]:
    runs = list(runs)
    y, size = place
    for edge, top in ((0, 0), (size.height - 1, size.height * CELL_HEIGHT + MARGIN)):
        if y == edge and runs and runs[0].paper != canvas:
            yield f'<rect y="{top}" width="100%" height="{MARGIN}" fill="{runs[0].paper.hex}"/>'
    for paper, group in groupby(runs, key=lambda run: run.paper):
        if paper != canvas:
            same = list(group)
            cells = sum(cell_len(run.text) for run in same)
            edges = size if paper == runs[0].paper or same[0].at + cells == size.width else None
            yield _rectangle((same[0].at, y), (0, 0, cells, 1), paper, edges=edges)
    for run in runs:
        at = run.at
        for is_block, characters in groupby(run.text, key=lambda char: _FIRST_BLOCK <= char <= _LAST_BLOCK):
            text = "".join(characters)
            yield from _blocks(text, at, y, run.ink) if is_block else _texts(text, at, y, run)
            at += cell_len(text)


def _blocks(text: str, at: int, y: int, ink: ColorTriplet) -> Iterator[str]:
    for char, same in groupby(text):
        count = len(list(same))
        if char in _SHADES:
            yield _rectangle((at, y), (0, 0, count, 1), ink, opacity=_SHADES[char])
        elif char in _BLOCKS and _BLOCKS[char][2] == 1:
            _, top, _, tall = _BLOCKS[char]
            yield _rectangle((at, y), (0, top, count, tall), ink)
        else:
            parts = [_BLOCKS[char]] if char in _BLOCKS else [_QUADRANT[name] for name in _QUADRANTS[char]]
            for place in range(count):
                for part in parts:
                    yield _rectangle((at + place, y), part, ink)
        at += count


def _texts(text: str, at: int, y: int, run: _Run) -> Iterator[str]:
    """One text per group of words: two blanks end it, so that no rounding adds up."""
    weight = ' font-weight="700"' if run.bold else ""
    for words in _WORDS.finditer(text):
        column, cells = at + cell_len(text[: words.start()]), cell_len(words[0])
        font = f' font-family="{_OTHER_FONT}"' if words[0] in _BORROWED else ""
        yield (
            f'<text x="{MARGIN + CELL_WIDTH * column}" y="{MARGIN + CELL_HEIGHT * y + _BASE_LINE:g}"'
            f' fill="{run.ink.hex}" textLength="{CELL_WIDTH * cells}"{weight}{font}>'
            f"{escape(words[0], quote=False)}</text>"
        )
        if run.underline:
            yield _rectangle((column, y), (0, 0.92, cells, 0.06), run.ink)
    for ring in _RING.finditer(text):
        x = MARGIN + CELL_WIDTH * (at + cell_len(text[: ring.start()]) + 0.5)
        middle = MARGIN + CELL_HEIGHT * (y + 0.5)
        yield (
            f'<circle cx="{x:g}" cy="{middle:g}" r="4.2" fill="none" stroke="{run.ink.hex}"'
            ' shape-rendering="geometricPrecision"/>'
        )


def _rectangle(
    cell: tuple[int, int],
    part: tuple[float, float, float, float],
    fill: ColorTriplet,
    *,
    opacity: float = 1,
    edges: Size | None = None,
) -> str:
    """Fill a part of a cell and what follows it; with `edges`, at the screen's sides the margin, too."""
    x, y, width, height = part
    left, right = MARGIN + CELL_WIDTH * (cell[0] + x), MARGIN + CELL_WIDTH * (cell[0] + x + width)
    top, bottom = MARGIN + CELL_HEIGHT * (cell[1] + y), MARGIN + CELL_HEIGHT * (cell[1] + y + height)
    if edges is not None:
        left -= MARGIN if left == MARGIN else 0
        right += MARGIN if right == MARGIN + CELL_WIDTH * edges.width else 0
    seen = f' fill-opacity="{opacity}"' if opacity < 1 else ""
    return (
        f'<rect x="{left:g}" y="{round(top)}" width="{right - left:g}"'
        f' height="{max(1, round(bottom) - round(top))}" fill="{fill.hex}"{seen}/>'
    )
