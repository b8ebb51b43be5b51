"""What every source yields, and the protocol that the explorer and the commands follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import polars as pl

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.stage import Stage
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.core.trace import Trace
    from apigw_tui.errors import AppError


@dataclass(frozen=True, eq=False)
class Batch:
    """Events as they came, schema RAW_EVENTS, in the order of arrival; none when it only says `functions`.

    `links` say which API Gateway request lines of functions belong to, where no log says so: Lambda request
    IDs, and event IDs of lines without one, to API Gateway request IDs. `functions` are those that the API's
    settings put behind the routes of requests, by API Gateway request ID.
    """

    events: pl.DataFrame
    links: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far a backfill has come: newest first, it has read `read_from` … the end of its range.

    `pages` are calls to CloudWatch, at `pages_per_second` lately; `cached_events` of the `events` came from this
    machine's cache. `eta_ms` is estimated from the quota and what is left; None while nothing tells.
    """

    events: int
    pages: int
    read_from: int
    done: bool = False
    cached_events: int = 0
    pages_per_second: float | None = None
    eta_ms: int | None = None


@dataclass(frozen=True)
class Gap:
    """A span that could not be read yet, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class LiveTailState:
    """Live Tail beside the polls: whether it streams now and the minutes it costs (ms); else why it does not.

    `reason` is a clause. While it streams, it says which log groups are only polled.
    """

    streaming: bool
    session_ms: int
    reason: str = ""


@dataclass(frozen=True)
class Completeness:
    """What a tail can prove: everything stamped up to `complete_to` has been read.

    `late` events came after their time had been read, `duplicates` were dropped; `sampled_seconds` are those of
    Live Tail that polls have not reconciled yet. `on_demand` are execution groups whose rate does not fit the
    budget: their lines are read for single requests only.
    """

    complete_to: int
    lag_ms: int | None
    late: int
    duplicates: int
    gaps: tuple[Gap, ...] = ()
    sampled_seconds: int = 0
    on_demand: tuple[str, ...] = ()
    live_tail: LiveTailState | None = None


@dataclass(frozen=True)
class Trouble:
    """A call failed; the source tries again at `retry_at` by itself (None: it has given up)."""

    error: AppError
    retry_at: int | None


Update = Batch | Progress | Completeness | Trouble


@dataclass(frozen=True)
class RequestRef:
    """The request whose lines are wanted: its IDs, where it ran and when.

    `request_id` is the extended one where only that was logged. `failed_phase` is where the request ended, as
    `core.phases.FAILING_PHASE` calls it; None when it did not fail or nothing says where. `lines` are its
    execution lines, RAW_EVENTS, when all of them have been read already.
    """

    scope: str
    request_id: str
    started_at: int
    ended_at: int
    extended_request_id: str | None = None
    trace_id: str | None = None
    method: str | None = None
    route: str | None = None
    failed_phase: str | None = None
    integration_request_id: str | None = None
    integration_function: str | None = None
    authorizer_request_id: str | None = None
    lines: pl.DataFrame | None = field(default=None, compare=False)


@runtime_checkable
class Staged(Protocol):
    """A source that knows the stages it reads, and so how they log."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages; groups and files that were named by themselves have none."""


@runtime_checkable
class LiveTailed(Protocol):
    """A source that can stream what it follows, which costs money, beside polling it."""

    def turn_live_tail(self, *, on: bool, reason: str = "") -> bool:
        """Start or end that, from any thread; `reason` says why it ends. Whether it can be done."""


@runtime_checkable
class Traced(Protocol):
    """A source in whose account X-Ray can be asked for the trace of a request."""

    @property
    def trace_region(self) -> str | None:
        """The region of the console that shows its traces; None where none does."""

    def trace(self, request: RequestRef, stop: StopFlag) -> Trace | None:
        """What X-Ray has of the request's trace; None without trace ID or when stopped. Raises AppError."""


class Source(Protocol):
    """One or more targets read as one: CloudWatch groups of stages, bare groups, files, stdin.

    All methods block, are called from worker threads and end soon after `stop` is set. They raise AppError
    only when nothing can be read at all; passing trouble is yielded.
    """

    @property
    def title(self) -> str:
        """What the header shows."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Log groups (or files) that are read."""

    @property
    def formats(self) -> Mapping[str, AccessFormat]:
        """The known access formats by log group; groups without one are sniffed."""

    @property
    def live(self) -> bool:
        """Whether `follow` can yield anything new."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of what is read here, and what is not: one sentence each."""

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield what lies in the range, newest first where the source allows."""

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:
        """Yield what arrives from `since` on, until stopped."""

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:
        """Yield the execution and Lambda lines of one request that were not tailed."""

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:
        """Yield the lines that can tell why these requests failed, many of them with each call.

        A log group that cannot be read is yielded as trouble; the others go on.
        """

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield the events within the range that carry this request, extended, Lambda or trace ID."""


def stages_read_by(source: Source | None) -> tuple[Stage, ...]:
    """The stages that a source reads, as far as it knows them."""
    return source.stages if isinstance(source, Staged) else ()
