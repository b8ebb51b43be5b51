"""What sets the failing requests apart: found where it is, and nothing said where chance explains it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.board import with_terms
from apigw_tui.core.chunk import Chunk
from apigw_tui.core.difference import Difference
from apigw_tui.core.difference_sides import Comparison, Differences, Sides
from apigw_tui.core.query import parse
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore, Snapshot
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Viewer

START = 1_772_417_400_000
GROUP = "parcels-access"
FORMAT = AccessFormat.compile(
    '{"id":"$context.requestId","at":"$context.requestTimeEpoch","method":"$context.httpMethod",'
    '"route":"$context.resourcePath","status":"$context.status","took":"$context.responseLatency",'
    '"ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent","key":"$context.identity.apiKeyId",'
    '"protocol":"$context.protocol","depot":"$context.authorizer.depot","type":"$context.error.responseType"}'
)
Shape = Callable[[int], dict[str, Any]]


def entry(number: int, **fields: Any) -> str:
    usual = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "at": str(START + number * 500),
        "method": ("GET", "POST")[number % 2],
        "route": f"/parcels/{('{id}', 'labels', 'depots')[number % 3]}",
        "status": "200",
        "took": "40",
        "ip": f"203.0.113.{number % 50}",
        "agent": ("Parcels/5.12", "courier-sdk/2.4")[number % 5 == 0],
        "key": ("k7f3p19c", "p2v8w0da", "-")[number % 7 % 3],
        "protocol": "HTTP/1.1",
        "depot": f"d{number % 11}",
        "type": "-",
    }
    return json.dumps({**usual, **fields})


def store_of(messages: Iterable[str]) -> EventStore:
    store = EventStore({GROUP: FORMAT})
    rows = [
        dict.fromkeys(RAW_EVENTS)
        | {
            "timestamp": START + number * 500 + 40,
            "event_id": str(number),
            "log_group": GROUP,
            "log_stream": "s",
            "scope": "parcels/prod",
            "message": message,
        }
        for number, message in enumerate(messages)
    ]
    store.append(pl.DataFrame(rows, schema=RAW_EVENTS))
    return store


def comparison(shape: Shape, *, count: int = 1_200, query: str = "") -> Comparison:
    """Requests of ten minutes, each with the fields that `shape` gives it."""
    store = store_of(entry(number, **shape(number)) for number in range(count))
    window = (START, START + count * 500)
    return Comparison(store.snapshot(), parse(query), TimeRange(START, None), {GROUP: FORMAT}, window)


def named(found: Differences) -> list[tuple[str, str | None]]:
    return [row.name for row in found.compared.rows]


def row(found: Differences, field: str) -> Difference:
    rows = [each for head in found.compared.rows for each in (head, *head.same)]
    return next(each for each in rows if each.field == field)


def failing_key(number: int) -> dict[str, Any]:
    """One key's requests fail, half of them."""
    bad = number % 10 == 3
    return {"key": "z9m1c4te", "status": "502" if number % 20 == 3 else "200"} if bad else {}


def test_the_key_whose_requests_fail_comes_first() -> None:
    found = comparison(failing_key).differences()
    assert found.sides == Sides("5xx")
    assert (found.compared.failing, found.compared.rest) == (60, 1_140)
    first = found.compared.rows[0]
    assert first.name == ("key", "z9m1c4te")
    assert first.share == 1.0
    assert first.rest_share == 60 / 1_140
    assert first.lift is not None
    assert round(first.lift, 1) == 19.0


def test_nothing_is_said_where_failures_are_spread_evenly() -> None:
    found = comparison(lambda number: {"status": "500"} if number % 97 == 0 else {}).differences()
    assert found.compared.failing == 13
    assert found.compared.rows == ()
    assert found.compared.onset is None


def test_one_failure_sets_nothing_apart_however_odd_it_is() -> None:
    odd = {"status": "500", "key": "odd", "ip": "198.51.100.1", "depot": "odd", "agent": "odd/1"}
    assert comparison(lambda number: odd if number == 700 else {}).differences().compared.rows == ()
    assert comparison(lambda number: odd if number in (700, 701) else {}).differences().compared.rows == ()


def test_values_of_the_same_requests_are_one_row() -> None:
    shape = {"status": "500", "ip": "198.51.100.7", "agent": "grabber/1.0", "depot": "d99"}
    found = comparison(lambda number: shape if number % 9 == 0 else {}).differences()
    heads = named(found)
    assert heads[0] == ("client app", "grabber")
    folded = {each.field for each in found.compared.rows[0].same}
    assert {"agent", "ip", "network", "access.depot"} <= folded
    assert found.compared.rows[0].lift is None


def test_a_field_of_the_format_counts_but_not_what_says_how_the_request_went() -> None:
    def shape(number: int) -> dict[str, Any]:
        return {"status": "500", "type": "API_CONFIGURATION_ERROR"} if number % 11 == 4 else {}

    found = comparison(shape).differences()
    assert found.compared.rows[0].name == ("access.depot", "d4")
    assert not any(name in ("access.type", "access.status", "access.took") for name, _ in named(found))


