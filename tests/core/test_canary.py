"""A canary's lines are in two groups and yet one story."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from apigw_tui.core.store import EventStore
from tests.core.test_store import ACCESS, EXECUTION, SCOPE, Event, access, batch, timeout


def canary(events: list[Event]) -> pl.DataFrame:
    """The copies: other group, other event IDs; opened by its group, its scope ends with /Canary too."""
    copies = [replace(event, group=f"{event.group}/Canary", number=event.number + 1_000) for event in events]
    return batch(copies).with_columns(scope=pl.lit(f"{SCOPE}/Canary"))


REQUEST = [*timeout(1, 0), access(1, 0, status=504)]


@pytest.mark.parametrize("canary_first", [False, True])
def test_the_copies_of_a_canary_request_are_one_request_with_each_line_once(*, canary_first: bool) -> None:
    store = EventStore()
    batches = [batch(REQUEST), canary(REQUEST)]
    for frame in reversed(batches) if canary_first else batches:
        store.append(frame)
    (chunk,) = store.snapshot().requests
    assert chunk.frame.select("access_events", "execution_events", "scope").rows() == [(1, 3, SCOPE)]
    assert len(store.events) == 4
    assert store.duplicates == 4


def test_copies_in_one_batch_are_merged_too() -> None:
    store = EventStore()
    appended = store.append(pl.concat([canary(REQUEST), batch(REQUEST)]))
    assert (appended.added, appended.duplicates) == (4, 4)
    assert set(pl.concat([chunk.frame for chunk in store.events.chunks])["log_group"]) == {ACCESS, EXECUTION}


def test_a_line_that_only_the_canary_group_has_is_kept() -> None:
    store = EventStore()
    store.append(canary(REQUEST[:2]))
    store.append(batch(REQUEST[2:]))
    assert len(store.events) == 4
    assert store.snapshot().request_count == 1


def test_the_same_line_of_another_group_is_no_copy() -> None:
    store = EventStore()
    store.append(canary(REQUEST))
    store.append(batch([replace(event, group="another-group") for event in REQUEST]))
    assert len(store.events) == 8
