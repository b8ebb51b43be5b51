"""A quarter of an hour of a shop's requests, an incident in its second half: invented, and only here."""

from __future__ import annotations

from typing import Any

import polars as pl

from apigw_tui.core.board import Board, board
from apigw_tui.core.schema import REQUESTS

START = 1_772_417_400_000
"""2026-03-02T02:10:00Z."""
MINUTE = 60_000
END = START + 15 * MINUTE

_ROUTES = (
    ("GET", "/parcels/{id}", 60, 30),
    ("POST", "/parcels/{id}", 40, 200),
    ("GET", "/parcels", 36, 40),
    ("GET", "/depots/{code}", 30, 18),
    ("GET", "/search", 14, 110),
    ("PATCH", "/parcels/{id}/stops", 9, 90),
    ("GET", "/parcels/{id}/stops", 5, 41),
    ("DELETE", "/parcels/{id}/stops", 2, 58),
    ("OPTIONS", "/depots/{code}", 1, 3),
)
_AGENTS = ("Parcels/5.12.1 (Android 16)", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "courier-sdk/2.4")


def requests() -> pl.DataFrame:
    """Return the requests: one route times out, another crashes, one client is throttled, most are well."""
    rows = [
        _request(minute, number, (method, route), usual_ms)
        for minute in range(15)
        for method, route, often, usual_ms in _ROUTES
        for number in range(often + minute % 3)
    ]
    schema = {name: REQUESTS[name] for name in rows[0]}
    missing = {name: pl.lit(None, dtype) for name, dtype in REQUESTS.items() if name not in schema}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(**missing).select(REQUESTS.names())


def incident() -> Board:
    """Return the board of the requests."""
    return board(requests(), start=START, end=END)


def _request(minute: int, number: int, place: tuple[str, str], usual_ms: int) -> dict[str, Any]:
    method, route = place
    status, latency_ms, cause = 200, usual_ms + number % 7 * 3, None
    client = f"203.0.113.{1 + (number * 7 + minute) % 23}"
    if place == ("POST", "/parcels/{id}") and minute >= 7 and number % 3 == 0:
        status, latency_ms, cause = 504, 29_010 + number, "integration_timeout"
    elif method == "PATCH" and minute >= 9 and number % 4 == 0:
        status, latency_ms, cause = 502, 1_204, "lambda_function_error"
    elif place == ("GET", "/parcels") and minute in (8, 9) and number % 2 == 0:
        status, latency_ms, cause, client = 429, 3, "throttled", "2001:db8:85a3:8d3:1319:8a2e:370:7348"
    elif route == "/search" and number == minute:
        status, cause = 404, "backend_client_error"
    return {
        "started_at": START + minute * MINUTE + number * 900,
        "method": method,
        "route": route,
        "status": status,
        "latency_ms": latency_ms,
        "overhead_ms": None if method == "OPTIONS" else 4 + number % 5,
        "response_bytes": 900 + 40 * number,
        "source_ip": client,
        "user_agent": _AGENTS[number % 3] if number % 11 else None,
        "api_key_id": ("k7f3p19c", "p2v8w0da")[number % 2],
        "cause": cause,
    }
