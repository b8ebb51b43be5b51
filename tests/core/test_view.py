"""A view is what a query leaves of one version of the store, derived from chunks that changed."""

from collections.abc import Callable
from typing import Any
from weakref import ref

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.part import Part
from apigw_tui.core.query import parse
from apigw_tui.core.stats import legend
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Mode, View, Viewer
from tests.core.drawer import Drawer
from tests.core.test_store import START, access, batch, request_id, timeout

EVER = TimeRange(0, None)
MODES: tuple[Mode, ...] = ("requests", "events")
QUERIES = ("", "status:5xx", "-status:5xx", '"timeout error"', "kind:access", "latency>1s OR status:200")


def stored(count: int = 12) -> EventStore:
    """Requests a second apart: every third one timed out after 29 s, its lines among the others'."""
    store = EventStore()
    for number in range(count):
        failed = number % 3 == 0
        events = [access(number, number * 1_000, status=504 if failed else 200)]
        store.append(batch([*events, *(timeout(number, number * 1_000) if failed else [])]))
    return store


def view(store: EventStore, query: str = "", **options: Any) -> View:
    choices: dict[str, Any] = {"mode": "requests", "time_range": EVER, **options}
    return Viewer(store.formats).view(store.snapshot(), parse(query), **choices)


def ids(shown: View) -> list[str]:
    return [row["request_id"] for row in shown.slice(0, len(shown))]


def test_without_a_query_every_request_is_there_oldest_first() -> None:
    assert ids(view(stored())) == [request_id(number) for number in range(12)]


def test_a_query_leaves_what_matches_and_says_of_how_many() -> None:
    failing = view(stored(), "status:5xx")
    assert ids(failing) == [request_id(number) for number in (0, 3, 6, 9)]
    assert (len(failing), failing.total) == (4, 12)


def test_text_is_searched_in_all_events_of_a_request() -> None:
    assert ids(view(stored(), '"timeout error"')) == ids(view(stored(), "cause:integration_timeout"))


def test_the_events_of_matching_requests_are_shown_in_the_events_view() -> None:
    shown = view(stored(), "status:504 kind:execution", mode="events")
    assert len(shown) == 12
    assert {row["request_id"] for row in shown.slice(0, 12)} == {request_id(number) for number in (0, 3, 6, 9)}


def test_highlighting_keeps_every_row_and_marks_those_that_match() -> None:
    shown = view(stored(), "status:5xx", highlight=True)
    assert (len(shown), shown.matches) == (12, 4)
    assert [row["match"] for row in shown.slice(0, 4)] == [True, False, False, True]


def test_a_range_takes_both_ends() -> None:
    shown = view(stored(), time_range=TimeRange(START + 2_000, START + 4_000))
    assert ids(shown) == [request_id(number) for number in (2, 3, 4)]


def test_the_next_and_the_previous_row_of_a_kind_are_found() -> None:
    shown = view(stored())
    failed = pl.col("status") >= 500
    assert shown.find(failed, start=0, step=1) == 3
    assert shown.find(failed, start=3, step=-1) == 0
    assert shown.find(failed, start=9, step=1) is None
    assert shown.find(failed, start=0, step=-1) is None


def test_a_row_is_found_again_by_its_key() -> None:
    shown = view(stored())
    key = shown.slice(7, 1)[0]["key"]
    assert shown.position(key) == 7
    assert view(stored(), "status:5xx").position(key) is None


def test_a_time_has_its_place_among_the_rows() -> None:
    shown = view(stored())
    assert shown.position_at(START) == 0
    assert shown.position_at(START + 4_500) == 5
    assert shown.position_at(START + 99_000) == 12


@pytest.mark.parametrize(("start", "count"), [(0, 3), (5, 100), (11, 1), (12, 5)])
def test_a_slice_is_never_longer_than_what_is_there(start: int, count: int) -> None:
    assert len(view(stored()).slice(start, count)) == max(0, min(count, 12 - start))


def test_what_was_derived_from_a_chunk_that_did_not_change_is_kept() -> None:
    store = stored()
    viewer = Viewer(store.formats)
    query = parse("status:5xx")
    first = viewer.requests(store.snapshot(), query, EVER)
    again = viewer.requests(store.snapshot(), query, EVER)
    assert all(one is other for one, other in zip(first.parts, again.parts, strict=True))


