"""A ruler counts what is loud in each segment of a view, whatever arrived in which batch and in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core import ruler as rulers
from apigw_tui.core import sorted_view
from apigw_tui.core.query import parse
from apigw_tui.core.ruler import Ruler, Rulers
from apigw_tui.core.sorted_view import Sorter
from apigw_tui.core.sorting import Sort
from apigw_tui.core.store import EventStore
from apigw_tui.core.timeline import Timeline
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import View, Viewer
from tests.core.test_store import ACCESS, Event, batch, request_id, timeout

EVER = TimeRange(0, None)
STATUSES = st.lists(st.sampled_from([200, 200, 200, 304, 404, 429, 502, 504, None]), max_size=60)
Row = dict[str, Any]


def entry(number: int, status: int | None) -> Event:
    text = (
        f'{{"requestId":"{request_id(number)}","httpMethod":"GET","resourcePath":"/orders/{number % 3}",'
        f'"status":"{"-" if status is None else status}","responseLatency":"{number * 7 % 11}"}}'
    )
    return Event(number * 1_000, text, ACCESS, number)


def stored(chunk_rows: int = 4) -> EventStore:
    store = EventStore()
    store.requests = Timeline(store.requests.schema, ("started_at", "key"), chunk_rows=chunk_rows)
    store.events = Timeline(store.events.schema, ("timestamp", "event_id"), chunk_rows=chunk_rows)
    return store


def failed(row: Row) -> bool:
    return row["status"] is not None and row["status"] >= 500


def refused(row: Row) -> bool:
    return row["status"] is not None and 400 <= row["status"] < 500


def counted(view: View, ruler: Ruler, is_loud: Callable[[Row], bool]) -> tuple[int, ...]:
    """How many rows of each segment are loud, by looking at every row."""
    rows = view.slice(0, len(view))
    return tuple(sum(map(is_loud, rows[start:end])) for start, end in pairwise((0, *ruler.ends)))


def assert_tells(ruler: Ruler, view: View, marks: frozenset[int] = frozenset()) -> None:
    assert ruler.rows == len(view)
    assert list(ruler.ends) == sorted(set(ruler.ends))
    assert ruler.failing == counted(view, ruler, failed)
    assert ruler.refused == counted(view, ruler, refused)
    assert ruler.marked == counted(view, ruler, lambda row: row["key"] in marks)


@pytest.fixture(autouse=True)
def few_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven segments: what else only long views would try."""
    monkeypatch.setattr(rulers, "SEGMENTS", 7)


@given(statuses=STATUSES, order=st.randoms(), size=st.integers(1, 20), data=st.data())
@settings(max_examples=60, deadline=None)
def test_property_a_segment_counts_what_lies_in_it_after_any_appends(
    statuses: Sequence[int | None], order: Any, size: int, data: st.DataObject
) -> None:
    store, viewer, made = stored(), Viewer(stored().formats), Rulers()
    events = [entry(number, status) for number, status in enumerate(statuses)]
    order.shuffle(events)
    query = parse(data.draw(st.sampled_from(["", "status>=400", "route:/orders/1"])))
    marks: frozenset[int] = frozenset()
    for start in range(0, len(events), size):
        store.append(batch(events[start : start + size]))
        snapshot = store.snapshot()
        view = viewer.requests(snapshot, query, EVER)
        keys = [row["key"] for row in view.slice(0, len(view))]
        marks |= frozenset(data.draw(st.lists(st.sampled_from(keys), max_size=2)) if keys else ())
        assert_tells(made.ruler(view, snapshot, marks), view, marks)


