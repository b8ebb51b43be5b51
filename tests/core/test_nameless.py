"""Execution lines that name no request: excerpts, whose lines belong together by where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from tests.core.log_lines import EXECUTION_GROUP, START, LogEvent, raw

TIMEOUT = ("Execution failed due to a timeout error", "Method completed with status: 504")
REFUSED = ("Execution failed due to configuration error: Connection refused", "Method completed with status: 500")


def lines(*texts: str, at: int = START, apart: int = 1, group: str = EXECUTION_GROUP) -> list[LogEvent]:
    return [LogEvent(at + n * apart, group, text, n) for n, text in enumerate(texts)]


def told(events: list[LogEvent]) -> list[tuple[str | None, int | None, str | None]]:
    rows = summarise(parse_events(raw(events), {})).sort("started_at")
    return list(rows.select("request_id", "status", "cause").iter_rows())


def test_an_excerpt_without_any_id_is_a_request_without_one() -> None:
    assert told(lines(*TIMEOUT)) == [(None, 504, "integration_timeout")]


def test_what_stands_behind_the_end_of_a_request_is_another_one() -> None:
    assert told(lines(*TIMEOUT, *REFUSED)) == [
        (None, 504, "integration_timeout"),
        (None, 500, "integration_network"),
    ]


def test_ids_that_are_written_after_the_end_still_belong_to_the_request() -> None:
    afterwards = "X-ray Tracing ID : 1-65f0c2a1-0123456789abcdef01234567"
    [(key, trace)] = (
        summarise(parse_events(raw(lines(*TIMEOUT, afterwards)), {})).select("status", "trace_id").iter_rows()
    )
    assert (key, trace) == (504, "1-65f0c2a1-0123456789abcdef01234567")


def test_a_long_pause_parts_two_requests_but_not_one_that_waits_for_its_integration() -> None:
    invalid = "Request body does not match model schema for content type application/json: [no name]"
    assert len(told(lines(invalid, invalid, apart=47_000))) == 2
    waiting = ("Sending request to http://stock.shop.example/items/17", *TIMEOUT)
    assert len(told(lines(*waiting, apart=47_000)[:2])) == 1


def test_what_is_said_once_of_a_request_and_stands_there_twice_is_of_two() -> None:
    crash = "Lambda execution failed with status 200 due to customer function error: no basket"
    assert len(told(lines(crash, crash))) == 2
    assert len(told(lines(REFUSED[0], "Execution failed due to configuration error: Authorizer error"))) == 1


def test_streams_are_told_apart() -> None:
    assert len(told([*lines(*TIMEOUT), *lines(*TIMEOUT, group="other.log")])) == 2


def test_lines_of_which_none_is_known_stay_without_a_request() -> None:
    assert told(lines("Something new happened", "and more of it")) == []


def test_lines_with_an_id_are_none_of_this_business() -> None:
    named = [f"(3d0f6a52-7c1e-4b77-9a35-58e0c1d2f401) {text}" for text in TIMEOUT]
    assert told(lines(*named, *REFUSED)) == [
        ("3d0f6a52-7c1e-4b77-9a35-58e0c1d2f401", 504, "integration_timeout"),
        (None, 500, "integration_network"),
    ]


@given(st.lists(st.sampled_from([TIMEOUT, REFUSED]), min_size=1, max_size=6))
def test_property_every_ending_is_one_request(endings: list[tuple[str, ...]]) -> None:
    statuses = [504 if ending is TIMEOUT else 500 for ending in endings]
    assert [status for _, status, _ in told(lines(*(text for ending in endings for text in ending)))] == statuses
