"""A client of StartLiveTail without HTTP: what a session would send, read by botocore's own parser of frames."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer

from apigw_tui.emulator.feed import LogFeed
from apigw_tui.emulator.live_tail import LiveTailSessions
from apigw_tui.emulator.logs import LogsService
from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.wire import FrameStream, Request, ServiceError
from tests.emulator.tiny_feed import T0

HOUR_MS = 3_600_000
ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:"


class LiveClient:
    """Opens sessions with a clock that the test moves."""

    def __init__(self, feed: LogFeed) -> None:
        self.now = T0
        self._service = LogsService(feed, lambda: self.now, Paging())

    @property
    def sessions(self) -> LiveTailSessions:
        return self._service.live_tail

    def call(self, operation: str, **arguments: object) -> Any:
        headers = {"x-amz-target": f"Logs_20140328.{operation}"}
        request = Request("POST", "/", headers, json.dumps(arguments).encode())
        return self._service.call(self._service.operation(request), request)

    def open(self, *groups: str, **arguments: object) -> FrameStream:
        """A session of these groups by name."""
        identifiers = [f"{ARN}{name}" for name in groups]
        stream = self.call("StartLiveTail", logGroupIdentifiers=identifiers, **arguments).stream
        assert stream is not None
        return stream  # type: ignore[no-any-return]

    def refused(self, **arguments: object) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.call("StartLiveTail", **arguments)
        return caught.value

    def after(self, milliseconds: int, session: FrameStream) -> list[tuple[str, dict[str, Any]]]:
        """What the session sends when so much time has passed."""
        self.now += milliseconds
        return told(session.due())


def told(frames: list[bytes]) -> list[tuple[str, dict[str, Any]]]:
    """Kind and payload of each frame; raises what botocore raises for damaged ones."""
    buffer = EventStreamBuffer()
    for frame in frames:
        buffer.add_data(frame)
    events = [event.to_response_dict() for event in buffer]
    return [(_kind(event["headers"]), json.loads(event["body"])) for event in events]


def _kind(headers: dict[str, Any]) -> str:
    return str(headers.get(":event-type") or headers[":exception-type"])


def results(frames: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The messages of all updates."""
    return [
        result["message"] for kind, payload in frames if kind == "sessionUpdate" for result in payload["sessionResults"]
    ]
