"""Events written down as JSON: our own NDJSON, and what `aws logs filter-log-events` and its kin print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS

BATCH_ROWS: Final = 50_000
LATEST_MS: Final = 2**53

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "timestamp": ("timestamp",),
    "ingestion_time": ("ingestion_time", "ingestionTime"),
    "event_id": ("event_id", "eventId", "id"),
    "log_group": ("log_group", "logGroupName", "logGroup"),
    "log_stream": ("log_stream", "logStreamName", "logStream"),
    "message": ("message",),
}
_MARKS: Final = frozenset(
    {"event_id", "eventId", "ingestion_time", "ingestionTime", "log_group", "logGroupName", "logStreamName"}
)
"""An access entry may have a message and a timestamp too, but none of these."""

_OWN_COLUMNS: Final = pl.Schema({names[0]: pl.String() for names in _SPELLINGS.values()})


class CutJsonError(Exception):
    """JSON that ends in the middle or is none; what came before it was delivered."""


def is_record(value: object) -> bool:
    """Whether a JSON value is a log event."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("message"), str)
        and "timestamp" in value
        and not _MARKS.isdisjoint(value)
    )


def records_of(value: object) -> Sequence[Any] | None:
    """The log events of a JSON document; None when it is something else."""
    if isinstance(value, dict):
        events = value.get("events", value.get("logEvents"))
        return events if isinstance(events, list) else None
    if isinstance(value, list) and value and all(is_record(item) for item in value):
        return value
    return None


def read_documents(text: str, name: str, fallback_time: int) -> Iterator[pl.DataFrame]:
    """Yield the events of JSON documents back to back. Raises CutJsonError at the first that is broken."""
    decoder = json.JSONDecoder()
    position = _skip_blanks(text, 0)
    while position < len(text):
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise CutJsonError from error
        records = records_of(document)
        if records is None:
            raise CutJsonError
        group = document.get("logGroup") if isinstance(document, dict) else None
        for start in range(0, len(records), BATCH_ROWS):
            yield _frame(records[start : start + BATCH_ROWS], group or name, fallback_time)
        position = _skip_blanks(text, position)


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def read_record_lines(block: bytes, name: str, fallback_time: int) -> Iterator[pl.DataFrame]:
    """Yield the events of NDJSON lines; a line that is no event stays, as the message of one."""
    frame = _own_lines(block)
    if frame is None:
        # Not splitlines(): a message may hold U+2028 and its kin.
        lines = [line.rstrip("\r") for line in block.decode("utf-8", errors="replace").split("\n") if line.strip()]
        records = [_record_of_line(line, fallback_time) for line in lines]
        frame = _frame(records, name, fallback_time) if records else RAW_EVENTS.to_frame()
    for start in range(0, frame.height, BATCH_ROWS):
        yield frame.slice(start, BATCH_ROWS)


def _record_of_line(line: str, fallback_time: int) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    return value if is_record(value) else {"timestamp": fallback_time, "message": line}


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


def _frame(records: Sequence[Any], group: str, fallback_time: int) -> pl.DataFrame:
    rows = [record if isinstance(record, dict) else {"message": json.dumps(record)} for record in records]
    columns: dict[str, list[Any]] = {
        column: [_first(row, spellings) for row in rows] for column, spellings in _SPELLINGS.items()
    }
    columns["timestamp"] = [_or(_milliseconds(time), fallback_time) for time in columns["timestamp"]]
    columns["ingestion_time"] = [_milliseconds(time) for time in columns["ingestion_time"]]
    columns["log_group"] = [_text(value) or group for value in columns["log_group"]]
    columns["scope"] = [""] * len(rows)
    columns["message"] = [
        json.dumps(row) if message is None else _text(message)
        for row, message in zip(rows, columns["message"], strict=True)
    ]
    for column in ("event_id", "log_stream"):
        columns[column] = [_text(value) for value in columns[column]]
    return pl.DataFrame({name: columns[name] for name in RAW_EVENTS}, schema=RAW_EVENTS)


def _first(row: Mapping[str, Any], spellings: Sequence[str]) -> Any:
    return next((row[name] for name in spellings if name in row), None)


def _or(value: int | None, fallback: int) -> int:
    return fallback if value is None else value


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    # JSON can spell half of a surrogate pair, which is no text.
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode()


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
