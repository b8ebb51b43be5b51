"""The log of a test from the console, which comes as one text: taken apart into the lines it is made of."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from apigw_tui.core.execution import TEST_DATE, line_kinds, read_execution
from apigw_tui.core.schema import FIELDS

_BREAK: Final = "\x1e"  # never in a sanitised message
_BEFORE_DATE: Final = rf"\n({TEST_DATE.removeprefix('^')})"
_TRUNCATED: Final = " [TRUNCATED]"


def lines_within(message: str) -> list[tuple[str, str]]:
    """Kind and text of each line of a transcript, without the dates."""
    texts = re.sub(_BEFORE_DATE, rf"{_BREAK}\1", message).split(_BREAK)
    bodies = pl.Series([re.sub(TEST_DATE, "", text) for text in texts], dtype=pl.String)
    return list(zip(line_kinds(bodies).to_list(), bodies.to_list(), strict=True))


def split_transcripts(events: pl.DataFrame) -> pl.DataFrame:
    """Execution events with each transcript replaced by its lines, in order, and `is_event: Boolean`.

    `is_event` is true once per event. A line has the timestamp of its event: the dates within know whole seconds
    only. A body of several lines stays one line.
    """
    whole = (pl.col("line_kind") == "test_invoke") & pl.col("message").str.contains("\n", literal=True)
    numbered = events.with_row_index("_event").with_columns(is_event=pl.lit(value=True))
    transcripts = numbered.filter(whole.fill_null(value=False))
    if transcripts.is_empty():
        return numbered.drop("_event")
    lines = (
        transcripts.with_columns(pl.col("message").str.replace_all(_BEFORE_DATE, f"{_BREAK}$1").str.split(_BREAK))
        .explode("message")
        .with_columns(is_event=pl.int_range(pl.len()).over("_event") == 0)
    )
    fields = read_execution(lines.select(pl.col("message").str.replace(TEST_DATE, "")).to_series())
    told = [name for name in FIELDS if name in events.columns or fields[name].null_count() < fields.height]
    read = lines.drop([name for name in told if name in lines.columns]).with_columns(
        fields.get_column("line_kind"), *(fields.get_column(name) for name in told)
    )
    if "truncated" in events.columns:
        read = read.with_columns(truncated=pl.col("message").str.strip_chars_end().str.ends_with(_TRUNCATED))
    rest = numbered.filter(~whole.fill_null(value=False))
    both = pl.concat([rest, read], how="diagonal_relaxed")
    return both.sort("_event", maintain_order=True).drop("_event")
