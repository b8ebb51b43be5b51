"""Requests that share a request ID, and entries that log only the extended one."""

from __future__ import annotations

import json
import random
from typing import Any

import polars as pl
import pytest

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.shared_ids import split_shared
from apigw_tui.core.store import EventStore
from apigw_tui.core.story import build_story
from tests.core.log_lines import ACCESS_GROUP, REQUEST, START, LogEvent, execution, raw

NAMES = {"id": "requestId", "ext": "extendedRequestId", "s": "status", "took": "responseLatency"}
FORMAT = AccessFormat.compile(json.dumps({name: f"$context.{variable}" for name, variable in NAMES.items()}))
EXTENDED_ONLY = AccessFormat.compile('{"ext":"$context.extendedRequestId","s":"$context.status"}')
FIRST, SECOND, THIRD = "Aq3xkH7ArPEFabc=", "Bq3xkH7ArPEFabc=", "Cq3xkH7ArPEFabc="


def entry(extended: str, status: int, *, at: int, request_id: str = REQUEST) -> LogEvent:
    return LogEvent(at, ACCESS_GROUP, json.dumps({"id": request_id, "ext": extended, "s": str(status), "took": "40"}))


def lines(extended: str, status: int, *, at: int, serial: int = 0, request_id: str = REQUEST) -> list[LogEvent]:
    return execution(
        f"Extended Request Id: {extended}",
        f"Starting execution for request: {request_id}",
        (40, f"Method completed with status: {status}"),
        "AWS Integration Endpoint RequestId : f4a1d2c3-0b5e-4d6f-a7b8-c9d0e1f2a3b4",
        request_id=request_id,
        at=at,
        serial=serial,
    )


SHARED = [
    *(entry(FIRST, 200, at=START), *lines(FIRST, 200, at=START)),
    *(entry(SECOND, 504, at=START + 5_000), *lines(SECOND, 504, at=START + 5_000)),
    *(entry(THIRD, 200, at=START + 9_000), *lines(THIRD, 200, at=START + 9_000)),
]


def stored(*batches: list[LogEvent], access_format: AccessFormat = FORMAT) -> EventStore:
    store = EventStore({ACCESS_GROUP: access_format})
    for batch in batches:
        store.append(raw(batch))
    return store


def table(store: EventStore) -> list[tuple[Any, ...]]:
    rows = pl.concat([chunk.frame for chunk in store.requests.chunks])
    columns = ("extended_request_id", "status", "access_events", "execution_events", "state")
    return sorted(rows.select(columns).rows())


TOLD = [(FIRST, 200, 1, 4, "complete"), (SECOND, 504, 1, 4, "complete"), (THIRD, 200, 1, 4, "complete")]


def test_requests_with_one_id_are_told_apart_by_their_extended_ids() -> None:
    assert table(stored(SHARED)) == TOLD


def test_they_are_told_apart_without_event_ids_too() -> None:
    store = EventStore({ACCESS_GROUP: FORMAT})
    store.append(raw(SHARED).with_columns(event_id=pl.lit(None, pl.String)))
    assert table(store) == TOLD


@pytest.mark.parametrize("seed", range(6))
def test_they_are_the_same_requests_in_whatever_batches_their_events_come(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    events = [*SHARED, *SHARED[:4]]
    dice.shuffle(events)
    cuts = sorted(dice.sample(range(1, len(events)), 4))
    batches = [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    assert table(stored(*batches)) == TOLD


def test_each_of_them_has_its_own_story_and_entry() -> None:
    store = stored(SHARED)
    for row in pl.concat([chunk.frame for chunk in store.requests.chunks]).iter_rows(named=True):
        story = build_story(store.events_of(row["key"]).drop("arrival"), store.formats)
        assert (story.row["key"], story.row["status"]) == (row["key"], row["status"])
        assert len(story.lines) == 5
        entries = store.access_entries(pl.Series([row["key"]], dtype=pl.UInt64), start=START, end=START + 9_000)
        assert entries[row["key"]]["ext"] == row["extended_request_id"]


def test_lines_of_level_error_go_to_the_entry_of_their_status_and_time() -> None:
    failed = execution("Execution failed due to a timeout error", "Method completed with status: 504", at=START + 5_040)
    store = stored([entry(FIRST, 200, at=START), entry(SECOND, 504, at=START + 5_000), *failed])
    assert table(store) == [(FIRST, 200, 1, 0, "access_only"), (SECOND, 504, 1, 2, "complete")]


def test_one_extended_id_is_one_request_however_often_its_lines_come() -> None:
    store = stored(lines(FIRST, 200, at=START), lines(FIRST, 200, at=START, serial=9))
    assert table(store) == [(FIRST, 200, 0, 8, "execution_only")]


@pytest.mark.parametrize("entry_first", [True, False])
def test_an_entry_with_only_the_extended_id_finds_its_lines(*, entry_first: bool) -> None:
    batches = [[LogEvent(START, ACCESS_GROUP, json.dumps({"ext": FIRST, "s": "504"}))], lines(FIRST, 504, at=START)]
    store = stored(*(batches if entry_first else reversed(batches)), access_format=EXTENDED_ONLY)
    assert table(store) == [(FIRST, 504, 1, 4, "complete")]
    row = store.find(REQUEST).row(0, named=True)
    assert store.events_of(row["key"]).height == 5


def test_an_entry_with_only_the_extended_id_and_no_lines_is_a_request_by_itself() -> None:
    other = [LogEvent(START, ACCESS_GROUP, json.dumps({"ext": SECOND, "s": "200"}))]
    store = stored(lines(FIRST, 504, at=START), other, access_format=EXTENDED_ONLY)
    assert [row[0] for row in table(store)] == [FIRST, SECOND]


def test_strangers_whose_bad_ids_were_replaced_are_never_merged() -> None:
    replaced = "UUID_REPLACED_INVALID_REQUEST_ID"
    first = [entry(FIRST, 200, at=START, request_id=replaced), *lines(FIRST, 200, at=START, request_id=replaced)]
    second = [entry(SECOND, 200, at=START + 7, request_id=replaced)]
    assert [row[:4] for row in table(stored(first, second))] == [(FIRST, 200, 1, 4), (SECOND, 200, 1, 0)]


def test_entries_with_a_replaced_id_and_nothing_else_are_requests_of_their_own() -> None:
    fmt = AccessFormat.compile('{"id":"$context.requestId","s":"$context.status"}')
    entries = [
        LogEvent(START + n, ACCESS_GROUP, json.dumps({"id": "UUID_REPLACED_INVALID_REQUEST_ID", "s": status}))
        for n, status in enumerate(("200", "500", "200"))
    ]
    assert sorted(row[1] for row in table(stored(entries, access_format=fmt))) == [200, 200, 500]


def test_requests_that_share_nothing_are_left_alone() -> None:
    store = EventStore({ACCESS_GROUP: FORMAT})
    parsed = store.parse(raw([entry(FIRST, 200, at=START), *lines(FIRST, 200, at=START)]))
    assert split_shared(parsed).equals(parsed)
