"""Requests, responses and errors of the endpoint, before and after HTTP."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from apigw_tui.emulator.faults import Fault

_JSON: Final = "application/x-amz-json-1.1"
_REST_JSON: Final = "application/json"
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/")


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The last value of each query parameter."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    @property
    def form(self) -> dict[str, str]:
        """The body of a query-protocol call."""
        found = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    @property
    def signed(self) -> bool:
        """Whether a signature came along, in a header or in the URL. It is never verified."""
        return "authorization" in self.headers or "X-Amz-Signature" in self.query

    @property
    def access_key_id(self) -> str:
        """Whose signature came along; empty without one."""
        found = _CREDENTIAL.search(self.headers.get("authorization", ""))
        return found[1] if found else self.query.get("X-Amz-Credential", "").partition("/")[0]


@dataclass(frozen=True)
class Delivery:
    """How an answer travels: after so many ms, and the fault that its way has."""

    delay_ms: float = 0.0
    fault: Fault | None = None


class FrameStream(Protocol):
    """A body that is sent while time goes on."""

    over: bool
    """Nothing more will come."""
    cut: bool
    """The connection is to be dropped instead of ended."""

    def due(self) -> list[bytes]:
        """The frames that are to be sent now; may be none."""

    def close(self) -> None:
        """Called when it is over or the client is gone."""


@dataclass(frozen=True)
class Response:
    """One HTTP response; with `stream` its body is that."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: FrameStream | None = None
    delivery: Delivery | None = None


class ServiceError(Exception):
    """An error that the service answers with, in the shape of its own protocol."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Service(Protocol):
    """One AWS service behind the endpoint."""

    def operation(self, request: Request) -> str:
        """The operation that is asked for. Raises ServiceError if there is no such operation."""

    def call(self, operation: str, request: Request) -> Response:
        """Run the operation. Raises ServiceError."""

    def error(self, error: ServiceError) -> Response:
        """The answer that says so."""

    @property
    def unsigned(self) -> ServiceError:
        """What the service says to a request without a signature."""


def json_response(answer: Mapping[str, Any]) -> Response:
    """An answer of the JSON 1.1 protocol."""
    return Response(200, json.dumps(answer).encode(), _JSON)


def json_error(error: ServiceError) -> Response:
    """An error of the JSON 1.1 protocol."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return Response(error.status, body, _JSON, {"x-amzn-ErrorType": error.code})


def rest_response(answer: Mapping[str, Any]) -> Response:
    """An answer of the REST-JSON protocol."""
    return Response(200, json.dumps(answer).encode(), _REST_JSON)


def rest_error(error: ServiceError) -> Response:
    """An error of the REST-JSON protocol: the code is in the header only."""
    body = json.dumps({"message": error.message}).encode()
    return Response(error.status, body, _REST_JSON, {"x-amzn-ErrorType": error.code})


def request_id() -> str:
    """A new ID for one answer."""
    return str(uuid.uuid4())
