"""Log events written down as JSON objects, by the names that AWS, its consoles and indexes give their fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.line_times import LineTimes

BATCH_ROWS: Final = 50_000
LATEST_MS: Final = 2**53

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "timestamp": ("timestamp", "@timestamp"),
    "ingestion_time": ("ingestion_time", "ingestionTime", "@ingestionTime"),
    "event_id": ("event_id", "eventId", "id", "@id"),
    "log_group": ("log_group", "logGroupName", "logGroup", "logGroupIdentifier", "@log", "@log_group"),
    "log_stream": ("log_stream", "logStreamName", "logStream", "@logStream", "@log_stream"),
    "message": ("message", "@message"),
}
_MARKS: Final = frozenset(
    {
        *("event_id", "eventId", "ingestion_time", "ingestionTime", "log_group", "logGroupName", "logStreamName"),
        *("logGroupIdentifier", "@message"),
    }
)
"""An access entry may have a message and a timestamp too, but none of these."""

_OWN_COLUMNS: Final = pl.Schema({names[0]: pl.String() for names in _SPELLINGS.values()})
_ACCOUNT_OR_ARN: Final = re.compile(r"^(?:[0-9]{12}:|arn:[^:]*:logs:[^:]*:[^:]*:log-group:)(?P<group>[^:]+)(?::\*)?$")


@dataclass(frozen=True)
class Origin:
    """Where events come from that do not say it themselves, and the time of those without any."""

    group: str
    fallback_time: int
    stream: str | None = None


def record_of(value: object) -> Mapping[str, Any] | None:
    """The log event that a JSON value is (in an index: holds as its source); None when it is something else."""
    if not isinstance(value, dict):
        return None
    source = value.get("_source")
    if isinstance(source, dict):
        return source
    message = _first(value, _SPELLINGS["message"])
    named = isinstance(message, str) or "@message" in value
    timed = "timestamp" in value or "@timestamp" in value
    return value if named and timed and not _MARKS.isdisjoint(value) else None


def read_record_lines(block: bytes, origin: Origin) -> Iterator[pl.DataFrame]:
    """Yield the events of NDJSON lines; a line that is no event stays, as the message of one."""
    frame = _own_lines(block)
    if frame is None:
        # Not splitlines(): a message may hold U+2028 and its kin.
        lines = [line.rstrip("\r") for line in block.decode("utf-8", errors="replace").split("\n") if line.strip()]
        records = [_record_of_line(line) for line in lines]
        frame = frame_of(records, origin) if records else RAW_EVENTS.to_frame()
    for start in range(0, frame.height, BATCH_ROWS):
        yield frame.slice(start, BATCH_ROWS)


def _record_of_line(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    return record_of(value) or {"message": line}


def _own_lines(block: bytes) -> pl.DataFrame | None:
    """Our own events by Polars' reader; None when any line is something else."""
    try:
        found = pl.read_ndjson(BytesIO(block), schema=_OWN_COLUMNS)
        times = [
            pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", strict=False).dt.epoch("ms")
            for column in ("timestamp", "ingestion_time")
        ]
        read = found.with_columns(times)
    except pl.exceptions.PolarsError:
        return None
    lines = sum(1 for line in block.split(b"\n") if line.strip())
    unread = sum(read[column].null_count() for column in ("timestamp", "message", "log_group"))
    if found.height != lines or unread:
        return None
    columns = [pl.col(column).cast(dtype) for column, dtype in RAW_EVENTS.items()]
    return read.with_columns(scope=pl.lit("")).select(columns)


def frame_of(records: Sequence[Any], origin: Origin) -> pl.DataFrame:
    """RAW_EVENTS of some events; one without a message is its own message.

    One without a time has that which its message holds, else that of the event before.
    """
    rows = [record if isinstance(record, dict) else {"message": _written(record)} for record in records]
    columns: dict[str, list[Any]] = {
        column: [_first(row, spellings) for row in rows] for column, spellings in _SPELLINGS.items()
    }
    for column in ("timestamp", "ingestion_time"):
        columns[column] = [_milliseconds(time) for time in columns[column]]
    columns["log_group"] = [_group_name(_text(value)) or origin.group for value in columns["log_group"]]
    columns["log_stream"] = [_text(value) or origin.stream for value in columns["log_stream"]]
    columns["event_id"] = [_text(value) or None for value in columns["event_id"]]
    columns["scope"] = [""] * len(rows)
    columns["message"] = [
        _written(row) if message is None else _text(message)
        for row, message in zip(rows, columns["message"], strict=True)
    ]
    frame = pl.DataFrame({name: columns[name] for name in RAW_EVENTS}, schema=RAW_EVENTS)
    return _timed(frame, origin.fallback_time)


def _timed(frame: pl.DataFrame, fallback_time: int) -> pl.DataFrame:
    given = frame["timestamp"]
    if given.null_count() == 0:
        return frame
    times = LineTimes(fallback_time)
    read = times.known(frame["message"])
    return frame.with_columns(times.filled(given.zip_with(given.is_not_null(), read)))


def _first(row: Mapping[str, Any], spellings: Sequence[str]) -> Any:
    return next((row[name] for name in spellings if name in row), None)


def _group_name(text: str | None) -> str | None:
    """A log group's name out of `account:name` or its ARN."""
    found = _ACCOUNT_OR_ARN.match(text) if text else None
    return found["group"] if found else text


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else _written(value)
    # JSON can spell half of a surrogate pair, which is no text.
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode()


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _milliseconds(value: object) -> int | None:
    """Epoch ms from a number, its text or ISO 8601 (UTC when it does not say); None when it is no time."""
    found: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = value
    elif isinstance(value, str) and value.isdecimal():
        found = float(value)
    elif isinstance(value, str):
        found = _iso_milliseconds(value)
    return int(found) if found is not None and 0 <= found <= LATEST_MS else None


def _iso_milliseconds(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)
