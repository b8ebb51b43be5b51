"""A view as the list wants it: rows with marks, lateness and gaps at their place in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from apigw_tui.core.sorted_view import SortedView

if TYPE_CHECKING:
    from apigw_tui.core.access_entries import AccessEntries
    from apigw_tui.core.view import View
    from apigw_tui.sources.base import Gap
    from apigw_tui.tui.list_view import Mode, Predicate, Row

_SERVER_ERRORS: Final = 500
_FAILED_LINES: Final = ("timeout", "execution_failed", "configuration_error", "function_error")
_LONGEST_REQUEST_MS: Final = 300_000
"""API Gateway ends a request sooner; events of one lie no further apart."""


@dataclass(frozen=True, eq=False)
class ListRows:
    """The rows of a view in order, with one row per gap among them. `version` is the picture's number."""

    view: View
    version: int
    late: Mapping[int, int] = field(default_factory=dict)
    marks: frozenset[int] = frozenset()
    gaps: tuple[Gap, ...] = ()
    requests: View | None = None
    """All requests, of which events show the status."""
    again_ms: int | None = None
    """How long until the gaps are tried again."""
    entries: AccessEntries | None = None
    """Where the access fields are read, for columns that show some."""
    gap_rows: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Find the row number of each gap; only in the order of time they have one."""
        if self.sort:
            object.__setattr__(self, "gaps", ())
        places = sorted((self.view.position_at(gap.start), gap.start) for gap in self.gaps)
        object.__setattr__(self, "gap_rows", tuple(at + number for number, (at, _) in enumerate(places)))

    def __len__(self) -> int:
        return len(self.view) + len(self.gap_rows)

    @property
    def mode(self) -> Mode:
        """Which table the rows are of."""
        return self.view.mode

    @property
    def sort(self) -> str:
        """What the rows are sorted by; empty for the order of time."""
        return str(self.view.sort) if isinstance(self.view, SortedView) else ""

    def slice(self, start: int, count: int) -> list[Row]:
        """Rows `start` … as dicts, fewer at the end."""
        stop = min(start + count, len(self))
        first, last = self._inner(start), self._inner(stop)
        block = self.view.slice(first, last - first)
        if self.mode == "events":
            self._add_statuses(block)
        elif self.entries is not None:
            found = self.entries.of(block)
            block = [{**row, "access": found.get(row["key"])} for row in block]
        rows = iter(block)
        by_number = dict(zip(self.gap_rows, sorted(self.gaps, key=lambda gap: gap.start), strict=True))
        return [
            self._gap_row(by_number[number]) if number in by_number else self._dressed(next(rows))
            for number in range(start, stop)
        ]

    def position(self, key: int) -> int | None:
        """Where the row with this anchor is now."""
        found = self.view.position(key)
        return None if found is None else self._outer(found)

    def first_of(self, key: int) -> int | None:
        """Where the first row of a request is."""
        found = self.view.find(pl.col("key") == pl.lit(key, pl.UInt64), start=-1, step=1)
        return None if found is None else self._outer(found)

    def find(self, predicate: Predicate, start: int, *, backwards: bool = False) -> int | None:
        """The nearest row after (before) row `start` that the predicate is true of."""
        step: Literal[1, -1] = -1 if backwards else 1
        inner = self._inner(start)
        if start in self.gap_rows and not backwards:
            inner -= 1
        found = self.view.find(self._expression(predicate, inner), start=inner, step=step)
        return None if found is None else self._outer(found)

    def _expression(self, predicate: Predicate, row: int) -> pl.Expr:
        if predicate == "match":
            return pl.col("match") if self.view.highlight else pl.lit(value=True)
        if predicate == "marked":
            return pl.col(self._identity).is_in(pl.lit(pl.Series(sorted(self.marks), dtype=pl.UInt64).implode()))
        if predicate == "5xx":
            return self._failed()
        here = self.view.slice(row, 1)
        key = here[0]["key"] if here else None
        if predicate == "other_request":
            return pl.col("key").is_not_null() & pl.col("key").ne_missing(pl.lit(key, pl.UInt64))
        return pl.lit(value=False) if key is None else pl.col("key") == pl.lit(key, pl.UInt64)

    def _failed(self) -> pl.Expr:
        if self.mode == "requests":
            return pl.col("status") >= _SERVER_ERRORS
        line = pl.col("line_kind").cast(pl.String).is_in(_FAILED_LINES)
        if self.requests is None:
            return line
        failed = self.requests.where(pl.col("status") >= _SERVER_ERRORS, ["key"])["key"]
        return line.fill_null(value=False) | ((pl.col("kind") == "access") & pl.col("key").is_in(failed.implode()))

    def _add_statuses(self, block: list[dict[str, Any]]) -> None:
        """Give events the status of their request, which may have started long before them."""
        keys = {row["key"] for row in block if row["key"] is not None}
        if self.requests is None or not keys:
            return
        times = [row["timestamp"] for row in block]
        near = self.requests.between(min(times) - _LONGEST_REQUEST_MS, max(times), ["key", "status"])
        wanted = pl.lit(pl.Series(sorted(keys), dtype=pl.UInt64).implode())
        found = near.filter(pl.col("key").is_in(wanted)).select("key", "status")
        statuses = dict(found.iter_rows())
        for row in block:
            row["status"] = statuses.get(row["key"])

    @property
    def _identity(self) -> str:
        return "key" if self.mode == "requests" else "arrival"

    def _dressed(self, row: dict[str, Any]) -> Row:
        anchor = row[self._identity]
        row["anchor"] = anchor
        row["marked"] = anchor in self.marks
        if self.mode == "requests" and anchor in self.late:
            row["late_ms"] = self.late[anchor]
        return row

    def _inner(self, number: int) -> int:
        """How many rows of the view lie before this row number."""
        return number - bisect_left(self.gap_rows, number)

    def _outer(self, inner: int) -> int:
        """The row number of a row of the view."""
        number = inner
        for gap_row in self.gap_rows:
            if gap_row > number:
                break
            number += 1
        return number

    def _gap_row(self, gap: Gap) -> Row:
        return {"gap": gap.reason, "gap_start": gap.start, "gap_end": gap.end, "again_ms": self.again_ms}
