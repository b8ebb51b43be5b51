"""`apigw-tui tail`: requests as they complete, or raw events, until interrupted or --for has passed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core import records, units
from apigw_tui.core.query import parse
from apigw_tui.core.timerange import TimeRange, parse_span
from apigw_tui.core.view import Viewer
from apigw_tui.errors import ExitCode
from apigw_tui.headless import opening, output, text
from apigw_tui.headless.causes import HeldFailures
from apigw_tui.headless.narration import say
from apigw_tui.headless.proof import Proof
from apigw_tui.headless.reading import Reading, request_records
from apigw_tui.headless.redaction import redactor
from apigw_tui.sources.base import Batch, Completeness, LiveTailed, Trouble
from apigw_tui.sources.live_switch import COST, PRICED

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.store import Appended
    from apigw_tui.sources.base import Source, Update

_SINCE: Final = "1m"
"""How far back a tail begins, so that something is there to read at once."""


def tail(words: Sequence[str], config: Config, flags: Mapping[str, Any]) -> int:
    """Follow the targets; files, which do not grow here, are printed once."""
    form = output.choose_form("tail", config.output or ("ndjson" if flags.get("piped") else None))
    span_ms = parse_span(flags["span"]) if flags.get("span") else None
    with opening.open_source(config, words) as source:
        follower = _Follower(source, config, events=bool(flags.get("events")))
        if span_ms is not None:
            timer = threading.Timer(span_ms / 1000, follower.reading.stop.set)
            timer.daemon = True
            timer.start()
        mask = redactor(reveal=config.reveal)
        style = text.text_style(config.timezone, color=config.color)
        lines = text.event_lines if flags.get("events") else text.request_lines
        rows = (mask(record) for record in follower.records())
        try:
            printed = output.write_records(rows, form, text=lambda some: lines(some, style))
        except KeyboardInterrupt:
            follower.proof.finish()
            raise
        finally:
            follower.reading.stop.set()
        follower.reading.narrate(printed)
        follower.proof.finish()
        follower.reading.raise_error()
        return int(ExitCode.OK)


class _Follower:
    """Turns a source's updates into records, each printed once."""

    def __init__(self, source: Source, config: Config, *, events: bool) -> None:
        self.reading = Reading.of(source, config)
        self._source = source
        self._events = events
        self._live_tail = config.live_tail
        self._query = parse(config.query)
        self._viewer = Viewer(source.formats)
        self._range = opening.range_of(config, live=source.live, default_since=_SINCE)
        self._printed: set[int] = set()
        self._seen_events = 0
        self._held = HeldFailures(self.reading, self._query)
        count = self.reading.store.events.between
        self.proof = Proof(
            say=say,
            count=lambda start, end: count(start, end).height,
            clock=opening.now_ms,
            zone=config.timezone,
        )

    def records(self) -> Iterator[dict[str, Any]]:
        """What is new after each batch."""
        for update in self._updates():
            if isinstance(update, Batch):
                self.reading.guess(update.events)
                appended = self.reading.store.append(update.events, links=update.links, functions=update.functions)
                yield from self._new_events() if self._events else self._completed(appended)
            elif isinstance(update, Trouble):
                self._report(update)
            elif isinstance(update, Completeness):
                self.proof.take(update)
                yield from self._explained()
        if not self._events:
            yield from self._remaining()

    def _updates(self) -> Iterator[Update]:
        stop = self.reading.stop
        follows = self._source.live and self._range.end is None
        if self._live_tail:
            self._stream(follows=follows)
        if follows:
            yield from self._source.follow(self._range.start, stop)
        else:
            yield from self._source.backfill(self._range, stop)

    def _stream(self, *, follows: bool) -> None:
        """Let Live Tail run beside the polls."""
        if follows and isinstance(self._source, LiveTailed) and self._source.turn_live_tail(on=True):
            say(f"apigw-tui: Live Tail costs {COST} ({PRICED}).")
        else:
            say("apigw-tui: --live-tail does nothing here: only log groups that are followed can be streamed.")

    def _new_events(self) -> Iterator[dict[str, Any]]:
        store = self.reading.store
        view = self._viewer.view(store.snapshot(), self._query, mode="events", time_range=_EVER)
        fresh = view.where(pl.col("arrival") >= self._seen_events)
        self._seen_events = store.arrivals
        yield from (records.event_json(row) for row in fresh.iter_rows(named=True))

    def _completed(self, appended: Appended) -> Iterator[dict[str, Any]]:
        """Requests that are over; with an access log its entry is awaited: only it knows the latency."""
        is_over = pl.col("access_events") > 0
        if not self._source.formats:
            is_over |= pl.col("state") != "in_flight"
        over = pl.col("key").is_in(appended.touched.implode()) & is_over
        yield from self._unprinted(over & ~self._held.hold(over))

    def _explained(self) -> Iterator[dict[str, Any]]:
        """Failing requests that waited for their causes, once these are known or will hardly come."""
        if self._held:
            yield from self._unprinted(self._held.release())

    def _remaining(self) -> Iterator[dict[str, Any]]:
        """At the end: requests whose access entry has not come; those in flight are only counted."""
        yield from self._explained()
        yield from self._unprinted(pl.col("state") != "in_flight")
        in_flight = len(self._matching().where(pl.col("state") == "in_flight"))
        if in_flight:
            say(f"apigw-tui: {units.count(in_flight)} requests are still in flight")

    def _unprinted(self, wanted: pl.Expr) -> Iterator[dict[str, Any]]:
        rows = [row for row in self._matching().where(wanted).to_dicts() if row["key"] not in self._printed]
        self._printed.update(row["key"] for row in rows)
        yield from request_records(self.reading.store, rows)

    def _matching(self) -> Any:
        return self._viewer.requests(self.reading.store.snapshot(), self._query, _EVER)

    def _report(self, trouble: Trouble) -> None:
        if trouble.retry_at is None:
            raise trouble.error
        self.proof.trouble(trouble)


_EVER: Final = TimeRange(0, None)
