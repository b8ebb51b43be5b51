"""Log text made safe to show: control characters, secrets and payloads.

Log text is hostile: a caller chooses the path, the user agent and the body.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from apigw_tui.core.payload_text import pretty_payload
from apigw_tui.core.secrets import count_secrets, mask_secrets

__all__ = ["count_secrets", "mask_secrets", "pretty_payload", "sanitise", "sanitise_expr", "sanitise_series"]

_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\u2421"
_REPLACEMENT: Final = "\ufffd"
_KEPT: Final = (0x09, 0x0A)
_LAST_OF_C0: Final = 0x1F

_UNSAFE_RANGES: Final = (
    (0x0080, 0x009F),  # C1: 8-bit escape sequences
    (0x00AD, 0x00AD),  # soft hyphen
    (0x061C, 0x061C),  # bidi mark
    (0x180E, 0x180E),  # zero width
    (0x200B, 0x200B),  # zero width; U+200C and U+200D stay: words and emoji need them
    (0x200E, 0x200F),  # bidi marks
    (0x2028, 0x202E),  # line and paragraph separator, bidi embedding and override
    (0x2060, 0x206F),  # invisible operators, bidi isolates, deprecated format controls
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE007F),  # tags: invisible text
)
_SURROGATES: Final = (0xD800, 0xDFFF)


def _replacements() -> dict[int, str]:
    table = {code: chr(_CONTROL_PICTURES + code) for code in range(_LAST_OF_C0 + 1) if code not in _KEPT}
    table[_DELETE] = _DELETE_PICTURE
    for first, last in _UNSAFE_RANGES:
        table.update(dict.fromkeys(range(first, last + 1), _REPLACEMENT))
    return table


_TABLE: Final = _replacements()
_PATTERNS: Final = [chr(code) for code in _TABLE]
_PICTURES: Final = list(_TABLE.values())
_UNSAFE: Final = (
    r"[\x00-\x08\x0b-\x1f\x7f" + "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in _UNSAFE_RANGES) + "]"
)
_PIECE: Final = 4_096  # rows whose bytes are looked at in one go: few enough to stay in the processor's cache
_PYTHON_TABLE: Final = {**_TABLE, **dict.fromkeys(range(_SURROGATES[0], _SURROGATES[1] + 1), _REPLACEMENT)}
_LINE_END: Final = re.compile("\r\n?")


def sanitise(text: str) -> str:
    """Replace every character that could steer a terminal or reorder text by one visible character.

    Tab and newline stay; CRLF and a lone CR become a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return _LINE_END.sub("\n", text).translate(_PYTHON_TABLE)


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
    if not (code < _DELETE).all():
        return False
    control = code <= _LAST_OF_C0
    return int(control.sum()) == lines - 1 or not (control & (code != _KEPT[0]) & (code != _KEPT[1])).any()


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
