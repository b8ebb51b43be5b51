"""Tables of events: what the CloudWatch console and Insights export."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.sources.event_records import Origin
from apigw_tui.sources.tables import columns_of, read_table
from tests.sources.file_reading import GROUP, LINES, NOON, REQUEST, STREAM, read_rows, statuses, stored


def exported(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("head", ["", "# from: the console\n"])
def test_csv_of_the_console_is_read(tmp_path: Path, head: str) -> None:
    lines = [[NOON + number, line] for number, line in enumerate(LINES)]
    rows = read_rows(tmp_path / "log-events.csv", head + exported([["timestamp", "message"], *lines]))
    assert [row["message"] for row in rows] == [*head.splitlines(), *LINES]
    assert [row["timestamp"] for row in rows[-4:]] == [NOON, NOON + 1, NOON + 2, NOON + 3]
    assert statuses(stored(tmp_path / "log-events.csv")) == {REQUEST: 504}


def test_csv_of_insights_is_read(tmp_path: Path) -> None:
    header = ["@timestamp", "@message", "@logStream", "@log", "status"]
    lines = [
        [f"2026-08-09 12:00:00.{number:03}", line, STREAM, f"111122223333:{GROUP}", "504"]
        for number, line in enumerate(LINES)
    ]
    rows = read_rows(tmp_path / "results.csv", exported([header, *lines]).replace("\n", "\r\n"))
    assert [row["message"].replace("\r\n", "\n") for row in rows] == list(LINES)
    assert {(row["log_group"], row["log_stream"]) for row in rows} == {(GROUP, STREAM)}
    assert [row["timestamp"] for row in rows] == [NOON, NOON + 1, NOON + 2, NOON + 3]


def test_markdown_of_insights_is_read(tmp_path: Path) -> None:
    text = f"| @timestamp | @message |\n| --- | --- |\n| 2026-08-09 12:00:00.000 | ({REQUEST}) it&#x27;s a | b |\nbye\n"
    rows = read_rows(tmp_path / "results.md", text)
    assert [(row["timestamp"], row["message"]) for row in rows] == [(NOON, f"({REQUEST}) it's a | b"), (NOON, "bye")]


def test_a_quote_that_is_not_closed_swallows_nothing(tmp_path: Path) -> None:
    text = (
        f'timestamp,message\n{NOON},"cut here, and\n{NOON + 1},({REQUEST}) b\n{NOON + 2},a "quoted" word, or two\nodd\n'
    )
    rows = read_rows(tmp_path / "file.csv", text)
    assert [row["message"] for row in rows] == ['"cut here, and', f"({REQUEST}) b", 'a "quoted" word, or two', "odd"]
    assert [row["timestamp"] for row in rows] == [NOON, NOON + 1, NOON + 2, NOON + 2]


@pytest.mark.parametrize(
    "line", ["", "a,b", "timestamp", "192.0.2.7,-,-,GET", "| a | b |", "message,text", "timestamp\tmessage"]
)
def test_other_lines_begin_no_table(line: str) -> None:
    assert columns_of(line) is None


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1), min_size=1, max_size=10))
def test_property_messages_come_back_as_they_were_written(messages: list[str]) -> None:
    quoted = "".join('{},"{}"\n'.format(NOON, message.replace('"', '""')) for message in messages)
    frames = read_table(f"timestamp,message\n{quoted}", Origin("x", 0))
    assert [row["message"] for frame in frames for row in frame.to_dicts()] == messages
