"""Text with times, IDs, groups and streams before the messages is read by its layout, told by its first lines."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event as StopFlag
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.timerange import TimeRange
from apigw_tui.sources.base import Batch
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.laid_out_lines import LaidOutLines
from apigw_tui.sources.line_layouts import LAYOUTS, sniff_layout
from tests.sources.file_reading import EVENT_ID, GROUP, LINES, NOON, REQUEST, STREAM, read_rows, statuses, stored

LAMBDA_STREAM = f"2026/08/09/[$LATEST]{STREAM}"
LAYOUT = {layout.name: layout for layout in LAYOUTS}

PREFIXES: dict[str, tuple[str, dict[str, Any]]] = {
    "epoch": (f"{NOON}\t", {"timestamp": NOON}),
    "epoch with id": (f"{NOON}\t{EVENT_ID}\t", {"timestamp": NOON, "event_id": EVENT_ID}),
    "s3 export": ("2026-08-09T12:00:00.425Z ", {"timestamp": NOON + 425}),
    "tail": (f"2026-08-09T12:00:00.425000+00:00 {STREAM} ", {"timestamp": NOON + 425, "log_stream": STREAM}),
    "tail, whole second": ("2026-08-09T12:00:00+00:00 my-stream ", {"timestamp": NOON, "log_stream": "my-stream"}),
    "tail short": ("2026-08-09T12:00:00 ", {"timestamp": NOON}),
    "local time": ("2026-08-09T14:00:00.007+02:00 ", {"timestamp": NOON + 7}),
    "a row of the console": ("2026-08-09T14:00:00.007+02:00\t", {"timestamp": NOON + 7}),
    "a row of the console, UTC": ("2026-08-09T12:00:00.007Z\t", {"timestamp": NOON + 7}),
    "a column": ("2026-08-09T14:00:00.007+02:00 | ", {"timestamp": NOON + 7}),
    "west": ("2026-08-09T08:30:00-0330 ", {"timestamp": NOON}),
    "awslogs": (f"{GROUP} {STREAM} ", {"log_group": GROUP, "log_stream": STREAM}),
    "awslogs, padded": (f"/orders/access {LAMBDA_STREAM}   ", {"log_group": "/orders/access"}),
    "awslogs, named": (f"orders-access {STREAM} ", {"log_group": "orders-access", "log_stream": STREAM}),
    "awslogs, time": (
        f"{GROUP} other-stream 2026-08-09T12:00:00.425Z ",
        {"log_group": GROUP, "log_stream": "other-stream", "timestamp": NOON + 425, "ingestion_time": None},
    ),
    "awslogs, named, time": (
        f"orders-access {STREAM} 2026-08-09T12:00:00.425Z ",
        {"log_group": "orders-access", "log_stream": STREAM, "timestamp": NOON + 425},
    ),
    "awslogs, both times": (
        f"{GROUP} {STREAM} 2026-08-09T12:00:00.425Z 2026-08-09T12:00:02.000Z ",
        {"timestamp": NOON + 425, "ingestion_time": NOON + 2000},
    ),
    "awslogs, no group": (f"{STREAM} ", {"log_stream": STREAM}),
    "awslogs, no group, time": (f"{STREAM} 2026-08-09T12:00:00.425Z ", {"log_stream": STREAM, "timestamp": NOON + 425}),
    "stream behind the time": (f"2026-08-09T12:00:00.425Z {LAMBDA_STREAM} ", {"log_stream": LAMBDA_STREAM}),
    "time on its own line": ("2026-08-09T12:00:00.425Z\n", {"timestamp": NOON + 425}),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_what_stands_before_a_message_becomes_columns(tmp_path: Path, name: str) -> None:
    prefix, expected = PREFIXES[name]
    rows = read_rows(tmp_path / "log", "".join(f"{prefix}{line}\n" for line in LINES))
    assert [row["message"] for row in rows] == list(LINES)
    for row in rows:
        assert {column: row[column] for column in expected} == expected


@pytest.mark.parametrize("name", PREFIXES)
def test_the_request_of_the_messages_is_read(tmp_path: Path, name: str) -> None:
    prefix = PREFIXES[name][0]
    lines = (f"{prefix.replace(EVENT_ID, EVENT_ID[:-1] + str(number))}{line}" for number, line in enumerate(LINES))
    (tmp_path / "log").write_text("\n".join(lines))
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 504}


@pytest.mark.parametrize("name", PREFIXES)
@pytest.mark.parametrize("head", ["# from: the console\n#\n# note: two lines\n", "\n\n"])
def test_comments_at_the_head_hide_no_layout(tmp_path: Path, name: str, head: str) -> None:
    prefix, _ = PREFIXES[name]
    rows = read_rows(tmp_path / "log", head + "".join(f"{prefix}{line}\n" for line in LINES))
    comments = [line for line in head.splitlines() if line]
    assert [row["message"] for row in rows] == [*comments, *LINES]
    assert len({row["timestamp"] for row in rows}) == 1


def test_comments_are_events_of_no_kind(tmp_path: Path) -> None:
    read_rows(tmp_path / "log", f"# note: (id) of {REQUEST}\n{LINES[0]}\n{LINES[3]}\n")
    store = stored(tmp_path / "log")
    assert store.events.where(pl.lit(value=True))["kind"].to_list() == ["other", "execution", "execution"]


@pytest.mark.parametrize("output", ["filter-log-events", "get-log-events"])
def test_the_text_output_of_the_cli_is_read(tmp_path: Path, output: str) -> None:
    middle = f"{EVENT_ID}\t{NOON + 9}\t{STREAM}" if output == "filter-log-events" else str(NOON + 9)
    about = (
        [f"SEARCHEDLOGSTREAMS\tTrue\t{STREAM}"] if output == "filter-log-events" else [f"b/{'3' * 56}\tf/{'3' * 56}"]
    )
    lines = [f"EVENTS\t{middle}\t{line}\t{NOON + number}" for number, line in enumerate(LINES)]
    text = "\n".join([*lines, *about] if output == "filter-log-events" else [*about, *lines])
    rows = read_rows(tmp_path / "log", text)
    events = [row for row in rows if row["message"] not in about]
    assert [row["message"] for row in events] == list(LINES)
    assert [row["timestamp"] for row in events] == [NOON, NOON + 1, NOON + 2, NOON + 3]
    assert {row["ingestion_time"] for row in events} == {NOON + 9}
    assert len(rows) == len(LINES) + 1


def test_colours_before_a_message_are_taken_off(tmp_path: Path) -> None:
    lines = [f"\x1b[32m{GROUP}\x1b[0m \x1b[36m{STREAM}\x1b[0m {line}" for line in LINES]
    rows = read_rows(tmp_path / "log", "\n".join(lines))
    assert [row["message"] for row in rows] == list(LINES)
    assert {row["log_group"] for row in rows} == {GROUP}


def test_a_time_within_a_message_is_not_taken(tmp_path: Path) -> None:
    late = f"2026-08-09T12:00:00.000Z {REQUEST} Task timed out after 3.00 seconds"
    rows = read_rows(tmp_path / "log", f"/aws/lambda/f {LAMBDA_STREAM} START RequestId: {REQUEST} Version: 1\n" * 2)
    assert {row["message"] for row in rows} == {f"START RequestId: {REQUEST} Version: 1"}
    lines = [f"START RequestId: {REQUEST} Version: 1", late, f"END RequestId: {REQUEST}"]
    rows = read_rows(tmp_path / "log", "\n".join(f"/aws/lambda/f {LAMBDA_STREAM} {line}" for line in lines))
    assert [row["message"] for row in rows] == lines


def test_bare_messages_that_hold_times_have_no_layout() -> None:
    assert (
        sniff_layout([f"START RequestId: {REQUEST} Version: 1", f"2026-08-09T12:00:00.000Z\t{REQUEST}\tINFO\tx"])
        is None
    )
    assert sniff_layout([*LINES[:2], "2026-08-09T12:00:00.000Z one", "2026-08-09T12:00:00.000Z two"]) is None
    assert sniff_layout(['192.0.2.7 - - [09/Aug/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 id']) is None
    assert sniff_layout(["2026-08-09T12:00:00.000Z odd", *(f"({REQUEST}) line {n}" for n in range(5))]) is None
    assert sniff_layout([]) is None


def test_a_file_that_begins_within_an_event_has_its_layout(tmp_path: Path) -> None:
    text = '  "end": 1\n}\n' + "".join(f"2026-08-09T12:00:00.425Z {line}\n" for line in LINES)
    rows = read_rows(tmp_path / "log", text)
    assert [row["message"] for row in rows] == ['  "end": 1', "}", *LINES]
    assert {row["timestamp"] for row in rows} == {NOON + 425}


def test_lines_that_the_given_format_reads_have_no_layout(tmp_path: Path) -> None:
    line = f"{NOON}\t{REQUEST}\t503"
    fmt = "$context.requestTimeEpoch\t$context.requestId\t$context.status"
    rows = read_rows(tmp_path / "log", f"{line}\n" * 2, access_format=fmt)
    assert [row["message"] for row in rows] == [line, line]
    assert statuses(stored(tmp_path / "log", access_format=fmt)) == {REQUEST: 503}


@pytest.mark.parametrize(
    ("entry", "fmt"),
    [
        (
            f'{{"requestId":"{REQUEST}","status":"503"}}',
            '{"requestId":"$context.requestId","status":"$context.status"}',
        ),
        (f"{REQUEST} 503", "$context.requestId $context.status"),
    ],
)
def test_a_given_format_is_that_of_the_messages(tmp_path: Path, entry: str, fmt: str) -> None:
    rows = read_rows(tmp_path / "log", f"2026-08-09T12:00:00.425Z {entry}\n", access_format=fmt)
    assert [(row["timestamp"], row["message"]) for row in rows] == [(NOON + 425, entry)]
    assert statuses(stored(tmp_path / "log", access_format=fmt)) == {REQUEST: 503}


def test_a_given_format_reads_entries_copied_from_any_group(tmp_path: Path) -> None:
    fmt = "$context.requestId with $context.status"
    lines = [f"/orders/access {STREAM} {REQUEST} with 503", *(f"{GROUP} {STREAM} {line}" for line in LINES)]
    rows = read_rows(tmp_path / "log", "\n".join(lines), access_format=fmt)
    assert [row["log_group"] for row in rows] == [str(tmp_path / "log"), *[GROUP] * len(LINES)]
    store = stored(tmp_path / "log", access_format=fmt)
    assert store.requests.where(pl.lit(value=True))["state"].to_list() == ["complete"]


def test_an_impossible_time_begins_no_event(tmp_path: Path) -> None:
    good = "2026-08-09T12:00:00.425Z"
    rows = read_rows(tmp_path / "log", f"{good} one\n2026-13-45T12:00:00.425Z two\n{good} three\n{good} four\n")
    assert [row["message"] for row in rows] == ["one\n2026-13-45T12:00:00.425Z two", "three", "four"]


def test_an_event_without_a_message_stays(tmp_path: Path) -> None:
    rows = read_rows(tmp_path / "log", f"{NOON}\t\n{NOON + 1}\tone\n")
    assert [(row["timestamp"], row["message"]) for row in rows] == [(NOON, ""), (NOON + 1, "one")]


def test_a_pretty_entry_below_its_time_is_read(tmp_path: Path) -> None:
    entry = f'{{\n    "requestId": "{REQUEST}",\n    "status": "429",\n    "httpMethod": "GET"\n}}'
    rows = read_rows(tmp_path / "log", f"2026-08-09T14:00:00.000+02:00\n\n{entry}\n")
    assert [(row["timestamp"], row["message"]) for row in rows] == [(NOON, entry)]
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 429}
    assert len(read_rows(tmp_path / "log", f"2026-08-09T12:00:00+00:00 {STREAM} \n{entry}\n")) == 1
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 429}


def console_test(request: str, minute: int, status: int) -> list[str]:
    at = f"Sun Aug 09 12:{minute:02}:00 UTC 2026 : "
    return [
        f"Execution log for request {request}",
        f"{at}Starting execution for request: {request}",
        f"{at}Method response body after transformations: {{",
        '  "a": 1',
        "}",
        f"{at}Method completed with status: {status}",
    ]


def test_tests_from_the_console_have_their_times(tmp_path: Path) -> None:
    other = REQUEST.replace("1111", "2222")
    rows = read_rows(tmp_path / "log", "\n".join([*console_test(REQUEST, 1, 200), *console_test(other, 2, 500)]))
    assert [row["timestamp"] for row in rows[1:4]] == [NOON + 60_000] * 3
    assert [row["timestamp"] for row in rows[5:]] == [NOON + 120_000] * 3
    assert len(rows) == 8
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 200, other: 500}


def test_a_test_that_was_copied_without_its_first_line_is_still_one_request(tmp_path: Path) -> None:
    rows = read_rows(tmp_path / "log", "\n".join(console_test(REQUEST, 1, 500)[1:]))
    assert len(rows) == 3
    assert statuses(stored(tmp_path / "log")) == {REQUEST: 500}


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 0, 3, 1, 2), (1, 3, 0, 0, 2)])
def test_an_export_whose_lines_are_in_no_order_gives_the_same_request(tmp_path: Path, order: tuple[int, ...]) -> None:
    lines = [f"2026-08-09T12:00:00.{number:03}Z {line}\n" for number, line in enumerate(LINES)]
    (tmp_path / "log").write_text("".join(lines[number] for number in order))
    store = stored(tmp_path / "log")
    assert statuses(store) == {REQUEST: 504}
    row = store.requests.where(pl.lit(value=True)).row(0, named=True)
    assert (row["path"], row["started_at"], row["state"]) == ("/orders/42", NOON, "execution_only")


def test_the_lines_of_a_request_without_ids_are_found_by_its_id(tmp_path: Path) -> None:
    other = REQUEST.replace("1111", "2222")
    read_rows(tmp_path / "log", "\n".join([*console_test(REQUEST, 1, 200), *console_test(other, 2, 500)]))
    source = FileSource([str(tmp_path / "log")])
    found = source.find(other, TimeRange(0), StopFlag())
    rows = [row for update in found if isinstance(update, Batch) for row in update.events.to_dicts()]
    assert len(rows) == 4
    assert rows[-1]["message"].endswith("Method completed with status: 500")


def test_lines_of_2016_keep_their_request_over_blocks() -> None:
    at = "2016-10-01T10:55:45.602Z "
    blocks = [
        f"{at}Verifying Usage Plan for request: {REQUEST}. API Key:  API Stage: a/b\n{at}HTTP Method: GET\n",
        f"{at}Successfully completed execution\n{at}Method completed with status: 200\n",
    ]
    reader = LaidOutLines(LAYOUT["time"], "x", NOON)
    frames = [*reader.read(blocks[0].encode()), *reader.read(blocks[1].encode()), *reader.finish()]
    assert [frame.height for frame in frames] == [4]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_events_do_not_depend_on_the_blocks(size: int) -> None:
    text = "".join(f"2026-08-09T12:00:00.425Z {line}\n" for line in LINES) + "  of the last\n"
    lines = text.splitlines(keepends=True)
    blocks = ["".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    reader = LaidOutLines(LAYOUT["time"], "x", NOON)
    frames = [frame for block in blocks for frame in reader.read(block.encode())] + list(reader.finish())
    assert [row["message"] for frame in frames for row in frame.to_dicts()] == [
        *LINES[:3],
        f"{LINES[3]}\n  of the last",
    ]


def test_what_is_too_long_for_one_event_is_none() -> None:
    reader = LaidOutLines(LAYOUT["time"], "x", NOON)
    block = "2026-08-09T12:00:00.000Z begins\n" + f"{'x' * 999}\n" * 3000
    heights = [frame.height for frame in [*reader.read(block.encode()), *reader.read(b"more\n"), *reader.finish()]]
    assert sum(heights) == 1 + (3000 - 1049) + 1


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=40), min_size=1, max_size=20))
def test_property_no_character_behind_a_prefix_is_lost(messages: list[str]) -> None:
    reader = LaidOutLines(LAYOUT["epoch"], "x", NOON)
    text = "\n".join(f"{NOON}\t{message}" for message in messages)
    rows = [row for frame in [*reader.read(text.encode()), *reader.finish()] for row in frame.to_dicts()]
    assert [row["message"] for row in rows] == messages


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=40), min_size=1, max_size=20))
def test_property_no_character_of_any_text_is_lost(parts: list[str]) -> None:
    reader = LaidOutLines(LAYOUT["time"], "x", NOON)
    text = "\n".join(f"2026-08-09T12:00:00.000Z {part}" if number % 3 else part for number, part in enumerate(parts))
    rows = [row for frame in [*reader.read(text.encode()), *reader.finish()] for row in frame.to_dicts()]
    found = "\n".join(row["message"] for row in rows)
    assert "".join(found.split()) == "".join("\n".join(parts).split())


def test_lines_without_times_have_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"{GROUP} {STREAM} {line}\n" for line in LINES))
    os.utime(path, (NOON / 1000, NOON / 1000))
    source = FileSource([str(path)])
    batches = [update for update in source.backfill(TimeRange(0), StopFlag()) if isinstance(update, Batch)]
    assert {time for batch in batches for time in batch.events["timestamp"]} == {NOON}
