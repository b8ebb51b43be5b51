"""An incident bundle: what was seen of an incident, in a folder to hand over. Reads no more than single requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core import records
from apigw_tui.core.access_entries import AccessEntries
from apigw_tui.core.function_lines import FunctionLines
from apigw_tui.core.schema import EVENTS, RAW_EVENTS
from apigw_tui.core.stats import STATS_COLUMNS, stats
from apigw_tui.core.store import EventStore
from apigw_tui.core.story import Story, build_story
from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.core.view import View, Viewer
from apigw_tui.errors import AppError
from apigw_tui.headless import incident_text, output
from apigw_tui.headless.caveats import stats_caveats
from apigw_tui.headless.difference_text import differences_json
from apigw_tui.headless.incident_folder import IncidentFolder, folder_name
from apigw_tui.headless.reading import request_ref
from apigw_tui.headless.redaction import redactor
from apigw_tui.headless.story_trace import trace_region
from apigw_tui.sources.base import Batch, Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_tui.core.difference_sides import Comparison
    from apigw_tui.sources.base import Completeness, Source

MOST_REQUESTS: Final = 10_000
"""Of what the query matches, the newest are written one by one; all of it is counted."""
MOST_STORIES: Final = 40

_AT_ONCE: Final = 500
_AROUND_MS: Final = 60_000


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """The bundle is not wanted any more."""


@dataclass(frozen=True, eq=False)
class Incident:
    """What is to be bundled: a query over one version of the store, and how it came about."""

    comparison: Comparison
    source: Source
    targets: tuple[str, ...]
    command: str
    """The command that shows the same."""
    now: int
    functions: FunctionLines
    completeness: Completeness | None = None
    reading: bool = False
    read_back_to: int | None = None
    reveal: bool = False


@dataclass(frozen=True)
class Told:
    """One request's story, its events, and what of it could not be read."""

    code: str
    file: str
    story: Story
    events: pl.DataFrame
    untold: tuple[str, ...] = ()


def write_incident(incident: Incident, parent: Path, tell: Callable[[str], None], stop: StopFlag) -> Path:
    """Write the bundle into a new folder and return it; `tell` says what is being done. Raises Cancelled on `stop`."""
    with IncidentFolder(parent, folder_name(incident.targets, incident.now)) as folder:
        return _Bundle(incident, folder, tell, stop).write()


