"""Rows ordered by time in frames of bounded height: a one-level B-tree of Polars frames.

Inserting or replacing rows touches only the chunks that cover their times, so that what was derived from the
other chunks (a filter's result, counts) stays valid and is found again by the chunk's serial.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from apigw_tui.core.chunk import Chunk

CHUNK_ROWS: Final = 65_536
SETTLED: Final = 3
"""A chunk that was left as it is by so many additions is not likely to be changed by the next ones."""


class Timeline:
    """Rows sorted by `order`, whose first column is an Int64 time; equal rows keep their order of arrival.

    Rows of one time never lie in two chunks.
    """

    def __init__(self, schema: pl.Schema, order: Sequence[str], *, chunk_rows: int = CHUNK_ROWS) -> None:
        self.schema = schema
        self._order = list(order)
        self._time = order[0]
        self._chunk_rows = chunk_rows
        self.chunks: tuple[Chunk, ...] = ()

    def __len__(self) -> int:
        return sum(chunk.height for chunk in self.chunks)

    @property
    def first(self) -> int | None:
        """The oldest time."""
        return self.chunks[0].first if self.chunks else None

    @property
    def last(self) -> int | None:
        """The newest time."""
        return self.chunks[-1].last if self.chunks else None

    def insert(self, frame: pl.DataFrame) -> None:
        """Add rows in any order."""
        if frame.is_empty():
            return
        rows = self._sorted(frame.select(self.schema.names()))
        chunks: list[Chunk] = []
        for chunk, piece in self._distribute(rows):
            if piece.is_empty():
                assert chunk is not None  # noqa: S101 - _distribute yields a chunk or rows
                chunks.append(chunk)
            elif chunk is None:
                chunks.extend(self._split(piece))
            else:
                merged = pl.concat([chunk.frame, piece], rechunk=False)
                chunks.extend(self._split(self._sorted(merged) if piece[self._time][0] <= chunk.last else merged))
        self.chunks = tuple(chunks)

    def between(self, start: int, end: int, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows with start ≤ time ≤ end, with all columns or with those named."""
        names = names or self.schema.names()
        pieces = []
        for chunk in self.chunks:
            if chunk.first <= end and chunk.last >= start:
                low, high = places_between(chunk, self._time, start=start, end=end)
                pieces.append(chunk.columns(names, start=low, count=high - low))
        return pl.concat(pieces, rechunk=False) if pieces else self.schema.to_frame().select(names)

    def where(
        self,
        predicate: pl.Expr,
        *,
        start: int | None = None,
        end: int | None = None,
        among: Iterable[Chunk] | None = None,
    ) -> pl.DataFrame:
        """Rows that satisfy the predicate, from all chunks, or from some, that touch start … end."""
        near = _touching(self.chunks if among is None else among, start=start, end=end)
        pieces = [chunk.filter(predicate) for chunk in near]
        return pl.concat(pieces, rechunk=True) if pieces else self.schema.to_frame()

    def with_keys(self, keys: pl.Series, *, start: int | None = None, end: int | None = None) -> pl.DataFrame:
        """Rows whose `key` is among these, from chunks that touch start … end."""
        near = list(_touching(self.chunks, start=start, end=end))
        pieces = [chunk.rows_where(mask) for chunk, mask in having_keys(near, keys) if mask is not None]
        return pl.concat(pieces, rechunk=True) if pieces else self.schema.to_frame()

    @property
    def memory(self) -> int:
        """How many bytes its rows take in memory."""
        return sum(chunk.memory for chunk in self.chunks)

    @property
    def cold(self) -> int:
        """How many of its rows lie on a shelf."""
        return sum(chunk.height for chunk in self.chunks if chunk.is_cold)

    def drop_lost(self) -> int:
        """Drop the rows that should lie on a shelf and are gone; return how many."""
        before = len(self)
        if any(chunk.is_lost for chunk in self.chunks):
            self.chunks = tuple(chunk for chunk in self.chunks if not chunk.is_lost)
        return before - len(self)

    def settle(self) -> None:
        """Note that something was added; chunks that were left as they are for some time take less room from now on."""
        for chunk in self.chunks:
            chunk.settled += 1
            if chunk.settled == SETTLED:
                chunk.pack()

    def replace(self, keys: pl.Series, frame: pl.DataFrame) -> None:
        """Drop the rows whose `key` is among `keys` and add `frame`."""
        if len(keys):
            self.chunks = tuple(self._without(keys))
        self.insert(frame)

    def amend(self, changed: pl.DataFrame, *, on: str) -> None:
        """Give rows other values; `changed` has their times, what is unique in the column `on`, and the values.

        Times stay, so that rows move among those of the same time at most.
        """
        chunks: list[Chunk] = []
        for chunk in self.chunks:
            here = changed.filter(pl.col(self._time).is_between(chunk.first, chunk.last)).drop(self._time)
            if here.is_empty():
                chunks.append(chunk)
            else:
                chunks.append(self._chunk(self._sorted(chunk.frame.update(here, on=on))))
        self.chunks = tuple(chunks)

    def drop_before(self, time: int) -> int:
        """Drop the rows older than `time`; return how many."""
        before = len(self)
        kept: list[Chunk] = []
        for chunk in self.chunks:
            if chunk.first >= time:
                kept.append(chunk)
            elif chunk.last >= time:
                kept.extend(self._split(chunk.frame.filter(pl.col(self._time) >= time)))
        self.chunks = tuple(kept)
        return before - len(self)

    def drop_where(self, unwanted: pl.Expr, *, before: int) -> int:
        """Drop such rows older than `before`, and put what is left of chunks together; return how many went."""
        height = len(self)
        kept: list[Chunk] = []
        for chunk in self.chunks:
            gone = unwanted & (pl.col(self._time) < before)
            rest = chunk.filter(~gone.fill_null(value=False)) if chunk.first < before else None
            if rest is None or rest.height == chunk.height:
                kept.append(chunk)
            elif rest.height:
                if kept and kept[-1].height + rest.height <= self._chunk_rows:
                    rest = pl.concat([kept.pop().frame, rest], rechunk=False)
                kept.append(self._chunk(rest))
        self.chunks = tuple(kept)
        return height - len(self)

    def _without(self, keys: pl.Series) -> Iterator[Chunk]:
        for chunk, hit in having_keys(self.chunks, keys):
            if hit is None:
                yield chunk
            elif not hit.all():
                yield self._chunk(chunk.rows_where(~hit.fill_null(value=False)))

    def _distribute(self, rows: pl.DataFrame) -> Iterator[tuple[Chunk | None, pl.DataFrame]]:
        """Pair each chunk with the rows that belong into it; rows beyond a full end become chunks of their own."""
        if not self.chunks:
            yield None, rows
            return
        times = rows[self._time]
        head, tail = self.chunks[0], self.chunks[-1]
        start, stop = 0, rows.height
        if head.height >= self._chunk_rows:
            start = int(times.search_sorted(head.first, side="left"))
            if start:
                yield None, rows.head(start)
        if tail.height >= self._chunk_rows:
            stop = max(start, int(times.search_sorted(tail.last, side="right")))
        bounds = [
            start,
            *(int(times.search_sorted(chunk.first, side="left")) for chunk in self.chunks[1:]),
            stop,
        ]
        bounds = [min(max(bound, start), stop) for bound in bounds]
        for chunk, (low, high) in zip(self.chunks, pairwise(bounds), strict=True):
            yield chunk, rows.slice(low, high - low)
        if stop < rows.height:
            yield None, rows.slice(stop)

    def _sorted(self, frame: pl.DataFrame) -> pl.DataFrame:
        order = [name for name in self._order if frame[name].null_count() < frame.height]
        if len(order) == 1 and frame[self._time].is_sorted():
            return frame
        return frame.sort(order, maintain_order=True)

    def _split(self, frame: pl.DataFrame) -> Iterator[Chunk]:
        """Cut a sorted frame into chunks, never between rows of the same time."""
        times = frame[self._time]
        start = 0
        while frame.height - start > 2 * self._chunk_rows:
            cut_time = times[start + self._chunk_rows]
            cut = int(times.search_sorted(cut_time, side="left"))
            if cut <= start:
                cut = int(times.search_sorted(cut_time, side="right"))
            if cut >= frame.height:
                break
            yield self._chunk(frame.slice(start, cut - start))
            start = cut
        yield self._chunk(frame.slice(start))

    def _chunk(self, frame: pl.DataFrame) -> Chunk:
        return Chunk(frame.rechunk(), time=self._time)


