"""One row per request, from whatever was logged of it."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import CAUSE_CODES, PARSED_EVENTS, REQUESTS
from tests.core.log_lines import (
    AUTHORIZER_URI,
    CALL,
    HTTP_URI,
    OTHER_REQUEST,
    REQUEST,
    SCOPE,
    START,
    URI,
    Line,
    LogEvent,
    access,
    execution,
    function,
    opening,
    parsed,
    row,
)

ANSWERED: tuple[Line, ...] = (
    *opening(),
    f"Endpoint request URI: {URI}",
    f"Sending request to {URI}",
    (240, "Received response. Status: 200, Integration latency: 231 ms"),
    "Successfully completed execution",
    (243, "Method completed with status: 201"),
    f"AWS Integration Endpoint RequestId : {CALL}",
    "X-ray Tracing ID : Root=1-68e7a1b2-0123456789abcdef01234567",
)


def test_nothing_summarises_to_an_empty_table() -> None:
    assert summarise(pl.DataFrame(schema=PARSED_EVENTS)).schema == REQUESTS


def test_the_table_has_the_columns_and_types_of_the_schema() -> None:
    for events in ([access(status=200)], execution(*ANSWERED), [access(status=200), *execution(*ANSWERED)]):
        assert summarise(parsed(*events)).schema == REQUESTS


def test_an_access_entry_alone_is_a_request_that_can_be_read_in_full() -> None:
    found = row(access(status=200, latency=52, integrationLatency=40, bytes=917, ip="203.0.113.9", keyId="k1"))
    assert (found["request_id"], found["status"], found["method"], found["route"]) == (
        REQUEST,
        200,
        "POST",
        "/basket/{id}",
    )
    assert (found["latency_ms"], found["latency_source"], found["overhead_ms"]) == (52, "access", 12)
    assert (found["response_bytes"], found["source_ip"], found["api_key_id"]) == (917, "203.0.113.9", "k1")
    assert (found["state"], found["access_events"], found["execution_events"]) == ("access_only", 1, 0)
    assert (found["api_id"], found["stage"], found["scope"]) == ("k9x2m4", "prod", SCOPE)
    assert found["cause"] is None


def test_what_was_not_logged_is_null() -> None:
    found = row(access(status=200))
    unknown = (
        "latency_ms",
        "latency_source",
        "overhead_ms",
        "response_bytes",
        "source_ip",
        "trace_id",
        "evidence",
    )
    assert [found[name] for name in unknown] == [None] * len(unknown)


def test_a_slow_request_keeps_its_start_time() -> None:
    slow = row(access(status=504, latency=29_013))
    assert (slow["started_at"], slow["ended_at"]) == (START, START + 29_013)
    assert (slow["first_event_at"], slow["last_event_at"]) == (START, START)


def test_delivery_lag_counts_from_the_end_of_the_request() -> None:
    late = LogEvent(START, access().group, access(status=200, latency=500).message, delivered_after=4_500)
    assert row(late)["lag_ms"] == 4_000


def test_a_file_without_delivery_times_trusts_the_time_in_the_entry() -> None:
    entry = access(status=200, at=START)
    archived = LogEvent(START + 60_000, entry.group, entry.message, delivered_after=None)
    assert row(archived)["started_at"] == START


def test_execution_lines_alone_tell_method_path_route_status_and_ids() -> None:
    found = row(*execution(*ANSWERED))
    assert (found["method"], found["path"], found["route"]) == ("POST", "/basket/17", "/basket/{id}")
    assert (found["status"], found["state"]) == (201, "execution_only")
    assert (found["integration_function"], found["integration_request_id"]) == ("basket-write", CALL)
    assert found["extended_request_id"] == "Qd3xkH7ArPEFabc="
    assert found["trace_id"] == "1-68e7a1b2-0123456789abcdef01234567"


def test_latency_without_an_access_entry_is_computed_from_first_and_last_line() -> None:
    found = row(*execution(*ANSWERED))
    assert (found["latency_ms"], found["latency_source"]) == (243, "computed")
    assert (found["integration_latency_ms"], found["overhead_ms"]) == (231, 12)


def test_the_latency_of_the_access_entry_beats_the_computed_one() -> None:
    found = row(access(status=201, latency=250), *execution(*ANSWERED))
    assert (found["latency_ms"], found["latency_source"], found["state"]) == (250, "access", "complete")


def test_an_access_entry_without_latency_gives_the_start_for_a_computed_one() -> None:
    found = row(
        access(status=504),
        *execution((29_004, "Execution failed due to a timeout error"), "Method completed with status: 504"),
    )
    assert (found["latency_ms"], found["latency_source"]) == (29_004, "computed")


def test_error_level_lines_alone_give_no_latency() -> None:
    found = row(*execution("Execution failed due to a timeout error", (1, "Method completed with status: 504")))
    assert (found["latency_ms"], found["latency_source"], found["status"]) == (None, None, 504)


def test_a_computed_latency_shorter_than_the_integration_is_unknown() -> None:
    lines = [line[1] if isinstance(line, tuple) else line for line in ANSWERED]
    assert row(*execution(*lines))["latency_ms"] is None


def test_overhead_is_never_below_zero() -> None:
    assert row(access(status=200, latency=40, integrationLatency=41))["overhead_ms"] == 0


def test_the_status_of_the_access_entry_beats_that_of_the_lines() -> None:
    assert row(access(status=418), *execution("Method completed with status: 500"))["status"] == 418


def test_a_request_whose_lines_go_on_is_in_flight() -> None:
    found = row(*execution(*opening(), f"Sending request to {URI}"))
    assert (found["state"], found["status"], found["latency_ms"], found["cause"]) == (
        "in_flight",
        None,
        None,
        None,
    )


def test_an_unauthorized_request_is_over_without_a_status_line() -> None:
    found = row(*execution(f"Starting authorizer: q1 for request: {REQUEST}", f"Unauthorized request: {REQUEST}"))
    assert (found["state"], found["status"]) == ("execution_only", 401)


def test_a_denied_request_is_over_without_a_status_line() -> None:
    found = row(*execution("The client is not authorized to perform this operation."))
    assert (found["state"], found["status"]) == ("execution_only", 403)


def test_the_function_of_the_authorizer_is_not_that_of_the_integration() -> None:
    found = row(
        *execution(
            f"Starting authorizer: q1 for request: {REQUEST}",
            f"Endpoint request URI: {AUTHORIZER_URI}",
            f"Sending request to {AUTHORIZER_URI}",
            (30, "Successfully completed authorizer execution"),
            *ANSWERED[1:],
        )
    )
    assert found["integration_function"] == "basket-write"


def test_a_request_that_the_authorizer_stopped_called_no_integration() -> None:
    found = row(
        *execution(
            f"Starting authorizer: q1 for request: {REQUEST}",
            f"Endpoint request URI: {AUTHORIZER_URI}",
            f"Sending request to {AUTHORIZER_URI}",
            (30, f"Unauthorized request: {REQUEST}"),
        )
    )
    assert (found["integration_function"], found["integration_uri"]) == (None, None)


def test_what_lambdas_service_answered_is_not_what_the_function_answered() -> None:
    assert row(*execution(*ANSWERED))["integration_status"] is None
    assert row(access(status=500, serviceStatus=200), *execution(*ANSWERED))["integration_status"] is None


def test_what_an_http_backend_answered_is_the_integration_status() -> None:
    found = row(
        *execution(
            *opening(),
            f"Endpoint request URI: {HTTP_URI}",
            f"Sending request to {HTTP_URI}",
            (20, "Received response. Status: 503, Integration latency: 20 ms"),
            "Successfully completed execution",
            "Method completed with status: 503",
        )
    )
    assert (found["integration_status"], found["integration_uri"]) == (503, HTTP_URI)


def test_cut_and_unknown_lines_are_counted() -> None:
    cut = "Method request body before transformations: " + "x" * 980 + " [TRUNCATED]"
    found = row(*execution(*opening(), cut, "Something that nobody has seen before"))
    assert (found["truncated_lines"], found["unknown_lines"], found["execution_events"]) == (1, 1, 8)


def test_lambda_and_other_events_make_no_request() -> None:
    lines = function(f"START RequestId: {CALL} Version: $LATEST", f"END RequestId: {CALL}")
    assert summarise(parsed(*lines)).is_empty()
    assert row(access(status=200), *lines)["execution_events"] == 0


def test_two_access_entries_with_one_id_are_one_request_of_two_events() -> None:
    found = row(access(status=200, latency=9), access(status=500, at=START + 50))
    assert (found["access_events"], found["started_at"], found["status"]) == (2, START, 200)


def test_requests_do_not_mix() -> None:
    rows = summarise(
        parsed(
            access(status=200),
            access(status=504, request_id=OTHER_REQUEST, message="Endpoint request timed out"),
            *execution(*ANSWERED),
        )
    )
    found = {each["request_id"]: each for each in rows.iter_rows(named=True)}
    assert (found[REQUEST]["state"], found[REQUEST]["cause"]) == ("complete", None)
    assert (found[OTHER_REQUEST]["state"], found[OTHER_REQUEST]["cause"]) == (
        "access_only",
        "integration_timeout",
    )


def test_lines_of_one_millisecond_are_ordered_by_event_id() -> None:
    lines = execution(
        "Lambda invocation failed with status: 429. Lambda request id: " + CALL,
        "Execution failed due to configuration error: Rate Exceeded.",
        "Method completed with status: 500",
    )
    assert row(*lines)["evidence"] == row(*reversed(lines))["evidence"]
    assert row(*reversed(lines))["evidence"].startswith("Lambda invocation failed")


_LINES = st.sampled_from(
    (
        *opening(),
        f"Starting authorizer: q1 for request: {REQUEST}",
        "Successfully completed authorizer execution",
        f"Unauthorized request: {REQUEST}",
        "The client is not authorized to perform this operation.",
        f"Endpoint request URI: {URI}",
        f"Sending request to {HTTP_URI}",
        "Received response. Status: 200, Integration latency: 31 ms",
        'Endpoint response body before transformations: {"statusCode": 500}',
        "Lambda execution failed with status 200 due to customer function error: boom",
        "Execution failed due to configuration error: Authorizer error",
        "Execution failed due to configuration error: Malformed Lambda proxy response",
        "Execution failed due to a timeout error",
        "Execution failed: nobody knows",
        "Method completed with status: 200",
        "Method completed with status: 500",
        "a line of a kind to come",
    )
)
_ENTRIES = st.builds(
    access,
    request_id=st.sampled_from((REQUEST, OTHER_REQUEST)),
    at=st.integers(START, START + 3),
    status=st.sampled_from((200, 404, 500, 504, "-")),
    latency=st.sampled_from((40, "-")),
    responseType=st.sampled_from(("-", "INTEGRATION_FAILURE", "THROTTLED")),
)


@st.composite
def _events(draw: st.DrawFn) -> list[LogEvent]:
    events = draw(st.lists(_ENTRIES, max_size=3))
    for request_id in (REQUEST, OTHER_REQUEST):
        lines = draw(st.lists(st.tuples(st.integers(0, 3), _LINES), max_size=8))
        events += execution(*lines, request_id=request_id, serial=len(events) * 10)
    return [LogEvent(event.at, event.group, event.message, serial) for serial, event in enumerate(events)]


@settings(max_examples=60, deadline=None)
@given(_events(), st.randoms(use_true_random=False))
def test_property_requests_are_the_same_in_whatever_order_events_come(events: list[LogEvent], chance: Any) -> None:
    expected = summarise(parsed(*events)).sort("key")
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert_frame_equal(summarise(parsed(*shuffled)).sort("key"), expected)


@settings(max_examples=40, deadline=None)
@given(_events(), st.integers(0, 20))
def test_property_batches_summarised_together_equal_the_whole(events: list[LogEvent], cut: int) -> None:
    batches = [parsed(*part) for part in (events[:cut], events[cut:]) if part]
    union = pl.concat(batches) if batches else pl.DataFrame(schema=PARSED_EVENTS)
    assert_frame_equal(summarise(union).sort("key"), summarise(parsed(*events)).sort("key"))


@settings(max_examples=60, deadline=None)
@given(_events())
def test_property_failed_requests_and_only_they_have_a_cause_of_the_table(events: list[LogEvent]) -> None:
    for found in summarise(parsed(*events)).iter_rows(named=True):
        assert found["cause"] is None or found["cause"] in CAUSE_CODES
        if found["status"] is not None:
            assert (found["cause"] is not None) == (found["status"] >= 400)
        if found["cause"] not in {None, "unknown"}:
            assert found["evidence"]
