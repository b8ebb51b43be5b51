"""Requests whose execution lines name none: excerpts that people cut out of consoles and paste into files.

Without an ID lines belong together by where they stand: one request after the other in a stream.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.schema import TERMINAL_LINE_KINDS

_FIRST: Final = ("extended_request_id", "test_invoke")
"""Nothing of a request is written before these."""
_AFTERWARDS: Final = ("integration_request_id", "trace_id")
"""What is still written of a request when it is over."""
_WAITING: Final = "integration_request"
_LONGEST_PAUSE_MS: Final = 30_000
"""Between two lines of a request, but while the integration is waited for."""
_REPEATED: Final = ("configuration_error", "execution_failed", "unknown")
"""What may be written twice of one request, one line right after the other."""
_STREAM: Final = ("log_group", "log_stream")


def nameless_keys(events: pl.DataFrame, keys: pl.Series) -> pl.Series:
    """Return the keys, those of execution lines that name no request filled in.

    `events` are in order of arrival, with `timestamp`, `kind`, `line_kind`, `message` and where they are from.
    What no line is known of stays without a key.
    """
    if not keys.null_count():
        return keys
    rows = events.select(*_STREAM, "timestamp", "kind", "line_kind", "message").with_columns(keys.alias("key"))
    bare = rows.with_row_index("row").filter((pl.col("kind") == "execution") & pl.col("key").is_null())
    if bare.is_empty():
        return keys
    kind = pl.col("line_kind").cast(pl.String)
    told = pl.when(~kind.is_in(_AFTERWARDS)).then(kind)
    before = told.shift().forward_fill().over(*_STREAM)
    pause = (pl.col("timestamp") - pl.col("timestamp").shift().over(*_STREAM)).abs() > _LONGEST_PAUSE_MS
    ended = told.is_not_null() & before.is_in(TERMINAL_LINE_KINDS)
    again = (kind == before) & ~kind.is_in(_REPEATED)
    begins = kind.is_in(_FIRST) | ended | again | (pause & (before != _WAITING))
    runs = bare.with_columns(run=begins.fill_null(value=False).cum_sum().over(*_STREAM))
    name = pl.struct(*_STREAM, "timestamp", "message").first().over(*_STREAM, "run").hash(13)
    is_known = (kind != "unknown").any().over(*_STREAM, "run")
    found = runs.select("row", found=pl.when(is_known).then(name))
    filled = rows.with_row_index("row").join(found, on="row", how="left", maintain_order="left")
    return filled.select(pl.coalesce("key", "found").alias(keys.name)).to_series()
