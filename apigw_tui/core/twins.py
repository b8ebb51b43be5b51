"""The same event told twice: once with its event ID, once without.

Live Tail and GetLogEvents leave the ID out, FilterLogEvents gives it. An event without an ID but with an ingestion
time is the same as one with an ID when group, stream, timestamp and message are equal, one by one: of lines that
were written several times within a millisecond, each one pairs with one. Events without an ID are never taken for
one another. Lines of plain files have no ingestion time and are left alone.

Why counting is enough: with n copies written, l of them told without ID and not paired, and m told with ID, a batch
with k more without ID keeps k − m of them at most, so that l + m never exceeds n; and once all n were told with
their IDs, none is left over.
"""

from __future__ import annotations

from typing import Final

import polars as pl

IDENTITY: Final = ("log_group", "log_stream", "timestamp", "message")

NAMED: Final = pl.col("event_id").is_not_null()
NAMELESS: Final = pl.col("event_id").is_null() & pl.col("ingestion_time").is_not_null()

_COPY: Final = pl.int_range(pl.len()).over(IDENTITY).alias("_copy")


def pairs(new: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Each row of `new` that has a twin in `known`: all columns of `new`, and those of the twin with `_known` behind.

    Each row has one twin at most. In the order of `new`.
    """
    return new.with_columns(_COPY).join(
        known.with_columns(_COPY),
        on=[*IDENTITY, "_copy"],
        how="inner",
        nulls_equal=True,
        suffix="_known",
        maintain_order="left",
    )
