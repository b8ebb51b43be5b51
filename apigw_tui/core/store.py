"""EventStore: every event once, in time order, and one row per request kept up to date. The only mutable data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat, sniff_each
from apigw_tui.core.function_lines import FunctionLines, belongs
from apigw_tui.core.parse import parse_events
from apigw_tui.core.records import access_entry
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import EVENTS, RAW_EVENTS, REQUESTS
from apigw_tui.core.timeline import Chunk, Timeline

DEFAULT_MAX_EVENTS: Final = 5_000_000

STORED_EVENTS: Final = pl.Schema([*EVENTS.items(), ("arrival", pl.UInt64())])
"""EVENTS plus `arrival`, the number of the event in this store: unique, in order of arrival."""


@dataclass(frozen=True, eq=False)
class Appended:
    """What became of a batch: counts of events, keys of the requests it told of and of the new ones among them."""

    added: int
    duplicates: int
    evicted: int
    touched: pl.Series
    fresh: pl.Series


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The store at one version: frames that never change."""

    version: int
    events: tuple[Chunk, ...]
    requests: tuple[Chunk, ...]
    event_count: int
    request_count: int
    duplicates: int
    evicted: int
    unparsed: int


class EventStore:
    """Takes batches in any order, with duplicates; keeps at most `max_events`, dropping the oldest, counted."""

    def __init__(
        self, formats: Mapping[str, AccessFormat] | None = None, *, max_events: int = DEFAULT_MAX_EVENTS
    ) -> None:
        self.formats: dict[str, AccessFormat] = dict(formats or {})
        self.max_events = max_events
        self.events = Timeline(STORED_EVENTS, ("timestamp", "event_id"))
        self.requests = Timeline(REQUESTS, ("started_at", "key"))
        self.function_lines = FunctionLines()
        self.duplicates = 0
        self.evicted = 0
        self.unparsed = 0
        self._version = 0
        self._arrivals = 0

    def append(
        self,
        raw: pl.DataFrame,
        *,
        parsed: pl.DataFrame | None = None,
        links: Mapping[str, str] | None = None,
        functions: Mapping[str, str] | None = None,
    ) -> Appended:
        """Add RAW_EVENTS rows: parse, drop what is there already, update the requests they belong to.

        `parsed` is what `parse` said of the same rows. `links` and `functions`: see `FunctionLines.note`.
        """
        self.function_lines.note(links or {}, functions or {})
        fresh = self._unseen(raw.select(RAW_EVENTS.names()))
        duplicates = raw.height - fresh.height
        self.duplicates += duplicates
        if fresh.is_empty():
            return Appended(0, duplicates, 0, _NO_KEYS, _NO_KEYS)
        if parsed is None or duplicates:
            parsed = self.parse(fresh)
        self.unparsed += int((parsed["line_kind"] == "unknown").sum())
        touched, new = self._update_requests(parsed)
        self.events.insert(self._numbered(parsed))
        evicted = self._evict()
        self._version += 1
        return Appended(fresh.height, duplicates, evicted, touched, new)

    def parse(self, raw: pl.DataFrame) -> pl.DataFrame:
        """PARSED_EVENTS of RAW_EVENTS; from any thread, also before `append`."""
        return parse_events(raw, self.formats)

    def snapshot(self) -> Snapshot:
        """The store as it is now; costs nothing."""
        return Snapshot(
            version=self._version,
            events=self.events.chunks,
            requests=self.requests.chunks,
            event_count=len(self.events),
            request_count=len(self.requests),
            duplicates=self.duplicates,
            evicted=self.evicted,
            unparsed=self.unparsed,
        )

    def request(self, key: int) -> dict[str, Any] | None:
        """The row of one request."""
        found = self.requests.where(pl.col("key") == pl.lit(key, pl.UInt64))
        return found.row(0, named=True) if found.height else None

    def find(self, identifier: str) -> pl.DataFrame:
        """Requests with this request, extended, Lambda, authorizer's, connection or X-Ray trace ID."""
        names = (
            "request_id",
            "extended_request_id",
            "integration_request_id",
            "authorizer_request_id",
            "trace_id",
            "connection_id",
        )
        return self.requests.where(
            pl.any_horizontal(*(pl.col(name) == identifier for name in names)).fill_null(value=False)
        )

    def events_of(self, key: int) -> pl.DataFrame:
        """The events of one request and the Lambda lines of its functions, in time order."""
        row = self.request(key)
        hit = pl.col("key") == pl.lit(key, pl.UInt64)
        if row is None:
            return self.events.where(hit)
        return self.events.where((hit | belongs(self.function_lines.of(row))).fill_null(value=False))

    def function_of(self, key: int) -> str | None:
        """The function that the API's settings put behind a request; None where nobody asked."""
        row = self.request(key)
        return None if row is None else self.function_lines.function(row)

    def access_entries(self, keys: pl.Series, *, start: int, end: int) -> dict[int, dict[str, Any]]:
        """What the access entries of these requests say, by the names of their format."""
        entries = self.events.where(
            pl.col("key").is_in(keys.implode()) & (pl.col("kind") == "access"), start=start, end=end
        )
        formats: list[AccessFormat | None] = [self.formats.get(group) for group in entries["log_group"].to_list()]
        if None in formats:
            guessed = sniff_each(entries["message"])
            formats = [known or guess for known, guess in zip(formats, guessed, strict=True)]
        rows = zip(entries["key"].to_list(), entries["message"].to_list(), formats, strict=True)
        return {key: access_entry(message, access_format) for key, message, access_format in rows if access_format}

    def lambda_counts(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """How many lines the functions of these REQUESTS rows wrote, of those that were read, by key."""
        return self.function_lines.counts(rows, self.events.where(pl.col("kind") == "lambda"))

    @property
    def arrivals(self) -> int:
        """How many events have arrived, duplicates aside; the next one's number."""
        return self._arrivals

    def same_cause(self, cause: str) -> tuple[int, int]:
        """How many requests have this cause, and when the first of them started."""
        starts = [chunk.frame.filter(pl.col("cause") == cause)["started_at"] for chunk in self.requests.chunks]
        found = [series for series in starts if len(series)]
        return sum(map(len, found)), int(found[0][0]) if found else 0

    def lags(self, keys: pl.Series, *, at_least: int) -> Iterator[tuple[int, int]]:
        """Key and delivery lag (ms) of those requests that came so late."""
        late = self.requests.where(pl.col("key").is_in(keys.implode()) & (pl.col("lag_ms") >= at_least))
        return late.select("key", "lag_ms").iter_rows()

    def _unseen(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Rows whose (group, event ID) is new; rows without an event ID cannot be told apart and are all new."""
        if raw.is_empty() or raw["event_id"].null_count() == raw.height:
            return raw
        identity = ["log_group", "event_id"]
        named = raw.with_row_index("_at").filter(pl.col("event_id").is_not_null())
        named = named.unique(identity, keep="first", maintain_order=True)
        known = self.events.between(_least(raw["timestamp"]), _most(raw["timestamp"]))
        if known.height:
            named = named.join(known.select(identity), on=identity, how="anti", maintain_order="left")
        if named.height == raw.height:
            return raw
        nameless = raw.with_row_index("_at").filter(pl.col("event_id").is_null())
        return pl.concat([named, nameless]).sort("_at").drop("_at")

    def _update_requests(self, parsed: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        keyed = parsed.filter(pl.col("key").is_not_null() & (pl.col("kind") != "lambda"))
        keys = keyed["key"].unique()
        if keys.is_empty():
            return _NO_KEYS, _NO_KEYS
        known = self.requests.where(pl.col("key").is_in(keys.implode()))
        if known.height:
            keyed = pl.concat([self._earlier_events(known), keyed], how="vertical")
        self.requests.replace(known["key"], summarise(keyed))
        return keys, keys.filter(~keys.is_in(known["key"].implode())) if known.height else keys

    def _earlier_events(self, known: pl.DataFrame) -> pl.DataFrame:
        """The stored events of these requests, with everything read out of them again."""
        stored = self.events.where(
            pl.col("key").is_in(known["key"].implode()) & (pl.col("kind") != "lambda"),
            start=_least(known["first_event_at"]),
            end=_most(known["last_event_at"]),
        )
        return self.parse(stored.select(RAW_EVENTS.names()))

    def _numbered(self, parsed: pl.DataFrame) -> pl.DataFrame:
        start = self._arrivals
        self._arrivals += parsed.height
        numbers = pl.int_range(start, self._arrivals, dtype=pl.UInt64, eager=True).alias("arrival")
        return parsed.select(*EVENTS.names(), numbers)

    def _evict(self) -> int:
        excess = len(self.events) - self.max_events
        if excess <= 0:
            return 0
        for chunk in self.events.chunks:
            if excess < chunk.frame.height:
                boundary = int(chunk.frame["timestamp"][excess])
                break
            excess -= chunk.frame.height
            boundary = chunk.last + 1
        evicted = self.events.drop_before(boundary)
        gone = self.requests.where(pl.col("last_event_at") < boundary)["key"]
        self.requests.replace(gone, REQUESTS.to_frame())
        self.evicted += evicted
        return evicted


_NO_KEYS: Final = pl.Series("key", [], pl.UInt64)


def _least(times: pl.Series) -> int:
    return int(times.min())  # type: ignore[arg-type]


def _most(times: pl.Series) -> int:
    return int(times.max())  # type: ignore[arg-type]
