"""However pages of a tail interleave, repeat and come late, the store ends the same; and what goes first when full."""

from __future__ import annotations

import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.schema import EVENTS
from apigw_tui.core.store import EventStore
from tests.core.test_store import Event, access, batch, timeout

LINES_OF_REQUEST = 3


def traffic(requests: int) -> list[Event]:
    """Requests that overlap in time; every third one has no access entry yet, every fifth no lines."""
    events = []
    for number in range(requests):
        at = number * 700
        if number % 5:
            events += timeout(number, at)
        if number % 3:
            events.append(access(number, at, status=504))
    return [Event(event.at, event.message, event.group, index) for index, event in enumerate(events)]


def contents(store: EventStore) -> tuple[pl.DataFrame, pl.DataFrame]:
    snapshot = store.snapshot()
    events = pl.concat([chunk.frame for chunk in snapshot.events]).select(EVENTS.names())
    requests = pl.concat([chunk.frame for chunk in snapshot.requests]).sort("started_at", "key")
    return events.sort("timestamp", "event_id"), requests


@settings(max_examples=max(30, settings.default.max_examples // 20))  # type: ignore[union-attr]
@given(st.integers(1, 20), st.integers(2, 12), st.randoms(use_true_random=False))
def test_property_any_interleaving_of_pages_duplicates_and_late_events_gives_the_same_store(
    requests: int, page: int, chance: random.Random
) -> None:
    events = traffic(requests)
    if not events:
        return
    at_once = EventStore()
    at_once.append(batch(events))
    late = [event for event in events if chance.random() < 0.2]
    arriving = [event for event in events if event not in late] + late
    again = [event for event in events if chance.random() < 0.3]
    pages = [arriving[start : start + page] for start in range(0, len(arriving), page)]
    pages += [again[start : start + page] for start in range(0, len(again), page)]
    chance.shuffle(pages)
    in_pages = EventStore()
    for one in pages:
        in_pages.append(batch([*one, *one[:1]]))
    for expected, found in zip(contents(at_once), contents(in_pages), strict=True):
        assert found.equals(expected)
    repeated = sum(len(one) + 1 for one in pages) - len(events)
    assert in_pages.duplicates == repeated


def test_execution_lines_go_before_access_entries_when_the_store_is_full() -> None:
    store = EventStore(max_events=100)
    for number in range(40):
        store.append(batch([*timeout(number, number * 1_000), access(number, number * 1_000, status=504)]))
    kinds = pl.concat([chunk.frame for chunk in store.events.chunks])["kind"].to_list()
    assert kinds.count("access") == 40
    assert len(kinds) <= 100
    assert store.evicted == 40 * (LINES_OF_REQUEST + 1) - len(kinds)
    snapshot = store.snapshot()
    assert snapshot.request_count == 40
    causes = pl.concat([chunk.frame for chunk in snapshot.requests])["cause"].to_list()
    assert set(causes) == {"integration_timeout"}


def test_the_newest_execution_lines_are_the_ones_that_stay() -> None:
    store = EventStore(max_events=100)
    for number in range(40):
        store.append(batch([*timeout(number, number * 1_000), access(number, number * 1_000, status=504)]))
    kept = pl.concat([chunk.frame for chunk in store.events.chunks]).filter(pl.col("kind") == "execution")
    oldest_entry = store.events.first
    assert oldest_entry is not None
    assert kept["timestamp"].to_list()[0] > oldest_entry + 15_000


def test_without_access_entries_the_oldest_requests_go() -> None:
    store = EventStore(max_events=30)
    for number in range(20):
        store.append(batch(timeout(number, number * 1_000)))
    assert len(store.events) <= 30
    assert store.snapshot().request_count < 20
    assert store.evicted == 20 * LINES_OF_REQUEST - len(store.events)


def test_chunks_that_shrink_are_put_together() -> None:
    store = EventStore(max_events=1_000, chunk_rows=50)
    for ten in range(0, 400, 10):
        requests = [
            [*timeout(number, number * 1_000), access(number, number * 1_000)] for number in range(ten, ten + 10)
        ]
        store.append(batch([event for events in requests for event in events]))
    assert len(store.events) <= 1_000
    assert len(store.events.chunks) < 40