def _touching(chunks: Iterable[Chunk], *, start: int | None, end: int | None) -> Iterator[Chunk]:
    for chunk in chunks:
        if (end is None or chunk.first <= end) and (start is None or chunk.last >= start):
            yield chunk


def having_keys(chunks: Sequence[Chunk], keys: pl.Series) -> Iterator[tuple[Chunk, pl.Series | None]]:
    """Each chunk with which of its rows have one of these keys; None where none has.

    All chunks are asked at once, as each question by itself would build the set of keys anew.
    """
    if not chunks:
        return
    hit = pl.concat([chunk["key"] for chunk in chunks], rechunk=False).is_in(keys.implode())
    if not hit.any():
        yield from ((chunk, None) for chunk in chunks)
        return
    start = 0
    for chunk in chunks:
        mask = hit.slice(start, chunk.height)
        start += chunk.height
        yield chunk, mask if mask.any() else None


def places_between(chunk: Chunk, time: str, *, start: int | None, end: int | None) -> tuple[int, int]:
    """The first of the rows of a chunk with start ≤ time ≤ end, and the first behind them."""
    starts_within = start is None or start <= chunk.first
    ends_within = end is None or end >= chunk.last
    if starts_within and ends_within:
        return 0, chunk.height
    times = chunk[time]
    low = 0 if start is None or starts_within else int(times.search_sorted(start, side="left"))
    high = chunk.height if end is None or ends_within else int(times.search_sorted(end, side="right"))
    return low, max(low, high)
