"""The access entries behind rows of requests: their fields by name, read only for the rows that are shown.

A request's entry is found by time first, so that a few rows cost a few slices, however much is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.chunk import Chunk
from apigw_tui.core.records import access_entry

_SAMPLED_CHUNKS: Final = 16
_SAMPLED_ENTRIES: Final = 24
_NEEDED: Final = ("timestamp", "log_group", "kind", "request_id", "key", "message")


@dataclass(frozen=True, eq=False)
class AccessEntries:
    """The events of one version of the store, asked for access entries alone. `formats` are by log group."""

    chunks: tuple[Chunk, ...] = ()
    formats: Mapping[str, AccessFormat] = field(default_factory=dict)

    def of(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
        """What the entries of these REQUESTS rows say, by the key of the row; none of rows without an entry."""
        logged = [row for row in rows if row["access_events"]]
        ids = pl.Series([row["request_id"] for row in logged], dtype=pl.String).implode()
        keys = pl.Series([row["key"] for row in logged], dtype=pl.UInt64).implode()
        wanted = (pl.col("kind") == "access") & (pl.col("key").is_in(keys) | pl.col("request_id").is_in(ids))
        by_key: dict[int, list[dict[str, Any]]] = {}
        by_id: dict[str, list[dict[str, Any]]] = {}
        for piece in self._pieces(logged):
            found = piece.filter(wanted).select("log_group", "request_id", "key", "message")
            for group, request_id, key, message in found.iter_rows():
                entry = access_entry(message, self.formats.get(group))
                by_key.setdefault(key, []).append(entry)
                by_id.setdefault(request_id, []).append(entry)
        told = ((row["key"], _own(row, by_key.get(row["key"]) or by_id.get(row["request_id"], []))) for row in logged)
        return {key: entry for key, entry in told if entry is not None}

    def names(self) -> dict[str, str]:
        """The fields that entries have, each with a value as an example: of the formats, and of some of each chunk."""
        found: dict[str, str] = {}
        for access_format in self.formats.values():
            found |= {each.name: "" for each in access_format.fields if each.name not in found}
        step = max(1, len(self.chunks) // _SAMPLED_CHUNKS)
        for chunk in self.chunks[::-step]:
            access = chunk.select("kind", "log_group", "message").filter(pl.col("kind") == "access")
            spread = access.gather_every(max(1, access.height // _SAMPLED_ENTRIES))
            for _, group, message in spread.iter_rows():
                for name, value in access_entry(message, self.formats.get(group)).items():
                    if not found.get(name):
                        found[name] = "" if value is None or value == "-" else str(value)
        return found

    def _pieces(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[pl.DataFrame]:
        """The events of the times of these requests, none twice."""
        spans = _united(sorted((row["first_event_at"], row["last_event_at"]) for row in rows))
        for chunk in self.chunks:
            near = [(start, end) for start, end in spans if start <= chunk.last and end >= chunk.first]
            if not near:
                continue
            times = chunk["timestamp"]
            for start, end in near:
                low = int(times.search_sorted(start, side="left"))
                high = int(times.search_sorted(end, side="right"))
                if low < high:
                    yield chunk.columns(_NEEDED, start=low, count=high - low)


def _own(row: Mapping[str, Any], entries: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of this very request, of those with its request ID."""
    extended = row["extended_request_id"]
    if len(entries) > 1 and extended:
        named = [entry for entry in entries if extended in entry.values()]
        entries = named or entries
    return entries[0] if entries else None


def _united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of time that touch each other as one."""
    united: list[tuple[int, int]] = []
    for start, end in spans:
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united
