"""Which values a field has in what is loaded, for the query bar to offer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import polars as pl

from apigw_tui.core.part import Part
from apigw_tui.core.query_fields import QUERY_FIELDS

if TYPE_CHECKING:
    from apigw_tui.core.view import View

_MOST_VALUES: Final = 50
_LOOKED_AT: Final = 4_096
_PATIENCE_S: Final = 0.02
_TABLES: Final[WeakKeyDictionary[Part, dict[str, pl.DataFrame]]] = WeakKeyDictionary()


def observed(view: View, field: str) -> list[tuple[str, int]]:
    """The values that a field has in a view, most frequent first; of identifiers the newest, not counted (0).

    To count what is different in each row would hold the keys for as long as there are rows.
    """
    column = next(iter(QUERY_FIELDS[field].columns), None) if field in QUERY_FIELDS else None
    if column is None or column not in view.schema:
        return []
    if not view.parts:
        return []
    newest = view.parts[-1].select(pl.col(column).alias("value")).drop_nulls().tail(_LOOKED_AT).reverse()
    if newest.height == _LOOKED_AT and newest["value"].n_unique() > _LOOKED_AT // 2:
        some = newest.unique(maintain_order=True).head(_MOST_VALUES)
        return [(str(value), 0) for value in some.cast(pl.String)["value"]]
    tables = list(_counted(view, column))
    summed = pl.concat(tables).group_by("value").agg(pl.col("len").sum()).cast({"value": pl.String})
    found = summed.sort(["len", "value"], descending=[True, False]).head(_MOST_VALUES).iter_rows()
    return list(found) if len(tables) == len(view.parts) else [(value, 0) for value, _ in found]


def _counted(view: View, column: str) -> Iterator[pl.DataFrame]:
    """How often each value is in each part, the newest first: as many parts as can be counted before a key is late.

    What was counted is kept with the part, so that the next key goes on there.
    """
    until = time.perf_counter() + _PATIENCE_S
    for number, part in enumerate(reversed(view.parts)):
        known = _TABLES.setdefault(part, {})
        if column not in known:
            if number and time.perf_counter() > until:
                return
            values = part.select(pl.col(column).alias("value")).drop_nulls()
            known[column] = values.group_by("value").len()
        yield known[column]
