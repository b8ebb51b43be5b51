"""Raw log lines as events: access entries, execution lines with their continuation, anything else."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.execution import ID_PREFIX
from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.line_times import LineTimes

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat

BATCH_ROWS: Final = 50_000

# What begins an event of its own even right after an execution line: a JSON access entry, one with a CLF
# time, a line of the Lambda service. Anything else there belongs to the execution line, whose payload may
# have several lines.
ENTRY: Final = (
    r"(?i)^\s*\{.*request_?id[\"']?\s*[:=].*\}\s*$"
    r"|\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}"
    r"|^(?:INIT_START|START|END|REPORT) "
)


class RawLines:
    """Turns the blocks of one file into frames of RAW_EVENTS."""

    def __init__(self, name: str, fallback_time: int, access_format: AccessFormat | None = None) -> None:
        self._name = name
        self._times = LineTimes(fallback_time, access_format)
        self._open: str | None = None

    def read(self, block: bytes) -> Iterator[pl.DataFrame]:
        """Yield the events of a block of whole lines. The last execution line waits for its continuation."""
        yield from self._frames(self._joined(lines_of(block)))

    def finish(self) -> Iterator[pl.DataFrame]:
        """Yield the event that was still open at the end."""
        if self._open is not None:
            last, self._open = self._open, None
            yield from self._frames(pl.Series("message", [last]))

    def _joined(self, lines: pl.Series) -> pl.Series:
        """One message per event: continuation lines are put behind their execution line."""
        if self._open is None and lines.str.starts_with("{").all():
            return lines
        numbered = lines.str.contains(ID_PREFIX)
        if self._open is None and not numbered.any():
            return lines.filter(lines.str.strip_chars() != "")
        if self._open is not None:
            lines = pl.concat([pl.Series("message", [self._open]), lines])
            numbered = pl.concat([pl.Series([True]), numbered])
        frame = pl.DataFrame({"message": lines, "numbered": numbered})
        own = pl.col("numbered") | pl.col("message").str.contains(ENTRY)
        frame = frame.with_columns(own=own)
        events = frame if frame["own"].all() else _with_continuation(frame)
        self._open = None
        if events.height and events["numbered"][-1]:
            self._open = str(events["message"][-1])
            events = events.head(-1)
        messages = events["message"]
        return messages.filter(messages.str.strip_chars() != "")

    def _frames(self, messages: pl.Series) -> Iterator[pl.DataFrame]:
        for start in range(0, len(messages), BATCH_ROWS):
            batch = messages.slice(start, BATCH_ROWS).alias("message")
            yield self._frame(batch)

    def _frame(self, messages: pl.Series) -> pl.DataFrame:
        constants = {"log_group": self._name, "scope": ""}
        return pl.DataFrame([messages, self._times.of(messages)]).select(
            pl.col(name) if name in ("timestamp", "message") else pl.lit(constants.get(name), dtype).alias(name)
            for name, dtype in RAW_EVENTS.items()
        )


def _with_continuation(frame: pl.DataFrame) -> pl.DataFrame:
    after_execution = pl.when("own").then("numbered").forward_fill().fill_null(value=False)
    return (
        frame.with_columns(begins=pl.col("own") | ~after_execution)
        .with_columns(event=pl.col("begins").cum_sum())
        .group_by("event", maintain_order=True)
        .agg(pl.col("message").str.join("\n"), pl.col("numbered").first())
    )


def lines_of(block: bytes) -> pl.Series:
    """The lines of a block without their ends; what is no UTF-8 becomes the replacement character."""
    try:
        found = pl.scan_lines(BytesIO(block), name="message").collect()
    except pl.exceptions.ComputeError:
        repaired = block.decode("utf-8", errors="replace").encode()
        found = pl.scan_lines(BytesIO(repaired), name="message").collect()
    return found.to_series()
