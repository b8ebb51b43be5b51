"""One request stitched from everything that was logged of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import EVENTS
from apigw_tui.core.story import Story, build_story, story_json
from tests.core.log_lines import (
    ACCESS_GROUP,
    AUTHORIZER_URI,
    CALL,
    FORMATS,
    FUNCTION_GROUP,
    HTTP_URI,
    REQUEST,
    START,
    URI,
    Line,
    LogEvent,
    access,
    execution,
    function,
    opening,
    parsed,
    raw,
)

AUTHORIZER: tuple[Line, ...] = (
    f"Starting authorizer: q1 for request: {REQUEST}",
    f"Endpoint request URI: {AUTHORIZER_URI}",
    'Endpoint request body after transformations: {"type":"TOKEN"}',
    f"Sending request to {AUTHORIZER_URI}",
    (38, "Successfully completed authorizer execution"),
)
TIMED_OUT: tuple[Line, ...] = (
    opening()[0],
    *AUTHORIZER,
    *opening()[1:4],
    (39, opening()[4]),
    opening()[5],
    "Method request headers: {Accept=*/*, Host=api.shop.example}",
    'Method request body before transformations: {"sku":"A7","count":2}',
    f"Endpoint request URI: {URI}",
    (42, f"Sending request to {URI}"),
    (29_042, "Execution failed due to a timeout error"),
    "Method completed with status: 504",
)
FUNCTION_LINES: tuple[Line, ...] = (
    (58, f"START RequestId: {CALL} Version: 7"),
    (9_060, f"2025-10-09T08:53:29.060Z\t{CALL}\tWARN\tpool is empty"),
)


def story(*events: LogEvent) -> Story:
    return build_story(parsed(*events).select(EVENTS.names()), FORMATS)


def timed_out() -> Story:
    entry = access(status=504, latency=29_044, path="/basket/17", authorizerLatency=37)
    return story(*execution(*TIMED_OUT), *function(*FUNCTION_LINES), entry)


def spans(found: Story) -> dict[str, tuple[int | None, int | None, str]]:
    return {phase.name: (phase.start_ms, phase.duration_ms, phase.outcome) for phase in found.phases}


def test_the_lines_of_all_logs_stand_in_true_order() -> None:
    found = timed_out()
    offsets = [line.offset_ms or 0 for line in found.lines]
    assert offsets == sorted(offsets)
    assert [line.kind for line in found.lines].count("lambda") == 2
    assert found.lines[0].kind == "access"
    assert found.lines[1].text == opening()[0]
    assert [line.kind for line in found.lines[-4:]] == ["lambda", "lambda", "execution", "execution"]
    assert found.counts == {"access": 1, "execution": len(TIMED_OUT), "lambda": 2}


def test_the_failing_line_is_marked_as_evidence_and_no_other() -> None:
    assert [line.text for line in timed_out().lines if line.evidence] == ["Execution failed due to a timeout error"]


def test_the_cause_says_what_happened_and_what_to_do_next() -> None:
    cause = timed_out().cause
    assert cause is not None
    assert (cause.code, cause.title) == ("integration_timeout", "Integration timed out")
    assert cause.detail.startswith("basket-write did not answer")
    assert cause.next_step


def test_phases_of_a_timeout_show_the_wait_and_what_was_not_reached() -> None:
    assert spans(timed_out()) == {
        "authorizer": (0, 37, "ok"),
        "usage_plan": (38, 0, "ok"),
        "validation": (None, None, "skipped"),
        "request_mapping": (39, 3, "ok"),
        "integration": (42, 29_000, "failed"),
        "response_mapping": (None, None, "not_reached"),
    }


def test_phases_of_a_success_are_all_ok_or_skipped() -> None:
    found = story(
        *execution(
            *opening(),
            (2, "Request validation succeeded for content type application/json"),
            (3, f"Sending request to {URI}"),
            (45, "Received response. Status: 200, Integration latency: 41 ms"),
            "Successfully completed execution",
            (46, "Method completed with status: 200"),
        )
    )
    assert spans(found) == {
        "authorizer": (None, None, "skipped"),
        "usage_plan": (0, 0, "ok"),
        "validation": (0, 2, "ok"),
        "request_mapping": (2, 1, "ok"),
        "integration": (3, 41, "ok"),
        "response_mapping": (45, 1, "ok"),
    }
    assert found.cause is None


def test_phases_end_at_the_authorizer_that_refused() -> None:
    found = story(*execution(*AUTHORIZER[:4], (25, f"Unauthorized request: {REQUEST}")))
    assert spans(found)["authorizer"] == (0, 25, "failed")
    assert {outcome for name, (_, _, outcome) in spans(found).items() if name != "authorizer"} == {"not_reached"}


def test_phases_of_an_access_entry_alone_come_from_its_latencies() -> None:
    found = story(access(status=503, latency=250, integrationLatency=200, integrationStatus=503, authorizerLatency=20))
    assert spans(found) == {
        "authorizer": (0, 20, "ok"),
        "usage_plan": (None, None, "skipped"),
        "validation": (None, None, "skipped"),
        "request_mapping": (None, None, "ok"),
        "integration": (50, 200, "failed"),
        "response_mapping": (None, None, "ok"),
    }


def test_a_malformed_answer_fails_the_response_mapping_not_the_integration() -> None:
    found = story(*execution("Execution failed due to configuration error: Malformed Lambda proxy response"))
    assert spans(found)["integration"] == (None, None, "ok")
    assert spans(found)["response_mapping"][2] == "failed"


def test_a_request_that_waf_blocked_reached_no_phase() -> None:
    assert {phase.outcome for phase in story(access(status=403, wafResponse="WAF_BLOCK")).phases} == {"not_reached"}


def test_a_request_in_flight_has_not_reached_what_comes_later() -> None:
    found = story(*execution(*opening(), (3, f"Sending request to {URI}")))
    assert spans(found)["integration"] == (3, None, "ok")
    assert spans(found)["response_mapping"] == (None, None, "not_reached")


def test_payloads_are_named_and_told_apart_from_the_authorizers() -> None:
    names = [payload.name for payload in timed_out().payloads]
    assert names == ["Authorizer request body", "Request headers", "Request body"]
    assert timed_out().payloads[2].text.startswith("{")


def test_a_cut_payload_is_marked() -> None:
    cut = 'Method request body before transformations: {"a": "' + "x" * 970 + " [TRUNCATED]"
    found = story(*execution(*opening(), cut))
    assert [payload.truncated for payload in found.payloads] == [True]
    assert [line.truncated for line in found.lines][-1] is True


def test_access_fields_keep_their_names_and_unquoted_numbers_their_type() -> None:
    entry = access(status=200, latency=52)
    unquoted = replace(entry, message=json.dumps({**json.loads(entry.message), "status": 200}))
    found = story(unquoted)
    assert (found.access["status"], found.access["latency"], found.access["bytes"]) == (200, "52", "-")
    assert found.request["access"] == found.access


def test_evidence_in_the_access_entry_marks_the_entry() -> None:
    found = story(access(status=403, responseType="WAF_FILTERED"))
    assert [line.evidence for line in found.lines] == [True]


def test_lines_of_one_millisecond_without_event_ids_keep_the_order_they_came_in() -> None:
    lines = [replace(event, delivered_after=None) for event in execution(*opening())]
    assert [line.text for line in story(*lines).lines] == list(opening())


def test_events_of_no_request_make_no_story() -> None:
    with pytest.raises(ValueError, match="belongs to a request"):
        story(*function(*FUNCTION_LINES))


def test_the_json_of_a_story_has_the_fields_of_the_contract() -> None:
    found = story_json(timed_out())
    assert list(found)[-5:] == ["access", "phases", "lines", "segments", "functions"]
    assert found["phases"][4] == {
        "name": "integration",
        "start_ms": 42,
        "duration_ms": 29_000,
        "outcome": "failed",
    }
    line = found["lines"][-1]
    assert list(line) == ["timestamp", "offset_ms", "kind", "line_kind", "log_group", "message"]
    assert line["message"] == f"({REQUEST}) Method completed with status: 504"
    assert {each["log_group"] for each in found["lines"]} >= {FUNCTION_GROUP}
    json.dumps(found)


_LINES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(
            (
                *opening(),
                *(line for line in TIMED_OUT if isinstance(line, str)),
                f"Unauthorized request: {REQUEST}",
                f"Sending request to {HTTP_URI}",
                "Received response. Status: 503, Integration latency: 2 ms",
                "Execution failed due to configuration error: Authorizer error",
                "Method completed with status: 503",
                "a line of a kind to come",
            )
        ),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(_LINES, st.sampled_from(([], [access(status=503)])), st.randoms(use_true_random=False))
def test_property_a_story_says_what_the_table_says_and_loses_no_line(
    lines: list[tuple[int, str]],
    entry: list[LogEvent],
    chance: Any,
) -> None:
    events = [*execution(*lines), *entry]
    chance.shuffle(events)
    frame = parsed(*events)
    found = build_story(frame.select(EVENTS.names()), FORMATS)
    row = summarise(frame).row(0, named=True)
    assert dict(found.row) == row
    assert len(found.lines) == len(events)
    assert sum(line.evidence for line in found.lines) == (row["evidence"] is not None)
    assert sum(phase.outcome == "failed" for phase in found.phases) <= 1
    assert all(phase.duration_ms is None or phase.duration_ms >= 0 for phase in found.phases)


def test_the_functions_own_log_names_it_where_no_line_does() -> None:
    lines = execution(*opening(), f"AWS Integration Endpoint RequestId : {CALL}")
    assert story(*lines).row["integration_function"] is None
    assert story(*lines, *function(*FUNCTION_LINES)).request["integration"]["function"] == "basket-write"


def test_a_story_of_two_requests_tells_the_one_with_more_events() -> None:
    other = execution("Extended Request Id: Zz9=", request_id="0e2b6c1d-8f3a-4a57-b6c9-d0e1f2a3b4c5")
    assert story(*other, *execution(*opening())).request["request_id"] == REQUEST


def test_the_start_is_that_of_the_access_entry() -> None:
    assert timed_out().row["started_at"] == START
    assert isinstance(parsed(access(status=200)), pl.DataFrame)


NO_TRACE: tuple[Line, ...] = (
    *opening(),
    (29_042, "Execution failed due to a timeout error"),
    "Method completed with status: 504",
)


def without_data_trace(*events: LogEvent, function_behind: str | None = None) -> Story:
    """A timeout: nothing that API Gateway logs names the function or its call."""
    entry = access(status=504, latency=29_044, path="/basket/17")
    rows = parsed(*execution(*NO_TRACE), entry, *events).select(EVENTS.names())
    return build_story(rows, FORMATS, function=function_behind)


def test_the_function_behind_the_route_is_named_in_the_cause_but_not_as_logged() -> None:
    found = without_data_trace(function_behind="basket-write")
    assert found.cause is not None
    assert found.cause.detail.startswith("basket-write did not answer within")
    assert found.request["cause"]["detail"] == found.cause.detail
    assert (found.request["integration"]["function"], found.request["integration"]["request_id"]) == (None, None)


def test_lines_of_the_function_behind_the_route_prove_function_and_call() -> None:
    found = without_data_trace(*function(*FUNCTION_LINES), function_behind="basket-write")
    assert found.request["integration"]["function"] == "basket-write"
    assert found.request["integration"]["request_id"] == CALL
    assert found.request["counts"]["lambda"] == 2


def test_lines_of_another_function_prove_nothing() -> None:
    found = without_data_trace(*function(*FUNCTION_LINES), function_behind="basket-read")
    assert found.request["integration"]["function"] is None
    assert found.cause is not None
    assert found.cause.detail.startswith("basket-read did not answer")


def test_without_any_name_the_cause_speaks_of_the_integration() -> None:
    found = without_data_trace()
    assert found.cause is not None
    assert found.cause.detail.startswith("The integration did not answer")


def undated(*lines: str, at: int) -> list[LogEvent]:
    """Execution lines of a file that says no times: all have the one of the file."""
    return [replace(event, at=at, delivered_after=None) for event in execution(*lines)]


def test_durations_are_logged_where_a_latency_says_them_and_else_computed_from_the_lines() -> None:
    lines: tuple[Line, ...] = (
        *opening(),
        (3, f"Sending request to {URI}"),
        (44, "Received response. Integration latency: 40 ms"),
    )
    phases = {phase.name: phase for phase in story(*execution(*lines, "Method completed with status: 200")).phases}
    assert (phases["integration"].duration_ms, phases["integration"].duration_source) == (40, "logged")
    assert (phases["request_mapping"].duration_ms, phases["request_mapping"].duration_source) == (3, "computed")
    assert phases["authorizer"].duration_source is None


def test_lines_without_times_tell_how_far_a_request_came_but_not_when() -> None:
    a_day = 86_400_000
    lines = (*opening(), f"Sending request to {URI}", "Execution failed due to a timeout error")
    ended = (*lines, "Method completed with status: 504")
    found = story(access(status=504, latency=29_007, integrationLatency=29_002), *undated(*ended, at=START + a_day))
    assert found.row["latency_ms"] == 29_007
    assert found.row["ended_at"] == START + 29_007
    assert [line.offset_ms for line in found.lines] == [0, *[None] * len(ended)]
    told = {phase.name: (phase.outcome, phase.duration_ms) for phase in found.phases}
    assert told["integration"] == ("failed", 29_002)
    assert told["request_mapping"] == ("ok", None)


def test_lines_of_one_time_in_a_file_have_no_durations() -> None:
    found = story(*undated(*opening(), f"Sending request to {URI}", "Method completed with status: 200", at=START))
    assert {phase.duration_ms for phase in found.phases} == {None}
    assert (found.row["latency_ms"], found.row["overhead_ms"]) == (None, None)


def test_an_entry_and_lines_of_different_days_make_no_latency() -> None:
    lines = execution(*opening(), "Method completed with status: 200", at=START + 86_400_000)
    assert story(access(status=200), *lines).row["latency_ms"] is None


def transcript(*lines: str) -> LogEvent:
    date = "Thu Oct 09 08:53:20 UTC 2025 : "
    text = "".join(f"{date}{line}\n" for line in lines)
    return LogEvent(START, "test.txt", f"Execution log for request {REQUEST}\n{text}", delivered_after=None)


def test_a_test_from_the_console_in_one_text_has_phases_and_payloads() -> None:
    body = 'Method request body before transformations: {\n  "sku": "A7"\n}'
    sent = (
        *opening()[4:],
        body,
        f"Sending request to {URI}",
        "Received response. Status: 200, Integration latency: 40 ms",
    )
    found = story(transcript(*sent, "Successfully completed execution", "Method completed with status: 200"))
    assert [payload.text for payload in found.payloads] == ['{\n  "sku": "A7"\n}']
    told = spans(found)
    assert told["integration"] == (0, 40, "ok")
    assert told["request_mapping"] == (None, None, "ok")
    assert len(found.lines) == 1
    assert found.row["status"] == 200


def test_a_cut_line_within_a_transcript_is_counted_and_marked() -> None:
    found = story(transcript(*opening()[4:], "Method request body before transformations: abc [TRUNCATED]", "more"))
    assert found.row["truncated_lines"] == 1
    assert [payload.truncated for payload in found.payloads] == [True]
    assert found.lines[0].truncated


def test_lines_of_the_authorizers_function_are_told_from_those_of_the_integration() -> None:
    other = "0c9f3f3e-1111-4222-8333-abcdefabcdef"
    fmt = AccessFormat.compile('{"id":"$context.requestId","a":"$context.authorizer.requestId"}')
    entry = LogEvent(START, ACCESS_GROUP, json.dumps({"id": REQUEST, "a": other}))
    calls = execution("Starting execution for request: x", f"AWS Integration Endpoint RequestId : {CALL}")
    lines = [*function(f"START RequestId: {CALL} Version: 7"), *function((5, f"START RequestId: {other} Version: 2"))]
    events = parse_events(raw([entry, *calls, *lines]), {ACCESS_GROUP: fmt}).select(EVENTS.names())
    found = build_story(events, {ACCESS_GROUP: fmt})
    assert [line.function for line in found.lines if line.kind == "lambda"] == ["integration", "authorizer"]
    assert {line.function for line in found.lines if line.kind != "lambda"} == {None}
