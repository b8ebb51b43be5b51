"""Requests that have to do with each other: the same ID, the same WebSocket connection."""

from __future__ import annotations

import json

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.kin import Kin, kin_of
from apigw_tui.core.request_ids import REPLACED_ID
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore

START = 1_773_022_282_418
GROUP = "chat-access"
FORMAT = AccessFormat.compile(
    json.dumps(
        {
            "requestId": "$context.requestId",
            "extendedRequestId": "$context.extendedRequestId",
            "time": "$context.requestTimeEpoch",
            "path": "$context.path",
            "status": "$context.status",
            "connectionId": "$context.connectionId",
            "eventType": "$context.eventType",
            "routeKey": "$context.routeKey",
        }
    )
)


def store_of(*entries: dict[str, str]) -> EventStore:
    store = EventStore({GROUP: FORMAT})
    rows = [
        {
            "timestamp": START + place,
            "ingestion_time": START + place,
            "event_id": f"{place:05d}",
            "log_group": GROUP,
            "log_stream": "s",
            "scope": "w6x7y8z9c0/prod",
            "message": json.dumps({"time": str(START + place), **entry}),
        }
        for place, entry in enumerate(entries)
    ]
    store.append(pl.DataFrame(rows, schema=RAW_EVENTS))
    return store


def kin_in(store: EventStore, **wanted: str) -> Kin:
    rows = store.requests.where(pl.lit(value=True)).rows(named=True)
    return kin_of(store, next(row for row in rows if all(row[name] == value for name, value in wanted.items())))


def message(request_id: str, event_type: str, connection_id: str = "ZiXKqr2uXZmy2yg=") -> dict[str, str]:
    route = {"CONNECT": "$connect", "DISCONNECT": "$disconnect"}.get(event_type, "sendMessage")
    return {"requestId": request_id, "connectionId": connection_id, "eventType": event_type, "routeKey": route}


def test_a_connection_has_its_beginning_its_end_and_a_place_for_each_request() -> None:
    store = store_of(
        message("a=", "CONNECT"),
        message("b=", "MESSAGE"),
        message("x=", "MESSAGE", "other="),
        message("c=", "DISCONNECT"),
    )
    connection = kin_in(store, request_id="b=").connection
    assert connection is not None
    assert (connection.place, connection.requests) == (2, 3)
    assert (connection.connected_at, connection.disconnected_at) == (START, START + 3)


def test_of_a_connection_that_began_before_the_range_the_beginning_is_unknown() -> None:
    connection = kin_in(store_of(message("b=", "MESSAGE")), request_id="b=").connection
    assert connection is not None
    assert connection.connected_at is None


def test_requests_without_connection_have_none() -> None:
    assert kin_in(store_of({"requestId": "r1-0000", "status": "200"}), request_id="r1-0000") == Kin()


def test_requests_that_used_the_same_id_know_each_other() -> None:
    own = {"requestId": "8f0c2a1e-5b7d-4c39-9a64-0d1f2e3b4c5d"}
    store = store_of(
        {**own, "extendedRequestId": "first=", "path": "/a", "status": "200"},
        {**own, "extendedRequestId": "second=", "path": "/b", "status": "502"},
        {"requestId": "another-id-entirely", "extendedRequestId": "third=", "path": "/c"},
    )
    (other,) = kin_in(store, extended_request_id="first=").namesakes
    assert (other.extended_request_id, other.path, other.status) == ("second=", "/b", 502)
    (first,) = kin_in(store, extended_request_id="second=").namesakes
    assert first.extended_request_id == "first="


def test_a_replaced_id_is_said_to_be_one() -> None:
    store = store_of(*({"requestId": REPLACED_ID, "extendedRequestId": f"e{place}="} for place in range(30)))
    found = kin_in(store, extended_request_id="e0=")
    assert found.replaced
    assert len(found.namesakes) + found.more_namesakes == 29
