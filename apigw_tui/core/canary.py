"""Copies of canary requests: API Gateway writes their lines to the stage's group and to `…/Canary` beside it.

Event IDs differ, since the groups do; the same text at the same time in both is one line. Which of the two is
kept does not matter: it is the one that came first.
Source: AWS, "Set up an API Gateway canary release deployment".
"""

from __future__ import annotations

from typing import Final

import polars as pl

CANARY_SUFFIX: Final = "/Canary"

_IS_CANARY: Final = pl.col("log_group").str.ends_with(CANARY_SUFFIX).fill_null(value=False)
_BASE: Final = pl.col("log_group").str.strip_suffix(CANARY_SUFFIX).alias("_base")
_LINE: Final = ("_base", "timestamp", "message")


def has_canary(events: pl.DataFrame) -> bool:
    """Whether any event is of a canary's group."""
    return bool(events.select(_IS_CANARY.any()).item())


def stage_scope(scope: pl.Expr) -> pl.Expr:
    """The scope of the stage, of which a canary is a part; no stage name has a slash."""
    return scope.str.strip_suffix(CANARY_SUFFIX)


def copies(new: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Positions of the rows of `new` whose line is in the other group of the pair, in `known` or in `new`."""
    rows = new.select(
        pl.int_range(pl.len()).cast(pl.UInt32).alias("_at"), _IS_CANARY.alias("_canary"), _BASE, *_LINE[1:]
    )
    held = known.select(_IS_CANARY.alias("_canary"), _BASE, *_LINE[1:])
    written = pl.concat([held.filter(~pl.col("_canary")).select(_LINE), rows.filter(~pl.col("_canary")).select(_LINE)])
    of_canary = rows.filter("_canary").join(written, on=_LINE, how="semi")
    of_stage = rows.filter(~pl.col("_canary")).join(held.filter("_canary"), on=_LINE, how="semi")
    return pl.concat([of_canary["_at"], of_stage["_at"]])
