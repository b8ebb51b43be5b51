"""The access fields of rows are read for these rows alone, and each request gets its own entry's."""

from __future__ import annotations

from typing import Any

from apigw_tui.core.access_entries import AccessEntries
from apigw_tui.core.store import EventStore
from apigw_tui.core.timeline import Timeline
from tests.core.test_store import ACCESS, Event, batch, request_id, timeout


def entry(number: int, at: int, *, extended: str = "-", **fields: str) -> Event:
    told = "".join(f',"{name}":"{value}"' for name, value in fields.items())
    text = (
        f'{{"requestId":"{request_id(number)}","extendedRequestId":"{extended}",'
        f'"httpMethod":"GET","resourcePath":"/orders","status":"200"{told}}}'
    )
    return Event(at, text, ACCESS, at)


def rows_of(store: EventStore) -> list[dict[str, Any]]:
    return [row for chunk in store.snapshot().requests for row in chunk.frame.to_dicts()]


def entries_of(store: EventStore) -> AccessEntries:
    return AccessEntries(store.snapshot().events, store.formats)


def stored(*events: Event) -> EventStore:
    store = EventStore()
    store.events = Timeline(store.events.schema, ("timestamp", "event_id"), chunk_rows=3)
    store.append(batch(events))
    return store


def test_each_request_has_the_fields_of_its_entry() -> None:
    store = stored(*(entry(number, number * 1_000, shop=f"s{number}") for number in range(20)))
    rows = rows_of(store)
    found = entries_of(store).of(rows[5:9])
    assert [found[row["key"]]["shop"] for row in rows[5:9]] == ["s5", "s6", "s7", "s8"]
    assert len(found) == 4


def test_a_request_without_an_entry_has_none() -> None:
    store = stored(*timeout(1, 0))
    assert entries_of(store).of(rows_of(store)) == {}


def test_an_entry_that_came_long_before_the_last_line_is_found() -> None:
    store = stored(entry(1, 0, shop="first"), *timeout(1, 1), *(entry(n, n * 1_000) for n in range(2, 40)))
    row = next(row for row in rows_of(store) if row["request_id"] == request_id(1))
    assert entries_of(store).of([row])[row["key"]]["shop"] == "first"


def test_requests_that_share_a_request_id_have_each_their_own_entry() -> None:
    store = stored(entry(1, 0, extended="AAAA", shop="one"), entry(1, 500, extended="BBBB", shop="other"))
    rows = rows_of(store)
    found = entries_of(store).of(rows)
    assert {row["extended_request_id"]: found[row["key"]]["shop"] for row in rows} == {"AAAA": "one", "BBBB": "other"}


def test_the_names_are_those_of_the_entries_with_a_value_each() -> None:
    names = entries_of(stored(entry(1, 0, shop="-"), entry(2, 9, shop="north"))).names()
    assert names["shop"] == "north"
    assert names["resourcePath"] == "/orders"
