"""EventStore: every event once, in time order, and one row per request kept up to date. The only mutable data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat, sniff_each
from apigw_tui.core.canary import copies, has_canary
from apigw_tui.core.chunk import Chunk, Shelf
from apigw_tui.core.extended_ids import ExtendedIds
from apigw_tui.core.function_endings import FunctionEndings
from apigw_tui.core.function_lines import FunctionLines, belongs
from apigw_tui.core.parse import parse_events
from apigw_tui.core.records import access_entry
from apigw_tui.core.request_ids import REPLACED_ID
from apigw_tui.core.requests import summarise
from apigw_tui.core.room import NoShelf, Room, kinds_in
from apigw_tui.core.schema import EVENTS, RAW_EVENTS, REQUESTS, STORED_EVENTS
from apigw_tui.core.shared_ids import Families, split_shared
from apigw_tui.core.timeline import CHUNK_ROWS, Timeline, having_keys
from apigw_tui.core.twins import NAMED, NAMELESS, pairs
from apigw_tui.core.unread_lines import unread_reasons

DEFAULT_MAX_EVENTS: Final = 100_000_000


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
    shelved: int = 0
    """Events that lie on the shelf."""
    shared: frozenset[int] = frozenset()
    """Keys that requests share as long as nobody tells them apart: events may have another's."""


