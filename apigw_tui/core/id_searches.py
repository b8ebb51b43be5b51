"""Requests by their IDs in the languages of CloudWatch: a Logs Insights query, a filter pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apigw_tui.core.query_targets import LONGEST_PATTERN

MOST_IDS: Final = 25
"""IDs in one pattern: as many of the usual length as it may hold characters."""


@dataclass(frozen=True)
class IdsPattern:
    """A filter pattern, and how many of the IDs it looks for, the first ones."""

    text: str
    ids: int


def lines_query(ids: Sequence[str]) -> str:
    """Return a Logs Insights query that finds every line with one of the IDs, in the order of time."""
    found = " or ".join(f"@message like {_quoted(each)}" for each in dict.fromkeys(ids))
    return f"fields @timestamp, @log, @message | filter {found} | sort @timestamp asc"


def ids_pattern(ids: Sequence[str]) -> IdsPattern | None:
    """Return a filter pattern that any line with one of the IDs fits; None without an ID that fits in."""
    terms: list[str] = []
    for each in list(dict.fromkeys(ids))[:MOST_IDS]:
        if len(" ".join((*terms, term := f"?{_quoted(each)}"))) > LONGEST_PATTERN:
            break
        terms.append(term)
    if not terms:
        return None
    # A single optional term would fit as well; without its mark it says what it does.
    return IdsPattern(" ".join(terms) if len(terms) > 1 else terms[0].removeprefix("?"), len(terms))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
