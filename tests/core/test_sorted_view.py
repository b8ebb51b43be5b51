"""A sorted view has the rows of its view in the order of a column, whatever arrived in which batch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core import sorted_view
from apigw_tui.core.query import parse
from apigw_tui.core.sorted_view import SortedView, Sorter
from apigw_tui.core.sorting import Sort
from apigw_tui.core.store import EventStore
from apigw_tui.core.timeline import Timeline
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Viewer
from tests.core.test_store import ACCESS, Event, batch, request_id, timeout

EVER = TimeRange(0, None)


@pytest.fixture(autouse=True, scope="module")
def many_fences() -> Iterator[None]:
    """Few rows between fences, few fences per round: what else only millions of rows would try."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sorted_view, "_FENCE_ROWS", 2)
        patched.setattr(sorted_view, "_PROBES", 3)
        patched.setattr(sorted_view, "_FIRST_LOOK", 2)
        yield


def stored(latencies: Sequence[int | None], *, size: int = 5, chunk_rows: int = 4) -> EventStore:
    """Requests a second apart that took so long, in batches and chunks of few rows; None was not logged."""
    store = EventStore()
    store.requests = Timeline(store.requests.schema, ("started_at", "key"), chunk_rows=chunk_rows)
    store.events = Timeline(store.events.schema, ("timestamp", "event_id"), chunk_rows=chunk_rows)
    events = [entry(number, latency) for number, latency in enumerate(latencies)]
    for start in range(0, len(events), size):
        store.append(batch(events[start : start + size]))
    return store


def entry(number: int, latency: int | None) -> Event:
    text = (
        f'{{"requestId":"{request_id(number)}","httpMethod":"GET","resourcePath":"/orders/{number % 2}",'
        f'"status":"{200 + number % 3}","responseLatency":"{"-" if latency is None else latency}"}}'
    )
    return Event(number * 1_000, text, ACCESS, number)


def sorted_by(store: EventStore, text: str, query: str = "", sorter: Sorter | None = None) -> SortedView:
    snapshot = store.snapshot()
    view = Viewer(store.formats).view(snapshot, parse(query), mode="requests", time_range=EVER)
    sort = Sort.parse(text)
    assert sort is not None
    return (sorter or Sorter(store.formats)).sorted(view, sort, snapshot)


def latencies(view: SortedView) -> list[int | None]:
    return [row["latency_ms"] for row in view.slice(0, len(view))]


def ids(view: SortedView, start: int = 0, count: int | None = None) -> list[str]:
    return [row["request_id"] for row in view.slice(start, len(view) if count is None else count)]


def test_the_slowest_come_first_and_what_was_not_logged_comes_last() -> None:
    view = sorted_by(stored([30, None, 2_000, 7, None, 29_000]), "-latency")
    assert latencies(view) == [29_000, 2_000, 30, 7, None, None]


def test_unknown_values_come_last_from_the_other_end_too() -> None:
    assert latencies(sorted_by(stored([30, None, 2_000, 7, None]), "latency")) == [7, 30, 2_000, None, None]


def test_requests_of_one_value_are_in_the_order_of_time_or_against_it() -> None:
    store = stored([5] * 9 + [1, 9])
    assert ids(sorted_by(store, "latency"))[1:10] == [request_id(number) for number in range(9)]
    assert ids(sorted_by(store, "-latency"))[1:10] == [request_id(number) for number in range(8, -1, -1)]


def test_texts_are_in_the_order_of_letters() -> None:
    view = sorted_by(stored([1] * 6), "route")
    assert [row["route"] for row in view.slice(0, 6)] == ["/orders/0"] * 3 + ["/orders/1"] * 3


def test_fields_of_the_access_entry_are_sorted_as_numbers_where_they_are_numbers() -> None:
    view = sorted_by(stored([9, 100, None, 20, 3]), "access.responseLatency")
    assert latencies(view) == [3, 9, 20, 100, None]


