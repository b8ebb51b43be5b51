"""The table of routes: what fails where, how much, since when and how slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.tui.board_cells import (
    LOUD_4XX,
    LOUD_5XX,
    Head,
    Look,
    change,
    duration,
    fitted,
    heads,
    number,
    part,
    percent,
    placed,
    size,
    spark,
)
from apigw_tui.tui.line import Line, cut

if TYPE_CHECKING:
    from apigw_tui.core.board import Board, RouteRow

_METHOD: Final = 7
_LEAST_TREND: Final = 10
_LEAST_NAME: Final = 18
_ROUTE_EDGE: Final = 2
_DROPPED: Final = ("size", "overhead", "change", "p99", "p50", "trend", "p95", "4xx", "method", "share")
"""Columns in the order in which they go where the width is small."""
_MINUTE_MS: Final = 60_000
_MINUTES: Final = len("03:10")
_STEP_NAMES: Final = {1_000: "SECOND", 60_000: "MINUTE", 3_600_000: "HOUR", 86_400_000: "DAY"}


@dataclass(frozen=True)
class RoutesTable:
    """All routes together, then each, most 5xx first."""

    board: Board
    look: Look
    title: str = "Routes"

    @property
    def total(self) -> int:
        """How many routes there are."""
        return self.board.route_count

    @property
    def rows(self) -> tuple[RouteRow, ...]:
        """All routes as one row, then the routes."""
        return (self.board.everything, *self.board.routes)

    @property
    def unkept(self) -> int:
        """How many routes are not kept: those that fail least and are least used."""
        return self.board.route_count - len(self.board.routes)

    @property
    def first_row(self) -> int:
        """The first route: all of them together are none."""
        return min(1, len(self.board.routes))

    def note(self, width: int) -> str:
        """The times that the change compares, where there is that column."""
        if all(column.name != "change" for column in self._columns(width)):
            return ""
        times = (self.board.start, self.board.middle, self.board.end)
        length = _MINUTES if all(ms % _MINUTE_MS == 0 for ms in times) else None
        start, middle, end = (units.clock(ms, self.look.zone, millis=False)[:length] for ms in times)
        return f"change {middle} – {end} against {start} – {middle}"

    def head(self, width: int) -> Line:
        """The titles of the columns."""
        return heads(self._columns(width), self.look.glyphs)

    def line(self, index: int, width: int, *, cursor: bool) -> Line:
        """One route; only what is beyond a limit is loud."""
        columns = self._columns(width)
        row = self.rows[index]
        cells = self._numbers(row, is_all=index == 0)
        if index == 0:
            cells |= {"method": (), "name": (), columns[0].name: (("all routes", "bold ink-strong"),)}
        else:
            room = next(column.width for column in columns if column.name == "name")
            cells |= self._names(row, room, cursor=cursor)
        return placed(columns, [cells[column.name] for column in columns])

    def _names(self, row: RouteRow, room: int, *, cursor: bool) -> dict[str, Line]:
        loud = part(row.errors_5xx, row.requests) >= LOUD_5XX
        cut_off = self.look.glyphs.ellipsis
        name = row.route if row.route is not None else row.path
        return {
            "method": ((cut(row.method or units.UNKNOWN, _METHOD, cut_off), "ink" if loud else "ink-muted"),),
            "name": ((cut(name or units.UNKNOWN, room, cut_off), "ink-strong" if loud or cursor else "ink-muted"),),
        }

    def _numbers(self, row: RouteRow, *, is_all: bool) -> dict[str, Line]:
        failing = part(row.errors_5xx, row.requests)
        loud = failing >= LOUD_5XX
        ink = "ink" if loud or is_all else "ink-muted"
        # Routes share one scale; all of them together would flatten it.
        top = max(row.trend.requests) if is_all else self._busiest
        return {
            "requests": number(row.requests, ink),
            "trend": spark(row.trend, max(1, top), glyphs=self.look.glyphs, mono=self.look.mono),
            "5xx": number(row.errors_5xx, "bold ink-strong" if loud else "ink"),
            "share": self._share_5xx(row, failing),
            "change": change(row.trend.change_5xx, "ink" if loud else "ink-muted", self.look.glyphs),
            "4xx": self._share_4xx(row, part(row.errors_4xx, row.requests)),
            "p50": duration(row.p50_ms, ink),
            "p95": duration(row.p95_ms, ink),
            "p99": duration(row.p99_ms, ink),
            "overhead": duration(row.overhead_p95_ms, ink),
            "size": size(row.response_bytes_avg, ink),
        }

    @property
    def _busiest(self) -> int:
        return max((max(row.trend.requests) for row in self.board.routes), default=1)

    def _share_5xx(self, row: RouteRow, share: float) -> Line:
        if not row.errors_5xx:
            return ()
        if share >= LOUD_5XX:
            return percent(share, "bold status-5xx", self.look.glyphs.server_error)
        return percent(share, "ink-muted")

    def _share_4xx(self, row: RouteRow, share: float) -> Line:
        if not row.errors_4xx:
            return ("0", "ink-faint"), ("  ", "")
        if share >= LOUD_4XX:
            return percent(share, "status-4xx", self.look.glyphs.client_error)
        return percent(share, "ink-muted")

    def _columns(self, width: int) -> tuple[Head, ...]:
        trend = max(_LEAST_TREND, len(self.board.everything.trend.requests))
        columns = (
            Head("method", "METHOD", _METHOD, gap=0, right=False),
            Head("name", "ROUTE", 0, gap=1, right=False),
            Head("requests", "REQUESTS", 8),
            Head("trend", f"PER {step_name(self.board.step_ms)}", trend, right=False),
            Head("5xx", "5xx", 7, sorted=True),
            Head("share", "SHARE", 8),
            Head("change", "CHANGE", 8),
            Head("4xx", "4xx", 8, gap=1),
            Head("p50", "P50", 8, gap=1),
            Head("p95", "P95", 8, gap=1),
            Head("p99", "P99", 8, gap=1),
            Head("overhead", "OVERHEAD", 8),
            Head("size", "AVG SIZE", 8),
        )
        return fitted(columns, width - _ROUTE_EDGE, _LEAST_NAME, _DROPPED)


def step_name(step_ms: int) -> str:
    """Return what a trend's numbers are per: `MINUTE`, `10 S`, `2 H`."""
    if step_ms in _STEP_NAMES:
        return _STEP_NAMES[step_ms]
    for size_ms, unit in ((86_400_000, "D"), (3_600_000, "H"), (60_000, "MIN")):
        if step_ms % size_ms == 0:
            return f"{step_ms // size_ms} {unit}"
    return f"{step_ms // 1_000} S"
