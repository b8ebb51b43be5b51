"""Chunks: immutable runs of rows in time order, as frames, packed, or on a shelf beside the memory.

The rows of a chunk never change; where they lie may, at any moment, while other threads read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Protocol, TypeVar, cast

import polars as pl

from apigw_tui.core.rows import Rows

VIEW_BYTES: Final = 16
"""A text takes so much in a column, and its own bytes."""

_FEW: Final = 256
_serials = count(1)
Fact = TypeVar("Fact")


class Shelved(Protocol):
    """A frame that was put on a shelf. It lies there as long as this value lives."""

    @property
    def is_gone(self) -> bool:
        """Whether it lies there no more, though it should."""
        ...

    def read(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame | None:
        """Return these columns of its rows; None when it is gone."""
        ...


class Shelf(Protocol):
    """Where frames lie that do not fit into memory."""

    @property
    def size(self) -> int:
        """How many bytes lie there."""
        ...

    def put(self, frame: pl.DataFrame) -> Shelved | None:
        """Put a frame there; None when there is no room."""
        ...


class Chunk(Rows):
    """A run of rows; `serial` is unique in the process. `settled` counts how often it was left as it is."""

    def __init__(self, frame: pl.DataFrame, *, time: str) -> None:
        self.height = frame.height
        self.schema = frame.schema
        times = frame[time]
        self.first = int(times[0])
        self.last = int(times[-1])
        self.serial = next(_serials)
        self.settled = 0
        self._body: _Whole | _Packed | _Cold = _Whole(frame)
        self._facts: dict[str, Any] = {}

    @property
    def memory(self) -> int:
        """How many bytes it takes in memory."""
        return self._body.memory

    @property
    def is_packed(self) -> bool:
        """Whether it takes less room than as a frame."""
        return not isinstance(self._body, _Whole)

    @property
    def is_cold(self) -> bool:
        """Whether it lies on the shelf."""
        return isinstance(self._body, _Cold)

    @property
    def is_lost(self) -> bool:
        """Whether it should lie on the shelf and is gone: what was not kept in memory is null."""
        return isinstance(self._body, _Cold) and self._body.is_gone

    def columns(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return these columns of all rows, or of `count` rows from `start` on."""
        return self._body.columns(names, start, self.height - start if count is None else count)

    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """Return these columns of the rows at these places; of a cold chunk only as much is read as they span."""
        return self._body.gather(places, names)

    def pack(self) -> None:
        """Take less room: columns with one value keep it once, those with few values their codes."""
        if isinstance(self._body, _Whole):
            self._body = _Packed.of(self._body.frame)

    def shelve(self, shelf: Shelf, hot: Sequence[str]) -> bool:
        """Lie on the shelf from now on, but for the columns `hot`; False when there is no room."""
        self.pack()
        body = self._body
        if isinstance(body, _Packed):
            shelved = shelf.put(body.frame)
            if shelved is None:
                return False
            self._body = _Cold(shelved, body.frame.select(name for name in hot if name in body.frame.columns), body)
        return True

    def fact(self, name: str, derive: Callable[[Chunk], Fact]) -> Fact:
        """Return something about the rows, derived once."""
        if name not in self._facts:
            self._facts[name] = derive(self)
        return cast("Fact", self._facts[name])


class _Whole:
    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.memory = size_of(frame)

    def columns(self, names: Sequence[str], start: int, count: int) -> pl.DataFrame:
        frame = self.frame
        if start or count < frame.height:
            frame = frame.slice(start, count)
        return frame if list(names) == frame.columns else frame.select(names)

    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        return self.frame.select(names)[places]


class _Packed:
    """A frame without its columns of one value; texts of few values are Categoricals."""

    def __init__(self, frame: pl.DataFrame, schema: pl.Schema, constants: dict[str, pl.Series]) -> None:
        self.frame = frame
        self.schema = schema
        self.constants = constants
        self.memory = size_of(frame)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> _Packed:
        constants: dict[str, pl.Series] = {}
        varying: list[pl.Series] = []
        for number, column in enumerate(frame.iter_columns()):
            if number and _is_constant(column):  # one is kept to tell how many rows there are
                constants[column.name] = pl.Series(column.name, column.head(1).to_list(), column.dtype)
            else:
                varying.append(_compact(column))
        return cls(pl.DataFrame(varying), frame.schema, constants)

    def columns(self, names: Sequence[str], start: int, count: int) -> pl.DataFrame:
        height = max(0, min(count, self.frame.height - start))
        return self.unpacked(names, self.frame.slice(start, count), height)

    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        varying = [name for name in names if name not in self.constants]
        return self.unpacked(names, self.frame.select(varying)[places], len(places))

    def unpacked(self, names: Sequence[str], packed: pl.DataFrame, height: int) -> pl.DataFrame:
        """These columns as they were, of a part of the packed ones."""
        return pl.DataFrame(
            [
                self.constants[name].new_from_index(0, height)
                if name in self.constants
                else packed[name].cast(self.schema[name])
                for name in names
            ]
        )


class _Cold:
    """Columns on a shelf; those that are needed often in memory."""

    def __init__(self, shelved: Shelved, hot: pl.DataFrame, packed: _Packed) -> None:
        self._shelved = shelved
        # Copied, for a slice keeps the memory of the frame that it was cut from.
        own = hot[pl.int_range(hot.height, dtype=pl.UInt32, eager=True)]
        self._layout = _Packed(own, packed.schema, packed.constants)
        self.memory = size_of(hot)

    @property
    def is_gone(self) -> bool:
        return self._shelved.is_gone

    def columns(self, names: Sequence[str], start: int, count: int) -> pl.DataFrame:
        layout = self._layout
        hot = layout.frame
        wanted = [name for name in names if name not in layout.constants and name not in hot.columns]
        near = hot.slice(start, count)
        if wanted:
            whole = start == 0 and count >= hot.height
            read = self._shelved.read(wanted, start=start, count=None if whole else count)
            # Screens may hold rows a moment longer than their file: what is not there any more is not known.
            near = near.hstack(self._unknown(wanted, near.height) if read is None else read)
        return layout.unpacked(names, near, near.height)

    def _unknown(self, names: Sequence[str], height: int) -> pl.DataFrame:
        schema = self._layout.schema
        return pl.DataFrame([pl.Series(name, [None], schema[name]).new_from_index(0, height) for name in names])

    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """Of the shelf only as much is read as the places span."""
        if not len(places):
            return self.columns(names, 0, 0)
        first, last = int(places[0]), int(places[-1])
        near = self.columns(names, first, last - first + 1)
        return near if near.height == len(places) else near[places - first]


def size_of(frame: pl.DataFrame) -> int:
    """Bytes that a frame takes: `estimated_size` leaves out where texts lie."""
    texts = sum(dtype == pl.String for dtype in frame.schema.values())
    return int(frame.estimated_size()) + VIEW_BYTES * texts * frame.height


def _is_constant(column: pl.Series) -> bool:
    nulls = column.null_count()
    if nulls:
        return nulls == len(column)
    return bool(column[0] == column[-1]) and column.n_unique() == 1


def _compact(column: pl.Series) -> pl.Series:
    """Codes in place of texts that are few; a sample tells texts that are many."""
    if column.dtype != pl.String or column.head(2 * _FEW).n_unique() > _FEW or column.n_unique() > _FEW:
        return column
    return column.cast(pl.Categorical)
