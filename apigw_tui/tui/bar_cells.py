"""The cells of a stacked bar: two colours in a cell, eighths of a cell in height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Span

Layer = Literal["5xx", "4xx", "rest", "empty"]
Levels = tuple[int, int, int]
"""Upper edges of 5xx, 4xx and the rest, in eighths of a cell from the base line."""

_EIGHTHS: Final = 8
_LEAST_4XX: Final = 2
_MOST_COLOURS: Final = 2


@dataclass(frozen=True)
class Column:
    """One bar: how many failed (5xx), were refused (4xx), all others; and how sure that is."""

    failing: int
    refused: int
    rest: int
    pending: bool = False
    unread: bool = False
    faded: bool = False

    @property
    def total(self) -> int:
        """All requests of the bar."""
        return self.failing + self.refused + self.rest


def heights(column: Column, top: int, rows: int) -> Levels:
    """Return the edges of a bar's layers: any 5xx and any bar at all is one eighth, 4xx from a full one."""
    scale = rows * _EIGHTHS / top
    failing = max(1, round(column.failing * scale)) if column.failing else 0
    refused = int(column.refused * scale)
    total = max(1, round(column.total * scale)) if column.total else 0
    return failing, failing + refused, max(total, failing + refused)


def cell(column: Column, levels: Levels, row: int, *, glyphs: Glyphs, shades: bool) -> Span:
    """Return one cell of a bar, `row` 0 at the base; `shades` tells layers by glyph instead of colour."""
    if column.unread:
        return glyphs.unread, "ink-faint"
    layers = _layers(levels, row)
    if shades:
        return _shaded(column, layers, glyphs)
    kept = _two_of(layers)
    lower, size = kept[0]
    if len(kept) == 1:
        return (" ", "") if lower == "empty" else (glyphs.eighths[_EIGHTHS], _fill(column, lower))
    upper = kept[1][0]
    ground = "" if upper == "empty" else f" on {_fill(column, upper)}"
    return glyphs.eighths[size], f"{_fill(column, lower)}{ground}"


def _layers(levels: Levels, row: int) -> list[tuple[Layer, int]]:
    """Return the layers within a cell from below, each with its eighths."""
    base = row * _EIGHTHS
    edges = [min(max(level - base, 0), _EIGHTHS) for level in levels]
    names: tuple[Layer, ...] = ("5xx", "4xx", "rest", "empty")
    layers: list[tuple[Layer, int]] = []
    below = 0
    for name, edge in zip(names, (*edges, _EIGHTHS), strict=True):
        if edge > below:
            layers.append((name, edge - below))
            below = edge
    return layers


def _two_of(layers: list[tuple[Layer, int]]) -> list[tuple[Layer, int]]:
    """Return at most two layers: 5xx always stays, 4xx from two eighths on, else the larger ones stay."""
    if len(layers) <= _MOST_COLOURS:
        return layers
    sizes = dict(layers)
    lower: Layer = layers[0][0]
    if lower == "4xx" and sizes["4xx"] < _LEAST_4XX:
        return [("rest", sizes["4xx"] + sizes["rest"]), ("empty", sizes["empty"])]
    upper: Layer
    if lower == "5xx" and sizes.get("4xx", 0) >= _LEAST_4XX:
        upper = "4xx"
    else:
        upper = "rest" if sizes.get("rest", 0) >= sizes.get("empty", 0) else "empty"
    return [(lower, sizes[lower]), (upper, _EIGHTHS - sizes[lower])]


def _fill(column: Column, layer: Layer) -> str:
    if column.faded:
        return "raised" if layer == "rest" else "spark"
    if layer == "rest":
        return "fill-pending" if column.pending else "fill-2xx"
    return f"fill-{layer}"


def _shaded(column: Column, layers: list[tuple[Layer, int]], glyphs: Glyphs) -> Span:
    sizes = dict(layers)
    spec = "ink-faint" if column.faded else "ink"
    if "5xx" in sizes:
        return glyphs.eighths[sizes["5xx"]], "ink-faint" if column.faded else "bold ink-strong"
    if sizes.get("4xx", 0) >= _EIGHTHS // 2:
        return glyphs.client_error_shade, spec
    if sizes.get("rest", 0) + sizes.get("4xx", 0) >= _EIGHTHS // 2:
        return glyphs.rest_shade, "ink-faint" if column.faded or column.pending else "ink-muted"
    return " ", ""
