"""Views: what a query leaves of one version of the store, in time order, derived chunk by chunk.

A chunk that did not change keeps what was derived from it, so that a new batch costs as much as the chunks it
touched, not as much as the store.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, Final, Literal, TypeVar
from weakref import ref

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.query_ast import Query
from apigw_tui.core.query_filter import EventTerm, RequestFilter, RequestTerm, compile_query
from apigw_tui.core.schema import REQUESTS
from apigw_tui.core.store import STORED_EVENTS, Snapshot
from apigw_tui.core.timeline import Chunk, slice_between
from apigw_tui.core.timerange import TimeRange

Mode = Literal["requests", "events"]
_TIME: Final[Mapping[Mode, str]] = {"requests": "started_at", "events": "timestamp"}
_RESULTS_PER_CHUNK: Final = 6
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class View:
    """An ordered, immutable list of rows; `parts` are frames in time order, none of them empty.

    With `highlight` every row of the range is there and the Boolean column `match` says which ones match.
    """

    mode: Mode
    parts: tuple[pl.DataFrame, ...]
    total: int
    """Rows of the range before the query."""
    version: int
    highlight: bool = False
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
        return int(self.parts[0][self._time][0]) if self.parts else None

    @property
    def last_time(self) -> int | None:
        """Time of the last row."""
        return int(self.parts[-1][self._time][-1]) if self.parts else None

    def frame(self) -> pl.DataFrame:
        """All rows."""
        return pl.concat(self.parts, rechunk=False) if self.parts else self.schema.to_frame()

    def slice(self, start: int, count: int) -> list[dict[str, Any]]:
        """Rows start … start+count−1 as dicts; fewer at the end."""
        rows: list[dict[str, Any]] = []
        index = bisect_right(self._ends, start)
        while index < len(self.parts) and len(rows) < count:
            offset = max(0, start - (self._ends[index] - self.parts[index].height))
            rows += self.parts[index].slice(offset, count - len(rows)).to_dicts()
            index += 1
        return rows

    def between(self, start: int, end: int) -> pl.DataFrame:
        """Rows with start ≤ time ≤ end."""
        pieces = [
            part.slice(low, high - low)
            for part in self.parts
            if (low := int(part[self._time].search_sorted(start, side="left")))
            < (high := int(part[self._time].search_sorted(end, side="right")))
        ]
        return pl.concat(pieces, rechunk=False) if pieces else self.schema.to_frame()

    def where(self, predicate: pl.Expr) -> pl.DataFrame:
        """Rows that satisfy the predicate."""
        pieces = [part.filter(predicate) for part in self.parts]
        return pl.concat(pieces, rechunk=False) if pieces else self.schema.to_frame()

    def position(self, identity: int) -> int | None:
        """Where the row with this `key` (requests) or `arrival` (events) is."""
        name = "key" if self.mode == "requests" else "arrival"
        return self.find(pl.col(name) == pl.lit(identity, pl.UInt64), start=-1, step=1)

    def position_at(self, time: int) -> int:
        """Where the first row at or after `time` is."""
        return sum(int(part[self._time].search_sorted(time, side="left")) for part in self.parts)

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
    def schema(self) -> pl.Schema:
        """The columns of its rows, but for `match`."""
        return REQUESTS if self.mode == "requests" else STORED_EVENTS


class Viewer:
    """Derives views and keeps what it derived from each chunk. Belongs to one store."""

    def __init__(self, formats: Mapping[str, AccessFormat]) -> None:
        self._formats = formats
        self._results: dict[Hashable, tuple[ref[Any], Any]] = {}
        self._kept = _RESULTS_PER_CHUNK
        self._filters: dict[Query, RequestFilter] = {}
        self._united: dict[Hashable, tuple[tuple[int, ...], pl.Series]] = {}

    def view(
        self,
        snapshot: Snapshot,
        query: Query,
        *,
        mode: Mode,
        time_range: TimeRange,
        highlight: bool = False,
    ) -> View:
        """The rows of the range that match the query; with `highlight` all rows, marked."""
        self._kept = _RESULTS_PER_CHUNK * (len(snapshot.requests) + len(snapshot.events) + 1)
        chunks = snapshot.requests if mode == "requests" else snapshot.events
        request_filter = self._filter(query)
        hits = self._hits(request_filter, snapshot, mode)
        pieces = [
            (chunk, slice_between(chunk, _TIME[mode], start=time_range.start, end=time_range.end)) for chunk in chunks
        ]
        total = sum(piece.height for _, piece in pieces)
        if not query.terms and not highlight:
            parts = tuple(piece for _, piece in pieces if piece.height)
            return View(mode, parts, total, snapshot.version)

        def narrowed(piece: pl.DataFrame) -> pl.DataFrame:
            if mode == "requests":
                mask = request_filter.mask(piece, hits.keys)
            else:
                mask = request_filter.event_mask(piece, hits.keys, self._formats)
            if highlight:
                return piece.with_columns(match=mask)
            return piece if mask.all() else piece.filter(mask)

        parts = tuple(
            self._remember(
                (chunk.serial, time_range, mode, highlight, query, hits.identity), partial(narrowed, piece), of=chunk
            )
            for chunk, piece in pieces
        )
        return View(mode, tuple(part for part in parts if part.height), total, snapshot.version, highlight)

    def requests(self, snapshot: Snapshot, query: Query, time_range: TimeRange) -> View:
        """The requests of the range that match the query."""
        return self.view(snapshot, query, mode="requests", time_range=time_range)

    def total(
        self, view: View, derive: Callable[[pl.DataFrame], Result], add: Callable[[Result, Result], Result]
    ) -> Result:
        """Something summed over the parts of a view, each part computed once."""
        result = derive(view.schema.to_frame())
        for part in view.parts:
            result = add(result, self._remember((id(part), derive), partial(derive, part), of=part))
        return result

    def _filter(self, query: Query) -> RequestFilter:
        if query not in self._filters:
            self._filters = {query: compile_query(query)}
        return self._filters[query]

    def _hits(self, request_filter: RequestFilter, snapshot: Snapshot, mode: Mode) -> _Hits:
        """What the terms that look at the other table found there: keys of requests."""
        terms: Sequence[EventTerm | RequestTerm]
        if mode == "requests":
            terms, chunks = request_filter.event_terms, snapshot.events
        else:
            terms, chunks = request_filter.request_terms, snapshot.requests
        if not terms:
            return _Hits((), ())
        identity = tuple(chunk.serial for chunk in chunks)
        if any(term not in self._united for term in terms):
            self._united = {}
        for term in terms:
            if term not in self._united or self._united[term][0] != identity:
                self._united[term] = (identity, self._all_keys(term, chunks))
        return _Hits(tuple(self._united[term][1] for term in terms), identity)

    def _all_keys(self, term: EventTerm | RequestTerm, chunks: Sequence[Chunk]) -> pl.Series:
        found = [self._remember((term, chunk.serial), partial(self._keys, term, chunk), of=chunk) for chunk in chunks]
        return pl.concat([_NO_KEYS, *found]).unique()

    def _keys(self, term: EventTerm | RequestTerm, chunk: Chunk) -> pl.Series:
        if isinstance(term, EventTerm):
            return term.keys(chunk.frame, self._formats)
        return term.keys(chunk.frame)

    def _remember(self, about: Hashable, derive: Callable[[], Result], *, of: Chunk | pl.DataFrame) -> Result:
        """Derive something `of` rows once; what was derived of rows that are no more is forgotten.

        An id in `about` may have been given to other rows since: so the rows themselves are compared.
        """
        kept = self._results.pop(about, None)
        if kept is None or kept[0]() is not of:
            result = derive()
            self._forget()
            kept = (ref(of), result)
        self._results[about] = kept
        return kept[1]

    def _forget(self) -> None:
        """Make room: first what belongs to rows that are no more, then what was not asked for longest."""
        self._results = {about: kept for about, kept in self._results.items() if kept[0]() is not None}
        while len(self._results) >= self._kept:
            del self._results[next(iter(self._results))]


@dataclass(frozen=True, eq=False)
class _Hits:
    keys: tuple[pl.Series, ...]
    identity: tuple[int, ...]


_NO_KEYS: Final = pl.Series("key", [], pl.UInt64)
