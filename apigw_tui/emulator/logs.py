"""CloudWatch Logs: its operations over a feed of events and what clients put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from apigw_tui.emulator import insights, listing, reading, writing
from apigw_tui.emulator.arguments import Arguments
from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.feed import LogFeed
from apigw_tui.emulator.groups import LogGroups
from apigw_tui.emulator.live_tail import LiveTailSessions
from apigw_tui.emulator.paging import Paging, Tokens
from apigw_tui.emulator.state import LogsState
from apigw_tui.emulator.wire import Request, Response, ServiceError, json_error, json_response

TARGET_PREFIX: Final = "Logs_20140328."

Operation = Callable[[LogsState, Arguments], dict[str, Any]]

OPERATIONS: Final[dict[str, Operation]] = {
    "CreateLogGroup": writing.create_log_group,
    "CreateLogStream": writing.create_log_stream,
    "PutLogEvents": writing.put_log_events,
    "DescribeLogGroups": listing.describe_log_groups,
    "ListLogGroups": listing.list_log_groups,
    "DescribeLogStreams": listing.describe_log_streams,
    "FilterLogEvents": reading.filter_log_events,
    "GetLogEvents": reading.get_log_events,
    "StartQuery": insights.start_query,
    "GetQueryResults": insights.get_query_results,
    "StopQuery": insights.stop_query,
    "DescribeQueries": insights.describe_queries,
}
_START_LIVE_TAIL: Final = "StartLiveTail"
_WITHOUT_ANSWER: Final = frozenset({"CreateLogGroup", "CreateLogStream"})


class LogsService:
    """JSON 1.1 with the operation in the X-Amz-Target header."""

    def __init__(
        self, feed: LogFeed, clock: Callable[[], int], paging: Paging, conditions: Conditions | None = None
    ) -> None:
        self._state = LogsState(LogGroups(feed, clock), Tokens(clock), paging, clock, conditions or Conditions())
        self.live_tail = LiveTailSessions(self._state)
        self.unsigned = ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")

    def operation(self, request: Request) -> str:
        """The name after the target prefix."""
        target = request.headers.get("x-amz-target", "")
        name = target.removeprefix(TARGET_PREFIX)
        if name == target or (name not in OPERATIONS and name != _START_LIVE_TAIL):
            raise ServiceError("UnknownOperationException", f"The operation {target} is not known")
        return name

    def call(self, operation: str, request: Request) -> Response:
        """Run one operation."""
        if operation == _START_LIVE_TAIL:
            return self.live_tail.start(Arguments.of(request))
        answer = OPERATIONS[operation](self._state, Arguments.of(request))
        if operation in _WITHOUT_ANSWER:
            return Response(200, b"", "application/x-amz-json-1.1")
        return json_response(answer)

    def error(self, error: ServiceError) -> Response:
        """The error as JSON."""
        return json_error(error)
