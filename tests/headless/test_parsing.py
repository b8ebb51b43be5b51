"""Batches are parsed ahead; the store sees them as if they were not."""

import threading
from collections.abc import Iterator

import polars as pl
import pytest

from apigw_tui.core.store import EventStore
from apigw_tui.errors import AppError
from apigw_tui.headless.parsing import parsed_ahead
from apigw_tui.sources.base import Batch, Progress, Update
from tests.core.test_store import access, batch, timeout

BATCHES = [Batch(batch([access(number, number), *timeout(number, number)])) for number in range(7)]


def test_updates_come_in_their_order_with_what_was_parsed() -> None:
    updates: list[Update] = [*BATCHES[:3], Progress(12, 1, read_from=0, done=True), *BATCHES[3:]]
    store = EventStore()
    found = list(parsed_ahead(updates, store.parse))
    assert [update for update, _ in found] == updates
    for update, parsed in found:
        if isinstance(update, Batch):
            assert parsed is not None
            assert parsed.equals(store.parse(update.events))
        else:
            assert parsed is None


def test_the_store_is_the_same_as_if_it_had_parsed_them_itself() -> None:
    ahead, itself = EventStore(), EventStore()
    for update, parsed in parsed_ahead([*BATCHES, BATCHES[2]], ahead.parse):
        assert isinstance(update, Batch)
        ahead.append(update.events, parsed=parsed)
    for one in [*BATCHES, BATCHES[2]]:
        itself.append(one.events)
    assert ahead.duplicates == itself.duplicates == len(BATCHES[2].events)
    for name in ("events", "requests"):
        pairs = zip(getattr(ahead, name).chunks, getattr(itself, name).chunks, strict=True)
        assert all(one.frame.equals(other.frame) for one, other in pairs)


def test_what_was_read_before_a_failure_comes_before_it() -> None:
    def source() -> Iterator[Update]:
        yield from BATCHES[:2]
        raise AppError("The disk is gone.")

    updates = parsed_ahead(source(), EventStore().parse)
    assert [next(updates)[0], next(updates)[0]] == BATCHES[:2]
    with pytest.raises(AppError, match="disk"):
        next(updates)


def test_no_thread_is_left_when_nobody_takes_the_rest() -> None:
    before = threading.active_count()
    updates = parsed_ahead(BATCHES, EventStore().parse)
    next(updates)
    del updates
    assert threading.active_count() == before


def test_a_batch_that_cannot_be_parsed_fails_in_its_turn() -> None:
    broken = Batch(pl.DataFrame({"nothing": [1]}))
    updates = parsed_ahead([BATCHES[0], broken], EventStore().parse)
    assert next(updates)[0] is BATCHES[0]
    with pytest.raises(pl.exceptions.PolarsError):
        next(updates)
