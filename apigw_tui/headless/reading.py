"""Read a source into a store until its range is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any

import polars as pl

from apigw_tui.core import records, units
from apigw_tui.core.access_guess import Guess, guesses
from apigw_tui.core.phases import FAILING_PHASE
from apigw_tui.core.store import EventStore
from apigw_tui.core.unread_lines import told
from apigw_tui.errors import AppError
from apigw_tui.headless.narration import say
from apigw_tui.headless.parsing import parsed_ahead
from apigw_tui.sources.base import Batch, RequestRef, Trouble
from apigw_tui.sources.failure_terms import FailureKind
from apigw_tui.sources.failures import AwsError
from apigw_tui.sources.spill_folder import SpillFolder

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import Source, Update


@dataclass(eq=False)
class Reading:
    """A store filled from a source, and the first error that kept something from being read."""

    source: Source
    store: EventStore
    stop: StopFlag = field(default_factory=StopFlag)
    error: AppError | None = None
    guesses: dict[str, Guess] = field(default_factory=dict)
    """What entries of groups without a known format were taken for."""

    @classmethod
    def of(cls, source: Source, config: Config) -> Reading:
        """An empty store with the source's formats and the config's cap."""
        store = EventStore(
            source.formats, max_events=config.max_events, max_memory=config.memory_bytes, shelf=SpillFolder()
        )
        return cls(source, store)

    def read(self, time_range: TimeRange) -> Reading:
        """Read the range; what could be read stays when something fails on the way."""
        return self._take(self.source.backfill(time_range, self.stop))

    def complete(self, row: Mapping[str, Any]) -> Reading:
        """Read the execution and Lambda lines of a request that were left out so far."""
        return self._take(self.source.request_events(request_ref(row), self.stop))

    def find(self, identifier: str, time_range: TimeRange) -> Reading:
        """Read what carries this ID within the range."""
        return self._take(self.source.find(identifier, time_range, self.stop))

    def narrate(self, printed: int) -> None:
        """Say on stderr what was printed, read and left out."""
        store = self.store
        parts = [
            f"{units.count(printed)} printed",
            f"{units.count(len(store.events))} events of {units.count(len(store.requests))} requests read",
        ]
        for number, what in (
            (store.duplicates, "duplicates dropped"),
            (store.unparsed, f"lines of unknown form kept raw ({told(store.unread)})"),
            (store.evicted, "oldest events left out (--max-events, --max-memory, disk)"),
            (store.lost_events, "lost: their file on disk was removed or changed"),
            (store.events.cold, "of them on disk (--max-memory)"),
        ):
            if number:
                parts.append(f"{units.count(number)} {what}")
        say(f"apigw-tui: {self.source.title}: {', '.join(parts)}")
        if not len(store.requests) and len(store.events.where(pl.col("kind") == "other")) == len(store.events) > 0:
            say("apigw-tui: no line is known as API Gateway's; --access-format gives the format of access entries")

    def raise_error(self) -> None:
        """Say what was guessed and raise what kept something from being read, after the rest was printed."""
        if not self.source.live:
            self._tell(self.guesses.values())
        if self.error:
            raise self.error

    def _take(self, updates: Iterable[Update]) -> Reading:
        """Store what comes. A failure before any event is raised; a later one waits until the rest is printed."""
        try:
            for update, parsed in parsed_ahead(updates, self.store.parse):
                if isinstance(update, Batch):
                    self.guess(update.events if parsed is None else parsed)
                    self.store.append(update.events, parsed=parsed, links=update.links, functions=update.functions)
                elif isinstance(update, Trouble):
                    self._note(update)
        except AppError as error:
            if not len(self.store.events):
                raise
            self.error = self.error or error
        self.store.drop_lost()
        return self

    def guess(self, events: pl.DataFrame) -> None:
        """Note what the entries of groups without a known format are taken for."""
        found = guesses(events, {*self.store.formats, *self.guesses})
        self.guesses.update((guess.group, guess) for guess in found)
        if self.source.live:
            self._tell(found)

    def _tell(self, found: Iterable[Guess]) -> None:
        for guess in found:
            say(f"apigw-tui: {guess.sentence}")

    def _note(self, trouble: Trouble) -> None:
        """A function without a log group is worth a word; what could not be read is an error."""
        if trouble.retry_at is None and not _is_absence(trouble.error):
            self.error = self.error or trouble.error
        else:
            say(f"apigw-tui: {trouble.error}")


def request_records(store: EventStore, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The JSON records of REQUESTS rows, with what their access entries say and their Lambda lines counted."""
    if not rows:
        return
    keys = pl.Series("key", [row["key"] for row in rows], pl.UInt64)
    start = min(row["first_event_at"] for row in rows)
    end = max(row["last_event_at"] for row in rows)
    entries = store.access_entries(keys, start=start, end=end)
    counts = store.lambda_counts(rows)
    for row in rows:
        yield records.request_json(row, access=entries.get(row["key"]), lambda_events=counts[row["key"]])


def request_ref(row: Mapping[str, Any], *, lines: pl.DataFrame | None = None) -> RequestRef:
    """What a source needs to know to find the lines of this request; `lines` when all execution lines are here."""
    return RequestRef(
        scope=row["scope"],
        request_id=row["request_id"] or row["extended_request_id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        extended_request_id=row["extended_request_id"],
        trace_id=row["trace_id"],
        method=row["method"],
        route=row["route"],
        failed_phase=FAILING_PHASE.get(row["cause"] or ""),
        integration_request_id=row["integration_request_id"],
        integration_function=row["integration_function"],
        authorizer_request_id=row["authorizer_request_id"],
        lines=lines,
    )


def _is_absence(error: AppError) -> bool:
    return isinstance(error, AwsError) and error.kind is FailureKind.NOT_FOUND
