"""The columns of the list: which there are at which width, how wide each is, and which part of them is in view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

from apigw_tui.tui.column_table import COLUMNS, Chosen, Column, column_named
from apigw_tui.tui.glyphs import UNICODE, Glyphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.tui.line import Line, Span
    from apigw_tui.tui.list_view import Mode

GUTTER: Final = 2
"""Cells before the first column: cursor bar or mark, then a blank."""
_RIGHT_EDGE: Final = 2
_ROOMY: Final = 94
"""A blank, and the scroll thumb in the last column; not below 94 cells."""
_LEAST_ROUTE: Final = 17

_TIME, _STATUS, _METHOD, _LATENCY, _INTEGRATION, _CLIENT, _ID = (
    COLUMNS[name] for name in ("time", "status", "method", "latency", "integration", "ip", "id")
)
# One blank: only OPTIONS fills the seven cells before it.
_ROUTE: Final = replace(COLUMNS["route"], width=0, gap=1)
_CAUSE: Final = replace(COLUMNS["cause"], width=20)
_KIND: Final = Column("kind", "K", 1)
_LINE: Final = Column("line", "LINE", 0)


def _tight(column: Column, width: int, title: str = "") -> Column:
    return replace(column, width=width, gap=min(column.gap, 1), title=title or column.title)


_TIGHT_ID: Final = _tight(_ID, 8, "REQ ID")
_TIGHT_REQUESTS: Final = (
    _tight(_TIME, 8),
    _tight(_STATUS, 5),
    _tight(_METHOD, 6),
    _ROUTE,
    _tight(_LATENCY, 8),
    _tight(_CAUSE, 19),
    _TIGHT_ID,
)
_REQUESTS: Final[tuple[tuple[int, tuple[Column, ...]], ...]] = (
    (125, (_TIME, _STATUS, _METHOD, _ROUTE, _LATENCY, _INTEGRATION, replace(_CAUSE, width=24), _CLIENT, _ID)),
    (110, (_TIME, _STATUS, _METHOD, _ROUTE, _LATENCY, _INTEGRATION, _CAUSE, _ID)),
    (_ROOMY, (_TIME, _STATUS, _METHOD, _ROUTE, _LATENCY, _CAUSE, _ID)),
    (79, _TIGHT_REQUESTS),
    (60, tuple(column for column in _TIGHT_REQUESTS if column.name != "cause")),
    (0, tuple(column for column in _TIGHT_REQUESTS if column.name in ("time", "status", "route", "latency"))),
)
_EVENTS: Final[tuple[tuple[int, tuple[Column, ...]], ...]] = (
    (_ROOMY, (_TIME, _KIND, _STATUS, _LINE, _ID)),
    (
        60,
        (_tight(_TIME, 8), _tight(_KIND, 1), _tight(_STATUS, 5), _tight(_LINE, 0), _tight(_ID, 8, "REQ ID")),
    ),
    (0, (_tight(_TIME, 8), _tight(_KIND, 1), _tight(_LINE, 0))),
)
_TIGHT_WIDTHS: Final = {column.name: column.width for column in _TIGHT_REQUESTS if column.width}


@dataclass(frozen=True)
class Table:
    """What of which columns is in view: scrolled by `offset` cells, the cell cursor in the column `cell`.

    `sort` is the order of the rows, such as `-latency`; empty for that of time.
    """

    mode: Mode = "requests"
    chosen: Chosen = ()
    offset: int = 0
    cell: str | None = None
    sort: str = ""

    def columns(self, width: int) -> tuple[Column, ...]:
        """Return the columns that a list of this width shows."""
        return layout(width, self.mode, self.chosen, offset=self.offset)


def layout(width: int, mode: Mode = "requests", chosen: Chosen = (), *, offset: int = 0) -> tuple[Column, ...]:
    """Return the columns that a list of this width shows, each with its final width.

    Chosen columns may be wider than the list. By `offset` cells an event's line is longer, to scroll through it.
    """
    if chosen and mode == "requests":
        return _chosen_layout(width, chosen)
    steps = _REQUESTS if mode == "requests" else _EVENTS
    columns = next(columns for least, columns in steps if width >= least)
    rest = max(1, width - right_edge(width) - whole_width(columns)) + (offset if mode == "events" else 0)
    return tuple(replace(column, width=rest) if column.width == 0 else column for column in columns)


def _chosen_layout(width: int, chosen: Chosen) -> tuple[Column, ...]:
    """Return chosen columns, the route as wide as there is room unless its width was chosen too."""
    tight = width < _ROOMY
    columns = [
        replace(column, width=each.width or _own_width(column, tight=tight), gap=_gap(place, tight=tight))
        for place, each in enumerate(chosen)
        if (column := column_named(each.name)) is not None
    ]
    widths = {each.name: each.width for each in chosen}
    for place, column in enumerate(columns):
        if column.name == "route" and widths["route"] is None:
            rest = width - right_edge(width) - whole_width(columns) + column.width
            columns[place] = replace(column, width=max(_LEAST_ROUTE, rest))
    return tuple(columns)


def _own_width(column: Column, *, tight: bool) -> int:
    return _TIGHT_WIDTHS.get(column.name, column.width) if tight else column.width


def _gap(place: int, *, tight: bool) -> int:
    return 0 if not place else 1 if tight else 2


def whole_width(columns: Sequence[Column]) -> int:
    """Return the cells that columns take, the gutter before them too."""
    return GUTTER + sum(column.gap + column.width for column in columns)


def columns_beyond(columns: Sequence[Column], width: int) -> int:
    """Return how many of the columns begin only beyond so many cells."""
    start, beyond = GUTTER, 0
    for column in columns:
        start += column.gap
        beyond += start >= width
        start += column.width
    return beyond


def right_edge(width: int) -> int:
    """Return the cells to the right of the last column: padding and scroll thumb."""
    return _RIGHT_EDGE if width >= _ROOMY else 0


def heads(columns: Sequence[Column], table: Table | None = None, glyphs: Glyphs = UNICODE) -> Line:
    """Return the row of column titles; the one that rows are sorted by points down from the largest, else up."""
    table = table or Table()
    spans = [(" " * GUTTER, "")]
    for column in columns:
        is_sorted = bool(table.sort) and table.sort.removeprefix("-") == column.name
        sign = (glyphs.opened if table.sort.startswith("-") else glyphs.pointer) if is_sorted else ""
        title = column.title[: max(0, column.width - len(sign))] + sign
        title = title.rjust(column.width) if column.right else title.ljust(column.width)
        strong = is_sorted or column.name == table.cell
        spans.extend([(" " * column.gap, ""), (title, "bold ink-strong" if strong else "ink-faint")])
    return tuple(spans)


def shifted(line: Line, offset: int, room: int) -> Line:
    """Return what of a line is in view: the gutter, and behind it the cells from `offset` on, `room` in all."""
    spans: list[Span] = []
    at, left = 0, room
    for text, spec in line:
        size = cell_len(text)
        hidden = 0 if at < GUTTER else max(0, min(size, GUTTER + offset - at))
        at += size
        shown = _without_head(text, hidden) if hidden else text
        size -= hidden
        if size > left:
            spans.append((set_cell_size(shown, left), spec))
            break
        if size:
            spans.append((shown, spec))
            left -= size
    return tuple(spans)


def _without_head(text: str, cells: int) -> str:
    """Return a text without its first cells; what is left of a wide character is a blank."""
    if text.isascii():
        return text[cells:]
    for place, letter in enumerate(text):
        if cells <= 0:
            return " " * -cells + text[place:]
        cells -= cell_len(letter)
    return " " * -cells
