"""Why lines are kept raw: what their kind and group promise, and what they are instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.units import count

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat

_WORDING: Final = {
    "access": "not as the access format has it",
    "execution": "execution lines of a kind that is not known",
    "lambda": "function lines of a kind that is not known",
}
_EMPTY: Final = "empty"
_CUT: Final = "cut off before the end"
_NOT_JSON: Final = "no JSON though the access format is"


def unread_reasons(events: pl.DataFrame, formats: Mapping[str, AccessFormat]) -> Counter[str]:
    """How many of these PARSED_EVENTS could not be read, by reason."""
    unread = events.filter(pl.col("line_kind") == "unknown")
    if unread.is_empty():
        return Counter()
    reasons = unread.select(_reason(formats).alias("reason")).to_series()
    return Counter(reasons.to_list())


def _reason(formats: Mapping[str, AccessFormat]) -> pl.Expr:
    json_groups = [group for group, access_format in formats.items() if access_format.style == "json"]
    message = pl.col("message").str.strip_chars().str
    is_entry, of_json = pl.col("kind") == "access", pl.col("log_group").is_in(json_groups)
    is_object = message.starts_with("{")
    return (
        pl.when(message.len_bytes() == 0)
        .then(pl.lit(_EMPTY))
        .when(is_entry & of_json & is_object & ~message.ends_with("}"))
        .then(pl.lit(_CUT))
        .when(is_entry & of_json & ~is_object)
        .then(pl.lit(_NOT_JSON))
        .otherwise(pl.col("kind").cast(pl.String).replace_strict(_WORDING, default=_WORDING["access"]))
    )


def told(reasons: Mapping[str, int]) -> str:
    """The reasons with their counts, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count(number)} {reason}" for reason, number in ordered)
