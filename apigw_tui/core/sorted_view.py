"""Views in another order than that of time: sorted by a column part by part, merged only where rows are read.

Each part of a view is sorted once and keeps its order as long as it lives, so that a new batch costs as much as
the parts it touched. The whole is never merged: a row's place is found by counting, in each part, what lies
before it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal
from weakref import ref

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.chunk import Chunk
from apigw_tui.core.part import Part
from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.query_fields import field_named
from apigw_tui.core.query_filter import access_values
from apigw_tui.core.sorting import Sort
from apigw_tui.core.store import Snapshot
from apigw_tui.core.view import View

_FENCE_ROWS: Final = 512
"""One row in so many of a part is a fence: between two of them lie few rows of each part."""
_PROBES: Final = 160
_FIRST_LOOK: Final = 4_096
"""So many rows are looked through for a hit before more are, eight times as many each time."""
_WIDER: Final = 8
_DIGITS: Final = 19
_MILLIONTHS: Final = 1_000_000
_LARGEST_NUMBER: Final = 9e12
_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("started_at",),
    "id": ("request_id",),
    "route": ("route", "path"),
    "method": ("method", "event_type"),
    "integration.id": ("integration_request_id",),
    "stage": ("stage",),
}
"""Columns that are shown under a name, where they are not those that a query compares."""


@dataclass(frozen=True, eq=False)
class PartOrder:
    """One part in ascending order: `rows` are row numbers, those without a value last, those of one value in time.

    `values` are the values that are known, ascending.
    """

    values: pl.Series
    rows: pl.Series

    @classmethod
    def of(cls, values: pl.Series) -> PartOrder:
        """The order of a part's values."""
        frame = values.alias("value").to_frame().with_row_index("row")
        frame = frame.sort("value", nulls_last=True, maintain_order=True)
        return cls(frame["value"].head(len(values) - values.null_count()), frame["row"])

    @property
    def known(self) -> int:
        """How many rows have a value."""
        return len(self.values)

    @property
    def unknown(self) -> int:
        """How many have none."""
        return len(self.rows) - len(self.values)

    def fences(self) -> pl.Series:
        """Few of the values, the smallest among them: less than 512 rows lie strictly between two of them."""
        return self.values.gather_every(_FENCE_ROWS)

    def below(self, values: pl.Series) -> pl.Series:
        """How many rows have a smaller value than each of some."""
        return self.values.search_sorted(values, side="left").cast(pl.Int64)

    def up_to(self, values: pl.Series) -> pl.Series:
        """How many rows have each of some values or a smaller one."""
        return self.values.search_sorted(values, side="right").cast(pl.Int64)


_Cut = tuple[int, ...]
"""How many rows of each part's order lie before a number of the whole."""


