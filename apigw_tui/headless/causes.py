"""Lines that tell why requests failed, read for many of them at once after their access entries were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core import units
from apigw_tui.core.cause_precision import is_unexplained
from apigw_tui.core.query_ast import Query
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Viewer
from apigw_tui.headless.narration import say
from apigw_tui.headless.reading import Reading, request_ref
from apigw_tui.sources.base import Batch, RequestRef, Trouble

if TYPE_CHECKING:
    from apigw_tui.core.store import EventStore

MOST_EXPLAINED: Final = 500
"""Of one command: 20 calls, a few seconds at any region's quota."""

_ROUNDS: Final = 3
"""Of a tail's polls, in which execution lines may follow their access entry."""

_SERVER_ERROR: Final = 500
_EVER: Final = TimeRange(0, None)


class Explainer:
    """Fills a reading's store with the lines that explain failing requests; a refusal is told once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._told: set[str] = set()

    def explain(self, requests: Iterable[pl.DataFrame], *, most: int = MOST_EXPLAINED) -> None:
        """Look up the newest of these rows of REQUESTS that need it; says how many were left out."""
        if not self._reading.source.live:
            return
        rows = unexplained(requests)
        if len(rows) > most:
            left = units.count(len(rows) - most)
            say(f"apigw-tui: causes of {left} older failing requests were not looked up")
        store = self._reading.store
        chosen = pl.Series("key", [row["key"] for row in rows[:most]], pl.UInt64)
        self._read([request_ref(row) for row in rows[:most]])
        self._read(references(store, still_unexplained(store, chosen)))

    def _read(self, requests: Sequence[RequestRef]) -> None:
        if not requests:
            return
        reading = self._reading
        for update in reading.source.failing_events(requests, reading.stop):
            if isinstance(update, Batch):
                reading.store.append(update.events, links=update.links, functions=update.functions)
            elif isinstance(update, Trouble) and update.error.message not in self._told:
                self._told.add(update.error.message)
                say(f"apigw-tui: {update.error} Causes are told by the access log alone.")


class HeldFailures:
    """Failing requests of a tail that are over but not printed yet: the lines that tell their causes are awaited."""

    def __init__(self, reading: Reading, query: Query) -> None:
        self._store = reading.store
        self._live = reading.source.live
        self._explainer = Explainer(reading)
        self._viewer = Viewer(reading.source.formats)
        self._query = candidates(query)
        self._rounds: dict[int, int] = {}
        self._released: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._rounds)

    def hold(self, over: pl.Expr) -> pl.Expr:
        """Hold back those of the requests that need it; returns which requests are held now."""
        if self._live:
            view = self._viewer.requests(self._store.snapshot(), self._query, _EVER)
            for key in view.where(over & is_unexplained())["key"]:
                if key not in self._released:
                    self._rounds.setdefault(key, 0)
        return pl.col("key").is_in(_keys(self._rounds).implode())

    def release(self) -> pl.Expr:
        """Look the held requests up, all at once; returns which need not be held any longer."""
        self._explainer.explain([self._unexplained()])
        unexplained = set(self._unexplained()["key"])
        rounds = {key: count + 1 for key, count in self._rounds.items() if key in unexplained}
        held = {key: count for key, count in rounds.items() if count < _ROUNDS}
        released = self._rounds.keys() - held.keys()
        self._released |= released
        self._rounds = held
        return pl.col("key").is_in(_keys(released).implode())

    def _unexplained(self) -> pl.DataFrame:
        return self._store.requests.where(pl.col("key").is_in(_keys(self._rounds).implode()) & is_unexplained())


def unexplained(requests: Iterable[pl.DataFrame]) -> list[dict[str, Any]]:
    """The rows whose cause more lines may tell: server errors first, the newest of each first."""
    found = [part.filter(is_unexplained() & pl.col("request_id").is_not_null()) for part in requests]
    rows = [row for part in found for row in part.iter_rows(named=True)]
    return sorted(rows, key=lambda row: ((row["status"] or 0) < _SERVER_ERROR, -row["started_at"]))


def still_unexplained(store: EventStore, keys: pl.Series) -> list[dict[str, Any]]:
    """Those whose execution lines were read in vain and whose function may tell more."""
    if not len(keys):
        return []
    called = (pl.col("execution_events") > 0) & pl.col("integration_request_id").is_not_null()
    return unexplained([store.requests.where(pl.col("key").is_in(keys.implode()) & called)])


def references(store: EventStore, rows: Sequence[Mapping[str, Any]]) -> list[RequestRef]:
    """The rows as references that have their execution lines with them."""
    if not rows:
        return []
    keys = pl.Series("key", [row["key"] for row in rows], pl.UInt64)
    start = min(row["first_event_at"] for row in rows)
    end = max(row["last_event_at"] for row in rows)
    wanted = pl.col("key").is_in(keys.implode()) & (pl.col("kind") == "execution")
    lines = store.events.where(wanted, start=start, end=end).partition_by("key", as_dict=True)
    empty = RAW_EVENTS.to_frame()
    found = {key[0]: part.select(RAW_EVENTS.names()) for key, part in lines.items()}
    return [request_ref(row, lines=found.get(row["key"], empty)) for row in rows]


def _keys(keys: Iterable[int]) -> pl.Series:
    return pl.Series("key", list(keys), pl.UInt64)


def candidates(query: Query) -> Query:
    """The query for what is to be looked up: all of it, where the cause itself decides what matches."""
    return Query() if "cause" in query.fields else query