class _Bundle:
    def __init__(self, incident: Incident, folder: IncidentFolder, tell: Callable[[str], None], stop: StopFlag) -> None:
        self._incident = incident
        self._folder = folder
        self._tell = tell
        self._stop = stop
        self._mask = redactor(reveal=incident.reveal)
        comparison = incident.comparison
        self._snapshot = comparison.snapshot
        self._viewer = Viewer(comparison.formats)
        self._view = self._viewer.requests(self._snapshot, comparison.query, comparison.time_range)

    def write(self) -> Path:
        told = self._stories()
        self._events(told)
        written = self._requests()
        self._step("comparing")
        differences = self._incident.comparison.differences()
        record = self._stats()
        record["differences"] = differences_json(differences)
        with self._folder.open("stats.json") as file:
            file.write(output.dumps(self._mask(record)) + "\n")
        untold = stats_caveats(self._incident.source, self._view.frame(("status", "truncated_lines")))
        facts = incident_text.Facts(self._incident, record, differences, written, len(self._view), tuple(told), untold)
        with self._folder.open("README.md") as file:
            file.writelines(f"{line}\n" for line in incident_text.readme(facts))
        self._step("keeping")
        return self._folder.keep()

    def _step(self, what: str) -> None:
        if self._stop.is_set():
            raise Cancelled
        self._tell(what)

    # -- requests

    def _requests(self) -> int:
        """The newest requests, oldest first, as NDJSON and as CSV."""
        first = max(0, len(self._view) - MOST_REQUESTS)
        found: list[Mapping[str, Any]] = []
        for start in range(first, len(self._view), _AT_ONCE):
            self._step(f"requests {start - first} of {len(self._view) - first}")
            found += map(self._mask, self._records(self._view.slice(start, _AT_ONCE)))
        for form in ("ndjson", "csv"):
            with self._folder.open(f"requests.{form}") as file:
                output.write_records(found, form, text=lambda _: (), stream=file)
        return len(found)

    def _records(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        entries = AccessEntries(self._snapshot.events, self._incident.comparison.formats).of(rows)
        start = min(row["first_event_at"] for row in rows) - _AROUND_MS
        end = max(row["last_event_at"] for row in rows) + _AROUND_MS
        counts = self._incident.functions.counts(rows, self._lines(pl.col("kind") == "lambda", start, end))
        for row in rows:
            yield records.request_json(row, access=entries.get(row["key"]), lambda_events=counts[row["key"]])

    def _stats(self) -> dict[str, Any]:
        start, end = self._incident.comparison.window
        requests = self._view.frame(STATS_COLUMNS)
        snapshot = self._snapshot
        return stats(requests, start=start, end=end, events=snapshot.event_count, unparsed=snapshot.unparsed)

    # -- stories

    def _stories(self) -> list[Told]:
        rows = _newest_of_each_cause(self._view)[:MOST_STORIES]
        told = []
        for number, row in enumerate(rows, 1):
            self._step(f"story {number} of {len(rows)}")
            found = self._story(number, row)
            if found is not None:
                told.append(found)
                with self._folder.open(found.file) as file:
                    region = trace_region(self._incident.source)
                    file.write(story_markdown(found.story, reveal=self._incident.reveal, region=region))
        return told

    def _story(self, number: int, row: Mapping[str, Any]) -> Told | None:
        formats = self._incident.comparison.formats
        store = EventStore(formats)
        store.append(self._events_of(row).select(RAW_EVENTS.names()))
        untold = tuple(self._complete(store, row))
        key = store.requests.where(pl.col("request_id").eq_missing(row["request_id"]))
        if key.is_empty():
            return None
        found = key.row(0, named=True)
        events = store.events_of(found["key"]).select(EVENTS.names())
        function = store.function_of(found["key"]) or self._incident.functions.function(row)
        story = build_story(events, formats, function=function)
        name = (row["request_id"] or row["extended_request_id"] or "request")[:8]
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
        return Told(row["cause"], f"stories/{number:02}-{row['cause']}-{safe}.md", story, events, untold)

    def _events_of(self, row: Mapping[str, Any]) -> pl.DataFrame:
        names = self._incident.functions.of(row)
        own = pl.col("key") == pl.lit(row["key"], pl.UInt64)
        called = (pl.col("kind") == "lambda") & (pl.col("request_id").is_in(names) | pl.col("event_id").is_in(names))
        start, end = row["first_event_at"] - _AROUND_MS, row["last_event_at"] + _AROUND_MS
        return self._lines((own | called).fill_null(value=False), start, end)

    def _complete(self, store: EventStore, row: Mapping[str, Any]) -> Iterator[str]:
        """Read the request's lines that were left out so far; says what could not be read."""
        if not self._incident.source.live:
            return
        try:
            for update in self._incident.source.request_events(request_ref(row), self._stop):
                if isinstance(update, Batch):
                    store.append(update.events, links=update.links, functions=update.functions)
                elif isinstance(update, Trouble):
                    yield str(update.error)
        except AppError as error:
            yield str(error)

    def _lines(self, wanted: pl.Expr, start: int, end: int) -> pl.DataFrame:
        pieces = [EVENTS.to_frame()]
        for chunk in self._snapshot.events:
            if chunk.first > end or chunk.last < start:
                continue
            times = chunk["timestamp"]
            low = int(times.search_sorted(start, side="left"))
            high = int(times.search_sorted(end, side="right"))
            pieces.append(chunk.columns(EVENTS.names(), start=low, count=high - low).filter(wanted))
        return pl.concat(pieces)

    def _events(self, told: Sequence[Told]) -> None:
        with self._folder.open("events.ndjson") as file:
            for each in told:
                for row in each.events.iter_rows(named=True):
                    file.write(output.dumps(self._mask(records.event_json(row))) + "\n")


def _newest_of_each_cause(view: View) -> list[dict[str, Any]]:
    """The newest request of each cause, the most frequent cause first."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for part in reversed(view.parts):
        causes = part.columns(("cause",)).with_row_index("place").drop_nulls("cause")
        counted = causes.group_by(pl.col("cause").cast(pl.String)).agg(pl.len(), pl.col("place").max())
        for code, number, place in counted.iter_rows():
            row = found[code][1] if code in found else part.slice(int(place), 1).row(0, named=True)
            found[code] = (found[code][0] + number if code in found else number, row)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1][0], pair[0]))
    return [row for _, (_, row) in ranked]
