"""Requests that share a request ID, told apart.

A client may choose the request ID (`x-amzn-RequestId`), and then many requests have the same one. The extended
request ID is API Gateway's own: entries and first lines that name different ones are different requests. All lines
of a request lie in one log stream, so what follows a first line in its stream belongs to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from apigw_tui.core.request_ids import REPLACED_ID
from apigw_tui.core.schema import TERMINAL_LINE_KINDS, request_key

_AFTERWARDS: Final = ("integration_request_id", "trace_id", *TERMINAL_LINE_KINDS)
_NEEDED: Final = (
    "key",
    "kind",
    "line_kind",
    "timestamp",
    "event_id",
    "log_group",
    "log_stream",
    "status",
    "latency_ms",
)
_SEED: Final = 13

Row = Mapping[str, Any]


def split_shared(parsed: pl.DataFrame) -> pl.DataFrame:
    """PARSED_EVENTS rows with a key of its own for each of the requests that share a request ID.

    The first of them keeps the key. A function of the set of events, as long as the true order of lines is known.
    """
    shared = _shared_keys(parsed)
    if shared.is_empty():
        return parsed
    numbered = parsed.with_row_index("_at")
    chosen = numbered.filter(pl.col("key").is_in(shared.implode()) & pl.col("kind").is_in(["access", "execution"]))
    columns = [name for name in (*_NEEDED, "extended_request_id") if name in chosen.columns]
    families: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _in_true_order(chosen).select("_at", *columns).iter_rows(named=True):
        families[row["key"]].append(row)
    keys = {at: key for family, rows in families.items() for at, key in _keys(family, rows)}
    changed = pl.DataFrame(
        {"_at": list(keys), "_key": list(keys.values())}, schema={"_at": pl.UInt32, "_key": pl.UInt64}
    )
    joined = numbered.join(changed, on="_at", how="left", maintain_order="left")
    return joined.with_columns(key=pl.coalesce("_key", "key")).select(parsed.columns)


def _shared_keys(parsed: pl.DataFrame) -> pl.Series:
    """Keys of which several extended IDs are told."""
    if "extended_request_id" not in parsed.columns:
        return pl.Series("key", dtype=pl.UInt64)
    told = parsed.select("key", "extended_request_id").drop_nulls()
    doubled = told.filter(pl.col("key").is_duplicated())
    return (
        doubled.group_by("key").agg(pl.col("extended_request_id").n_unique() > 1).filter("extended_request_id")["key"]
    )


def _in_true_order(events: pl.DataFrame) -> pl.DataFrame:
    number = [pl.col("event_id").str.zfill(60)] if "event_id" in events.columns else []
    return events.sort("timestamp", *number, nulls_last=True, maintain_order=True)


def replaced_keys(events: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """Events in order of arrival with `key`, and other keys for those whose bad request ID was replaced.

    All such requests have the same ID. Entries are told apart by their extended ID, else each is a request of its
    own; a line belongs to the last first line in its stream, if no other request was open there. The key of a line
    of which that is not known is null.
    """
    keyed = events.with_columns(key=key)
    replaced = (pl.col("request_id") == REPLACED_ID).fill_null(value=False) & (pl.col("kind") != "lambda")
    if not keyed.select(replaced.any()).item():
        return keyed
    kind, stream = pl.col("line_kind"), [pl.col("log_group"), pl.col("log_stream")]
    first = kind == "extended_request_id"
    opened = first.cum_sum().over(stream)
    open_now = opened - kind.is_in(TERMINAL_LINE_KINDS).cum_sum().shift(1, fill_value=0).over(stream)
    run = (first & (open_now <= 1)).cum_sum().over(stream)
    carried = pl.when(first).then(pl.col("extended_request_id")).forward_fill().over([*stream, run])
    lines = (
        keyed.with_row_index("_at")
        .filter(replaced & (pl.col("kind") == "execution"))
        .with_columns(_run=run, _open=open_now, _extended=carried)
        .with_columns(_alone=pl.col("_open").max().over([*stream, "_run"]) <= 1)
    )
    of_lines = lines.filter("_alone").select("_at", _line=request_key(_scope(), pl.col("_extended")))
    itself = pl.concat_str("timestamp", "event_id", "log_stream", "message", separator="\x1e", ignore_nulls=True)
    entry = request_key(_scope(), pl.coalesce("extended_request_id", itself))
    found = keyed.with_row_index("_at").join(of_lines, on="_at", how="left", maintain_order="left")
    changed = pl.when(pl.col("kind") == "access").then(entry).otherwise("_line")
    return found.with_columns(key=pl.when(replaced).then(changed).otherwise("key")).drop("_at", "_line")


def _scope() -> pl.Expr:
    return pl.col("scope").fill_null("")


@dataclass
class _Request:
    """One of the requests that share an ID: its extended ID where it is known, its entries and lines."""

    extended: str | None
    rows: list[Row] = field(default_factory=list)
    has_lines: bool = False
    started: bool = False
    over: bool = False

    def add(self, row: Row) -> None:
        kind = row["line_kind"]
        self.rows.append(row)
        self.has_lines |= row["kind"] == "execution"
        self.started |= kind == "start"
        self.over |= kind in TERMINAL_LINE_KINDS

    def ends_before(self, kind: str | None) -> bool:
        """Whether a line of this kind is the first one of the next request."""
        if kind == "extended_request_id":
            return bool(self.rows)
        return (kind == "start" and self.started) or (self.over and kind not in _AFTERWARDS)

    @property
    def first(self) -> tuple[bool, int, str]:
        """Sorts requests by their begin."""
        times = [row["timestamp"] for row in self.rows if row["timestamp"] is not None]
        return not times, min(times, default=0), self.extended or ""


def _keys(family: int, rows: Sequence[Row]) -> Iterable[tuple[int, int]]:
    """The place of each row and the key of its request."""
    requests = _of_lines([row for row in rows if row["kind"] == "execution"])
    _add_entries(requests, [row for row in rows if row["kind"] == "access"])
    ordered = sorted(requests, key=lambda request: request.first)
    names = [request.extended or f"#{number}" for number, request in enumerate(ordered)]
    hashes = pl.Series(names, dtype=pl.String).hash(_SEED).to_list()
    for number, request in enumerate(ordered):
        key = family ^ hashes[number] if number else family
        for row in request.rows:
            yield row["_at"], key


def _of_lines(lines: Iterable[Row]) -> list[_Request]:
    streams: defaultdict[tuple[Any, Any], list[_Request]] = defaultdict(list)
    for line in lines:
        requests = streams[(line.get("log_group"), line.get("log_stream"))]
        if not requests or requests[-1].ends_before(line["line_kind"]):
            requests.append(_Request(None))
        requests[-1].add(line)
        if line["line_kind"] == "extended_request_id":
            requests[-1].extended = line.get("extended_request_id")
    return [request for requests in streams.values() for request in requests]


def _add_entries(requests: list[_Request], entries: Iterable[Row]) -> None:
    """Each entry to the request that its extended ID names, else to the lines that fit it best, else to its own."""
    for entry in entries:
        extended = entry.get("extended_request_id")
        named = [request for request in requests if extended and request.extended == extended]
        free = [request for request in requests if request.extended is None and not _has_entry(request)]
        if not extended:
            free += [request for request in requests if request.extended is not None and not _has_entry(request)]
        fitting = named or [request for request in free if _fits(request, entry)]
        chosen = min(fitting, key=lambda request: _distance(request, entry), default=None)
        if chosen is None:
            chosen = _Request(extended)
            requests.append(chosen)
        chosen.extended = chosen.extended or extended
        chosen.add(entry)


def _has_entry(request: _Request) -> bool:
    return any(row["kind"] == "access" for row in request.rows)


def _status(rows: Iterable[Row]) -> int | None:
    stated = (row.get("status") for row in rows if row["kind"] == "access" or row["line_kind"] in TERMINAL_LINE_KINDS)
    return next((status for status in stated if status is not None), None)


def _fits(request: _Request, entry: Row) -> bool:
    lines = _status(request.rows)
    return entry.get("status") is None or lines is None or lines == entry["status"]


def _distance(request: _Request, entry: Row) -> int:
    """How far the lines lie from the begin or, where only the last ones were written, from the end of the entry."""
    times = [row["timestamp"] for row in request.rows if row["timestamp"] is not None]
    begin = entry["timestamp"]
    if not times or begin is None:
        return 0
    end = begin + (entry.get("latency_ms") or 0)
    return int(min(abs(times[0] - begin), abs(times[-1] - end)))


class Families:
    """Which requests share an ID, and so the key of their events. Belongs to one store."""

    def __init__(self) -> None:
        self._members: defaultdict[int, set[int]] = defaultdict(set)
        self._family: dict[int, int] = {}
        self._keys: frozenset[int] | None = None

    def note(self, requests: pl.DataFrame) -> None:
        """Remember the REQUESTS rows that have a key of their own."""
        named = pl.coalesce("request_id", "extended_request_id")
        family = request_key(_scope(), named).alias("family")
        own = (pl.col("request_id") != REPLACED_ID).fill_null(value=True)
        for key, common in requests.filter(own & (pl.col("key") != family)).select("key", family).iter_rows():
            self._keys = None
            self._members[common].add(key)
            self._family[key] = common

    @property
    def keys(self) -> frozenset[int]:
        """The keys that requests share, and those of their own."""
        if self._keys is None:
            self._keys = frozenset((*self._members, *self._family))
        return self._keys

    def of(self, key: int) -> int:
        """The key of a request's events."""
        return self._family.get(key, key)

    def is_shared(self, key: int) -> bool:
        """Whether a request shares the key of its events with others."""
        return bool(self._family) and self.of(key) in self._members

    def shared(self, keys: pl.Series) -> list[int]:
        """Those of these requests that share the key of their events with others."""
        return [key for key in keys.to_list() if self.is_shared(key)] if self._family else []

    def with_members(self, keys: pl.Series) -> pl.Series:
        """The keys of events and of all requests that have events with them."""
        if not self._members:
            return keys
        members = set().union(*(self._members[key] for key in keys.to_list() if key in self._members))
        return pl.concat([keys, pl.Series(keys.name, list(members), pl.UInt64)])
