"""Rows of the list: what they know of their request beside what their own event says."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from apigw_tui.core.query import parse
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.core.store import EventStore
from apigw_tui.core.timerange import TimeRange
from apigw_tui.core.view import Viewer
from apigw_tui.sources.base import Gap
from apigw_tui.tui.list_rows import ListRows
from tests.tui import story_samples as samples

OTHER: Final = "0aa1bb2c-1111-4222-8333-444455556666"
LAMBDA: Final = samples.FUNCTION_ID
Mode = Literal["requests", "events"]


def raw(lines: list[samples.Sample]) -> pl.DataFrame:
    count = len(lines)
    return pl.DataFrame(
        {
            "timestamp": [samples.START + at for at, _, _ in lines],
            "ingestion_time": [samples.START + at + 1_500 for at, _, _ in lines],
            "event_id": [f"{place:05d}" for place in range(count)],
            "log_group": [group for _, group, _ in lines],
            "log_stream": ["stream"] * count,
            "scope": [samples.SCOPE] * count,
            "message": [text for _, _, text in lines],
        },
        schema=RAW_EVENTS,
    )


def rows_of(mode: Mode, *, query: str = "", gaps: tuple[Gap, ...] = ()) -> ListRows:
    """A request that timed out with all its lines, and one that went well 40 s later."""
    later = samples.access_entry(200, 12, requestId=OTHER, time=str(samples.START + 40_000))
    store = EventStore(samples.FORMATS)
    store.append(
        raw([samples.access_entry(504, 29_013), *samples.timeout_lines(), (40_000, samples.ACCESS_GROUP, later[2])])
    )
    viewer, snapshot, time_range = Viewer(samples.FORMATS), store.snapshot(), TimeRange(0)
    view = viewer.view(snapshot, parse(query), mode=mode, time_range=time_range)
    everything = viewer.requests(snapshot, parse(""), time_range)
    return ListRows(view, 1, gaps=gaps, requests=everything)


def all_rows(rows: ListRows) -> list[dict[str, object]]:
    return rows.slice(0, len(rows))


def test_an_event_shows_the_status_of_its_request_also_29_seconds_after_its_start() -> None:
    rows = all_rows(rows_of("events"))
    timeout = next(row for row in rows if row["line_kind"] == "timeout")
    assert timeout["status"] == 504
    assert rows[-1]["status"] == 200


def test_a_line_of_a_function_has_no_status_of_its_own() -> None:
    rows = all_rows(rows_of("events"))
    assert {row["status"] for row in rows if row["kind"] == "lambda"} == {None}


def test_the_status_is_known_where_the_query_leaves_the_requests_row_out() -> None:
    rows = all_rows(rows_of("events", query="line:timeout"))
    assert [row["status"] for row in rows if row["line_kind"] == "timeout"] == [504]


def test_the_first_row_of_a_request_is_found_in_both_lists() -> None:
    events, requests = rows_of("events"), rows_of("requests")
    key = requests.slice(1, 1)[0]["key"]
    assert requests.first_of(key) == 1
    assert events.first_of(key) == len(events) - 1
    assert events.first_of(7) is None


def test_a_gap_before_it_moves_the_first_row_of_a_request() -> None:
    gap = Gap(samples.START + 30_000, samples.START + 31_000, "throttled")
    requests = rows_of("requests", gaps=(gap,))
    assert [("gap" in row) for row in all_rows(requests)] == [False, True, False]
    assert requests.first_of(requests.slice(2, 1)[0]["key"]) == 2


def test_the_next_request_among_events_is_past_all_lines_of_this_one() -> None:
    rows = rows_of("events")
    start = next(at for at, row in enumerate(all_rows(rows)) if row["kind"] == "execution")
    following = rows.find("other_request", start)
    assert following is not None
    assert rows.slice(following, 1)[0]["request_id"] in (OTHER, LAMBDA)


def test_among_requests_every_other_row_is_another_request() -> None:
    rows = rows_of("requests")
    assert rows.find("other_request", 0) == 1
    assert rows.find("other_request", 1) is None
    assert rows.find("other_request", 1, backwards=True) == 0


def test_the_next_5xx_among_events_stops_at_access_entries_and_at_lines_that_tell_of_a_failure() -> None:
    rows = rows_of("events")
    found, at = [], -1
    while (following := rows.find("5xx", at)) is not None:
        at = following
        row = rows.slice(at, 1)[0]
        found.append((row["kind"], row["line_kind"]))
    assert ("access", None) in found
    assert ("execution", "timeout") in found
    assert ("execution", "done") not in found
    assert len(found) == 2
