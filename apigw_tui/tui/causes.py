"""Causes for the list: failing requests whose reason their access entries do not tell are looked up in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from apigw_tui.core.cause_precision import is_unexplained
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.errors import AppError
from apigw_tui.headless.causes import references
from apigw_tui.headless.reading import request_ref
from apigw_tui.sources.base import RequestRef, Source, Trouble
from apigw_tui.sources.failures import PASSING, FailureKind, kind_of

if TYPE_CHECKING:
    from apigw_tui.core.chunk import Chunk
    from apigw_tui.core.store import EventStore
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import Update
    from apigw_tui.tui.opened_source import OpenedSource
    from apigw_tui.tui.stories import Fetch

MOST_LOOKED_AT: Final = 2_000
"""Failing requests, the newest ones of the range or of the selected span."""

AT_ONCE: Final = 100
_WORTH_A_CALL: Final = 25
_GATHER_MS: Final = 2_000
"""So long fewer than that wait for more to come."""

_TAIL_BRINGS_MS: Final = 10_000
"""So long the tail of an execution log that is followed may take to bring the lines by itself."""

_RETRY_MS: Final = 60_000
_YOUNG_MS: Final = 5 * 60_000
"""Lines may come minutes late: what was asked for so early is asked for once more."""

_BACK_OFF_MS: Final = 30_000
_REFUSED_MS: Final = 10 * 60_000
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_COLUMNS: Final = ("key", "scope", "status", "started_at", "ended_at", "execution_events", "integration_request_id")

Log = Literal["execution", "function"]


@dataclass(frozen=True)
class _Failing:
    """A failing request, in short."""

    key: int
    scope: str
    status: int
    started_at: int
    ended_at: int
    execution_events: int
    integration_request_id: str | None
    unexplained: bool


@dataclass(frozen=True)
class _Asked:
    at: int
    young: bool
    tries: int


@dataclass(eq=False)
class _Round:
    """Requests that are being looked up in one log; the thread that does it tells the end and what failed."""

    place: tuple[str, Log]
    chosen: Sequence[tuple[_Failing, Log]]
    at: int
    is_over: bool = False
    error: AppError | None = None


class Causes:
    """Lives in the engine's thread; reads in a thread of its own, one round at a time.

    `note` says in one sentence why causes stay unknown; empty while nothing was refused.
    """

    def __init__(self, *, fetch: Fetch, wake: Callable[[], None], clock: Callable[[], int]) -> None:
        self._fetch = fetch
        self._wake = wake
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Another source was opened."""
        self.note = ""
        self._round: _Round | None = None
        self._asked: dict[tuple[int, Log], _Asked] = {}
        self._blocked: dict[tuple[str, Log], int] = {}
        self._resume_at = 0
        self._known: dict[int, pl.DataFrame] = {}

    def look(self, state: OpenedSource) -> None:
        """Start the next round if one is due; none while the tail has trouble, which needs the calls itself."""
        now = self._clock()
        if self._round is not None:
            if not self._round.is_over:
                return
            self._end(self._round, now)
        if not state.source.live or state.trouble is not None or now < self._resume_at:
            return
        due = self._due(state, now)
        if due:
            self._start(due, state, now)

    def was_read(self, key: int, ended_at: int) -> bool:
        """Whether all execution lines of a request were read: they were asked for long enough after its end."""
        asked = self._asked.get((key, "execution"))
        return asked is not None and asked.at - ended_at >= _RETRY_MS

    def _due(self, state: OpenedSource, now: int) -> list[tuple[_Failing, Log]]:
        """What to ask one log of one stage for next: server errors first, the newest of each first."""
        due: list[tuple[_Failing, Log]] = []
        ended_by = now - (_TAIL_BRINGS_MS if state.tails_executions else 0)
        for failing in self._newest(state.store.requests.chunks, state.narrowed_to):
            log = self._log_for(failing, now)
            is_open = failing.unexplained and failing.ended_at <= ended_by
            if is_open and log and self._blocked.get((failing.scope, log), 0) <= now:
                due.append((failing, log))
        due.sort(key=lambda each: (each[0].status < _SERVER_ERROR, -each[0].started_at))
        together = [each for each in due if _place(each) == _place(due[0])][:AT_ONCE]
        is_worth_it = len(together) >= _WORTH_A_CALL or any(now - each.ended_at >= _GATHER_MS for each, _ in together)
        return together if is_worth_it else []

    def _newest(self, chunks: Sequence[Chunk], span: TimeRange | None) -> Iterator[_Failing]:
        """The newest failing requests, at most so many as are looked at."""
        known, self._known = self._known, {}
        left = MOST_LOOKED_AT
        for chunk in reversed(chunks):
            found = known[chunk.serial] if chunk.serial in known else _failing(chunk)
            self._known[chunk.serial] = found
            if span is not None:
                found = found.filter(pl.col("started_at").is_between(span.start, span.end or chunk.last))
            rows = found.tail(left).rows()
            yield from (_Failing(*row) for row in reversed(rows))
            left -= len(rows)
            if not left:
                return

    def _log_for(self, failing: _Failing, now: int) -> Log | None:
        """Which log to ask; None when it was asked already, or had better be asked later."""
        first = self._asked.get((failing.key, "execution"))
        if first is None and failing.execution_events == 0:
            return "execution"
        if first is not None and _may_retry(first, now):
            return "execution"
        if failing.execution_events == 0 or failing.integration_request_id is None:
            return None
        second = self._asked.get((failing.key, "function"))
        return "function" if second is None or _may_retry(second, now) else None

    def _start(self, due: Sequence[tuple[_Failing, Log]], state: OpenedSource, now: int) -> None:
        this = self._round = _Round(_place(due[0]), due, now)
        for failing, log in due:
            before = self._asked.get((failing.key, log))
            tries = 1 if before is None else before.tries + 1
            self._asked[failing.key, log] = _Asked(now, now - failing.ended_at < _YOUNG_MS, tries)
        requests = _references(state.store, due)
        args = (this, requests, state.generation)
        threading.Thread(target=self._read, args=args, name="causes", daemon=True).start()

    def _read(self, this: _Round, requests: Sequence[RequestRef], generation: int) -> None:
        def updates(source: Source, stop: StopFlag) -> Iterator[Update]:
            for update in source.failing_events(requests, stop):
                if isinstance(update, Trouble):
                    this.error = update.error
                else:
                    yield update

        try:
            self._fetch(generation, updates)
        except AppError as error:
            this.error = error
        finally:
            this.is_over = True
            self._wake()

    def _end(self, this: _Round, now: int) -> None:
        """What failed is asked for again, after a while; what was refused is told once."""
        self._round = None
        self._resume_at = this.at + _GATHER_MS if len(this.chosen) < _WORTH_A_CALL else 0
        if this.error is None:
            if self._blocked.pop(this.place, None):
                self.note = ""
            return
        kind = kind_of(this.error)
        of_function = LAMBDA_GROUP in this.error.message
        if of_function and kind is FailureKind.NOT_FOUND:
            return  # It has never logged.
        for failing, log in this.chosen:
            self._asked.pop((failing.key, log), None)
        if kind in PASSING:
            self._resume_at = now + _BACK_OFF_MS
        else:
            self._blocked[this.place] = now + _REFUSED_MS
            which = "a function's log" if of_function else "the execution log"
            what = "does not exist" if kind is FailureKind.NOT_FOUND else "cannot be read"
            self.note = f"Some causes are not told: {which} {what}."


def _failing(requests: Chunk) -> pl.DataFrame:
    """Those of a chunk that execution lines have explained or may explain."""
    suspects = requests.filter((pl.col("status") >= _CLIENT_ERROR) & pl.col("request_id").is_not_null())
    failing = suspects.select(*_COLUMNS, is_unexplained().alias("unexplained"))
    return failing.filter(pl.col("unexplained") | (pl.col("execution_events") > 0))


def _place(asked: tuple[_Failing, Log]) -> tuple[str, Log]:
    failing, log = asked
    return failing.scope, log


def _references(store: EventStore, due: Sequence[tuple[_Failing, Log]]) -> list[RequestRef]:
    keys = pl.Series([failing.key for failing, _ in due], dtype=pl.UInt64)
    rows = store.requests.where(pl.col("key").is_in(keys.implode())).to_dicts()
    return references(store, rows) if due[0][1] == "function" else [request_ref(row) for row in rows]


def _may_retry(asked: _Asked, now: int) -> bool:
    return asked.young and asked.tries == 1 and now - asked.at >= _RETRY_MS
