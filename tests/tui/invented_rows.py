"""Rows, bars and counts for the widgets' tests: invented, and only here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apigw_tui.core.stats import Bars, Legend
from apigw_tui.tui.list_view import Mode, Predicate, Row

START = 1_772_417_481_874
"""2026-03-02T02:11:21.874Z, which is 03:11:21.874 in Paris."""

_TRAFFIC: tuple[tuple[int, int | None, str, str, int | None, str | None], ...] = (
    (0, 200, "GET", "/parcels", 38, None),
    (57, 200, "GET", "/parcels/{id}", 27, None),
    (130, 504, "POST", "/parcels/{id}", 29_012, "integration_timeout"),
    (193, 200, "GET", "/parcels/{id}/stops", 44, None),
    (257, 429, "GET", "/parcels", 3, "throttled"),
    (266, 429, "GET", "/parcels", 3, "throttled"),
    (334, 200, "GET", "/search", 118, None),
    (413, 504, "POST", "/parcels/{id}", 29_011, "integration_timeout"),
    (544, 504, "POST", "/parcels/{id}", 29_013, "integration_timeout"),
    (592, 200, "GET", "/depots/{code}", 18, None),
    (656, 502, "PATCH", "/parcels/{id}/stops", 1_204, "lambda_function_error"),
    (737, 200, "GET", "/parcels/{id}", 22, None),
    (805, 504, "POST", "/parcels/{id}", 29_010, "integration_timeout"),
    (868, 304, "GET", "/parcels/{id}", 19, None),
    (927, 201, "POST", "/parcels", 212, None),
    (992, 404, "GET", "/parcels/{id}", 26, "backend_client_error"),
    (1_060, None, "POST", "/parcels/{id}", None, None),
    (1_136, 200, "OPTIONS", "/depots/{code}", 0, None),
    (1_210, 200, "DELETE", "/parcels/{id}/stops", 58, None),
)


def request_row(number: int) -> Row:
    """Return the request row of a number: the same one every time."""
    at, status, method, route, latency_ms, cause = _TRAFFIC[number % len(_TRAFFIC)]
    started_at = START + number // len(_TRAFFIC) * 1_250 + at
    return {
        "key": number + 1,
        "request_id": f"{(number * 2_654_435_761) % 2**32:08x}-1111-4222-8333-444455556666",
        "started_at": started_at,
        "method": method,
        "route": route,
        "status": status,
        "latency_ms": latency_ms,
        "integration_latency_ms": None if latency_ms is None or latency_ms < 10 else latency_ms - 8,
        "cause": cause,
        "source_ip": "2001:db8:85a3:8d3:1319:8a2e:370:7348" if number % 7 == 5 else f"203.0.113.{number % 250}",
        "state": "in_flight" if status is None else "complete",
        "truncated_lines": 0,
    }


def event_row(number: int) -> Row:
    """Return the event row of a number."""
    kinds = ("execution", "access", "lambda", "other")
    messages = (
        "(11111111-2222) Sending request to https://lambda.example/functions/parcels-write/invocations",
        '{"requestId":"11111111-2222","status":"504","path":"/parcels/7"}',
        "WARN pool exhausted\n\tat pool.take (pool.js:17)\n\tat handler (index.js:4)",
        "包裹 延迟 " * 12,
        "(11111111-2222) Execution failed due to a timeout error",
    )
    return {
        "arrival": number + 1,
        "key": number // 5 + 1,
        "timestamp": START + number * 37,
        "kind": kinds[number % 4] if number % 5 != 4 else "execution",
        "line_kind": "timeout" if number % 5 == 4 else None,
        "message": messages[number % 5],
        "request_id": f"{number // 5:08x}-1111-4222-8333-444455556666",
    }


@dataclass
class InventedView:
    """A view of numbered rows; counts how often and how much of it is read."""

    numbers: Sequence[int]
    mode: Mode = "requests"
    version: int = 1
    sort: str = ""
    extras: dict[int, dict[str, Any]] = field(default_factory=dict)
    slices: list[tuple[int, int]] = field(default_factory=list)

    @property
    def gap_rows(self) -> list[int]:
        if isinstance(self.numbers, range):
            return []
        return [at for at, number in enumerate(self.numbers) if number < 0]

    def __len__(self) -> int:
        return len(self.numbers)

    def slice(self, start: int, count: int) -> list[Row]:
        self.slices.append((start, count))
        make = request_row if self.mode == "requests" else event_row
        return [
            {**({"gap": "gone"} if number < 0 else make(number)), **self.extras.get(number, {})}
            for number in self.numbers[start : start + count]
        ]

    def position(self, key: int) -> int | None:
        if isinstance(self.numbers, range):
            return self.numbers.index(key - 1) if key - 1 in self.numbers else None
        return self.numbers.index(key - 1) if key - 1 in self.numbers else None

    def find(self, predicate: Predicate, start: int, *, backwards: bool = False) -> int | None:
        step = -1 if backwards else 1
        at = start + step
        while 0 <= at < len(self.numbers):
            row = self.slice(at, 1)[0]
            if predicate == "5xx" and (row.get("status") or 0) >= 500:
                return at
            at += step
        return None


def bars(count: int = 60, step_ms: int = 15_000, height: int = 700, end: int = START + 45_000) -> Bars:
    """Return bars with an incident in their last third."""
    start = (end - count * step_ms) // step_ms * step_ms
    failing = [2 if at % 7 in (1, 2) else 0 for at in range(count)]
    refused = [0] * count
    for at in range(count * 3 // 5, count):
        failing[at] = min(150, (at - count * 3 // 5) * 40 + 20)
    for at in range(count * 7 // 10, count * 4 // 5):
        refused[at] = 120 - abs(at - count * 3 // 4) * 12
    rest = [height - failing[at] - refused[at] - (at * 37) % 60 for at in range(count)]
    return Bars(start, step_ms, {"5xx": tuple(failing), "4xx": tuple(refused), "2xx": tuple(rest)})


def legend() -> Legend:
    """Return counts of an incident."""
    return Legend(
        {"5xx": 3_568, "4xx": 1_121, "3xx": 92, "2xx": 33_662, "1xx": 0, "none": 0},
        (("integration_timeout", 3_381), ("throttled", 611), ("lambda_function_error", 187)),
        38_443,
    )
