"""What misleads a reader of API Gateway's logs, and does not mislead this one."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.core.story import build_story, story_json
from tests.core.log_lines import (
    CALL,
    FORMATS,
    HTTP_URI,
    REQUEST,
    START,
    URI,
    Line,
    access,
    execution,
    opening,
    parsed,
    raw,
    row,
)

SENT = (*opening(), f"Sending request to {URI}")
TIMED_OUT: tuple[Line, ...] = (
    *SENT,
    (29_002, "Execution failed due to a timeout error"),
    "Method completed with status: 504",
    "X-ray Tracing ID : 1-68e77820-0123456789abcdef01234567",
)


def test_lines_after_the_last_one_still_belong_to_the_request() -> None:
    late = f"AWS Integration Endpoint RequestId : {CALL}"
    found = row(*execution(*SENT, "Method completed with status: 200", late))
    assert (found["state"], found["integration_request_id"]) == ("execution_only", CALL)


def test_an_entry_that_arrives_last_with_the_earliest_time_is_the_start() -> None:
    store = EventStore(FORMATS)
    store.append(raw(execution(*TIMED_OUT, at=START + 3)))
    store.append(raw([access(status=504, latency=29_006)]))
    (chunk,) = store.requests.chunks
    told = chunk.frame.row(0, named=True)
    assert (told["state"], told["started_at"], told["latency_ms"]) == ("complete", START, 29_006)


def test_messages_of_one_websocket_connection_are_requests_of_their_own() -> None:
    connection = "Iq8gj1UmIAMCKpA="
    events = [
        event
        for number, name in enumerate(("Iq9gwFDNoAMFo1A=", "Iq9gwFDNoAMFo2B="))
        for event in execution(
            f"WebSocket API [k9x2m4] received message from client [Connection Id: {connection}].",
            "Connection API request completed with status: 200",
            request_id=name,
            at=START + number,
        )
    ]
    rows = summarise(parsed(*[replace(event, group="/aws/apigateway/k9x2m4/prod") for event in events]))
    assert rows["connection_id"].to_list() == [connection, connection]
    assert rows["request_id"].n_unique() == 2
    assert rows["status"].to_list() == [200, 200]


def test_a_body_of_several_lines_is_one_line_whatever_it_looks_like() -> None:
    body = "Method request body before transformations: {\nThu Sep 05 04:56:39 UTC 2019 : x\n(x) Execution failed"
    found = row(*execution(*SENT, body, "Method completed with status: 200"))
    assert (found["cause"], found["execution_events"], found["unknown_lines"]) == (None, len(SENT) + 2, 0)


@pytest.mark.parametrize("end", ["\r\n", "\u00a0", "\t", "   ", "\n\n"])
def test_what_trails_a_line_does_not_hide_it(end: str) -> None:
    lines = [replace(event, message=event.message + end) for event in execution(*SENT)]
    done = [replace(event, message=event.message + end) for event in execution("Method completed with status: 503")]
    found = row(*lines, *done)
    assert (found["status"], found["path"], found["unknown_lines"]) == (503, "/basket/17", 0)


def test_the_service_status_of_a_crash_is_not_what_the_client_got() -> None:
    crash = f"Lambda execution failed with status 200 due to customer function error: x. Lambda request id: {CALL}"
    received = "Received response. Status: 200, Integration latency: 9 ms"
    found = row(*execution(*SENT, received, crash, "Method completed with status: 502"))
    assert (found["status"], found["integration_status"], found["cause"]) == (502, None, "lambda_function_error")


def test_the_backends_status_in_a_failing_line_is_not_the_requests() -> None:
    line = "Execution failed due to configuration error: No match for output mapping and no default output mapping"
    found = row(*execution(*SENT, f"{line} configured. Endpoint Response Status Code: 403"))
    assert (found["status"], found["cause"]) == (None, "integration_output_mapping")


def test_a_completed_execution_can_be_a_failure() -> None:
    received = "Received response. Status: 422, Integration latency: 9 ms"
    lines = (*opening(), f"Sending request to {HTTP_URI}", received, "Successfully completed execution")
    found = row(*execution(*lines, "Method completed with status: 422"))
    assert (found["status"], found["cause"]) == (422, "backend_client_error")


@pytest.mark.parametrize("blanks", [" ", "  "])
def test_an_empty_api_key_may_leave_one_blank_or_two(blanks: str) -> None:
    lines = [line.replace("  ", blanks) for line in opening()]
    found = row(*execution(*lines))
    assert (found["route"], found["unknown_lines"]) == ("/basket/{id}", 0)


def test_the_path_is_not_the_route_and_any_is_no_method() -> None:
    found = row(*execution(*opening()))
    assert (found["path"], found["route"], found["method"]) == ("/basket/17", "/basket/{id}", "POST")


def test_a_websocket_request_that_failed_is_over_with_its_gateway_response() -> None:
    name = "Rk7xWQABoAMFp2c="
    lines = ("Execution failed due to configuration error: Authorizer error",)
    last = "Gateway response type: AUTHORIZER_CONFIGURATION_ERROR with status code: 500"
    begun = row(*execution(*lines, request_id=name))
    ended = row(*execution(*lines, last, request_id=name))
    assert (begun["state"], begun["status"]) == ("in_flight", None)
    assert (ended["state"], ended["status"], ended["cause"]) == (
        "execution_only",
        500,
        "authorizer_configuration_error",
    )


@pytest.mark.parametrize(
    "last",
    [
        "Client [Connection Id: Iq8gj1UmIAMCKpA=] connected to API [k9x2m4] successfully.",
        "Message from client [Connection Id: Iq8gj1UmIAMCKpA=] sent to API [k9x2m4] with response status code [200].",
        "Client [Connection Id: Iq8gj1UmIAMCKpA=] disconnected from API [k9x2m4]. Close reason: [1001: bye]",
    ],
)
def test_a_websocket_request_that_went_well_is_over_with_its_last_line(last: str) -> None:
    found = row(*execution("WebSocket Request Route: [chat]", last, request_id="Rk7xWQABoAMFp2c="))
    assert (found["state"], found["cause"]) == ("execution_only", None)


def test_of_two_failing_lines_the_first_one_counts() -> None:
    first = f"Lambda invocation failed with status: 429. Lambda request id: {CALL}"
    second = "Execution failed due to configuration error: Rate Exceeded."
    assert row(*execution(first, second, "Method completed with status: 500"))["evidence"] == first


def test_without_data_trace_the_latency_is_computed_and_says_so() -> None:
    found = row(*execution(*opening(), (40, "Successfully completed execution"), "Method completed with status: 200"))
    assert (found["latency_ms"], found["latency_source"]) == (40, "computed")
    assert (found["integration_latency_ms"], found["overhead_ms"]) == (None, None)


@pytest.mark.parametrize("absent", ["-", "", "(none)", "null"])
def test_what_was_not_there_is_nothing_however_it_is_written(absent: str) -> None:
    found = row(access(status=403, latency=absent, path=absent, integrationStatus=absent, keyId=absent))
    assert [found[name] for name in ("latency_ms", "path", "integration_status", "api_key_id")] == [None] * 4


def test_a_test_from_the_console_belongs_to_no_deployed_stage() -> None:
    stage = "k9x2m4/test-invoke-stage"
    lines = (f"Verifying Usage Plan for request: {REQUEST}. API Key: test-invoke-api-key API Stage: {stage}",)
    found = summarise(parsed(*[replace(event, scope="") for event in execution(*lines)])).row(0, named=True)
    assert (found["api_id"], found["stage"]) == ("k9x2m4", "test-invoke-stage")


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_property_a_story_is_the_same_however_its_events_arrive(dice: random.Random, batches: int) -> None:
    events = [access(status=504, latency=29_006), *execution(*TIMED_OUT, at=START + 1)]
    arrived = [*events, *dice.sample(events, 4)]
    dice.shuffle(arrived)
    store = EventStore(FORMATS)
    for number in range(batches):
        store.append(raw(arrived[number::batches]))
    key = int(pl.concat([chunk.frame for chunk in store.requests.chunks])["key"][0])
    found = build_story(store.events_of(key).select(EVENTS.names()), FORMATS)
    straight = build_story(parsed(*events).select(EVENTS.names()), FORMATS)
    assert json.dumps(story_json(found)) == json.dumps(story_json(straight))
