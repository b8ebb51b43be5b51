"""Columns and dtypes of events and requests, the kinds of lines, and the key that joins them.

Times are epoch milliseconds UTC (Int64), durations whole milliseconds, sizes bytes. A value that was not
logged is null, never 0 or "-".
"""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.vocabulary import (
    CAUSE_CODES,
    EXECUTION_LINE_KINDS,
    FAILURE_LINE_KINDS,
    KINDS,
    LAMBDA_LINE_KINDS,
    LATENCY_SOURCES,
    LINE_KINDS,
    STATES,
    TERMINAL_LINE_KINDS,
)

__all__ = [
    "CAUSE",
    "CAUSE_CODES",
    "EVENTS",
    "EXECUTION_LINE_KINDS",
    "FAILURE_LINE_KINDS",
    "FIELDS",
    "KIND",
    "KINDS",
    "LAMBDA_LINE_KINDS",
    "LATENCY_SOURCE",
    "LATENCY_SOURCES",
    "LINE_KIND",
    "LINE_KINDS",
    "PARSED_EVENTS",
    "RAW_EVENTS",
    "REQUESTS",
    "STATE",
    "STATES",
    "STORED_EVENTS",
    "TERMINAL_LINE_KINDS",
    "request_key",
]

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
"""What is kept of an event. `message` is sanitised."""

STORED_EVENTS: Final = pl.Schema([*EVENTS.items(), ("arrival", pl.UInt64())])
"""EVENTS plus `arrival`, the number of the event in its store: unique, in order of arrival."""

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
