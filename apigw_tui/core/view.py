"""Views: what a query leaves of one version of the store, in time order, derived chunk by chunk.

A chunk that did not change keeps what was derived from it, so that a new batch costs as much as the chunks it
touched, not as much as the store.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from itertools import accumulate
from typing import Any, Final, Literal, TypeVar
from weakref import WeakValueDictionary, ref

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.chunk import Chunk
from apigw_tui.core.kinship import Kinship
from apigw_tui.core.part import Part
from apigw_tui.core.query_ast import Query
from apigw_tui.core.query_filter import EventTerm, RequestFilter, RequestTerm, compile_query
from apigw_tui.core.schema import REQUESTS, STORED_EVENTS
from apigw_tui.core.store import Snapshot
from apigw_tui.core.timeline import places_between
from apigw_tui.core.timerange import TimeRange

Mode = Literal["requests", "events"]
_TIME: Final[Mapping[Mode, str]] = {"requests": "started_at", "events": "timestamp"}
_RESULTS_PER_CHUNK: Final = 8
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class View:
    """An ordered, immutable list of rows; `parts` are in time order, none of them empty.

    With `highlight` every row of the range is there and the Boolean column `match` says which ones match.
    """

    mode: Mode
    parts: tuple[Part, ...]
    total: int
    """Rows of the range before the query."""
    version: int
    highlight: bool = False
    unsearched: int = 0
    """Rows of the range, its oldest, that the query was not asked of yet."""
    _ends: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Sum up where each part ends."""
        object.__setattr__(self, "_ends", tuple(accumulate(part.height for part in self.parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @cached_property
    def matches(self) -> int:
        """How many rows match the query."""
        return sum(int(part["match"].sum()) for part in self.parts) if self.highlight else len(self)

    @property
    def first_time(self) -> int | None:
        """Time of the first row."""
        return int(self.parts[0].columns((self._time,), count=1).item()) if self.parts else None

    @property
    def last_time(self) -> int | None:
        """Time of the last row."""
        last = self.parts[-1] if self.parts else None
        return int(last.columns((self._time,), start=last.height - 1, count=1).item()) if last else None

    def frame(self, names: Sequence[str] | None = None) -> pl.DataFrame:
        """All rows, with all columns or with those named."""
        names = names or self._names
        return (
            pl.concat([part.columns(names) for part in self.parts], rechunk=False) if self.parts else self._none(names)
        )

    def slice(self, start: int, count: int) -> list[dict[str, Any]]:
        """Rows start … start+count−1 as dicts; fewer at the end."""
        rows: list[dict[str, Any]] = []
        index = bisect_right(self._ends, start)
        while index < len(self.parts) and len(rows) < count:
            offset = max(0, start - (self._ends[index] - self.parts[index].height))
            rows += self.parts[index].slice(offset, count - len(rows)).to_dicts()
            index += 1
        return rows

    def between(self, start: int, end: int, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows with start ≤ time ≤ end, with all columns or with those named."""
        names = names or self._names
        pieces = []
        for part in self.parts:
            if part.chunk.last < start or part.chunk.first > end:
                continue
            times = part[self._time]
            low, high = int(times.search_sorted(start, side="left")), int(times.search_sorted(end, side="right"))
            if low < high:
                pieces.append(part.columns(names, start=low, count=high - low))
        return pl.concat(pieces, rechunk=False) if pieces else self._none(names)

    def where(self, predicate: pl.Expr, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows that satisfy the predicate, with all columns or with those named."""
        if names is None:
            pieces = [part.filter(predicate) for part in self.parts]
        else:
            pieces = [part.select(*(pl.col(name).filter(predicate) for name in names)) for part in self.parts]
        return pl.concat(pieces, rechunk=False) if pieces else self._none(names or self._names)

    def position(self, identity: int) -> int | None:
        """Where the row with this `key` (requests) or `arrival` (events) is."""
        wanted = pl.col("key" if self.mode == "requests" else "arrival") == pl.lit(identity, pl.UInt64)
        for part, end in zip(reversed(self.parts), reversed(self._ends), strict=True):
            place = part.place_of(wanted)
            if place is not None:
                return end - part.height + place
        return None

    def position_at(self, time: int) -> int:
        """Where the first row at or after `time` is."""
        before = 0
        for part in self.parts:
            if part.chunk.last < time:
                before += part.height
            elif part.chunk.first < time:
                before += int(part[self._time].search_sorted(time, side="left"))
        return before

    def find(self, predicate: pl.Expr, *, start: int, step: Literal[1, -1]) -> int | None:
        """The nearest row after (step 1) or before (step −1) `start` that satisfies the predicate."""
        order = range(len(self.parts)) if step > 0 else range(len(self.parts) - 1, -1, -1)
        for index in order:
            first = self._ends[index] - self.parts[index].height
            if (step > 0 and self._ends[index] <= start + 1) or (step < 0 and first >= start):
                continue
            hits = (
                self.parts[index].select(predicate.fill_null(value=False).arg_true().cast(pl.Int64)).to_series() + first
            )
            hits = hits.filter(hits > start) if step > 0 else hits.filter(hits < start)
            if len(hits):
                return int(hits[0] if step > 0 else hits[-1])
        return None

    @property
    def _time(self) -> str:
        return _TIME[self.mode]

    @property
    def _names(self) -> list[str]:
        return [*self.schema.names(), "match"] if self.highlight else self.schema.names()

    def _none(self, names: Sequence[str]) -> pl.DataFrame:
        frame = self.schema.to_frame()
        return (frame.with_columns(match=pl.lit(None, pl.Boolean)) if self.highlight else frame).select(names)

    @property
    def schema(self) -> pl.Schema:
        """The columns of its rows, but for `match`."""
        return REQUESTS if self.mode == "requests" else STORED_EVENTS


class Viewer:
    """Derives views and keeps what it derived from each chunk. Belongs to one store."""

    def __init__(self, formats: Mapping[str, AccessFormat]) -> None:
        self._formats = formats
        self._results: dict[Hashable, tuple[ref[Chunk], Any]] = {}
        self._parts: WeakValueDictionary[Hashable, Part] = WeakValueDictionary()
        self._kept = _RESULTS_PER_CHUNK
        self._filters: dict[Query, RequestFilter] = {}

    def view(
        self,
        snapshot: Snapshot,
        query: Query,
        *,
        mode: Mode,
        time_range: TimeRange,
        highlight: bool = False,
        enough: Callable[[], bool] | None = None,
    ) -> View:
        """The rows of the range that match the query; with `highlight` all rows, marked.

        The newest chunks are searched first. Once `enough` is true, only what was searched before is looked up, and
        the view says how many rows are left; the next one for the same query goes on there.
        """
        self._kept = _RESULTS_PER_CHUNK * (len(snapshot.requests) + len(snapshot.events) + 1)
        chunks = snapshot.requests if mode == "requests" else snapshot.events
        spans = [
            (chunk, places_between(chunk, _TIME[mode], start=time_range.start, end=time_range.end)) for chunk in chunks
        ]
        total = sum(stop - start for _, (start, stop) in spans)
        if not query.terms and not highlight:
            parts = [self._part(chunk, span) for chunk, span in spans if span[1] > span[0]]
            return View(mode, tuple(parts), total, snapshot.version)
        search = _Search(self._filter(query), snapshot, mode, formats=self._formats, remember=self._remember)
        found: list[Part] = []
        unsearched = total
        for chunk, span in reversed(spans):
            about = search.about(chunk, span)
            if enough is not None and not self._remembers(about, chunk) and enough():
                break
            mask = self._remember(about, partial(search.mask, chunk, span), of=chunk)
            part = self._part(chunk, span, about, mask=mask, highlight=highlight)
            unsearched -= span[1] - span[0]
            if part.height:
                found.append(part)
        return View(mode, tuple(reversed(found)), total, snapshot.version, highlight, unsearched)

    def requests(
        self, snapshot: Snapshot, query: Query, time_range: TimeRange, *, enough: Callable[[], bool] | None = None
    ) -> View:
        """The requests of the range that match the query."""
        return self.view(snapshot, query, mode="requests", time_range=time_range, enough=enough)

    def each(self, view: View, derive: Callable[[pl.DataFrame], Result], names: Sequence[str]) -> list[Result]:
        """Something about these columns of each part of a view, each part computed once."""

        def of(part: Part) -> Result:
            return derive(part.columns(names))

        return [self._remember((part.identity, derive), partial(of, part), of=part.chunk) for part in view.parts]

    def total(
        self,
        view: View,
        derive: Callable[[pl.DataFrame], Result],
        add: Callable[[Result, Result], Result],
        names: Sequence[str] | None = None,
    ) -> Result:
        """Something summed over the parts of a view, each part computed once."""
        names = names or view.schema.names()
        return reduce(add, self.each(view, derive, names), derive(view.schema.to_frame().select(names)))

    def _filter(self, query: Query) -> RequestFilter:
        if query not in self._filters:
            self._filters = {query: compile_query(query)}
        return self._filters[query]

    def _part(
        self,
        chunk: Chunk,
        span: tuple[int, int],
        about: Hashable = None,
        *,
        mask: pl.Series | None = None,
        highlight: bool = False,
    ) -> Part:
        """A part, the same one as long as a view has it. `mask` is None where all rows match."""
        identity = (chunk.serial, span) if mask is None and not highlight else (chunk.serial, span, about, highlight)
        part = self._parts.get(identity)
        if part is None:
            match = places = None
            if highlight:
                whole = pl.repeat(value=True, n=span[1] - span[0], eager=True)
                match = whole if mask is None else mask
            elif mask is not None:
                places = mask.arg_true()
            part = self._parts[identity] = Part(chunk, span, identity, places=places, match=match)
        return part

    def _remembers(self, about: Hashable, chunk: Chunk) -> bool:
        kept = self._results.get(about)
        return kept is not None and kept[0]() is chunk

    def _remember(self, about: Hashable, derive: Callable[[], Result], *, of: Chunk) -> Result:
        """Derive something of a chunk once; what was derived of chunks that are no more is forgotten."""
        kept = self._results.pop(about, None)
        if kept is None or kept[0]() is not of:
            result = derive()
            self._forget()
            kept = (ref(of), result)
        self._results[about] = kept
        return kept[1]

    def _forget(self) -> None:
        """Make room: first what belongs to chunks that are no more, then what was not asked for longest."""
        if len(self._results) < self._kept:
            return
        self._results = {about: kept for about, kept in self._results.items() if kept[0]() is not None}
        while len(self._results) >= self._kept:
            del self._results[next(iter(self._results))]


class _Search:
    """One query asked of the chunks of a snapshot. Masks are those of a chunk's rows within a span."""

    def __init__(
        self,
        request_filter: RequestFilter,
        snapshot: Snapshot,
        mode: Mode,
        *,
        formats: Mapping[str, AccessFormat],
        remember: Callable[..., Any],
    ) -> None:
        self._filter = request_filter
        self._mode = mode
        self._formats = formats
        self._remember = remember
        self._terms: Sequence[EventTerm | RequestTerm] = (
            request_filter.event_terms if mode == "requests" else request_filter.request_terms
        )
        self._kinship = Kinship(snapshot) if self._terms else None

    def about(self, chunk: Chunk, span: tuple[int, int]) -> Hashable:
        """What its mask depends on: the chunk, the query, and the other table's chunks that tell of its rows."""
        kin = tuple(other.serial for other in self._kin(chunk))
        return (chunk.serial, span, self._mode, self._filter.query, kin)

    def mask(self, chunk: Chunk, span: tuple[int, int]) -> pl.Series | None:
        """Which rows match; None where all do."""
        start, stop = span
        rows = chunk if stop - start == chunk.height else Part(chunk, span, None)
        hits = [self._keys_found(term, chunk) for term in self._terms]
        if self._mode == "requests":
            mask = self._filter.mask(rows, hits)
        else:
            mask = self._filter.event_mask(rows, hits, self._formats)
        return None if mask.all() else mask

    def _kin(self, chunk: Chunk) -> Sequence[Chunk]:
        if self._kinship is None:
            return ()
        return self._kinship.events_of(chunk) if self._mode == "requests" else self._kinship.requests_of(chunk)

    def _keys_found(self, term: EventTerm | RequestTerm, chunk: Chunk) -> pl.Series:
        """The keys that a term finds in the chunks of the other table that tell of a chunk's rows."""
        kin = self._kin(chunk)
        found = [
            self._remember((term, other.serial), partial(_keys, term, other, self._formats), of=other) for other in kin
        ]
        return pl.concat([_NO_KEYS, *found]).unique() if found else _NO_KEYS


def _keys(term: EventTerm | RequestTerm, chunk: Chunk, formats: Mapping[str, AccessFormat]) -> pl.Series:
    return term.keys(chunk, formats) if isinstance(term, EventTerm) else term.keys(chunk)


_NO_KEYS: Final = pl.Series("key", [], pl.UInt64)
