"""Columns and dtypes of events and requests, the kinds of lines, and the key that joins them.

Times are epoch milliseconds UTC (Int64), durations whole milliseconds, sizes bytes. A value that was not
logged is null, never 0 or "-".
"""

from __future__ import annotations

from typing import Final

import polars as pl

KINDS: Final = ("access", "execution", "lambda", "other")

EXECUTION_LINE_KINDS: Final = (
    "extended_request_id",  # Extended Request Id: …
    "authorizer_start",  # Starting authorizer: … for request: …
    "authorizer_identity",  # Incoming identity: ****
    "authorizer_result",  # Authorizer result body before parsing: …
    "authorizer_policy",  # Using valid authorizer policy for principal: …
    "authorizer_done",  # Successfully completed authorizer execution
    "authorizer_unauthorized",  # Unauthorized request: …
    "access_denied",  # The client is not authorized to perform this operation.
    "usage_plan_start",  # Verifying Usage Plan for request: …
    "usage_plan_key",  # API Key … authorized because method '…'
    "usage_plan_done",  # Usage Plan check succeeded …
    "api_key_rejected",  # API Key … not authorized because …
    "throttled",  # Key throttle limit exceeded …
    "start",  # Starting execution for request: …
    "method",  # HTTP Method: …, Resource Path: …
    "api_key",  # API Key: ****
    "api_key_id",  # API Key ID: …
    "request_path",  # Method request path: {…}
    "request_query",  # Method request query string: {…}
    "request_headers",  # Method request headers: {…}
    "request_body",  # Method request body before transformations: …
    "request_valid",  # Request validation succeeded …
    "request_invalid",  # Request body does not match model schema …
    "endpoint_uri",  # Endpoint request URI: …
    "endpoint_request_headers",  # Endpoint request headers: {…}
    "endpoint_request_body",  # Endpoint request body after transformations: …
    "integration_request",  # Sending request to …
    "integration_response",  # Received response. Status: …, Integration latency: … ms
    "endpoint_response_headers",  # Endpoint response headers: {…}
    "endpoint_response_body",  # Endpoint response body before transformations: …
    "response_body",  # Method response body after transformations: …
    "response_headers",  # Method response headers: {…}
    "function_error",  # Lambda execution failed with status … due to customer function error: …
    "function_invoke_failed",  # Lambda invocation failed with status: …
    "configuration_error",  # Execution failed due to configuration error: …
    "timeout",  # Execution failed due to a timeout error
    "execution_failed",  # any other "Execution failed…"
    "success",  # Successfully completed execution
    "done",  # Method completed with status: …
    "integration_request_id",  # AWS Integration Endpoint RequestId : …
    "trace_id",  # X-ray Tracing ID : …
    "websocket_route",  # WebSocket Request Route: [$connect]
    "websocket_connecting",  # Client […] is connecting to WebSocket API […].
    "websocket_message_received",  # WebSocket API […] received message from client […].
    "websocket_connected",  # Client […] connected to API […] successfully.
    "websocket_message_sent",  # Message from client […] sent to API […] with response status code […].
    "websocket_disconnected",  # Client […] disconnected from API […]. Close reason: […]
    "websocket_done",  # Connection API request completed with status: …
    "test_invoke",  # Execution log for request … (console test)
)
LAMBDA_LINE_KINDS: Final = (
    "lambda_init",  # INIT_START …, platform.initStart
    "lambda_start",  # START RequestId: …, platform.start
    "lambda_log",  # what the function printed
    "lambda_error",  # [ERROR] …, an uncaught exception, level ERROR/FATAL
    "lambda_timed_out",  # … Task timed out after … seconds
    "lambda_end",  # END RequestId: …, platform.runtimeDone
    "lambda_report",  # REPORT RequestId: …, platform.report
)
LINE_KINDS: Final = (*EXECUTION_LINE_KINDS, *LAMBDA_LINE_KINDS, "unknown")

FAILURE_LINE_KINDS: Final = (
    "authorizer_unauthorized",
    "access_denied",
    "api_key_rejected",
    "throttled",
    "request_invalid",
    "function_error",
    "function_invoke_failed",
    "configuration_error",
    "timeout",
    "execution_failed",
)
"""Execution line kinds that say that a request failed; the first one of a request is the root."""

TERMINAL_LINE_KINDS: Final = ("done", "websocket_done", "authorizer_unauthorized", "access_denied")
"""Execution line kinds after which a request is over (some failures never write `done`)."""

STATES: Final = ("in_flight", "access_only", "execution_only", "complete")
LATENCY_SOURCES: Final = ("access", "execution", "computed")

CAUSE_CODES: Final = (
    "integration_timeout",
    "integration_endpoint_invalid",
    "integration_tls",
    "integration_network",
    "integration_internal_error",
    "integration_output_mapping",
    "lambda_function_error",
    "lambda_timeout",
    "lambda_malformed_response",
    "lambda_throttled",
    "lambda_permission",
    "backend_error",
    "backend_client_error",
    "authorizer_unauthorized",
    "authorizer_denied",
    "authorizer_configuration_error",
    "authorizer_failure",
    "resource_policy_denied",
    "missing_authentication_token",
    "invalid_signature",
    "expired_token",
    "invalid_api_key",
    "throttled",
    "quota_exceeded",
    "waf_blocked",
    "waf_error",
    "bad_request_body",
    "bad_request_parameters",
    "unsupported_media_type",
    "request_too_large",
    "resource_not_found",
    "api_configuration_error",
    "unknown",
)