@pytest.mark.parametrize("merged", [0, 100_000])
@given(
    statuses=STATUSES,
    size=st.integers(1, 20),
    sort=st.sampled_from(["status", "-status", "latency", "-latency", "method", "-method", "-extended"]),
)
@settings(max_examples=40, deadline=None)
def test_property_a_sorted_view_is_told_in_its_own_order(
    merged: int, statuses: Sequence[int | None], size: int, sort: str
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for module, name, value in ((sorted_view, "_FENCE_ROWS", 2), (sorted_view, "_PROBES", 3)):
            patched.setattr(module, name, value)
        patched.setattr(rulers, "_MERGED", merged)
        patched.setattr(rulers, "_PROBES", 3)
        store, made, sorter = stored(), Rulers(), Sorter(stored().formats)
        order = Sort.parse(sort)
        assert order is not None
        events = [entry(number, status) for number, status in enumerate(statuses)]
        for start in range(0, len(events), size):
            store.append(batch(events[start : start + size]))
            snapshot = store.snapshot()
            view = sorter.sorted(Viewer(store.formats).requests(snapshot, parse(""), EVER), order, snapshot)
            marks = frozenset(row["key"] for row in view.slice(0, len(view))[::9])
            assert_tells(made.ruler(view, snapshot, marks), view, marks)


def test_events_are_loud_that_say_so_and_entries_of_requests_that_failed() -> None:
    store, made = stored(), Rulers()
    events = [entry(0, 200), entry(1, 504), entry(2, 429), *timeout(3, 9_000)]
    for event in events:
        store.append(batch([event]))
        snapshot = store.snapshot()
        view = Viewer(store.formats).view(snapshot, parse(""), mode="events", time_range=EVER)
        statuses = dict(Viewer(store.formats).requests(snapshot, parse(""), EVER).frame(("key", "status")).iter_rows())
        ruler = made.ruler(view, snapshot)

        def is_failing(row: Row, statuses: dict[int, int] = statuses) -> bool:
            told = row["line_kind"] in rulers.FAILED_LINES
            return told or (row["kind"] == "access" and (statuses[row["key"]] or 0) >= 500)

        def is_refused(row: Row, statuses: dict[int, int] = statuses) -> bool:
            return row["kind"] == "access" and 400 <= (statuses[row["key"]] or 0) < 500

        assert ruler.failing == counted(view, ruler, is_failing)
        assert ruler.refused == counted(view, ruler, is_refused)
    assert sum(ruler.failing) == 2
    assert sum(ruler.refused) == 1


def test_a_marked_event_is_found_by_its_arrival() -> None:
    store = stored()
    store.append(batch([entry(number, 200) for number in range(20)]))
    snapshot = store.snapshot()
    view = Viewer(store.formats).view(snapshot, parse(""), mode="events", time_range=EVER)
    row = view.slice(11, 1)[0]
    ruler = Rulers().ruler(view, snapshot, frozenset({row["arrival"]}))
    assert [number for number, marked in enumerate(ruler.marked) if marked] == [ruler.segment_of(11)]


def test_parts_that_did_not_change_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store, made, viewer = stored(), Rulers(), Viewer(stored().formats)
    read: list[pl.Series] = []
    where = rulers._where

    def noting(mask: pl.Series) -> Any:
        read.append(mask)
        return where(mask)

    monkeypatch.setattr(rulers, "_where", noting)
    store.append(batch([entry(number, 200) for number in range(40)]))
    snapshot = store.snapshot()
    made.ruler(viewer.requests(snapshot, parse(""), EVER), snapshot)
    before = len(read)
    store.append(batch([entry(40, 504)]))
    snapshot = store.snapshot()
    ruler = made.ruler(viewer.requests(snapshot, parse(""), EVER), snapshot)
    assert len(read) - before <= 4
    assert before >= 16
    assert ruler.failing[-1] == 1
    made.ruler(viewer.requests(snapshot, parse(""), EVER), snapshot)
    assert len(read) - before <= 4


def test_nothing_has_no_segments_and_few_rows_one_each() -> None:
    store, made = stored(), Rulers()
    snapshot = store.snapshot()
    assert made.ruler(Viewer(store.formats).requests(snapshot, parse(""), EVER), snapshot) == Ruler()
    store.append(batch([entry(0, 200), entry(1, 504), entry(2, 200)]))
    snapshot = store.snapshot()
    ruler = made.ruler(Viewer(store.formats).requests(snapshot, parse(""), EVER), snapshot)
    assert ruler == Ruler((1, 2, 3), (0, 1, 0), (0, 0, 0), (0, 0, 0))
    assert [ruler.segment_of(row) for row in range(3)] == [0, 1, 2]
