"""The fields of the query language: one table for parsing, filtering, completion and help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal

from apigw_tui.core.query_ast import ACCESS
from apigw_tui.core.vocabulary import CAUSE_CODES, KINDS, LINE_KINDS, STATES

FieldType = Literal["text", "method", "number", "status", "duration", "size", "ip", "choice", "access"]

_EQUALITY: Final = (":", "=", "!=")
_ORDER: Final = (">", ">=", "<", "<=")
_ORDERED: Final = frozenset({"number", "status", "duration", "size"})


@dataclass(frozen=True)
class QueryField:
    """A name a query can compare.

    `columns` are of REQUESTS, or of EVENTS where `of_events`; the field fits where one of them fits.
    """

    name: str
    type: FieldType
    description: str
    example: str
    columns: tuple[str, ...]
    of_events: bool = False
    choices: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that the field takes, the usual one first."""
        if self.type == "access":
            return (*_EQUALITY, *_ORDER, "~")
        if self.type in {"duration", "size"}:
            return (*_ORDER, *_EQUALITY)
        return (*_EQUALITY, *_ORDER) if self.type in _ORDERED else (*_EQUALITY, "~")

    @property
    def expected(self) -> str:
        """What its value has to be."""
        if self.choices:
            return f"one of the {self.name} values"
        return _EXPECTED[self.type]


_EXPECTED: Final[Mapping[FieldType, str]] = {
    "text": "text",
    "method": "an HTTP method",
    "number": "a number",
    "status": "a number or a class such as 5xx",
    "duration": "a duration such as 250ms, 1.5s or 2m",
    "size": "a size such as 512, 8kb or 1mb",
    "ip": "an IP address or a network such as 203.0.113.0/24",
    "choice": "one of its values",
    "access": "a value",
}

_FIELDS: Final = (
    QueryField("status", "status", "HTTP status sent to the client", "status>=500", ("status",)),
    QueryField("method", "method", "HTTP method", "method:POST", ("method",)),
    QueryField("path", "text", "path as requested", "path:/prod/orders/42", ("path",)),
    QueryField("route", "text", "route or resource template", "route:/orders/{id}", ("route",)),
    QueryField("ip", "ip", "client address or network", "ip:203.0.113.0/24", ("source_ip",)),
    QueryField("latency", "duration", "whole response time", "latency>1s", ("latency_ms",)),
    QueryField(
        "integration",
        "duration",
        "time the backend or function took",
        "integration>=29s",
        ("integration_latency_ms",),
    ),
    QueryField("overhead", "duration", "latency without the integration", "overhead>50ms", ("overhead_ms",)),
    QueryField("bytes", "size", "size of the response", "bytes>1mb", ("response_bytes",)),
    QueryField("cause", "choice", "why it failed", "cause:integration_timeout", ("cause",), choices=CAUSE_CODES),
    QueryField("state", "choice", "which logs it has", "state:in_flight", ("state",), choices=STATES),
    QueryField("key", "text", "API key ID", "key:7hk2m1q9x0", ("api_key_id",)),
    QueryField("caller", "text", "IAM caller", "caller:*", ("caller",)),
    QueryField("principal", "text", "principal the authorizer named", "principal:kim", ("principal",)),
    QueryField("agent", "text", "user agent", "agent:curl*", ("user_agent",)),
    QueryField(
        "id",
        "text",
        "request, extended or Lambda request ID",
        "id:8f0c2a1e-*",
        ("request_id", "extended_request_id", "integration_request_id"),
    ),
    QueryField("extended", "text", "extended request ID", "extended:JKJaXmPLvHcESHA=", ("extended_request_id",)),
    QueryField("trace", "text", "X-Ray trace ID", "trace:1-65f0c2a1-*", ("trace_id",)),
    QueryField("connection", "text", "WebSocket connection ID", "connection:*", ("connection_id",)),
    QueryField("function", "text", "Lambda function behind it", "function:orders-write", ("integration_function",)),
    QueryField(
        "integration.status",
        "status",
        "status the backend or function answered",
        "integration.status:5xx",
        ("integration_status",),
    ),
    QueryField("kind", "choice", "kind of event", "kind:execution", ("kind",), of_events=True, choices=KINDS),
    QueryField(
        "line",
        "choice",
        "what a line says",
        "line:timeout",
        ("line_kind",),
        of_events=True,
        choices=LINE_KINDS,
    ),
    QueryField("group", "text", "log group or file", "group:*orders*", ("log_group",), of_events=True),
    QueryField("stream", "text", "log stream", "stream:*", ("log_stream",), of_events=True),
)

QUERY_FIELDS: Final[Mapping[str, QueryField]] = MappingProxyType({field.name: field for field in _FIELDS})
"""All fields by name; `access.NAME` comes on top, see `field_named`."""


def field_named(name: str) -> QueryField | None:
    """Return the field of a name, also of an `access.NAME`."""
    if name.startswith(ACCESS) and len(name) > len(ACCESS):
        own = name.removeprefix(ACCESS)
        return QueryField(name, "access", f"{own} of the access format", f"{name}:*", (), of_events=True)
    return QUERY_FIELDS.get(name)


def nearest(word: str, names: tuple[str, ...]) -> str | None:
    """Return the name that a mistyped word is closest to."""
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[close[0]] if close else None
