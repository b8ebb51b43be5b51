"""Parts of views: some rows of a chunk, by number, so that a view holds no copies and a chunk may lie on disk."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final

import polars as pl

from apigw_tui.core.chunk import Chunk
from apigw_tui.core.rows import Rows

_MATCH: Final = "match"


class Part(Rows):
    """Rows `start` … `stop` − 1 of a chunk, or of these those at `places` (UInt32, rising, counted from `start`).

    `match` (Boolean) is one more column. `identity` tells what it is derived from.
    """

    def __init__(
        self,
        chunk: Chunk,
        span: tuple[int, int],
        identity: Hashable,
        *,
        places: pl.Series | None = None,
        match: pl.Series | None = None,
    ) -> None:
        self.chunk = chunk
        self.identity = identity
        self._start, stop = span
        self._places = None if places is None else places + self._start
        self._match = match
        self.height = stop - self._start if places is None else len(places)
        self.schema = chunk.schema if match is None else pl.Schema([*chunk.schema.items(), (_MATCH, pl.Boolean())])

    def columns(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return these columns of all rows, or of `count` rows from `start` on."""
        count = max(0, self.height - start if count is None else min(count, self.height - start))
        stored = [name for name in names if name != _MATCH] or [next(iter(self.chunk.schema))]
        if self._places is None:
            found = self.chunk.columns(stored, start=self._start + start, count=count)
        else:
            found = self.chunk.gather(self._places.slice(start, count), stored)
        return self._with_match(found, names, start=start)

    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """Return these columns of the rows at these places (rising)."""
        stored = [name for name in names if name != _MATCH]
        inner = places + self._start if self._places is None else self._places.gather(places)
        found = self.chunk.gather(inner.cast(pl.UInt32), stored)
        if self._match is not None and _MATCH in names:
            found = found.with_columns(self._match.gather(places).alias(_MATCH))
        return found.select(names)

    def place_of(self, key: pl.Expr) -> int | None:
        """Return where the first row is that such a condition is true of, if there is one."""
        found = self.chunk.select(place=key.arg_true()).to_series()
        for place in found.to_list():
            if self._places is None:
                at = int(place) - self._start
            else:
                at = int(self._places.search_sorted(int(place), side="left"))
                at = at if at < self.height and self._places[at] == place else -1
            if 0 <= at < self.height:
                return at
        return None

    def _with_match(self, found: pl.DataFrame, names: Sequence[str], *, start: int) -> pl.DataFrame:
        if self._match is not None and _MATCH in names:
            return found.with_columns(self._match.slice(start, found.height).alias(_MATCH)).select(names)
        return found

    def __getitem__(self, wanted: Any) -> Any:
        """Return a column by its name, or the rows at places that rise."""
        if isinstance(wanted, pl.Series):
            return self.gather(wanted, self.schema.names())
        return super().__getitem__(wanted)