def test_no_value_is_a_value_where_the_format_logs_the_field() -> None:
    found = comparison(lambda n: {"key": "-", "status": "502"} if n % 13 == 0 else {"key": "k7f3p19c"}).differences()
    missing = row(found, "key")
    assert missing.value is None
    assert str(with_terms(parse(""), missing.terms)) == "-key:*"


def test_what_was_only_looked_up_for_failing_requests_is_no_difference() -> None:
    base = comparison(lambda number: {"status": "502"} if number % 6 == 0 else {})
    chunk = base.snapshot.requests[0]
    known = chunk.frame.with_columns(
        integration_function=pl.when(pl.col("status") >= 500).then(pl.lit("parcels-write"))
    )
    told = replace(base, snapshot=_with_requests(base, known)).differences()
    assert ("function", "parcels-write") not in named(told)
    everywhere = known.with_columns(integration_function=pl.coalesce("integration_function", pl.lit("parcels-read")))
    told = replace(base, snapshot=_with_requests(base, everywhere)).differences()
    assert ("function", "parcels-write") in named(told)


def _with_requests(base: Comparison, requests: pl.DataFrame) -> Snapshot:
    return replace(base.snapshot, requests=(Chunk(requests, time="started_at"),))


def test_how_long_it_took_comes_after_what_it_was() -> None:
    def shape(number: int) -> dict[str, Any]:
        failing = {"status": "504", "took": "29010"} if number % 16 == 0 else {}
        return {**failing, "method": "PUT"} if number % 8 == 0 else {}

    found = comparison(shape).differences()
    assert found.compared.rows[0].name == ("method", "PUT")
    assert row(found, "latency").evidence > found.compared.rows[0].evidence
    assert named(found)[-1] == ("latency", "20 s and more")


def test_a_query_that_narrows_to_failures_is_compared_with_all_others() -> None:
    found = comparison(failing_key, query="status:5xx").differences()
    assert found.sides == Sides("matching")
    assert (found.compared.failing, found.compared.rest) == (60, 1_140)
    assert named(found)[0] == ("key", "z9m1c4te")


def test_within_any_other_query_what_fails_is_compared_and_what_matches_is_offered() -> None:
    found = comparison(failing_key, query="method:POST").differences()
    assert found.choices == (Sides("5xx"), Sides("matching"))
    assert (found.compared.failing, found.compared.rest) == (60, 540)
    other = comparison(failing_key, query="method:POST").differences(Sides("matching"))
    assert (other.compared.failing, other.compared.rest) == (600, 600)
    assert not any(name in ("method", "method route") for name, _ in named(other) if name == "method")


def test_nothing_is_compared_where_nothing_fails_and_nothing_is_asked() -> None:
    found = comparison(lambda _: {}).differences()
    assert (found.choices, found.compared.rows) == ((), ())
    assert comparison(lambda _: {}, count=0).differences().choices == ()


def test_since_when_it_fails_is_told() -> None:
    found = comparison(lambda n: {"status": "502"} if n >= 600 and n % 4 == 0 else {}).differences()
    onset = found.compared.onset
    assert onset is not None
    assert onset.start == START + 600 * 500
    assert onset.end is None
    assert onset.share_before == 0


def test_the_query_of_each_row_finds_its_requests() -> None:
    shape = {"status": "500", "ip": "2001:db8:0:1::7", "agent": "grabber/1.0", "depot": "a b", "method": "PATCH"}
    compared = comparison(lambda number: shape if number % 9 == 0 else {})
    viewer = Viewer(compared.formats)
    rows = [each for head in compared.differences().compared.rows for each in (head, *head.same)]
    assert {each.field for each in rows} >= {"client app", "agent", "ip", "network", "access.depot", "method"}
    for each in rows:
        query = with_terms(parse(""), each.terms)
        assert parse(str(query)) == query
        found = viewer.requests(compared.snapshot, query, compared.time_range)
        assert len(found) == each.failing + each.rest, each.name
        others = viewer.requests(
            compared.snapshot, with_terms(parse(""), each.terms, excluded=True), compared.time_range
        )
        assert len(found) + len(others) == 1_200


def test_values_are_counted_alike_in_many_chunks_and_in_one() -> None:
    messages = [entry(number, **failing_key(number)) for number in range(600)]
    whole, pieces = store_of(messages), EventStore({GROUP: FORMAT}, max_events=10_000)
    frame = pl.concat([chunk.frame.select(RAW_EVENTS.names()) for chunk in whole.snapshot().events])
    for start in range(0, 600, 100):
        pieces.append(frame.slice(start, 100))
    window = (START, START + 300_000)
    told = [
        Comparison(store.snapshot(), parse(""), TimeRange(START, None), {GROUP: FORMAT}, window).differences()
        for store in (whole, pieces)
    ]
    assert told[0].compared == told[1].compared
