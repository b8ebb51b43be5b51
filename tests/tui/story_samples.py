"""Stories for the tests: invented requests in the grammar of real logs, read by the real parsers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.core.schema import EVENTS, RAW_EVENTS
from apigw_tui.core.story import Story, build_story

if TYPE_CHECKING:
    from collections.abc import Sequence

START = 1_773_022_282_418
"""2026-03-09 02:11:22.418 UTC."""
REQUEST_ID = "8f0c2a1e-5b7d-4c39-9a64-0d1f2e3b4c5d"
FUNCTION_ID = "41f0a7c2-9d3e-4b18-8c55-7e2a90b1d6f4"
AUTHORIZER_ID = "f5a6d9c8-4bb9-4e6f-910b-abaa2525c9d0"
SCOPE = "a1b2c3d4e5/prod"
ACCESS_GROUP = "orders-prod-access"
EXECUTION_GROUP = "API-Gateway-Execution-Logs_a1b2c3d4e5/prod"
FUNCTION_GROUP = "/aws/lambda/orders-write"
WARNED = f"2026-03-09T02:11:31.479Z\t{FUNCTION_ID}"
FUNCTION_URI = (
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:111122223333:function:orders-write/invocations"
)
CRASH = {
    "errorType": "StockError",
    "errorMessage": "no stock of A-1",
    "stack": [
        "StockError: no stock of A-1",
        "    at reserve (/var/task/lib/stock.js:18:17)",
        "    at place (/var/task/lib/order.js:77:5)",
        "    at exports.handler (/var/task/handler.js:41:17)",
    ],
}
HEADERS = (
    "{Accept=application/json, text/plain, */*, Authorization=Bearer sesame-0123456789abcdef, Content-Length=4096, "
    "Host=api.example.com}"
)
VARIABLES = {
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "trace": "$context.xrayTraceId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    "ip": "$context.identity.sourceIp",
    "agent": "$context.identity.userAgent",
    "key": "$context.identity.apiKeyId",
    "stage": "$context.stage",
    "apiId": "$context.apiId",
    "authorizerRequestId": "$context.authorizer.requestId",
}
FORMAT = AccessFormat.compile(json.dumps(VARIABLES))
FORMATS = {ACCESS_GROUP: FORMAT}

Sample = tuple[int, str, str]
"""Offset in milliseconds, log group, message."""


def timeout_story(*, data_trace: bool = False, extra: Sequence[Sample] = ()) -> Story:
    """A POST whose function did not answer within 29 s."""
    return story_of([access_entry(504, 29_013), *timeout_lines(data_trace=data_trace), *extra])


def access_entry(status: int, latency: int, **values: str) -> Sample:
    """An access entry in FORMAT."""
    logged = {
        "requestId": REQUEST_ID,
        "extendedRequestId": "Vts2pH6ArPEFcuQ=",
        "trace": "1-6a0d2c2a-5f1e9b07c4d83a6e21b0f957",
        "time": str(START),
        "method": "POST",
        "path": "/orders/7Q2M4X",
        "resource": "/orders/{id}",
        "status": str(status),
        "latency": str(latency),
        "integrationLatency": "-",
        "bytes": "41",
        "ip": "203.0.113.24",
        "agent": "shop-app/4.2",
        "key": "k7f3p19c",
        "stage": "prod",
        "apiId": "a1b2c3d4e5",
        "authorizerRequestId": "-",
    } | values
    return 0, ACCESS_GROUP, json.dumps(logged)


def timeout_lines(*, data_trace: bool = False) -> list[Sample]:
    """What API Gateway and the function wrote of it."""
    traced = [
        (41, "Method request path: {id=7Q2M4X}"),
        (41, "Method request query string: {}"),
        (41, "Method request headers: {Authorization=Bearer sesame-0123456789abcdef, Host=api.example.com}"),
        (41, 'Method request body before transformations: {"items": [{"sku": "A-1", "count": 3}]}'),
    ]
    execution = [
        (0, "Extended Request Id: Vts2pH6ArPEFcuQ="),
        (1, f"Starting authorizer: k3x9qa for request: {REQUEST_ID}"),
        (38, "Successfully completed authorizer execution"),
        (39, f"Verifying Usage Plan for request: {REQUEST_ID}. API Key: ******f3p19c API Stage: {SCOPE}"),
        (
            40,
            "API Key  authorized because method 'POST /orders/{id}' does not require API Key",
        ),
        (40, f"Usage Plan check succeeded for API Key  and API Stage {SCOPE}"),
        (40, f"Starting execution for request: {REQUEST_ID}"),
        (41, "HTTP Method: POST, Resource Path: /orders/7Q2M4X"),
        *(traced if data_trace else []),
        (41, f"Endpoint request URI: {FUNCTION_URI}"),
        (41, "Endpoint request headers: {X-Amz-Date=20260309T021122Z} [TRUNCATED]"),
        (42, f"Sending request to {FUNCTION_URI}"),
        (29_041, "Execution failed due to a timeout error"),
        (29_042, "Method completed with status: 504"),
        (29_043, f"AWS Integration Endpoint RequestId : {FUNCTION_ID}"),
    ]
    function = [
        (58, f"START RequestId: {FUNCTION_ID} Version: 44"),
        (61, f"2026-03-09T02:11:22.479Z\t{FUNCTION_ID}\tINFO\treserving stock order=7Q2M4X items=3"),
        (
            9_061,
            f"{WARNED}\tWARN\tpool inventory-db exhausted: waited 9000 ms, 20 of 20 in use",
        ),
    ]
    return [
        *((at, EXECUTION_GROUP, f"({REQUEST_ID}) {text}") for at, text in execution),
        *((at, FUNCTION_GROUP, text) for at, text in function),
    ]


def authorized_story() -> Story:
    """A request whose authorizer's function let it pass, and whose function then crashed."""
    authorizer = [
        (6, f"START RequestId: {AUTHORIZER_ID} Version: 9"),
        (24, f"END RequestId: {AUTHORIZER_ID}"),
        (24, _report(AUTHORIZER_ID, 18.69, 256, 73)),
    ]
    function = [
        (58, f"START RequestId: {FUNCTION_ID} Version: 44"),
        (60, f"2026-03-09T02:11:22.478Z\t{FUNCTION_ID}\tINFO\treserving stock order=7Q2M4X items=3"),
        (82, f"2026-03-09T02:11:22.500Z\t{FUNCTION_ID}\tERROR\tInvoke Error \t{json.dumps(CRASH)}"),
        (83, f"END RequestId: {FUNCTION_ID}"),
        (83, f"{_report(FUNCTION_ID, 24.31, 512, 121)}Init Duration: 240.10 ms\tStatus: error"),
    ]
    failed = f"due to customer function error: no stock. Lambda request id: {FUNCTION_ID}"
    execution = [
        (0, "Extended Request Id: Vts2pH6ArPEFcuQ="),
        (1, f"Starting authorizer: k3x9qa for request: {REQUEST_ID}"),
        (38, "Successfully completed authorizer execution"),
        (40, f"Starting execution for request: {REQUEST_ID}"),
        (41, "HTTP Method: POST, Resource Path: /orders/7Q2M4X"),
        (41, f"Method request headers: {HEADERS}"),
        (41, 'Method request body before transformations: {"items": [{"sku": "A-1", "count": 3}, {"sku" [TRUNCATED]'),
        (42, f"Sending request to {FUNCTION_URI}"),
        (86, "Received response. Status: 200, Integration latency: 44 ms"),
        (86, f"Lambda execution failed with status 200 {failed}"),
        (87, "Method completed with status: 502"),
    ]
    values = {"integrationLatency": "44", "authorizerRequestId": AUTHORIZER_ID}
    entry_at, group, entry = access_entry(502, 87, **values)
    return story_of(
        [
            (entry_at, group, entry),
            *((at, EXECUTION_GROUP, f"({REQUEST_ID}) {text}") for at, text in execution),
            *((at, "/aws/lambda/orders-authorizer", text) for at, text in authorizer),
            *((at, FUNCTION_GROUP, text) for at, text in function),
        ]
    )


def _report(request_id: str, duration: float, memory: int, used: int) -> str:
    return (
        f"REPORT RequestId: {request_id}\tDuration: {duration} ms\tBilled Duration: {int(duration) + 1} ms\t"
        f"Memory Size: {memory} MB\tMax Memory Used: {used} MB\t"
    )


def story_of(samples: Sequence[Sample]) -> Story:
    """Parse and stitch."""
    raw = pl.DataFrame(
        {
            "timestamp": [START + at for at, _, _ in samples],
            "ingestion_time": [START + at + 1_500 for at, _, _ in samples],
            "event_id": [f"{place:05d}" for place in range(len(samples))],
            "log_group": [group for _, group, _ in samples],
            "log_stream": ["stream"] * len(samples),
            "scope": [SCOPE] * len(samples),
            "message": [text for _, _, text in samples],
        },
        schema=RAW_EVENTS,
    )
    return build_story(parse_events(raw, FORMATS).select(EVENTS.names()), FORMATS)