KIND: Final = pl.Enum(KINDS)
LINE_KIND: Final = pl.Enum(LINE_KINDS)
STATE: Final = pl.Enum(STATES)
LATENCY_SOURCE: Final = pl.Enum(LATENCY_SOURCES)
CAUSE: Final = pl.Enum(CAUSE_CODES)

RAW_EVENTS: Final = pl.Schema(
    {
        "timestamp": pl.Int64,
        "ingestion_time": pl.Int64,  # null where the source does not say
        "event_id": pl.String,  # null where the source does not say: such events are never duplicates
        "log_group": pl.String,  # a file's path for files
        "log_stream": pl.String,
        "scope": pl.String,  # "{api_id}/{stage}" of the target it was read for, else ""
        "message": pl.String,
    }
)
"""What a source yields, one row per event, in the order of arrival."""

EVENTS: Final = pl.Schema(
    [
        *RAW_EVENTS.items(),
        ("kind", KIND),
        ("line_kind", LINE_KIND),  # null for access and other events
        ("request_id", pl.String()),  # of API Gateway; of Lambda for kind "lambda"
        ("key", pl.UInt64()),  # request_key() of scope and request_id; null without request_id
    ]
)
"""What the store keeps of an event. `message` is sanitised."""

FIELDS: Final = pl.Schema(
    {
        "extended_request_id": pl.String,
        "trace_id": pl.String,
        "connection_id": pl.String,
        "api_id": pl.String,
        "stage": pl.String,
        "started_at": pl.Int64,  # requestTimeEpoch, or requestTime (whole seconds)
        "method": pl.String,
        "path": pl.String,
        "route": pl.String,  # the template, without the method
        "status": pl.UInt16,
        "latency_ms": pl.Int64,
        "integration_latency_ms": pl.Int64,
        "response_bytes": pl.Int64,
        "source_ip": pl.String,
        "user_agent": pl.String,
        "api_key_id": pl.String,
        "caller": pl.String,
        "principal": pl.String,
        "event_type": pl.String,  # WebSocket: CONNECT, MESSAGE, DISCONNECT
        "integration_uri": pl.String,
        "integration_status": pl.UInt16,  # what the backend or function answered
        "integration_service_status": pl.UInt16,  # what the Lambda service answered (200 for a crash)
        "integration_function": pl.String,
        "integration_request_id": pl.String,
        "integration_error": pl.String,
        "authorizer_request_id": pl.String,
        "authorizer_status": pl.UInt16,
        "authorizer_latency_ms": pl.Int64,
        "authorizer_error": pl.String,
        "authenticate_status": pl.UInt16,
        "authenticate_error": pl.String,
        "authorize_status": pl.UInt16,
        "authorize_error": pl.String,
        "waf_status": pl.UInt16,
        "waf_response": pl.String,
        "waf_error": pl.String,
        "response_type": pl.String,
        "error_message": pl.String,
        "validation_error": pl.String,
    }
)
"""What one access entry or execution line can say of its request; null where it does not."""

PARSED_EVENTS: Final = pl.Schema([*EVENTS.items(), *FIELDS.items(), ("truncated", pl.Boolean())])
"""Events with everything that was read out of each message. Lives as long as a batch."""

_REQUEST_COLUMNS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "key": pl.UInt64,
    "scope": pl.String,
    "request_id": pl.String,
    "extended_request_id": pl.String,
    "trace_id": pl.String,
    "connection_id": pl.String,
    "api_id": pl.String,
    "stage": pl.String,
    "started_at": pl.Int64,
    "ended_at": pl.Int64,
    "first_event_at": pl.Int64,  # least and greatest timestamp of its access and execution events
    "last_event_at": pl.Int64,
    "method": pl.String,
    "path": pl.String,
    "route": pl.String,
    "event_type": pl.String,
    "status": pl.UInt16,
    "latency_ms": pl.Int64,
    "latency_source": LATENCY_SOURCE,
    "integration_latency_ms": pl.Int64,
    "overhead_ms": pl.Int64,
    "response_bytes": pl.Int64,
    "source_ip": pl.String,
    "user_agent": pl.String,
    "api_key_id": pl.String,
    "caller": pl.String,
    "principal": pl.String,
    "integration_uri": pl.String,
    "integration_status": pl.UInt16,
    "integration_function": pl.String,
    "integration_request_id": pl.String,
    "authorizer_request_id": pl.String,
    "state": STATE,
    "cause": CAUSE,  # null below 400
    "evidence": pl.String,  # the line or "field: value" that proves the cause
    "access_events": pl.UInt32,
    "execution_events": pl.UInt32,
    "truncated_lines": pl.UInt32,
    "unknown_lines": pl.UInt32,
    "lag_ms": pl.Int64,  # last ingestion − the time at which the request ended
}
REQUESTS: Final = pl.Schema(_REQUEST_COLUMNS)
"""One row per request."""


def request_key(scope: pl.Expr, request_id: pl.Expr) -> pl.Expr:
    """The 64-bit key of a request within a session; null without a request ID.

    Polars' hash differs between its versions: never write it to disk.
    """
    return pl.when(request_id.is_not_null()).then(request_id.hash(7) ^ scope.hash(11))
