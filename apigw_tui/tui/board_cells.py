"""The cells of the board: numbers with their units, and which of them are loud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.tui.glyphs import Glyphs
from apigw_tui.tui.line import Line, Span, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.board import Trend

LOUD_5XX: Final = 0.01
LOUD_4XX: Final = 0.05
"""Shares of a route's requests from which its errors are loud."""
LOUD_OF_CLIENT: Final = 0.20
"""Share of a client's requests: a few errors are everyone's."""

_LOUD_MS: Final = 1_000
_LOUD_IN_STEP: Final = 0.05
_LEAST_CHANGE: Final = 0.1
_UNIT: Final = 2
_EIGHTHS: Final = 8


@dataclass(frozen=True)
class Look:
    """How rows are drawn: glyphs, whether without colours, the zone of the clock and its date."""

    glyphs: Glyphs
    mono: bool
    zone: tzinfo
    today: str


@dataclass(frozen=True)
class Head:
    """A column: `gap` blanks, then `width` cells; 0 takes what is left."""

    name: str
    title: str
    width: int
    gap: int = 2
    right: bool = True
    sorted: bool = False


def heads(columns: Sequence[Head], glyphs: Glyphs) -> Line:
    """Return the titles; the column that rows are sorted by is marked."""
    spans: list[Span] = []
    for column in columns:
        title = f"{column.title} {glyphs.opened}" if column.sorted else column.title
        title = title.rjust(column.width) if column.right else title.ljust(column.width)
        spans += [(" " * column.gap, ""), (title[: column.width], "ink" if column.sorted else "ink-faint")]
    return tuple(spans)


def placed(columns: Sequence[Head], cells: Sequence[Line]) -> Line:
    """Return cells at their columns; one that is too wide takes blanks from its neighbours."""
    spans: list[Span] = []
    at = edge = 0
    for column, cell in zip(columns, cells, strict=True):
        width = width_of(cell)
        start = edge + column.gap + (column.width - width if column.right else 0)
        edge += column.gap + column.width
        if width:
            spans += [(" " * max(0, start - at), ""), *cell]
            at = max(start, at) + width
    return tuple(spans)


def fitted(columns: tuple[Head, ...], width: int, least: int, dropped: Sequence[str] = ()) -> tuple[Head, ...]:
    """Return the columns that leave the one without a width its room, which gets all that is left."""
    going = list(dropped)
    while True:
        rest = width - sum(column.width + column.gap for column in columns)
        if rest >= least or not going:
            break
        name = going.pop(0)
        columns = tuple(column for column in columns if column.name != name)
    return tuple(column if column.width else replace(column, width=max(1, rest)) for column in columns)


def part(count: int, requests: int) -> float:
    """Return a share between 0 and 1; nothing of nothing is 0."""
    return count / requests if requests else 0.0


def number(count: int, ink: str) -> Line:
    """Return a count; a true 0 is faint."""
    return ((units.count(count), ink if count else "ink-faint"),)


def percent(share: float, ink: str, sign: str = "") -> Line:
    """Return a share with one decimal, its unit dimmed; `sign` and the share are of one ink."""
    value = units.share(share, 1).removesuffix(" %")
    unit = ink.removeprefix("bold ") if sign else "ink-faint"
    return (f"{sign} {value}" if sign else value, ink), (" %", unit)


def duration(ms: float | None, ink: str) -> Line:
    """Return a duration, its unit in a column of its own; a second and more is bold."""
    value, unit = units.duration(ms)
    if not unit:
        return (value, "ink-faint"), (" " * (_UNIT + 1), "")
    loud = ms is not None and ms >= _LOUD_MS
    return (value, "bold ink-strong" if loud else ink), (f" {unit:<{_UNIT}}", "ink-muted" if loud else "ink-faint")


def size(size_bytes: float | None, ink: str) -> Line:
    """Return a size, its unit in a column of its own."""
    value, unit = units.size(size_bytes)
    if not unit:
        return (value, "ink-faint"), (" " * (_UNIT + 1), "")
    return (value, ink), (f" {unit:<{_UNIT}}", "ink-faint")


def change(share: float | None, ink: str, glyphs: Glyphs) -> Line:
    """Return by how many points a share changed; `=` for less than a tenth."""
    if share is None:
        return (units.UNKNOWN, "ink-faint"), ("   ", "")
    points = round(100 * share, 1)
    if abs(points) < _LEAST_CHANGE:
        return ("=", "ink-faint"), ("   ", "")
    return (f"{'+' if points > 0 else glyphs.minus}{abs(points):.1f}", ink), (" pt", "ink-faint")


def spark(trend: Trend, top: int, *, glyphs: Glyphs, mono: bool) -> Line:
    """Return requests per step as heights, in the colour of the worst class with its share of the step."""
    spans: list[Span] = []
    for requests, refused, failing in zip(trend.requests, trend.errors_4xx, trend.errors_5xx, strict=True):
        eighths = max(1, round(requests * _EIGHTHS / top)) if requests else 0
        glyph, ink = glyphs.eighths[eighths], _spark_ink(requests, refused, failing, mono=mono)
        if spans and spans[-1][1] == ink:
            spans[-1] = (spans[-1][0] + glyph, ink)
        else:
            spans.append((glyph, ink))
    return tuple(spans)


def beam(value: int, top: int, width: int, glyphs: Glyphs) -> str:
    """Return a bar from the left whose full width is `top`; what is there at all is one eighth."""
    eighths = max(1, round(value * width * _EIGHTHS / top)) if value and top else 0
    full, rest = divmod(min(eighths, width * _EIGHTHS), _EIGHTHS)
    return glyphs.left_eighths[_EIGHTHS] * full + (glyphs.left_eighths[rest] if rest else "")


def _spark_ink(requests: int, refused: int, failing: int, *, mono: bool) -> str:
    if requests and failing >= _LOUD_IN_STEP * requests:
        return "bold ink-strong" if mono else "fill-5xx"
    if requests and refused >= _LOUD_IN_STEP * requests:
        return "ink" if mono else "fill-4xx"
    return "ink-faint" if mono else "spark"
