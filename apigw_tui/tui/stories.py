"""The story that is open: stitched from the store, and its missing lines fetched once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any

from apigw_tui.core.schema import EVENTS
from apigw_tui.core.story import build_story
from apigw_tui.errors import AppError
from apigw_tui.headless.reading import request_ref
from apigw_tui.sources.base import RequestRef, Source, Trouble

if TYPE_CHECKING:
    from apigw_tui.core.store import EventStore
    from apigw_tui.core.story import Story
    from apigw_tui.sources.base import Update

Fetch = Callable[[int, Callable[[Source, StopFlag], Iterator["Update"]]], None]


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


class Stories:
    """Lives in the engine's thread; fetches in threads of its own."""

    def __init__(self, *, publish: Callable[[StoryState], None], fetch: Fetch, wake: Callable[[], None]) -> None:
        self._publish = publish
        self._fetch = fetch
        self._wake = wake
        self._key: int | None = None
        self._shown: tuple[int, int, bool] | None = None
        self._fetching: set[int] = set()
        self._fetched: dict[int, int] = {}
        self._errors: dict[int, AppError] = {}

    def reset(self) -> None:
        """Another source was opened."""
        self._key = self._shown = None
        self._fetching, self._fetched, self._errors = set(), {}, {}

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
        self._fetch_missing(self._key, row, generation)
        events = store.events_of(self._key)
        shown = (self._key, events.height, self._key in self._fetching)
        if shown == self._shown:
            return
        self._shown = shown
        story = build_story(events.select(EVENTS.names()), store.formats)
        self._publish(
            StoryState(
                generation=generation,
                key=self._key,
                story=story,
                fetching=self._key in self._fetching,
                same_cause=store.same_cause(row["cause"]) if row["cause"] else None,
                error=self._errors.get(self._key),
            )
        )

    def _fetch_missing(self, key: int, row: dict[str, Any], generation: int) -> None:
        """Once per request, and again when its access entry came after it was opened in flight."""
        if key in self._fetching or self._fetched.get(key) == row["access_events"]:
            return
        self._fetching.add(key)
        self._fetched[key] = row["access_events"]
        args = (key, request_ref(row), generation)
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
