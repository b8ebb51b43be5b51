"""What fails, where, since when and for whom."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.board import MOST_STEPS, Board, BoardRow, Trend, board, board_of, grain_of, narrowed
from apigw_tui.core.board_digest import READ, digest
from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.core.query_filter import compile_query
from apigw_tui.core.schema import REQUESTS

START = 1_760_000_400_000
MINUTE = 60_000
END = START + 15 * MINUTE


def request(status: int | None = 200, at: int = START, **values: Any) -> dict[str, Any]:
    return {"status": status, "started_at": at, "method": "GET", "route": "/basket/{id}", **values}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [{name: row.get(name) for name in REQUESTS.names()} for row in rows], schema=REQUESTS, orient="row"
    )


def made(*rows: dict[str, Any], start: int = START, end: int = END) -> Board:
    return board(frame(*rows), start=start, end=end)


def matches(requests: pl.DataFrame, query: Query) -> int:
    return compile_query(parse(str(query))).requests(requests, ()).height


def all_rows(found: Board) -> tuple[BoardRow, ...]:
    return (*found.routes, *found.causes, *found.clients.rows, *found.keys.rows, *found.agents.rows)


def test_a_route_has_its_errors_and_percentiles() -> None:
    found = made(
        request(200, latency_ms=100, overhead_ms=4, response_bytes=10),
        request(504, latency_ms=300, overhead_ms=6, response_bytes=30),
        request(429, latency_ms=200),
    )
    (row,) = found.routes
    assert (row.method, row.route, row.path) == ("GET", "/basket/{id}", None)
    assert (row.requests, row.errors_4xx, row.errors_5xx) == (3, 1, 1)
    assert (row.p50_ms, row.max_ms, row.response_bytes_avg) == (200, 300, 20)


def test_what_was_not_measured_is_unknown() -> None:
    (row,) = made(request()).routes
    assert (row.p50_ms, row.p99_ms, row.overhead_p95_ms, row.response_bytes_avg) == (None, None, None, None)


def test_routes_that_fail_most_come_first_then_the_busiest() -> None:
    found = made(request(route="/a"), request(route="/b"), request(route="/b"), request(500, route="/c"))
    assert [row.route for row in found.routes] == ["/c", "/b", "/a"]


def test_all_routes_are_summed_up_as_one() -> None:
    found = made(request(500, route="/a"), request(404, route="/b"), request(route="/b"))
    assert (found.everything.requests, found.everything.errors_4xx, found.everything.errors_5xx) == (3, 1, 1)
    assert found.everything.pairs == ()


def test_a_path_stands_for_a_route_that_was_not_logged() -> None:
    found = made(request(route=None, path="/prod/basket/7"), request(path="/prod/basket/8"))
    assert {(row.route, row.path) for row in found.routes} == {(None, "/prod/basket/7"), ("/basket/{id}", None)}


def test_of_very_many_paths_the_busiest_are_kept_and_all_are_counted() -> None:
    rows = [request(route=None, path=f"/{number}") for number in range(700)]
    found = made(*rows, request(route=None, path="/often"), request(route=None, path="/often"))
    assert (len(found.routes), found.route_count) == (500, 701)
    assert found.routes[0].path == "/often"
    assert sum(found.routes[0].trend.requests) == 2
    assert sum(found.everything.trend.requests) == 702


def test_a_cause_is_dated_by_its_first_request() -> None:
    found = made(
        request(504, START + 900, cause="integration_timeout"),
        request(504, START + 400, cause="integration_timeout"),
        request(429, START, cause="throttled"),
        request(),
    )
    assert [(row.code, row.requests, row.since) for row in found.causes] == [
        ("integration_timeout", 2, START + 400),
        ("throttled", 1, START),
    ]


def test_tops_keep_the_busiest_and_count_all() -> None:
    rows = [request(source_ip=f"198.51.{number // 200}.{number % 200}") for number in range(300)]
    found = made(*rows, request(503, source_ip="203.0.113.7"), request(429, source_ip="203.0.113.7"), request())
    assert (len(found.clients.rows), found.clients.total) == (100, 301)
    first = found.clients.rows[0]
    assert (first.value, first.requests, first.errors_4xx, first.errors_5xx) == ("203.0.113.7", 2, 1, 1)
    assert (found.keys.rows, found.keys.total) == ((), 0)


def test_a_trend_counts_per_minute_of_a_quarter_of_an_hour() -> None:
    found = made(request(at=START), request(500, at=START + MINUTE), request(404, at=END - 1), request(at=END))
    trend = found.routes[0].trend
    assert (found.step_ms, len(trend.requests), found.start) == (MINUTE, 15, START)
    assert trend.requests == (1, 1, *[0] * 12, 1)
    assert trend.errors_5xx == (0, 1, *[0] * 13)
    assert trend.errors_4xx == (*[0] * 14, 1)


def test_a_trend_of_any_span_ends_with_the_span_and_has_full_steps() -> None:
    found = made(request(), start=START, end=START + 7 * MINUTE + 1)
    assert (found.step_ms, len(found.routes[0].trend.requests)) == (30_000, 15)
    assert found.start == found.end - 15 * 30_000


def test_a_change_compares_the_later_half_with_the_earlier_one() -> None:
    trend = Trend((10, 10, 10, 10, 20), (0,) * 5, (0, 1, 0, 4, 8))
    assert trend.change_5xx == pytest.approx(12 / 40 - 1 / 20)
    assert made(request()).middle == START + 7 * MINUTE


def test_a_change_against_nothing_is_unknown() -> None:
    assert Trend((0, 4), (0, 0), (0, 4)).change_5xx is None
    assert Trend((4, 0), (0, 0), (4, 0)).change_5xx is None


def test_nothing_makes_an_empty_board() -> None:
    found = made()
    assert all_rows(found) == ()
    assert (found.everything.requests, found.everything.p95_ms, found.route_count) == (0, None, 0)
    assert sum(found.everything.trend.requests) == 0


def test_drilling_says_no_more_than_it_must() -> None:
    found = made(request(504, cause="integration_timeout", source_ip="203.0.113.7", api_key_id="k7", user_agent="a b"))
    assert [str(narrowed(Query(), row)) for row in all_rows(found)] == [
        "method:GET route:/basket/{id}",
        "cause:integration_timeout",
        "ip:203.0.113.7",
        "key:k7",
        'agent:"a b"',
    ]


def test_a_route_is_excluded_as_a_whole() -> None:
    row = made(request()).routes[0]
    assert str(narrowed(parse("status:5xx"), row, excluded=True)) == "status:5xx -(method:GET route:/basket/{id})"


def test_a_term_that_is_there_is_not_repeated() -> None:
    (row,) = made(request(429, cause="throttled")).causes
    assert str(narrowed(parse("cause:throttled status:429"), row)) == "cause:throttled status:429"


def test_all_routes_narrow_to_nothing_more() -> None:
    everything = made(request()).everything
    assert str(narrowed(parse("latency>1s"), everything)) == "latency>1s"
    assert str(narrowed(parse("latency>1s"), everything, excluded=True)) == "latency>1s"


def test_a_client_that_is_no_address_can_be_drilled_into() -> None:
    requests = frame(request(source_ip="test-invoke-source-ip"), request(source_ip="203.0.113.9"))
    for row in board(requests, start=START, end=END).clients.rows:
        assert matches(requests, narrowed(Query(), row)) == 1


_WORDS = st.one_of(
    st.none(), st.sampled_from(["/a", "/a*", "*", "", 'say "b"', "back\\slash", "ä,(x) OR", "GET", "get"])
)
_REQUESTS = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from([None, 101, 200, 304, 404, 429, 500, 504]),
            "started_at": st.integers(START - MINUTE, END + MINUTE),
            "method": _WORDS,
            "route": _WORDS,
            "path": _WORDS,
            "source_ip": st.one_of(
                _WORDS, st.sampled_from(["203.0.113.7", "203.0.113.0/24", "2001:db8::7", "2001:DB8::9"])
            ),
            "api_key_id": _WORDS,
            "user_agent": _WORDS,
            "cause": st.sampled_from([None, "throttled", "unknown"]),
            "latency_ms": st.one_of(st.none(), st.integers(0, 30_000)),
        }
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(_REQUESTS)
def test_property_the_rows_behind_a_row_are_as_many_as_it_says(rows: list[dict[str, Any]]) -> None:
    requests = frame(*rows)
    for row in all_rows(board(requests, start=START, end=END)):
        assert matches(requests, narrowed(Query(), row)) == row.requests
        assert matches(requests, narrowed(Query(), row, excluded=True)) == len(rows) - row.requests


@given(_REQUESTS, st.integers(1, 40 * MINUTE))
def test_property_no_request_is_lost_or_counted_twice(rows: list[dict[str, Any]], span: int) -> None:
    found = made(*rows, start=END - span, end=END)
    assert sum(row.requests for row in found.routes) == found.everything.requests == len(rows)
    assert sum(row.requests for row in found.causes) == sum(row["cause"] is not None for row in rows)
    assert len(found.everything.trend.requests) <= MOST_STEPS
    recent = sum(found.start <= row["started_at"] < found.end for row in rows)
    assert sum(sum(row.trend.requests) for row in found.routes) == sum(found.everything.trend.requests) == recent


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "started_at": st.integers(START - MINUTE, END + MINUTE),
                "status": st.sampled_from([None, 200, 404, 429, 502, 504]),
                "method": st.sampled_from([None, "GET", "POST"]),
                "route": st.sampled_from([None, "/orders", "/carts"]),
                "path": st.sampled_from([None, "/a", "/b"]),
                "latency_ms": st.none() | st.integers(0, 40),
                "overhead_ms": st.none() | st.integers(0, 5),
                "response_bytes": st.none() | st.integers(0, 900),
                "source_ip": st.sampled_from([None, "203.0.113.1", "203.0.113.2"]),
                "cause": st.sampled_from([None, "throttled", "unknown"]),
                "truncated_lines": st.integers(0, 2),
            }
        ),
        max_size=30,
    ),
    cuts=st.lists(st.integers(0, 30), max_size=3),
    end=st.integers(END - 7_000, END + 7_000),
)
def test_property_a_board_of_parts_is_the_board_of_the_whole(
    *, rows: list[dict[str, Any]], cuts: list[int], end: int
) -> None:
    requests = pl.DataFrame(rows, schema=REQUESTS).select(READ)
    edges = [0, *sorted(cuts), 99]
    parts = [requests.slice(low, high - low) for low, high in pairwise(edges)]
    grain = grain_of(START, end)
    found = board_of([digest(part, grain_ms=grain) for part in parts], start=START, end=end)
    assert found == board(requests, start=START, end=end)
    latencies, bytes_ = requests["latency_ms"].drop_nulls(), requests["response_bytes"].drop_nulls()
    told = found.everything
    assert told.requests == len(rows)
    assert (told.p50_ms, told.max_ms) == (latencies.quantile(0.5, interpolation="linear"), latencies.max())
    assert told.p95_ms == pytest.approx(latencies.quantile(0.95, interpolation="linear"))
    assert told.response_bytes_avg == bytes_.mean()
    inside = requests.filter(pl.col("started_at").is_between(found.start, end, closed="left"))
    assert sum(told.trend.requests) == inside.height