def test_a_query_leaves_the_order_to_the_rows_that_match() -> None:
    view = sorted_by(stored([5, 4, 3, 2, 1, 9]), "latency", "latency>2")
    assert latencies(view) == [3, 4, 5, 9]


def test_a_request_that_became_slow_later_moves_to_its_place() -> None:
    store, sorter = stored([30, 20, 10]), Sorter({})
    before = sorted_by(store, "-latency", sorter=sorter)
    key = before.slice(2, 1)[0]["key"]
    store.append(batch(timeout(1, 1_000)))
    after = sorted_by(store, "-latency", sorter=sorter)
    assert before.position(key) == after.position(key) == 2
    store.append(batch([entry(3, 5_000)]))
    grown = sorted_by(store, "-latency", sorter=sorter)
    assert (latencies(grown)[0], grown.position(key)) == (5_000, 3)


def test_the_next_row_of_a_kind_is_the_next_in_this_order() -> None:
    view = sorted_by(stored([7, 1, None, 5, 3, 9]), "-latency")
    slow = pl.col("latency_ms") > 4
    assert [view.find(slow, start=start, step=1) for start in (-1, 0, 1, 2)] == [0, 1, 2, None]
    assert [view.find(slow, start=start, step=-1) for start in (0, 1, 6)] == [None, 0, 2]
    assert view.find(pl.col("latency_ms").is_null(), start=-1, step=1) == 5


def test_an_order_and_its_name_are_one_to_one() -> None:
    assert Sort.parse("") is None
    for text in ("latency", "-latency", "-access.waf"):
        assert str(Sort.parse(text)) == text


@pytest.mark.parametrize(("name", "first"), [("latency", "-latency"), ("time", "-time"), ("route", "route")])
def test_the_end_that_is_meant_comes_first(name: str, first: str) -> None:
    assert str(Sort.first(name)) == first


def from_scratch(view: SortedView) -> list[str]:
    """All rows sorted at once, as the words of the class say."""
    frame = view.frame().with_columns(value=_COLUMNS[view.sort.name])
    known = frame.filter(pl.col("value").is_not_null()).sort("value", maintain_order=True)["request_id"].to_list()
    unknown = frame.filter(pl.col("value").is_null())["request_id"].to_list()
    return [*known[::-1], *unknown[::-1]] if view.sort.descending else [*known, *unknown]


_COLUMNS = {
    "latency": "latency_ms",
    "status": "status",
    "id": "request_id",
    "route": "route",
    "integration": "integration_latency_ms",
    "time": "started_at",
    "cause": "cause",
    "access.responseLatency": "latency_ms",
}


@settings(max_examples=60, deadline=None)
@given(
    took=st.lists(st.none() | st.integers(0, 6), max_size=40),
    shuffled=st.randoms(use_true_random=False),
    sort=st.builds(Sort, st.sampled_from([*_COLUMNS]), descending=st.booleans()),
    size=st.integers(1, 9),
)
def test_property_what_grew_batch_by_batch_is_sorted_as_from_scratch(
    took: list[int | None], shuffled: random.Random, sort: Sort, size: int
) -> None:
    events = [entry(number, latency) for number, latency in enumerate(took)]
    shuffled.shuffle(events)
    store, sorter, view = stored([]), None, None
    for start in range(0, len(events), size):
        store.append(batch(events[start : start + size]))
        sorter = sorter or Sorter(store.formats)
        view = sorted_by(store, str(sort), sorter=sorter)
    if view is None:
        return
    expected = from_scratch(view)
    assert ids(view) == expected
    at = shuffled.randrange(len(expected))
    assert ids(view, at, 3) == expected[at : at + 3]
    key = view.slice(at, 1)[0]["key"]
    assert view.position(key) == at
    wanted = pl.col("status") == 201
    hits = [place for place, row in enumerate(view.slice(0, len(view))) if row["status"] == 201]
    assert view.find(wanted, start=at, step=1) == next((place for place in hits if place > at), None)
    assert view.find(wanted, start=at, step=-1) == next((place for place in hits[::-1] if place < at), None)
