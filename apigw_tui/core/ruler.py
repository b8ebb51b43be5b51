"""Rulers: how much failed, and what is marked, along the rows of a view, as its scrollbar tells it.

Each part is read once and keeps where in it such rows lie (four bytes for each of them), so that a new batch costs
as much as the parts it touched: of the others only a few numbers are looked up.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from apigw_tui.core.kinship import Kinship
from apigw_tui.core.segments import Ruler
from apigw_tui.core.sorted_view import PartOrder, SortedView
from apigw_tui.core.stats import CLASSES, status_class

if TYPE_CHECKING:
    from apigw_tui.core.chunk import Chunk
    from apigw_tui.core.part import Part
    from apigw_tui.core.store import Snapshot
    from apigw_tui.core.view import View

__all__ = ["FAILED_LINES", "SEGMENTS", "Ruler", "Rulers"]

FAILED_LINES: Final = ("timeout", "execution_failed", "configuration_error", "function_error")
"""Kinds of lines that say that a request failed."""

SEGMENTS: Final = 256
_MERGED: Final = 131_072
"""Sorted rows up to so many are counted in their order; of more the runs between some of their values."""
_PROBES: Final = 512
_FAILING: Final = CLASSES.index("5xx")
_REFUSED: Final = CLASSES.index("4xx")

_Rows: TypeAlias = "array[int]"
"""Row numbers of a part, rising: looked up by bisection, which costs less than a call of Polars."""
_Loud = tuple[_Rows, _Rows, _Rows]
"""The rows that failed, those that were refused, those that are marked."""
_NONE: Final[_Rows] = array("I")

_Places = tuple[pl.Series, pl.Series, pl.Series]
"""The same (UInt32) as places in the order of a part."""


class Rulers:
    """Makes rulers and keeps what it read of each part. Belongs to one store."""

    def __init__(self) -> None:
        self._statuses: dict[Hashable, tuple[_Rows, _Rows]] = {}
        self._marked: dict[Hashable, _Rows] = {}
        self._turned: dict[Hashable, _Places] = {}
        self._keys: dict[int, tuple[pl.Series, pl.Series]] = {}
        self._last: tuple[Hashable, Ruler] = (None, Ruler())

    def ruler(self, view: View, snapshot: Snapshot, marks: frozenset[int] = frozenset()) -> Ruler:
        """The ruler of a view of this snapshot; `marks` are keys of requests or arrivals of events."""
        orders = view.orders if isinstance(view, SortedView) else None
        backwards = isinstance(view, SortedView) and view.sort.descending
        version = snapshot.version if view.mode == "events" else None
        about = (view.mode, version, tuple(part.identity for part in view.parts), orders, backwards, marks)
        if about != self._last[0]:
            places = self._places(view, snapshot, marks)
            if orders is None:
                self._turned = {}
                made = along([part.height for part in view.parts], places)
            else:
                turned = self._in_order(view.parts, orders, places, marks)
                made = along_sorted(orders, turned, backwards=backwards)
            self._last = (about, made)
        return self._last[1]

    def _places(self, view: View, snapshot: Snapshot, marks: frozenset[int]) -> list[_Loud]:
        """What is loud in each part of a view; what was known of others is forgotten."""
        statuses: dict[Hashable, tuple[_Rows, _Rows]] = {}
        marked: dict[Hashable, _Rows] = {}
        kinship = Kinship(snapshot) if view.mode == "events" else None
        identity = "arrival" if kinship else "key"
        for part in view.parts:
            kin = kinship.requests_of(part.chunk) if kinship else ()
            about = (part.identity, *(chunk.serial for chunk in kin))
            known = self._statuses.get(about)
            statuses[about] = known or (self._of_events(part, kin) if kinship else _of_requests(part))
            marks_known = self._marked.get((part.identity, marks)) if marks else _NONE
            marked[part.identity, marks] = _marked(part, identity, marks) if marks_known is None else marks_known
        self._statuses, self._marked = statuses, marked
        kept = {chunk.serial for chunk in snapshot.requests} if kinship else set()
        self._keys = {serial: keys for serial, keys in self._keys.items() if serial in kept}
        return [(*both, found) for both, found in zip(statuses.values(), marked.values(), strict=True)]

    def _of_events(self, part: Part, kin: Sequence[Chunk]) -> tuple[_Rows, _Rows]:
        """Lines that say that a request failed; access entries by the status of their request."""
        found = [self._loud_keys(chunk) for chunk in kin]
        failing, refused = (pl.concat([_NO_KEYS, *keys]) for keys in zip((_NO_KEYS, _NO_KEYS), *found, strict=True))
        rows = part.columns(("kind", "line_kind", "key"))
        told = pl.col("line_kind").cast(pl.String).is_in(FAILED_LINES).fill_null(value=False)
        access = pl.col("kind").cast(pl.String) == "access"
        failed = rows.select(told | (access & pl.col("key").is_in(failing.implode()))).to_series()
        turned_away = rows.select(access & pl.col("key").is_in(refused.implode())).to_series()
        return _where(failed), _where(turned_away)

    def _loud_keys(self, requests: Chunk) -> tuple[pl.Series, pl.Series]:
        """The keys of requests that failed and of those that were refused."""
        known = self._keys.get(requests.serial)
        if known is None:
            rows = requests.columns(("key", "status")).select("key", index=status_class(pl.col("status")))
            keys = [rows.filter(pl.col("index") == index)["key"] for index in (_FAILING, _REFUSED)]
            known = self._keys[requests.serial] = (keys[0], keys[1])
        return known

    def _in_order(
        self, parts: Sequence[Part], orders: Sequence[PartOrder], places: Sequence[_Loud], marks: frozenset[int]
    ) -> list[_Places]:
        """Where in the order of its part each of them lies."""
        turned: dict[Hashable, _Places] = {}
        for part, order, found in zip(parts, orders, places, strict=True):
            about = (part.identity, order, marks)
            turned[about] = self._turned.get(about) or _in_order(order, found)
        self._turned = turned
        return [*turned.values()]


def along(heights: Sequence[int], places: Iterable[_Loud]) -> Ruler:
    """The ruler of parts of these heights that follow each other, in segments of one length."""
    rows = sum(heights)
    number = min(SEGMENTS, rows)
    ends = [segment * rows // number for segment in range(1, number + 1)] if rows else []
    counts = [[0] * number for _ in range(3)]
    first = 0
    for height, loud in zip(heights, places, strict=True):
        low, high = bisect_right(ends, first), bisect_left(ends, first + height)
        within = [end - first for end in ends[low : high + 1]]
        for total, found in zip(counts, loud, strict=True):
            if len(found):
                _add(total, found, within, low)
        first += height
    return Ruler(tuple(ends), *(tuple(total) for total in counts))


def _add(total: list[int], rows: _Rows, ends: Sequence[int], first: int) -> None:
    before = 0
    for segment, end in enumerate(ends, first):
        up_to = bisect_left(rows, end, before)
        total[segment] += up_to - before
        before = up_to


def along_sorted(orders: Sequence[PartOrder], places: Sequence[_Places], *, backwards: bool) -> Ruler:
    """The ruler of parts that are merged by their values; `places` are numbers in the order of their part.

    Rows without a value follow all others, also backwards.
    """
    rows = sum(len(order.rows) for order in orders)
    least = max(1, rows // SEGMENTS)
    runs = _merged(orders, places, least) if rows <= _MERGED else _between_values(orders, places, least)
    unknown = _part_by_part([(order.known, len(order.rows)) for order in orders], places, least)
    return _joined([*(runs[::-1] if backwards else runs), *(unknown[::-1] if backwards else unknown)], least)


_Run = tuple[int, int, int, int]
"""So many rows, and of these how many failed, were refused, are marked."""


def _run(places: _Places, start: int, stop: int) -> _Run:
    ends = pl.Series([start, stop], dtype=pl.UInt32)
    loud = [found.search_sorted(ends, side="left").to_list() if len(found) else (0, 0) for found in places]
    return (stop - start, *(high - low for low, high in loud))  # type: ignore[return-value]


def _joined(runs: Iterable[_Run], least: int) -> Ruler:
    """Neighbours that are short as one segment."""
    ends: list[int] = []
    counts: list[tuple[int, ...]] = []
    row, begun = 0, (0, 0, 0, 0)
    for run in runs:
        begun = tuple(map(sum, zip(begun, run, strict=True)))  # type: ignore[assignment]
        if begun[0] >= least:
            row += begun[0]
            ends.append(row)
            counts.append(begun[1:])
            begun = (0, 0, 0, 0)
    if begun[0]:
        ends.append(row + begun[0])
        counts.append(begun[1:])
    failing, refused, marked = zip(*counts, strict=True) if counts else ((), (), ())
    return Ruler(tuple(ends), failing, refused, marked)


def _merged(orders: Sequence[PartOrder], places: Sequence[_Places], least: int) -> list[_Run]:
    """The rows with a value one by one."""
    frames = [
        pl.DataFrame({"value": order.values, **{f"{n}": _mask(found, order.known) for n, found in enumerate(loud)}})
        for order, loud in zip(orders, places, strict=True)
        if order.known
    ]
    if not frames:
        return []
    counted = pl.concat(frames).sort("value", maintain_order=True).select(pl.exclude("value").cast(pl.UInt8))
    grouped = counted.group_by(pl.int_range(pl.len()) // least, maintain_order=True).agg(
        rows=pl.len(), **{f"{n}": pl.col(f"{n}").cast(pl.UInt32).sum() for n in range(3)}
    )
    return [*grouped.select("rows", "0", "1", "2").iter_rows()]


def _between_values(orders: Sequence[PartOrder], places: Sequence[_Places], least: int) -> list[_Run]:
    """The runs between some values, and of each of these values the rows that have it, those of many part by part."""
    fenced = [order.fences() for order in orders if order.known]
    if not fenced:
        return []
    fences = pl.concat(fenced).unique().sort()
    probes = fences.gather_every(max(1, len(fences) // _PROBES))
    below = [order.below(probes) for order in orders]
    up_to = [order.up_to(probes) for order in orders]
    lows, highs = _cumulated(below, places), _cumulated(up_to, places)
    whole = _cumulated([pl.Series([order.known]) for order in orders], places)[0]
    runs: list[_Run] = []
    before: tuple[int, ...] = (0, 0, 0, 0)
    for at, (low, high) in enumerate(zip(lows, highs, strict=True)):
        runs.append(_difference(low, before))
        if high[0] - low[0] <= least:
            runs.append(_difference(high, low))
        else:
            ends = [(int(starts[at]), int(stops[at])) for starts, stops in zip(below, up_to, strict=True)]
            runs += _part_by_part(ends, places, least)
        before = high
    return [*runs, _difference(whole, before)]


def _part_by_part(ends: Sequence[tuple[int, int]], places: Sequence[_Places], most: int) -> list[_Run]:
    runs = []
    for (start, stop), loud in zip(ends, places, strict=True):
        cuts = [*range(start, stop, most), stop]
        runs += [_run(loud, low, high) for low, high in pairwise(cuts)]
    return runs


def _cumulated(cuts: Sequence[pl.Series], places: Sequence[_Places]) -> list[tuple[int, int, int, int]]:
    """How many rows lie before each of some cuts through all parts, and how many of them are loud."""
    sums = [pl.repeat(0, len(cuts[0]), dtype=pl.Int64, eager=True) for _ in range(4)]
    for cut, loud in zip(cuts, places, strict=True):
        sums[0] = sums[0] + cut
        for number, found in enumerate(loud, 1):
            if len(found):
                sums[number] = sums[number] + found.search_sorted(cut.cast(pl.UInt32), side="left").cast(pl.Int64)
    return [*zip(*(total.to_list() for total in sums), strict=True)]


def _difference(later: tuple[int, ...], before: tuple[int, ...]) -> _Run:
    return tuple(high - low for high, low in zip(later, before, strict=True))  # type: ignore[return-value]


def _in_order(order: PartOrder, loud: _Loud) -> _Places:
    ranks = pl.DataFrame({"row": order.rows}).with_row_index("rank")

    def turned(rows: _Rows) -> pl.Series:
        wanted = pl.Series(rows.tolist(), dtype=pl.UInt32)
        return ranks.filter(pl.col("row").is_in(wanted.implode()))["rank"].cast(pl.UInt32)

    return turned(loud[0]), turned(loud[1]), turned(loud[2])


def _of_requests(part: Part) -> tuple[_Rows, _Rows]:
    index = part.column(status_class(pl.col("status")))
    return _where(index == _FAILING), _where(index == _REFUSED)


def _marked(part: Part, identity: str, marks: frozenset[int]) -> _Rows:
    wanted = pl.Series(sorted(marks), dtype=pl.UInt64)
    return _where(part[identity].is_in(wanted.implode()))


def _where(mask: pl.Series) -> _Rows:
    return array("I", mask.fill_null(value=False).arg_true().to_list())


def _mask(places: pl.Series, height: int) -> pl.Series:
    inside = places.filter(places < height) if len(places) else places
    mask = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    return mask.scatter(inside, values=True) if len(inside) else mask


_NO_KEYS: Final = pl.Series(dtype=pl.UInt64)
