"""The story that is open: stitched from the store, its missing lines and its trace fetched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from apigw_tui.core.kin import kin_of
from apigw_tui.core.schema import EVENTS, RAW_EVENTS
from apigw_tui.core.story import build_story
from apigw_tui.errors import AppError
from apigw_tui.headless.reading import request_ref
from apigw_tui.sources.base import RequestRef, Source, Trouble
from apigw_tui.tui.story_traces import StoryTraces

if TYPE_CHECKING:
    from apigw_tui.core.store import EventStore
    from apigw_tui.core.story import Story
    from apigw_tui.core.trace import Trace
    from apigw_tui.sources.base import Update

_RETRY_MS: Final = 3_000
_SETTLED_AFTER_MS: Final = 60_000

Fetch = Callable[[int, Callable[[Source, StopFlag], Iterator["Update"]]], None]
WasRead = Callable[[int, int], bool]
"""Whether all execution lines of the request with this key, which ended then, have been read."""


@dataclass(frozen=True, eq=False)
class StoryState:
    """One request's story as far as it is known."""

    generation: int
    key: int
    story: Story
    fetching: bool
    same_cause: tuple[int, int] | None
    """How many requests have this cause, and since when."""
    error: AppError | None = None


@dataclass(frozen=True)
class _Fetched:
    access_events: int
    at: int
    tries: int


class Stories:
    """Lives in the engine's thread; fetches in threads of its own."""

    def __init__(
        self,
        *,
        publish: Callable[[StoryState], None],
        fetch: Fetch,
        wake: Callable[[], None],
        clock: Callable[[], int],
        was_read: WasRead,
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._fetch = fetch
        self._wake = wake
        self._was_read = was_read
        self._key: int | None = None
        self._traces = StoryTraces(fetch=fetch, wake=wake, clock=clock)
        self._shown: tuple[int, int, bool, Trace | None] | None = None
        self._fetching: set[int] = set()
        self._fetched: dict[int, _Fetched] = {}
        self._errors: dict[int, AppError] = {}

    def reset(self) -> None:
        """Another source was opened."""
        self._key = self._shown = None
        self._fetching, self._fetched, self._errors = set(), {}, {}
        self._traces.reset()

    def select(self, key: int | None, store: EventStore, generation: int) -> None:
        """Open a request's story, or none."""
        self._key, self._shown = key, None
        self.refresh(store, generation)

    def refresh(self, store: EventStore, generation: int) -> None:
        """Stitch the open story again if there is more of it."""
        if self._key is None:
            return
        row = store.request(self._key)
        if row is None:
            return
        events = store.events_of(self._key)
        function = store.function_of(self._key)
        lines = _execution_lines(events) if self._was_read(self._key, row["ended_at"]) else None
        reference = request_ref(row, lines=lines)
        self._fetch_missing(reference, row, generation, awaited=_is_awaited(row, events, function))
        trace = self._trace_of(reference, events, generation)
        shown = (self._key, events.height, self._key in self._fetching, trace)
        if shown == self._shown:
            return
        self._shown = shown
        kin = kin_of(store, row)
        story = build_story(events.select(EVENTS.names()), store.formats, function=function, kin=kin)
        self._publish(
            StoryState(
                generation=generation,
                key=self._key,
                story=replace(story, trace=trace),
                fetching=self._key in self._fetching,
                same_cause=store.same_cause(row["cause"]) if row["cause"] else None,
                error=self._errors.get(self._key),
            )
        )

    def _trace_of(self, reference: RequestRef, events: pl.DataFrame, generation: int) -> Trace | None:
        """What X-Ray has of the request, once its lines are here: they come first, and may name the trace."""
        if reference.trace_id is None or self._key in self._fetching:
            return None
        return self._traces.of(reference, events.get_column("message").to_list(), generation)

    def _fetch_missing(self, reference: RequestRef, row: dict[str, Any], generation: int, *, awaited: bool) -> None:
        """Once; again when the access entry came after it was opened in flight; and while lines may yet come."""
        key = row["key"]
        before = self._fetched.get(key)
        now = self._clock()
        if key in self._fetching or (before is not None and not _is_due(before, row, now, awaited=awaited)):
            return
        self._fetching.add(key)
        tries = 1 if before is None else before.tries + 1
        self._fetched[key] = _Fetched(row["access_events"], now, tries)
        args = (key, reference, generation)
        threading.Thread(target=self._fetch_lines, args=args, name="story", daemon=True).start()

    def _fetch_lines(self, key: int, reference: RequestRef, generation: int) -> None:
        def updates(source: Source, stop: StopFlag) -> Iterator[Update]:
            for update in source.request_events(reference, stop):
                if isinstance(update, Trouble):
                    self._errors[key] = update.error
                else:
                    yield update

        try:
            self._fetch(generation, updates)
        except AppError as error:
            self._errors[key] = error
        finally:
            self._fetching.discard(key)
            self._wake()


def _execution_lines(events: pl.DataFrame) -> pl.DataFrame | None:
    lines = events.filter(pl.col("kind") == "execution")
    return lines.select(RAW_EVENTS.names()) if lines.height else None


def _is_awaited(row: dict[str, Any], events: pl.DataFrame, function: str | None) -> bool:
    """Whether lines will yet come: the request's own, or those of a function that has not reported its end."""
    if row["state"] != "complete":
        return True
    if not (row["integration_request_id"] or function):
        return False
    authorizer = row["authorizer_request_id"]
    reports = events.filter(pl.col("line_kind") == "lambda_report").get_column("request_id")
    return not any(name != authorizer for name in reports)


def _is_due(before: _Fetched, row: dict[str, Any], now: int, *, awaited: bool) -> bool:
    """Lines are delivered seconds after the request: a young request without them is asked for again."""
    if row["access_events"] > before.access_events:
        return True
    is_young = bool(before.at - row["ended_at"] < _SETTLED_AFTER_MS)
    return is_young and awaited and now - before.at >= _RETRY_MS * 2 ** (before.tries - 1)
