"""Columns of log text made safe to show: what `sanitise` does, for very many texts at once."""

from __future__ import annotations

from typing import Final

import polars as pl

from apigw_tui.core.text import DELETE, KEPT, LAST_OF_C0, REPLACEMENTS, UNSAFE_RANGES

_PATTERNS: Final = [chr(code) for code in REPLACEMENTS]
_PICTURES: Final = list(REPLACEMENTS.values())
_UNSAFE: Final = (
    r"[\x00-\x08\x0b-\x1f\x7f" + "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in UNSAFE_RANGES) + "]"
)
_PIECE: Final = 4_096  # rows whose bytes are looked at in one go: few enough to stay in the processor's cache


def sanitise_expr(expr: pl.Expr) -> pl.Expr:
    """Do what `sanitise` does to a String column."""
    return expr.map_batches(sanitise_series, return_dtype=pl.String, is_elementwise=True)


def _is_safe(messages: pl.Series) -> bool:
    """Whether all of a piece is harmless ASCII, by its bytes: three times as fast as the regex, row by row."""
    lines = len(messages) - messages.null_count()
    joined = messages.str.join("\n").cast(pl.Binary)
    length = int(joined.bin.size().item())
    if not length:
        return True
    code = joined.bin.reinterpret(dtype=pl.Array(pl.UInt8, length)).explode()
    if not (code < DELETE).all():
        return False
    control = code <= LAST_OF_C0
    return int(control.sum()) == lines - 1 or not (control & (code != KEPT[0]) & (code != KEPT[1])).any()


def _unsafe_rows(messages: pl.Series, start: int) -> list[int]:
    piece = messages.slice(start, _PIECE)
    if _is_safe(piece):
        return []
    unsafe = piece.str.contains(_UNSAFE).fill_null(value=False)
    return (unsafe.arg_true().cast(pl.Int64) + start).to_list()


def sanitise_series(messages: pl.Series) -> pl.Series:
    """Do what `sanitise` does to each text."""
    rows = [row for start in range(0, len(messages), _PIECE) for row in _unsafe_rows(messages, start)]
    if not rows:
        return messages
    cleaned = messages.gather(rows).str.replace_all("\r\n?", "\n").str.replace_many(_PATTERNS, _PICTURES)
    return messages.clone().scatter(rows, cleaned)