@dataclass(frozen=True, eq=False)
class SortedView(View):
    """The rows of a view in the order of a column; what has no value there comes last, whichever end is first.

    `parts` and all that is asked by time stay in the order of time. Rows with the same value are in the order of
    time, or against it where the largest come first.
    """

    sort: Sort = field(default_factory=lambda: Sort("time"))
    orders: tuple[PartOrder, ...] = ()

    @classmethod
    def of(cls, view: View, sort: Sort, orders: Sequence[PartOrder]) -> SortedView:
        """A view in another order."""
        shown = (view.mode, view.parts, view.total, view.version, view.highlight, view.unsearched)
        return cls(*shown, sort=sort, orders=tuple(orders))

    def slice(self, start: int, count: int) -> list[dict[str, Any]]:
        """Rows start … start+count−1 as dicts; fewer at the end."""
        stop = min(start + count, len(self))
        rows: list[dict[str, Any]] = []
        for segment in self._segments:
            first, last = max(start, segment.start), min(stop, segment.stop)
            if first < last:
                rows += self._rows(segment, first, last)
        return rows

    def position(self, identity: int) -> int | None:
        """Where the row with this `key` is."""
        wanted = pl.col("key") == pl.lit(identity, pl.UInt64)
        for number, part in enumerate(self.parts):
            place = part.place_of(wanted)
            if place is not None:
                return self._position_of(number, int(self.orders[number].rows.index_of(place) or 0))
        return None

    def find(self, predicate: pl.Expr, *, start: int, step: Literal[1, -1]) -> int | None:
        """The nearest row after (step 1) or before (step −1) `start` that satisfies the predicate."""
        masks = [_mask(part, predicate) for part in self.parts]
        for segment in self._segments[::step]:
            first = max(start + 1, segment.start) if step > 0 else segment.start
            last = segment.stop if step > 0 else min(start, segment.stop)
            for near in _wider(first, last, step):
                low, high = self._risen(segment, near.start, near.stop)
                found = self._outermost(masks, low, high, lowest=(step > 0) != self.sort.descending)
                if found is not None:
                    return found
        return None

    # -- the whole, counted from the smallest value

    @cached_property
    def _known(self) -> int:
        return sum(order.known for order in self.orders)

    @property
    def _segments(self) -> tuple[range, range]:
        """The numbers of the rows with a value and of those without one."""
        return range(self._known), range(self._known, len(self))

    @cached_property
    def _fences(self) -> pl.Series:
        fences = [order.fences() for order in self.orders if order.known]
        return pl.concat(fences).unique().sort() if fences else pl.Series(dtype=pl.Int64)

    def _turned(self, segment: range, number: int) -> int:
        """A row's number counted from the smallest value, and back."""
        return segment.stop - 1 - (number - segment.start) if self.sort.descending else number

    def _risen(self, segment: range, first: int, last: int) -> tuple[_Cut, _Cut]:
        """The cuts before and behind the rows `first` … `last` − 1 of a segment."""
        ends = sorted((self._turned(segment, first), self._turned(segment, last - 1)))
        return self._cut(ends[0]), self._cut(ends[1] + 1)

    def _cut(self, number: int) -> _Cut:
        """The cut that so many rows, from the smallest value on, lie before."""
        if number >= self._known:
            return tuple(
                order.known + taken
                for order, taken in zip(
                    self.orders, _filled([order.unknown for order in self.orders], number - self._known), strict=True
                )
            )
        low = self._fence_at(number)
        fence = self._fences[low : low + 2]
        below = [order.below(fence).to_list() for order in self.orders]
        within = [int(order.up_to(fence)[0]) for order in self.orders]
        left = number - sum(counts[0] for counts in below)
        equal = [upper - counts[0] for upper, counts in zip(within, below, strict=True)]
        if left <= sum(equal):
            taken = _filled(equal, left)
            return tuple(counts[0] + more for counts, more in zip(below, taken, strict=True))
        ends = [counts[1] if len(counts) > 1 else order.known for counts, order in zip(below, self.orders, strict=True)]
        return self._cut_between(within, ends, left - sum(equal))

    def _fence_at(self, number: int) -> int:
        """The last fence that not more than so many rows lie below."""
        low, high = 0, len(self._fences)
        while high - low > 1:
            step = max(1, (high - low) // _PROBES)
            probes = self._fences[low:high:step]
            counts = [order.below(probes) for order in self.orders]
            at = int((sum(counts[1:], counts[0]) <= number).sum()) - 1
            low, high = low + at * step, min(high, low + (at + 1) * step)
        return low

    def _cut_between(self, starts: Sequence[int], stops: Sequence[int], number: int) -> _Cut:
        """The cut before a number of rows, of those between two neighbouring fences."""
        pieces = [
            order.values[start:stop].alias("value").to_frame().with_columns(part=pl.lit(part))
            for part, (order, start, stop) in enumerate(zip(self.orders, starts, stops, strict=True))
        ]
        chosen = pl.concat(pieces).sort("value", maintain_order=True).head(number)
        taken = dict(chosen.group_by("part").len().iter_rows())
        return tuple(start + int(taken.get(part, 0)) for part, start in enumerate(starts))

    def _rows(self, segment: range, first: int, last: int) -> list[dict[str, Any]]:
        """The rows `first` … `last` − 1 of a segment."""
        low = min(self._turned(segment, first), self._turned(segment, last - 1))
        known = low < self._known
        pieces = [
            pl.DataFrame(
                {
                    "value": order.values[start : start + last - first] if known else None,
                    "row": order.rows[start : min(start + last - first, order.known if known else len(order.rows))],
                }
            ).with_columns(part=pl.lit(part, pl.UInt32))
            for part, (order, start) in enumerate(zip(self.orders, self._cut(low), strict=True))
        ]
        places = pl.concat(pieces, how="vertical_relaxed")
        # Parts follow each other, and their values rise: what is equal stays in this order.
        places = places.sort("value", maintain_order=True) if known else places
        places = places.head(last - first).with_row_index("at")
        rows: dict[int, dict[str, Any]] = {}
        for (part,), chosen in places.sort("part", "row").group_by("part", maintain_order=True):
            found = self.parts[int(str(part))].gather(chosen["row"], self._names).to_dicts()
            rows |= dict(zip(chosen["at"].to_list(), found, strict=True))
        return [rows[at] for at in sorted(rows, reverse=self.sort.descending)]

    def _position_of(self, part: int, at: int) -> int:
        """The number of a row, by its place in the order of its part."""
        order = self.orders[part]
        known, unknown = self._segments
        if at >= order.known:
            before = sum(each.unknown for each in self.orders[:part]) + at - order.known
            return self._turned(unknown, self._known + before)
        value = order.values[at : at + 1]
        before = at + sum(
            int((each.up_to(value) if other < part else each.below(value))[0])
            for other, each in enumerate(self.orders)
            if other != part
        )
        return self._turned(known, before)

    def _outermost(self, masks: Sequence[pl.Series], low: _Cut, high: _Cut, *, lowest: bool) -> int | None:
        """The number of the first, or the last, row between two cuts that a mask is true of."""
        found = []
        for part, (start, stop) in enumerate(zip(low, high, strict=True)):
            hits = masks[part].gather(self.orders[part].rows[start:stop]).arg_true()
            if len(hits):
                found.append(self._position_of(part, start + int(hits[0] if lowest else hits[-1])))
        if not found:
            return None
        return min(found) if lowest != self.sort.descending else max(found)


def _wider(first: int, last: int, step: Literal[1, -1]) -> Iterator[range]:
    """Runs of numbers from one end on, each longer than the one before."""
    length = _FIRST_LOOK
    while first < last:
        near = range(first, min(last, first + length)) if step > 0 else range(max(first, last - length), last)
        yield near
        first, last = (near.stop, last) if step > 0 else (first, near.start)
        length *= _WIDER


def _mask(part: Part, predicate: pl.Expr) -> pl.Series:
    """Which rows of a part a predicate is true of, also one that names no column."""
    found = part.select(hit=predicate.fill_null(value=False)).to_series()
    return found if len(found) == part.height else pl.repeat(found[0], part.height, dtype=pl.Boolean, eager=True)


def _filled(rooms: Sequence[int], number: int) -> Iterator[int]:
    """How many of a number each room takes, the first ones first."""
    for room in rooms:
        taken = min(room, number)
        number -= taken
        yield taken


class Sorter:
    """Sorts views, each of their parts once. For one store and its formats."""

    def __init__(self, formats: Mapping[str, AccessFormat]) -> None:
        self._formats = formats
        self._orders: dict[Hashable, PartOrder] = {}
        self._entries: dict[int, tuple[ref[Chunk], pl.DataFrame]] = {}
        self._sort_name = ""

    def sorted(self, view: View, sort: Sort, snapshot: Snapshot) -> SortedView:
        """A view of requests of this snapshot, in another order than that of time."""
        if sort.name != self._sort_name:
            self._orders, self._entries, self._sort_name = {}, {}, sort.name
        orders: dict[Hashable, PartOrder] = {}
        for part in view.parts:
            about, chunks = self._about(part, sort.name, snapshot)
            orders[about] = self._orders.get(about) or PartOrder.of(self._values(part, sort.name, chunks))
        self._orders = orders
        return SortedView.of(view, sort, tuple(orders.values()))

    def _about(self, part: Part, name: str, snapshot: Snapshot) -> tuple[Hashable, Sequence[Chunk]]:
        """What a part's order is derived from: the part itself, and the events whose fields are asked for."""
        if not name.startswith(ACCESS):
            return part.identity, ()
        times = part.columns(("first_event_at", "last_event_at"))
        first, last = times["first_event_at"].min(), times["last_event_at"].max()
        chunks = [chunk for chunk in snapshot.events if chunk.first <= last and chunk.last >= first]  # type: ignore[operator]
        return (part.identity, *(chunk.serial for chunk in chunks)), chunks

    def _values(self, part: Part, name: str, chunks: Sequence[Chunk]) -> pl.Series:
        if not name.startswith(ACCESS):
            return _own_values(part, name)
        entries = pl.concat([_NO_ENTRIES, *(self._entries_of(chunk, name) for chunk in chunks)])
        entries = entries.unique("key", keep="first", maintain_order=True)
        return part.select("key").join(entries, on="key", how="left", maintain_order="left")["value"]

    def _entries_of(self, chunk: Chunk, name: str) -> pl.DataFrame:
        """The field of each access entry of a chunk, by the key of its request."""
        kept = self._entries.get(chunk.serial)
        if kept is None:
            self._entries = {serial: each for serial, each in self._entries.items() if each[0]() is not None}
            found = chunk.frame.filter((pl.col("kind") == "access") & pl.col("key").is_not_null())
            values = access_values(found, name.removeprefix(ACCESS), self._formats)
            told = pl.DataFrame({"key": found["key"], "value": _as_sorted(values)}).drop_nulls("value")
            kept = self._entries[chunk.serial] = (ref(chunk), told)
        return kept[1]


def _own_values(part: Part, name: str) -> pl.Series:
    """What a column of requests is sorted by: numbers as they are, all else as text."""
    known = field_named(name)
    columns = _OWN.get(name) or (known.columns if known is not None else ())
    values = part.select(value=pl.coalesce(*columns))["value"]
    return values if values.dtype.is_numeric() else values.cast(pl.String)


def _as_sorted(values: pl.Series) -> pl.Series:
    """Texts that sort as people would: numbers by their size, before all other texts; case does not count."""
    number = pl.col("value").cast(pl.Float64, strict=False)
    digits = ((number + _LARGEST_NUMBER) * _MILLIONTHS).round().cast(pl.Int64, strict=False).cast(pl.String)
    return (
        values.alias("value")
        .to_frame()
        .select(
            value=pl.when(number.is_finite() & (number.abs() < _LARGEST_NUMBER / 2))
            .then(pl.lit("\t") + digits.str.zfill(_DIGITS))
            .otherwise(pl.col("value").str.to_lowercase())
        )["value"]
    )


_NO_ENTRIES: Final = pl.DataFrame(schema={"key": pl.UInt64, "value": pl.String})
