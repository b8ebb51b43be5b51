"""Numbers over many requests."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.schema import REQUESTS
from apigw_tui.core.stats import CLASSES, Legend, Pulse, bars, legend, pulse, round_step, stats

START = 1_760_000_400_000
MINUTE = 60_000


def requests(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [{name: row.get(name) for name in REQUESTS.names()} for row in rows], schema=REQUESTS, orient="row"
    )


def request(status: int | None = 200, at: int = START, **values: Any) -> dict[str, Any]:
    return {"status": status, "started_at": at, "method": "GET", "route": "/basket/{id}", **values}


def test_bars_count_each_class_at_its_time() -> None:
    frame = requests(request(), request(504, START + 9_999), request(429, START + 10_000), request(None, START + 5))
    counted = bars(frame, start=START, end=START + 30_000, step_ms=10_000)
    assert counted.counts == {
        "5xx": (1, 0, 0),
        "4xx": (0, 1, 0),
        "3xx": (0, 0, 0),
        "2xx": (1, 0, 0),
        "1xx": (0, 0, 0),
        "none": (1, 0, 0),
    }
    assert (counted.start, counted.step_ms, len(counted)) == (START, 10_000, 3)


def test_bars_leave_out_what_lies_outside() -> None:
    frame = requests(request(at=START - 1), request(at=START + 10_000))
    counted = bars(frame, start=START, end=START + 10_000, step_ms=10_000)
    assert sum(map(sum, counted.counts.values())) == 0


def test_a_last_step_that_is_not_full_has_its_bar() -> None:
    counted = bars(requests(request(at=START + 10_400)), start=START, end=START + 10_500, step_ms=10_000)
    assert counted.counts["2xx"] == (0, 1)


@given(st.lists(st.tuples(st.sampled_from((101, 200, 302, 404, 500, 599, None)), st.integers(0, 59_999))))
def test_property_bars_lose_and_invent_no_request(found: list[tuple[int | None, int]]) -> None:
    frame = requests(*(request(status, START + offset) for status, offset in found))
    counted = bars(frame, start=START, end=START + MINUTE, step_ms=7_000)
    assert sum(map(sum, counted.counts.values())) == len(found)
    assert {name: sum(counted.counts[name]) for name in CLASSES} == legend(frame).classes


@pytest.mark.parametrize(
    ("span_ms", "step_ms"),
    [
        (1_000, 1_000),
        (MINUTE, 1_000),
        (15 * MINUTE, 15_000),
        (60 * MINUTE, MINUTE),
        (24 * 60 * MINUTE, 30 * MINUTE),
    ],
)
def test_the_step_is_round_and_makes_about_sixty_bars(span_ms: int, step_ms: int) -> None:
    assert round_step(span_ms) == step_ms


def test_the_pulse_is_of_the_minute_alone() -> None:
    frame = requests(
        request(at=START - 1, latency_ms=9_000),
        request(latency_ms=100),
        request(503, latency_ms=200),
        request(at=START + MINUTE, latency_ms=9_000),
    )
    assert pulse(frame, minute_start=START, minute_end=START + MINUTE) == Pulse(2 / 60, 0.5, 195.0)


def test_the_pulse_of_a_silent_minute_has_no_share_and_no_latency() -> None:
    assert pulse(requests(), minute_start=START, minute_end=START + MINUTE) == Pulse(0.0, None, None)


def test_the_pulse_of_no_time_is_unknown() -> None:
    assert pulse(requests(), minute_start=START, minute_end=START) == Pulse(None, None, None)


def test_the_legend_has_the_most_frequent_cause_first() -> None:
    frame = requests(
        request(),
        request(504, cause="integration_timeout"),
        request(504, cause="integration_timeout"),
        request(429, cause="throttled"),
    )
    assert legend(frame) == Legend(
        {"5xx": 2, "4xx": 1, "3xx": 0, "2xx": 1, "1xx": 0, "none": 0},
        (("integration_timeout", 2), ("throttled", 1)),
        4,
    )


def test_stats_have_the_fields_of_the_contract() -> None:
    found = stats(requests(request()), start=START, end=START + MINUTE, events=7, unparsed=1)
    assert list(found) == [
        "window",
        "requests",
        "events",
        "unparsed",
        "statuses",
        "classes",
        "routes",
        "causes",
        "source_ips",
        "user_agents",
        "api_keys",
        "histogram",
    ]
    assert found["window"] == {"start": "2025-10-09T09:00:00.000Z", "end": "2025-10-09T09:01:00.000Z"}
    assert (found["requests"], found["events"], found["unparsed"]) == (1, 7, 1)
    assert list(found["classes"]) == ["1xx", "2xx", "3xx", "4xx", "5xx", "none"]
    assert list(found["routes"][0]) == [
        "method",
        "route",
        "requests",
        "errors_4xx",
        "errors_5xx",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "max_ms",
        "overhead_p95_ms",
        "response_bytes_avg",
    ]


def test_percentiles_are_interpolated_over_known_latencies_only() -> None:
    frame = requests(*(request(latency_ms=ms) for ms in (10, 20, 30, 40)), request(latency_ms=None))
    route = stats(frame, start=START, end=START, events=5, unparsed=0)["routes"][0]
    assert (route["requests"], route["p50_ms"], route["p95_ms"], route["max_ms"]) == (5, 25.0, 38.5, 40)


def test_a_route_without_latencies_has_unknown_percentiles() -> None:
    route = stats(requests(request()), start=START, end=START, events=1, unparsed=0)["routes"][0]
    assert (route["p50_ms"], route["max_ms"], route["overhead_p95_ms"], route["response_bytes_avg"]) == (None,) * 4


def test_routes_are_told_apart_by_method_and_fall_back_to_the_path() -> None:
    frame = requests(
        request(method="POST"),
        request(500, method="POST"),
        request(),
        request(route=None, path="/health"),
    )
    routes = stats(frame, start=START, end=START, events=4, unparsed=0)["routes"]
    assert [(row["method"], row["route"], row["requests"], row["errors_5xx"]) for row in routes] == [
        ("POST", "/basket/{id}", 2, 1),
        ("GET", "/basket/{id}", 1, 0),
        ("GET", "/health", 1, 0),
    ]


def test_tops_have_at_most_twenty_values_with_their_errors() -> None:
    frame = requests(
        *(request(source_ip=f"203.0.113.{number}") for number in range(30)),
        request(429, source_ip="203.0.113.7"),
        request(source_ip=None),
    )
    found = stats(frame, start=START, end=START, events=31, unparsed=0)["source_ips"]
    assert len(found) == 20
    assert found[0] == {"value": "203.0.113.7", "requests": 2, "errors_4xx": 1, "errors_5xx": 0}


def test_the_histogram_covers_the_window_and_its_end() -> None:
    frame = requests(request(at=START), request(502, START + 15 * MINUTE))
    histogram = stats(frame, start=START, end=START + 15 * MINUTE, events=2, unparsed=0)["histogram"]
    assert len(histogram) == 61
    assert histogram[0] == {
        "start": "2025-10-09T09:00:00.000Z",
        "1xx": 0,
        "2xx": 1,
        "3xx": 0,
        "4xx": 0,
        "5xx": 0,
        "none": 0,
    }
    assert histogram[-1]["5xx"] == 1


def test_statuses_are_counted_in_their_order() -> None:
    found = stats(requests(request(504), request(), request(200)), start=START, end=START, events=3, unparsed=0)
    assert found["statuses"] == [{"status": 200, "requests": 2}, {"status": 504, "requests": 1}]
