"""Log events as API Gateway writes them, for tests of what is read out of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.core.requests import summarise
from apigw_tui.core.schema import RAW_EVENTS

SCOPE = "k9x2m4/prod"
ACCESS_GROUP = "shop-access"
EXECUTION_GROUP = "API-Gateway-Execution-Logs_k9x2m4/prod"
FUNCTION_GROUP = "/aws/lambda/basket-write"
START = 1_760_000_000_000
REQUEST = "3d0f6a52-7c1e-4b77-9a35-58e0c1d2f401"
OTHER_REQUEST = "b1c94e07-20aa-4f6d-8c3b-91d7e6f5a802"
KEY_LINE = "API Key  authorized because method 'ANY /basket/{id}' does not require API Key."
CALL = "f4a1d2c3-0b5e-4d6f-a7b8-c9d0e1f2a3b4"
URI = (
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:111122223333:function:basket-write/invocations"
)
AUTHORIZER_URI = URI.replace("basket-write", "badge-check")
HTTP_URI = "http://stock.shop.example/items/17"

VARIABLES = {
    "requestId": "requestId",
    "at": "requestTimeEpoch",
    "method": "httpMethod",
    "path": "path",
    "route": "resourcePath",
    "status": "status",
    "latency": "responseLatency",
    "integrationLatency": "integration.latency",
    "integrationStatus": "integration.status",
    "serviceStatus": "integration.integrationStatus",
    "integrationError": "integration.error",
    "bytes": "responseLength",
    "ip": "identity.sourceIp",
    "agent": "identity.userAgent",
    "keyId": "identity.apiKeyId",
    "principal": "authorizer.principalId",
    "responseType": "error.responseType",
    "message": "error.message",
    "validation": "error.validationErrorString",
    "wafStatus": "waf.status",
    "wafResponse": "wafResponseCode",
    "wafError": "waf.error",
    "authenticateStatus": "authenticate.status",
    "authenticateError": "authenticate.error",
    "authorizerStatus": "authorizer.status",
    "authorizerLatency": "authorizer.latency",
    "authorizerError": "authorizer.error",
    "authorizeStatus": "authorize.status",
    "authorizeError": "authorize.error",
}
FORMAT = AccessFormat.compile(json.dumps({name: f"$context.{variable}" for name, variable in VARIABLES.items()}))
Line = str | tuple[int, str]
FORMATS: Mapping[str, AccessFormat] = {ACCESS_GROUP: FORMAT}


@dataclass(frozen=True)
class LogEvent:
    """One event; `serial` counts the events of its group and millisecond in the order they were written."""

    at: int
    group: str
    message: str
    serial: int = 0
    delivered_after: int | None = 900
    scope: str = SCOPE

    def row(self) -> tuple[Any, ...]:
        delivered = None if self.delivered_after is None else self.at + self.delivered_after
        number = None if self.delivered_after is None else str((self.at << 144) + self.serial).zfill(56)
        return (self.at, delivered, number, self.group, "stream", self.scope, self.message)


def access(*, request_id: str = REQUEST, at: int = START, **values: object) -> LogEvent:
    """The access entry of a request; what is not given was not there, which API Gateway writes as `-`."""
    known = {"requestId": request_id, "at": at, "method": "POST", "route": "/basket/{id}", **values}
    entry = {name: str(known.get(name, "-")) for name in VARIABLES}
    return LogEvent(at, ACCESS_GROUP, json.dumps(entry))


def execution(*lines: Line, request_id: str = REQUEST, at: int = START, serial: int = 0) -> list[LogEvent]:
    """Execution lines in their order; a pair has the offset in ms at which it and the next were written."""
    events, offset = [], 0
    for number, line in enumerate(lines):
        offset, text = (offset, line) if isinstance(line, str) else line
        events.append(LogEvent(at + offset, EXECUTION_GROUP, f"({request_id}) {text}", serial + number))
    return events


def function(*lines: Line, at: int = START) -> list[LogEvent]:
    """Lines of the function's own log."""
    return [
        replace(event, group=FUNCTION_GROUP, message=event.message.partition(") ")[2], scope="")
        for event in execution(*lines, at=at)
    ]


def opening(request_id: str = REQUEST) -> tuple[str, ...]:
    """The lines at level INFO up to the start of the execution."""
    return (
        "Extended Request Id: Qd3xkH7ArPEFabc=",
        f"Verifying Usage Plan for request: {request_id}. API Key:  API Stage: k9x2m4/prod",
        f"{KEY_LINE} Request will not contribute to throttle or quota limits",
        "Usage Plan check succeeded for API Key  and API Stage k9x2m4/prod",
        f"Starting execution for request: {request_id}",
        "HTTP Method: POST, Resource Path: /basket/17",
    )


def raw(events: Iterable[LogEvent]) -> pl.DataFrame:
    """RAW_EVENTS rows."""
    return pl.DataFrame([event.row() for event in events], schema=RAW_EVENTS, orient="row")


def parsed(*events: LogEvent) -> pl.DataFrame:
    """PARSED_EVENTS rows."""
    return parse_events(raw(events), FORMATS)


def row(*events: LogEvent) -> dict[str, Any]:
    """The row of REQUESTS that all these events are of."""
    rows = summarise(parsed(*events))
    assert rows.height == 1
    return rows.row(0, named=True)
