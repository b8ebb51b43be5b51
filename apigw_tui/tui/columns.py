"""The columns of the list, as data: which there are at which width, and how wide each is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.list_view import Mode

Name = Literal["time", "status", "method", "route", "latency", "integration", "cause", "client", "kind", "line", "id"]

GUTTER: Final = 2
"""Cells before the first column: cursor bar or mark, then a blank."""
_RIGHT_EDGE: Final = 2
_ROOMY: Final = 94
"""A blank, and the scroll thumb in the last column; not below 94 cells."""


@dataclass(frozen=True)
class Column:
    """One column: `gap` blanks before it, then `width` cells; width 0 takes what is left."""

    name: Name
    title: str
    width: int
    gap: int = 2
    right: bool = False


_TIME: Final = Column("time", "TIME", 12, gap=0)
_STATUS: Final = Column("status", "ST", 5)
_METHOD: Final = Column("method", "METHOD", 7)
# One blank: only OPTIONS fills the seven cells before it.
_ROUTE: Final = Column("route", "ROUTE", 0, gap=1)
_LATENCY: Final = Column("latency", "LATENCY", 8, right=True)
_INTEGRATION: Final = Column("integration", "INTEGR", 8, right=True)
_CAUSE: Final = Column("cause", "CAUSE", 20)
_CLIENT: Final = Column("client", "CLIENT", 15)
_ID: Final = Column("id", "REQUEST ID", 10)
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


def layout(width: int, mode: Mode = "requests") -> tuple[Column, ...]:
    """Return the columns that a list of this width shows, each with its final width."""
    steps = _REQUESTS if mode == "requests" else _EVENTS
    columns = next(columns for least, columns in steps if width >= least)
    taken = GUTTER + right_edge(width) + sum(column.gap + column.width for column in columns)
    rest = max(1, width - taken)
    return tuple(replace(column, width=rest) if column.width == 0 else column for column in columns)


def right_edge(width: int) -> int:
    """Return the cells to the right of the last column: padding and scroll thumb."""
    return _RIGHT_EDGE if width >= _ROOMY else 0


def heads(columns: tuple[Column, ...]) -> Line:
    """Return the row of column titles."""
    spans = [(" " * GUTTER, "")]
    for column in columns:
        title = column.title[: column.width]
        title = title.rjust(column.width) if column.right else title.ljust(column.width)
        spans.append((" " * column.gap + title, "ink-faint"))
    return tuple(spans)
