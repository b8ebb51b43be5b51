"""Rows that lie somewhere, maybe on disk: columns and rows of them become frames only where they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import polars as pl


class Columns(Protocol):
    """What a filter needs of a frame, or of rows that can give such columns."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        ...

    def select(self, *exprs: Any, **named: Any) -> pl.DataFrame:
        """Return these columns."""
        ...

    def __getitem__(self, key: str, /) -> pl.Series:
        """Return a column by its name."""
        ...


class Rows(ABC):
    """Rows of a known schema; `columns` brings some of their columns."""

    height: int
    schema: pl.Schema

    @abstractmethod
    def columns(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return these columns of all rows, or of `count` rows from `start` on."""

    @abstractmethod
    def gather(self, places: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """Return these columns of the rows at these places (UInt32, rising)."""

    @property
    def frame(self) -> pl.DataFrame:
        """All rows with all columns."""
        return self.columns(self.schema.names())

    def __len__(self) -> int:
        return self.height

    def __getitem__(self, name: Any) -> Any:
        return self.columns((name,)).to_series()

    def select(self, *exprs: Any, **named: Any) -> pl.DataFrame:
        """Return what expressions make of the columns that they name."""
        return self.columns(self.named_in(exprs, named)).select(*exprs, **named)

    def column(self, expr: pl.Expr) -> pl.Series:
        """Return what an expression makes of the columns that it names: one value per row, also where it names none."""
        found = self.select(expr.alias("value")).to_series()
        return found if len(found) == self.height else found.new_from_index(0, self.height)

    def filter(self, predicate: pl.Expr) -> pl.DataFrame:
        """Return the rows with all columns that satisfy the predicate."""
        return self.rows_where(self.column(predicate.fill_null(value=False)))

    def rows_where(self, mask: pl.Series) -> pl.DataFrame:
        """Return the rows with all columns where the mask holds."""
        places = mask.arg_true()
        if len(places) == self.height:
            return self.frame
        return self.gather(places, self.schema.names()) if len(places) else self.schema.to_frame()

    def slice(self, start: int, count: int) -> pl.DataFrame:
        """Return some rows with all columns; fewer at the end."""
        return self.columns(self.schema.names(), start=start, count=count)

    def named_in(self, exprs: Iterable[Any], named: dict[str, Any]) -> list[str]:
        """Return the columns that expressions name, or one of the schema's where they name none."""
        names: dict[str, None] = {}
        for each in (*exprs, *named.values()):
            for one in each if isinstance(each, list | tuple) else (each,):
                found = [one] if isinstance(one, str) else one.meta.root_names() if isinstance(one, pl.Expr) else []
                names.update(dict.fromkeys(found))
        return list(names) or [next(iter(self.schema))]
