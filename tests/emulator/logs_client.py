"""Calls CloudWatch Logs of the emulator without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_tui.emulator.feed import LogFeed, LoggedEvent
from apigw_tui.emulator.logs import LogsService
from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.wire import Request, ServiceError
from tests.emulator.tiny_feed import ACCESS, T0, TinyFeed

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


class Client:
    """Calls the service as boto3 would, with a clock that the test moves."""

    def __init__(self, feed: LogFeed | None = None, paging: Paging | None = None) -> None:
        self.now = T0 + HOUR_MS
        self._service = LogsService(feed or TinyFeed(), lambda: self.now, paging or Paging())

    def call(self, operation: str, **arguments: object) -> dict[str, Any]:
        headers = {"x-amz-target": f"Logs_20140328.{operation}"}
        request = Request("POST", "/", headers, json.dumps(arguments).encode())
        body = self._service.call(self._service.operation(request), request).body
        answer: dict[str, Any] = json.loads(body) if body else {}
        return answer

    def refused(self, operation: str, **arguments: object) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.call(operation, **arguments)
        assert caught.value.status == 400
        return caught.value

    def pages(self, **arguments: object) -> Iterator[list[dict[str, Any]]]:
        token: dict[str, object] = {}
        while True:
            answer = self.call("FilterLogEvents", **arguments, **token)
            yield answer["events"]
            if "nextToken" not in answer:
                return
            token = {"nextToken": answer["nextToken"]}

    def messages(self, **arguments: object) -> list[str]:
        return [found["message"] for page in self.pages(**arguments) for found in page]

    def put(self, *events: tuple[int, str], stream: str = "s") -> dict[str, Any]:
        items = [{"timestamp": timestamp, "message": message} for timestamp, message in events]
        return self.call("PutLogEvents", logGroupName="own", logStreamName=stream, logEvents=items)


def fed(*events: LoggedEvent, paging: Paging | None = None) -> Client:
    return Client(TinyFeed({ACCESS: events}), paging)