@pytest.mark.parametrize("query", ["", "status:5xx", '"timeout error"'])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_derived_from_rows_that_are_no_more_is_kept(mode: Mode, query: str) -> None:
    store = stored()
    viewer = Viewer(store.formats)

    def look() -> ref[Part]:
        shown = viewer.view(store.snapshot(), parse(query), mode=mode, time_range=EVER)
        viewer.total(shown, len, lambda one, other: one + other)
        return ref(shown.parts[0])

    before = look()
    store.append(batch([access(20, 20_000, status=504), *timeout(20, 20_000)]))
    look()
    assert before() is None


def test_sums_over_a_view_are_sums_over_its_rows() -> None:
    store = stored()
    viewer = Viewer(store.formats)
    requests = viewer.requests(store.snapshot(), parse("status:5xx"), EVER)
    assert viewer.total(requests, lambda frame: legend(frame).total, lambda one, other: one + other) == 4


@settings(max_examples=25)
@given(
    batches=st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=6),
    query=st.sampled_from(QUERIES),
    highlight=st.booleans(),
    max_memory=st.sampled_from([None, 1, 4_000, 8_000]),
    patience=st.integers(0, 3),
)
def test_property_a_view_that_grew_is_the_view_from_scratch(
    *, batches: list[list[int]], query: str, highlight: bool, max_memory: int | None, patience: int
) -> None:
    store = EventStore()
    small = EventStore(max_memory=max_memory, shelf=Drawer(), chunk_rows=3) if max_memory else store
    viewer = Viewer(small.formats)
    for numbers in batches:
        for number in numbers:
            failed = number % 3 == 0
            lines = timeout(number, number * 1_000) if failed else []
            more = batch([access(number, number * 1_000, status=504 if failed else 200), *lines])
            for each in {store, small}:
                each.append(more)
        for mode in MODES:
            asked: Any = {"mode": mode, "time_range": EVER, "highlight": highlight}
            viewer.view(small.snapshot(), parse(query), **asked, enough=after(patience))
            grown = viewer.view(small.snapshot(), parse(query), **asked)
            fresh = view(store, query, mode=mode, highlight=highlight)
            assert small.evicted or same_rows(grown, fresh)
            assert small.evicted or (grown.total, grown.matches) == (fresh.total, fresh.matches)


def after(chunks: int) -> Callable[[], bool]:
    calls = iter([False] * chunks)
    return lambda: next(calls, True)


def same_rows(one: View, other: View) -> bool:
    return one.frame().equals(other.frame())


def test_a_search_that_has_enough_goes_on_where_it_ended_with_the_newest_rows_first() -> None:
    store = EventStore(chunk_rows=3)
    for number in range(40):
        store.append(batch([access(number, number * 1_000, status=504 if number % 3 == 0 else 200)]))
    viewer, found = Viewer(store.formats), []
    for _ in range(100):
        part = viewer.view(store.snapshot(), parse("status:5xx"), mode="requests", time_range=EVER, enough=after(1))
        assert ids(part) == ids(view(store, "status:5xx"))[len(view(store, "status:5xx")) - len(part) :]
        found.append(part.unsearched)
        if not part.unsearched:
            break
    assert len(found) > 5
    assert found == sorted(found, reverse=True)
    assert ids(part) == ids(view(store, "status:5xx"))


def test_a_query_that_every_row_matches_copies_none() -> None:
    store = stored()
    viewer = Viewer(store.formats)
    matching, everything = (viewer.requests(store.snapshot(), parse(query), EVER) for query in ("status>=200", ""))
    assert all(one is other for one, other in zip(matching.parts, everything.parts, strict=True))


def test_what_a_search_found_is_found_again_after_more_events_came() -> None:
    store, query = stored(6), parse('"timeout error"')
    viewer = Viewer(store.formats)
    assert len(viewer.requests(store.snapshot(), query, EVER)) == 2
    store.append(batch([access(20, 20_000, status=504), *timeout(20, 20_000)]))
    assert len(viewer.requests(store.snapshot(), query, EVER)) == 3
    assert len(viewer.requests(store.snapshot(), query, EVER)) == 3
