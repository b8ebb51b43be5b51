"""Reads the lines of a text file by its layout: what stands before each message becomes columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.line_layouts import COLOUR
from apigw_tui.sources.line_times import LineTimes
from apigw_tui.sources.raw_lines import BATCH_ROWS, lines_of

if TYPE_CHECKING:
    from apigw_tui.sources.line_layouts import Layout

LARGEST_EVENT: Final = 1_048_576
"""Bytes that CloudWatch takes as one event: what goes on for longer is not its continuation."""

_MINUTE_MS: Final = 60_000
_CLOCK_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_CLOCK_LENGTH: Final = 19
_TEST_FORMAT: Final = "%b %d %H:%M:%S UTC %Y"
_TIME_BEHIND: Final = r"(?s)^(.*)\t([0-9]{13})\s*$"
_NAMES: Final = ("event_id", "log_group", "log_stream")
_CLOCKS: Final = ("epoch", "clock", "zone", "ingested", "ingested_epoch", "test_date")


class LaidOutLines:
    """Turns the blocks of one file of a known layout into frames of RAW_EVENTS."""

    def __init__(self, layout: Layout, name: str, fallback_time: int) -> None:
        self._layout = layout
        self._name = name
        self._times = LineTimes(fallback_time)
        self._open: pl.Series | None = None

    def read(self, block: bytes) -> Iterator[pl.DataFrame]:
        """Yield the events of a block of whole lines.

        The last event waits for its continuation, with all that stand before it of a request whose lines do not
        carry its ID.
        """
        lines = lines_of(block)
        if self._layout.coloured:
            lines = lines.str.replace_all(COLOUR, "")
        if self._open is not None:
            lines = pl.concat([self._open, lines])
        fields = self._fields(lines)
        held = self._held(lines, fields)
        self._open = held if len(held) else None
        yield from self._frames(fields.head(len(fields) - len(held)))

    def _held(self, lines: pl.Series, fields: pl.DataFrame) -> pl.Series:
        message, own = fields["message"].str, fields["own"]
        layout = self._layout
        for begins in (message.contains(layout.requests) & own, message.contains(layout.starts) & own, own):
            rows = begins.arg_true()
            held = lines.slice(rows[-1]) if len(rows) else lines.clear()
            if 0 < held.str.len_bytes().sum() <= LARGEST_EVENT:
                return held
        return lines.clear()

    def finish(self) -> Iterator[pl.DataFrame]:
        """Yield the event that was still open at the end."""
        if self._open is not None:
            last, self._open = self._open, None
            yield from self._frames(self._fields(last))

    def _fields(self, lines: pl.Series) -> pl.DataFrame:
        """What each line says in front of its message, and whether an event begins there."""
        layout = self._layout
        found = lines.str.extract_groups(f"(?P<prefix>{layout.pattern})").struct.unnest()
        missing = [pl.lit(None, pl.String).alias(name) for name in (*_NAMES, *_CLOCKS) if name not in found.columns]
        found = found.with_columns(missing)
        timestamp, ingested = _times(found)
        matched = (timestamp if layout.timed else found["prefix"]).is_not_null()
        own = matched if layout.begins is None else matched | lines.str.contains(layout.begins)
        bare = found.with_columns(
            timestamp=timestamp, ingestion_time=ingested, own=own, matched=matched, message=lines
        ).select(
            "timestamp",
            "ingestion_time",
            "own",
            "message",
            *(pl.when("matched").then(name).alias(name) for name in _NAMES),
            length=pl.when("matched").then(pl.col("prefix").str.len_chars()).otherwise(0),
        )
        message = pl.col("message") if layout.keeps_line else pl.col("message").str.slice(pl.col("length"))
        return bare.with_columns(message).drop("length")

    def _frames(self, fields: pl.DataFrame) -> Iterator[pl.DataFrame]:
        events = fields if fields["own"].all() else _joined(fields)
        if self._layout.time_behind:
            events = _with_time_behind(events)
        if self._layout.timed or self._layout.time_behind:
            times = self._times.filled(events["timestamp"])
        else:
            times = self._times.of(events["message"])
        whole = events.with_columns(
            timestamp=times, log_group=pl.col("log_group").fill_null(self._name), scope=pl.lit("")
        )
        whole = whole.select(pl.col(name).cast(dtype) for name, dtype in RAW_EVENTS.items())
        named = whole["message"].str.contains(self._layout.requests).arg_true()
        start = 0
        while start < whole.height:
            end = _batch_end(named, start, whole.height)
            yield whole.slice(start, end - start)
            start = end


def _batch_end(named: pl.Series, start: int, height: int) -> int:
    """Where a batch may end: before a line that names its request, if there is one."""
    end = min(start + BATCH_ROWS, height)
    within = named.filter((named > start) & (named < end))
    return int(within[-1]) if end < height and len(within) else end


def _times(found: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    zone = pl.col("zone").str
    offset = zone.slice(1, 2).cast(pl.Int64, strict=False) * 60 + zone.slice(-2).cast(pl.Int64, strict=False)
    signed = pl.when(zone.starts_with("-")).then(-offset).otherwise(offset).fill_null(0) * _MINUTE_MS
    times = found.select(
        timestamp=pl.coalesce(
            pl.col("epoch").cast(pl.Int64, strict=False),
            _clock("clock") - signed,
            _moment(pl.col("test_date"), _TEST_FORMAT),
        ),
        ingested=pl.coalesce(pl.col("ingested_epoch").cast(pl.Int64, strict=False), _clock("ingested")),
    )
    return times["timestamp"], times["ingested"]


def _clock(column: str) -> pl.Expr:
    """Epoch ms; the fraction by itself, as Polars reads a time of fixed length ten times as fast."""
    clock = pl.col(column).str
    fraction = clock.slice(_CLOCK_LENGTH + 1, 3).str.pad_end(3, "0").cast(pl.Int64, strict=False)
    return _moment(clock.head(_CLOCK_LENGTH), _CLOCK_FORMAT) + fraction


def _moment(text: pl.Expr, time_format: str) -> pl.Expr:
    return text.str.to_datetime(time_format, time_unit="ms", strict=False).dt.epoch("ms")


def _joined(fields: pl.DataFrame) -> pl.DataFrame:
    """One row per event: continuation lines behind their first one, lines before any event by themselves."""
    own = pl.col("own")
    read = pl.col("message").str.len_bytes().cum_sum()
    since = read - pl.when(own).then(read).forward_fill()
    begins = own | since.is_null() | (since > LARGEST_EVENT)
    lines = fields.with_columns(begins=begins).with_columns(event=pl.col("begins").cum_sum())
    events = lines.filter("begins")
    goes_on = ~pl.col("begins") | ~pl.col("begins").shift(-1, fill_value=True)
    texts = lines.filter(goes_on).group_by("event").agg(pl.col("message").str.join("\n").str.strip_chars("\n"))
    joined = events.join(texts, on="event", how="left", maintain_order="left", suffix="_joined")
    whole = joined.with_columns(message=pl.coalesce("message_joined", "message"))
    return whole.filter(own | (pl.col("message").str.strip_chars() != "")).drop("begins", "event", "message_joined")


def _with_time_behind(events: pl.DataFrame) -> pl.DataFrame:
    found = pl.col("message").str
    return events.with_columns(
        message=pl.coalesce(found.extract(_TIME_BEHIND, 1), "message"),
        timestamp=found.extract(_TIME_BEHIND, 2).cast(pl.Int64),
    )
