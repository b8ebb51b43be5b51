"""X-Ray: BatchGetTraces in the REST-JSON protocol, over what the shop's requests left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from apigw_tui.emulator.feed import JsonObject
from apigw_tui.emulator.trace_segments import SegmentDocument
from apigw_tui.emulator.wire import Request, Response, ServiceError, rest_error, rest_response

PATH: Final = "/Traces"
MOST_TRACES: Final = 5
LONGEST_ID: Final = 35
KEPT_MS: Final = 30 * 86_400_000
PAGE_SEGMENTS: Final = 50


class TraceFeed(Protocol):
    """Traces that exist as a function of time."""

    def trace(self, trace_id: str) -> Sequence[SegmentDocument]:
        """The segments of a trace, also those that X-Ray does not return yet; none of one it never recorded."""


class XRayService:
    """Answers what has arrived: a trace has fewer segments while it is young, and none after 30 days."""

    def __init__(self, feed: TraceFeed | None, clock: Callable[[], int], *, page_segments: int = PAGE_SEGMENTS) -> None:
        self.unsigned = ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)
        self._feed = feed
        self._clock = clock
        self._page_segments = page_segments

    def operation(self, request: Request) -> str:
        """The one operation there is."""
        if request.method == "POST" and request.path == PATH:
            return "BatchGetTraces"
        raise ServiceError("UnknownOperationException", f"{request.method} {request.path} is not served", status=404)

    def call(self, operation: str, request: Request) -> Response:  # noqa: ARG002 - there is one
        """The traces asked for, a page of their segments at a time."""
        values = _body(request)
        wanted = _trace_ids(values)
        found = [(trace_id, each) for trace_id in wanted for each in self._segments(trace_id)]
        start = _position(values.get("NextToken"), len(found))
        page = found[start : start + self._page_segments]
        traces = [
            _trace(trace_id, segments)
            for trace_id in wanted
            if (segments := [each for name, each in page if name == trace_id])
        ]
        answer: JsonObject = {"Traces": traces, "UnprocessedTraceIds": []}
        end = start + len(page)
        return rest_response({**answer, "NextToken": str(end)} if end < len(found) else answer)

    def error(self, error: ServiceError) -> Response:
        """The error as JSON, its code in a header."""
        return rest_error(error)

    def _segments(self, trace_id: str) -> list[JsonObject]:
        if self._feed is None:
            return []
        now = self._clock()
        segments = self._feed.trace(trace_id)
        return [document for at, document in segments if at <= now < at + KEPT_MS]


def _trace(trace_id: str, segments: list[JsonObject]) -> JsonObject:
    start = min(segment["start_time"] for segment in segments)
    end = max(segment["end_time"] for segment in segments)
    return {
        "Id": trace_id,
        "Duration": round(end - start, 3),
        "LimitExceeded": False,
        "Segments": [{"Id": segment["id"], "Document": json.dumps(segment)} for segment in segments],
    }


def _body(request: Request) -> dict[str, Any]:
    try:
        values = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise _invalid("The body is no JSON") from error
    if not isinstance(values, dict):
        raise _invalid("The body is no JSON object")
    return values


def _trace_ids(values: dict[str, Any]) -> list[str]:
    wanted = values.get("TraceIds")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST_TRACES:
        raise _invalid(f"TraceIds must have 1 to {MOST_TRACES} members")
    if not all(isinstance(each, str) and 1 <= len(each) <= LONGEST_ID for each in wanted):
        raise _invalid(f"A trace ID must have 1 to {LONGEST_ID} characters")
    return list(dict.fromkeys(wanted))


def _position(token: object, most: int) -> int:
    if token is None:
        return 0
    if not isinstance(token, str) or not token.isdigit() or int(token) > most:
        raise _invalid("The NextToken is not valid")
    return int(token)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidRequestException", message)
