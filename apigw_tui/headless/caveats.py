"""What was not logged, said below the numbers and stories that it matters for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from apigw_tui.core.caveats import caveats_of_numbers, caveats_of_request, stage_of
from apigw_tui.sources.base import stages_read_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from apigw_tui.headless.text import TextStyle
    from apigw_tui.sources.base import Source


def stats_caveats(source: Source, requests: pl.DataFrame) -> tuple[str, ...]:
    """What the numbers of REQUESTS rows leave out."""
    counted = requests["status"].drop_nulls().value_counts()
    statuses = dict(zip(counted["status"].to_list(), counted["count"].to_list(), strict=True))
    return caveats_of_numbers(stages_read_by(source), statuses, truncated=int(requests["truncated_lines"].sum()))


def story_caveats(source: Source, row: Mapping[str, Any]) -> tuple[str, ...]:
    """What is missing of one request, from its row of REQUESTS."""
    return caveats_of_request(row, stage_of(row, stages_read_by(source)))


def caveat_lines(caveats: Sequence[str], style: TextStyle) -> Iterator[str]:
    """A line each, after an empty one."""
    if caveats:
        yield ""
    yield from (style.paint(f"  ({caveat})", "2") for caveat in caveats)


def caveat_markdown(caveats: Sequence[str]) -> Iterator[str]:
    """A list, after an empty line."""
    if caveats:
        yield ""
    yield from (f"- {caveat}" for caveat in caveats)