class EventStore:
    """Takes batches in any order, with duplicates; keeps at most `max_events`, dropping the oldest, counted.

    Of what takes more than `max_memory` bytes the oldest goes to the `shelf`, where it is found like the rest. What
    has no room there is dropped, counted too.
    """

    def __init__(
        self,
        formats: Mapping[str, AccessFormat] | None = None,
        *,
        max_events: int = DEFAULT_MAX_EVENTS,
        max_memory: int | None = None,
        shelf: Shelf | None = None,
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        self.formats: dict[str, AccessFormat] = dict(formats or {})
        self.max_events = max_events
        self.events = Timeline(STORED_EVENTS, ("timestamp", "event_id"), chunk_rows=chunk_rows)
        self.requests = Timeline(REQUESTS, ("started_at", "key"), chunk_rows=chunk_rows)
        self._room = Room(
            self.events, self.requests, max_events=max_events, max_memory=max_memory, shelf=shelf or NoShelf()
        )
        self.function_lines = FunctionLines()
        self._endings = FunctionEndings()
        self._extended = ExtendedIds()
        self._families = Families()
        self.duplicates = 0
        self.evicted = 0
        self.lost_events = 0
        self.lost_requests = 0
        self.unread: Counter[str] = Counter()
        self._version = 0
        self._arrivals = 0
        self._named = 0
        self._nameless = 0
        self._has_canary = False

    @property
    def unparsed(self) -> int:
        """How many lines could not be read."""
        return self.unread.total()

    def append(
        self,
        raw: pl.DataFrame,
        *,
        parsed: pl.DataFrame | None = None,
        links: Mapping[str, str] | None = None,
        functions: Mapping[str, str] | None = None,
    ) -> Appended:
        """Add RAW_EVENTS rows: parse, drop what is there already, update the requests they belong to.

        An event that came without its ID before (Live Tail) gets it, and counts as a duplicate: see `twins`. So
        does a canary's copy of a line: see `canary`.
        `parsed` is what `parse` said of the same rows. `links` and `functions`: see `FunctionLines.note`.
        """
        self.function_lines.note(links or {}, functions or {})
        self.drop_lost()
        fresh = self._unseen(raw.select(RAW_EVENTS.names()))
        duplicates = raw.height - fresh.height
        self.duplicates += duplicates
        if fresh.is_empty():
            return Appended(0, duplicates, 0, _NO_KEYS, _NO_KEYS)
        if parsed is None or duplicates:
            parsed = self.parse(fresh)
        parsed, twins = self._without_twins(parsed)
        parsed, copied = self._without_copies(parsed)
        duplicates += twins + copied
        if parsed.is_empty():
            self._version += 1
            return Appended(0, duplicates, 0, _NO_KEYS, _NO_KEYS)
        self.unread.update(unread_reasons(parsed, self.formats))
        told = self._endings.note(parsed)
        parsed, moved = self._extended.joined(parsed, self.requests)
        touched, new = self._update_requests(parsed, moved)
        if told:
            touched = pl.concat([touched, self._apply_endings(told)]).unique()
        self.events.insert(self._numbered(parsed))
        evicted = self._room.make()
        self.evicted += evicted
        self._version += 1
        return Appended(parsed.height, duplicates, evicted, touched, new)

    def drop_lost(self) -> None:
        """Drop what should lie on the shelf and is gone, because somebody removed it there; counted."""
        events, requests = self.events.drop_lost(), self.requests.drop_lost()
        if events or requests:
            self.lost_events += events
            self.lost_requests += requests
            self._version += 1

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
            shelved=self.events.cold,
            shared=self._families.keys,
        )

    def request(self, key: int) -> dict[str, Any] | None:
        """The row of one request."""
        found = self.requests.with_keys(_one(key))
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
        family = self._families.of(key)
        lines = frozenset[str]() if row is None else self.function_lines.of(row)
        if not lines:
            found = self.events.with_keys(_one(family))
        else:
            having = having_keys(self.events.chunks, _one(family))
            among = [chunk for chunk, mask in having if mask is not None or "lambda" in kinds_in(chunk)]
            hit = pl.col("key") == pl.lit(family, pl.UInt64)
            found = self.events.where((hit | belongs(lines)).fill_null(value=False), among=among)
        if not self._families.is_shared(key):
            return found
        parsed = self.parse(found.select(RAW_EVENTS.names())).with_columns(found["key"])
        split = found.with_columns(split_shared(parsed)["key"])
        return split.filter((pl.col("key") == pl.lit(key, pl.UInt64)) | (pl.col("kind") == "lambda"))

    def function_of(self, key: int) -> str | None:
        """The function that the API's settings put behind a request; None where nobody asked."""
        row = self.request(key)
        return None if row is None else self.function_lines.function(row)

    def sharing_id(self, key: int) -> pl.DataFrame:
        """The other requests of the stage that have the request ID of this one."""
        row = self.request(key)
        if row is None or not (self._families.is_shared(key) or row["request_id"] == REPLACED_ID):
            return REQUESTS.to_frame()
        same = (pl.col("request_id") == row["request_id"]) & (pl.col("scope") == row["scope"])
        return self.requests.where(same & (pl.col("key") != pl.lit(key, pl.UInt64)))

    def access_entries(self, keys: pl.Series, *, start: int, end: int) -> dict[int, dict[str, Any]]:
        """What the access entries of these requests say, by the names of their format."""
        own = self._own_entries(keys)
        others = keys.filter(~keys.is_in(list(self._families.shared(keys)))) if own.height else keys
        entries = self.events.with_keys(others, start=start, end=end).filter(pl.col("kind") == "access")
        entries = pl.concat([entries, own]) if own.height else entries
        formats: list[AccessFormat | None] = [self.formats.get(group) for group in entries["log_group"].to_list()]
        if None in formats:
            guessed = sniff_each(entries["message"])
            formats = [known or guess for known, guess in zip(formats, guessed, strict=True)]
        rows = zip(entries["key"].to_list(), entries["message"].to_list(), formats, strict=True)
        return {key: access_entry(message, access_format) for key, message, access_format in rows if access_format}

    def _own_entries(self, keys: pl.Series) -> pl.DataFrame:
        """The access entries of those of these requests that share their ID with others."""
        entries = [self.events_of(key).filter(pl.col("kind") == "access") for key in self._families.shared(keys)]
        return pl.concat([STORED_EVENTS.to_frame(), *entries])

    def lambda_counts(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """How many lines the functions of these REQUESTS rows wrote, of those that were read, by key."""
        return self.function_lines.counts(rows, self._function_events())

    def _function_events(self) -> pl.DataFrame:
        among = [chunk for chunk in self.events.chunks if "lambda" in kinds_in(chunk)]
        return self.events.where(pl.col("kind") == "lambda", among=among)

    @property
    def arrivals(self) -> int:
        """How many events have arrived, duplicates aside; the next one's number."""
        return self._arrivals

    def same_cause(self, cause: str) -> tuple[int, int]:
        """How many requests have this cause, and when the first of them started."""
        starts = [
            chunk.select(pl.col("started_at").filter(pl.col("cause") == cause)).to_series()
            for chunk in self.requests.chunks
        ]
        found = [series for series in starts if len(series)]
        return sum(map(len, found)), int(found[0][0]) if found else 0

    def late(self, keys: pl.Series, *, at_least: int, before: int) -> Iterator[tuple[int, int, int]]:
        """Key, delivery lag (ms, 0 where unknown) and start of requests that came so late, or began before a time."""
        is_late = (pl.col("lag_ms") >= at_least) | (pl.col("started_at") < before)
        found = self.requests.with_keys(keys).filter(is_late)
        return found.select("key", pl.col("lag_ms").fill_null(0), "started_at").iter_rows()

    def _unseen(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Rows whose (group, event ID) is new; rows without an event ID cannot be told apart and are all new."""
        if raw.is_empty() or raw["event_id"].null_count() == raw.height:
            return raw
        identity = ["log_group", "event_id"]
        named = raw.with_row_index("_at").filter(pl.col("event_id").is_not_null())
        named = named.unique(identity, keep="first", maintain_order=True)
        known = self.events.between(_least(raw["timestamp"]), _most(raw["timestamp"]), identity)
        if known.height:
            named = named.join(known, on=identity, how="anti", maintain_order="left")
        if named.height == raw.height:
            return raw
        nameless = raw.with_row_index("_at").filter(pl.col("event_id").is_null())
        return pl.concat([named, nameless]).sort("_at").drop("_at")

    def _without_twins(self, parsed: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """The rows that the store does not hold with or without their ID, and how many it does."""
        ids = parsed["event_id"]
        named = parsed.height - ids.null_count()
        nameless = 0
        if named < parsed.height:
            nameless = int((ids.is_null() & parsed["ingestion_time"].is_not_null()).sum())
        pairable = (named and self._nameless) or (nameless and (self._named or named))
        twins = self._pair(parsed) if pairable else _NO_ROWS
        self._named += named
        self._nameless += nameless
        if twins.is_empty():
            return parsed, 0
        self.duplicates += len(twins)
        rest = parsed.with_row_index("_at").filter(~pl.col("_at").is_in(twins.implode())).drop("_at")
        return rest, len(twins)

    def _without_copies(self, parsed: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """The rows that are no copies of a line in the other group of a stage and its canary, and how many are."""
        self._has_canary = self._has_canary or has_canary(parsed)
        if not self._has_canary or parsed.is_empty():
            return parsed, 0
        known = self.events.between(_least(parsed["timestamp"]), _most(parsed["timestamp"]))
        copied = copies(parsed, known)
        self.duplicates += len(copied)
        rest = parsed.with_row_index("_at").filter(~pl.col("_at").is_in(copied.implode())).drop("_at")
        return rest, len(copied)

    def _pair(self, parsed: pl.DataFrame) -> pl.Series:
        """Which rows are in the store, or else in the batch, already; what lacked an ID there gets it."""
        rows = parsed.with_row_index("_at")
        first, last = _least(parsed["timestamp"]), _most(parsed["timestamp"])
        # One late event makes the span long: only rows of the same milliseconds can be twins.
        known = self.events.between(first, last).filter(
            pl.col("timestamp").is_in(parsed["timestamp"].unique().implode())
        )
        confirmed = pairs(rows.filter(NAMED), known.filter(NAMELESS))
        if confirmed.height:
            self._confirm(confirmed)
        named = [frame.select(RAW_EVENTS.names()).filter(NAMED) for frame in (known, parsed)]
        told = pairs(rows.filter(NAMELESS), pl.concat(named))
        return pl.concat([confirmed["_at"], told["_at"]])

    def _confirm(self, twins: pl.DataFrame) -> None:
        """Give stored events the IDs and ingestion times of their twins."""
        self._nameless = max(0, self._nameless - twins.height)
        changed = twins.select("timestamp", "event_id", "ingestion_time", pl.col("arrival"))
        self.events.amend(changed, on="arrival")
        # The order within a millisecond may be another now, and with it which line failed first.
        doubtful = (pl.col("kind") == "execution") | (pl.col("ingestion_time") != pl.col("ingestion_time_known"))
        keys = twins.filter(doubtful & (pl.col("kind") != "lambda"))["key"].drop_nulls().unique()
        known = self.requests.with_keys(self._families.with_members(keys))
        if known.height:
            self.requests.replace(known["key"], self._summarised(self._earlier_events(keys, known)))

    def _update_requests(self, parsed: pl.DataFrame, moved: Mapping[int, int]) -> tuple[pl.Series, pl.Series]:
        keyed = parsed.filter(pl.col("key").is_not_null() & (pl.col("kind") != "lambda"))
        keys = keyed["key"].unique()
        if keys.is_empty():
            return _NO_KEYS, _NO_KEYS
        before = pl.concat([self._families.with_members(keys), pl.Series("key", list(moved), pl.UInt64)])
        known = self.requests.with_keys(before)
        self._move(moved)
        if known.height:
            keyed = pl.concat([self._earlier_events(keys, known), keyed], how="vertical")
        rows = self._summarised(keyed)
        self.requests.replace(known["key"], rows)
        keys = rows["key"]
        return keys, keys.filter(~keys.is_in(known["key"].implode())) if known.height else keys

    def _move(self, moved: Mapping[int, int]) -> None:
        """Give stored access entries the keys of the requests that they turned out to belong to."""
        if not moved:
            return
        key = pl.col("key").replace_strict(list(moved), list(moved.values()), return_dtype=pl.UInt64)
        entries = self.events.with_keys(pl.Series("key", list(moved), pl.UInt64))
        self.events.amend(entries.select("timestamp", "arrival", key), on="arrival")

    def _summarised(self, events: pl.DataFrame) -> pl.DataFrame:
        rows = self._endings.applied(summarise(events))
        self._families.note(rows)
        return rows

    def _apply_endings(self, calls: Sequence[str]) -> pl.Series:
        """Tell the requests that made these calls how they ended; returns the keys of those that did not know."""
        callers = self.requests.where(pl.col("integration_request_id").is_in(calls))
        told = self._endings.applied(callers)
        changed = told.filter(pl.col("cause").ne_missing(callers["cause"]))
        if changed.height:
            self.requests.replace(changed["key"], changed)
        return changed["key"]

    def _earlier_events(self, keys: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
        """The stored events with these keys, with everything read out of them again; `known` are their requests."""
        start, end = _least(known["first_event_at"]), _most(known["last_event_at"])
        stored = self.events.with_keys(keys, start=start, end=end).filter(pl.col("kind") != "lambda")
        return self.parse(stored.select(RAW_EVENTS.names())).with_columns(stored["key"])

    def _numbered(self, parsed: pl.DataFrame) -> pl.DataFrame:
        start = self._arrivals
        self._arrivals += parsed.height
        numbers = pl.int_range(start, self._arrivals, dtype=pl.UInt64, eager=True).alias("arrival")
        return parsed.select(*EVENTS.names(), numbers)


_NO_KEYS: Final = pl.Series("key", [], pl.UInt64)
_NO_ROWS: Final = pl.Series("_at", [], pl.UInt32)


def _one(key: int) -> pl.Series:
    return pl.Series("key", [key], pl.UInt64)


def _least(times: pl.Series) -> int:
    return int(times.min())  # type: ignore[arg-type]


def _most(times: pl.Series) -> int:
    return int(times.max())  # type: ignore[arg-type]
