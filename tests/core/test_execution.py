"""Execution lines: kinds and fields."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.execution import line_kinds, named_request, read_execution, split_prefix, stands_alone
from apigw_tui.core.schema import EXECUTION_LINE_KINDS, FIELDS

FUNCTION_URI = (
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:orders-write:live/invocations"
)
LINES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "Extended Request Id: Bq7xT0abcDEFghI=",
        "extended_request_id",
        {"extended_request_id": "Bq7xT0abcDEFghI="},
    ),
    ("Starting authorizer: 8kx2qd for request: 7f1d", "authorizer_start", {}),
    ("Incoming identity: ****abcdef", "authorizer_identity", {}),
    ('Authorizer result body before parsing: {"principalId":"u"}', "authorizer_result", {}),
    ("Using valid authorizer policy for principal: ******ser-42", "authorizer_policy", {}),
    ("Using valid authorizer policy for principal: user-42", "authorizer_policy", {"principal": "user-42"}),
    ("Using valid authorizer policy for principal: user 42 \t\n", "authorizer_policy", {"principal": "user 42"}),
    ("Successfully completed authorizer execution", "authorizer_done", {}),
    ("Unauthorized request: 7f1d0a52-0000-4000-8000-000000000001", "authorizer_unauthorized", {}),
    ("The client is not authorized to perform this operation.", "access_denied", {}),
    (
        "Verifying Usage Plan for request: 7f1d. API Key: ******Kx9 API Stage: ab12cd34ef/prod",
        "usage_plan_start",
        {"api_id": "ab12cd34ef", "stage": "prod"},
    ),
    (
        (
            "API Key  authorized because method 'POST /orders/{id}' does not require API Key. Request will not "
            "contribute to throttle or quota limits"
        ),
        "usage_plan_key",
        {"method": "POST", "route": "/orders/{id}"},
    ),
    ("API Key authorized because method 'ANY /{proxy+}' does not", "usage_plan_key", {"route": "/{proxy+}"}),
    (
        (
            "API Key ****9 not authorized because method 'GET /search' requires API Key and API Key is not "
            "associated with a Usage Plan for API Stage ab12cd34ef/prod: No Usage Plan found for key and API Stage"
        ),
        "api_key_rejected",
        {"method": "GET", "route": "/search"},
    ),
    (
        "Usage Plan check succeeded for API Key  and API Stage ab12cd34ef/prod",
        "usage_plan_done",
        {"api_id": "ab12cd34ef", "stage": "prod"},
    ),
    (
        (
            "Key throttle limit exceeded for RestApi ab12cd34ef, Stage prod, Resource q1w2e3, HttpMethod PUT. "
            "Limit: 5.00 Burst: 2"
        ),
        "throttled",
        {"api_id": "ab12cd34ef", "stage": "prod", "method": "PUT"},
    ),
    ("Starting execution for request: 7f1d", "start", {}),
    ("HTTP Method: GET, Resource Path: /orders/42", "method", {"method": "GET", "path": "/orders/42"}),
    ("API Key: ******************Kx9", "api_key", {}),
    ("API Key ID: 3fj29dk1la", "api_key_id", {"api_key_id": "3fj29dk1la"}),
    ("Method request path: {id=42}", "request_path", {}),
    ("Method request query string: {}", "request_query", {}),
    (
        "Method request headers: {Host=x, X-Amzn-Trace-Id=Self=1;Root=1-5c755b5d-0123456789abcdef01234567, A=b}",
        "request_headers",
        {"trace_id": "1-5c755b5d-0123456789abcdef01234567"},
    ),
    ("Method request body before transformations: Method completed with status: 500", "request_body", {}),
    ("Request validation succeeded for content type application/json", "request_valid", {}),
    (
        'Request body does not match model schema for content type application/json: [object has missing ["a"]]',
        "request_invalid",
        {"validation_error": 'object has missing ["a"]'},
    ),
    ("Missing required request parameters: [page]", "request_invalid", {"validation_error": "page"}),
    (
        f"Endpoint request URI: {FUNCTION_URI}",
        "endpoint_uri",
        {"integration_uri": FUNCTION_URI, "integration_function": "orders-write"},
    ),
    ("Endpoint request headers: {a=b}", "endpoint_request_headers", {}),
    ("Endpoint request body after transformations: \n{\n}", "endpoint_request_body", {}),
    (
        "Sending request to https://backend.example.com/v1/items",
        "integration_request",
        {"integration_uri": "https://backend.example.com/v1/items"},
    ),
    (
        "Received response. Status: 200, Integration latency: 40 ms",
        "integration_response",
        {"integration_status": 200, "integration_latency_ms": 40},
    ),
    (
        "Received response. Integration latency: 11029 ms",
        "integration_response",
        {"integration_latency_ms": 11029},
    ),
    (
        "Endpoint response headers: {Date=Tue, x-amzn-RequestId=b3ebd3c9-0000-4001-ae58-fb611115ec9b, x=y}",
        "endpoint_response_headers",
        {"integration_request_id": "b3ebd3c9-0000-4001-ae58-fb611115ec9b"},
    ),
    ("Endpoint response body before transformations: null", "endpoint_response_body", {}),
    ("Method response body after transformations: ", "response_body", {}),
    ("Method response headers: {}", "response_headers", {}),
    (
        (
            "Lambda execution failed with status 200 due to customer function error: boom. went. "
            "Lambda request id: 72e00b91-0000-4ef9-a66f-d9a7bc34acaf"
        ),
        "function_error",
        {
            "integration_service_status": 200,
            "integration_error": "boom. went",
            "integration_request_id": "72e00b91-0000-4ef9-a66f-d9a7bc34acaf",
        },
    ),
    (
        "Lambda execution failed with status 200 due to customer function error: no suffix here",
        "function_error",
        {"integration_service_status": 200, "integration_error": "no suffix here"},
    ),
    (
        "Lambda invocation failed with status: 429. Lambda request id: dcb2ab89-0000-4b77-98cd-18d14fd2b850",
        "function_invoke_failed",
        {
            "integration_service_status": 429,
            "integration_request_id": "dcb2ab89-0000-4b77-98cd-18d14fd2b850",
        },
    ),
    (
        "Execution failed due to configuration error: Malformed Lambda proxy response",
        "configuration_error",
        {},
    ),
    ("Execution failed due to a timeout error", "timeout", {}),
    ("Execution failed: something new", "execution_failed", {}),
    ("Successfully completed execution", "success", {}),
    ("Method completed with status: 504", "done", {"status": 504}),
    (
        "AWS Integration Endpoint RequestId : 57593f79-0000-4a6f-91b1-f5d848cc2059",
        "integration_request_id",
        {"integration_request_id": "57593f79-0000-4a6f-91b1-f5d848cc2059"},
    ),
    (
        "X-ray Tracing ID : Root=1-6962324d-0123456789abcdef01234567",
        "trace_id",
        {"trace_id": "1-6962324d-0123456789abcdef01234567"},
    ),
    (
        "X-ray Tracing ID : 1-6962324d-0123456789abcdef01234567",
        "trace_id",
        {"trace_id": "1-6962324d-0123456789abcdef01234567"},
    ),
    (
        "X-Ray Tracing ID : Root=1-6962324d-0123456789abcdef01234567",
        "trace_id",
        {"trace_id": "1-6962324d-0123456789abcdef01234567"},
    ),
    ("WebSocket Request Route: [$connect]", "websocket_route", {"route": "$connect"}),
    (
        "Client [UserAgent: Mozilla/5.0 (a, b), SourceIp: 198.51.100.7] is connecting to WebSocket API [w1x2y3].",
        "websocket_connecting",
        {
            "user_agent": "Mozilla/5.0 (a, b)",
            "source_ip": "198.51.100.7",
            "api_id": "w1x2y3",
            "event_type": "CONNECT",
        },
    ),
    (
        "WebSocket API [w1x2y3] received message from client [Connection Id: Lq8gj1UmIAMCKpA=].",
        "websocket_message_received",
        {"api_id": "w1x2y3", "connection_id": "Lq8gj1UmIAMCKpA=", "event_type": "MESSAGE"},
    ),
    (
        "Client [Connection Id: Lq8gj1UmIAMCKpA=] connected to API [w1x2y3] successfully.",
        "websocket_connected",
        {"api_id": "w1x2y3", "connection_id": "Lq8gj1UmIAMCKpA=", "event_type": "CONNECT"},
    ),
    (
        "Message from client [Connection Id: Lq8gj1UmIAMCKpA=] sent to API [w1x2y3] with response status code [502].",
        "websocket_message_sent",
        {
            "api_id": "w1x2y3",
            "connection_id": "Lq8gj1UmIAMCKpA=",
            "event_type": "MESSAGE",
            "integration_status": 502,
        },
    ),
    (
        "Client [Connection Id: Lq8gj1UmIAMCKpA=] disconnected from API [w1x2y3]. Close reason: [1001: bye]",
        "websocket_disconnected",
        {"api_id": "w1x2y3", "connection_id": "Lq8gj1UmIAMCKpA=", "event_type": "DISCONNECT"},
    ),
    ("Connection API request completed with status: 500", "websocket_done", {"status": 500}),
    ("Execution log for request 7f1d0a52", "test_invoke", {}),
    ("Gateway response type: DEFAULT_4XX with status code: 403", "gateway_response", {"status": 403}),
    ("Gateway response type: QUOTA_EXCEEDED", "gateway_response", {}),
    ("Gateway answered somehow", "unknown", {}),
    ("", "unknown", {}),
)


@pytest.mark.parametrize(("line", "kind", "fields"), LINES, ids=[f"{n}-{kind}" for n, (_, kind, _) in enumerate(LINES)])
def test_a_line_tells_its_kind_and_its_fields(line: str, kind: str, fields: dict[str, Any]) -> None:
    row = read_execution(pl.Series([line])).row(0, named=True)
    assert row.pop("line_kind") == kind
    assert {name: value for name, value in row.items() if value is not None} == fields


def test_every_kind_has_a_line_here() -> None:
    assert {kind for _, kind, _ in LINES} == {*EXECUTION_LINE_KINDS, "unknown"}


def test_many_lines_at_once_read_as_each_alone() -> None:
    lines = [line for line, _, _ in LINES] * 3
    together = read_execution(pl.Series(lines)).rows()
    alone = [read_execution(pl.Series([line])).row(0) for line in lines]
    assert together == alone


def test_a_whole_test_transcript_in_one_message_tells_its_outcome() -> None:
    date = "Thu Sep 05 04:56:39 UTC 2024 : "
    transcript = "\n".join(
        [
            "Execution log for request 29d2b4df-0000-4cae-aeca-f9ef6c338d88",
            date + "Starting execution for request: 29d2b4df-0000-4cae-aeca-f9ef6c338d88",
            date + "HTTP Method: PUT, Resource Path: /pets/7",
            date + "Method request body before transformations: {",
            "  : HTTP Method: GET, Resource Path: /forged",
            "}",
            date + f"Sending request to {FUNCTION_URI}",
            date + "Received response. Status: 200, Integration latency: 241 ms",
            date + "Method completed with status: 502",
        ]
    )
    row = read_execution(pl.Series([transcript])).row(0, named=True)
    assert row["line_kind"] == "test_invoke"
    assert (row["method"], row["path"], row["status"]) == ("PUT", "/pets/7", 502)
    assert (row["integration_function"], row["integration_latency_ms"]) == ("orders-write", 241)


def test_a_line_names_its_request() -> None:
    lines = pl.DataFrame(
        {
            "line": [
                "Verifying Usage Plan for request: 7f1d-aa. API Key: x API Stage: a/b",
                "Starting execution for request: 7f1d-bb",
                "Starting authorizer: 8kx2qd for request: 7f1d-cc",
                "Execution log for request test-request",
                "HTTP Method: GET, Resource Path: /",
            ]
        }
    )
    named = lines.select(named_request(pl.col("line"))).to_series().to_list()
    assert named == ["7f1d-aa", "7f1d-bb", "7f1d-cc", "test-request", None]


def test_the_request_id_is_what_stands_in_brackets_first() -> None:
    lines = ["(7f1d0a52-aa) HTTP Method: GET (x)", "(7f1d0a52-aa)", "(short) x", "(with blank) x", "x (7f1d0a52-aa) y"]
    request_id, body = split_prefix(pl.col("line"))
    found = pl.DataFrame({"line": lines}).select(request_id.alias("id"), body.alias("body"))
    assert found.rows() == [
        ("7f1d0a52-aa", "HTTP Method: GET (x)"),
        ("7f1d0a52-aa", ""),
        *((None, line) for line in lines[2:]),
    ]


def test_a_sure_line_counts_without_a_request_id() -> None:
    lines = [
        "Method completed with status: 200",
        "Execution failed due to configuration error: Invalid permissions on Lambda function",
        "Method request headers: {}",
    ]
    assert stands_alone(pl.Series(lines)).all()


def test_a_line_that_anybody_could_write_does_not_count_without_a_request_id() -> None:
    lines = [
        "Method completed with status: 200 and more",
        "Execution failed for job 7",
        "Unauthorized",
        "API Key: secret",
        "Sending request to the kitchen",
        "a line of somebody else",
    ]
    assert not stands_alone(pl.Series(lines)).any()


@given(st.lists(st.text(), max_size=8))
def test_property_any_text_is_classified_row_for_row(lines: list[str]) -> None:
    found = read_execution(pl.Series(lines, dtype=pl.String))
    assert found.height == len(lines)
    assert found.columns == ["line_kind", *FIELDS]
    assert line_kinds(pl.Series(lines, dtype=pl.String)).to_list() == found.get_column("line_kind").to_list()


@given(st.sampled_from([line for line, _, _ in LINES]), st.text(max_size=40))
def test_property_a_known_beginning_with_any_end_raises_nothing(line: str, end: str) -> None:
    assert read_execution(pl.Series([line + end, end + line])).height == 2
