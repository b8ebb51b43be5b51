"""The tables of the board: titles, column heads and rows as lines, for any width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from apigw_tui.core import units
from apigw_tui.core.cause_texts import CAUSES
from apigw_tui.tui.board_cells import LOUD_5XX, LOUD_OF_CLIENT, Head, Look, beam, fitted, heads, number, part, placed
from apigw_tui.tui.board_routes import RoutesTable
from apigw_tui.tui.glyphs import colour_of
from apigw_tui.tui.legend import class_of_cause
from apigw_tui.tui.line import Line, cut, cut_middle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.board import Board, BoardRow, CauseRow, Top, ValueRow

_VALUE_EDGE: Final = 1
_LABEL: Final = 19
_MOST_BEAM: Final = 40
_LEAST_BEAM: Final = 4
_CLOCK: Final = 8
_DAY_AND_CLOCK: Final = 11
_LEAST_VALUE: Final = 10
_ROOMY: Final = 39


class Table(Protocol):
    """Rows under a title; lines are drawn without the two cells of the cursor before them."""

    @property
    def title(self) -> str:
        """What the rows are."""

    @property
    def total(self) -> int:
        """How many rows there are, also of those that are not kept."""

    @property
    def rows(self) -> Sequence[BoardRow]:
        """The rows that are kept."""

    @property
    def unkept(self) -> int:
        """How many more there are than rows are kept."""

    @property
    def first_row(self) -> int:
        """Where the cursor is before it is moved."""

    def note(self, width: int) -> str:
        """What stands at the right of the title."""

    def head(self, width: int) -> Line:
        """The titles of the columns."""

    def line(self, index: int, width: int, *, cursor: bool) -> Line:
        """One row."""


def tables(board: Board, look: Look) -> tuple[Table, ...]:
    """Return the tables in the order of `tab`."""
    return (
        RoutesTable(board, look),
        CausesTable(board.causes, look),
        ValuesTable("Clients", "ADDRESS", board.clients, look),
        ValuesTable("API keys", "KEY", board.keys, look),
        ValuesTable("User agents", "AGENT", board.agents, look),
    )


@dataclass(frozen=True)
class CausesTable:
    """Causes, the most frequent first, with a bar each."""

    rows: tuple[CauseRow, ...]
    look: Look
    title: str = "Causes"
    first_row: int = 0

    @property
    def total(self) -> int:
        """How many causes there are."""
        return len(self.rows)

    @property
    def unkept(self) -> int:
        """None."""
        return 0

    def note(self, _width: int) -> str:
        """Nothing."""
        return ""

    def head(self, width: int) -> Line:
        """The titles of the columns."""
        return heads(self._columns(width)[:3], self.look.glyphs)

    def line(self, index: int, width: int, *, cursor: bool) -> Line:
        """One cause."""
        row = self.rows[index]
        status_class = class_of_cause(row.code)
        columns = self._columns(width)
        failing = status_class == "5xx"
        sign_ink = f"{'bold ' if failing else ''}{colour_of(status_class)}"
        label = cut(CAUSES[row.code].label, columns[0].width - 2, self.look.glyphs.ellipsis)
        cells: list[Line] = [
            (
                (f"{self.look.glyphs.of_class(status_class)} ", sign_ink),
                (label, "ink-strong" if failing or cursor else "ink"),
            ),
            number(row.requests, "ink-strong" if failing else "ink"),
            ((self._since(row), "ink-muted"),),
        ]
        if len(columns) > len(cells):
            fill = {"5xx": "fill-5xx", "4xx": "fill-4xx"}.get(status_class, "spark")
            text = beam(row.requests, max(other.requests for other in self.rows), columns[-1].width, self.look.glyphs)
            cells.append(((text, "ink" if self.look.mono else fill),))
        return placed(columns, cells)

    def _columns(self, width: int) -> tuple[Head, ...]:
        since = _DAY_AND_CLOCK if self._has_other_day() else _CLOCK
        columns = (
            Head("cause", "CAUSE", _LABEL + 2, gap=0, right=False),
            Head("requests", "REQUESTS", 8, gap=1),
            Head("since", "SINCE", since),
        )
        room = width - _VALUE_EDGE - 1 - sum(column.width + column.gap for column in columns)
        if room < _LEAST_BEAM:
            return fitted((replace(columns[0], width=0), *columns[1:]), width - _VALUE_EDGE, 1)
        return (*columns, Head("beam", "", min(room, _MOST_BEAM), gap=1, right=False))

    def _since(self, row: CauseRow) -> str:
        clock = units.clock(row.since, self.look.zone, millis=False)
        if not self._has_other_day():
            return clock
        return f"{units.day(row.since, self.look.zone)[5:]} {clock[:5]}"

    def _has_other_day(self) -> bool:
        return any(units.day(row.since, self.look.zone) != self.look.today for row in self.rows)


@dataclass(frozen=True)
class ValuesTable:
    """Clients, keys or agents, the busiest first."""

    title: str
    name: str
    top: Top
    look: Look
    first_row: int = 0

    @property
    def total(self) -> int:
        """How many values there are."""
        return self.top.total

    @property
    def rows(self) -> tuple[ValueRow, ...]:
        """The busiest values."""
        return self.top.rows

    @property
    def unkept(self) -> int:
        """How many values are too rare to be kept."""
        return self.top.total - len(self.top.rows)

    def note(self, _width: int) -> str:
        """Nothing."""
        return ""

    def head(self, width: int) -> Line:
        """The titles of the columns."""
        return heads(self._columns(width), self.look.glyphs)

    def line(self, index: int, width: int, *, cursor: bool) -> Line:
        """One value; loud is what fails more often than errors are spread by chance."""
        row = self.rows[index]
        columns = self._columns(width)
        failing, refused = part(row.errors_5xx, row.requests), part(row.errors_4xx, row.requests)
        is_client = row.field == "ip"
        loud = failing >= (LOUD_OF_CLIENT if is_client else LOUD_5XX)
        shorten = cut_middle if is_client else cut
        text = shorten(row.value, columns[0].width, self.look.glyphs.ellipsis)
        number_4xx = number(row.errors_4xx, "ink-muted")
        if refused >= LOUD_OF_CLIENT:
            number_4xx = ((f"{self.look.glyphs.client_error} {units.count(row.errors_4xx)}", "status-4xx"),)
        cells: dict[str, Line] = {
            "name": ((text, "ink-strong" if cursor else "ink"),),
            "requests": number(row.requests, "ink-muted"),
            "4xx": number_4xx,
            "5xx": number(row.errors_5xx, "ink-strong" if loud else "ink-muted"),
        }
        return placed(columns, [cells[column.name] for column in columns])

    def _columns(self, width: int) -> tuple[Head, ...]:
        columns = (
            Head("name", self.name, 0, gap=0, right=False),
            Head("requests", "REQUESTS", 8, gap=1) if width >= _ROOMY else Head("requests", "REQS", 6, gap=1),
            Head("4xx", "4xx", 7, gap=1),
            Head("5xx", "5xx", 6, gap=1),
        )
        return fitted(columns, width - _VALUE_EDGE, _LEAST_VALUE, ("requests",))
