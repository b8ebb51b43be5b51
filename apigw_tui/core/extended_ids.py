"""Access entries that log only the extended request ID, brought to the execution lines of their requests.

Such an entry has a key of its own until a first line, `Extended Request Id: …` at level INFO, says which request
that is, before it or after it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.schema import PARSED_EVENTS
from apigw_tui.core.timeline import Timeline

_ENTRY: Final = (pl.col("kind") == "access") & pl.col("request_id").is_null()
_FIRST_LINE: Final = (pl.col("kind") == "execution") & (pl.col("line_kind") == "extended_request_id")
_NAMED: Final = pl.col("extended_request_id").is_not_null() & pl.col("key").is_not_null()


class ExtendedIds:
    """Which extended IDs are still nobody's. Belongs to one store."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}

    def joined(self, parsed: pl.DataFrame, requests: Timeline) -> tuple[pl.DataFrame, dict[int, int]]:
        """PARSED_EVENTS with the keys of known requests, and from which key to which entries read before move.

        `requests` are the REQUESTS known so far.
        """
        entries = parsed.filter((_ENTRY & _NAMED).fill_null(value=False))
        if entries.is_empty() and not self._waiting:
            return parsed, {}
        lines = parsed.filter((_FIRST_LINE & _NAMED).fill_null(value=False))
        told = dict(lines.select("extended_request_id", "key").iter_rows())
        moved = {old: told[name] for name, old in self._waiting.items() if name in told}
        self._waiting = {name: old for name, old in self._waiting.items() if name not in told}
        if entries.is_empty():
            return parsed, moved
        names = entries["extended_request_id"].unique()
        missing = names.filter(~names.is_in(list(told)))
        if len(missing):
            told |= _known(requests, missing)
        self._waiting |= {
            name: key for name, key in entries.select("extended_request_id", "key").iter_rows() if name not in told
        }
        found = pl.col("extended_request_id").replace_strict(
            list(told), list(told.values()), default=None, return_dtype=pl.UInt64
        )
        key = pl.when((_ENTRY & _NAMED).fill_null(value=False)).then(pl.coalesce(found, "key")).otherwise("key")
        return parsed.with_columns(key.alias("key")).select(PARSED_EVENTS.names()), moved


def _known(requests: Timeline, names: pl.Series) -> dict[str, int]:
    hit = pl.col("extended_request_id").is_in(names.implode()) & (pl.col("execution_events") > 0)
    rows = requests.where(hit.fill_null(value=False)).drop_nulls("request_id")
    return dict(rows.select("extended_request_id", "key").iter_rows())
